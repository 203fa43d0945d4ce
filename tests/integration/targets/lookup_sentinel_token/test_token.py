# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup sentinel_token in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import CARRIERS_PATH, PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

PLUGIN = "kajeet.sentinel.sentinel_token"
CALL = f"{{{{ lookup('{PLUGIN}') }}}}"


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the lookup."""
    return Lookups(playbook, PLUGIN)


def known(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a login."""
    return {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD, **more}


def test_each_call_logs_in_even_if_a_token_is_set(sentinel: Simulator, lookup: Lookups) -> None:
    variables = {f"sentinel_{name}": text for name, text in known(sentinel).items()}
    # The variable from which other plugins read the token may call this lookup.
    variables["sentinel_api_token"] = CALL
    calls = {
        "options": Lookup(options=known(sentinel)),
        "variables": Lookup(variables=variables),
        "token is set": Lookup(options=known(sentinel, api_token=TOKEN)),
    }
    env = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}
    outcomes = {**lookup(calls), **lookup({"environment": Lookup()}, env={**env, "SENTINEL_TOKEN": TOKEN})}
    for outcome in outcomes.values():
        assert sentinel.calls(outcome) == [f"POST {TOKEN_PATH}"]
        assert TOKEN not in value_of(outcome)
    assert len({value_of(outcome)[0] for outcome in outcomes.values()}) == len(outcomes)


def test_a_loop_logs_in_once_and_a_fact_keeps_the_token_for_the_play(sentinel: Simulator, playbook: Playbooks) -> None:
    variables = {f"sentinel_{name}": text for name, text in known(sentinel).items()}
    module = "kajeet.sentinel.sentinel_carriers_info"
    reach = {"api_url": sentinel.api_url}
    tasks = [
        {"name": "loop", module: {**reach, "api_token": CALL}, "loop": [1, 2, 3]},
        {"name": "keep", "ansible.builtin.set_fact": {"session": CALL}, "no_log": True},
        {"name": "use", module: {**reach, "api_token": "{{ session }}"}},
        {"name": "use again", module: {**reach, "api_token": "{{ session }}"}},
    ]
    run = playbook(tasks, extra_vars=variables, defaults={}, verbosity=4)
    get, post = f"GET {CARRIERS_PATH}", f"POST {TOKEN_PATH}"
    assert sentinel.calls() == [post, get, get, get, post, get, get]
    assert PASSWORD not in run.output + run.raw


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, lookup: Lookups) -> None:
    wanted = {
        "no login": (
            Lookup(options={"api_url": sentinel.api_url, "api_token": TOKEN}),
            "No credentials. Set api_username",
        ),
        "wrong password": (
            Lookup(options=known(sentinel, api_password="wrong-secret-0815")),
            "api_username and api_password are not accepted (HTTP 401)",
        ),
        "terms": (Lookup(terms=("x",), options=known(sentinel)), "sentinel_token takes no terms"),
        "no URL": (Lookup(options=known(sentinel, api_url="example.org")), "api_url: 'example.org' is not a URL"),
    }
    outcomes = lookup({name: call for name, (call, words) in wanted.items()})
    for name, (_call, words) in wanted.items():
        assert outcomes[name].failed
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
    sentinel.assert_wrote_nothing()
