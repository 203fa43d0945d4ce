# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masks secrets in texts, however a service or a proxy may write them."""

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

#: A shorter secret is masked as it is alone: in other forms it would be found in any text.
_MIN_LENGTH = 4
#: Characters of base64 by which a secret is recognised, at least and at most.
_MIN_BASE64 = 6
_MAX_BASE64 = 32
#: Escapes within escapes that are undone, and texts that this may lead to.
_MAX_LEVELS = 3
_MAX_READINGS = 24
#: Deepest level of JSON data that is shown.
_MAX_DEPTH = 100
#: Characters of a text that are looked at for an excerpt, and read in every way …
_MAX_TEXT = 1 << 16
#: … without the last ones, which may be a part of a secret.
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
#: Ways to read a text: all its escapes at once, or those of one kind, as the others may be the secret's own characters.
_WAYS = (_ANY_ESCAPE, *(re.compile(kind, re.DOTALL) for kind in (_PERCENT, _BACKSLASH, _ENTITY)))
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Form(NamedTuple):
    """A way to write a secret: a piece to look for first, in lower case; a pattern; whether it is base64."""

    needle: str
    pattern: str
    is_base64: bool


class _SecretFinder:
    """Finds secrets in a text as it stands.

    Args:
        forms: the ways to write them.
    """

    def __init__(self, forms: Iterable[_Form]) -> None:
        # The longest first: one secret may be the beginning of another.
        self._forms = sorted(forms, key=lambda form: (form.is_base64, -len(form.needle)))
        self._needles = tuple({form.needle for form in self._forms})
        self._pattern: re.Pattern[str] | None = None

    def spans(self, text: str, folded: str | None = None) -> list[tuple[int, int]]:
        """Return where secrets are. `folded`: the text in lower case, where that is known."""
        if not any(map((folded or text.casefold()).__contains__, self._needles)):
            return []
        if self._pattern is None:  # Made when it is first needed: a token may be long.
            parts = (f"({form.pattern})" if form.is_base64 else form.pattern for form in self._forms)
            self._pattern = re.compile("|".join(parts), re.IGNORECASE)
        found: list[tuple[int, int]] = []
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if match.lastindex is not None:  # of base64, all that belongs together
                while start and text[start - 1] in _BASE64:
                    start -= 1
                run = _BASE64_END.match(text, end)
                end = run.end() if run else end
            found.append((start, end))
        return found


class Redactor:
    """Masks secrets in texts; shared by threads.

    A secret is recognised in any case as it is, in hexadecimal and in base64 (with whatever is around it, as in `Basic`
    and a login), and with any of its characters escaped for a URL, JSON, Python or HTML, also twice.
    """

    def __init__(self, *secrets: str | None) -> None:
        self._lock = threading.Lock()
        self._exact: tuple[str, ...] = ()
        self._secrets: dict[str, tuple[_Form, ...]] = {}
        self._finders: dict[int, _SecretFinder] = {}
        for secret in filter(None, secrets):
            self.add(secret)

    def add(self, secret: str) -> None:
        """Have `secret`, where there is one, masked from now on."""
        if not secret:
            return
        with self._lock:
            if len(secret) < _MIN_LENGTH:
                self._exact = tuple(sorted({*self._exact, *_written(secret)}, key=len, reverse=True))
            else:
                self._secrets[secret] = tuple(_forms_of(secret))
                self._finders = {}

    def add_login(self, username: str | None, password: str | None) -> None:
        """Have a password, and the login as `Basic` authentication sends it, masked from now on."""
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
        """Return the text with each secret masked, and with whatever follows the word Bearer."""
        for secret in self._exact:
            text = text.replace(secret, MASK)
        return self.mask(text)

    def mask(self, text: str, min_length: int = _MIN_LENGTH) -> str:
        """Return the text with each secret of at least `min_length` characters masked; the same object where none is.

        For words of the service that are data: a secret of a character or two would be found in any of them.
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
        """Return JSON data with every secret in it masked."""
        if isinstance(data, str):
            return self.redact(data)
        if depth > _MAX_DEPTH and isinstance(data, (Mapping, list)):
            return "(nested too deep)"
        if isinstance(data, Mapping):
            return {self.redact(str(name)): self.redact_all(value, depth + 1) for name, value in data.items()}
        return [self.redact_all(value, depth + 1) for value in data] if isinstance(data, list) else data

    def excerpt(self, text: str, length: int = 200) -> str:
        """Return the first words of an answer: without tags, white space folded, secrets masked."""
        cut = len(text) > _MAX_TEXT
        # Secrets first: they may look like tags, too, or have white space in them.
        text = self.redact(text[:_MAX_TEXT])
        plain = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", text[:-_TAIL] if cut else text)
        return " ".join(plain.split())[:length]


def _written(secret: str) -> set[str]:
    """The usual ways to write a secret."""
    quoted = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
    return {secret, html.escape(secret), quote(secret, safe=""), *(text[1:-1] for text in quoted)}


def _forms_of(secret: str) -> Iterator[_Form]:
    words = secret.split()
    # White space may be folded, or be another one.
    pattern = r"[\s+]+".join(map(re.escape, words)) if words else re.escape(secret)
    yield _Form(max(words, key=len, default=secret).casefold(), pattern, False)
    data = secret.encode("utf-8", "surrogatepass")
    yield _Form(data.hex(), data.hex(), False)
    for core in _base64_cores(data):
        yield _Form(core.casefold(), re.escape(core), True)


def _base64_cores(data: bytes) -> set[str]:
    """The characters that `data` has in any base64 of a text that it is a part of.

    Each stands for 6 bits, so what is before it may shift it by 0, 1 or 2 bytes. Characters that carry bits of what is
    around it are left out.
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
    """Whether a text may have an escape. "AT&T" has none, and is in every other line."""
    return (
        "\\" in text
        or ("%" in text and _FIRST_PERCENT.search(text) is not None)
        or ("&" in text and _FIRST_ENTITY.search(text) is not None)
    )


def _escaped_spans(text: str, finder: _SecretFinder) -> list[tuple[int, int]]:
    """Where secrets are in a text once its escapes are undone, as places in the text itself."""
    found: list[tuple[int, int]] = []
    ways = _WAYS if len(text) <= _MAX_TEXT else _WAYS[:1]
    seen = {text}
    # Each with where its characters begin in the text, and at last where the text ends.
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
    """A text with its escapes undone, and the place of each of its characters."""
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
    """Where the character before `end` ends in the text: several may have come from one escape."""
    last = origins[end - 1]
    return next((origin for origin in islice(origins, end, None) if origin > last), origins[-1])


def _undone(escape: str) -> str | None:
    """What an escape stands for, or None where it is none."""
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
    """The text with each span masked, those that overlap once."""
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        if start >= end:
            pieces += (text[end:start], MASK)
        end = stop
    return "".join((*pieces, text[end:])) if pieces else text
