# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the entries of the account's device list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._text import printable, printable_lines
from .devices import ENTRY_RULES, possible_statuses
from .envelopes import flat, is_empty
from .identifiers import IDENTIFIERS
from .messages import unexpected_answer_error
from .names import words_of
from .oddities import Oddities
from .record_answers import RecordAnswers
from .records import Entry
from .values import labels_of, mdn_of, number_of, truth_of

#: Fields with other types than text → their converters.
TYPED: dict[str, Callable[[str], Any]] = {
    "mdn": lambda text: mdn_of(printable(text)),
    "labels": lambda text: labels_of(printable_lines(text)),
    "online": truth_of,
    **dict.fromkeys(
        ("last_30_days_used", "monthly_amount_used", "day_amount_used", "monthly_limit", "daily_limit"), number_of
    ),
}
_EXPECTED = "devices with an MDN or an identifier (imei, iccid, eid) and a status"


class EntryAnswers(RecordAnswers):
    """Reads the pages of the device list."""

    def entries_of(self, answer: Any, call: str, oddities: Oddities | None = None) -> list[Entry]:
        """Return the entries of a page of the device list.

        Raises UnexpectedAnswerError if the answer has neither a list of devices nor an empty list.
        """
        items = self._best(_with_labels(answer), ENTRY_RULES, _are_entries, call)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected_answer_error(call, _EXPECTED, answer, ("mdn", "imei", "status"))
        entries = []
        for place, values in enumerate(items.flats, 1):
            cells = items.cells(values)
            if "device_group_name" in cells:
                cells.setdefault("device_group", cells["device_group_name"])
            entries.append(self.entry_of(cells, f"device {place}", oddities, call))
        return entries

    def entry_of(self, cells: Mapping[str, Any], where: str, oddities: Oddities | None, call: str) -> Entry:
        """Return the entry with some values by field. For the arguments see `line_of`."""
        return self._record(_entry, cells, where, oddities, call)

    def statuses_of(self, answer: Any, call: str) -> list[str]:
        """Return the statuses that devices may have, from a list of words or of objects with a word [A]."""
        words = possible_statuses(answer)
        if words is None:
            raise unexpected_answer_error(call, "a list of statuses", answer)
        return [printable(word) for word in words]


def _are_entries(fields: set[str]) -> bool:
    return "status" in fields and ("mdn" in fields or not fields.isdisjoint(IDENTIFIERS))


def _value(field: str, text: str) -> Any:
    """Return the value of a field for an Entry, converted from its text."""
    convert = TYPED.get(field)
    if convert is not None:
        return convert(text)
    return text if text.isprintable() else printable(text)


def _entry(texts: dict[str, str | None]) -> Entry:
    return Entry(**{field: _value(field, text) for field, text in texts.items() if text is not None})


def _with_labels(answer: Any) -> Any:
    """Return an answer with each list of labels joined to one text, because values in lists are not read as fields."""
    if isinstance(answer, list):
        return [_with_labels(item) for item in answer]
    if not isinstance(answer, Mapping):
        return answer
    return {
        name: "\n".join(_label(label) for label in value)
        if isinstance(value, list) and "labels" in words_of(str(name))
        else _with_labels(value)
        for name, value in answer.items()
    }


def _label(label: Any) -> str:
    texts = [value for _path, value in flat(label) if isinstance(value, str)] if isinstance(label, Mapping) else [label]
    return "" if not texts else str(texts[0])
