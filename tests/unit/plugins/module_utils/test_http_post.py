# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Submissions: sent again only if the service provably did not accept the first request."""

from __future__ import annotations

import json
import math

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    AuthenticationError,
    RefusedError,
    ScopeError,
    ThrottledError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
    Garbage,
    Reset,
    Server,
    Silence,
    closed_port,
)

TAKEN = Answer({"transactionId": "ACT-1"})
AMBIGUOUS = {
    "no answer in time": Silence(),
    "reset": Reset(),
    "no HTTP": Garbage(),
    "broken off": Broken({"transactionId": "ACT-1"}),
    "broken off at once": Broken(b""),
    "truncated JSON": Answer(b'{"transactionId": "AC', content_type="application/json"),
    "empty JSON": Answer(b"", content_type="application/json"),
    "empty": Answer(b"", 204),
    "HTML": Answer(b"<html><body>Sign in</body></html>", content_type="text/html"),
    "plain words": Answer(b"thank you", content_type="text/plain"),
    **{f"HTTP {status}": Answer({"message": "busy"}, status) for status in (408, 500, 502, 503, 504, 520)},
    **{
        f"HTTP {status}": Answer(b"", status, {"Location": "/api/x", "Retry-After": "0"})
        for status in (301, 302, 303, 307, 308)
    },
}
REFUSED = {400: RefusedError, 403: ScopeError, 404: RefusedError, 409: RefusedError, 422: RefusedError}
BODY = {"imei": "1", "iccid": "2"}


@pytest.mark.parametrize("answer", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_submission_with_a_lost_answer_is_ambiguous_and_never_repeated(serve, connect, clock, answer):
    server = serve(answer)
    session = connect(server.url, request_timeout=0.2 if isinstance(answer, Silence) else 5.0)
    with pytest.raises(AmbiguousError) as caught:
        session.submit("/x", BODY)
    assert (caught.value.method, caught.value.path) == ("POST", "/x")
    assert len(server.requests) == 1
    assert clock.slept == []
    assert session.statistics() == {"reads": 0, "writes": 1, "retried": 0, "throttled_seconds": 0}


@pytest.mark.parametrize("answer", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_lost_answer_after_a_429_is_ambiguous_too(serve, connect, answer):
    server = serve(Answer({}, 429, {"Retry-After": "1"}), answer)
    with pytest.raises(AmbiguousError):
        connect(server.url, request_timeout=0.2 if isinstance(answer, Silence) else 5.0).submit("/x", BODY)
    assert len(server.requests) == 2


@pytest.mark.usefixtures("careless_library")
def test_an_answer_shorter_than_announced_is_ambiguous(serve, connect):
    server = serve(Broken({"transactionId": "ACT-1"}))
    with pytest.raises(AmbiguousError, match="the answer broke off"):
        connect(server.url).submit("/x", BODY)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "kind"), REFUSED.items())
def test_a_refused_submission_is_not_ambiguous_and_not_repeated(serve, connect, status, kind):
    server = serve(Answer({"message": "bad carrier"}, status))
    with pytest.raises(kind, match="bad carrier"):
        connect(server.url).submit("/x", BODY)
    assert len(server.requests) == 1


def test_a_submission_is_repeated_after_a_429(serve, connect):
    server = serve(Answer({}, 429), Answer({}, 429, {"Retry-After": "3"}), TAKEN)
    session = connect(server.url)
    assert session.submit("/x", BODY) == {"transactionId": "ACT-1"}
    assert [json.loads(request.body) for request in server.requests] == [BODY] * 3
    assert session.statistics()["retried"] == 2


def test_a_submission_is_repeated_after_a_failed_connection(connect, clock):
    port = closed_port()
    servers = []

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 2:
            servers.append(Server(TAKEN, port=port))

    session = connect(f"http://127.0.0.1:{port}/api", sleep=sleep)
    try:
        assert session.submit("/x", BODY) == {"transactionId": "ACT-1"}
    finally:
        servers[0].stop()
    assert len(servers[0].requests) == 1


@pytest.mark.parametrize("body", [{"x": math.nan}, {"x": math.inf}])
def test_a_submission_that_is_not_valid_json_is_not_sent(serve, connect, body):
    server = serve(TAKEN)
    with pytest.raises(UnreachableError):
        connect(server.url).submit("/x", body)
    assert server.requests == []


def test_a_submission_with_an_invalid_token_is_not_sent(serve, connect):
    server = serve(TAKEN)
    with pytest.raises(UnreachableError):
        connect(server.url, api_token="tok…").submit("/x", BODY)
    assert server.requests == []


def test_a_submission_without_any_connection_is_not_ambiguous(connect):
    with pytest.raises(UnreachableError, match=r"connection refused \(tried 3 times"):
        connect(f"http://127.0.0.1:{closed_port()}/api", request_retries=2).submit("/x", BODY)


def test_a_submission_is_repeated_with_a_new_token_after_a_401(serve, connect):
    def answer(request):
        if request.path.endswith("/token"):
            return Answer({"token": f"tok-{sum(entry.path.endswith('/token') for entry in server.requests)}"})
        return TAKEN if request.headers["Authorization"] == "Bearer tok-2" else Answer({}, 401)

    server = serve(answer)
    session = connect(server.url, api_username="u", api_password="p")
    assert session.submit("/x", BODY) == {"transactionId": "ACT-1"}
    assert [request.path for request in server.requests] == [
        "/api/v1.0/auth/token",
        "/api/x",
        "/api/v1.0/auth/token",
        "/api/x",
    ]


