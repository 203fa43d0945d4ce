# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recognises the fields of a CSV or of a JSON list by names, then by values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import UnexpectedAnswerError
from .._text import cut_short, printable
from .identifiers import clean, recognise
from .names import BY_VALUES, NameMatch, Names, Path, has_known_meaning
from .rules import Rule

#: Fields that are recognised by values, in this order.
_BY_VALUE = ("imei", "iccid", "eid")
#: Maximum number of rows that are read to recognise fields by values.
SAMPLE = 500
#: Maximum number of names in an error.
_MAX_NAMED = 40


class Recognition(NamedTuple):
    """The names of an answer in order, and the name of each recognised field."""

    names: tuple[Path, ...]
    fields: Mapping[str, NameMatch]

    def name(self, field: str) -> str | None:
        """Return the name of a field in the answer, or None."""
        match = self.fields.get(field)
        return shown(self.names[match.place]) if match else None


def shown(path: Path) -> str:
    """Return a name as text, as the option `field_names` accepts it: "device.imei"."""
    return printable(".".join(path))


def recognise_columns(
    names: Sequence[Path],
    rules: Mapping[str, Rule],
    finder: Names,
    rows: Callable[[], Iterable[Sequence[Any]]],
    is_status: Callable[[str], bool],
    call: str,
) -> Recognition:
    """Recognise the fields of a table.

    Args:
        names: names of the columns.
        rules: rules of the fields.
        finder: finds fields by names.
        rows: returns some rows; called only if the names do not decide an identifier or the status.
        is_status: whether a word is a known status.
        call: the call, for errors.

    Raises UnexpectedAnswerError if several columns have values of an undecided field.
    """
    found = dict(finder.find(names, rules))
    open_fields = [field for field in (*_BY_VALUE, "status") if field in rules and field not in found]
    if not open_fields or (set(open_fields) == {"eid"}):
        return Recognition(tuple(names), found)
    taken = {place.place for place in found.values()}
    columns: dict[int, set[str | None]] = {
        place: set() for place, name in enumerate(names) if place not in taken and not has_known_meaning(name)
    }
    for row in rows():
        for place, kinds in columns.items():
            text = clean(row[place]) if place < len(row) else None
            if text is not None and not isinstance(row[place], bool):
                kinds.add("status" if is_status(text) else recognise(text))
    for field in open_fields:
        places = [place for place, kinds in columns.items() if kinds == {field}]
        if len(places) > 1:
            raise _undecided_field_error(call, field, [names[place] for place in places])
        if places:
            found[field] = NameMatch(places[0], BY_VALUES)
    return Recognition(tuple(names), found)


def _undecided_field_error(call: str, field: str, candidates: Sequence[Path]) -> UnexpectedAnswerError:
    listed = ", ".join(map(shown, candidates))
    return UnexpectedAnswerError(
        f"{call}: several names may be the {field} by their values: {listed}",
        f"Set field_names: {{{field}: {shown(candidates[0])!r}}}, or another of these names.",
    )


def names_hint(names: Sequence[Path], fields: Sequence[str]) -> str:
    """Return a hint with the names in an answer, and the option to set for the missing fields."""
    listed = cut_short([shown(name) for name in names], _MAX_NAMED) or "none"
    lines = ", ".join(f"{field}: NAME" for field in fields)
    return f"Names in the answer: {listed}. If one of them is the missing field, set field_names: {{{lines}}}."
