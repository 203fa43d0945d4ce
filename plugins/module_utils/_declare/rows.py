# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts that all checks of declared rows share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._text import fold
from .identifiers import (
    Checked,
    IdentifierError,
    check_eid,
    check_iccid,
    check_imei,
    check_mdn,
    check_sim_id,
    check_zip,
)
from .values import VALUE_BEGINS, formula_problem, is_nan, is_nothing, shown_value

#: Other names that people use as headings, folded → field.
_COLUMN_ALIASES = {
    "zip": "service_zip_code",
    "zipcode": "service_zip_code",
    "plan": "plan_id",
    **dict.fromkeys(("phone", "phonenumber", "telephonenumber", "msisdn"), "mdn"),
}
#: Columns that a run adds to those of a device, and that declare nothing: see `failed_file`.
WRITTEN = ("outcome", "reason")
#: Field → the check of its value.
CHECKS: dict[str, Callable[[Any], Checked]] = {
    "imei": check_imei,
    "iccid": check_iccid,
    "eid": check_eid,
    "sim_id": check_sim_id,
    "mdn": check_mdn,
    "service_zip_code": check_zip,
}
#: Maximum number of rows that one warning names.
_ROWS_NAMED = 3


class Place(NamedTuple):
    """A row in a message: its number, from 0, and its name."""

    number: int
    where: str


def column_names(fields: Sequence[str]) -> dict[str, str]:
    """Return heading → field: the fields' names, as they are and folded, and other names, folded."""
    known = {name: field for field in fields for name in (field, fold(field))}
    known.update({alias: field for alias, field in _COLUMN_ALIASES.items() if field in fields})
    return known


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without the empty ones: None, blank text, and words such as N/A, -- and NULL."""
    return {
        name: value
        for name, value in values.items()
        if (isinstance(value, str) and value[:1] in VALUE_BEGINS) or not _is_empty(name, value)
    }


def _is_empty(name: str, value: Any) -> bool:
    return is_nothing(value, name in CHECKS) if isinstance(value, str) else value is None or is_nan(value)


def text_of(value: Any) -> Checked:
    """Return a text without surrounding blanks.

    Raises IdentifierError for a list, a mapping, a number, a boolean, and the text of a spreadsheet error.
    """
    if isinstance(value, str):
        text = value.strip()
        problem = formula_problem(text) if text[:1] == "#" else None
        if problem:
            raise IdentifierError(problem)
        return Checked(text)
    if isinstance(value, (dict, list)):
        raise IdentifierError("must be text, not a list or a mapping")
    if isinstance(value, bool):
        raise IdentifierError("is a boolean (YAML reads yes, no, on, off and true as one); quote it")
    if isinstance(value, (int, float)):
        raise IdentifierError("is a number, not text; quote it (in a workbook, format the column as text)")
    if value is None:
        raise IdentifierError("is empty")
    return Checked(str(value).strip())


def explained(name: str, value: Any, problem: object) -> str:
    """Return a problem with a field and its value, as far as the value can be shown."""
    return f"{name} {shown_value(value)}: {problem}"


def group_warnings(oddities: Iterable[tuple[Place, str]]) -> list[str]:
    """Return one warning per oddity, with its rows: thousands of rows must not make thousands of warnings."""
    rows: dict[str, list[str]] = {}
    for place, text in oddities:
        rows.setdefault(text, []).append(place.where)
    return [f"{_named(where)}: {text}" for text, where in rows.items()]


def _named(rows: Sequence[str]) -> str:
    shown = "; ".join(rows[:_ROWS_NAMED])
    return f"{shown} and {len(rows) - _ROWS_NAMED} more" if len(rows) > _ROWS_NAMED else shown
