# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a fleet, what may be objected to it, and what came of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.approval import check_file
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.plan import (
    Files,
    as_text,
    combined,
    entries,
    objections,
    outcome,
    read_json,
    whole_number,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import device, history, line, plan_of

SIMS = plan_of([device(1, nickname="Bus"), device(2)], history(line(2)))
ESIMS = plan_of([device(3, iccid=None)], identity=ESIM.identity, context={"kind": "esim"})
PLAN = combined({"esim": ESIMS.as_file(), "sim": SIMS.as_file()})


def test_a_plan_of_one_kind_is_the_modules_own():
    one = combined({"sim": SIMS.as_file()})
    assert (one["digest"], one["counts"]) == (SIMS.digest(), SIMS.counts())
    assert combined({})["counts"] == {
        "activate": 0,
        "restore": 0,
        "wait": 0,
        "unchanged": 0,
        "conflict": 0,
        "inactive": 0,
    }


def test_a_plan_of_two_kinds_is_a_plan_file_for_both():
    assert PLAN["counts"] == {"activate": 2, "restore": 0, "wait": 0, "unchanged": 1, "conflict": 0, "inactive": 0}
    assert [entry["kind"] for entry in PLAN["devices"]] == ["sim", "sim", "esim"]
    assert PLAN["digest"] not in (SIMS.digest(), ESIMS.digest())
    check_file(SIMS, PLAN, "fleet.plan.json")
    check_file(ESIMS, PLAN, "fleet.plan.json")


@pytest.mark.parametrize(("most", "refused"), [(None, False), (3, False), (2, False), (1, True), (0, True)])
def test_the_limit(most, refused):
    assert bool(objections(PLAN, most, None)) == refused


@pytest.mark.parametrize("approved", [None, "", " ", PLAN["digest"], PLAN["digest"].upper() + " "])
def test_what_is_approved(approved):
    assert objections(PLAN, None, approved) == []


def test_what_is_not_approved_by_digest():
    told = objections(PLAN, 0, SIMS.digest())
    assert len(told) == 2
    assert f"now: {PLAN['digest']} (2 activate, 0 restore, 0 wait, 1 unchanged, 0 conflict, 0 inactive)" in told[1]


def test_a_part_of_what_a_file_approves_passes(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN), encoding="utf-8")
    part = combined({"esim": ESIMS.as_file()})
    assert objections(PLAN, None, str(path)) == objections(part, None, str(path)) == []
    path.write_text(json.dumps(part), encoding="utf-8")
    told = objections(PLAN, None, str(path))
    assert len(told) == 1
    assert f"iccid {device(1).iccid} imei {device(1).imei}: is not in the approved plan" in told[0]
    assert device(2).iccid not in told[0], "what is active already needs no approval"


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "cannot be read"), ("{", "is no JSON"), ("[]", "is no mapping"), ("{}", "is no plan file")],
)
def test_files_that_are_no_plans(tmp_path, text, told):
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert told in "".join(objections(PLAN, None, str(path)))


def test_reading_a_document():
    assert read_json(PLAN, "plan") is PLAN
    with pytest.raises(InputError, match="plan: is no mapping"):
        read_json(["x"], "plan")


@pytest.fixture
def files(tmp_path):
    """Result files of two kinds."""
    listed = {
        "esim": [{"imei": device(3).imei, "outcome": "pending"}],
        "sim": [{"iccid": device(1).iccid, "outcome": "activated"}, {"iccid": device(2).iccid, "outcome": "failed"}],
    }
    for kind, devices in listed.items():
        (tmp_path / kind).write_text("".join(json.dumps(entry) + "\n" for entry in devices), encoding="utf-8")
    return {kind: str(tmp_path / kind) for kind in listed}


RESULTS = {
    "sim": {
        "changed": True,
        "summary": {"failed": 1, "activated": 1},
        "msg": "1 failed",
        "requests": {"reads": 2, "writes": 2, "retried": 0, "throttled_seconds": 0.5},
        "elapsed": 1.5,
        "invocation": {},
    },
    "esim": {"changed": False, "summary": {"pending": 1}, "msg": "1 pending", "elapsed": 1.0},
}


def test_the_result_of_a_fleet(files):
    found = outcome(RESULTS, Files(files), {"digest": "d"}, waited=True)
    assert (found["changed"], found["failed"], found["elapsed"]) == (True, True, 2.5)
    assert found["summary"] == {"failed": 1, "pending": 1, "activated": 1}
    assert [(entry["kind"], entry["outcome"]) for entry in found["failed_devices"]] == [
        ("sim", "failed"),
        ("esim", "pending"),
    ]
    assert found["msg"] == "SIMs: 1 failed\neSIMs: 1 pending"
    assert found["requests"] == {"reads": 2, "writes": 2, "retried": 0, "throttled_seconds": 0.5}
    assert "invocation" not in found["kinds"]["sim"]


