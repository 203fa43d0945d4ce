# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message of a task: a summary in one line; for a failure, the devices that need attention before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from .._decide.outcomes import DeviceOutcome, Outcome
from .._text import printable, shown_name
from .entries import shown_reason
from .lasting import temporary_files
from .progress import duration

T = TypeVar("T")
#: Maximum number of devices named in the message of a failure.
NAMED = 20
#: Outcomes in the order of a summary: those that need attention last.
_ORDER = sorted(Outcome, key=lambda outcome: (outcome.needs_attention, outcome == Outcome.ALREADY_ACTIVE))
#: Outcomes of check mode, and the verb for what would be done.
_WOULD = {Outcome.WOULD_ACTIVATE: "activate", Outcome.WOULD_RESTORE: "restore"}
_CURE_WITHOUT_RETRY = "Set retry_failed to true to submit the failed devices again."


def summary_line(counts: Mapping[Outcome, int], seconds: float, check_mode: bool = False) -> str:
    """Return a summary in one line: "38 activated, 2 already active in 41 s".

    Args:
        counts: number of devices by outcome.
        seconds: duration of the run.
        check_mode: whether the line says what a run would do.
    """
    parts = [labelled(outcome, counts[outcome]) for outcome in _ORDER if counts.get(outcome) and outcome not in _WOULD]
    if not any(counts.values()):
        return "no devices"
    if not check_mode:
        return f"{', '.join(parts)} in {duration(seconds)}"
    would = [f"{word} {counts[outcome]}" for outcome, word in _WOULD.items() if counts.get(outcome)]
    return "; ".join(filter(None, [f"Would {', '.join(would) or 'change nothing'}", ", ".join(parts)]))


def labelled(outcome: Outcome, number: int) -> str:
    """Return a number of devices with an outcome: "2 already active", "1 conflict"."""
    plural = "s" if outcome == Outcome.CONFLICT and number != 1 else ""
    return f"{number} {outcome.label.lower()}{plural}"


class Failure(NamedTuple):
    """The parts of a failed task's message.

    `failing`: the devices that make the task fail. `total`: number of all devices. `rest`: where the devices are that
    the message does not name. `retry_failed`: as the option. `summary`: the last line. `rows`: the file of failed
    devices, or None.
    """

    failing: Sequence[DeviceOutcome]
    total: int
    rest: str
    retry_failed: bool
    summary: str
    rows: str | None = None

    def message(self) -> str:
        """Return the message: the devices, what to do about them, and the summary."""
        counts = Counter(entry.outcome for entry in self.failing)
        cures = {outcome: outcome.cure for outcome in Outcome if counts[outcome]}
        if Outcome.FAILED in cures and not self.retry_failed:
            cures[Outcome.FAILED] = _CURE_WITHOUT_RETRY
        named = attention_lines(self.failing, self.total, _named, self.rest)
        rows = None
        if self.rows and not temporary_files([self.rows]):
            rows = f"Rows of these devices, to correct and use as src: {printable(self.rows)}"
        return "\n".join([*named, *filter(None, cures.values()), *filter(None, [rows]), self.summary])


def attention_lines(failing: Sequence[T], total: int, named: Callable[[T], str], rest: str) -> list[str]:
    """Return the lines of a message about devices that need attention, with at most `NAMED` of them.

    Args:
        named: returns the line of a device.
        rest: where all of them are listed, or how to list them.
    """
    need = "needs" if len(failing) == 1 else "need"
    lines = [f"{len(failing)} of {total} {'device' if total == 1 else 'devices'} {need} attention:"]
    lines += map(named, failing[:NAMED])
    if len(failing) > NAMED:
        lines.append(f"and {len(failing) - NAMED} more; {rest}")
    return lines


def where_all_are(paths: Sequence[str | None]) -> str:
    """Return where all devices that need attention are listed: the first of these files that outlives the job."""
    temporary = temporary_files(paths)
    lasting = [path for path in paths if path and path not in temporary]
    if lasting:
        return f"all of them are in {printable(lasting[0])}"
    place = "a file on a volume that is mounted for jobs" if temporary else "a file"
    return f"set result_file to list all of them in {place}"


def _named(entry: DeviceOutcome) -> str:
    """Return the line of a device: its name, where it is declared, its outcome and the reason."""
    device = entry.device
    names = device.identity.describe(device)
    if device.nickname:
        name = f"{shown_name(device.nickname)} ({device.where}, {names})"
    else:
        name = f"{device.where} ({names})"
    reason = shown_reason(entry.reason)
    return f"{name}: {entry.outcome.label.lower()}{f': {reason}' if reason else ''}"
