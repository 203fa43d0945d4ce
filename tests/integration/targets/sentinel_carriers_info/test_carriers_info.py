# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_carriers_info in playbooks."""

from __future__ import annotations

import pytest
from harness.infos import Infos, documented
from harness.playbooks import Playbooks
from harness.simulators import (
    CARRIERS_PATH,
    PASSWORD,
    TOKEN_PATH,
    TOKEN_WITHOUT_ESIM,
    TOKEN_WITHOUT_SCOPES,
    USERNAME,
    Simulator,
)

ESIM_PATH = "/v1.0/activation/eSim/carriers"
PLUGIN = "modules/sentinel_carriers_info"


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module."""
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_carriers_info")


def test_carriers_of_sims_and_esims_are_returned(sentinel: Simulator, info: Infos) -> None:
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    outcomes = info.both({"sim": {}, "esim": {"esim": True}, "login": login})
    assert (
        outcomes["sim"]["carriers"]
        == outcomes["login"]["carriers"]
        == documented(PLUGIN, "RETURN")["carriers"]["sample"]
    )
    assert outcomes["esim"]["carriers"] == ["Verizon", "AT&T", "T-Mobile"]
    assert sentinel.calls(outcomes["sim"]) == [f"GET {CARRIERS_PATH}"]
    assert sentinel.calls(outcomes["esim"]) == [f"GET {ESIM_PATH}"]
    assert sentinel.calls(outcomes["login"]) == [f"POST {TOKEN_PATH}", f"GET {CARRIERS_PATH}"]


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, info: Infos) -> None:
    sentinel.faults({"kind": "status", "status": 200, "body": {"a": 1}, "path": CARRIERS_PATH, "skip": 2})
    outcomes = info.assert_fail(
        {
            "no credentials": ({"api_token": None}, "No credentials are set"),
            "wrong token": ({"api_token": "wrong-secret-0815"}, "api_token is not accepted (HTTP 401)"),
            "no scope": (
                {"api_token": TOKEN_WITHOUT_SCOPES},
                "the credentials lack the scope aux_activation (HTTP 403)",
            ),
            "no scope for esim": (
                {"api_token": TOKEN_WITHOUT_ESIM, "esim": True},
                "the credentials lack the scope aux_kemp_user (HTTP 403)",
            ),
            "strange": (
                {},
                f"GET {CARRIERS_PATH}: expected carrier names, or objects with a name; received: {{'a': 1}}",
            ),
            "bad number": ({"concurrency": 0}, "concurrency: must be at least 1, not 0"),
            "unknown option": ({"esims": True}, "Unsupported parameters"),
        }
    )
    sentinel.assert_faults_struck()
    assert outcomes["no scope"]["error"] == documented(PLUGIN, "RETURN")["error"]["sample"]
