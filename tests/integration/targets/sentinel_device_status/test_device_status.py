# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sentinel_device_status in playbooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from harness.devices import csv_of, fleet, pair
from harness.infos import documented
from harness.playbooks import Outcome, Playbooks, Run
from harness.simulators import ACTIVE, CORP_ID, TOKEN_WITHOUT_ESIM, Simulator

MODULE = "kajeet.sentinel.sentinel_device_status"
STATUS_PATH = f"/v1.0/devices/{CORP_ID}/status"


class Account:
    """Runs tasks of the module, and reads the status of the account's devices.

    Args:
        playbook: runs the tasks.
        sentinel: the simulator.
    """

    def __init__(self, playbook: Playbooks, sentinel: Simulator) -> None:
        self._playbook = playbook
        self._sentinel = sentinel
        self._connection = {name: sentinel.connection[name] for name in ("api_url", "api_token", "corp_id")}

    def has(self, *numbers: int, **fields: Any) -> None:
        """Add devices with these numbers to the list."""
        entries = [{**pair(number), "mdn": mdn(number), **fields} for number in numbers]
        self._sentinel.control("POST", "listing", entries)

    def run(self, calls: Mapping[str, Mapping[str, Any]], **options: Any) -> Run:
        """Run one task per call."""
        tasks = [{"name": name, MODULE: dict(given), "ignore_errors": True} for name, given in calls.items()]
        return self._playbook(tasks, defaults=self._connection, **options)

    def __call__(self, check: bool = False, diff: bool = False, **given: Any) -> Outcome:
        """Run one task; return its outcome."""
        return self.run({"only": given}, check=check, diff=diff).only

    def states(self) -> dict[str, str]:
        """MDN of each added device → its status in the service."""
        devices = self._sentinel.control("GET", "listing")["devices"]
        return {device["mdn"]: device["status"] for device in devices if device["mdn"].startswith("305-")}

    def puts(self) -> list[dict[str, Any]]:
        """The requests that set a status."""
        requests: list[dict[str, Any]] = self._sentinel.control("GET", "status_changes")["puts"]
        return requests


def mdn(number: int) -> str:
    """The MDN of the device with this number."""
    return f"305-{200 + number // 10_000:03d}-{number % 10_000:04d}"


@pytest.fixture
def account(playbook: Playbooks, sentinel: Simulator) -> Account:
    """Runs tasks of the module."""
    return Account(playbook, sentinel)


def by_mdn(outcome: Outcome, field: str = "outcome") -> dict[str, Any]:
    """MDN of each device in the result → value."""
    return {device["mdn"]: device[field] for device in outcome["devices"]}


def test_check_apply_apply_check_sets_each_status_once(sentinel: Simulator, account: Account) -> None:
    account.has(1, nickname="Bus 1")
    account.has(2, 3)
    account.has(4, status="suspended")
    before = account.states()
    devices = [{"mdn": "(305) 200-0001"}, pair(2), {"iccid": pair(3)["iccid"]}, {"imei": pair(4)["imei"]}]
    task = {"devices": devices, "state": "suspended", "reason": "Summer", "result_devices": "all"}
    check = account(check=True, diff=True, **task)
    assert check.changed
    assert check["summary"] == {"would_set": 3, "unchanged": 1}
    sentinel.assert_wrote_nothing()
    assert account.states() == before

    apply = account(diff=True, **task)
    assert apply.changed
    assert apply["plan"] == check["plan"] == {"set": 3, "unchanged": 1, "refused": 0, "excepted": 0, "missing": 0}
    assert apply["diff"] == check["diff"]
    assert apply["diff"] == {
        "before": f"{mdn(1)} (Bus 1): active\n{mdn(2)}: active\n{mdn(3)}: active\n",
        "after": f"{mdn(1)} (Bus 1): SUSPENDED\n{mdn(2)}: SUSPENDED\n{mdn(3)}: SUSPENDED\n",
    }
    assert set(apply.data) == set(check.data)
    assert apply["summary"] == {"set": 3, "unchanged": 1}
    assert [request["body"] for request in sentinel.writes()] == [
        {"mdns": [mdn(1), mdn(2), mdn(3)], "status": "SUSPENDED", "reason": "Summer"}
    ]
    assert account.states() == {**before, mdn(1): "suspended", mdn(2): "suspended", mdn(3): "suspended"}
    fields = documented("modules/sentinel_device_status", "RETURN")["devices"]["contains"]
    assert all(list(device) == list(fields) for device in (*apply["devices"], *check["devices"]))
    assert by_mdn(apply, "status") == {mdn(1): "active", mdn(2): "active", mdn(3): "active", mdn(4): "suspended"}
    assert set(by_mdn(apply, "device_status").values()) == {"suspended"}
    assert apply["devices"][0]["imei"] == pair(1)["imei"]

    for outcome in (account(diff=True, **task), account(check=True, diff=True, **task)):
        assert not outcome.changed
        assert outcome["summary"] == {"unchanged": 4}
        assert outcome["diff"] == {"before": "", "after": ""}
        assert outcome["requests"]["reads"] == 1
    assert len(account.puts()) == 1


