# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output that users see with Ansible's defaults, split by task, and what it must not contain."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from harness.devices import BLOCKED, device
from harness.fleets import csv_file
from harness.simulators import ACTIVE

#: Maximum number of lines of one case, including banners and skipped tasks.
MOST_LINES = 24
_BANNER = re.compile(r"^(?:TASK \[(?P<task>.*)\]|PLAY RECAP|PLAY \[.*\]) \**$")
#: Internals of plugins and templates.
INSIDES = re.compile(
    r"Traceback|filter plugin|Finalization of task args|Ansible[A-Z]\w+|\w+Error\b|\{\{|\{%|_utils\b|site-packages"
    r"|roles/fleet/tasks|exception|evaluated_to|'NoneType'|<<<"
)


class Screen:
    """The output of a run. `tasks`: name of each task, and its lines including the banner, without blank lines."""

    def __init__(self, output: str) -> None:
        print(output)  # for failed tests
        self.output = output
        self.tasks: list[tuple[str, list[str]]] = []
        is_open = False
        for line in output.splitlines():
            banner = _BANNER.match(line)
            if banner:
                is_open = banner["task"] is not None
                if is_open:
                    self.tasks.append((banner["task"], [line]))
            elif is_open and line.strip():
                self.tasks[-1][1].append(line)

    def of(self, start: str, starts: tuple[str, ...]) -> list[str]:
        """The lines from the task `start` to the next of the tasks `starts`, or to the end."""
        names = [name for name, _lines in self.tasks]
        first = names.index(start)
        last = next((at for at in range(first + 1, len(names)) if names[at] in starts), len(names))
        return [line for _name, lines in self.tasks[first:last] for line in lines]

    @property
    def lines(self) -> list[str]:
        """The lines of all tasks."""
        return [line for _name, lines in self.tasks for line in lines]


def assert_for_people(lines: list[str], *messages: str) -> None:
    """Asserts that the lines are few, show no internals, and have each message once in addition to the result.

    Args:
        lines: of a case.
        messages: parts of lines.
    """
    text = "\n".join(lines)
    assert len(lines) <= MOST_LINES, f"{len(lines)} lines:\n{text}"
    assert not INSIDES.search(text), f"{INSIDES.findall(text)} in\n{text}"
    fatal = [line for line in lines if line.startswith("fatal: ")]
    assert len(fatal) == 1, text
    for message in messages:
        assert sum(message in line for line in lines if line not in fatal) == 1, f"not exactly once: {message}\n{text}"


def files(directory: Path) -> dict[str, str]:
    """Write a file for each mistake; return file name → part of the message."""
    common = [device(1, nickname="Bus 1"), device(2, nickname="Bus 2")]
    good = csv_file(directory / "good.csv", common)
    text = good.read_text(encoding="utf-8")
    (directory / "column.csv").write_text(text.replace("carrier", "carier"), encoding="utf-8")
    csv_file(directory / "imei.csv", [common[0], {**common[1], "imei": "35209900000"}])
    csv_file(directory / "carrier.csv", [common[0], {**common[1], "carrier": "Verizn"}])
    csv_file(directory / "conflict.csv", [common[0], {**common[1], "iccid": ACTIVE["iccid"]}])
    return {
        "nowhere.csv": "nowhere.csv: cannot be read on the machine that runs the module: no such file or directory",
        "column.csv": 'column.csv, line 1: unknown column "carier"; did you mean carrier? Valid: carrier, ',
        "imei.csv": "imei.csv, line 3: imei 35209900000: has 11 digits; an IMEI has 15",
        "carrier.csv": "carrier.csv, line 3: the account has no carrier 'Verizn'; did you mean Verizon? Write Verizon",
    }


CONFLICT = (
    f"Bus 2 (conflict.csv, line 3, iccid {ACTIVE['iccid']} imei {device(2)['imei']}): conflict: iccid ",
    "Check which pairs of identifiers are right and correct the others, or set on_conflict.",
)


def thousand(path: Path, start: int) -> Path:
    """Write a fleet of 1,000 devices, of which one fails."""
    devices = [
        device(number, BLOCKED if number == start + 499 else "000", nickname=f"Bus {number}")
        for number in range(start, start + 1000)
    ]
    return csv_file(path, devices)


def plain(directory: Path) -> dict[str, str | None]:
    """Environment variables that restore Ansible's defaults for its output."""
    config = directory / "plain.cfg"
    config.write_text("[defaults]\n", encoding="utf-8")
    changed: dict[str, str | None] = {name: None for name in os.environ if name.startswith("ANSIBLE_DISPLAY")}
    return {**changed, "ANSIBLE_CONFIG": str(config), "ANSIBLE_CALLBACK_RESULT_FORMAT": None}


def yaml_play(path: Path, tasks: list[dict[str, Any]], module_defaults: Mapping[str, Any]) -> Path:
    """Write a play as YAML in block style, like a user."""
    play = {"name": "Buses", "hosts": "localhost", "gather_facts": False}
    content = [{**play, "module_defaults": dict(module_defaults), "tasks": tasks}]
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=100), encoding="utf-8")
    return path
