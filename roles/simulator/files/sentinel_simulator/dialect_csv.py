# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV in a dialect: delimiter, line ends, charset and byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .dialect import CsvPart

#: Always little endian. Python's codecs without a byte order would add a mark of their own.
_LITTLE_ENDIAN = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}


def csv_text(part: CsvPart, rows: Iterable[Sequence[Any]]) -> str:
    """Return rows of cells as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=part.delimiter, lineterminator=part.line_end).writerows(rows)
    return buffer.getvalue()


def csv_reversed(part: CsvPart, text: str) -> str:
    """Return the rows in reverse order."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=part.delimiter))
    return csv_text(part, rows[::-1])


def csv_media_type(part: CsvPart) -> str:
    """Return the Content-Type, without a charset if the CSV has a byte order mark."""
    return "text/csv" if part.bom else f"text/csv; charset={part.charset}"


def csv_encoded(part: CsvPart, chunks: Iterable[str]) -> Iterator[bytes]:
    """Encode a CSV that comes in chunks of whole rows; empty chunks stay empty."""
    codec = part.charset.lower().replace("_", "-")
    codec = _LITTLE_ENDIAN.get(codec, codec)
    pending = "\ufeff" if part.bom else ""
    for chunk in chunks:
        if not chunk:
            yield b""
            continue
        text = pending + chunk
        pending = ""
        if not part.final_line_end and text.endswith(part.line_end):
            pending = part.line_end
            text = text[: -len(pending)]
        yield text.encode(codec, "replace")
