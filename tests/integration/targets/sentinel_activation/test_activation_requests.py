# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests of a task."""

from __future__ import annotations

from harness.devices import device, fleet, iccid, imei
from harness.playbooks import Playbooks, activation
from harness.simulators import CARRIERS_PATH, EXPORT, HISTORY_PATH, LISTING, PASSWORD, TOKEN_PATH, USERNAME, Simulator

PLANS = "/v1.0/activation/billing-plans"
INTERNET_PLANS = "/v1.0/activation/businessInternetPlans"


def test_an_active_fleet_takes_two_requests(sentinel: Simulator, playbook: Playbooks) -> None:
    listed = fleet(range(50), plan_id="VZW-EDU-10")
    sentinel.history(*({"iccid": entry["iccid"], "imei": entry["imei"], "days_ago": 300} for entry in listed))
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    tasks = [activation(name, ignore=False, devices=listed, request_format=name) for name in ("single", "batch")]
    run = playbook(tasks)
    again = playbook(activation("login", ignore=False, devices=listed), defaults=login)
    for outcome in (*run, *again):
        assert not outcome.changed
        assert outcome["summary"] == {"already_active": 50}
        assert outcome["requests"] == {"reads": 2, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
    read = [f"GET {HISTORY_PATH}?{EXPORT}", LISTING]
    assert sentinel.calls() == [*read, *read, f"POST {TOKEN_PATH}", *read]


def test_an_empty_list_takes_no_request(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook([activation("empty", ignore=False, devices=[]), activation("check", devices=[], check_mode=True)])
    for outcome in run:
        assert not outcome.failed
        assert not outcome.changed
        assert outcome["summary"] == {}
        assert outcome["requests"]["reads"] == outcome["requests"]["writes"] == 0
    assert sentinel.requests() == []


def test_preflight_reads_carriers_and_the_plans_that_are_declared(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            activation("carriers", check_mode=True, **device(1)),
            activation("plans", check_mode=True, **device(1, plan_id="VZW-EDU-10")),
            activation("internet", check_mode=True, **device(1, carrier="Verizon BI", plan_id="VZBI-100")),
            activation("off", check_mode=True, preflight=False, **device(1, plan_id="VZW-EDU-10")),
        ]
    )
    read = [f"GET {HISTORY_PATH}?{EXPORT}", LISTING]
    assert sentinel.calls(run["carriers"]) == [*read, f"GET {CARRIERS_PATH}"]
    assert sentinel.calls(run["plans"]) == [*read, f"GET {CARRIERS_PATH}", f"GET {PLANS}"]
    assert sentinel.calls(run["internet"]) == [*read, f"GET {CARRIERS_PATH}", f"GET {INTERNET_PLANS}"]
    assert sentinel.calls(run["off"]) == read


def test_preflight_reports_unknown_carriers_and_plans(sentinel: Simulator, playbook: Playbooks) -> None:
    wrong = [
        device(1, carrier="Verizon Prority"),
        device(2, plan_id="VZW-EDU-11"),
        device(3, carrier="Verizon BI", plan_id="VZW-EDU-10"),
        device(4),
    ]
    run = playbook([activation("check", devices=wrong, check_mode=True), activation("apply", devices=wrong)])
    for outcome in run:
        assert outcome.failed
        assert outcome["error"]["kind"] == "preflight"
        assert "nothing was written" in outcome.msg
        assert (
            "device 1: the account has no carrier 'Verizon Prority'; did you mean Verizon Priority? Write Verizon "
            "Priority, or set carrier_names: {Verizon Prority: Verizon Priority}. Valid: AT&T, " in outcome.msg
        )
        assert "device 2: the account has no billing plan 'VZW-EDU-11'; did you mean VZW-EDU-10?" in outcome.msg
        assert "device 3: the account has no business internet plan 'VZW-EDU-10'" in outcome.msg
        assert "device 4" not in outcome.msg
    sentinel.assert_wrote_nothing()


def test_without_preflight_the_service_refuses_an_unknown_carrier(sentinel: Simulator, playbook: Playbooks) -> None:
    wrong = [device(1, carrier="Verizzon"), device(2)]
    outcome = playbook(activation("off", devices=wrong, preflight=False)).only
    assert outcome.failed
    assert outcome["summary"] == {"failed": 1, "activated": 1}
    assert "'Verizzon' is not a carrier of this account" in outcome.by_iccid[iccid(1)]["reason"]
    assert list(sentinel.submitted()) == [iccid(2)]


def test_a_device_that_is_refused_as_active_is_confirmed_by_the_history(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    sentinel.settings(duplicates="refuse", history_lag=0)
    sentinel.history({"iccid": iccid(1), "imei": imei(1), "days_ago": 3})
    outcome = playbook(activation("refused", ignore=False, history="none", result_devices="all", **device(1))).only
    assert outcome.outcomes() == {iccid(1): "already_active"}
    assert not outcome.changed, "the service accepted nothing"
