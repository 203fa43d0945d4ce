# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masks secrets in texts, in every encoding that a service or a proxy may use."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from .._options.secrecy import MASK

#: Shorter secrets are masked only in plain form: their other forms would match in any text.
_MIN_LENGTH = 4
#: Minimum and maximum number of base64 characters by which a secret is recognised.
_MIN_BASE64 = 6
_MAX_BASE64 = 32
#: Maximum depth of nested escapes that are decoded, and maximum number of resulting texts.
_MAX_LEVELS = 3
_MAX_READINGS = 24
#: Maximum depth of JSON data that is shown.
_MAX_DEPTH = 100
#: Maximum number of characters of a text for an excerpt, and for decoding in every way …
_MAX_TEXT = 1 << 16
#: … without the last ones, which may be part of a secret.
_TAIL = 1 << 12
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
_BASE64_END = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}")
_PERCENT = r"(?:%[0-9a-fA-F]{2})+"
_BACKSLASH = (
    r"\\[uU][dD][89abAB][0-9a-fA-F]{2}\\[uU][dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)"
)
_ENTITY = r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
_ANY_ESCAPE = re.compile(f"{_PERCENT}|{_BACKSLASH}|{_ENTITY}", re.DOTALL)
_FIRST_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_FIRST_ENTITY = re.compile(r"&[#A-Za-z][A-Za-z0-9]")
#: Ways to decode a text: all escapes, or only one kind, because the others may be characters of the secret.
_WAYS = (_ANY_ESCAPE, *(re.compile(kind, re.DOTALL) for kind in (_PERCENT, _BACKSLASH, _ENTITY)))
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Form(NamedTuple):
    """A form of a secret: a lower-case part for a quick search, a pattern, and whether it is base64."""

    needle: str
    pattern: str
    is_base64: bool


class _SecretFinder:
    """Finds secrets in a text without decoding it.

    Args:
        forms: the forms of the secrets.
    """

    def __init__(self, forms: Iterable[_Form]) -> None:
        # The longest first: one secret may be the start of another.
        self._forms = sorted(forms, key=lambda form: (form.is_base64, -len(form.needle)))
        self._needles = tuple({form.needle for form in self._forms})
        self._pattern: re.Pattern[str] | None = None

    def spans(self, text: str, folded: str | None = None) -> list[tuple[int, int]]:
        """Return the places of secrets. `folded`: the text in lower case, if known."""
        if not any(map((folded or text.casefold()).__contains__, self._needles)):
            return []
        if self._pattern is None:  # compiled when first needed: a token may be long
            parts = (f"({form.pattern})" if form.is_base64 else form.pattern for form in self._forms)
            self._pattern = re.compile("|".join(parts), re.IGNORECASE)
        found: list[tuple[int, int]] = []
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if match.lastindex is not None:  # extend to the whole base64 text
                while start and text[start - 1] in _BASE64:
                    start -= 1
                run = _BASE64_END.match(text, end)
                end = run.end() if run else end
            found.append((start, end))
        return found


class Redactor:
    """Masks secrets in texts. Thread-safe.

    A secret is recognised in plain form, in hexadecimal and in base64, in upper or lower case. Base64 may include other
    text, as in `Basic` authentication. Characters may be escaped for a URL, JSON, Python or HTML, also twice.
    """

    def __init__(self, *secrets: str | None) -> None:
        self._lock = threading.Lock()
        self._exact: tuple[str, ...] = ()
        self._secrets: dict[str, tuple[_Form, ...]] = {}
        self._finders: dict[int, _SecretFinder] = {}
        for secret in filter(None, secrets):
            self.add(secret)

    def add(self, secret: str) -> None:
        """Mask `secret` from now on. An empty secret is ignored."""
        if not secret:
            return
        with self._lock:
            if len(secret) < _MIN_LENGTH:
                self._exact = tuple(sorted({*self._exact, *_written(secret)}, key=len, reverse=True))
            else:
                self._secrets[secret] = tuple(_forms_of(secret))
                self._finders = {}

    def add_login(self, username: str | None, password: str | None) -> None:
        """Mask a password, and the login in the form of `Basic` authentication, from now on."""
        if not password:
            return
        self.add(password)
        login = f"{username or ''}:{password}".encode()
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(login).decode().rstrip("=")
            with self._lock:
                self._secrets[encoded] = (_Form(encoded.casefold(), re.escape(encoded), True),)
                self._finders = {}

    def redact(self, text: str) -> str:
        """Return the text with all secrets and every text after the word Bearer masked."""
        for secret in self._exact:
            text = text.replace(secret, MASK)
        return self.mask(text)

    def mask(self, text: str, min_length: int = _MIN_LENGTH) -> str:
        """Return the text with secrets of at least `min_length` characters masked; without secrets, the same object.

        For data of the service, in which a very short secret would match by chance.
        """
        finder = self._finders.get(min_length) or self._make_finder(min_length)
        folded = text.casefold()
        spans = finder.spans(text, folded)
        if _has_escape(text):
            spans += _escaped_spans(text, finder)
        if spans:
            text = _masked(text, spans)
        return _BEARER.sub(r"\1" + MASK, text) if "bearer" in folded else text

    def _make_finder(self, min_length: int) -> _SecretFinder:
        with self._lock:
            made = _SecretFinder(
                form for secret, every in self._secrets.items() if len(secret) >= min_length for form in every
            )
            self._finders[min_length] = made
            return made

    def redact_all(self, data: Any, depth: int = 0) -> Any:
        """Return JSON data with all secrets masked."""
        if isinstance(data, str):
            return self.redact(data)
        if depth > _MAX_DEPTH and isinstance(data, (Mapping, list)):
            return "(nested too deep)"
        if isinstance(data, Mapping):
            return {self.redact(str(name)): self.redact_all(value, depth + 1) for name, value in data.items()}
        return [self.redact_all(value, depth + 1) for value in data] if isinstance(data, list) else data

    def excerpt(self, text: str, length: int = 200) -> str:
        """Return an excerpt of an answer without tags, with folded white space and masked secrets."""
        cut = len(text) > _MAX_TEXT
        # Mask first: secrets may look like tags or have white space.
        text = self.redact(text[:_MAX_TEXT])
        plain = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", text[:-_TAIL] if cut else text)
        return " ".join(plain.split())[:length]


