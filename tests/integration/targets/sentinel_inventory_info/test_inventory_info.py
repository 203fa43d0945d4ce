# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_inventory_info, from playbooks."""

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


def test_stock_of_sims_and_of_esims(sentinel: Simulator, info: Infos) -> None:
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    found = info.both(
        {
            "sims": {"carriers": ["Verizon Priority", "AT&T"]},
            "esims": {"carriers": ["AT&T", "T-Mobile"], "esim": True, **login},
            "esims by token": {"carriers": ["AT&T"], "esim": True, "corp_id": CORP_ID},
        }
    )
    samples = {name: field["sample"] for name, field in documented(PLUGIN, "RETURN")["inventory"]["contains"].items()}
    priority, att = found["sims"]["inventory"]
    assert (priority["carrier"], priority["count"]) == ("Verizon Priority", 640)
    assert att == {name: samples[name] for name in ("carrier", "count", "inventory")}
    assert found["esims"]["inventory"] == [
        {name: samples[name] for name in ("carrier", "available", "max_per_request")},
        {"carrier": "T-Mobile", "available": 60, "max_per_request": 100},
    ]
    assert found["esims by token"]["inventory"] == found["esims"]["inventory"][:1]
    assert sentinel.calls(found["sims"]) == [f"{INVENTORY}Verizon%20Priority", f"{INVENTORY}AT%26T"]
    assert sentinel.calls(found["esims"]) == [f"POST {TOKEN_PATH}", f"{ESIM}AT%26T", f"{ESIM}T-Mobile"]
    assert sentinel.calls(found["esims by token"]) == [f"{ESIM}AT%26T"]


def test_errors_in_words(sentinel: Simulator, info: Infos) -> None:
    found = info.assert_fail(
        {
            "no option": ({}, "missing required arguments: carriers"),
            "no carrier": ({"carriers": []}, "carriers: give the name of a carrier at least"),
            "unknown carrier": ({"carriers": ["Verizzon"]}, "'Verizzon' is not a carrier of this account: Verizon"),
            "no account": ({"carriers": ["AT&T"], "esim": True}, "give corp_id (SENTINEL_CORP_ID"),
            "wrong token": (
                {"carriers": ["AT&T"], "api_token": "wrong-secret-0815"},
                "api_token is not accepted (HTTP 401)",
            ),
        }
    )
    for name in ("no option", "no carrier", "no account"):
        assert sentinel.calls(found[name]) == []
    error = found["unknown carrier"]["error"]
    assert error == documented(PLUGIN, "RETURN")["error"]["sample"]


def test_a_scope_that_is_missing(sentinel: Simulator, info: Infos) -> None:
    # No scope is published for the inventory: the message cannot name one, and the service's own words are shown.
    sentinel.faults({"kind": "status", "status": 403, "body": {"message": "Forbidden: aux_fleet is needed"}})
    words = "the credentials lack a scope (HTTP 403). The service says: Forbidden: aux_fleet is needed"
    info.assert_fail({"forbidden": ({"carriers": ["AT&T"]}, words)})
