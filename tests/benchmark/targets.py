# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets, mostly ratios within one run. The benchmark shows whether they are met, and does not fail for a miss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .lines import Line
from .service import LINE_LATENCY

Lines = Mapping[str, Line]


class Target(NamedTuple):
    """A target.

    `needs`: names of the lines that the figure is calculated from. `measure`: calculates it. `limit`: the maximum, or
    the minimum with `at_least`. `unit`: appended to the figure.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    measure: Callable[[Lines], float]
    limit: float
    unit: str = ""
    at_least: bool = False


class Verdict(NamedTuple):
    """A target and the measured figure."""

    target: Target
    measured: float

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        target = self.target
        return self.measured >= target.limit if target.at_least else self.measured <= target.limit

    @property
    def target_text(self) -> str:
        """The target as text."""
        return f"{'≥' if self.target.at_least else '≤'} {self.target.limit:g}{self.target.unit}"

    @property
    def measured_text(self) -> str:
        """The figure as text."""
        value = self.measured
        return (
            f"{value:.0f}{self.target.unit}"
            if value >= 100 or value == int(value)
            else f"{value:.2f}{self.target.unit}"
        )


def _wall(lines: Lines, one: str, other: str) -> float:
    return lines[one].wall / lines[other].wall


def _own(lines: Lines, one: str, other: str) -> float:
    mine, theirs = lines[one].own, lines[other].own
    if mine is None or theirs is None:
        raise ValueError(f"{one} or {other} does not measure its own time")
    return mine / theirs


def _faster_than_uri(lines: Lines) -> float:
    uri, single = lines["uri-50"], lines["single-1000"]
    return (uri.wall / uri.count) / (single.wall / single.count)


def _batch_over_floor(lines: Lines) -> float:
    return (lines["batch-10000"].wall - LINE_LATENCY) / lines["floor-10000"].wall


TARGETS = (
    Target(
        "uri",
        "1,000 devices, single: how many times faster the whole playbook is than the `uri` loop, per device",
        ("uri-50", "single-1000"),
        _faster_than_uri,
        100,
        " ×",
        at_least=True,
    ),
    Target(
        "script",
        "1,000 devices, single: the engine's own time, as a multiple of the asyncio script's",
        ("script-1000", "single-1000"),
        lambda lines: _own(lines, "single-1000", "script-1000"),
        1.0,
        " ×",
    ),
    Target(
        "requests",
        "1,000 devices, single: requests per device",
        ("single-1000",),
        lambda lines: lines["single-1000"].per_device or 0.0,
        1.05,
    ),
    Target(
        "limit",
        "1,000 devices, single, under 50 requests/s: the engine's own time, as a multiple of the script's",
        ("limit-script-1000", "limit-single-1000"),
        lambda lines: _own(lines, "limit-single-1000", "limit-script-1000"),
        0.5,
        " ×",
    ),
    Target(
        "batch-requests",
        "10,000 devices in batches: total requests",
        ("batch-10000",),
        lambda lines: float(lines["batch-10000"].requests or 0),
        20,
    ),
    Target(
        "batch-floor",
        f"10,000 devices in batches: the whole playbook without the {LINE_LATENCY:g} s of its lines, as a multiple of "
        "Ansible's floor",
        ("floor-10000", "batch-10000"),
        _batch_over_floor,
        2.0,
        " ×",
    ),
    Target(
        "noop-requests",
        "10,000 devices, all active: total requests",
        ("noop-10000",),
        lambda lines: float(lines["noop-10000"].requests or 0),
        2,
    ),
    Target(
        "noop-floor",
        "10,000 devices, all active, a device list of 100,000: the whole playbook, as a multiple of Ansible's floor",
        ("floor-10000", "noop-10000"),
        lambda lines: _wall(lines, "noop-10000", "floor-10000"),
        1.3,
        " ×",
    ),
    Target(
        "million-memory",
        "1,000,000 devices in one task: peak memory",
        ("million-src",),
        lambda lines: lines["million-src"].peak / 1e6,
        1500,
        " MB",
    ),
    Target(
        "million-time",
        "1,000,000 devices in one task: the whole playbook",
        ("million-src",),
        lambda lines: lines["million-src"].wall,
        100,
        " s",
    ),
    Target(
        "hosts",
        "300 hosts that are devices, 20 forks, one task per host: in the task's own process, as a multiple of sending "
        "the module to each host",
        ("hosts-sent-300", "hosts-here-300"),
        lambda lines: _wall(lines, "hosts-here-300", "hosts-sent-300"),
        0.5,
        " ×",
    ),
    Target(
        "hosts-src",
        "300 hosts that are devices, by the role: as a multiple of the same fleet as `src`",
        ("role-src-300", "hosts-role-300"),
        lambda lines: _wall(lines, "hosts-role-300", "role-src-300"),
        1.1,
        " ×",
    ),
    Target(
        "hosts-cpu",
        "10,000 hosts that are devices, by the role: CPU time of the whole playbook",
        ("hosts-role-10000",),
        lambda lines: lines["hosts-role-10000"].cpu,
        15,
        " s",
    ),
    Target(
        "hosts-memory",
        "10,000 hosts that are devices, by the role: peak memory",
        ("hosts-role-10000",),
        lambda lines: lines["hosts-role-10000"].peak / 1e6,
        130,
        " MB",
    ),
    Target(
        "xlsx",
        "A workbook of 100,000 devices: reading and checking it, as a multiple of a bare openpyxl pass",
        ("xlsx-library", "xlsx-engine"),
        lambda lines: _own(lines, "xlsx-engine", "xlsx-library"),
        3,
        " ×",
    ),
    Target(
        "listing-time",
        "Device list of 100,000 entries: reading it for 1,000 devices, as a multiple of a bare `csv.reader` pass",
        ("listing-download", "listing-engine"),
        lambda lines: _own(lines, "listing-engine", "listing-download"),
        1.5,
        " ×",
    ),
    Target(
        "listing-memory",
        "Device list of 100,000 entries: peak memory in addition to the interpreter, for 10,000 devices",
        ("listing-engine-many",),
        lambda lines: lines["listing-engine-many"].peak / 1e6,
        20,
        " MB",
    ),
    Target(
        "history-time",
        "History of 1,000,000 lines: reading it, as a multiple of a bare `csv.reader` pass",
        ("history-download", "history-engine"),
        lambda lines: _own(lines, "history-engine", "history-download"),
        2.5,
        " ×",
    ),
    Target(
        "history-memory",
        "History of 1,000,000 lines: peak memory in addition to the interpreter",
        ("history-engine",),
        lambda lines: lines["history-engine"].peak / 1e6,
        150,
        " MB",
    ),
)


def verdicts(lines: Lines, targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    """The targets that these lines suffice for, with the measured figures."""
    return [Verdict(target, target.measure(lines)) for target in targets if all(name in lines for name in target.needs)]
