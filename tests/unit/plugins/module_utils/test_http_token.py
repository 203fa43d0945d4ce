# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: one login for all threads, an expired token renewed once, and errors that say which credentials are wrong."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    MissingLibraryError,
    RefusedError,
    SentinelError,
    ServiceError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import session as _http
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
    Reset,
)

LOGIN = {"api_username": "u", "api_password": "p"}


class Service:
    """Issues the tokens tok-1, tok-2 …. Only the newest is valid; those in `expired` are not."""

    def __init__(self, threads=1, corp_id=None):
        self.logins = 0
        self.expired = set()
        self._details = {"details": {"corpId": corp_id}} if corp_id else {}
        # Requests with an expired token are refused together, so that all threads notice at once.
        self._together = threading.Barrier(threads)

    def __call__(self, request):
        if request.path == "/api/v1.0/auth/token":
            self.logins += 1
            return Answer({"token": f"tok-{self.logins}", **self._details})
        token = request.headers["Authorization"].split(" ")[1]
        if token in self.expired:
            self._together.wait(5)
            return Answer({"message": "expired"}, 401)
        return Answer({"token": token})


def test_a_login_is_made_once_for_all_threads(serve, connect):
    service = Service()
    session = connect(serve(service).url, **LOGIN)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda number: session.get("/x")["token"], range(40)))
    assert tokens == ["tok-1"] * 40
    assert service.logins == 1


def test_an_expired_token_is_renewed_once_for_all_threads(serve, connect):
    service = Service(threads=6)
    session = connect(serve(service).url, **LOGIN)
    assert session.get("/x") == {"token": "tok-1"}
    service.expired.add("tok-1")
    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda number: session.get("/x")["token"], range(6)))
    assert tokens == ["tok-2"] * 6
    assert service.logins == 2
    assert session.statistics()["retried"] == 6


def test_a_given_token_is_used_first_and_renewed_with_a_login(serve, connect):
    service = Service()
    session = connect(serve(service).url, api_token="given", **LOGIN)
    assert session.get("/x") == {"token": "given"}
    assert service.logins == 0
    service.expired.add("given")
    assert session.get("/x") == {"token": "tok-1"}


def test_a_login_sends_the_credentials_and_passes_the_token_to_on_secret(serve, connect):
    obtained = []
    server = serve(Service())
    connect(server.url, on_secret=obtained.append, **LOGIN).get("/x")
    assert json.loads(server.requests[0].body) == {"username": "u", "password": "p"}
    assert "Authorization" not in server.requests[0].headers
    assert obtained == ["tok-1"]


def test_logins_are_not_counted_as_requests(serve, connect):
    session = connect(serve(Service()).url, **LOGIN)
    session.get("/x")
    assert session.statistics() == {"reads": 1, "writes": 0, "retried": 0, "throttled_seconds": 0}


def test_a_login_is_retried_like_a_read(serve, connect):
    server = serve(Answer({}, 503), Reset(), Answer({}, 429), Answer({"token": "t"}), Answer({"ok": True}))
    assert connect(server.url, **LOGIN).get("/x") == {"ok": True}
    assert [request.path.rpartition("/")[2] for request in server.requests] == ["token"] * 4 + ["x"]


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    ("known", "tried"),
    [(("POST", "token"), 1), (("POST", "login"), 2), (("GET", "token"), 3)],
)
def test_an_unknown_login_path_is_replaced_by_the_next_one(serve, connect, known, tried, status):
    def answer(request):
        way = (request.method, request.path.rpartition("/")[2])
        if "auth" not in request.path:
            return Answer({"ok": True})
        return Answer({"token": "t"}) if way == known else Answer({"message": "no such call"}, status)

    server = serve(answer)
    session = connect(server.url, **LOGIN)
    assert session.get("/x") == {"ok": True}
    logins = [request for request in server.requests if "auth" in request.path]
    assert len(logins) == tried
    assert all(json.loads(request.body) == {"username": "u", "password": LOGIN["api_password"]} for request in logins)
    session.login()
    assert len([request for request in server.requests if "auth" in request.path]) == tried + 1


