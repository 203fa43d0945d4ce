# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins for the rest of a play: requests, results, and no secret in an error."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, SentinelError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.login import login
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer

PASSWORD = {"api_username": "u", "api_password": "pass-secret-1"}
CLIENT = {"api_username": "u", "client_id": "c", "client_secret": "client-secret-1"}
TOKEN = {"token": "tok-secret-9", "details": {"corpId": "REPLIED"}}


def params(server, **given):
    """A module's parameters."""
    known = ConnectionOptions(server.url)
    return {**{name: getattr(known, name) for name in ConnectionOptions.__dataclass_fields__}, **given}


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        (PASSWORD, "/api/v1.0/auth/token", {"username": "u", "password": "pass-secret-1"}),
        (
            CLIENT,
            "/api/v1.0/auth/clientToken",
            {"clientId": "c", "clientSecret": "client-secret-1", "username": "u"},
        ),
    ],
)
def test_the_request_and_the_result_of_a_login(serve, given, path, body):
    server = serve(Answer(TOKEN))
    result = login(params(server, api_token="old", corp_id="GIVEN", **given))
    assert result == {"changed": False, "token": "tok-secret-9", "corp_id": "REPLIED"}
    (request,) = server.requests
    assert (request.path, json.loads(request.body)) == (path, body)
    assert "Authorization" not in request.headers


def test_a_client_takes_precedence_over_a_password(serve):
    server = serve(Answer({"token": "t"}))
    assert login(params(server, **{**PASSWORD, **CLIENT}))["corp_id"] is None
    assert server.requests[0].path == "/api/v1.0/auth/clientToken"


def test_without_a_corp_id_in_the_reply_the_given_one_is_used(serve):
    assert login(params(serve(Answer({"token": "t"})), corp_id="GIVEN", **PASSWORD))["corp_id"] == "GIVEN"


@pytest.mark.parametrize("given", [PASSWORD, CLIENT])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_no_secret_in_an_error(serve, given, status):
    secret = given.get("api_password") or given["client_secret"]
    with pytest.raises(SentinelError) as caught:
        login(params(serve(Answer({"message": f"no: {secret}"}, status)), **given))
    assert "no: ********" in str(caught.value)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("given", [PASSWORD, CLIENT])
def test_no_secret_goes_over_plain_http_to_another_machine(given):
    known = ConnectionOptions("http://sentinel.example/sentinel/api")
    options = {name: getattr(known, name) for name in ConnectionOptions.__dataclass_fields__}
    with pytest.raises(InputError, match="api_url: is plain http"):
        login({**options, **given})
