# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one call of the account check showed: how its answer was read, and the form of its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._errors import SentinelError
from .._wire import clean
from .._wire.envelopes import flat, lists_in
from .._wire.names import Path
from .._wire.rules import Rule
from .._wire.table import Recognition, shown

#: Items or rows of an answer that are kept to look at.
SAMPLE = 500
#: Forms of a value that are reported, the most frequent first.
_MAX_FORMS = 3
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AaPp][Mm]$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}:\d{2}")
_EPOCH = re.compile(r"\d{13}$")
#: Fields whose form is reported.
FORMED = ("transaction_id", "imei", "iccid", "eid", "sim_id", "started")


@dataclass
class CsvForm:
    """How a CSV is written. Line ends and delimiter None: not seen."""

    delimiter: str | None = None
    charset: str = "utf-8"
    bom: bool = False
    line_end: str | None = None
    final_line_end: bool = True

    def note(self, line: str) -> None:
        """Take over one line of text, with its end."""
        end = line[len(line.rstrip("\r\n")) :]
        self.line_end = self.line_end or end or None
        self.final_line_end = bool(end)


@dataclass
class Paging:
    """Whether a list obeys its parameters. None: the list is too short to tell."""

    limit: bool | None = None
    offset: bool | None = None
    sort_dir: bool | None = None


@dataclass
class Seen:
    """One call of the check.

    Args:
        name: what the check calls it, such as `carriers`.
        path: of the call below the base URL, with names in braces for what differs.
        scope: what a 403 means is missing, or None where nothing is published.
        table: the fields that are looked for in its items.
        needed: fields without which the answer is of no use: one of each group.
    """

    name: str
    path: str
    scope: str | None = None
    table: Mapping[str, Rule] = field(default_factory=dict)
    needed: Sequence[Sequence[str]] = ()
    status: int | None = None
    seconds: float = 0.0
    error: SentinelError | None = None
    skipped: str | None = None
    answer: Any = None
    recognition: Recognition | None = None
    rows: list[list[Any]] = field(default_factory=list)
    count: int | None = None
    list_path: Path | None = None
    total_path: Path | None = None
    outer: dict[str, Path] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    #: Status words that came, with how often: of the items, and of the transactions beside them.
    statuses: Counter[str] = field(default_factory=Counter)
    transaction_statuses: Counter[str] = field(default_factory=Counter)
    odd: int = 0
    csv: CsvForm | None = None
    paging: Paging | None = None

    @property
    def is_understood(self) -> bool:
        """Whether the call was made, allowed, and its answer read."""
        return self.error is None and self.skipped is None

    @property
    def names(self) -> tuple[Path, ...]:
        """The names that came, in their order."""
        return self.recognition.names if self.recognition else ()

    @property
    def missing(self) -> list[str]:
        """The needed fields that were not found; all of a group where any one is enough."""
        found = self.recognition.fields if self.recognition else {}
        if not self.names:
            return []
        return [name for group in self.needed if not any(name in found for name in group) for name in group]

    def take(self, recognition: Recognition, items: Sequence[Any]) -> None:
        """Take over a reading. `items`: mappings of path → value, or rows of cells."""
        self.recognition = recognition
        self.count = len(items)
        self.rows = [
            [item.get(name) for name in recognition.names] if isinstance(item, Mapping) else list(item)
            for item in items[:SAMPLE]
        ]

    def place(self, name: str) -> int | None:
        """Return the place among the names where a field is, or None."""
        found = self.recognition.fields.get(name) if self.recognition else None
        return found.place if found else None

    def column(self, place: int | None) -> list[str]:
        """Return the texts of one name, without those that say nothing."""
        if place is None:
            return []
        values = (clean(row[place]) for row in self.rows if place < len(row))
        return [value for value in values if value is not None]

    def values(self, name: str) -> list[str]:
        """Return the texts of a field."""
        return self.column(self.place(name))

    def not_understood(self) -> list[int]:
        """Return the places of the names that are none of the fields."""
        taken = {found.place for found in self.recognition.fields.values()} if self.recognition else set()
        return [place for place in range(len(self.names)) if place not in taken]

    def locate(self, answer: Any) -> None:
        """Find the keys that lead to the list that was read."""
        self.answer = answer
        for path, items in lists_in(answer).items():
            if self.texts and [clean(item) for item in items] == self.texts:
                self.list_path = path
            elif self.rows and len(items) == self.count and all(isinstance(item, Mapping) for item in items):
                flats = (dict(flat(item)) for item in items[:SAMPLE])
                if all([item.get(name) for name in self.names] == row for item, row in zip(flats, self.rows)):
                    self.list_path = path
            if self.list_path is not None:
                return

    def as_result(self) -> dict[str, Any]:
        """Return the call as the module's result has it, without the statuses."""
        found = self.recognition.fields if self.recognition else {}
        error = self.error
        return {
            "name": self.name,
            "method": "GET",
            "path": self.path,
            "scope": self.scope,
            "allowed": None if self.skipped or self.status is None else self.status not in (401, 403),
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "count": self.count,
            "list": None if self.list_path is None else list(self.list_path),
            "fields": [
                {"field": name, "name": shown(self.names[place.place]), "how": place.how}
                for name, place in found.items()
            ],
            "missing": [name for name in self.table if name not in found] if self.names else [],
            "not_understood": [shown(self.names[place]) for place in self.not_understood()],
            "formats": {name: forms for name in FORMED for forms in [forms_of(self.values(name))] if forms},
            "paging": vars(self.paging) if self.paging else None,
            "skipped": self.skipped,
            "error": None if error is None else error.message,
        }


def shape(text: str) -> str:
    """Return the form of a value: each letter an x, each digit a 9."""
    return "".join("9" if mark.isdigit() else "x" if mark.isalpha() else mark for mark in text)


def forms_of(values: Sequence[str]) -> list[str]:
    """Return the most frequent forms of some values."""
    return [form for form, _times in Counter(map(shape, values)).most_common(_MAX_FORMS)]


def time_format_of(values: Sequence[str]) -> str | None:
    """Return how times are written: `american`, `iso`, `iso_blank`, `epoch_ms`, or None."""
    kinds: Counter[str] = Counter()
    for value in values:
        iso = _ISO.match(value)
        if _AMERICAN.match(value):
            kinds["american"] += 1
        elif iso:
            kinds["iso" if iso[1] == "T" else "iso_blank"] += 1
        elif _EPOCH.match(value):
            kinds["epoch_ms"] += 1
    return kinds.most_common(1)[0][0] if kinds else None