@pytest.mark.parametrize(
    ("path", "message"),
    [("/wrong", "The path of api_url should end with /sentinel/api"), ("/sentinel/api", "Check the host of api_url")],
)
def test_the_url_is_suspected_if_every_login_path_is_unknown(serve, connect, path, message):
    server = serve(Answer({"message": "not here"}, 404))
    with pytest.raises(RefusedError, match=message) as caught:
        connect(server.url + path, **LOGIN).get("/x")
    assert (caught.value.status, len(server.requests)) == (404, 3)


def test_a_refused_login_does_not_try_other_paths(serve, connect):
    server = serve(Answer({"message": "bad"}, 400))
    with pytest.raises(RefusedError, match="bad"):
        connect(server.url, **LOGIN).get("/x")
    assert len(server.requests) == 1


def test_corp_id_is_the_option_or_that_of_the_login(serve, connect):
    service = Service(corp_id="NORTHSTAR-ISD")
    url = serve(service).url
    assert connect(url, corp_id="GIVEN", **LOGIN).corp_id() == "GIVEN"
    assert connect(url).corp_id() is None
    assert service.logins == 0
    session = connect(url, **LOGIN)
    assert [session.corp_id(), session.corp_id()] == ["NORTHSTAR-ISD"] * 2
    assert service.logins == 1
    assert session.get("/x") == {"token": "tok-1"}
    assert connect(url, api_token="given", **LOGIN).corp_id() == "NORTHSTAR-ISD"


def test_corp_id_is_none_if_the_login_does_not_report_it(serve, connect):
    assert connect(serve(Service()).url, **LOGIN).corp_id() is None


def test_the_three_authentication_errors_have_different_messages(serve, connect):
    url = serve(Answer({"message": "unknown"}, 401)).url
    messages = []
    for options in ({}, LOGIN):
        with pytest.raises(AuthenticationError) as caught:
            connect(url, **options).get("/x")
        messages.append(str(caught.value))
    with pytest.raises(AuthenticationError) as caught:
        connect(url, api_token=None)
    messages.append(str(caught.value))
    assert messages[0].startswith("GET /x: api_token is not accepted (HTTP 401)")
    assert messages[1].startswith("POST /v1.0/auth/token: api_username and api_password are not accepted (HTTP 401)")
    assert messages[2].startswith("No credentials are set.")
    assert "SENTINEL_TOKEN" in messages[2]


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"api_username": "u"}, "api_password"), ({"api_token": None, "api_password": "p"}, "api_username")],
)
def test_an_incomplete_login_is_an_error(connect, given, missing):
    with pytest.raises(AuthenticationError, match=f"is set without {missing}"):
        connect("http://127.0.0.1/api", **given)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"user": "u"}), UnexpectedAnswerError),
        (Answer(b"<html>Sign in</html>", content_type="text/html"), UnexpectedAnswerError),
        (Answer({"message": "bug"}, 500), ServiceError),
    ],
)
def test_a_login_without_a_token_is_an_error_of_the_login(serve, connect, answer, kind):
    server = serve(answer)
    with pytest.raises(kind):
        connect(server.url, **LOGIN).submit("/x", {})
    assert all(request.path == "/api/v1.0/auth/token" for request in server.requests)


def test_a_login_with_an_invalid_token_is_an_error_of_the_login(serve, connect):
    session = connect(serve(Answer({"token": "tok-secret…"})).url, api_username="u", api_password="p")
    with pytest.raises(UnexpectedAnswerError, match="token in the login reply cannot be sent in a header") as caught:
        session.get("/x")
    assert caught.value.path == "/v1.0/auth/token"
    assert "secret" not in str(caught.value)


def test_an_incomplete_login_reply_never_shows_its_token(serve, connect):
    for answer in (
        Broken({"token": "fresh-secret"}),
        Answer(b'{"token": "fresh-secret", "details": {', content_type="application/json"),
        Answer(b'token="fresh-secret"', content_type="text/plain"),
    ):
        session = connect(serve(answer).url, request_retries=0, **LOGIN)
        with pytest.raises(SentinelError) as caught:
            session.get("/x")
        assert "fresh" not in str(caught.value)


def test_a_session_without_its_library_reports_what_to_install(connect, monkeypatch):
    monkeypatch.setattr(_http, "REQUESTS_IMPORT_ERROR", "Traceback …")
    with pytest.raises(MissingLibraryError, match="pip install requests"):
        connect("http://127.0.0.1/api")
