# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors that the user sees for wrong credentials, wrong addresses and unexpected answers."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from certificates import self_signed
from harness.devices import device
from harness.playbooks import Outcome, Playbooks, activation
from harness.simulators import HISTORY_PATH, TOKEN, TOKEN_WITHOUT_SCOPES, USERNAME, Simulator

NO_TOKEN: dict[str, Any] = {"api_token": ""}
WRONG = "wrong-secret-0815"


def has(outcome: Outcome, kind: str, *words: str) -> None:
    """Asserts that a task failed with this kind of error and these words, and without secrets."""
    assert outcome.failed
    assert outcome["error"]["kind"] == kind
    for word in words:
        assert word in outcome.msg
    assert TOKEN not in outcome.msg
    assert WRONG not in outcome.msg


def test_missing_and_wrong_credentials_are_reported(sentinel: Simulator, playbook: Playbooks) -> None:
    cases = {
        "none": NO_TOKEN,
        "no password": {**NO_TOKEN, "api_username": USERNAME},
        "no user name": {**NO_TOKEN, "api_password": WRONG},
        "wrong token": {"api_token": WRONG},
        "wrong password": {**NO_TOKEN, "api_username": USERNAME, "api_password": WRONG},
        "shortened token": {"api_token": WRONG + "…"},
        "token without the scope": {"api_token": TOKEN_WITHOUT_SCOPES},
    }
    run = playbook([activation(name, **device(1), **arguments) for name, arguments in cases.items()])
    has(run["none"], "auth", "No credentials are set", "api_token", "SENTINEL_TOKEN", "api_username and api_password")
    has(run["no password"], "auth", "api_username is set without api_password", "Set api_password as well")
    has(run["no user name"], "auth", "api_password is set without api_username")
    has(run["wrong token"], "auth", "api_token is not accepted (HTTP 401)", "Get a new token")
    has(run["wrong password"], "auth", "api_username and api_password are not accepted (HTTP 401)", "Check both")
    has(run["shortened token"], "input", "api_token: has a character that cannot be sent", "copy the whole token again")
    scope = run["token without the scope"]
    has(
        scope,
        "scope",
        "the credentials lack the scope aux_activation (HTTP 403)",
        "Grant the scope aux_activation to",
    )
    assert scope["error"].items() >= {"method": "GET", "path": HISTORY_PATH, "status": 403}.items()
    assert len({outcome.msg for outcome in run}) == len(cases)
    sentinel.assert_wrote_nothing()


def test_submitting_ends_when_a_token_lacks_the_scope(sentinel: Simulator, playbook: Playbooks) -> None:
    arguments = {"api_token": TOKEN_WITHOUT_SCOPES, "history": "none", "preflight": False, "concurrency": 1}
    outcome = playbook(activation("submit", devices=[device(1), device(2)], **arguments)).only
    assert outcome.failed
    assert not outcome.changed
    assert outcome["summary"] == {"failed": 2}
    assert "the credentials lack the scope aux_activation (HTTP 403)" in outcome.msg
    assert [write["status"] for write in sentinel.writes()] == [403], "the next submission would be refused as well"


