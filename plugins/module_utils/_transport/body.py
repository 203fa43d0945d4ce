# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the body of an answer, whole or line by line; not for hours from a service that only trickles."""

from __future__ import annotations

import codecs
import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .causes import LostError, root_cause

#: A body may take as long as it likes while it comes at so many bytes per second …
LEAST_RATE = 1024
#: … and so many times the request's timeout in any case.
_GRACE = 4
_CHUNK = 1 << 16
#: Byte order marks, the longer ones first, and the charsets that read over them.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
#: A compressed answer may give nothing for a while, which is not its end.
_EMPTY_READS = 20


class Body(io.RawIOBase):
    """The bytes of an answer as they come, decoded.

    Args:
        raw: urllib3's response. `Content-Length` is compared with what came: its older releases do not notice by
            themselves that bytes are missing.
        headers: of the answer.
        timeout: the request's, in seconds. It holds for each read; a service that sends a byte now and then would keep
            a run waiting for hours.
        broken: the library's errors that mean that the answer broke off.

    Raises LostError where the body breaks off, is shorter than announced, or trickles.
    """

    def __init__(
        self,
        raw: Any,
        headers: Mapping[str, str],
        timeout: float,
        broken: tuple[type[Exception], ...],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        announced = headers.get("Content-Length") or ""
        # Compressed or not: bytes are counted as they come over the wire.
        self._announced = int(announced) if announced.isascii() and announced.isdigit() else 0
        self._broken = broken
        # read1 returns what is there; the releases that lack it wait until all that was asked for has come.
        self._read = getattr(raw, "read1", None) or raw.read
        self._raw = raw
        self._rest = b""
        self._clock = clock
        self._started = clock()
        self._grace = timeout * _GRACE
        self._received = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as bytes are there; 0 at the end."""
        if not self._rest:
            self._rest = self._next(len(buffer))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def peek(self, size: int) -> bytes:
        """Return the next bytes without consuming them; fewer than `size` at the end."""
        while len(self._rest) < size:
            more = self._next(size)
            if not more:
                break
            self._rest += more
        return self._rest[:size]

    def _next(self, size: int) -> bytes:
        try:
            data: bytes = self._read(size, decode_content=True)
            for _again in range(_EMPTY_READS):
                if data or self._raw.closed:
                    break
                data = self._read(size, decode_content=True)
        except self._broken as error:
            raise LostError(f"the answer broke off: {root_cause(error)}") from None
        self._received += len(data)
        elapsed = self._clock() - self._started
        if elapsed > self._grace and self._received < elapsed * LEAST_RATE:
            raise LostError(f"the answer only trickles: {self._received} bytes in {elapsed:.0f} s")
        if not data and self._raw.tell() < self._announced:
            raise LostError("the answer broke off")
        return data


def charset_of(first: bytes, kind: str) -> str:
    """Return the charset of a text: that of its byte order mark, else the declared one, else UTF-8.

    Args:
        first: its first bytes, at least four where it has them.
        kind: the content type, such as ``text/csv; charset=utf-16``.

    A declared charset that Python does not know is ignored: headings and identifiers are checked for broken text.
    """
    for mark, charset in _MARKS:
        if first.startswith(mark):
            return charset
    declared = _CHARSET.search(kind)
    try:
        name = codecs.lookup(declared[1]).name if declared else "utf-8"
    except LookupError:
        return "utf-8"
    if name in ("utf-16", "utf-32"):  # Without a mark, Python would take the machine's byte order.
        return name + ("-be" if first[:1] == b"\x00" else "-le")
    return name


def text_lines(body: io.RawIOBase, kind: str = "") -> Iterator[str]:
    """Yield the lines of a body with their ends, as they come. `kind`: its content type, which may name a charset."""
    raw = io.BufferedReader(body, _CHUNK)
    charset = charset_of(raw.peek(4)[:4], kind)
    with io.TextIOWrapper(raw, encoding=charset, errors="replace", newline="") as text:
        yield from text
