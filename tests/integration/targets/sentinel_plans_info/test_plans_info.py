# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_plans_info in playbooks."""

from __future__ import annotations

import pytest
from harness.infos import Infos, documented, returned
from harness.playbooks import Playbooks
from harness.simulators import Simulator

PLUGIN = "modules/sentinel_plans_info"
BILLING = "GET /v1.0/activation/billing-plans"
INTERNET = "GET /v1.0/activation/businessInternetPlans"
BILLING_IDS = [
    *("VZW-EDU-10", "VZW-EDU-UNL", "VZP-FLEET-25", "ATT-EDU-10"),
    *("ATT-BUS-50", "TMO-EDU-UNL", "FN-PRIMARY", "FN-EXTENDED"),
]
INTERNET_IDS = ["VZBI-100", "VZBI-200", "VZBI-400"]


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module."""
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_plans_info")


def test_plans_of_both_kinds_or_of_one_kind_are_returned(sentinel: Simulator, info: Infos) -> None:
    outcomes = info.both({"both": {}, "billing": {"kind": "billing"}, "internet": {"kind": "business_internet"}})
    both, samples = outcomes["both"], documented(PLUGIN, "RETURN")
    assert both["plan_ids"] == BILLING_IDS + INTERNET_IDS
    for name in ("billing_plans", "business_internet_plans"):
        assert both[name][0] == samples[name]["sample"][0]
    assert set(samples["plan_ids"]["sample"]) < set(both["plan_ids"])
    nothing = {"changed": False, "failed": False}
    assert {**nothing, **returned(outcomes["billing"])} == {
        **nothing,
        "billing_plans": both["billing_plans"],
        "plan_ids": BILLING_IDS,
    }
    assert {**nothing, **returned(outcomes["internet"])} == {
        **nothing,
        "business_internet_plans": both["business_internet_plans"],
        "plan_ids": INTERNET_IDS,
    }
    assert sentinel.calls(both) == [BILLING, INTERNET]
    assert sentinel.calls(outcomes["billing"]) == [BILLING]
    assert sentinel.calls(outcomes["internet"]) == [INTERNET]


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, info: Infos) -> None:
    sentinel.faults({"kind": "status", "status": 403, "body": {"message": "no plans for you"}, "skip": 1})
    outcomes = info.assert_fail(
        {
            "unknown kind": ({"kind": "bills"}, "value of kind must be one of: billing, business_internet, all"),
            "wrong token": ({"api_token": "wrong-secret-0815"}, "api_token is not accepted (HTTP 401)"),
            "no scope": ({}, "the credentials lack a scope (HTTP 403). The service says: no plans for you"),
        }
    )
    sentinel.assert_faults_struck()
    sample = documented(PLUGIN, "RETURN")["error"]["sample"]
    assert outcomes["wrong token"]["error"] == sample
