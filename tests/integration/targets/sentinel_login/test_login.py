# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_login in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.infos import documented
from harness.playbooks import Playbooks
from harness.simulators import CARRIERS_PATH, CORP_ID, PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

CLIENT_PATH = "/v1.0/auth/clientToken"
CLIENT_SECRET = "simulator-client-secret"
MODULE = "kajeet.sentinel.sentinel_login"
LOGIN = {"api_username": USERNAME, "api_password": PASSWORD}
CLIENT = {"client_id": "northstar-automation", "client_secret": CLIENT_SECRET, "api_username": USERNAME}


@pytest.mark.parametrize(("given", "path"), [(LOGIN, TOKEN_PATH), (CLIENT, CLIENT_PATH)])
@pytest.mark.parametrize("check", [True, False])
def test_a_play_uses_the_token_of_one_login(
    sentinel: Simulator, playbook: Playbooks, given: dict[str, str], path: str, check: bool
) -> None:
    use = {"api_token": "{{ login.token }}", "corp_id": "{{ login.corp_id }}"}
    carriers = {"kajeet.sentinel.sentinel_carriers_info": use}
    tasks = [
        {"name": "log in", MODULE: given, "register": "login", "no_log": True},
        {"name": "use", **carriers},
        {"name": "use again", **carriers},
    ]
    # The module logs in even if a token is set.
    defaults = {"api_url": sentinel.api_url, "api_token": TOKEN}
    run = playbook(tasks, check=check, defaults=defaults, verbosity=4)
    assert not any(outcome.changed for outcome in run)
    assert "Verizon" in run["use"]["carriers"]
    assert sentinel.calls() == [f"POST {path}"] + [f"GET {CARRIERS_PATH}"] * 2
    for secret in (PASSWORD, CLIENT_SECRET, TOKEN):
        assert secret not in run.output + run.raw


def test_the_result_has_the_token_and_no_other_secret(sentinel: Simulator, playbook: Playbooks) -> None:
    tasks = [
        {"name": "log in", MODULE: LOGIN, "register": "login"},
        {"name": "use", "kajeet.sentinel.sentinel_carriers_info": {"api_token": "{{ login.token }}"}},
    ]
    run = playbook(tasks, defaults={"api_url": sentinel.api_url}, verbosity=4)
    token = run["log in"]["token"]
    assert len(token) == len(documented("modules/sentinel_login", "RETURN")["token"]["sample"])
    assert run["log in"]["corp_id"] == CORP_ID
    # Tasks that use the token mask it.
    assert token not in str(run["use"].data)
    assert PASSWORD not in run.output + run.raw


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, playbook: Playbooks) -> None:
    wrong = "wrong-secret-0815"
    calls: dict[str, tuple[dict[str, Any], str]] = {
        "no login": ({}, "No credentials. Set api_username and api_password"),
        "no user": ({**CLIENT, "api_username": None}, "No credentials. Set api_username."),
        "half a client": ({**CLIENT, "client_secret": None}, "required together"),
        "wrong password": ({**LOGIN, "api_password": wrong}, "api_username and api_password are not accepted"),
        "wrong secret": (
            {**CLIENT, "client_secret": wrong},
            "client_id, client_secret and api_username are not accepted",
        ),
    }
    tasks = [
        {"name": name, MODULE: {key: text for key, text in given.items() if text is not None}, "ignore_errors": True}
        for name, (given, words) in calls.items()
    ]
    run = playbook(tasks, defaults={"api_url": sentinel.api_url})
    for name, (_given, words) in calls.items():
        assert run[name].failed
        assert words in run[name].msg
    assert wrong not in run.output + run.raw
    assert sentinel.writes() == []
    assert run["wrong password"]["error"] == documented("modules/sentinel_login", "RETURN")["error"]["sample"]
    assert run["wrong secret"]["error"]["path"] == CLIENT_PATH
    assert [len(sentinel.calls(run[name])) for name in calls] == [0, 0, 0, 1, 1]
