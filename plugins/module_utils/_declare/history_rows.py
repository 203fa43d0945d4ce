# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read an export of the history as a declaration: the newest row of each device, with its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._text import counted
from .._wire.identifiers import clean
from .._wire.times import start_of

#: The field with the start of a row's transaction.
START = "transaction_start"
#: The field with the kind of a device.
KIND = "kind"
_SIM, _SMARTSIM, _ESIM = "sim", "smartsim", "esim"


class Row(NamedTuple):
    """A declared device before any check: its place, and its values by field."""

    where: str
    values: Mapping[str, Any]


class NewestRows:
    """The newest row of each device. An export has one row per submission of a device.

    Rows of the same device or SIM share an identifier. Only the newest counts: it shows what should be active. Once the
    rows were read, `ignored` has how many were left out, and why.

    Args:
        rows: rows of the export, with the field `START`.
        kind: kind of the wanted devices, or None for all kinds; then each row has its own.
    """

    def __init__(self, rows: Iterable[Row], kind: str | None) -> None:
        self._rows = rows
        self._kind = kind
        self.ignored: list[str] = []

    def __iter__(self) -> Iterator[Row]:
        rows = [_with_kind(row) for row in self._rows]
        newest = _newest(rows)
        wanted = [row for row in newest if self._kind in (None, row.values[KIND])]
        if len(newest) < len(rows):
            self.ignored.append(f"{counted(len(rows) - len(newest), 'older row')} of the same devices")
        if len(wanted) < len(newest):
            self.ignored.append(f"{counted(len(newest) - len(wanted), 'row')} of other kinds")
        for row in wanted:
            left_out = (START,) if self._kind is None else (START, KIND)
            yield Row(row.where, {name: value for name, value in row.values.items() if name not in left_out})


def _with_kind(row: Row) -> Row:
    values = {name: text for name, value in row.values.items() if (text := clean(value)) is not None}
    without_eid = _SMARTSIM if values.get("sim_id") and not values.get("iccid") else _SIM
    return Row(row.where, {KIND: _ESIM if values.get("eid") else without_eid, **values})


def _newest(rows: list[Row]) -> list[Row]:
    starts = [start_of(row.values.get(START)) or () for row in rows]
    # Without readable times, the first row of a device counts: exports begin with the newest [I].
    order = sorted(range(len(rows)), key=lambda place: (starts[place], -place), reverse=True)
    known: set[str] = set()
    kept: list[int] = []
    for place in order:
        values = rows[place].values
        names = {values[name] for name in ("iccid", "sim_id", "eid", "imei") if name in values}
        if known.isdisjoint(names):
            kept.append(place)
        known |= names
    return [rows[place] for place in sorted(kept)]