def test_the_status_of_a_file_is_set_except_for_exceptions(
    account: Account, sentinel: Simulator, tmp_path: Path
) -> None:
    account.has(*range(250))
    (tmp_path / "fleet.csv").write_text(csv_of(fleet(range(250))), encoding="utf-8")
    (tmp_path / "staff.csv").write_text(f"Phone Number,Nickname\n{mdn(7)},Principal\n{mdn(8)},\n", encoding="utf-8")
    task = {"src": str(tmp_path / "fleet.csv"), "except_src": str(tmp_path / "staff.csv"), "state": "suspended"}
    more = {"except_devices": [pair(9), {"imei": ACTIVE["imei"]}]}
    run = account.run({"suspend": {**task, **more}, "again": {**task, **more}, "restore": {**task, "state": "active"}})
    suspend, again, restore = run["suspend"], run["again"], run["restore"]
    assert suspend["summary"] == {"set": 247, "excepted": 3}
    assert by_mdn(suspend)[mdn(8)] == "excepted"
    assert suspend["devices"][7]["reason"] == "an exception: staff.csv, line 2"
    # Requests are sent concurrently, in any order.
    sizes = [len(put["mdns"]) for put in account.puts()]
    assert [sorted(sizes[:3]), sorted(sizes[3:])] == [[47, 100, 100]] * 2
    assert again["summary"] == {"unchanged": 247, "excepted": 3}
    assert not again.changed
    assert sentinel.writes(again) == []
    assert again["requests"]["reads"] == 1
    # The exceptions are still active. Device 9 is not an exception in this task.
    assert restore["summary"] == {"set": 247, "excepted": 2, "unchanged": 1}
    assert {account.states()[mdn(number)] for number in range(250)} == {"active"}
    assert {change["reason"] for change in sentinel.control("GET", "status_changes")["devices"][0]["changes"]} == {None}


def test_a_refused_device_fails_and_the_others_get_the_status(sentinel: Simulator, account: Account) -> None:
    account.has(*range(30))
    account.has(30, status="deactivated")
    # Somebody else deactivates a device, and the list does not show it yet.
    changed = {"device": mdn(17), "set": {"status": "deactivated"}, "listed_in": 600}
    sentinel.control("PUT", "listing", changed)
    devices = [pair(number) for number in range(31)]
    outcome = account(devices=devices, state="suspended", settle_timeout=20)
    assert outcome.failed
    assert outcome.changed
    assert outcome["summary"] == {"failed": 2, "set": 29}
    assert outcome["plan"]["refused"] == 1
    refused, deactivated = outcome["devices"][:2]
    assert (refused["mdn"], refused["device_status"]) == (mdn(17), "active")
    assert "must be activated again" in refused["reason"]
    assert deactivated["mdn"] == mdn(30)
    assert "activate it with an activation module" in deactivated["reason"]
    assert outcome.msg.startswith("2 of 31 devices need attention:\n")
    assert outcome.msg.endswith("\n29 set, 2 failed")
    assert f"device 18 (imei {pair(17)['imei']}, iccid {pair(17)['iccid']}): failed:" in outcome.msg
    states = account.states()
    assert {states[mdn(number)] for number in range(30) if number != 17} == {"suspended"}
    # The task does not wait for refused devices.
    assert outcome["elapsed"] < 15


