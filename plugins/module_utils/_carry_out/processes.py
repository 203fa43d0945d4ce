# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other processes on this machine, as far as /proc shows them: parents, start times and short names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from .._text import printable

#: Maximum number of ancestors searched for the Ansible command.
_ANCESTORS = 12
_LONGEST_NAME = 60
_PYTHON = re.compile(r"^(python|pypy)[\d.]*$")
#: Python options that take a value.
_PYTHON_VALUE = ("-W", "-X")
#: ansible-playbook options without a value. The argument after any other option may be its value.
_FLAG = re.compile(
    r"^(-[vCDbkKJ]+|--(verbose|check|diff|become|step|syntax-check|flush-cache|force-handlers|ask-[a-z-]+|list-[a-z]+))$"
)
#: Ansible commands that run tasks.
_COMMANDS = ("ansible", "ansible-playbook", "ansible-pull", "ansible-console")
#: A playbook: a YAML file, or a name in a collection. A JWT has three parts as well, but also capital letters.
_PLAYBOOK = re.compile(r"^(.*[^/]\.ya?ml|[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*){2,4})$")


def start_time(pid: int) -> bytes | None:
    """Return the start time of a process as /proc has it; None if that is not known."""
    fields = _status(pid)
    return fields[19] if fields else None


def parent_of(pid: int) -> int | None:
    """Return the id of a process's parent; None if that is not known."""
    fields = _status(pid)
    return int(fields[1]) if fields else None


def ansible_line(pid: int) -> list[int]:
    """Return the ancestors of a process up to the Ansible command that started it, nearest first.

    Empty if it has no such ancestor, cannot see it, or is a task with `async`, which outlives its command.
    """
    line: list[int] = []
    command = ""
    last = 0
    for number, ancestor in enumerate(_line_of(pid)):
        program = _program(_arguments(ancestor))[0]
        if "async_wrapper" in program:
            return []
        if program in _COMMANDS and command in ("", program):
            command, last = program, number  # a worker is a copy of the command that forked it
        elif command:
            break
        line.append(ancestor)
    return line[1 : last + 1]


def describe(pid: int) -> str:
    """Return a process as users know it: "process 4711 (ansible-playbook site.yml)".

    Workers and modules of Ansible are shown as the Ansible command that started them. Only the names of the program
    and the playbook are shown, because other arguments may be secrets.
    """
    known = [pid, *ansible_line(pid)][-1]
    command = short_command(_arguments(known))
    return f"process {known} ({command})" if command else f"process {known}"


def short_command(arguments: Sequence[str]) -> str:
    """Return the name of the program, and of the playbook for ansible-playbook; "" if there is neither."""
    program, rest = _program(arguments)
    names = [program]
    if program == "ansible-playbook":
        names += _playbooks(rest)[:1]
    return " ".join(printable(name)[:_LONGEST_NAME] for name in names if name)


def _program(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the file name of the program, or of the script that Python runs, and the arguments after it."""
    if not arguments:
        return "", ()
    name = os.path.basename(arguments[0])
    if not _PYTHON.match(name):
        return name, arguments[1:]
    skip = False
    for number, argument in enumerate(arguments[1:], 1):
        if skip:
            skip = False
        elif argument in _PYTHON_VALUE:
            skip = True
        elif not argument.startswith("-"):
            return os.path.basename(argument), arguments[number + 1 :]
        elif argument[1:2] != "-" and ("c" in argument or "m" in argument):
            break  # -c or -m, with its own arguments
    return name, ()


def _playbooks(arguments: Sequence[str]) -> list[str]:
    """Return the file names of the playbooks among the arguments of ansible-playbook."""
    found = []
    before = ""
    for argument in arguments:
        value = before.startswith("-") and not _FLAG.match(before)
        if not value and "=" not in argument and argument[:1] not in ("-", "@") and _PLAYBOOK.match(argument):
            found.append(os.path.basename(argument))
        before = argument
    return found


def _line_of(pid: int) -> Iterator[int]:
    """Yield the process and its ancestors, nearest first."""
    for _number in range(_ANCESTORS):
        if pid <= 1:
            return
        yield pid
        pid = parent_of(pid) or 0


def _status(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat after the program's name, which may have blanks and ")"; [] without it."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as stream:
            fields = stream.read().rpartition(b")")[2].split()
    except OSError:
        return []
    return fields if len(fields) > 19 else []


def _arguments(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            return os.fsdecode(stream.read()).rstrip("\0").split("\0")
    except OSError:
        return []
