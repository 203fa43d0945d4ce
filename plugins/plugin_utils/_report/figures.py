# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of a report: outcomes by carrier and by group, and why devices need attention."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._report.cures import known_cure
from ...module_utils._report.result import summary_of
from .entries import ATTENTION, Entry
from .times import percentile

#: Maximum number of groups with a bar, of causes, and of devices named per cause.
_GROUPS, _CAUSES, _EXAMPLES = 12, 8, 3
#: Minimum length of a visible segment, in percent.
_MIN_SEGMENT = 1.2
#: Identifiers in a reason, which would make it different for each device.
_IDENTIFIER = re.compile(r"\d{8,}")
_NO_REASON = "No reason given."


@dataclass(frozen=True)
class Segment:
    """A part of a bar that is 100 long."""

    outcome: str
    count: int
    start: float
    length: float


@dataclass(frozen=True)
class Group:
    """The devices of a carrier or of a device group.

    `name`: None for devices without one. `merged`: number of smaller groups that are combined here, 0 for a single
    group. `median`: in seconds, or None without durations.
    """

    name: str | None
    merged: int
    counts: Mapping[str, int]
    segments: list[Segment]
    median: float | None

    @property
    def total(self) -> int:
        """Number of devices."""
        return sum(self.counts.values())

    @property
    def attention(self) -> int:
        """Number of devices that need attention."""
        return sum(self.counts.get(outcome, 0) for outcome in ATTENTION)

    def as_json(self) -> dict[str, Any]:
        """Return the group for the JSON file."""
        return {"name": self.name, "devices": self.total, "summary": self.counts, "median_seconds": self.median}


@dataclass(frozen=True)
class Cause:
    """A reason why devices need attention, their number, and some of them. `cure`: what to do, for a known reason."""

    reason: str
    count: int
    examples: list[str]
    cure: str | None


def segments(counts: Mapping[str, int]) -> list[Segment]:
    """Return the bar of these counts. Every outcome has a visible minimum length."""
    total = sum(counts.values())
    wanted = {outcome: max(100 * count / total, _MIN_SEGMENT) for outcome, count in counts.items() if count}
    scale = 100 / sum(wanted.values()) if wanted else 1
    parts: list[Segment] = []
    start = 0.0
    for outcome in Outcome:
        if outcome in wanted:
            length = wanted[outcome] * scale
            parts.append(Segment(outcome.value, counts[outcome], round(start, 2), round(length, 2)))
            start += length
    return parts


def breakdown(entries: Sequence[Entry], field: str, limit: int | None = _GROUPS) -> list[Group]:
    """Return the devices by the value of a field, largest group first. Groups beyond the limit are combined.

    Carriers are compared without case.
    """
    members: dict[str | None, list[Entry]] = {}
    for entry in entries:
        name = entry[field]
        members.setdefault(name.casefold() if name and field == "carrier" else name, []).append(entry)
    ordered = sorted(members.values(), key=lambda group: (-len(group), group[0][field] or ""))
    kept = ordered if limit is None or len(ordered) <= limit else ordered[: limit - 1]
    groups = [_group(Counter(entry[field] for entry in group).most_common(1)[0][0], 0, group) for group in kept]
    rest = ordered[len(kept) :]
    if rest:
        groups.append(_group(None, len(rest), [entry for group in rest for entry in group]))
    return groups


def _group(name: str | None, merged: int, entries: Sequence[Entry]) -> Group:
    found = Counter(entry["outcome"] for entry in entries)
    counts = summary_of(found)
    seconds = sorted(entry["seconds"] for entry in entries if entry["seconds"] is not None)
    return Group(name, merged, counts, segments(counts), percentile(seconds, 50) if seconds else None)


def causes_of(entries: Iterable[Entry]) -> tuple[list[Cause], int]:
    """Return why devices need attention, most frequent cause first, and the number of devices with other causes."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(_IDENTIFIER.sub("…", entry["reason"] or _NO_REASON), []).append(entry)
    ordered = sorted(found.items(), key=lambda cause: -len(cause[1]))
    causes = []
    for reason, members in ordered[:_CAUSES]:
        reasons = {entry["reason"] or _NO_REASON for entry in members}
        examples = [_name(entry) for entry in members[:_EXAMPLES]]
        cure = known_cure(reason) if members[0]["outcome"] == Outcome.FAILED else None
        causes.append(Cause(reasons.pop() if len(reasons) == 1 else reason, len(members), examples, cure))
    return causes, sum(len(members) for _reason, members in ordered[_CAUSES:])


def _name(entry: Entry) -> str:
    """Return the name of a device: its nickname, if it has one, and its identifier."""
    known = (field for field in ("imei", "iccid", "sim_id", "eid") if entry[field])
    identifier = next((f"{field.upper().replace('_', ' ')} {entry[field]}" for field in known), "without an identifier")
    return f"{entry['nickname']} ({identifier})" if entry["nickname"] else identifier
