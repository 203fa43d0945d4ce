# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report the parts of a file that are not devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .._text import counted, cut_short
from .headings import named_columns

#: Maximum number of rows that the warning names for each reason.
_ROWS_NAMED = 5


@dataclass
class Ignored:
    """What was ignored in a file.

    Args:
        name: name of the file.
        unit: name of a row in messages: "line", "row", or "device" if the file has mappings.
        above: rows above the header.
        repeated: rows that repeat the header.
        without_device: rows at the end without a device.
        headings: headings of the columns that mean no field.
        others: other parts of the warning.
        of_other_kinds: number of rows with devices of other kinds than the wanted one.
    """

    name: str
    unit: str
    above: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    without_device: list[int] = field(default_factory=list)
    headings: Sequence[str] = ()
    others: list[str] = field(default_factory=list)
    of_other_kinds: int = 0

    @property
    def column(self) -> str:
        """The name of a column in messages."""
        return "key" if self.unit == "device" else "column"

    def sentences(self) -> list[str]:
        """Return one warning, or none if everything was read."""
        sorts = (
            (self.above, "above the header"),
            (self.repeated, "repeated header"),
            (self.without_device, "no device"),
        )
        parts = [f"{self._places(rows)} ({reason})" for rows, reason in sorts if rows]
        if self.headings:
            parts.append(f"{counted(len(self.headings), self.column)} ({named_columns(self.headings)})")
        parts += self.others
        if self.of_other_kinds:
            parts.append(f"{counted(self.of_other_kinds, 'row')} of other kinds")
        return [f"{self.name}: ignored: {'; '.join(parts)}"] if parts else []

    def _places(self, numbers: Sequence[int]) -> str:
        listed = cut_short([str(number) for number in numbers], _ROWS_NAMED)
        return f"{self.unit}{'' if len(numbers) == 1 else 's'} {listed}"