def _written(secret: str) -> set[str]:
    """Return the usual forms of a secret."""
    quoted = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
    return {secret, html.escape(secret), quote(secret, safe=""), *(text[1:-1] for text in quoted)}


def _forms_of(secret: str) -> Iterator[_Form]:
    words = secret.split()
    # White space may be folded or replaced.
    pattern = r"[\s+]+".join(map(re.escape, words)) if words else re.escape(secret)
    yield _Form(max(words, key=len, default=secret).casefold(), pattern, False)
    data = secret.encode("utf-8", "surrogatepass")
    yield _Form(data.hex(), data.hex(), False)
    for core in _base64_cores(data):
        yield _Form(core.casefold(), re.escape(core), True)


def _base64_cores(data: bytes) -> set[str]:
    """Return the base64 characters of `data` inside a longer text.

    A character has 6 bits, so the text before `data` shifts it by 0, 1 or 2 bytes. Characters with bits of the
    surrounding text are left out.
    """
    cores = set()
    for shift in range(3):
        first = -(-8 * shift // 6)
        last = 8 * (shift + len(data)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(bytes(shift) + data).decode()[first:last][:_MAX_BASE64]
            if len(core) >= _MIN_BASE64:
                cores.add(core)
    return cores


def _has_escape(text: str) -> bool:
    """Whether a text may have an escape. The frequent "AT&T" has none."""
    return (
        "\\" in text
        or ("%" in text and _FIRST_PERCENT.search(text) is not None)
        or ("&" in text and _FIRST_ENTITY.search(text) is not None)
    )


def _escaped_spans(text: str, finder: _SecretFinder) -> list[tuple[int, int]]:
    """Return the places in a text of secrets that appear when its escapes are decoded."""
    found: list[tuple[int, int]] = []
    ways = _WAYS if len(text) <= _MAX_TEXT else _WAYS[:1]
    seen = {text}
    # Each text with the place of each of its characters in the original, and the end of the original.
    level: list[tuple[str, Sequence[int]]] = [(text, range(len(text) + 1))]
    for _level in range(_MAX_LEVELS):
        below: list[tuple[str, Sequence[int]]] = []
        for reading, places in level:
            for way in ways:
                plain, origins = _read(reading, places, way)
                if plain not in seen and len(seen) < _MAX_READINGS:
                    seen.add(plain)
                    below.append((plain, origins))
                    found += [(origins[start], _end_of(origins, end)) for start, end in finder.spans(plain)]
        level = below
    return found


def _read(text: str, places: Sequence[int], escape: re.Pattern[str]) -> tuple[str, Sequence[int]]:
    """Return a text with decoded escapes, and the place of each of its characters."""
    pieces: list[str] = []
    origins: list[int] = []
    end = 0
    for match in escape.finditer(text):
        undone = _undone(match[0])
        if undone is not None:
            pieces += (text[end : match.start()], undone)
            origins += places[end : match.start()]
            origins += [places[match.start()]] * len(undone)
            end = match.end()
    return "".join((*pieces, text[end:])), [*origins, *places[end:]]


def _end_of(origins: Sequence[int], end: int) -> int:
    """Return the end of the character before `end` in the original: one escape may give several characters."""
    last = origins[end - 1]
    return next((origin for origin in islice(origins, end, None) if origin > last), origins[-1])


def _undone(escape: str) -> str | None:
    """Decode an escape. Return None if it is not one."""
    if escape[0] == "%":
        data = bytes.fromhex(escape.replace("%", ""))
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")
    if escape[0] == "&":
        plain = html.unescape(escape)
        return None if plain == escape else plain
    if len(escape) == 2:
        return _CONTROLS.get(escape[1], escape[1])
    units = [int(unit[1:], 16) for unit in escape.split("\\")[1:]]
    if len(units) == 2:
        return chr(0x10000 + ((units[0] & 0x3FF) << 10) + (units[1] & 0x3FF))
    return chr(units[0]) if units[0] <= 0x10FFFF else None


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with each span masked. Overlapping spans are masked once."""
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        if start >= end:
            pieces += (text[end:start], MASK)
        end = stop
    return "".join((*pieces, text[end:])) if pieces else text
