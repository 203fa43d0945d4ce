# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of services: all spellings of a URL have the same key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._options.urls import DEFAULT_API_URL, service_key

SAME = {
    "https://api.example/sentinel/api": [
        "HTTPS://API.Example/sentinel/api",
        "https://api.example:443/sentinel/api/",
        "https://api.example:/sentinel/api",
        "https://api.example./sentinel/api//",
        "https://api.example/./sentinel/x/../api",
        "https://api.example/x/%2e%2E/sentinel/%2E/api",
        "https://api.example/%73entinel/api",
        "https://api.example/../sentinel/api/.",
        "https://user:word@api.example/sentinel/api#part",
        " https://api.example/sentinel/api\n",
        "https://%61pi.example/sentinel/api",
        "https://api.example:0443/sentinel/api",
    ],
    "http://localhost:8080/api": [
        "http://127.0.0.1:8080/api",
        "http://[::1]:8080/api",
        "http://127.8.9.1:08080/api",
        "http://LOCALHOST.:8080/api",
        "http://[0:0:0:0:0:0:0:1]:8080/api",
        "http://[::ffff:127.0.0.1]:8080/api",
        "http://sentinel.localhost:8080/api",
        "http://127.1:8080/api",
        "http://0x7f000001:8080/api",
        "http://2130706433:8080/api",
    ],
    "http://localhost": ["http://127.0.0.1:80", "http://localhost/", "http://[::1]/."],
    "https://xn--mnchen-3ya.example/a%2Fb-c": [
        "https://münchen.example/a%2fb%2Dc",
        "https://MÜNCHEN.example/a%2Fb-c",
        "https://xn--MNCHEN-3ya.example/a%2fb%2dc/",
    ],
    "http://[2001:db8::1]:81": ["http://[2001:DB8:0::0:1]:81/"],
    "https://h/%C3%BC": ["https://h/ü", "https://h/%c3%bc"],
    "https://h/a?b=%2F": ["https://h/a/?b=%2f"],
}


@pytest.mark.parametrize(("key", "url"), [(key, url) for key, urls in SAME.items() for url in (key, *urls)])
def test_all_urls_of_a_service_have_the_same_key(key, url):
    assert service_key(url) == key


def test_different_services_have_different_keys():
    urls = [
        *SAME,
        "https://localhost",
        "http://localhost:81",
        "http://localhost/API",
        "http://localhost/a%2Fb",
        "http://localhost/a/b",
        "http://128.0.0.1",
        "http://localhost.example",
        DEFAULT_API_URL,
    ]
    assert len(set(map(service_key, urls))) == len(urls)


@pytest.mark.parametrize("url", ["http://[::1", "https://h:port/api", "https://h:99999", "no URL", ""])
def test_a_text_that_is_not_a_url_is_its_own_key(url):
    assert isinstance(service_key(url), str)
    assert url in (service_key(url), "no URL", "")


@given(st.text(max_size=20), st.text(max_size=30))
def test_the_key_of_a_key_is_itself(host, path):
    key = service_key(f"https://{host}/{path}")
    assert service_key(key) == key or not key.startswith("https://h")


@given(st.from_regex(r"\A(/[a-z%2-7EF.~-]{0,6}){0,5}\Z"))
def test_the_key_of_a_path_is_itself(path):
    key = service_key(f"https://api.example{path}")
    assert service_key(key) == key