def test_wrong_addresses_and_certificates_are_reported(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    with socket.socket() as bound:
        # Bound but not listening: connections are refused.
        bound.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{bound.getsockname()[1]}"
        certificate = self_signed(tmp_path / "server.pem")
        secure = Simulator(tmp_path / "secure", arguments=("--certfile", str(certificate)))
        # The control interface is not used, because its client would not trust the certificate either.
        with secure:
            cases = {
                "closed": {"api_url": closed, "request_retries": 2},
                "no TLS": {"api_url": sentinel.api_url.replace("http://", "https://"), "request_retries": 2},
                "unknown authority": {"api_url": secure.api_url, "request_retries": 2},
                "known authority": {"api_url": secure.api_url, "ca_path": str(certificate)},
                "not validated": {"api_url": secure.api_url, "validate_certs": False},
                "ca_path missing": {"api_url": secure.api_url, "ca_path": "/nonexistent/ca.pem"},
                "no URL": {"api_url": "api.kajeet.dev/sentinel"},
                "credentials in the URL": {"api_url": f"https://me:{WRONG}@api.kajeet.dev/sentinel"},
                "no scheme, and credentials": {"api_url": f"me:{WRONG}@api.kajeet.dev/sentinel"},
                "slash in the password": {"api_url": f"HTTPS://me:12/{WRONG}@api.kajeet.dev/sentinel"},
                "query": {"api_url": f"https://api.kajeet.dev/sentinel?token={WRONG}"},
                "elsewhere": {"api_url": sentinel.url + "/elsewhere"},
            }
            run = playbook([activation(name, **device(1), check_mode=True, **case) for name, case in cases.items()])
    has(
        run["closed"],
        "unreachable",
        f"{closed} cannot be reached",
        "connection refused",
        "(tried 3 times in",
        "api_url",
    )
    has(run["no TLS"], "unreachable", "https://127.0.0.1", "TLS failed", "does not use TLS at this address")
    has(run["unknown authority"], "unreachable", "TLS failed", "certificate verify failed", "ca_path", "PEM")
    has(run["ca_path missing"], "unreachable", "/nonexistent/ca.pem", "ca_path")
    has(run["no URL"], "input", "api_url: 'api.kajeet.dev/sentinel' is not a URL", "https://")
    has(run["credentials in the URL"], "input", "api_url: contains credentials", "api_username and api_password")
    has(run["no scheme, and credentials"], "input", "api_url: contains credentials")
    has(run["slash in the password"], "input", "api_url: contains credentials")
    has(run["query"], "input", 'api_url: has a query ("?"), which a base URL cannot have')
    assert WRONG not in run.raw
    has(run["elsewhere"], "refused", "HTTP 404")
    for name in ("known authority", "not validated"):
        assert run[name]["summary"] == {"would_activate": 1}
    sentinel.assert_wrote_nothing()


PAGE = f"<html><head><style>b {{}}</style></head><body><h1>Please sign in</h1> as Bearer {TOKEN}</body></html>"


@pytest.mark.parametrize(("status", "kind"), [(200, "unexpected_answer"), (502, "service")])
def test_an_html_answer_is_shown_as_text_without_secrets(
    sentinel: Simulator, playbook: Playbooks, status: int, kind: str
) -> None:
    sentinel.faults({"kind": "html", "status": status, "body": PAGE, "path": "/activation/transactions$", "count": 0})
    outcome = playbook(activation("html", **device(1), request_retries=2)).only
    has(outcome, kind, "/activation/transactions: ", "Please sign in as Bearer ********", "tried 3 times")
    assert "<h1>" not in outcome.msg
    # Three attempts for the export, then three for the pages.
    assert len(sentinel.requests()) == 6
    sentinel.assert_wrote_nothing()


def test_unexpected_answers_are_shown_with_what_to_do(sentinel: Simulator, playbook: Playbooks) -> None:
    shapes: dict[str, Any] = {"object": {"hello": "world"}, "columns": "a,b,c\r\n1,2,3\r\n", "cut": None}
    sentinel.faults(
        {"kind": "status", "status": 200, "body": shapes["object"], "path": "carriers"},
        {"kind": "status", "status": 200, "body": shapes["columns"], "path": HISTORY_PATH},
        {"kind": "status", "status": 200, "body": shapes["object"], "path": "/v1.0/activation/transactions$"},
        {"kind": "broken", "path": HISTORY_PATH},
        {"kind": "truncated", "path": "carriers"},
    )
    run = playbook(
        [
            activation("columns", **device(1)),
            activation("object", history="none", **device(1)),
            activation("cut", check_mode=True, **device(1)),
        ]
    )
    sentinel.assert_faults_struck()
    has(
        run["columns"],
        "unexpected_answer",
        "expected a CSV with a status column",
        "received: a,b,c",
        "Names in the answer: a, b, c",
        "set field_names: {iccid: NAME, imei: NAME, status: NAME}",
    )
    has(run["object"], "unexpected_answer", "received: {'hello': 'world'}")
    assert run["cut"]["summary"] == {"would_activate": 1}, "answers that break off are read again"
    assert run["cut"]["requests"]["retried"] == 2
    sentinel.assert_wrote_nothing()
