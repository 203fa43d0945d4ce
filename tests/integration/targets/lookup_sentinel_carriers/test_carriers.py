# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup sentinel_carriers in playbooks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import (
    CARRIERS_PATH,
    PASSWORD,
    TOKEN,
    TOKEN_PATH,
    TOKEN_WITHOUT_ESIM,
    TOKEN_WITHOUT_SCOPES,
    USERNAME,
    Simulator,
)

ESIM_PATH = "/v1.0/activation/eSim/carriers"
SIM_CARRIERS = [
    *("Verizon", "Verizon Priority", "Verizon BI", "AT&T", "T-Mobile", "FirstNet", "FirstNet Extended Primary")
]
ESIM_CARRIERS = ["Verizon", "AT&T", "T-Mobile"]


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the lookup."""
    return Lookups(playbook, "kajeet.sentinel.sentinel_carriers")


def by_token(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a token."""
    return {"api_url": sentinel.api_url, "api_token": TOKEN, **more}


def test_options_and_variables_set_the_connection(sentinel: Simulator, lookup: Lookups) -> None:
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    outcomes = lookup(
        {
            "options": Lookup(options=by_token(sentinel)),
            "esim": Lookup(options=by_token(sentinel, esim=True)),
            "login": Lookup(options=login),
            "variables": Lookup(variables={f"sentinel_{name}": text for name, text in by_token(sentinel).items()}),
        }
    )
    assert (
        value_of(outcomes["options"]) == value_of(outcomes["variables"]) == value_of(outcomes["login"]) == SIM_CARRIERS
    )
    assert value_of(outcomes["esim"]) == ESIM_CARRIERS
    assert sentinel.calls(outcomes["options"]) == sentinel.calls(outcomes["variables"]) == [f"GET {CARRIERS_PATH}"]
    assert sentinel.calls(outcomes["esim"]) == [f"GET {ESIM_PATH}"]
    assert sentinel.calls(outcomes["login"]) == [f"POST {TOKEN_PATH}", f"GET {CARRIERS_PATH}"]
    sentinel.assert_wrote_nothing()


def test_environment_variables_set_the_connection_and_options_override_them(
    sentinel: Simulator, lookup: Lookups
) -> None:
    env = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}
    option: dict[str, Any] = {"api_token": "wrong-secret-0815"}
    outcomes = lookup({"environment": Lookup(), "option": Lookup(options=option)}, env=env)
    assert value_of(outcomes["environment"]) == SIM_CARRIERS
    # After a token that is not accepted, the lookup logs in.
    assert value_of(outcomes["option"]) == SIM_CARRIERS
    statuses = [request["status"] for request in sentinel.requests(outcomes["option"])]
    assert statuses == [401, 200, 200]


def test_given_field_names_are_used(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.settings(dialect={"carriers": {"list": ["data"], "name": ["bleep"]}})
    names = {"carrier": "Bleep"}
    given = by_token(sentinel)
    outcomes = lookup(
        {
            "option": Lookup(options={**given, "field_names": names}),
            "variable": Lookup(options=given, variables={"sentinel_field_names": names}),
            "variable in JSON": Lookup(options=given, variables={"sentinel_field_names": json.dumps(names)}),
            "none": Lookup(options=given),
            "wrong": Lookup(options={**given, "field_names": {"carier": "Bleep"}}),
        }
    )
    assert value_of(outcomes["option"]) == value_of(outcomes["variable"]) == SIM_CARRIERS
    assert value_of(outcomes["variable in JSON"]) == SIM_CARRIERS
    assert "set field_names: {carrier: NAME}" in outcomes["none"].msg
    assert "field_names: unknown key 'carier'; did you mean carrier?" in outcomes["wrong"].msg
    from_environment = lookup({"environment": Lookup(options=given)}, env={"SENTINEL_FIELD_NAMES": json.dumps(names)})
    assert value_of(from_environment["environment"]) == SIM_CARRIERS


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.faults({"kind": "html", "status": 200, "path": CARRIERS_PATH, "skip": 2, "count": 3})
    outcomes = lookup(
        {
            "no credentials": Lookup(options={"api_url": sentinel.api_url}),
            "wrong token": Lookup(options=by_token(sentinel, api_token="wrong-secret-0815")),
            "no scope": Lookup(options=by_token(sentinel, api_token=TOKEN_WITHOUT_SCOPES)),
            "no scope for esim": Lookup(options=by_token(sentinel, api_token=TOKEN_WITHOUT_ESIM, esim=True)),
            "html": Lookup(options=by_token(sentinel)),
            "terms": Lookup(terms=("esim",), options=by_token(sentinel)),
            "no URL": Lookup(options=by_token(sentinel, api_url="example.org")),
            "unreachable": Lookup(options=by_token(sentinel, api_url="http://127.0.0.1:1", request_retries=0)),
        }
    )
    wanted = {
        "no credentials": "No credentials are set",
        "wrong token": "api_token is not accepted (HTTP 401)",
        "no scope": "the credentials lack the scope aux_activation (HTTP 403)",
        "no scope for esim": "the credentials lack the scope aux_kemp_user (HTTP 403)",
        "html": "the answer is HTML instead of data",
        "terms": "sentinel_carriers takes no terms",
        "no URL": "api_url: 'example.org' is not a URL",
        "unreachable": "http://127.0.0.1:1 cannot be reached: connection refused",
    }
    for name, words in wanted.items():
        assert outcomes[name].failed
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
    sentinel.assert_faults_struck()
    sentinel.assert_wrote_nothing()
