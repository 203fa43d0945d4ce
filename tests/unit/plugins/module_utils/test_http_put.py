# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PUT calls: repeatable without harm, so they are retried like reads."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
    Reset,
    closed_port,
)

BODY = {"mdns": ["521-267-1508"], "status": "SUSPENDED"}
DONE = Answer(b"", 204)


@pytest.mark.parametrize(
    "reply", [DONE, Answer({"ok": True}), Answer(b"", 200), Answer(b"done", content_type="text/plain")]
)
def test_the_body_is_sent_as_json_and_the_reply_is_not_read(serve, connect, reply):
    server = serve(reply)
    session = connect(server.url)
    session.put("/x", BODY)
    (request,) = server.requests
    assert (request.method, request.path, json.loads(request.body)) == ("PUT", "/api/x", BODY)
    assert request.headers["Authorization"] == "Bearer tok-secret-1"
    assert session.statistics() == {"reads": 0, "writes": 1, "retried": 0, "throttled_seconds": 0}


@pytest.mark.parametrize(
    "first", [Answer({}, 502), Answer({}, 503), Answer({}, 408), Reset(), Broken({"ok": True})], ids=lambda one: None
)
def test_a_put_is_retried_after_a_temporary_failure(serve, connect, first):
    server = serve(first, first, DONE)
    session = connect(server.url)
    session.put("/x", BODY)
    assert [json.loads(request.body) for request in server.requests] == [BODY] * 3
    assert session.statistics()["retried"] == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"message": "no such status"}, 400), RefusedError),
        (Answer({}, 401), AuthenticationError),
        (Answer({}, 403), ScopeError),
        (Answer({"message": "bug"}, 500), ServiceError),
    ],
)
def test_a_put_is_not_retried_after_a_permanent_failure(serve, connect, answer, kind):
    server = serve(answer)
    with pytest.raises(kind) as caught:
        connect(server.url).put("/x", BODY, scope="org_super")
    assert str(caught.value).startswith("PUT /x: ")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("answer", "kind"), [(Answer({}, 503), ServiceError), (Reset(), UnreachableError)])
def test_a_put_fails_after_its_retries(serve, connect, answer, kind):
    server = serve(answer)
    with pytest.raises(kind, match=r"\(tried 3 times in"):
        connect(server.url, request_retries=2).put("/x", BODY)
    assert len(server.requests) == 3


def test_an_unreachable_service_is_an_error(connect):
    with pytest.raises(UnreachableError, match="cannot be reached"):
        connect(f"http://127.0.0.1:{closed_port()}/api", request_retries=0).put("/x", BODY)


def test_an_html_page_instead_of_a_reply_is_an_error(serve, connect):
    server = serve(Answer(b"<html>Sign in</html>", content_type="text/html"))
    with pytest.raises(UnexpectedAnswerError, match="HTML"):
        connect(server.url).put("/x", BODY)
    assert len(server.requests) == 3


def test_an_expired_token_is_renewed_and_the_call_repeated(serve, connect):
    token, expired = Answer({"token": "new"}), Answer({"message": "expired"}, 401)
    server = serve(token, expired, token, DONE)
    connect(server.url, api_username="u", api_password="p").put("/x", BODY)
    assert [request.method for request in server.requests] == ["POST", "PUT", "POST", "PUT"]


def test_a_429_is_obeyed_until_the_deadline(serve, connect, clock):
    throttled = Answer({}, 429, {"Retry-After": "7"})
    session = connect(serve(throttled, DONE, throttled).url)
    session.put("/x", BODY)
    assert clock.now == 1007
    with session.bounded(clock.now + 3), pytest.raises(ThrottledError):
        session.put("/x", BODY)
