# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a base URL without sending a request."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, unquote, urlsplit

#: [P] The base URL that the vendor publishes.
DEFAULT_API_URL = "https://api.kajeet.dev/sentinel-proxy/sentinel/api"
#: The version in a path, which each request adds itself.
_VERSION_IN_URL = re.compile(r"(?i)/v\d+(?:\.\d+)?(?:/.*)?$")
#: [P], [C] End of both published base URLs.
_BASE_END = "/sentinel/api"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
#: RFC 3986, section 2.3.
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: An IPv4 address in any notation that systems accept, such as 127.1 and 0x7f000001.
_IPV4 = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}$")


def misplaced(url: str) -> list[str]:
    """Return the problem with a base URL that ends in a version or a whole endpoint."""
    version = _VERSION_IN_URL.search(urlsplit(url).path)
    if not version:
        return []
    base = url[: len(url) - len(version[0])]
    return [f"api_url: ends with {version[0]}, which each request adds itself; set api_url: {base}"]


def unencrypted(url: str, allowed: bool) -> list[str]:
    """Return the problem with sending credentials to another machine without TLS, unless the user allows it."""
    if allowed or urlsplit(url).scheme.lower() != "http" or _is_loopback(url):
        return []
    problem = "api_url: is plain http, which would send the token or password unencrypted"
    return [f"{problem}; use https://, or set allow_http: true if you trust the network"]


def _is_loopback(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def wrong_url_cure(url: str) -> str:
    """Return what to do if nothing at a base URL answers like Sentinel."""
    if urlsplit(url).path.rstrip("/").endswith(_BASE_END):
        return "Check the host of api_url; the path looks right."
    return f"The path of api_url should end with {_BASE_END}, as in {DEFAULT_API_URL}; correct api_url."


def service_key(url: str) -> str:
    """Return the same key for all spellings of a service's base URL (RFC 3986, section 6.2).

    Scheme and host become lower case, an internationalised host its ASCII form, and an address of this machine
    `localhost`. The default port, a user, a fragment, dot segments and trailing slashes are removed. Encoded characters
    are decoded if possible, and else encoded in capitals. A URL that cannot be parsed is its own key.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = _host_key(parts.hostname or ""), parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    place = host if port in (None, _DEFAULT_PORTS.get(scheme)) else f"{host}:{port}"
    path = _without_dots(_percent_key(parts.path)).rstrip("/")
    query = f"?{_percent_key(parts.query)}" if parts.query else ""
    return f"{scheme}://{place}{path}{query}"


def _host_key(host: str) -> str:
    host = unquote(host).lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return "localhost"
    address = _address(host)
    if address is not None:
        if address.is_loopback or address.is_unspecified:
            return "localhost"
        return f"[{address}]" if address.version == 6 else str(address)
    with suppress(UnicodeError):
        return host.encode("idna").decode("ascii").lower()
    return host


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, or None for a name."""
    with suppress(ValueError, OSError):
        address = IPv4Address(socket.inet_aton(host)) if _IPV4.match(host) else ip_address(host)
        return getattr(address, "ipv4_mapped", None) or address
    return None


def _percent_key(text: str) -> str:
    """Return text of a URL in which only the characters that need it are encoded."""

    def decoded(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if character in _UNRESERVED else match[0].upper()

    # Characters that a URL cannot have are encoded.
    return quote(_PERCENT.sub(decoded, text), safe="%/:?#[]@!$&'()*+,;=-._~")


def _without_dots(path: str) -> str:
    """Return a path without the segments "." and ".." (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)
