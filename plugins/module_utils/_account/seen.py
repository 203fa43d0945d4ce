# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One recorded call of the account check: the recognised fields of its answer, and the form of the values."""

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

#: Maximum number of items or rows that are kept of an answer.
SAMPLE = 500
#: Maximum number of forms of a value that are reported, the most frequent first.
_MAX_FORMS = 3
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AaPp][Mm]$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}:\d{2}")
_EPOCH = re.compile(r"\d{13}$")
#: Fields with reported forms.
FORMED = ("transaction_id", "imei", "iccid", "eid", "sim_id", "started")


@dataclass
class CsvForm:
    """The format of a CSV. Line end and delimiter are None if not seen."""

    delimiter: str | None = None
    charset: str = "utf-8"
    bom: bool = False
    line_end: str | None = None
    final_line_end: bool = True

    def note(self, line: str) -> None:
        """Record one line with its line end."""
        end = line[len(line.rstrip("\r\n")) :]
        self.line_end = self.line_end or end or None
        self.final_line_end = bool(end)


@dataclass
class Paging:
    """Whether a list obeys its parameters. None: unknown, because the list is too short."""

    limit: bool | None = None
    offset: bool | None = None
    sort_dir: bool | None = None


@dataclass
class Seen:
    """One call of the check.

    Args:
        name: name in the check, such as `carriers`.
        path: path below the base URL, with placeholders in braces.
        scope: the scope that is missing after a 403, or None if it is not published.
        table: rules for the fields of its items.
        needed: groups of fields. The answer must have one field of each group.
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
    #: Status words and their frequencies: of the items, and of their transactions.
    statuses: Counter[str] = field(default_factory=Counter)
    transaction_statuses: Counter[str] = field(default_factory=Counter)
    odd: int = 0
    csv: CsvForm | None = None
    paging: Paging | None = None

    @property
    def is_understood(self) -> bool:
        """Whether the call was made and its answer was read."""
        return self.error is None and self.skipped is None

    @property
    def names(self) -> tuple[Path, ...]:
        """The names in the answer, in order."""
        return self.recognition.names if self.recognition else ()

    @property
    def missing(self) -> list[str]:
        """The missing needed fields; all fields of a group without any match."""
        fields = self.recognition.fields if self.recognition else {}
        if not self.names:
            return []
        return [name for group in self.needed if not any(name in fields for name in group) for name in group]

    def take(self, recognition: Recognition, items: Sequence[Any]) -> None:
        """Record a reading. `items`: mappings of path → value, or rows of cells."""
        self.recognition = recognition
        self.count = len(items)
        self.rows = [
            [item.get(name) for name in recognition.names] if isinstance(item, Mapping) else list(item)
            for item in items[:SAMPLE]
        ]

    def place(self, name: str) -> int | None:
        """Return the index of the name of a field, or None."""
        match = self.recognition.fields.get(name) if self.recognition else None
        return match.place if match else None

    def column(self, place: int | None) -> list[str]:
        """Return the texts below one name, without empty ones."""
        if place is None:
            return []
        values = (clean(row[place]) for row in self.rows if place < len(row))
        return [value for value in values if value is not None]

    def values(self, name: str) -> list[str]:
        """Return the texts of a field."""
        return self.column(self.place(name))

    def not_understood(self) -> list[int]:
        """Return the indexes of names without a recognised field."""
        taken = {match.place for match in self.recognition.fields.values()} if self.recognition else set()
        return [place for place in range(len(self.names)) if place not in taken]

    def locate(self, answer: Any) -> None:
        """Find the path of the list that was read."""
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
        """Return the call for the result of the module, without the statuses."""
        fields = self.recognition.fields if self.recognition else {}
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
                for name, place in fields.items()
            ],
            "missing": [name for name in self.table if name not in fields] if self.names else [],
            "not_understood": [shown(self.names[place]) for place in self.not_understood()],
            "formats": {name: forms for name in FORMED for forms in [forms_of(self.values(name))] if forms},
            "paging": vars(self.paging) if self.paging else None,
            "skipped": self.skipped,
            "error": None if error is None else error.message,
        }


def shape(text: str) -> str:
    """Return the shape of a value: letters as x, digits as 9."""
    return "".join("9" if mark.isdigit() else "x" if mark.isalpha() else mark for mark in text)


def forms_of(values: Sequence[str]) -> list[str]:
    """Return the most frequent shapes of some values."""
    return [form for form, _times in Counter(map(shape, values)).most_common(_MAX_FORMS)]


def time_format_of(values: Sequence[str]) -> str | None:
    """Return the format of times: `american`, `iso`, `iso_blank`, `epoch_ms`, or None."""
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
