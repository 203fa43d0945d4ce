# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No error shows a secret, even if the service echoes the request."""

from __future__ import annotations

import traceback

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    RefusedError,
    SentinelError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, Garbage

TOKEN, PASSWORD, FRESH = "tok-secret-1", "pa<b>ss  word&", "fresh-secret-2"


def text_of(request):
    """Return the secrets of a request."""
    return f"{request.headers.get('Authorization')} {request.body.decode()} {PASSWORD}"


ECHOES = {
    "message": lambda said, status: Answer({"message": said}, status),
    "list of errors": lambda said, status: Answer({"errors": [{"detail": said}]}, status),
    "strange field": lambda said, status: Answer({"echo": {"of": [said]}, "more": []}, status),
    "key": lambda said, status: Answer({said: 1}, status),
    "string": Answer,
    "page": lambda said, status: Answer(f"<html><body>{said}</body></html>".encode(), status, content_type="text/html"),
    "plain text": lambda said, status: Answer(said.encode(), status, content_type="text/plain"),
    "broken JSON": lambda said, status: Answer(('{"echo": "' + said).encode(), status, content_type="application/json"),
    "late": lambda said, status: Answer({"message": "x" * 170 + said}, status),
}
CALLS = {
    "carriers": lambda api: api.carriers(),
    "plans": lambda api: api.billing_plans(),
    "stock": lambda api: api.esim_stock("X", "AT&T"),
    "lines": lambda api: api.transaction_lines("T1"),
    "history": lambda api: list(api.transactions()),
    "export": lambda api: api.history_export(list),
    "submission": lambda api: api.submit(SIM.path, {"imei": "1"}),
    "upload": lambda api: api.upload_csv("fleet.csv", b"imei\n"),
}


def check(error, *secrets):
    """Assert that an error shows no part of a secret."""
    shown = f"{error} {error.as_failure()} {error!r} {error.__cause__!r}"
    for secret in secrets:
        assert secret not in shown
    assert "word&" not in shown
    assert "tok-secret" not in shown
    assert "fresh-secret" not in shown


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 429, 500, 503])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES.keys())
def test_an_echo_shows_no_secret(serve, connect, echo, status):
    session = connect(
        serve(lambda request: echo(text_of(request), status)).url, api_password=PASSWORD, request_retries=0
    )
    for call in CALLS.values():
        try:
            call(SentinelAPI(session))
        except SentinelError as error:
            check(error, TOKEN, PASSWORD)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_an_echo_is_an_error_without_the_obtained_token(serve, connect, call):
    def answer(request):
        if request.path.endswith("/token"):
            return Answer({"token": FRESH})
        return Answer({"echo": f"{FRESH} {text_of(request)}"})

    session = connect(serve(answer).url, api_username="u", api_password=PASSWORD, request_retries=0)
    with pytest.raises(SentinelError) as caught:
        call(SentinelAPI(session))
    check(caught.value, FRESH, PASSWORD)
    assert "********" in str(caught.value)


def test_an_echoing_login_shows_no_password(serve, connect):
    for status in (200, 400, 401, 500):
        for echo in ECHOES.values():
            server = serve(lambda request, echo=echo, status=status: echo(request.body.decode(), status))
            session = connect(server.url, api_username="u", api_password=PASSWORD, request_retries=0)
            with pytest.raises(SentinelError) as caught:
                session.get("/x")
            check(caught.value, PASSWORD)


def test_bytes_that_are_not_http_show_no_secret(serve, connect):
    with pytest.raises(SentinelError) as caught:
        connect(serve(Garbage()).url, request_retries=0).get("/x")
    check(caught.value, TOKEN)


@pytest.mark.parametrize("token", ["tok\nsecret-part", "tok-secret\r\n", "tok secret–part"])
def test_a_token_that_cannot_be_sent_is_not_shown(serve, connect, token):
    with pytest.raises(SentinelError) as caught:
        connect(serve(Answer([])).url, api_token=token).get("/x")
    assert "secret" not in str(caught.value)


PROXIES = [
    "http://user:pr0xy-secret#x@127.0.0.1:1",
    "http://user:pr0xy-secret/x@127.0.0.1:1",
    "http://user:pr0xy-secret?x@127.0.0.1:1",
    "http://user:pr0xy-secret[x@127.0.0.1:1",
    "http://user:pr0xy-secret\\x@127.0.0.1:1",
    "http://user:pr0xy-secret@127.0.0.1:port",
    "http://user:pr0xy-secret@127.0.0.1:99999",
    "http://user:pr0xy-secret@:3128",
    "user:pr0xy-secret#x@127.0.0.1:1",
]


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_invalid_proxy_url_is_not_shown(connect, monkeypatch, scheme, proxy):
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    with pytest.raises(UnreachableError, match=r"The proxy URL is not valid\. Check HTTPS_PROXY.*# as %23") as caught:
        connect(f"{scheme}://192.0.2.1/api")
    shown = "".join(traceback.format_exception(type(caught.value), caught.value, None)) + repr(
        caught.value.as_failure()
    )
    assert "pr0xy" not in shown
    connect("https://127.0.0.1/api")  # to which it does not apply


@pytest.mark.parametrize("proxy", ["ftp://user:pr0xy-secret@127.0.0.1:1", "socks5://user:pr0xy-secret@127.0.0.1:1"])
def test_a_proxy_of_another_kind_shows_no_password(connect, monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UnreachableError) as caught:
        connect("http://192.0.2.1/api", request_retries=0).get("/x")
    check(caught.value, "pr0xy")


def test_the_password_of_a_proxy_is_masked(serve, connect, monkeypatch):
    said = "no such user: user:pr0xy-secret@ or user:pr0xy%2Dsecret@"
    proxy = serve(Answer({"message": said}, 400)).url.removesuffix("/api").replace("//", "//user:pr0xy-secret@")
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(RefusedError) as caught:
        connect("http://192.0.2.1/api").get("/x")
    check(caught.value, "pr0xy-secret")
    assert "no such user" in str(caught.value)


def test_a_blank_or_a_line_end_around_the_token_does_no_harm():
    options = ConnectionOptions.read({"api_url": "https://h/api", "api_token": " tok-secret-1\n"}.get)
    assert options.api_token == "tok-secret-1"


def test_options_do_not_show_their_secrets():
    shown = repr(ConnectionOptions("https://h", api_token=TOKEN, api_username="u", api_password=PASSWORD))
    assert TOKEN not in shown
    assert PASSWORD not in shown
    assert "https://h" in shown
