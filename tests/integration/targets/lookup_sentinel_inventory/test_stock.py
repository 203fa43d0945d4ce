# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup sentinel_inventory in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import CORP_ID, PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

INVENTORY = "GET /v1.0/activation/inventory?carrier="
ESIM = f"GET /v1.0/activation/eSimInventoryCount/{CORP_ID}?carrier="
BOTH = ("Verizon Priority", "AT&T")


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the lookup."""
    return Lookups(playbook, "kajeet.sentinel.sentinel_inventory")


def by_token(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a token."""
    return {"api_url": sentinel.api_url, "api_token": TOKEN, **more}


def by_login(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a login."""
    return {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD, **more}


def test_all_terms_of_a_lookup_share_one_login(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.control("PUT", "stock", {"carrier": "AT&T", "available": 12})
    outcomes = lookup(
        {
            "sims": Lookup(BOTH, by_login(sentinel)),
            "esims": Lookup(("AT&T", "T-Mobile", "Verizon"), by_login(sentinel, esim=True)),
            "esims by token": Lookup(("AT&T",), by_token(sentinel, esim=True, corp_id=CORP_ID)),
        }
    )
    priority, att = value_of(outcomes["sims"])
    assert (priority["carrier"], priority["count"]) == ("Verizon Priority", 640)
    assert (att["carrier"], att["count"]) == ("AT&T", 8200 + 310)
    assert [item["sku"] for item in att["inventory"]] == ["SIM-ATT-4FF", "SIM-ATT-BUS"]
    assert value_of(outcomes["esims"])[0] == {"carrier": "AT&T", "available": 12, "max_per_request": 100}
    assert [entry["available"] for entry in value_of(outcomes["esims"])] == [12, 60, 500]
    assert value_of(outcomes["esims by token"]) == value_of(outcomes["esims"])[:1]
    login = f"POST {TOKEN_PATH}"
    assert sentinel.calls(outcomes["sims"]) == [login, f"{INVENTORY}Verizon%20Priority", f"{INVENTORY}AT%26T"]
    assert sentinel.calls(outcomes["esims"]) == [login, f"{ESIM}AT%26T", f"{ESIM}T-Mobile", f"{ESIM}Verizon"]
    assert sentinel.calls(outcomes["esims by token"]) == [f"{ESIM}AT%26T"]
    sentinel.assert_wrote_nothing()


def test_variables_override_environment_variables(sentinel: Simulator, lookup: Lookups) -> None:
    variables = {f"sentinel_{name}": text for name, text in by_token(sentinel, corp_id=CORP_ID).items()}
    wrong = {"SENTINEL_API_URL": "http://127.0.0.1:1", "SENTINEL_TOKEN": "wrong-secret-0815"}
    by_variables = lookup({"variables": Lookup(("AT&T",), {"esim": True}, variables)}, env=wrong)["variables"]
    assert value_of(by_variables)[0]["available"] == 250
    env = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}
    by_environment = lookup({"environment": Lookup(("AT&T",), {"esim": True})}, env=env)["environment"]
    assert value_of(by_environment) == value_of(by_variables)


def test_a_list_is_accepted_as_terms(sentinel: Simulator, playbook: Playbooks) -> None:
    task = {
        "name": "list",
        "ansible.builtin.debug": {
            "msg": "{{ query('kajeet.sentinel.sentinel_inventory', carriers, **login) | map(attribute='carrier') }}"
        },
        "vars": {"carriers": list(BOTH), "login": by_token(sentinel)},
    }
    assert playbook(task, defaults={}).only["msg"] == list(BOTH)


def test_errors_say_what_to_do_and_show_no_secret(sentinel: Simulator, lookup: Lookups) -> None:
    outcomes = lookup(
        {
            "no terms": Lookup((), by_token(sentinel)),
            "unknown carrier": Lookup(("Verizzon",), by_token(sentinel)),
            "no account": Lookup(("AT&T",), by_token(sentinel, esim=True)),
            "no credentials": Lookup(("AT&T",), {"api_url": sentinel.api_url}),
            "wrong password": Lookup(("AT&T",), by_login(sentinel, api_password="wrong-secret-0815")),
            "bad number": Lookup(("AT&T",), by_token(sentinel, concurrency=0)),
        }
    )
    wanted = {
        "no terms": "sentinel_inventory needs the names of carriers; sentinel_carriers lists them",
        "unknown carrier": "'Verizzon' is not a carrier of this account: Verizon, Verizon Priority",
        "no account": "Set corp_id (SENTINEL_CORP_ID; for a lookup also the variable sentinel_corp_id)",
        "no credentials": "No credentials are set",
        "wrong password": "api_username and api_password are not accepted (HTTP 401)",
        "bad number": "concurrency: must be at least 1, not 0",
    }
    for name, words in wanted.items():
        assert outcomes[name].failed
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
    sentinel.assert_wrote_nothing()


def test_a_missing_scope_is_reported_with_the_text_of_the_service(sentinel: Simulator, lookup: Lookups) -> None:
    # The scope for the inventory is not published, so the message cannot name it.
    sentinel.faults({"kind": "status", "status": 403, "body": {"message": "Forbidden: aux_fleet is needed"}})
    outcome = lookup({"forbidden": Lookup(("AT&T",), by_token(sentinel))})["forbidden"]
    assert outcome.failed
    assert "the credentials lack a scope (HTTP 403). The service says: Forbidden: aux_fleet is needed" in outcome.msg
    assert "Grant the missing scope to this user or token" in outcome.msg
