# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cells of lines as text. A value that many lines have is read once, and kept in memory once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._text import word_set
from .identifiers import clean

#: Fields whose values are the same in many lines.
_REPEATED = word_set("transaction_id status carrier device_group filter_group service_zip_code reason started")
#: Maximum number of values of a field that are kept; with more, the field is taken to differ from line to line.
_MAX_VALUES = 5000


class Cells:
    """Reads the cells of lines; for several threads."""

    def __init__(self) -> None:
        self._repeated: dict[str, dict[str, str | None]] = {field: {} for field in _REPEATED}

    def read(self, cells: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the cells by their fields as `clean` returns them: None for what means nothing."""
        values: dict[str, str | None] = {}
        for field, cell in cells.items():
            known = self._repeated.get(field)
            if known is None or not isinstance(cell, str):
                values[field] = clean(cell)
            elif cell in known:
                values[field] = known[cell]
            else:
                values[field] = known[cell] = clean(cell)
                if len(known) > _MAX_VALUES:
                    self._repeated.pop(field, None)
        return values
