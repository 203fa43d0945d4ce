# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observed state: the activation lines of the devices that matter, indexed by ICCID, IMEI, SIM id and EID."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ._api import SentinelAPI
from ._errors import RefusedError, UnexpectedAnswerError
from ._wire import ACTIVE, FAILED, IDENTIFIERS, PENDING, Line, StatusWords

_AMERICAN = re.compile(r"(0?[1-9]|1[0-2])/(\d{1,2})/(\d{4}) (0?[1-9]|1[0-2]):(\d{2}):(\d{2}) ([AaPp][Mm])$")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})")

_READ_FULL = "Run again; if it stays so, set history to full, which reads it in another form."
_READ_RECENT = (
    "Run again; if it stays so, set history to recent, which reads it in another form. That has the last 180 days "
    "only, and what was activated before them would be submitted again. So set max_new_activations, too, and look at "
    "the plan in check mode first."
)


class Observed(NamedTuple):
    """A line and its state: ACTIVE, PENDING or FAILED."""

    line: Line
    state: str


class History:
    """Lines by identifier. Keeps only those that carry a `wanted` value: a history may be far longer than a fleet.

    Args:
        wanted: values of identifiers, of any kind.
        words: sorts status words.
    """

    def __init__(self, wanted: Iterable[str], words: StatusWords) -> None:
        self._wanted = frozenset(wanted)
        self._words = words
        self._lines: dict[tuple[str, str], list[Line]] = {}
        self._told: set[str] = set()

    def add_all(self, lines: Iterable[Line]) -> History:
        """Adds lines, the oldest first; returns itself."""
        wanted = self._wanted
        for line in lines:
            for key in IDENTIFIERS:
                value = getattr(line, key)
                if value is not None:
                    self._told.add(key)
                    if value in wanted:
                        self._lines.setdefault((key, value), []).append(line)
        return self

    def update(self, newer: History) -> None:
        """Takes over what a later look shows of some identifiers."""
        self._lines.update(newer._lines)
        self._told |= newer._told

    def tells(self, key: str) -> bool:
        """Whether any line that was seen has this identifier, so that a line without it has none."""
        return key in self._told

    def lines(self, key: str, value: str | None) -> list[Observed]:
        """The lines with this identifier, the oldest first: by their start where all tell it, else as they came."""
        found = self._lines.get((key, value or ""), [])
        starts = [start_of(line.started) for line in found] if len(found) > 1 else []
        if starts and all(starts):
            order = sorted(range(len(found)), key=lambda index: (starts[index], index))
            found = [found[index] for index in order]
        return [Observed(line, self._words.state(line.status)) for line in found]

    def current(self, key: str, value: str | None) -> Observed | None:
        """What holds for this identifier now: its newest line that has not failed, otherwise its newest failure.

        A repeat that is still running does not take away that the same pair is active already.
        """
        current: Observed | None = None
        for seen in self.lines(key, value):
            if current is None or current.state == FAILED or (seen.state != FAILED and not _repeats(seen, current)):
                current = seen
        return current

    def transaction_ids(self, key: str, value: str | None) -> set[str]:
        """The transactions in which this identifier appears."""
        return {line.transaction_id for line in self._lines.get((key, value or ""), []) if line.transaction_id}


def read_full(api: SentinelAPI, wanted: Iterable[str], words: StatusWords) -> History:
    """The full history (one request), as far as it concerns the `wanted` identifiers."""
    wanted = frozenset(wanted)
    return api.history_export(lambda lines: History(wanted, words).add_all(lines), wanted)


def read_recent(api: SentinelAPI, wanted: Iterable[str], words: StatusWords) -> History:
    """The history of the last 180 days: its pages, and the lines of each transaction that has more than one."""
    return History(wanted, words).add_all(_recent_lines(api))


def read_history(api: SentinelAPI, wanted: Iterable[str], words: StatusWords, form: str) -> History:
    """The history in a form: ``recent``, otherwise the full one.

    A call that the service refuses, and an answer of another shape, are told with the cure: the other form.
    """
    try:
        return (read_recent if form == "recent" else read_full)(api, wanted, words)
    except (RefusedError, UnexpectedAnswerError) as error:
        error.cure = error.cure or (_READ_FULL if form == "recent" else _READ_RECENT)
        raise


def _recent_lines(api: SentinelAPI) -> Iterator[Line]:
    for item in api.transactions(version=2):
        transaction_id = item.transaction_id or ""
        if (item.iccid or item.imei or item.sim_id or item.eid) and item.total in (None, 1):
            yield Line(
                transaction_id=transaction_id,
                imei=item.imei,
                iccid=item.iccid,
                sim_id=item.sim_id,
                eid=item.eid,
                status=item.status,
                started=item.started,
            )
        else:
            for line in api.transaction_lines(transaction_id):
                yield line._replace(transaction_id=transaction_id, started=line.started or item.started)


def _repeats(seen: Observed, current: Observed) -> bool:
    """Whether a pending line asks for what is active already: the same identifiers, as far as both tell them."""
    if seen.state != PENDING or current.state != ACTIVE:
        return False
    pairs = ((getattr(seen.line, key), getattr(current.line, key)) for key in IDENTIFIERS)
    return all(one is None or other is None or one == other for one, other in pairs)


def start_of(told: str | None) -> tuple[int, ...] | None:
    """A start as numbers that sort: year, month, day, hour, minute, second. None where it cannot be read.

    [I] Its form is ``MM/dd/yyyy hh:mm:ss AM``, in the user's time zone; ISO 8601 is taken, too. Only the order counts,
    and all that a history tells is in one zone. Not by strptime, which reads AM and PM by the locale.
    """
    text = told or ""
    american = _AMERICAN.match(text)
    if american:
        month, day, year, hour, minute, second = map(int, american.groups()[:6])
        return (year, month, day, hour % 12 + (12 if american[7].upper() == "PM" else 0), minute, second)
    iso = _ISO.match(text)
    return tuple(map(int, iso.groups())) if iso else None
