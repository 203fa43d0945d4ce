# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors for answers of the service, and their messages."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.answers import (
    Answer,
    Call,
    Redactor,
    error_text,
    lost_answer_error,
    refusal_error,
    tls_error,
    unexpected_content_error,
    unreachable_error,
)

READ = Call("GET", "/x", "aux_activation")
WRITE = Call("POST", "/x", "aux_activation", repeatable=False)
LOGIN = Call("POST", "/v1.0/auth/token", login=True)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (301, UnexpectedAnswerError, AmbiguousError),
        (302, UnexpectedAnswerError, AmbiguousError),
        (400, RefusedError, RefusedError),
        (401, AuthenticationError, AuthenticationError),
        (403, ScopeError, ScopeError),
        (404, RefusedError, RefusedError),
        (408, ServiceError, AmbiguousError),
        (409, RefusedError, RefusedError),
        (422, RefusedError, RefusedError),
        (429, ThrottledError, ThrottledError),
        (500, ServiceError, AmbiguousError),
        (502, ServiceError, AmbiguousError),
        (503, ServiceError, AmbiguousError),
        (504, ServiceError, AmbiguousError),
        (599, ServiceError, AmbiguousError),
        (600, ServiceError, AmbiguousError),
    ],
)
def test_each_http_status_becomes_the_right_error(status, read, write):
    for call, kind in ((READ, read), (WRITE, write)):
        error = refusal_error(call, status, "so it is", can_login=False)
        assert error.__class__ is kind
        assert (error.method, error.path, error.status) == (call.method, "/x", status)
        assert f"(HTTP {status})" in error.message or f"HTTP {status}." in error.message
        assert error.message.endswith("The service says: so it is")


def test_the_missing_scope_is_in_the_error():
    assert "the credentials lack the scope aux_activation (HTTP 403)" in str(refusal_error(READ, 403, "", False))
    assert "Grant the scope aux_activation to" in str(refusal_error(READ, 403, "", False))
    assert "lack a scope (HTTP 403)." in str(refusal_error(Call("GET", "/x"), 403, "", False))


def test_the_three_authentication_errors_have_different_messages():
    messages = [
        str(refusal_error(READ, 401, "", can_login=False)),
        str(refusal_error(READ, 401, "", can_login=True)),
        str(refusal_error(LOGIN, 401, "", can_login=True)),
    ]
    assert "api_token is not accepted" in messages[0]
    assert "does not accept the token that it issued for api_username" in messages[1]
    assert "api_username and api_password are not accepted" in messages[2]


def test_a_lost_answer_is_ambiguous_only_for_submissions():
    assert isinstance(lost_answer_error(READ, "http://h", "reset"), UnreachableError)
    assert isinstance(lost_answer_error(WRITE, "http://h", "reset"), AmbiguousError)
    assert "the answer to the request was lost: reset" in str(lost_answer_error(WRITE, "http://h", "reset"))


def test_a_failed_connection_is_never_ambiguous():
    for call in (READ, WRITE):
        assert isinstance(unreachable_error(call, "http://h", "refused"), UnreachableError)
        assert isinstance(tls_error(call, "https://h", "refused"), UnreachableError)


def test_a_failed_handshake_is_explained_by_its_cause():
    assert "check the port, or use http://" in str(tls_error(READ, "https://h", "wrong version number"))
    assert "check the port, or use http://" in str(tls_error(READ, "https://h", "record layer failure"))
    assert "Set ca_path" in str(tls_error(READ, "https://h", "certificate verify failed: self-signed"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><body>Sign in</body></html>", "HTML instead of data"),
        ("\n <!DOCTYPE html><p>Sign in</p>", "HTML instead of data"),
        ("Sign in", "not JSON"),
    ],
)
def test_an_answer_without_data_is_described_and_quoted(text, kind):
    error = unexpected_content_error(READ, 200, text, Redactor())
    assert isinstance(error, UnexpectedAnswerError)
    assert f"the answer is {kind}: Sign in" in str(error)
    assert "that no proxy or login page answers instead" in str(error)
    assert isinstance(unexpected_content_error(WRITE, 200, text, Redactor()), AmbiguousError)


def test_an_empty_answer_is_reported_as_empty():
    assert str(unexpected_content_error(WRITE, 200, "", Redactor())).endswith("(empty)")


def test_longer_secrets_are_masked_first():
    redactor = Redactor("secret", None, "", "secret-and-more")
    assert redactor.redact("a secret-and-more, a secret") == "a ********, a ********"
    redactor.add("third")
    assert redactor.redact("the third") == "the ********"


def test_every_bearer_token_is_masked():
    assert Redactor().redact('{"Authorization": "bearer abc.def-123"}') == '{"Authorization": "bearer ********"}'
    assert Redactor().redact("a bearer of news") == "a bearer of news"


@pytest.mark.parametrize("secret", ['p<b>w  &"x\\y', "white  space", "a&b", "a<b>c", 'quo"te', "ümlaut/ö", "per%cent"])
@pytest.mark.parametrize(
    "echo",
    [
        "{raw}",
        "<html><p>{raw}</p></html>",
        "<html><p>{html}</p></html>",
        '{{"password": "{json}"}}',
        "password={url}",
        "{repr}",
    ],
)
def test_a_secret_is_masked_in_every_echo(secret, echo):
    import html
    import json
    from urllib.parse import quote

    text = echo.format(
        raw=secret,
        html=html.escape(secret),
        json=json.dumps(secret)[1:-1],
        url=quote(secret, safe=""),
        repr=repr(secret)[1:-1],
    )
    shown = Redactor(secret).excerpt(text)
    assert "********" in shown
    for part in (part for part in secret.replace("<b>", " ").split() if len(part) > 2):
        assert part not in shown


def test_an_excerpt_has_no_tags_or_scripts_and_a_limited_length():
    text = "<html><script>alert(1)</script><style>p {}</style>\n<h1>Not  found</h1> " + "x" * 500
    shown = Redactor().excerpt(text)
    assert shown.startswith("Not found xxx")
    assert len(shown) == 200


def test_a_secret_across_the_end_of_an_excerpt_is_masked():
    shown = Redactor("s" * 50).excerpt("x" * 180 + "s" * 50)
    assert "s" not in shown


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "bad carrier", "status": 400}', "bad carrier"),
        (b'{"status": 400}', '{"status": 400}'),
        (b"<h1>Bad gateway</h1>", "Bad gateway"),
        (b"\xff\xff no text", "\ufffd\ufffd no text"),
        (b"", ""),
    ],
)
def test_the_message_of_an_error_answer_is_found(body, words):
    assert error_text(Answer(400, {}, body), Redactor()) == words
