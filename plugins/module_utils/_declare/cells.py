# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert cells of a workbook to text, as the spreadsheet shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from .._text import unwrap

#: Numbers from here on lost digits: a spreadsheet keeps 15.
_ROUNDED = 10**15
#: Number formats that show leading zeros, such as those of ZIP codes: 00000, and 00000\\-0000.
_ZEROS = re.compile(r"0{2,20}(?:\\?-0{2,8})?")


def texts_of(cells: Sequence[Any]) -> list[str]:
    """Return the text of each cell of an openpyxl row."""
    texts: list[str] = []
    for cell in cells:
        value = cell.value
        if value is None:
            texts.append("")
        elif isinstance(value, str):
            texts.append(unwrap(value))
        else:
            texts.append(_text_of(value, cell))
    return texts


def _text_of(value: Any, cell: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number_of(value, cell)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def _number_of(value: float, cell: Any) -> str:
    if abs(value) >= _ROUNDED:
        return format(Decimal(f"{value:.14e}"), "f")  # zeros instead of the lost digits
    if value != int(value):
        return str(value)
    form = cell.number_format
    zeros = form.count("0") if isinstance(form, str) and _ZEROS.fullmatch(form) else 0
    return str(int(value)).zfill(zeros)
