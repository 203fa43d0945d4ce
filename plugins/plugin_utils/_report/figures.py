# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report counts: outcomes by carrier and by group, and the causes of what needs attention."""

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

#: Maximum number of groups with a bar of their own, of causes, and of devices named for each.
_GROUPS, _CAUSES, _EXAMPLES = 12, 8, 3
#: A part of a bar that is thinner than this, in percent, would not be seen.
_THINNEST = 1.2
#: What makes the same reason another one for each device.
_IDENTIFIER = re.compile(r"\d{8,}")
_NO_REASON = "No reason was given."


@dataclass(frozen=True)
class Segment:
    """A part of a bar that is 100 long."""

    outcome: str
    count: int
    start: float
    length: float


@dataclass(frozen=True)
class Group:
    """The devices of a carrier or of a group. `name`: None for those without one; `merged`: of how many groups it is
    the rest, 0 where it is a group itself; `median`: seconds, None where no device tells any."""

    name: str | None
    merged: int
    counts: Mapping[str, int]
    segments: list[Segment]
    median: float | None

    @property
    def total(self) -> int:
        """How many devices there are."""
        return sum(self.counts.values())

    @property
    def attention(self) -> int:
        """How many of them need attention."""
        return sum(self.counts.get(outcome, 0) for outcome in ATTENTION)

    def as_json(self) -> dict[str, Any]:
        """What the JSON file says of it."""
        return {"name": self.name, "devices": self.total, "summary": self.counts, "median_seconds": self.median}


@dataclass(frozen=True)
class Cause:
    """Why devices need attention, how many, and some of them by name. `cure`: what to do, for a known reason."""

    reason: str
    count: int
    examples: list[str]
    cure: str | None


def segments(counts: Mapping[str, int]) -> list[Segment]:
    """The bar of these counts. What is there is seen, however little it is."""
    total = sum(counts.values())
    wanted = {outcome: max(100 * count / total, _THINNEST) for outcome, count in counts.items() if count}
    scale = 100 / sum(wanted.values()) if wanted else 1
    found: list[Segment] = []
    start = 0.0
    for outcome in Outcome:
        if outcome in wanted:
            length = wanted[outcome] * scale
            found.append(Segment(outcome.value, counts[outcome], round(start, 2), round(length, 2)))
            start += length
    return found


def breakdown(entries: Sequence[Entry], field: str, limit: int | None = _GROUPS) -> list[Group]:
    """The devices by what a field says, the largest group first, and what is beyond the limit as one.

    A carrier is the same however it is written: VERIZON is Verizon.
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
    """Why these devices need attention, the most frequent cause first; and how many devices have a cause left out."""
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
    """Return what a device is called: its nickname, if it has one, and its identifier."""
    known = (field for field in ("imei", "iccid", "sim_id", "eid") if entry[field])
    identifier = next((f"{field.upper().replace('_', ' ')} {entry[field]}" for field in known), "without an identifier")
    return f"{entry['nickname']} ({identifier})" if entry["nickname"] else identifier
