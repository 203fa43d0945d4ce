# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.drift: its output, its files, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from harness.devices import COMMON, device, iccid, imei
from harness.drifts import FLEET, STATES, fill
from harness.fleets import connection_env, csv_file, esim, smartsim
from harness.playbooks import Playbooks, Run
from harness.simulators import ACTIVE, CORP_ID, EXPORT, FAILED, OLD_ACTIVE, PENDING, TOKEN, Simulator

COMPARE, PUBLISH, FAIL = (
    "Compare the fleet with the account",
    "Publish the counts",
    "Fail if there is drift",
)
NICKNAME = 'O\'Brien & "Sons" <script>alert(1)</script>'


def declared(line: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A declared device with a line in the simulator's history."""
    return {**COMMON, **line, **fields}


@pytest.fixture
def drift(sentinel: Simulator, tmp_path: Path) -> Callable[..., Run]:
    """Runs the playbook on a fleet."""
    playbook = Playbooks(tmp_path)

    def start(
        devices: list[dict[str, Any]],
        expect_rc: int = 0,
        check: bool = False,
        env: dict[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        csv_file(tmp_path / "fleet.csv", devices)
        run = playbook(
            "kajeet.sentinel.drift",
            extra_vars={"fleet_src": "fleet.csv", **variables},
            env={**connection_env(sentinel), **(env or {})},
            expect_rc=expect_rc,
            check=check,
        )
        sentinel.assert_wrote_nothing()
        return run

    return start


def comparison(directory: Path) -> dict[str, Any]:
    """The comparison in fleet.drift.json."""
    content: dict[str, Any] = json.loads((directory / "fleet.drift.json").read_text(encoding="utf-8"))
    return content


def counts(directory: Path) -> dict[str, int]:
    """State → number of devices, without zeros."""
    return {state: count for state, count in comparison(directory)["counts"].items() if count}


def cases(directory: Path) -> dict[str, tuple[str, str] | None]:
    """The JUnit XML: name of each case → (tag, type) of its failure, or None. Asserts the totals."""
    root = ET.parse(directory / "fleet.drift.xml").getroot()
    assert root.tag == "testsuites"
    suite = root.find("testsuite")
    assert suite is not None
    listed = suite.findall("testcase")
    for name, number in (
        ("tests", len(listed)),
        ("failures", len(suite.findall("testcase/failure"))),
        ("skipped", len(suite.findall("testcase/skipped"))),
        ("errors", 0),
    ):
        assert suite.get(name) == str(number)
    by_name: dict[str, tuple[str, str] | None] = {}
    for case in listed:
        assert case.get("classname")
        assert case.get("time")
        wrong = [(child.tag, child.get("type") or "") for child in case]
        assert len(wrong) <= 1
        by_name[case.get("name") or ""] = wrong[0] if wrong else None
    assert len(by_name) == len(listed)
    return by_name


def shown(run: Run) -> list[str]:
    """The lines of the table, which are also in the output."""
    lines: list[str] = run[COMPARE]["lines"]
    assert "\n".join(lines) in run.output
    return lines


def test_a_fleet_as_declared_has_no_drift(drift: Callable[..., Run], tmp_path: Path) -> None:
    devices = [declared(ACTIVE), declared(OLD_ACTIVE), smartsim(0, sim_id="891039000000142007")]
    devices.append(esim(0, imei="351612081147032"))
    for check in (False, True):
        run = drift(devices, drift_undeclared=False, check=check)
        assert comparison(tmp_path)["drift"] == 0
        assert comparison(tmp_path)["listing"] is True
        assert counts(tmp_path) == {"active": 4}
        assert set(cases(tmp_path).values()) == {None}
        assert not any(outcome.changed for outcome in run)
        assert "\nno drift: 4 devices are as declared\n" in run.output
        assert run[PUBLISH]["ansible_stats"]["data"]["fleet_drift"] == 0


def test_each_state_by_the_history_is_reported(sentinel: Simulator, drift: Callable[..., Run], tmp_path: Path) -> None:
    sentinel.reset(settings={"pending_fixture": 3600})
    devices = [
        declared(ACTIVE),
        declared(PENDING),
        declared(FAILED),
        declared(OLD_ACTIVE, imei=imei(1)),
        device(2, nickname=NICKNAME),
        esim(3),
    ]
    run = drift(devices, expect_rc=2)
    written = comparison(tmp_path)
    states = {entry["iccid"] or entry["imei"]: entry["state"] for entry in written["devices"]}
    assert [states.pop(entry.get("iccid") or entry["imei"]) for entry in devices] == [
        *("active", "pending", "failed", "conflict", "missing", "missing")
    ]
    assert set(states.values()) == {"undeclared"}
    assert written["counts"]["undeclared"] == len(states) > 10
    assert written["drift"] == 5 + len(states)

    by_name = cases(tmp_path)
    assert list(by_name.values()).count(None) == 1
    assert by_name[f"{NICKNAME} (iccid {devices[4]['iccid']}, imei {devices[4]['imei']})"] == ("failure", "missing")
    assert "<script>" not in (tmp_path / "fleet.drift.xml").read_text(encoding="utf-8")

    table = shown(run)
    assert table[0].split()[3:] == ["missing", "failed", "conflict", "pending", "undeclared", "active"]
    assert "conflict:" in table
    shown_counts = f"2 missing, 1 failed, 1 conflict, 1 pending, {len(states)} undeclared. See "
    assert run[FAIL].msg.startswith(f"{written['drift']} devices are not as declared: {shown_counts}")
    assert str(tmp_path / "fleet.drift.xml") in run[FAIL].msg


def test_tolerated_states_are_shown_but_are_not_drift(
    sentinel: Simulator, drift: Callable[..., Run], tmp_path: Path
) -> None:
    sentinel.reset(settings={"pending_fixture": 3600})
    devices = [declared(ACTIVE), declared(PENDING)]
    run = drift(devices, drift_tolerate=["pending", "undeclared"], drift_named=1)
    assert comparison(tmp_path)["drift"] == 0
    assert comparison(tmp_path)["counts"]["pending"] == 1
    results = list(cases(tmp_path).values())
    assert results.count(("skipped", "")) == len(results) - 1
    assert any(line.strip().startswith("and ") for line in shown(run))
    wrong = drift(devices, drift_tolerate=["late"], expect_rc=2)
    assert "tolerate: unknown state 'late'; valid: " in wrong[COMPARE].msg


MADE_UP = {
    "history_csv": {
        "headings": {"transaction_id": "Wimble", "imei": "Zorp", "iccid": "Bleep", "status": "Flurb", "eid": "Glark"}
    },
    "status_words": {"line": {"active": ["Groovy"], "failed": ["Groggy"]}},
}
NAMES = {"transaction_id": "wimble", "imei": "zorp", "iccid": "bleep", "status": "flurb", "eid": "glark"}
WORDS = {"success": ["groovy"], "failed": "groggy"}


@pytest.mark.parametrize("by", ["variables", "environment"])
def test_given_field_names_and_status_words_are_used(
    sentinel: Simulator, tmp_path: Path, drift: Callable[..., Run], by: str
) -> None:
    sentinel.settings(dialect=MADE_UP)
    given: dict[str, Any] = {"fleet_field_names": NAMES, "fleet_status_words": WORDS}
    if by == "environment":
        given = {"env": {"SENTINEL_FIELD_NAMES": json.dumps(NAMES), "SENTINEL_STATUS_WORDS": json.dumps(WORDS)}}
    drift([declared(ACTIVE), declared(FAILED)], drift_undeclared=False, drift_tolerate="failed", **given)
    assert counts(tmp_path) == {"active": 1, "failed": 1}


def test_unknown_column_names_are_reported_and_the_pages_are_read_instead(
    sentinel: Simulator, drift: Callable[..., Run], tmp_path: Path
) -> None:
    sentinel.settings(dialect=MADE_UP)
    run = drift([declared(ACTIVE)], drift_undeclared=False)
    assert counts(tmp_path) == {"active": 1}
    warnings = " ".join(run[COMPARE].warnings)
    assert "The whole history was read from its pages instead" in warnings
    assert "Names in the answer: Wimble, Zorp, Bleep, Flurb, Glark" in warnings


def test_drift_fails_false_only_writes_the_files(drift: Callable[..., Run], tmp_path: Path) -> None:
    run = drift([device(1)], drift_fails=False, drift_undeclared=False, drift_file="a.json", drift_junit="b.xml")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["drift"] == 1
    assert (tmp_path / "b.xml").exists()
    assert [outcome.status for outcome in run if outcome.name == FAIL] == ["skipped"]


def test_the_message_for_one_device_is_in_the_singular(drift: Callable[..., Run]) -> None:
    run = drift([device(1)], drift_undeclared=False, expect_rc=2)
    assert run[FAIL].msg.startswith("1 device is not as declared: 1 missing. See ")


def test_a_mistake_in_the_fleet_is_reported_and_no_file_is_written(drift: Callable[..., Run], tmp_path: Path) -> None:
    run = drift([device(1, imei="12")], expect_rc=2)
    assert "fleet.csv, line 2: imei 12" in run[COMPARE].msg
    assert not (tmp_path / "fleet.drift.json").exists()


def test_variables_may_be_text_as_on_the_command_line(drift: Callable[..., Run]) -> None:
    text = {"drift_undeclared": "false", "drift_fails": "yes", "drift_named": "1", "fleet_strict": "no"}
    run = drift([declared(ACTIVE), declared(PENDING)], drift_tolerate="pending, undeclared", **text)
    assert shown(run)
    assert run[COMPARE]["counts"]["undeclared"] == 0
    run = drift([device(1), device(2)], expect_rc=2, **text)
    assert "  and 1 more" in shown(run)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("fleet_src", "src: is blank; give the path of a file, or leave src out"),
        ("drift_file", "drift_file: is blank; give the path of a file, or leave drift_file out"),
        ("fleet_directory", "directory: is blank; give the path of a directory, or leave directory out"),
    ],
)
def test_a_blank_variable_is_an_error(
    sentinel: Simulator, drift: Callable[..., Run], variable: str, message: str
) -> None:
    run = drift([device(1)], expect_rc=2, **{variable: " "})
    assert run[COMPARE].msg == message
    assert sentinel.calls() == []


@pytest.mark.parametrize("variable", ["drift_file", "drift_junit"])
def test_the_fleets_file_is_not_overwritten(drift: Callable[..., Run], tmp_path: Path, variable: str) -> None:
    run = drift([declared(ACTIVE)], expect_rc=2, **{variable: "./fleet.csv"})
    assert "/fleet.csv is also the file of src and would be overwritten; give another path" in run[COMPARE].msg
    assert ACTIVE["iccid"] in (tmp_path / "fleet.csv").read_text(encoding="utf-8")


def test_only_the_two_files_are_written(drift: Callable[..., Run], tmp_path: Path) -> None:
    drift([declared(ACTIVE)], drift_undeclared=False)
    files = {path.name for path in tmp_path.iterdir() if path.is_file() and not path.name.startswith("run-")}
    assert files == {"fleet.csv", "fleet.drift.json", "fleet.drift.xml"}


# -- With the device list ----------------------------------------------------------------------------------------------


@pytest.fixture
def account(sentinel: Simulator) -> Simulator:
    """An account with a device in each state, and no other devices."""
    fill(sentinel)
    return sentinel


def states(directory: Path) -> dict[int, str]:
    """Number of each device → state."""
    numbers = {iccid(number): number for number in range(1, 30)}
    return {numbers[entry["iccid"]]: entry["state"] for entry in comparison(directory)["devices"]}


def test_each_state_by_history_and_list_is_reported(
    account: Simulator, drift: Callable[..., Run], tmp_path: Path
) -> None:
    run = drift(FLEET, expect_rc=2)
    assert states(tmp_path) == STATES
    assert comparison(tmp_path)["drift"] == len(STATES) - 1
    reads = [call for call in account.calls() if not call.endswith("token")]
    assert len(reads) == 2, "one request for the history, one for the list"
    by_name = cases(tmp_path)
    assert len(by_name) == len(STATES)
    assert by_name[f"Bus 8 (iccid {iccid(8)}, imei {imei(8)})"] == ("failure", "other_nickname")
    table = shown(run)
    assert table[0].split()[3:] == [
        *("missing", "conflict", "suspended", "deactivated", "unlisted", "unrecorded", "settings"),
        *("undeclared", "listed_only", "active"),
    ]
    assert "other_device_group:" in table
    wanted = "1 missing, 1 conflict, 3 suspended, 1 deactivated, 1 unlisted, 1 unrecorded, 1 other_device_group"
    assert f"{wanted}, 1 other_filter_group, 1 other_nickname, 1 undeclared, 2 listed_only. See" in run[FAIL].msg
    moved = next(entry for entry in comparison(tmp_path)["devices"] if entry["iccid"] == iccid(6))
    assert moved["differences"] == [{"field": "device_group", "declared": "Transportation", "listed": "Field-Staff"}]
    assert moved["device_status"] == "active"


@pytest.mark.usefixtures("account")
def test_a_device_with_a_tolerated_state_is_drift_if_another_field_differs(
    drift: Callable[..., Run], tmp_path: Path
) -> None:
    every = sorted({*STATES.values()} - {"active", "other_device_group"})
    run = drift(FLEET, drift_tolerate=every, expect_rc=2)
    assert run[FAIL].msg.startswith("2 devices are not as declared: 2 other_device_group. See ")
    assert states(tmp_path)[10] == "other_device_group"
    drift(FLEET, drift_tolerate=",".join([*every, "other_device_group"]), drift_undeclared=False)
    assert states(tmp_path)[10] == "suspended"
    assert 22 not in states(tmp_path)


#: Number → state by the history alone.
PAST = {**dict.fromkeys((1, 2, 3, 6, 7, 8, 9, 10, 11), "active"), **dict.fromkeys((4, 5, 12), "missing")}


@pytest.mark.parametrize("reason", ["scope", "no account", "none"])
def test_without_the_list_only_the_history_decides(
    account: Simulator, drift: Callable[..., Run], tmp_path: Path, reason: str
) -> None:
    if reason == "scope":
        account.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    env = {"SENTINEL_CORP_ID": "", "SENTINEL_TOKEN": TOKEN} if reason == "no account" else {}
    listing = "none" if reason == "none" else "auto"
    run = drift(FLEET, env=env, drift_listing=listing, drift_tolerate="missing", drift_undeclared=False)
    assert states(tmp_path) == PAST
    assert comparison(tmp_path)["listing"] is False
    warnings = run[COMPARE].data.get("warnings", [])
    if reason == "none":
        assert warnings == []
        assert not [call for call in account.calls() if f"/devices/{CORP_ID}" in call]
        assert [call for call in account.calls() if EXPORT in call]
    else:
        (warning,) = warnings
        assert warning.startswith("device list: cannot be read. The history alone decides")


def test_an_unreadable_list_fails_the_playbook_if_it_is_required(
    account: Simulator, drift: Callable[..., Run], tmp_path: Path
) -> None:
    account.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    run = drift(FLEET, drift_listing="required", expect_rc=2)
    assert "lack" in run[COMPARE].msg
    assert not (tmp_path / "fleet.drift.json").exists()
    wrong = drift(FLEET, drift_listing="perhaps", expect_rc=2)
    assert "value of listing must be one of: auto, required, none, got: perhaps" in wrong[COMPARE].msg


def test_given_status_words_define_unknown_words_of_the_list(
    account: Simulator, drift: Callable[..., Run], tmp_path: Path
) -> None:
    account.control("PUT", "listing", {"device": iccid(1), "set": {"status": "Stolen"}})
    run = drift([FLEET[0]], drift_undeclared=False)
    assert counts(tmp_path) == {"active": 1}
    assert "unknown device status: 'Stolen'" in comparison(tmp_path)["warnings"][0]
    assert "unknown device status: 'Stolen'" in run.output
    words = {"deactivated": ["stolen"]}
    drift([FLEET[0]], drift_undeclared=False, fleet_status_words=words, expect_rc=2)
    assert counts(tmp_path) == {"deactivated": 1}