def test_pending_is_no_failure_where_nobody_waits(files):
    esims = Files({"esim": files["esim"]})
    found = outcome({"esim": RESULTS["esim"]}, esims, {}, waited=False)
    assert (found["failed"], found["failed_devices"], found["msg"]) == (False, [], "1 pending")
    assert outcome({"esim": RESULTS["esim"]}, esims, {}, waited=True)["failed"]


def test_a_task_that_broke_is_a_failure(files):
    found = outcome({**RESULTS, "esim": {"msg": "no answer"}}, Files(files), {}, waited=False)
    assert found["failed"]
    assert "eSIMs: no answer" in found["msg"]


def test_a_task_that_broke_tells_what_was_planned(files, tmp_path):
    """What was to be submitted may have been: nobody told."""
    listed = [
        {"imei": device(3).imei, "outcome": "would_activate", "reason": "not in the history"},
        {"imei": device(4).imei, "outcome": "already_active", "reason": "active since"},
    ]
    (tmp_path / "planned").write_text("".join(json.dumps(entry) + "\n" for entry in listed), encoding="utf-8")
    results = {**RESULTS, "esim": {"msg": "The journal\nis in use" + "!" * 500}}
    given = Files.read(
        {**files, "esim": str(tmp_path / "none")}, {"sim": "not looked at", "esim": str(tmp_path / "planned")}, results
    )
    found = outcome(results, given, {}, waited=True)
    assert found["failed"]
    assert found["summary"] == {"failed": 1, "unknown": 1, "activated": 1, "already_active": 1}
    assert [(entry["kind"], entry["outcome"]) for entry in found["failed_devices"]] == [
        ("sim", "failed"),
        ("esim", "unknown"),
    ]
    reason = found["failed_devices"][1]["reason"]
    assert reason.startswith("nothing is known of it: the activation ended before it told: The journal is in use!")
    assert len(reason) == 300
    assert list(entries(given))[-1]["reason"] == "active since"


def test_what_ran_before_is_counted(files):
    before = [{"requests": {"reads": 3, "throttled_seconds": 0.25}, "elapsed": 0.5}, {}]
    found = outcome(RESULTS, Files(files), {}, waited=True, before=before)
    assert found["requests"] == {"reads": 5, "writes": 2, "retried": 0, "throttled_seconds": 0.75}
    assert found["elapsed"] == 3.0


def test_nothing_at_all():
    assert outcome({}, Files({}), {}, waited=True)["msg"] == "no devices"


@pytest.mark.parametrize("text", ["iccid,imei", "[]"])
def test_files_that_are_no_results(tmp_path, text):
    (tmp_path / "x").write_text("{}\n" + text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"{tmp_path}/x, line 2: is no JSON line of a result file"):
        list(entries(Files({"sim": str(tmp_path / "x")})))
    with pytest.raises(InputError, match="planned: is no mapping of kinds to paths"):
        Files.read({}, "x")


def test_no_cell_of_a_csv_is_a_formula():
    text = as_text([{"kind": "sim", "iccid": "8914", "nickname": "=1+1", "=x": "a\nb"}, {"iccid": "8915"}], "x.csv")
    assert text == "kind,nickname,iccid,imei,sim_id,eid,'=x\nsim,'=1+1,8914,,,,a b\n,,8915,,,,\n"


def test_an_ending_that_tells_no_format():
    with pytest.raises(InputError, match=r"path: the ending of x.txt tells no format: use .jsonl"):
        as_text([], "x.txt")


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("3", 3), (" 0 ", 0)])
def test_whole_numbers(value, number):
    assert whole_number("named", value) == number


@pytest.mark.parametrize("value", ["x", "", None, "1.5", 1.5, float("inf"), [1]])
def test_no_whole_numbers(value):
    with pytest.raises(InputError, match=r"named: .* is no whole number"):
        whole_number("named", value)


def test_devices_with_their_nicknames(files):
    assert [entry["nickname"] for entry in entries(Files(files), PLAN)] == ["Bus", None, None]
    text = as_text(entries(Files(files), PLAN), "x.CSV")
    assert text.splitlines()[:2] == [
        "kind,nickname,iccid,imei,sim_id,eid,outcome",
        f"sim,Bus,{device(1).iccid},,,,activated",
    ]
    assert [json.loads(text)["kind"] for text in as_text(entries(Files(files)), "x.jsonl").splitlines()] == [
        "sim",
        "sim",
        "esim",
    ]