def test_a_late_list_is_waited_for_until_settle_timeout(sentinel: Simulator, account: Account) -> None:
    account.has(1, 2, 3)
    sentinel.settings(status_lag=1)
    waits = account(devices=[pair(1)], state="suspended")
    assert waits["summary"] == {"set": 1}
    assert by_mdn(waits, "device_status") == {mdn(1): "suspended"}
    assert waits["elapsed"] >= 1
    sentinel.settings(status_lag=600)
    run = account.run(
        {
            "too late": {"devices": [pair(2)], "state": "suspended", "settle_timeout": 1},
            "no wait": {"devices": [pair(3)], "state": "suspended", "wait": False},
        }
    )
    late, unconfirmed = run["too late"], run["no wait"]
    assert late.failed
    assert late.changed
    assert late["summary"] == {"pending": 1}
    assert "the device list does not show it after 1 s" in late["devices"][0]["reason"]
    assert by_mdn(late, "device_status") == {mdn(2): "active"}
    assert unconfirmed["summary"] == {"set": 1}
    assert by_mdn(unconfirmed, "device_status") == {mdn(3): None}
    assert sentinel.calls(unconfirmed)[-1] == f"PUT {STATUS_PATH}".replace(CORP_ID, "Transportation")
    assert {account.states()[mdn(number)] for number in (1, 2, 3)} == {"suspended"}


def test_a_request_is_repeated_after_a_lost_answer(sentinel: Simulator, account: Account) -> None:
    account.has(1)
    sentinel.faults(
        {"kind": "reset", "call": "set_status", "commit": True},
        {"kind": "status", "status": 503, "call": "set_status", "commit": True},
    )
    outcome = account(devices=[pair(1)], state="suspended")
    assert outcome["summary"] == {"set": 1}
    sentinel.assert_faults_struck()


def test_the_account_decides_which_statuses_are_valid(sentinel: Simulator, account: Account) -> None:
    sentinel.settings(device_statuses=["In Service", "On Hold", "Hibernate", "Cancelled"])
    account.has(1, status="In Service")
    words = {"status_words": {"active": ["In Service"], "suspended": ["Hibernate"]}}
    run = account.run(
        {
            "active already": {"devices": [pair(1)], "state": "Active", **words},
            "suspend": {"devices": [pair(1)], "state": "suspended", **words},
            "hold": {"devices": [pair(1)], "state": "on hold", **words},
            "again": {"devices": [pair(1)], "state": "On-Hold", **words},
            "no such": {"devices": [pair(1)], "state": "lost", **words},
            "no such state": {"devices": [pair(1)], "state": "active"},
        }
    )
    assert run["active already"]["summary"] == {"unchanged": 1}
    assert run["suspend"]["summary"] == run["hold"]["summary"] == {"set": 1}
    assert run["again"]["summary"] == {"unchanged": 1}
    assert [put["word"] for put in account.puts()] == ["Hibernate", "On Hold"]
    assert "no device status lost; nothing was written. Valid statuses: In Service, On Hold" in run["no such"].msg
    assert "no device status active" in run["no such state"].msg


