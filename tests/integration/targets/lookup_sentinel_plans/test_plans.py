# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup sentinel_plans in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.infos import documented
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

PLUGIN = "lookup/sentinel_plans"
BILLING = "GET /v1.0/activation/billing-plans"
INTERNET = "GET /v1.0/activation/businessInternetPlans"
BILLING_IDS = [
    *("VZW-EDU-10", "VZW-EDU-UNL", "VZP-FLEET-25", "ATT-EDU-10"),
    *("ATT-BUS-50", "TMO-EDU-UNL", "FN-PRIMARY", "FN-EXTENDED"),
]
INTERNET_IDS = ["VZBI-100", "VZBI-200", "VZBI-400"]


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the lookup."""
    return Lookups(playbook, "kajeet.sentinel.sentinel_plans")


def by_token(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a token."""
    return {"api_url": sentinel.api_url, "api_token": TOKEN, **more}


def test_terms_select_kinds_of_plans_and_their_order(sentinel: Simulator, lookup: Lookups) -> None:
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    variables = {f"sentinel_{name}": text for name, text in by_token(sentinel).items()}
    outcomes = lookup(
        {
            "no term": Lookup(options=login),
            "all": Lookup(("all",), variables=variables),
            "billing": Lookup(("billing",), by_token(sentinel)),
            "internet": Lookup(("business_internet",), by_token(sentinel)),
            "in this order": Lookup(("business_internet", "billing"), by_token(sentinel)),
            "as a list": Lookup((["business_internet", "billing"],), by_token(sentinel)),
        }
    )
    ids = {name: [plan["planId"] for plan in value_of(outcome)] for name, outcome in outcomes.items()}
    assert ids == {
        "no term": BILLING_IDS + INTERNET_IDS,
        "all": BILLING_IDS + INTERNET_IDS,
        "billing": BILLING_IDS,
        "internet": INTERNET_IDS,
        "in this order": INTERNET_IDS + BILLING_IDS,
        "as a list": INTERNET_IDS + BILLING_IDS,
    }
    assert value_of(outcomes["internet"])[:1] == documented(PLUGIN, "RETURN")["_raw"]["sample"]
    assert sentinel.calls(outcomes["no term"]) == [f"POST {TOKEN_PATH}", BILLING, INTERNET]
    assert sentinel.calls(outcomes["billing"]) == [BILLING]
    assert sentinel.calls(outcomes["in this order"]) == [INTERNET, BILLING]
    sentinel.assert_wrote_nothing()


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.faults({"kind": "status", "status": 403, "body": {"message": "no plans for you"}, "skip": 1})
    outcomes = lookup(
        {
            "unknown kind": Lookup(("bills",), by_token(sentinel)),
            "no credentials": Lookup((), {"api_url": sentinel.api_url}),
            "wrong token": Lookup((), by_token(sentinel, api_token="wrong-secret-0815")),
            "no scope": Lookup((), by_token(sentinel)),
        }
    )
    wanted = {
        "unknown kind": "'bills' is not a kind of plan; valid kinds: billing, business_internet, all",
        "no credentials": "No credentials are set",
        "wrong token": "api_token is not accepted (HTTP 401)",
        "no scope": "the credentials lack a scope (HTTP 403). The service says: no plans for you",
    }
    for name, words in wanted.items():
        assert outcomes[name].failed
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
    sentinel.assert_faults_struck()
    sentinel.assert_wrote_nothing()
