# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task wants to have compared, read and checked as far as that needs no request."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from ...module_utils._decide.kinds import Kind
from ...module_utils._errors import InputError, read_all
from ...module_utils._options import ConnectionOptions
from ...module_utils._options.drift import SOURCES, DriftOptions
from ...module_utils._report.files import check_writable, named_twice
from ...module_utils._text import path_problem
from .._fleet.declaration import Declaration
from .._fleet.devices import Fleet
from .states import check_states

_ONE_SOURCE = f"give exactly one of {', '.join(SOURCES[:-1])} and {SOURCES[-1]}"


class Play(NamedTuple):
    """What the controller knows of the play. `hosts`: those that have not failed; `hostvars`: variables of any host."""

    hosts: Sequence[str]
    hostvars: Mapping[str, Mapping[str, Any]]


class Declared(NamedTuple):
    """The declared fleet. `kind`: of the devices that nobody declares; `warnings`: what is odd, a sentence each."""

    fleet: Fleet
    kind: Kind
    warnings: list[str]


class Paths(NamedTuple):
    """Absolute paths of the files that the comparison is written to; None: it is not."""

    drift_file: str | None
    junit: str | None


class Task(NamedTuple):
    """A task that is ready for the service. `tolerated`: states that do not count as drift."""

    connection: ConnectionOptions
    options: DriftOptions
    tolerated: frozenset[str]
    declared: Declared
    paths: Paths


def read_task(params: Mapping[str, Any], play: Play) -> Task:
    """Return the task of checked parameters. Raises InputError with every problem of options, files and devices."""
    options = DriftOptions.read(params)
    connection, tolerated, declared, paths = read_all(
        lambda: ConnectionOptions.read(params.get),
        lambda: check_states("tolerate", ",".join(params.get("tolerate") or [])),
        lambda: _declared(params, options, play),
        lambda: _paths(options),
    )
    return Task(connection, options, tolerated, declared, paths)


def _declared(params: Mapping[str, Any], options: DriftOptions, play: Play) -> Declared:
    given = [name for name in SOURCES if not _is_absent(name, params.get(name))]
    if len(given) != 1:
        raise InputError([f"{' and '.join(given) if given else 'no device is declared'}: {_ONE_SOURCE}"])
    content, hostvars = params.get(given[0]), None
    if options.src is not None:
        content = _absolute(options.src, options)
    elif given == ["hosts"]:
        content, hostvars = _host_names(content, play), play.hostvars
    defaults = (options.defaults, options.carrier_defaults, options.group_defaults)
    declaration = Declaration.read(content, options.kind, *defaults, strict=options.strict, hostvars=hostvars)
    fleet = declaration.fleet()
    strangers = [] if hostvars is not None else declaration.defaults.strangers(fleet)
    return Declared(fleet, declaration.kind, [*strangers, *fleet.warnings])


def _is_absent(name: str, value: Any) -> bool:
    """Whether a source of devices is not given; ``hosts: false`` is none."""
    return value is None or (name == "hosts" and _truth(value) is False)


def _truth(value: Any) -> bool | None:
    """Return what a boolean, or its text, says; None for anything else."""
    text = value.strip().lower() if isinstance(value, str) else value
    if isinstance(text, (str, bool)):
        return True if text in BOOLEANS_TRUE else False if text in BOOLEANS_FALSE else None
    return None


def _host_names(given: Any, play: Play) -> list[str]:
    """Return the names of the hosts that are devices, each once. Raises InputError for what is no list of hosts."""
    if _truth(given):
        return list(play.hosts)
    listed = given.split(",") if isinstance(given, str) else given
    if not isinstance(listed, list):
        raise InputError([f"hosts: {given!r} is not a list of host names; give one, or true for the hosts of the play"])
    names = list(dict.fromkeys(name for name in (str(item).strip() for item in listed) if name))
    if not names:
        raise InputError(["hosts: is blank; give true, or a list of host names, or leave hosts out"])
    unknown = [name for name in names if name not in play.hostvars]
    if unknown:
        raise InputError([f"hosts: {name!r} is not in the inventory" for name in unknown], "The list of hosts")
    return names


def _paths(options: DriftOptions) -> Paths:
    """Return where to write. Raises InputError where that cannot be done, or where a file would replace another."""
    written = {name: path for name in Paths._fields if (path := getattr(options, name)) is not None}
    found = {name: _absolute(path, options) for name, path in written.items()}
    problems = [problem for name, path in found.items() for problem in check_writable(name, path)]
    src = {} if options.src is None else {"src": _absolute(options.src, options)}
    problems += named_twice({**src, **found})
    if problems:
        raise InputError(problems)
    return Paths(found.get("drift_file"), found.get("junit"))


def _absolute(path: str, options: DriftOptions) -> str:
    """Return a path that begins at `directory`; as it is where it is not a path at all."""
    return path if path_problem(path) else os.path.abspath(os.path.join(options.directory or "", path))
