# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read-only calls: retried if that may help, otherwise a clear error."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import attempts
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
    Garbage,
    Reset,
    Server,
    Silence,
    closed_port,
)

MOMENTARY = [Answer({"message": "busy"}, status) for status in (408, 502, 503, 504)]
LOST = [Reset(), Broken(b'{"a": 1}'), Broken([1, 2]), Garbage(), Answer(b'{"a": ', content_type="application/json")]


@pytest.mark.parametrize("first", MOMENTARY + LOST, ids=lambda answer: f"{type(answer).__name__}")
def test_a_read_is_retried(serve, connect, first):
    server = serve(first, first, Answer({"ok": True}))
    session = connect(server.url)
    assert session.get("/x") == {"ok": True}
    assert session.statistics() == {"reads": 3, "writes": 0, "retried": 2, "throttled_seconds": 0}


@pytest.mark.parametrize(("answer", "kind"), [(MOMENTARY[2], ServiceError), (Reset(), UnreachableError)])
def test_a_read_fails_after_its_retries_and_reports_their_number(serve, connect, answer, kind):
    server = serve(answer)
    with pytest.raises(kind, match=r"\(tried 4 times in \d+ s\)"):
        connect(server.url, request_retries=3).get("/x")
    assert len(server.requests) == 4


def test_pauses_between_attempts_grow(serve, connect, clock, monkeypatch):
    monkeypatch.setattr(attempts, "backoff", lambda attempt: 2.0**attempt)
    with pytest.raises(ServiceError):
        connect(serve(MOMENTARY[1]).url, request_retries=4).get("/x")
    assert clock.slept == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (Answer({"message": "no such carrier"}, 400), RefusedError, "The service says: no such carrier"),
        (Answer({"message": "gone"}, 404), RefusedError, "(HTTP 404)"),
        (Answer({"message": "no"}, 403), ScopeError, "the scope aux_activation"),
        (Answer({"message": "bug"}, 500), ServiceError, "The service says: bug"),
        (Answer(b"<h1>Moved</h1>", 302, {"Location": "/api/other"}), UnexpectedAnswerError, "HTTP 302"),
    ],
)
def test_permanent_failures_are_not_retried(serve, connect, answer, kind, message):
    server = serve(answer)
    with pytest.raises(kind) as caught:
        connect(server.url).get("/x", scope="aux_activation")
    assert message in str(caught.value)
    assert str(caught.value).startswith("GET /x: ")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"<html><body>Sign in</body></html>", content_type="text/html"), "HTML"),
        (Answer(b"ok", content_type="text/plain"), "the answer is not JSON: ok"),
        (Answer(b"", 204), "(empty)"),
    ],
)
def test_an_answer_without_data_is_requested_twice_more(serve, connect, answer, message):
    server = serve(answer)
    with pytest.raises(UnexpectedAnswerError) as caught:
        connect(server.url).get("/x")
    assert message in str(caught.value)
    assert len(server.requests) == 3
    assert connect(serve(answer, answer, Answer({"ok": True})).url).get("/x") == {"ok": True}


def test_a_timeout_is_a_lost_answer(serve, connect):
    server = serve(Silence(), Answer([]))
    assert connect(server.url, request_timeout=0.2).get("/x") == []
    with pytest.raises(UnreachableError, match=r"no answer within 0\.2 s"):
        connect(serve(Silence()).url, request_timeout=0.2, request_retries=0).get("/x")


def test_an_unreachable_service_is_reported_with_the_attempts(connect):
    port = closed_port()
    with pytest.raises(UnreachableError) as caught:
        connect(f"http://127.0.0.1:{port}/api", request_retries=2).get("/x")
    message = str(caught.value)
    assert f"http://127.0.0.1:{port}/api cannot be reached: connection refused (tried 3 times in" in message
    assert "HTTPS_PROXY" in message


def test_an_unknown_host_name_is_reported(connect, monkeypatch):
    def unknown(*_args, **_how):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError, match="cannot be reached: name or service not known"):
        connect("http://sentinel.invalid/api", request_retries=0).get("/x")


def test_a_service_that_starts_late_is_reached(connect, clock):
    port = closed_port()
    servers = []

    def sleep(seconds):
        clock.sleep(seconds)
        if not servers:
            servers.append(Server(Answer({"ok": True}), port=port))

    try:
        assert connect(f"http://127.0.0.1:{port}/api", sleep=sleep).get("/x") == {"ok": True}
    finally:
        servers[0].stop()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (None, "/api/x"),
        ({}, "/api/x"),
        ({"carrier": "AT&T"}, "/api/x?carrier=AT%26T"),
        ({"carrier": "Verizon Priority"}, "/api/x?carrier=Verizon%20Priority"),
        ({"offset": 0, "limit": None, "sortDir": "ASC"}, "/api/x?offset=0&sortDir=ASC"),
    ],
)
def test_a_query_is_encoded_as_published(serve, connect, query, path):
    server = serve(Answer([]))
    connect(server.url).get("/x", query)
    assert server.requests[0].path == path


def test_a_request_has_the_expected_headers(serve, connect):
    server = serve(Answer([]))
    connect(server.url).get("/x")
    headers = server.requests[0].headers
    assert headers["Authorization"] == "Bearer tok-secret-1"
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("kajeet.sentinel")


def test_a_redirect_is_not_followed_and_the_token_is_not_sent_elsewhere(serve, connect):
    elsewhere = serve(Answer([]))
    server = serve(Answer(b"", 307, {"Location": elsewhere.url}))
    with pytest.raises(UnexpectedAnswerError):
        connect(server.url).get("/x")
    assert elsewhere.requests == []


def test_netrc_cannot_replace_the_token(serve, connect, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(Answer([]))
    connect(server.url).get("/x")
    assert server.requests[0].headers["Authorization"] == "Bearer tok-secret-1"


def test_an_upload_is_retried_like_a_read(serve, connect):
    server = serve(Reset(), MOMENTARY[2], Answer([{"imei": "1"}]))
    assert connect(server.url).upload("/x", "fleet.csv", b"imei,iccid\n") == [{"imei": "1"}]
    body = server.requests[2].body
    assert b'name="file"; filename="fleet.csv"' in body
    assert b"imei,iccid\n" in body
    assert server.requests[2].headers["Content-Type"].startswith("multipart/form-data")


def test_requests_are_paced_and_counted(serve, connect, clock):
    session = connect(serve(Answer([])).url, requests_per_minute=60)
    for _number in range(3):
        session.get("/x")
    assert clock.slept == [1.0, 1.0]
    assert session.statistics()["reads"] == 3
    assert session.concurrency == 8


@pytest.mark.parametrize(("no_proxy", "through"), [("elsewhere.example", True), ("127.0.0.1", False)])
def test_a_proxy_of_the_environment_is_used_unless_no_proxy_excludes_it(serve, connect, monkeypatch, no_proxy, through):
    proxy, server = serve(Answer("from the proxy")), serve(Answer("from the service"))
    monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/api"))
    monkeypatch.setenv("no_proxy", no_proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert connect(server.url).get("/x") == ("from the proxy" if through else "from the service")
    assert bool(proxy.requests) == through


def test_answers_of_several_threads_are_read_one_at_a_time(serve, connect):
    """Reading an answer takes much more memory than its text."""
    session = connect(serve(*[Answer([1])] * 6).url)
    reading, most = [], []

    def read(data):
        reading.append(data)
        most.append(len(reading))
        time.sleep(0.02)
        reading.pop()
        return data

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _number: session.get("/x", read=read), range(6)))
    assert (answers, most) == ([[1]] * 6, [1] * 6)
