# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells of lines as text. A value that many lines share is read and stored once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._text import word_set
from .identifiers import clean

#: Fields with the same values in many lines.
REPEATED = word_set("transaction_id status carrier device_group filter_group service_zip_code reason started")
#: Maximum number of cached values per field. A field with more is no longer cached.
_MAX_VALUES = 5000


class Cells:
    """Reads the cells of lines. Thread-safe."""

    def __init__(self) -> None:
        self._repeated: dict[str, dict[str, str | None]] = {field: {} for field in REPEATED}

    def read(self, cells: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the cells by field as `clean` returns them: None for empty values."""
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
