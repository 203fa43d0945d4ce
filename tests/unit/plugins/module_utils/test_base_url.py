# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base URL: valid and invalid URLs, and passwords in them that are never shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions, secrets_of

HOST = "h.example/sentinel/api"
#: Beginnings of URLs as people type them.
BEGINNINGS = (
    *("https://", "http://", "HTTPS://", "Https://", "", "https:/", "https//", "https:", "//", "://", "ftp://"),
    *("https:///", "https:\\\\", " https://", "htttps://", '"https://', "https ://"),
)
#: Passwords with delimiters of URLs. They are odd enough to appear in a message only if they are shown.
PASSWORDS = st.text("QX#?/@:%\\&= ;'\"[]", min_size=1, max_size=6).map(lambda text: f"Zq{text}Jw")


def read(url, **given):
    """Returns the base URL of connection options."""
    values = dict.fromkeys(ConnectionOptions.__dataclass_fields__)
    return ConnectionOptions.read({**values, "api_url": url, **given}.get).api_url


def problem_of(url):
    """Returns the only problem of a URL, without the option's name."""
    with pytest.raises(InputError) as caught:
        read(url)
    (problem,) = caught.value.problems
    assert problem.startswith("api_url: ")
    return problem.partition(": ")[2]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (" https://h/api// ", "https://h/api"),
        ("HTTPS://H.example/Api", "https://H.example/Api"),
        ("Http://127.0.0.1:8642", "http://127.0.0.1:8642"),
        ("https://[2001:db8::1]:443/api", "https://[2001:db8::1]:443/api"),
        ("https://[fe80::1%25eth0]/api", "https://[fe80::1%25eth0]/api"),
        ("https://sentinel_sim:8080/a-b.c~d/%2D", "https://sentinel_sim:8080/a-b.c~d/%2D"),
        ("https://münchen.example/api", "https://münchen.example/api"),
        ("https://h:/api", "https://h:/api"),
    ],
)
def test_a_valid_url_is_normalised(written, url):
    assert read(written) == url


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("h/api", "'h/api' is not a URL; it must start with https:// (or http://)"),
        ("api.kajeet.dev", "'api.kajeet.dev' is not a URL; it must start with https:// (or http://)"),
        ("h:8443/api", "is not a URL (not shown, because it may contain a password); it must start with https://"),
        ("ftp://h", "is not a URL (not shown, because it may contain a password); it must start with https://"),
        ("https:/h", "is not a URL (not shown"),
        ("", "is empty; it must start with https:// (or http://)"),
        (None, "is empty; it must start with https:// (or http://)"),
        ("https://", "has no host; set it to a URL such as https://api.kajeet.dev/"),
        ("https:///api", "has no host"),
        ("https://:8443/api", "has no host"),
        ("https://h,i/api", "its host is neither a name nor an IP address"),
        ("https://[::1/api", "its host is neither a name nor an IP address"),
        ("https://[fe80]/api", "its host is neither a name nor an IP address"),
        ("https://user:word", "its port is not a number from 0 to 65535"),
        ("https://h:65536/api", "its port is not a number from 0 to 65535"),
        ("https://h:" + "1" * 5000, "its port is not a number from 0 to 65535"),
        ("https://h/a b", "its path has a blank"),
        ("https://h/a\\b", "its path has a blank, a backslash"),
        ("https://h/a\x1b[31m", "its path has a blank, a backslash or a control character"),
    ],
)
def test_an_invalid_url_is_refused(url, problem):
    assert problem_of(url).startswith(problem)


@pytest.mark.parametrize(
    ("end", "name"),
    [("?corp=1", 'a query ("?")'), ("?", 'a query ("?")'), ("#top", 'a fragment ("#")'), ("#", 'a fragment ("#")')],
)
def test_a_query_or_a_fragment_is_refused_without_being_shown(end, name):
    problem = problem_of(f"https://h/api{end}")
    assert problem.startswith(f"has {name}, which a base URL cannot have")
    assert "corp" not in problem
    assert "top" not in problem


@pytest.mark.parametrize(
    "url", ["https://me:word@h/api", "https://me@h/api", "https://h/api/me@h", "https://h/%2540", "https://me:1\uff20h"]
)
def test_possible_credentials_are_refused_with_the_options_to_use(url):
    problem = problem_of(url)
    assert problem.startswith('contains credentials or another "@" (not shown)')
    assert "set api_username and api_password, or api_token" in problem


@given(st.sampled_from(BEGINNINGS), st.sampled_from(("me", "")), PASSWORDS, st.sampled_from((HOST, "h", "h:1", "")))
@example("https://", "me", "1234/Zq", HOST)  # a host "me" with a port
@example("", "me", "1234/Zq", HOST)
@example("https://", "me", "1234#Zq", HOST)
@example("https://", "me", "1234?Zq", HOST)
@example("https://", "me", "Zq\uff20", HOST)  # urlsplit raises an error that quotes it
def test_a_password_in_a_mistyped_url_is_never_shown(beginning, user, password, host):
    for written in (password, quote(password, safe="")):
        for at in ("@", "%40"):
            url = f"{beginning}{user}:{written}{at}{host}"
            with pytest.raises(InputError) as caught:
                read(url, concurrency=0, api_token="tok-1")
            assert password not in str(caught.value)
            assert written not in str(caught.value)
            assert "Zq" not in str(caught.value)


@given(st.text(), st.sampled_from(({}, {"api_token": "tok-1"})))
@example("[v1.a]", {})
@example("[::1%25a]:1", {"api_token": "tok-1"})
@example("\u2100", {})
def test_any_text_is_a_url_or_an_input_error(text, secret):
    try:
        url = read(f"http://{text}", **secret)
    except InputError:
        return
    assert url.startswith("http://")
    assert not set("@?#\\ \n") & set(url)


@given(st.sampled_from(BEGINNINGS), PASSWORDS)
def test_the_password_and_the_url_are_secrets_of_the_run(beginning, password):
    url = f"{beginning}me:{password}@{HOST}"
    secrets = secrets_of({"api_url": url}.get)
    assert url in secrets
    shown = url
    for secret in sorted(secrets[1:], key=len):
        shown = shown.replace(secret, "*")
    assert password not in shown


@pytest.mark.parametrize("url", ["https://h/api", "HTTPS://h:8080/api/", "h/api", "", None])
def test_a_url_without_a_password_is_not_secret(url):
    assert secrets_of({"api_url": url}.get) == []


def test_a_very_short_part_is_not_masked():
    assert "b" not in secrets_of({"api_url": "https://a:b@h"}.get)
