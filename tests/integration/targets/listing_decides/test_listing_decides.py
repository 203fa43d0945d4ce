# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""History and device list decide together, in playbooks."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from harness.devices import device, fleet, iccid, imei
from harness.playbooks import Playbooks, activation, outcomes_in
from harness.simulators import EXPORT, HISTORY_PATH, LISTING, STATUS_PATH, SUBMIT_PATH, Simulator

#: Name → line of a device in the history.
HISTORIES: dict[str, Any] = {
    "nothing": False,
    "active": True,
    "failed": {"status": "failed"},
    "under way": {"status": "pending", "finishes_in": 600},
    "elsewhere": {"imei": imei(900)},
}
#: Name → entry of a device in the list: its status and differing identifiers.
LISTED: dict[str, dict[str, Any]] = {
    "active": {},
    "active elsewhere": {"imei": imei(800)},
    "suspended": {"status": "Suspended"},
    "deactivated": {"status": "Disconnected"},
    "unknown": {"status": "Preboarded"},
}
#: List, history, outcome in check mode with default options, outcome with `restore` and `activate`.
TABLE = [
    ("active", "nothing", "already_active", "already_active"),
    ("active", "active", "already_active", "already_active"),
    ("active", "failed", "already_active", "already_active"),
    ("active", "under way", "pending", "pending"),
    ("active", "elsewhere", "already_active", "already_active"),
    ("active elsewhere", "nothing", "conflict", "conflict"),
    ("active elsewhere", "active", "conflict", "conflict"),
    ("active elsewhere", "failed", "conflict", "conflict"),
    ("active elsewhere", "under way", "pending", "pending"),
    ("suspended", "nothing", "suspended", "would_restore"),
    ("suspended", "active", "suspended", "would_restore"),
    ("suspended", "failed", "suspended", "would_restore"),
    ("suspended", "under way", "pending", "pending"),
    ("deactivated", "active", "deactivated", "would_activate"),
    ("deactivated", "nothing", "would_activate", "would_activate"),
    ("deactivated", "failed", "would_activate", "would_activate"),
    ("deactivated", "under way", "pending", "pending"),
    ("unknown", "nothing", "would_activate", "would_activate"),
    ("unknown", "active", "already_active", "already_active"),
    ("unknown", "failed", "would_activate", "would_activate"),
    ("unknown", "elsewhere", "conflict", "conflict"),
]
#: List → outcome without a line of the device in the history.
UNSEEN = {name: outcome for name, seen, outcome, _more in TABLE if seen == "nothing"}


def listed(number: int, name: str, history: Any = False, **more: Any) -> dict[str, Any]:
    """An entry of the simulator's list."""
    if history:
        history = {"imei": imei(number), **(history if isinstance(history, dict) else {})}
    return {"iccid": iccid(number), "imei": imei(number), **LISTED[name], "history": history, **more}


@pytest.fixture
def table(sentinel: Simulator) -> list[dict[str, Any]]:
    """The declared devices: one per row of the table, and one that is not listed."""
    sentinel.list_devices(
        *(listed(number, name, HISTORIES[seen]) for number, (name, seen, *_outcomes) in enumerate(TABLE))
    )
    return fleet(range(len(TABLE) + 1))


def test_each_combination_of_list_and_history_has_its_outcome(
    sentinel: Simulator, playbook: Playbooks, table: list[dict[str, Any]], tmp_path: Path
) -> None:
    def task(name: str, **policy: Any) -> dict[str, Any]:
        return activation(name, devices=table, result_file=str(tmp_path / f"{name}.jsonl"), **policy)

    more = {"on_suspended": "restore", "on_deactivated": "activate", "settle_timeout": 0.2}
    run = playbook(
        [task("plain"), task("more", **more), task("skip", on_suspended="skip", on_deactivated="skip")], check=True
    )
    expected = {iccid(number): row for number, row in enumerate(TABLE)}
    for name, column in (("plain", 2), ("more", 3)):
        outcomes = outcomes_in(tmp_path / f"{name}.jsonl")
        assert outcomes.pop(iccid(len(TABLE))) == "would_activate"
        assert outcomes == {key: row[column] for key, row in expected.items()}
    skipped = {key for key, outcome in outcomes_in(tmp_path / "skip.jsonl").items() if outcome == "skipped"}
    assert skipped == {key for key, row in expected.items() if row[2] in ("suspended", "deactivated")}
    sentinel.assert_wrote_nothing()
    plan = run["more"]["plan"]
    assert plan["restore"] == sum(row[3] == "would_restore" for row in TABLE)
    assert plan["inactive"] == 0
    assert run["plain"]["plan"]["inactive"] == sum(row[2] in ("suspended", "deactivated") for row in TABLE)


