# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoint 13: read the device CSV that a user uploads, in the forms that spreadsheets produce."""

from __future__ import annotations

import csv
import io
import re
from typing import Optional

from .bodies import Refused
from .identifiers import has_iccid_format, has_imei_format, has_valid_check_digit

_DELIMITERS = ",;\t|"
_IMEI_HEADERS = frozenset({"imei", "imeinumber", "deviceimei"})
_ICCID_HEADERS = frozenset({"iccid", "iccidnumber", "simiccid", "sim"})
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_SHOWN = 20


def read_pairs(content: bytes) -> list[dict[str, str]]:
    """Return the IMEI–ICCID pairs of a file [P; A for the shape]. Raises ``Refused`` with all bad rows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Refused(f"The file is not UTF-8 text (byte {exc.start})") from exc
    if "\0" in text:
        raise Refused("The file is not UTF-8 text: it has NUL bytes, as in UTF-16 or a workbook")
    if not text.strip():
        raise Refused("The file is empty")
    rows = _rows(text)
    columns = _columns(rows[0][1])
    if len(rows) == 1:
        raise Refused("The file has a header but no devices")
    return _pairs(rows[1:], *columns)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Split the text into non-blank rows, each with the number of the line on which it starts."""
    header = next(line for line in text.splitlines() if line.strip(_DELIMITERS + '" \r\n'))
    delimiter = max(_DELIMITERS, key=header.count)
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        start = 1
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as exc:
        raise Refused(f"The file is not CSV, near line {reader.line_num}: {exc}") from exc
    return rows


def _columns(header: list[str]) -> tuple[int, int]:
    names = [re.sub(r"[^0-9a-z]", "", name.lower()) for name in header]
    found = []
    for title, wanted in (("IMEI", _IMEI_HEADERS), ("ICCID", _ICCID_HEADERS)):
        places = [place for place, name in enumerate(names) if name in wanted]
        if len(places) != 1:
            count = "no" if not places else "more than one"
            shown = ", ".join(name.strip() for name in header)
            raise Refused(
                f"The file has {count} column {title}; the first row must be a header with IMEI and ICCID, not: {shown}"
            )
        found.append(places[0])
    return found[0], found[1]


def _cell(row: list[str], place: int) -> str:
    """Return a cell without ="…" and a leading apostrophe, with which spreadsheets mark numbers as text."""
    value = row[place].strip() if place < len(row) else ""
    if value.startswith("="):
        value = value[1:].strip('"')
    return value.lstrip("'").strip()


def _pairs(rows: list[tuple[int, list[str]]], imei_place: int, iccid_place: int) -> list[dict[str, str]]:
    problems: list[str] = []
    pairs: dict[str, str] = {}
    imeis: dict[str, str] = {}
    for number, row in rows:
        imei = re.sub(r"[\s-]", "", _cell(row, imei_place))
        iccid = re.sub(r"[\s-]", "", _cell(row, iccid_place)).rstrip("Ff")
        wrong = _problem(imei, iccid)
        if wrong is None and iccid in pairs:
            if pairs[iccid] != imei:
                wrong = f"ICCID {iccid} appears with two IMEIs, {pairs[iccid]} and {imei}"
        elif wrong is None and imei in imeis:
            wrong = f"IMEI {imei} appears twice, with ICCID {imeis[imei]} and {iccid}"
        if wrong is not None:
            problems.append(f"row {number}: {wrong}")
        else:
            pairs[iccid], imeis[imei] = imei, iccid
    if problems:
        more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
        count = f"{len(problems)} of {len(rows)} rows refused"
        raise Refused(f"{count}: {'; '.join(problems[:_SHOWN])}{more}", problems)
    return [{"imei": imei, "iccid": iccid} for iccid, imei in pairs.items()]


def _problem(imei: str, iccid: str) -> Optional[str]:
    """Return the problem of a row, or None. The check digit of an ICCID is not checked: some exports omit it [I]."""
    if has_iccid_format(imei) and has_imei_format(iccid):
        return "IMEI and ICCID look swapped"
    for title, value in (("IMEI", imei), ("ICCID", iccid)):
        if not value:
            return f"{title} is missing"
        if _EXPONENT.fullmatch(value):
            return f"{title} {value} was rounded by a spreadsheet; format the column as text"
    if not has_imei_format(imei):
        return f"IMEI {imei} is not 15 digits"
    if not has_valid_check_digit(imei):
        return f"IMEI {imei} has a wrong check digit"
    if not has_iccid_format(iccid):
        return f"ICCID {iccid} is not 18 to 20 digits that start with 89"
    return None
