# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the base URL, without ever showing a possible password in it."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import unquote

from .urls import DEFAULT_API_URL

_URL = re.compile(r"(?is)(https?)://(\[[^\]/]*\]|[^/:]*)(?::([^/]*))?(/.*)?")
_HOST = re.compile(r"[\w.-]+")
_PORT = re.compile(r"0*([0-9]{0,5})")
#: A host and a path that are safe to show: no sign in them separates a user from a password.
_PLAIN = re.compile(r"[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~-]*)*")
_NOT_SHOWN = "not shown, because it may contain a password"
#: Minimum length of a masked part: masking one or two letters would make any text unreadable.
_SHORTEST = 4


def read_base_url(value: Any, problems: list[str]) -> str:
    """Return a base URL without surrounding blanks and trailing slashes, its scheme in lower case.

    Problems with it are added to `problems`. They quote only a plain host and path.
    """
    text = str(value or "").strip()
    problem = _problem(text)
    if problem:
        problems.append(f"api_url: {problem}")
    scheme, separator, rest = text.partition("://")
    return (scheme.lower() + separator + rest).rstrip("/")


def secrets_in_url(value: Any) -> list[str]:
    """Return the parts of a base URL that may be a password, as written and decoded. The whole URL comes first.

    The list is empty for a valid URL, and for a plain host and path.
    """
    raw = str(value or "")
    text = raw.strip()
    if not _problem(text) or _PLAIN.fullmatch(text):
        return []
    parts: list[str] = []
    for written in (text, unquote(text)):
        user, _at, _host = written.rpartition("@")
        # The scheme may be mistyped, and a password may have any signs: it may follow any of the colons.
        pieces = user.split(":")
        after_colon = [":".join(pieces[place:]) for place in range(len(pieces))]
        parts += [part for piece in after_colon for part in (piece, piece.lstrip("/\\"))]
    longer = [part for part in parts + [unquote(part) for part in parts] if len(part) >= _SHORTEST]
    return list(dict.fromkeys([raw, text, *longer]))


def _problem(text: str) -> str | None:
    """Return the problem with a URL, or None."""
    if _has_at(text):
        return (
            'contains credentials or another "@" (not shown); remove them, and set api_username and api_password, or '
            "api_token, instead"
        )
    for sign, name in (("?", "query"), ("#", "fragment")):
        if sign in text:
            return f'has a {name} ("{sign}"), which a base URL cannot have ({_NOT_SHOWN}); remove it'
    parts = _URL.fullmatch(text)
    if parts is None:
        return _not_a_url(text)
    host, port, path = parts[2], parts[3], parts[4] or ""
    if not host:
        return f"has no host; set it to a URL such as {DEFAULT_API_URL}"
    if not _is_host(host):
        return f"its host is neither a name nor an IP address ({_NOT_SHOWN})"
    if port and not _is_port(port):
        return f"its port is not a number from 0 to 65535 ({_NOT_SHOWN})"
    if not path.isprintable() or re.search(r"[\s\\]", path):
        return f"its path has a blank, a backslash or a control character ({_NOT_SHOWN})"
    return None


def _not_a_url(text: str) -> str:
    cure = "it must start with https:// (or http://)"
    if not text:
        return f"is empty; {cure}"
    return f"{text!r} is not a URL; {cure}" if _PLAIN.fullmatch(text) else f"is not a URL ({_NOT_SHOWN}); {cure}"


def _has_at(text: str) -> bool:
    """Whether a URL has an "@" in any encoding: a user and a password may precede it."""
    while (decoded := unquote(text)) != text:
        text = decoded
    return "@" in unicodedata.normalize("NFKC", text)


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return bool(_HOST.fullmatch(host))
    try:
        return bool(IPv6Address(host[1:-1].replace("%25", "%")))
    except ValueError:
        return False


def _is_port(port: str) -> bool:
    digits = _PORT.fullmatch(port)
    return digits is not None and int(digits[1] or 0) <= 65535