def test_all_mistakes_are_reported_at_once(sentinel: Simulator, account: Account, tmp_path: Path) -> None:
    account.has(1, 2, 3)
    account.has(4, imei=pair(3)["imei"])
    path = tmp_path / "fleet.csv"
    rows = [
        f"{mdn(1)},,{pair(1)['iccid']}",
        f"{mdn(1)},{pair(2)['imei']},",
        f"305-999-0000,,{pair(9)['iccid']}",
        f",{pair(3)['imei']},",
        f"{mdn(1)},,",
    ]
    path.write_text("MDN,IMEI,UICC\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run = account.run(
        {
            "listed": {"src": str(path), "state": "suspended"},
            "ignored": {"devices": [pair(9), pair(1), {"mdn": mdn(1)}], "state": "suspended", "missing": "ignore"},
            "form": {
                "devices": [{"mdn": "12"}, {"imei": pair(1)["iccid"]}, {"nickname": "Bus"}, {"mdm": mdn(1)}],
                "except_src": " ",
                "state": "",
                "max_changes": -1,
            },
            "both": {"devices": [], "src": "fleet.csv", "state": "active"},
            "blank guard": {"devices": [pair(2)], "state": "suspended", "max_changes": ""},
            "none": {"devices": [], "state": "active"},
            "guard": {"devices": [pair(2), {"mdn": mdn(3)}], "state": "suspended", "max_changes": 1},
        }
    )
    listed = run["listed"]
    assert listed["error"]["kind"] == "input"
    title, *lines = listed.msg.splitlines()
    assert title == "The list of devices has 3 errors; nothing was written:"
    assert lines[0].startswith("fleet.csv, line 3 (")
    assert "is not one device" in lines[0]
    assert lines[1].startswith("fleet.csv, line 4 (")
    assert "is not in the account's device list; correct it, or set missing to ignore" in lines[1]
    assert f"matches 2 listed devices: MDN {mdn(3)} (active), MDN {mdn(4)} (active)" in lines[2]
    ignored = run["ignored"]
    assert ignored["summary"] == {"set": 1, "missing": 1}
    assert [warning for warning in ignored.warnings if "same device as an earlier row" in warning]
    form = run["form"].msg
    for text in (
        "device 1: mdn 12: has 2 digits",
        "looks like an ICCID; imei and iccid are probably swapped",
        "device 3: identifies no device; give mdn, imei, iccid or eid",
        'device 4: unknown field "mdm"; did you mean mdn?',
        "except_src: is blank",
        "state: is blank",
        "max_changes: must be at least 0, not -1",
    ):
        assert text in form
    assert "devices and src cannot be used together" in run["both"].msg
    assert "max_changes" in run["blank guard"].msg
    assert run["blank guard"].failed
    assert run["none"]["summary"] == {}
    assert not run["none"].changed
    for name in ("form", "both", "blank guard", "none"):
        assert sentinel.calls(run[name]) == []
    assert run["guard"]["error"] == documented("modules/sentinel_device_status", "RETURN")["error"]["sample"]
    assert [put["mdns"] for put in account.puts()] == [[mdn(1)]]


def test_an_unreadable_list_and_a_missing_scope_are_reported(sentinel: Simulator, account: Account) -> None:
    account.has(1)
    task = {"devices": [pair(1)], "state": "suspended"}
    sentinel.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    outcome = account(**task)
    assert outcome.failed
    assert outcome["error"]["kind"] == "scope"
    assert "listing: none" not in outcome.msg
    sentinel.control("DELETE", "faults")
    outcome = account(**task, api_token=TOKEN_WITHOUT_ESIM)
    assert outcome["error"]["kind"] == "scope"
    assert "org_managerplus" in outcome["error"]["cure"]
    assert account.puts() == []
    # The list can be read only until the status is set.
    sentinel.faults({"kind": "html", "status": 200, "call": "listing", "skip": 1, "count": 0})
    outcome = account(**task, settle_timeout=0.5)
    assert outcome.failed
    assert outcome["summary"] == {"pending": 1}
    assert "the device list cannot be read" in outcome["devices"][0]["reason"]


def test_devices_are_not_found_by_iccid_in_the_pages_of_the_list(sentinel: Simulator, account: Account) -> None:
    account.has(1)
    sentinel.faults({"kind": "status", "status": 400, "query": "export=CSV", "count": 0})
    run = account.run(
        {
            "by imei": {"devices": [pair(1)], "state": "suspended"},
            "by iccid": {"devices": [{"iccid": pair(1)["iccid"]}], "state": "active"},
        }
    )
    assert run["by imei"]["summary"] == {"set": 1}
    assert run["by iccid"].failed
    for outcome in run:
        assert any("has no ICCIDs" in warning for warning in outcome.warnings)