@pytest.mark.parametrize("between", [[], [Answer({}, 429)]], ids=["at once", "after a 429"])
def test_a_submission_is_repeated_only_once_after_a_401(serve, connect, between):
    answers = [Answer({}, 401), *between, Answer({}, 401), TAKEN]

    def answer(request):
        return Answer({"token": "t"}) if request.path.endswith("/token") else answers.pop(0)

    server = serve(answer)
    with pytest.raises(AuthenticationError, match="does not accept the token that it issued"):
        connect(server.url, api_username="u", api_password="p").submit("/x", BODY)
    assert [request.path for request in server.requests].count("/api/x") == 2 + len(between)
    assert [request.path for request in server.requests].count("/api/v1.0/auth/token") == 2


def test_a_proven_token_may_expire_again_before_a_submission_has_its_turn(serve, connect):
    expired = {"tok-1"}

    def answer(request):
        if request.path.endswith("/token"):
            return Answer({"token": f"tok-{sum(entry.path.endswith('/token') for entry in server.requests)}"})
        return Answer({}, 401) if request.headers["Authorization"].split()[1] in expired else TAKEN

    server = serve(answer)
    session = connect(server.url, api_username="u", api_password="p")
    turns = []

    def another_one_goes_first():
        turns.append(len(turns))
        if len(turns) == 2:
            session.submit("/other", BODY)
            expired.add("tok-2")

    assert session.submit("/x", BODY, about_to_send=another_one_goes_first) == {"transactionId": "ACT-1"}
    assert [request.path for request in server.requests].count("/api/x") == 3


@pytest.mark.parametrize(("good", "sent"), [(4, 4), (None, 4)])
def test_a_read_renews_tokens_a_limited_number_of_times(serve, connect, good, sent):
    def answer(request):
        logins = sum(entry.path.endswith("/token") for entry in server.requests)
        if request.path.endswith("/token"):
            return Answer({"token": f"tok-{logins}"})
        return TAKEN if logins == good else Answer({}, 401)

    server = serve(answer)
    session = connect(server.url, api_username="u", api_password="p")
    if good:
        assert session.get("/x") == {"transactionId": "ACT-1"}
    else:
        with pytest.raises(AuthenticationError, match="does not accept the token that it issued"):
            session.get("/x")
    assert [request.path for request in server.requests].count("/api/x") == sent


def test_a_submission_is_not_repeated_after_a_401_without_a_login(serve, connect):
    server = serve(Answer({}, 401))
    with pytest.raises(AuthenticationError, match="api_token is not accepted"):
        connect(server.url).submit("/x", BODY)
    assert len(server.requests) == 1


def test_a_submission_on_a_closed_connection_is_ambiguous(serve, connect):
    server = serve(Answer([]), Reset())
    session = connect(server.url)
    session.get("/x")
    with pytest.raises(AmbiguousError):
        session.submit("/x", BODY)
    assert len(server.requests) == 2


@pytest.mark.parametrize("retry_after", [None, "30"])
def test_endless_429s_are_an_error(serve, connect, clock, retry_after):
    server = serve(Answer({"message": "slow down"}, 429, {"Retry-After": retry_after} if retry_after else {}))
    with pytest.raises(ThrottledError, match="slow down"):
        connect(server.url).submit("/x", BODY)
    assert 800 < clock.now - 1000 <= 900


def test_without_retries_a_429_is_final(serve, connect):
    server = serve(Answer({}, 429), TAKEN)
    with pytest.raises(ThrottledError):
        connect(server.url, request_retries=0).submit("/x", BODY)
    assert len(server.requests) == 1


def test_about_to_send_is_called_before_each_time_that_a_submission_is_sent(serve, connect):
    requests_before = []
    server = serve(Answer({}, 429, {"Retry-After": "7"}), Answer({}, 429), TAKEN)
    connect(server.url).submit("/x", BODY, about_to_send=lambda: requests_before.append(len(server.requests)))
    assert requests_before == [0, 1, 2]


def test_a_submission_is_not_sent_if_about_to_send_raises(serve, connect):
    def refuse():
        raise AuthenticationError("the journal is full")

    server = serve(TAKEN)
    with pytest.raises(AuthenticationError, match="the journal is full"):
        connect(server.url).submit("/x", BODY, about_to_send=refuse)
    assert server.requests == []


@pytest.mark.parametrize(("status", "kind"), [(400, RefusedError), (403, ScopeError), (502, AmbiguousError)])
def test_a_status_counts_even_if_its_body_breaks_off(serve, connect, status, kind):
    with pytest.raises(kind):
        connect(serve(Broken({"message": "bad"}, status)).url).submit("/x", BODY)


def test_a_401_counts_even_if_its_body_breaks_off(serve, connect):
    def answer(request):
        logins = sum(entry.path.endswith("/token") for entry in server.requests)
        if request.path.endswith("/token"):
            return Answer({"token": f"tok-{logins}"})
        return TAKEN if logins == 2 else Broken({"message": "expired"}, 401)

    server = serve(answer)
    assert connect(server.url, api_username="u", api_password="p").submit("/x", BODY) == {"transactionId": "ACT-1"}
