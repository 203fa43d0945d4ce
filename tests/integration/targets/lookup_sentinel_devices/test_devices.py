# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup sentinel_devices in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import ACTIVE, CORP_ID, OLD_ACTIVE, PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

CSV = f"GET /v1.0/devices/{CORP_ID}?export=CSV&columns="


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the lookup."""
    return Lookups(playbook, "kajeet.sentinel.sentinel_devices")


def by_token(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a token."""
    return {"api_url": sentinel.api_url, "api_token": TOKEN, "corp_id": CORP_ID, **more}


def test_the_whole_list_is_returned_and_can_be_filtered(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.reset(settings={"pending_fixture": 86_400})  # no device becomes active during the test
    outcomes = lookup(
        {
            "all": Lookup((), by_token(sentinel)),
            "suspended": Lookup((), by_token(sentinel, statuses=["suspended"])),
            "limited": Lookup((), by_token(sentinel, limit=2, carriers=["Verizon"])),
        }
    )
    everyone = value_of(outcomes["all"])
    assert value_of(outcomes["suspended"]) == [device for device in everyone if device["state"] == "suspended"] != []
    assert value_of(outcomes["limited"]) == [device for device in everyone if device["carrier"] == "Verizon"][:2]
    assert len(sentinel.calls(outcomes["all"])) == 1
    sentinel.assert_wrote_nothing()


def test_all_terms_share_one_login_and_each_device_is_returned_once(sentinel: Simulator, lookup: Lookups) -> None:
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    terms = (ACTIVE["imei"], [OLD_ACTIVE["iccid"], ACTIVE["iccid"]], "nobody at all")
    outcome = lookup({"some": Lookup(terms, login)})["some"]
    assert [device["imei"] for device in value_of(outcome)] == [ACTIVE["imei"], OLD_ACTIVE["imei"]]
    token, *calls = sentinel.calls(outcome)
    assert token == f"POST {TOKEN_PATH}"
    assert len(calls) == 4
    assert all(call.startswith(CSV) for call in calls)


def test_variables_override_environment_variables(sentinel: Simulator, lookup: Lookups) -> None:
    variables = {f"sentinel_{name}": text for name, text in by_token(sentinel).items()}
    outcomes = lookup({"variables": Lookup((ACTIVE["imei"],), {}, variables)}, env={"SENTINEL_CORP_ID": "OTHER"})
    assert [device["state"] for device in value_of(outcomes["variables"])] == ["active"]


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, lookup: Lookups) -> None:
    outcomes = lookup(
        {
            "no account": Lookup((), {"api_url": sentinel.api_url, "api_token": TOKEN}),
            "unknown column": Lookup((), by_token(sentinel, columns=["SUMER_STATUS"])),
            "wrong token": Lookup((), by_token(sentinel, api_token="wrong-secret-0815")),
        }
    )
    wanted = {
        "no account": "set corp_id (SENTINEL_CORP_ID; for a lookup also the variable sentinel_corp_id)",
        "unknown column": "did you mean summer_status?",
        "wrong token": "api_token is not accepted (HTTP 401)",
    }
    for name, words in wanted.items():
        assert outcomes[name].failed
        assert words in outcomes[name].msg
        assert "wrong-secret-0815" not in outcomes[name].msg
    sentinel.assert_wrote_nothing()