@pytest.mark.parametrize("history", ["recent", "none"])
def test_each_combination_has_its_outcome_without_the_full_history(
    sentinel: Simulator, playbook: Playbooks, history: str, tmp_path: Path
) -> None:
    recent = [(name, HISTORIES[seen], outcome) for name, seen, outcome, _more in TABLE]
    old = [(name, {"days_ago": 400}, UNSEEN[name]) for name, seen, *_outcomes in TABLE if seen == "active"]
    rows = recent + old
    sentinel.list_devices(*(listed(number, name, line) for number, (name, line, _outcome) in enumerate(rows)))
    path = str(tmp_path / "part.jsonl")
    playbook(activation("part", devices=fleet(range(len(rows))), result_file=path, history=history), check=True)
    assert outcomes_in(path) == {
        iccid(number): outcome if history == "recent" else UNSEEN[name]
        for number, (name, _line, outcome) in enumerate(rows)
    }
    sentinel.assert_wrote_nothing()


def test_devices_that_were_activated_in_the_portal_are_not_submitted(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(*(listed(number, "active") for number in range(5)))
    run = playbook([activation(name, ignore=False, devices=fleet(range(5))) for name in ("first", "second")])
    for outcome in run:
        assert outcome["summary"] == {"already_active": 5}
        assert not outcome.changed
    sentinel.assert_wrote_nothing()


def test_check_apply_apply_check_restores_suspended_devices(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(*(listed(number, "suspended", history=True) for number in range(3)))
    arguments = {"devices": fleet(range(4)), "on_suspended": "restore", "result_devices": "all", "ignore": False}
    run = playbook(
        [
            activation("check", check_mode=True, **arguments),
            activation("apply", **arguments),
            activation("apply again", **arguments),
            activation("check again", check_mode=True, **arguments),
        ],
        diff=True,
    )
    check, apply = run["check"], run["apply"]
    assert check["summary"] == {"would_activate": 1, "would_restore": 3}
    assert apply["summary"] == {"activated": 1, "restored": 3}
    assert check["plan"] == apply["plan"]
    assert check["diff"] == apply["diff"]
    assert f"~ iccid {iccid(0)} imei {imei(0)}, Verizon" in check["diff"]["prepared"]
    assert (check.changed, apply.changed) == (True, True)
    assert sentinel.puts(check) == []
    (body,) = sentinel.puts(apply)
    assert body["status"] == "ACTIVE"
    restored = apply.by_iccid[iccid(0)]
    assert restored["device_status"] == "active"
    assert restored["mdn"] in [number.replace("-", "") for number in body["mdns"]]
    assert restored["reason"].startswith("was suspended in the account (MDN ")
    for name in ("apply again", "check again"):
        assert run[name]["summary"] == {"already_active": 4}
        assert not run[name].changed
        assert run[name]["requests"] == {"reads": 2, "writes": 0, "retried": 0, "throttled_seconds": 0.0}


def test_250_devices_are_restored_in_three_requests(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    sentinel.list_devices(*(listed(number, "suspended") for number in range(250)))
    source = write_fleet(tmp_path / "fleet.csv", 250)
    arguments = {"src": str(source), "on_suspended": "restore", "ignore": False}
    run = playbook([activation("restore", **arguments), activation("again", **arguments)])
    assert run["restore"]["summary"] == {"restored": 250}
    assert sorted(len(body["mdns"]) for body in sentinel.puts(run["restore"])) == [50, 100, 100]
    assert run["restore"]["requests"]["writes"] == 3
    assert run["again"]["summary"] == {"already_active": 250}
    assert sentinel.puts(run["again"]) == []
    changes = sentinel.control("GET", "status_changes")
    assert (changes["max_set"], changes["max_restored"]) == (1, 1)


def test_10_000_active_devices_take_two_requests(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    sentinel.history(
        *({"iccid": iccid(number), "imei": imei(number), "transaction_id": "ACT-OLD-1"} for number in range(10_000))
    )
    source = write_fleet(tmp_path / "fleet.csv", 10_000)
    outcome = playbook(activation("nothing", src=str(source), ignore=False)).only
    assert outcome["summary"] == {"already_active": 10_000}
    assert sentinel.calls(outcome) == [f"GET {HISTORY_PATH}?{EXPORT}", LISTING]


def write_fleet(path: Path, count: int) -> Path:
    """Write a CSV with this number of devices."""
    devices = fleet(range(count))
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(devices[0]))
        writer.writeheader()
        writer.writerows(devices)
    return path


# -- Guards ------------------------------------------------------------------------------------------------------------


def test_approval_and_limit_include_devices_to_restore(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    sentinel.list_devices(*(listed(number, "suspended") for number in range(2)))
    plan = tmp_path / "plan.json"
    restore = {"devices": fleet(range(3)), "on_suspended": "restore"}
    planned = playbook(activation("plan", devices=fleet(range(3)), plan_file=str(plan), check_mode=True)).only
    run = playbook(
        [
            activation("too many", max_new_activations=2, **restore),
            activation("digest", approved_plan=planned["plan"]["digest"], **restore),
            activation("file", approved_plan=str(plan), **restore),
        ]
    )
    assert "activates and restores 3 devices, but max_new_activations allows 2" in run["too many"].msg
    assert "It would submit or restore: " in run["digest"].msg
    assert "would submit or restore 2 devices that" in run["file"].msg
    sentinel.assert_wrote_nothing()
    approved = playbook(
        [
            activation("plan", plan_file=str(plan), check_mode=True, **restore),
            activation("apply", approved_plan=str(plan), max_new_activations=3, ignore=False, **restore),
            activation("again", approved_plan=str(plan), ignore=False, **restore),
        ]
    )
    assert approved["apply"]["summary"] == {"activated": 1, "restored": 2}
    assert not approved["again"].changed


# -- Failures ----------------------------------------------------------------------------------------------------------


def test_a_device_that_cannot_be_restored_fails_and_the_others_are_restored(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    stuck = listed(1, "suspended", stuck=True)
    sentinel.list_devices(listed(0, "suspended"), stuck, listed(2, "suspended", mdn="000-000-0000x"))
    arguments = {"devices": fleet(range(4)), "on_suspended": "restore", "settle_timeout": 0.5, "result_devices": "all"}
    outcome = playbook(activation("restore", **arguments)).only
    assert outcome.failed
    assert outcome.outcomes()[iccid(1)] == "failed"
    assert outcome["summary"].items() >= {"restored": 2, "activated": 1}.items()
    assert "the device list does not show it after 0.5 s" in outcome.by_iccid[iccid(1)]["reason"]


def test_a_late_list_is_waited_for(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(listed(0, "suspended"))
    sentinel.settings(status_lag=[1, 1])
    outcome = playbook(activation("restore", ignore=False, on_suspended="restore", **device(0))).only
    assert outcome["summary"] == {"restored": 1}


@pytest.mark.parametrize("listing", ["auto", "required"])
def test_an_unreadable_list_is_a_warning_unless_it_is_required(
    sentinel: Simulator, playbook: Playbooks, listing: str
) -> None:
    sentinel.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    run = playbook(activation("apply", listing=listing, **device(0)))
    if listing == "auto":
        assert run.only["summary"] == {"activated": 1}
        (warning,) = (text for text in run.only.warnings if "device list" in text)
        assert "cannot be read" in warning
        assert "The history alone decides" in warning
    else:
        assert run.only.failed
        assert run.only["error"]["kind"] == "scope"
        sentinel.assert_wrote_nothing()


def test_listing_none_does_not_read_the_list(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(listed(0, "suspended", history=True))
    outcome = playbook(activation("none", ignore=False, listing="none", **device(0))).only
    assert outcome["summary"] == {"already_active": 1}
    assert sentinel.calls() == [f"GET {HISTORY_PATH}?{EXPORT}"]


def test_an_unknown_status_is_reported_once_and_can_be_defined(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(*(listed(number, "unknown") for number in range(3)))
    devices = fleet(range(3))
    run = playbook(
        [
            activation("unknown", devices=devices),
            activation("defined", devices=devices, status_words={"suspended": ["preboarded"]}),
        ],
        check=True,
    )
    assert run["unknown"]["summary"] == {"would_activate": 3}
    assert run["defined"]["summary"] == {"suspended": 3}
    (warning,) = (text for text in run["unknown"].warnings if "unknown device status" in text)
    assert "'Preboarded'" in warning


def test_an_account_without_the_status_active_is_refused_before_anything_is_written(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    sentinel.list_devices(listed(0, "suspended"))
    sentinel.settings(device_statuses=["On", "Off"])
    run = playbook(
        [
            activation("check", check_mode=True, devices=fleet(range(2)), on_suspended="restore"),
            activation("apply", devices=fleet(range(2)), on_suspended="restore"),
        ]
    )
    for outcome in run:
        assert outcome.failed
        assert "The account has no device status active; nothing was written. Valid statuses: On, Off" in outcome.msg
    sentinel.assert_wrote_nothing()


def test_on_deactivated_activate_activates_a_device_again(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(listed(0, "deactivated", history=True))
    arguments = {"on_deactivated": "activate", "settle_timeout": 0.5, **device(0)}
    run = playbook([activation(name, ignore=False, **arguments) for name in ("first", "second")])
    assert run["first"]["summary"] == {"activated": 1}
    assert run["second"]["summary"] == {"already_active": 1}
    assert [request["path"] for request in sentinel.writes()] == [SUBMIT_PATH]
    assert STATUS_PATH not in {request["path"] for request in sentinel.requests()}
