# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.drift: what differs, for people, for pipelines, and as an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from harness.devices import COMMON, device, imei
from harness.fleets import connection_env, csv_file, esim, smartsim
from harness.playbooks import Playbooks, Run
from harness.simulators import ACTIVE, FAILED, OLD_ACTIVE, PENDING, Simulator

WRITE, SHOW, FAIL = "Compare, and write what differs", "Show the comparison", "Fail where there is drift"
NICKNAME = 'O\'Brien & "Sons" <script>alert(1)</script>'


def declared(line: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A declared device that is in the seeded history."""
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


def found(directory: Path) -> dict[str, Any]:
    """The comparison as written."""
    read: dict[str, Any] = json.loads((directory / "fleet.drift.json").read_text(encoding="utf-8"))
    return read


def cases(directory: Path) -> dict[str, tuple[str, str] | None]:
    """The JUnit XML: of each case its name, and what is wrong with it. Its numbers are those of its cases."""
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
    read: dict[str, tuple[str, str] | None] = {}
    for case in listed:
        assert case.get("classname")
        assert case.get("time")
        wrong = [(child.tag, child.get("type") or "") for child in case]
        assert len(wrong) <= 1
        read[case.get("name") or ""] = wrong[0] if wrong else None
    assert len(read) == len(listed)
    return read


def test_no_drift(drift: Callable[..., Run], tmp_path: Path) -> None:
    devices = [declared(ACTIVE), declared(OLD_ACTIVE), smartsim(0, sim_id="891039000000142007")]
    devices.append(esim(0, imei="351612081147032"))
    for check in (False, True):
        run = drift(devices, drift_undeclared=False, check=check)
        assert found(tmp_path)["drift"] == 0
        assert found(tmp_path)["counts"] == {
            **dict.fromkeys(("missing", "failed", "conflict", "pending", "undeclared"), 0),
            "active": 4,
        }
        assert set(cases(tmp_path).values()) == {None}
        assert not any(outcome.changed for outcome in run)
        assert run["Publish the counts"]["ansible_stats"]["data"]["fleet_drift"] == 0


def test_each_kind_of_drift(sentinel: Simulator, drift: Callable[..., Run], tmp_path: Path) -> None:
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
    written = found(tmp_path)
    states = {entry["iccid"] or entry["imei"]: entry["state"] for entry in written["devices"]}
    assert [states.pop(entry.get("iccid") or entry["imei"]) for entry in devices] == [
        *("active", "pending", "failed", "conflict", "missing", "missing")
    ]
    assert set(states.values()) == {"undeclared"}
    assert written["counts"]["undeclared"] == len(states) > 10
    assert written["drift"] == 5 + len(states)

    told = cases(tmp_path)
    assert list(told.values()).count(None) == 1
    assert told[f"{NICKNAME} (iccid {devices[4]['iccid']}, imei {devices[4]['imei']})"] == ("failure", "missing")
    assert "<script>" not in (tmp_path / "fleet.drift.xml").read_text(encoding="utf-8")

    table = run[SHOW]["msg"]
    assert table[0].split()[3:] == ["missing", "failed", "conflict", "pending", "undeclared", "active"]
    assert "conflict:" in table
    told_counts = f"2 missing, 1 failed, 1 conflict, 1 pending, {len(states)} undeclared. See "
    assert run[FAIL].msg.startswith(f"{written['drift']} devices are not as declared: {told_counts}")
    assert str(tmp_path / "fleet.drift.xml") in run[FAIL].msg


def test_what_is_tolerated_is_shown(sentinel: Simulator, drift: Callable[..., Run], tmp_path: Path) -> None:
    sentinel.reset(settings={"pending_fixture": 3600})
    devices = [declared(ACTIVE), declared(PENDING)]
    run = drift(devices, drift_tolerate=["pending", "undeclared"], drift_named=1)
    assert found(tmp_path)["drift"] == 0
    assert found(tmp_path)["counts"]["pending"] == 1
    told = list(cases(tmp_path).values())
    assert told.count(("skipped", "")) == len(told) - 1
    assert any(line.strip().startswith("and ") for line in run[SHOW]["msg"])
    wrong = drift(devices, drift_tolerate=["late"], expect_rc=2)
    assert "'late' is none of missing, failed, conflict, pending, undeclared" in wrong[WRITE].msg


MADE_UP = {
    "history_csv": {
        "headings": {"transaction_id": "Wimble", "imei": "Zorp", "iccid": "Bleep", "status": "Flurb", "eid": "Glark"}
    },
    "status_words": {"line": {"active": ["Groovy"], "failed": ["Groggy"]}},
}
NAMES = {"transaction_id": "wimble", "imei": "zorp", "iccid": "bleep", "status": "flurb", "eid": "glark"}
WORDS = {"success": ["groovy"], "failed": "groggy"}


@pytest.mark.parametrize("by", ["variables", "environment"])
def test_names_and_words_that_only_the_user_knows(
    sentinel: Simulator, tmp_path: Path, drift: Callable[..., Run], by: str
) -> None:
    sentinel.settings(dialect=MADE_UP)
    given: dict[str, Any] = {"fleet_field_names": NAMES, "fleet_status_words": WORDS}
    if by == "environment":
        given = {"env": {"SENTINEL_FIELD_NAMES": json.dumps(NAMES), "SENTINEL_STATUS_WORDS": json.dumps(WORDS)}}
    drift([declared(ACTIVE), declared(FAILED)], drift_undeclared=False, drift_tolerate="failed", **given)
    assert {state: count for state, count in found(tmp_path)["counts"].items() if count} == {"active": 1, "failed": 1}


def test_names_that_nobody_knows_are_listed(sentinel: Simulator, drift: Callable[..., Run]) -> None:
    sentinel.settings(dialect=MADE_UP)
    run = drift([declared(ACTIVE)], expect_rc=2)
    assert "Names that came: Wimble, Zorp, Bleep, Flurb, Glark" in run[WRITE].msg


def test_a_report_without_a_failure(drift: Callable[..., Run], tmp_path: Path) -> None:
    run = drift([device(1)], drift_fails=False, drift_undeclared=False, drift_file="a.json", drift_junit="b.xml")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["drift"] == 1
    assert (tmp_path / "b.xml").exists()
    assert [outcome.status for outcome in run if outcome.name == FAIL] == ["skipped"]


def test_one_device(drift: Callable[..., Run]) -> None:
    run = drift([device(1)], drift_undeclared=False, expect_rc=2)
    assert run[FAIL].msg.startswith("1 device is not as declared: 1 missing. See ")


def test_a_wrong_fleet(drift: Callable[..., Run], tmp_path: Path) -> None:
    run = drift([device(1, imei="12")], expect_rc=2)
    assert "fleet.csv, line 2: imei 12" in run[WRITE].msg
    assert not (tmp_path / "fleet.drift.json").exists()


def test_states_as_a_text(drift: Callable[..., Run]) -> None:
    """That is how they are given on the command line."""
    run = drift([declared(ACTIVE), declared(PENDING)], drift_tolerate="pending, undeclared")
    assert run[SHOW]["msg"]


@pytest.mark.parametrize("variable", ["drift_file", "drift_junit"])
def test_the_fleet_is_not_overwritten(drift: Callable[..., Run], tmp_path: Path, variable: str) -> None:
    run = drift([declared(ACTIVE)], expect_rc=2, **{variable: "./fleet.csv"})
    assert (
        f"{variable}: {tmp_path}/fleet.csv is the file of fleet_src, too" in run["Refuse one file for two things"].msg
    )
    assert ACTIVE["iccid"] in (tmp_path / "fleet.csv").read_text(encoding="utf-8")


def test_the_history_is_not_left_behind(drift: Callable[..., Run], tmp_path: Path) -> None:
    run = drift([declared(ACTIVE)], drift_tolerate="pending, undeclared")
    made = Path(run["Make a place for the history"]["path"])
    assert made.is_relative_to(tmp_path)
    assert not made.exists()
