# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_inventory_info in playbooks."""

from __future__ import annotations

import pytest
from harness.infos import Infos, documented
from harness.playbooks import Playbooks
from harness.simulators import CORP_ID, PASSWORD, TOKEN_PATH, USERNAME, Simulator

INVENTORY = "GET /v1.0/activation/inventory?carrier="
ESIM = f"GET /v1.0/activation/eSimInventoryCount/{CORP_ID}?carrier="
PLUGIN = "modules/sentinel_inventory_info"


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module."""
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_inventory_info")


def test_the_stock_of_sims_and_esims_is_returned(sentinel: Simulator, info: Infos) -> None:
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    outcomes = info.both(
        {
            "sims": {"carriers": ["Verizon Priority", "AT&T"]},
            "esims": {"carriers": ["AT&T", "T-Mobile"], "esim": True, **login},
            "esims by token": {"carriers": ["AT&T"], "esim": True, "corp_id": CORP_ID},
        }
    )
    samples = {name: field["sample"] for name, field in documented(PLUGIN, "RETURN")["inventory"]["contains"].items()}
    priority, att = outcomes["sims"]["inventory"]
    assert (priority["carrier"], priority["count"]) == ("Verizon Priority", 640)
    assert att == {name: samples[name] for name in ("carrier", "count", "inventory")}
    assert outcomes["esims"]["inventory"] == [
        {name: samples[name] for name in ("carrier", "available", "max_per_request")},
        {"carrier": "T-Mobile", "available": 60, "max_per_request": 100},
    ]
    assert outcomes["esims by token"]["inventory"] == outcomes["esims"]["inventory"][:1]
    assert sentinel.calls(outcomes["sims"]) == [f"{INVENTORY}Verizon%20Priority", f"{INVENTORY}AT%26T"]
    assert sentinel.calls(outcomes["esims"]) == [f"POST {TOKEN_PATH}", f"{ESIM}AT%26T", f"{ESIM}T-Mobile"]
    assert sentinel.calls(outcomes["esims by token"]) == [f"{ESIM}AT%26T"]


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, info: Infos) -> None:
    outcomes = info.assert_fail(
        {
            "no option": ({}, "missing required arguments: carriers"),
            "no carrier": ({"carriers": []}, "carriers: at least one carrier name is required"),
            "unknown carrier": ({"carriers": ["Verizzon"]}, "'Verizzon' is not a carrier of this account: Verizon"),
            "no account": ({"carriers": ["AT&T"], "esim": True}, "Set corp_id (SENTINEL_CORP_ID"),
            "wrong token": (
                {"carriers": ["AT&T"], "api_token": "wrong-secret-0815"},
                "api_token is not accepted (HTTP 401)",
            ),
        }
    )
    for name in ("no option", "no carrier", "no account"):
        assert sentinel.calls(outcomes[name]) == []
    error = outcomes["unknown carrier"]["error"]
    assert error == documented(PLUGIN, "RETURN")["error"]["sample"]


def test_a_missing_scope_is_reported_with_the_text_of_the_service(sentinel: Simulator, info: Infos) -> None:
    # The scope for the inventory is not published, so the message cannot name it.
    sentinel.faults({"kind": "status", "status": 403, "body": {"message": "Forbidden: aux_fleet is needed"}})
    words = "the credentials lack a scope (HTTP 403). The service says: Forbidden: aux_fleet is needed"
    info.assert_fail({"forbidden": ({"carriers": ["AT&T"]}, words)})
