# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a base URL, as far as the URL alone shows it."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, unquote, urlsplit

#: [P] The base URL that the vendor publishes.
DEFAULT_API_URL = "https://api.kajeet.dev/sentinel-proxy/sentinel/api"
#: What requests add to the base URL themselves.
_VERSION_IN_URL = re.compile(r"(?i)/v\d+(?:\.\d+)?(?:/.*)?$")
#: [P], [C] What both published base URLs end with.
_BASE_END = "/sentinel/api"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
#: RFC 3986, section 2.3.
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: An IPv4 address in any notation that systems take: 127.1, 0x7f000001.
_IPV4 = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}$")


def misplaced(url: str) -> list[str]:
    """Return what is wrong with a base URL that has a version, or a whole endpoint, at its end."""
    version = _VERSION_IN_URL.search(urlsplit(url).path)
    if not version:
        return []
    base = url[: len(url) - len(version[0])]
    return [f"api_url: ends with {version[0]}, which each request adds itself; set api_url: {base}"]


def unencrypted(url: str, allowed: bool) -> list[str]:
    """Return why credentials must not go to a URL: without TLS, to another machine. `allowed`: the user allows it."""
    if allowed or urlsplit(url).scheme.lower() != "http" or _is_loopback(url):
        return []
    problem = "api_url: is plain http, and the token or password would be readable on the way"
    return [f"{problem}; use https://, or set allow_http: true where the network is trusted"]


def _is_loopback(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def wrong_url_cure(url: str) -> str:
    """Return what to do where a base URL leads to nothing that answers like Sentinel."""
    if urlsplit(url).path.rstrip("/").endswith(_BASE_END):
        return "Check the host of api_url; the path looks right."
    return f"The path of api_url should end with {_BASE_END}, as in {DEFAULT_API_URL}; set api_url accordingly."


def service_key(url: str) -> str:
    """Return one key for all spellings of one service's base URL, by RFC 3986, section 6.2.

    Scheme and host are in lower case, an internationalised host is in its ASCII form, the addresses of this machine are
    `localhost`, and the default port, a user, a fragment, dot segments and slashes at the end are gone. Encoded
    characters that need no encoding are decoded, the others encoded in capitals. A URL that cannot be read is its own
    key.
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
    """The address that a host is; None for a name."""
    with suppress(ValueError, OSError):
        found = IPv4Address(socket.inet_aton(host)) if _IPV4.match(host) else ip_address(host)
        return getattr(found, "ipv4_mapped", None) or found
    return None


def _percent_key(text: str) -> str:
    """Text of a URL with only the characters encoded that need it."""

    def decoded(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if character in _UNRESERVED else match[0].upper()

    # What is in no URL as it is travels encoded.
    return quote(_PERCENT.sub(decoded, text), safe="%/:?#[]@!$&'()*+,;=-._~")


def _without_dots(path: str) -> str:
    """A path without the segments "." and ".." (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)
