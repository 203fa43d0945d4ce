# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decompresses an answer in pieces of limited size: a few bytes may expand to gigabytes."""

from __future__ import annotations

import zlib
from typing import Any

from .causes import LostError, UnreadableError

_GZIP = b"\x1f\x8b"
_NONE = ("", "identity")


class Inflater:
    """Decompresses gzip or deflate.

    Args:
        encoding: `gzip`, `x-gzip` or `deflate`.
    """

    def __init__(self, encoding: str) -> None:
        self._gzip = encoding != "deflate"
        self._zlib: Any = None  # created with the first bytes
        self._tail = b""
        self._over = False
        self._members = 0
        #: Whether the content is complete, or has not begun.
        self.is_complete = True

    def feed(self, data: bytes, size: int) -> bytes:
        """Return at most `size` bytes of content. Raises LostError for invalid data.

        Args:
            data: more bytes, or nothing to continue with earlier ones.
            size: maximum number of bytes, at least 1.
        """
        self._tail += data
        content = b""
        while not content and not self._over and self._begun():
            self.is_complete = False
            try:
                content = self._zlib.decompress(self._tail, size)
            except zlib.error as error:
                raise LostError(f"the answer broke off: {error}") from None
            if self._zlib.eof:
                self._tail = self._zlib.unused_data
                self._zlib = None
                self.is_complete = True
                self._over = not self._gzip
            else:
                self._tail = self._zlib.unconsumed_tail
                if not self._tail:
                    break
        return content

    def _begun(self) -> bool:
        """Whether there are bytes to decompress; prepares zlib. Several gzip members are one content."""
        if self._zlib is not None:
            return bool(self._tail)
        if len(self._tail) < 2:
            return False
        if self._gzip:
            # Bytes after the last member are ignored.
            self._over = not self._tail.startswith(_GZIP) and self._members > 0
            self._members += 1
            self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
            return not self._over
        # RFC 9110 means zlib's format; some servers send deflate without its header.
        has_header = self._tail[0] & 0x0F == 8 and int.from_bytes(self._tail[:2], "big") % 31 == 0
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        return True


def inflater_for(encoding: str) -> Inflater | None:
    """Return the inflater for a Content-Encoding, or None for no encoding.

    Raises UnreadableError for other encodings.
    """
    folded = encoding.strip().lower()
    if folded in _NONE:
        return None
    if folded in ("gzip", "x-gzip", "deflate"):
        return Inflater(folded)
    raise UnreadableError(f"the answer has the unsupported encoding {encoding[:40]!r}")
