# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a fleet, what may be objected to it, and what came of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._kinds import ESIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._plan import Policy, check_file, make_plan
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet_plan import (
    as_text,
    combined,
    entries,
    objections,
    outcome,
    read_json,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import device, history, line, plan_of

SIMS = plan_of([device(1, nickname="Bus"), device(2)], history(line(2)))
ESIMS = make_plan([device(3, iccid=None)], history(), Policy(), ESIM.identity, {"kind": "esim"})
PLAN = combined({"esim": ESIMS.as_file(), "sim": SIMS.as_file()})


def test_a_plan_of_one_kind_is_the_modules_own():
    one = combined({"sim": SIMS.as_file()})
    assert (one["digest"], one["counts"]) == (SIMS.digest(), SIMS.counts())
    assert combined({})["counts"] == {"activate": 0, "wait": 0, "unchanged": 0, "conflict": 0}


def test_a_plan_of_two_kinds_is_a_plan_file_for_both():
    assert PLAN["counts"] == {"activate": 2, "wait": 0, "unchanged": 1, "conflict": 0}
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
    assert f"now: {PLAN['digest']} (2 activate, 0 wait, 1 unchanged, 0 conflict)" in told[1]


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
        "requests": {"get": 2, "post": 2, "retried": 0, "throttled_seconds": 0.5},
        "elapsed": 1.5,
        "invocation": {},
    },
    "esim": {"changed": False, "summary": {"pending": 1}, "msg": "1 pending", "elapsed": 1.0},
}


def test_the_result_of_a_fleet(files):
    found = outcome(RESULTS, files, {"digest": "d"}, waited=True)
    assert (found["changed"], found["failed"], found["elapsed"]) == (True, True, 2.5)
    assert found["summary"] == {"failed": 1, "pending": 1, "activated": 1}
    assert [(entry["kind"], entry["outcome"]) for entry in found["failed_devices"]] == [
        ("sim", "failed"),
        ("esim", "pending"),
    ]
    assert found["msg"] == "SIMs: 1 failed\neSIMs: 1 pending"
    assert found["requests"] == {"get": 2, "post": 2, "retried": 0, "throttled_seconds": 0.5}
    assert "invocation" not in found["kinds"]["sim"]


def test_pending_is_no_failure_where_nobody_waits(files):
    found = outcome({"esim": RESULTS["esim"]}, {"esim": files["esim"]}, {}, waited=False)
    assert (found["failed"], found["failed_devices"], found["msg"]) == (False, [], "1 pending")
    assert outcome({"esim": RESULTS["esim"]}, {"esim": files["esim"]}, {}, waited=True)["failed"]


def test_a_task_that_broke_is_a_failure(files):
    found = outcome({**RESULTS, "esim": {"msg": "no answer"}}, files, {}, waited=False)
    assert found["failed"]
    assert "eSIMs: no answer" in found["msg"]


def test_nothing_at_all():
    assert outcome({}, {}, {}, waited=True)["msg"] == "no devices"


def test_devices_with_their_nicknames(files):
    assert [entry["nickname"] for entry in entries(files, PLAN)] == ["Bus", None, None]
    text = as_text(entries(files, PLAN), "x.CSV")
    assert text.splitlines()[:2] == [
        "kind,nickname,iccid,imei,sim_id,eid,outcome",
        f"sim,Bus,{device(1).iccid},,,,activated",
    ]
    assert [json.loads(text)["kind"] for text in as_text(entries(files), "x.jsonl").splitlines()] == [
        "sim",
        "sim",
        "esim",
    ]
