# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup sentinel_devices, from playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.lookups import Lookup, Lookups, value_of
from harness.playbooks import Playbooks
from harness.simulators import ACTIVE, CORP_ID, OLD_ACTIVE, PASSWORD, TOKEN, TOKEN_PATH, USERNAME, Simulator

CSV = f"GET /v1.0/devices/{CORP_ID}?export=CSV&columns="


@pytest.fixture(scope="module")
def lookup(playbook: Playbooks) -> Lookups:
    """Calls the plugin."""
    return Lookups(playbook, "kajeet.sentinel.sentinel_devices")


def by_token(sentinel: Simulator, **more: Any) -> dict[str, Any]:
    """Options for a call with a token."""
    return {"api_url": sentinel.api_url, "api_token": TOKEN, "corp_id": CORP_ID, **more}


def test_the_whole_list_and_filters(sentinel: Simulator, lookup: Lookups) -> None:
    sentinel.reset(settings={"pending_fixture": 86_400})  # no device becomes active meanwhile
    found = lookup(
        {
            "all": Lookup((), by_token(sentinel)),
            "suspended": Lookup((), by_token(sentinel, statuses=["suspended"])),
            "limited": Lookup((), by_token(sentinel, limit=2, carriers=["Verizon"])),
        }
    )
    everyone = value_of(found["all"])
    assert value_of(found["suspended"]) == [device for device in everyone if device["state"] == "suspended"] != []
    assert value_of(found["limited"]) == [device for device in everyone if device["carrier"] == "Verizon"][:2]
    assert len(sentinel.calls(found["all"])) == 1
    sentinel.assert_wrote_nothing()


def test_all_terms_share_a_login_and_a_device_is_returned_once(sentinel: Simulator, lookup: Lookups) -> None:
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    terms = (ACTIVE["imei"], [OLD_ACTIVE["iccid"], ACTIVE["iccid"]], "nobody at all")
    found = lookup({"some": Lookup(terms, login)})["some"]
    assert [device["imei"] for device in value_of(found)] == [ACTIVE["imei"], OLD_ACTIVE["imei"]]
    token, *calls = sentinel.calls(found)
    assert token == f"POST {TOKEN_PATH}"
    assert len(calls) == 4
    assert all(call.startswith(CSV) for call in calls)


def test_variables_and_environment(sentinel: Simulator, lookup: Lookups) -> None:
    variables = {f"sentinel_{name}": text for name, text in by_token(sentinel).items()}
    found = lookup({"variables": Lookup((ACTIVE["imei"],), {}, variables)}, env={"SENTINEL_CORP_ID": "OTHER"})
    assert [device["state"] for device in value_of(found["variables"])] == ["active"]


def test_errors_in_words(sentinel: Simulator, lookup: Lookups) -> None:
    found = lookup(
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
        assert found[name].failed
        assert words in found[name].msg
        assert "wrong-secret-0815" not in found[name].msg
    sentinel.assert_wrote_nothing()
