# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the body of an answer, whole or line by line, with limits for its size and a minimum rate."""

from __future__ import annotations

import codecs
import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

from .causes import LostError, UnreadableError, root_cause
from .exchange import GRACE, MIN_BYTES_PER_SECOND, Exchange
from .inflate import Inflater, inflater_for

#: Maximum size in bytes after decompression: of an answer in memory, of an error text, of a line, and of a download.
MAX_JSON_BYTES = 64 << 20
MAX_ERROR_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20
MAX_STREAM_BYTES = 2 << 30
_CHUNK = 1 << 16
#: Maximum number of digits of a valid Content-Length.
_LENGTH_DIGITS = 18
#: Byte order marks, the longer ones first → the charsets that skip them.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


class Body(io.RawIOBase):
    """The decompressed bytes of an answer as they arrive.

    Args:
        raw: the response of urllib3. `Content-Length` is checked here because its older releases do not notice missing
            bytes.
        headers: headers of the answer.
        timeout: timeout of the request in seconds. It applies to each read, so a minimum rate is checked as well.
        broken: errors of the library for a broken connection.
        exchange: is informed about received content, and may have abandoned the answer.

    Raises LostError if the body breaks off, is shorter than announced, or too slow, and UnreadableError if it is too
    large, has a line that is too long, or has an unknown encoding.
    """

    def __init__(
        self,
        raw: Any,
        headers: Mapping[str, str],
        timeout: float,
        broken: tuple[type[Exception], ...],
        clock: Callable[[], float] = time.monotonic,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__()
        announced = headers.get("Content-Length") or ""
        is_length = announced.isascii() and announced.isdigit() and len(announced) <= _LENGTH_DIGITS
        # Counted in bytes on the wire, before decompression.
        self._announced = int(announced) if is_length else 0
        self._encoding: str | None = headers.get("Content-Encoding") or ""
        self._inflater: Inflater | None = None
        self._broken = broken
        # read1 returns the bytes that are available. Releases without it wait for the requested number.
        self._read = getattr(raw, "read1", None) or raw.read
        self._raw = raw
        self._rest = memoryview(b"")
        self._clock = clock
        self._started = clock()
        self._grace = timeout * GRACE
        self._received = 0
        self._exchange = exchange
        self._limit = MAX_STREAM_BYTES
        self._longest_line: int | None = None
        self._line = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with available bytes and return their number, 0 at the end."""
        if not self._rest:
            # A TextIOWrapper asks for few bytes at a time, and each step down to the socket takes time.
            self._rest = memoryview(self._next(max(len(buffer), _CHUNK)))
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
            self._rest = memoryview(bytes(self._rest) + more)
        return bytes(self._rest[:size])

    def whole(self, limit: int) -> bytes:
        """Return all bytes. Raises UnreadableError if there are more than `limit`."""
        self._limit = limit
        return self.readall() or b""

    def first(self, limit: int) -> bytes:
        """Return at most `limit` bytes from the start. A body that breaks off ends there without an error."""
        start = bytearray()
        with suppress(LostError, UnreadableError):
            while len(start) < limit:
                piece = self.read(min(_CHUNK, limit - len(start)))
                if not piece:
                    break
                start += piece
        return bytes(start)

    def limit_lines(self, longest: int) -> None:
        """Raise an UnreadableError for lines with more than `longest` bytes."""
        self._longest_line = longest

    def _next(self, size: int) -> bytes:
        try:
            data = self._content(size)
        except self._broken as error:
            given_up = self._exchange.problem if self._exchange is not None else None
            raise LostError(given_up or f"the answer broke off: {root_cause(error)}") from None
        self._received += len(data)
        if self._received > self._limit:
            raise UnreadableError(f"the answer is larger than {_megabytes(self._limit)}")
        if self._exchange is not None:
            self._exchange.deliver(len(data))
        self._check_rate()
        if not data and self._raw.tell() < self._announced:
            raise LostError("the answer broke off")
        if self._longest_line is not None:
            self._check_line(data, self._longest_line)
        return data

    def _content(self, size: int) -> bytes:
        """Return the next bytes of content; empty only at the end."""
        if self._encoding is not None:
            self._inflater = inflater_for(self._encoding)
            self._encoding = None
        if self._inflater is None:
            return self._read(size, decode_content=False) or b""
        data = self._inflater.feed(b"", size)
        while not data:
            wire = self._read(size, decode_content=False)
            if not wire:
                if not self._inflater.is_complete:
                    raise LostError("the answer broke off")
                break
            data = self._inflater.feed(wire, size)
            self._check_rate()
        return data

    def _check_rate(self) -> None:
        elapsed = self._clock() - self._started
        if elapsed > self._grace and self._received < elapsed * MIN_BYTES_PER_SECOND:
            raise LostError(f"the answer is too slow: {self._received} bytes in {elapsed:.0f} s")

    def _check_line(self, data: bytes, longest: int) -> None:
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = len(data) - end - 1 if end >= 0 else self._line + len(data)
        if self._line > longest:
            raise UnreadableError(f"a line of the answer is longer than {_megabytes(longest)}")


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):g} MB"


def charset_of(first: bytes, kind: str) -> str:
    """Return the charset of a text: by its byte order mark, else the declared one, else UTF-8.

    Args:
        first: the first bytes, at least four if there are as many.
        kind: the content type, such as ``text/csv; charset=utf-16``.

    A declared charset that Python does not support is ignored: headers and identifiers are checked for broken text.
    """
    for mark, charset in _MARKS:
        if first.startswith(mark):
            return charset
    declared = _CHARSET.search(kind)
    try:
        name = codecs.lookup(declared[1]).name if declared else "utf-8"
    except LookupError:
        return "utf-8"
    if name in ("utf-16", "utf-32"):  # without a mark, Python would use the byte order of the machine
        return name + ("-be" if first[:1] == b"\x00" else "-le")
    return name


def text_lines(body: io.RawIOBase, kind: str = "") -> Iterator[str]:
    """Return the lines of a body with their line ends. `kind`: the content type, which may declare a charset."""
    return chain.from_iterable(_batches(body, kind))


def _batches(body: io.RawIOBase, kind: str) -> Iterator[list[str]]:
    """Yield the lines of a body in batches: one step per line would take as long as splitting the text."""
    raw = io.BufferedReader(body, _CHUNK)
    charset = charset_of(raw.peek(4)[:4], kind)
    with io.TextIOWrapper(raw, encoding=charset, errors="replace", newline="") as text:
        while lines := text.readlines(_CHUNK):
            yield lines
