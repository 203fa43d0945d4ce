# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a base URL, as far as the URL alone shows it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

#: [P] The base URL that the vendor publishes.
DEFAULT_API_URL = "https://api.kajeet.dev/sentinel-proxy/sentinel/api"
#: What requests add to the base URL themselves.
_VERSION_IN_URL = re.compile(r"(?i)/v\d+(?:\.\d+)?(?:/.*)?$")
#: [P], [C] What both published base URLs end with.
_BASE_END = "/sentinel/api"


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
