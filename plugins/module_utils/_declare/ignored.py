# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a file is not a device, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .._text import counted, cut_short
from .headings import named_columns

#: Maximum number of rows of a sort that the warning names.
_ROWS_NAMED = 5


@dataclass
class Ignored:
    """What was ignored in a file.

    Args:
        name: of the file.
        unit: what a message calls a row: "line", "row", or "device" where the file has mappings.
        above: rows above the header; `repeated`: those that repeat it; `without`: those at the end without a device.
        headings: of the columns that mean no field.
        others: what else, as parts of a sentence.
        of_other_kinds: number of rows whose devices are of other kinds than the wanted one.
    """

    name: str
    unit: str
    above: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    without: list[int] = field(default_factory=list)
    headings: Sequence[str] = ()
    others: list[str] = field(default_factory=list)
    of_other_kinds: int = 0

    @property
    def column(self) -> str:
        """What a message calls a heading and what is below it."""
        return "key" if self.unit == "device" else "column"

    def sentences(self) -> list[str]:
        """Return one sentence; none where everything was read."""
        sorts = ((self.above, "above the header"), (self.repeated, "the header again"), (self.without, "no device"))
        parts = [f"{self._places(rows)} ({why})" for rows, why in sorts if rows]
        if self.headings:
            parts.append(f"{counted(len(self.headings), self.column)} ({named_columns(self.headings)})")
        parts += self.others
        if self.of_other_kinds:
            parts.append(f"{counted(self.of_other_kinds, 'row')} of other kinds of devices")
        return [f"{self.name}: ignored: {'; '.join(parts)}"] if parts else []

    def _places(self, numbers: Sequence[int]) -> str:
        listed = cut_short([str(number) for number in numbers], _ROWS_NAMED)
        return f"{self.unit}{'' if len(numbers) == 1 else 's'} {listed}"
