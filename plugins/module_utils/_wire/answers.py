# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base for reading JSON answers by meaning, with the names and status words that the user adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .cells import Cells
from .devices import ENTRY_RULES, DeviceStatuses
from .envelopes import flat, is_aside, lists_in
from .identifiers import clean
from .masking import Mask
from .names import Names, Path
from .rules import Rule
from .statuses import StatusWords
from .table import SAMPLE, Recognition, recognise_columns

#: Receives each reading for the account check: the call, the recognised fields, and the items.
Observer = Callable[[str, Recognition, Sequence[Any]], None]


class Items(NamedTuple):
    """Objects of a list. `recognition`: the field of each path; `flats`: each object as path → value."""

    recognition: Recognition
    flats: list[dict[Path, Any]]

    def cells(self, item: Mapping[Path, Any]) -> dict[str, Any]:
        """Return the values of an item by field."""
        names, fields = self.recognition
        return {field: item.get(names[match.place]) for field, match in fields.items()}


class Answers:
    """Base of the readers: recognises names, status words and the main list of an answer, and masks secrets.

    Args:
        field_names: the option `field_names`: our field → the service's name or names for it.
        words: classifies status words of lines and transactions.
        device_statuses: classifies status words of listed devices.
    """

    def __init__(
        self,
        field_names: Mapping[str, str | Sequence[str]] | None = None,
        words: StatusWords | None = None,
        device_statuses: DeviceStatuses | None = None,
    ) -> None:
        self.names = Names(field_names)
        self.words = words or StatusWords()
        self.device_statuses = device_statuses or DeviceStatuses()
        self.observer: Observer | None = None
        #: Masks secrets in data that an error quotes.
        self.redact: Callable[[Any], Any] = lambda data: data
        #: Masks secrets in values of answers.
        self.mask: Mask = lambda text, min_length: text
        self._spellings: dict[str, str] = {}
        self._cells = Cells()

    def remember_spellings(self, values: Iterable[str]) -> None:
        """Remember the declared spelling of identifiers with letters: the service may use another case."""
        self._spellings.update((value.upper(), value) for value in values if not value.isdigit())

    # -- Tables --------------------------------------------------------------------------------------------------------

    def recognise(self, items: Sequence[Mapping[str, Any]], table: Mapping[str, Rule], call: str) -> Items:
        """Flatten the items and recognise their fields. Raises UnexpectedAnswerError if a field is undecided."""
        read = self._read(items, table, call)
        if self.observer is not None:
            self.observer(call, read.recognition, read.flats)
        return read

    def _read(self, items: Sequence[Mapping[str, Any]], table: Mapping[str, Rule], call: str) -> Items:
        is_status = self.is_device_status if table is ENTRY_RULES else self.is_status
        flats = [dict(flat(item)) for item in items]
        names = list(dict.fromkeys(path for entry in flats for path in entry))

        def sample() -> Iterable[Sequence[Any]]:
            return ([entry.get(name) for name in names] for entry in flats[:SAMPLE])

        return Items(recognise_columns(names, table, self.names, sample, is_status, call), flats)

    def is_status(self, text: str) -> bool:
        """Whether a text is a known status of a line or transaction."""
        return self.words.read(text) is not None

    def is_device_status(self, text: str) -> bool:
        """Whether a text is a known status of a listed device."""
        return self.device_statuses.read(text) is not None

    def _best(
        self, answer: Any, table: Mapping[str, Rule], needed: Callable[[set[str]], bool], call: str
    ) -> Items | None:
        """Return the list whose items have the needed fields: the one with most fields, then the outermost.

        Lists side by side with the same fields, such as succeeded and failed lines, count as one.
        """
        best: list[tuple[Path, Items]] = []
        for path, items in lists_in(answer).items():
            if not are_objects(items) or is_aside(path[-1:]):
                continue
            read = self._read(items, table, call)
            fields = set(read.recognition.fields)
            if not needed(fields):
                continue
            if not best or len(fields) > len(best[0][1].recognition.fields):
                best = [(path, read)]
            elif path[:-1] == best[0][0][:-1] and fields == set(best[0][1].recognition.fields):
                best.append((path, read))
        if not best:
            return None
        if len(best) > 1:
            paths = {path for path, _read in best}
            lists = [items for path, items in lists_in(answer).items() if path in paths]
            return self.recognise([item for items in lists for item in items], table, call)
        if self.observer is not None:
            self.observer(call, best[0][1].recognition, best[0][1].flats)
        return best[0][1]

    def _text(self, item: Mapping[str, Any], table: Mapping[str, Rule], field: str) -> str | None:
        scalars = {path: value for path, value in flat(item) if clean(value) is not None}
        found = self.names.find(list(scalars), table)
        return clean(list(scalars.values())[found[field].place]) if field in found else None

    def _number(self, item: Any, table: Mapping[str, Rule], field: str) -> int | None:
        scalars = {path: value for path, value in flat(item) if count_of(value) is not None}
        found = self.names.find(list(scalars), table)
        return count_of(list(scalars.values())[found[field].place]) if field in found else None


def count_of(value: Any) -> int | None:
    """Return a value as a whole number, or None if it is not a number."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    try:
        return int(value.replace(",", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError):  # Python's JSON accepts Infinity
        return None


def are_objects(items: Sequence[Any]) -> bool:
    """Whether a list is not empty and has only objects."""
    return bool(items) and all(isinstance(item, Mapping) for item in items)


def is_id(value: Any) -> bool:
    """Whether a value may be an id."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)
