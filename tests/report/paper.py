# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a PDF as Chromium writes it, without a library."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
#: An operator that selects a font, or shows glyphs of two bytes each, as hexadecimal digits.
_TEXT = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj|\[(.*?)\] TJ", re.DOTALL)
_CHARACTERS = re.compile(rb"beginbfchar\n(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange\n(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page in drawing order, without blanks between parts."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        number: _glyphs(_stream(objects[int(found[1])]))
        for number, body in objects.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b(?!s)", body)]
    contents = [re.search(rb"/Contents (\d+) 0 R", page) for page in pages]
    return [_text(_stream(objects[int(found[1])]), fonts) for found in contents if found]


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found, body[:80]
    return zlib.decompress(found[1])


def _glyphs(cmap: bytes) -> dict[str, str]:
    """Glyph → character, from a font's ToUnicode."""
    glyphs: dict[str, str] = {}
    for part in _CHARACTERS.findall(cmap):
        codes = [code.decode() for code in _HEX.findall(part)]
        glyphs.update({code.upper(): chr(int(char, 16)) for code, char in zip(codes[::2], codes[1::2])})
    for part in _RANGES.findall(cmap):
        codes = [code.decode() for code in _HEX.findall(part)]
        for first, last, char in zip(codes[::3], codes[1::3], codes[2::3]):
            for offset in range(int(last, 16) - int(first, 16) + 1):
                glyphs[f"{int(first, 16) + offset:04X}"] = chr(int(char, 16) + offset)
    return glyphs


def _text(content: bytes, fonts: dict[int, dict[str, str]]) -> str:
    parts: list[str] = []
    glyphs: dict[str, str] = {}
    for font, shown, spaced in _TEXT.findall(content):
        if font:
            glyphs = fonts.get(int(font), {})
        else:
            codes = (shown or b"".join(_HEX.findall(spaced))).decode().upper()
            parts.append("".join(glyphs.get(codes[at : at + 4], "?") for at in range(0, len(codes), 4)))
    return "".join(parts)
