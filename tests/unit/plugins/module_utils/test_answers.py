# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer means: which error it is, and in whose words."""

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
    error_words,
    lost,
    not_reached,
    refusal,
    strange,
    tls_failed,
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
def test_a_status_is_an_error_by_what_it_says_about_the_request(status, read, write):
    for call, kind in ((READ, read), (WRITE, write)):
        error = refusal(call, status, "so it is", may_login=False)
        assert error.__class__ is kind
        assert (error.method, error.path, error.status) == (call.method, "/x", status)
        assert f"(HTTP {status})" in error.message or f"HTTP {status}." in error.message
        assert error.message.endswith("The service says: so it is")


def test_a_missing_scope_is_named():
    assert "the credentials lack the scope aux_activation (HTTP 403)" in str(refusal(READ, 403, "", False))
    assert "Have the scope aux_activation granted" in str(refusal(READ, 403, "", False))
    assert "lack a scope (HTTP 403)." in str(refusal(Call("GET", "/x"), 403, "", False))


def test_the_three_ways_not_to_be_known_have_three_messages():
    told = [
        str(refusal(READ, 401, "", may_login=False)),
        str(refusal(READ, 401, "", may_login=True)),
        str(refusal(LOGIN, 401, "", may_login=True)),
    ]
    assert "api_token is not accepted" in told[0]
    assert "does not accept the token that it gave for api_username" in told[1]
    assert "api_username and api_password are not accepted" in told[2]


def test_a_lost_answer_is_ambiguous_only_where_something_was_submitted():
    assert isinstance(lost(READ, "http://h", "reset"), UnreachableError)
    assert isinstance(lost(WRITE, "http://h", "reset"), AmbiguousError)
    assert "the answer to the request was lost: reset" in str(lost(WRITE, "http://h", "reset"))


def test_without_a_connection_nothing_is_ambiguous():
    for call in (READ, WRITE):
        assert isinstance(not_reached(call, "http://h", "refused"), UnreachableError)
        assert isinstance(tls_failed(call, "https://h", "refused"), UnreachableError)


def test_a_failed_handshake_says_which_of_the_two_it_is():
    assert "check the port, or use http://" in str(tls_failed(READ, "https://h", "wrong version number"))
    assert "check the port, or use http://" in str(tls_failed(READ, "https://h", "record layer failure"))
    assert "Set ca_path" in str(tls_failed(READ, "https://h", "certificate verify failed: self-signed"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><body>Sign in</body></html>", "HTML"),
        ("\n <!DOCTYPE html><p>Sign in</p>", "HTML"),
        ("Sign in", "no JSON"),
    ],
)
def test_a_strange_answer_says_what_it_is_and_how_it_begins(text, kind):
    error = strange(READ, 200, text, Redactor())
    assert isinstance(error, UnexpectedAnswerError)
    assert f"the answer is {kind}, where data was expected: Sign in" in str(error)
    assert "whether a proxy or a login page answers in its place" in str(error)
    assert isinstance(strange(WRITE, 200, text, Redactor()), AmbiguousError)


def test_an_empty_answer_is_called_so():
    assert str(strange(WRITE, 200, "", Redactor())).endswith("(empty)")


def test_secrets_are_masked_the_longer_first():
    redactor = Redactor("secret", None, "", "secret-and-more")
    assert redactor.redact("a secret-and-more, a secret") == "a ********, a ********"
    redactor.add("third")
    assert redactor.redact("the third") == "the ********"


def test_whatever_follows_bearer_is_masked():
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
def test_a_secret_is_masked_however_it_is_echoed(secret, echo):
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


def test_an_excerpt_has_no_tags_no_scripts_and_an_end():
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
def test_an_error_answer_speaks_in_its_own_words(body, words):
    assert error_words(Answer(400, {}, body), Redactor()) == words
