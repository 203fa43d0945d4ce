# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads many rows of a CSV at once, column by column, if their keys are in normal form: this is much faster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat, starmap
from operator import itemgetter
from typing import Any, Generic, TypeVar

from .identifiers import IDENTIFIERS, LENGTHS, clean, observed
from .masking import Mask, has_secret
from .records import Record

R = TypeVar("R", bound=Record)

#: The most frequent empty cells, compared first.
BLANKS = frozenset(("", "N/A", "n/a", "-", "null", "NULL", "None"))
#: Lengths of identifiers in normal form.
_LENGTHS = {
    **{field: frozenset(lengths) for field, lengths in LENGTHS.items()},
    "sim_id": frozenset(range(1, 65)),
}
#: MDNs in normal form, one per line.
_MDNS = re.compile(r"(?:[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}\n)+")
_DIGITS = b"0123456789"
#: End of an ICCID that a spreadsheet rounded.
_ROUNDED_END = "0000"
#: Maximum number of cached values per field.
_MAX_REMEMBERED = 10_000


class Keys:
    """The key columns of a CSV. `places`: key field → its column."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self.fields = tuple(places)
        self._places = tuple(places.values())
        # The first key again: with a single place, itemgetter would return no tuple.
        self._pick = itemgetter(*self._places, self._places[0])

    def of(self, rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """Return the keys of each row in the order of `fields`, perhaps with the first one again at the end."""
        try:
            return list(map(self._pick, rows))
        except IndexError:  # a row that is too short
            return [tuple(row[place] if place < len(row) else "" for place in self._places) for row in rows]

    def are_plain(self, columns: Iterable[Sequence[str]]) -> bool:
        """Whether all cells of the columns, in the order of `fields`, are in normal form or empty."""
        return all(map(is_plain, self.fields, columns))


class Columns(Generic[R]):
    """Builds the records of rows whose keys are in normal form.

    Args:
        record_type: `Line` or `Entry`.
        places: field → its column, of a status and of a key at least.
        repeated: fields with the same values in many rows, which are stored once.
        converters: fields with other types than text → functions that convert printable text.
    """

    def __init__(
        self,
        record_type: type[R],
        places: Mapping[str, int],
        repeated: frozenset[str],
        converters: Mapping[str, Callable[[str], Any]],
    ) -> None:
        self._type = record_type
        self._places = places
        self._converters = converters
        self._known: dict[str, dict[str, Any]] = {field: {} for field in repeated}
        self._pick = itemgetter(*places.values())

    def records(self, rows: Sequence[Sequence[str]], mask: Mask) -> Iterator[R] | None:
        """Return the records of rows, or None if a row needs a closer look: it is short, or has text to be masked."""
        try:
            columns = list(zip(*map(self._pick, rows)))
        except IndexError:
            return None
        cells = list(chain.from_iterable(columns))
        if not "".join(cells).isprintable() or has_secret(cells, mask):
            return None
        made = dict(zip(self._places, map(self._column, self._places, columns)))
        fields = list(self._type._fields)
        while fields[-1] not in made:
            fields.pop()
        values = (made.get(field) or repeat(self._type._field_defaults[field]) for field in fields)
        return starmap(self._type, zip(*values))

    def _column(self, field: str, cells: Sequence[str]) -> list[Any]:
        """Return the values of a field in some rows with printable cells."""
        if field in IDENTIFIERS:
            # As `observed` reads them: only the id of a SmartSIM may have no digit but zeros.
            zeros = "" if field == "sim_id" else "0"
            return [cell if cell not in BLANKS and cell.strip(zeros) else None for cell in cells]
        known = self._known.get(field)
        if known is None:
            return self._values(field, cells)
        if len(known) > _MAX_REMEMBERED:
            known.clear()
        new = list(set(cells).difference(known))
        known.update(zip(new, self._values(field, new)))
        return [known[cell] for cell in cells]

    def _values(self, field: str, cells: Sequence[str]) -> list[Any]:
        """Return the values of printable cells; not for identifiers."""
        convert = self._converters.get(field)
        if convert is None:
            return list(map(clean, cells))
        if field == "mdn" and has_values(field, cells):
            return list(cells)
        default = self._type._field_defaults[field]
        return [default if text is None else convert(text) for text in map(clean, cells)]


def is_plain(field: str, cells: Sequence[str]) -> bool:
    """Whether the cells of a key column are in normal form or empty."""
    if BLANKS.issuperset(cells) or has_values(field, cells):
        return True
    values = [cell for cell in cells if cell not in BLANKS]
    return len(values) < len(cells) and has_values(field, values)


def has_values(field: str, cells: Sequence[str]) -> bool:
    """Whether each cell is a value in normal form."""
    if field == "mdn":
        return _MDNS.fullmatch("\n".join((*cells, ""))) is not None
    joined = "".join(cells)
    # Deleting the digits is several times as fast as testing for them.
    if not joined.isascii() or joined.encode().translate(None, _DIGITS):
        return False
    if not set(map(len, cells)) <= _LENGTHS[field]:
        return False
    if field != "iccid" or f"{_ROUNDED_END}\n" not in "\n".join((*cells, "")):
        return True
    return all(observed(field, cell) for cell in cells if cell.endswith(_ROUNDED_END))
