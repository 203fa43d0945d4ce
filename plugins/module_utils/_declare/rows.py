# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of declared rows have in common, whatever the rows declare."""

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

#: Headings that people give the columns of a file besides the fields' own names, folded.
_COLUMN_ALIASES = {
    "zip": "service_zip_code",
    "zipcode": "service_zip_code",
    "plan": "plan_id",
    **dict.fromkeys(("phone", "phonenumber", "telephonenumber", "msisdn"), "mdn"),
}
#: What checks the value of a field.
CHECKS: dict[str, Callable[[Any], Checked]] = {
    "imei": check_imei,
    "iccid": check_iccid,
    "eid": check_eid,
    "sim_id": check_sim_id,
    "mdn": check_mdn,
    "service_zip_code": check_zip,
}
#: Maximum number of rows named where many have the same oddity.
_ROWS_NAMED = 3


class Place(NamedTuple):
    """A row as problems name it: its number, from 0, and its name."""

    number: int
    where: str


def column_names(fields: Sequence[str]) -> dict[str, str]:
    """What the header of a CSV may say → the field that it means: the fields' names, and words, folded."""
    known = {name: field for field in fields for name in (field, fold(field))}
    known.update({alias: field for alias, field in _COLUMN_ALIASES.items() if field in fields})
    return known


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that say nothing: None and blank text."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and not (isinstance(value, str) and not value.strip())
    }


def text_of(value: Any) -> Checked:
    """Return a text without blanks around it. Raises IdentifierError for a list or a mapping."""
    if isinstance(value, (dict, list)):
        raise IdentifierError("must be text, not a list or a mapping")
    return Checked(str(value).strip())


def explained(name: str, value: Any, problem: object) -> str:
    """Return a problem of a field, with the value that was given."""
    return f"{name} {str(value)[:60]}: {problem}"


def gathered(oddities: Iterable[tuple[Place, str]]) -> list[str]:
    """One sentence for each oddity, naming its rows: thousands of rows must not make thousands of warnings."""
    rows: dict[str, list[str]] = {}
    for place, text in oddities:
        rows.setdefault(text, []).append(place.where)
    return [f"{_named(where)}: {text}" for text, where in rows.items()]


def _named(rows: Sequence[str]) -> str:
    shown = "; ".join(rows[:_ROWS_NAMED])
    return f"{shown} and {len(rows) - _ROWS_NAMED} more" if len(rows) > _ROWS_NAMED else shown
