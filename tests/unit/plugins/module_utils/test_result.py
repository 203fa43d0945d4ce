# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task reports: whole in its counts, short in its lists, small enough for a controller."""

from __future__ import annotations

import csv
import io
import json
import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.result import (
    ATTENTION,
    check_result_file,
    make_diff,
    make_result,
    write_plan_file,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

#: What a controller takes of a task's result, in characters.
CONTROLLERS_LIMIT = 700_000


def outcome(number, word, **fields):
    """What became of the device of that number."""
    return DeviceOutcome(device(number), Outcome(word), **fields)


def result(outcomes, changed=True, check_mode=False, plan=None, **options):
    """The result for these outcomes."""
    plan = plan or plan_of([item.device for item in outcomes])
    return make_result(plan, outcomes, ActivationOptions(**options), changed, check_mode)


ONE_OF_EACH = [outcome(number, word, reason=f"why {word}") for number, word in enumerate(sorted(Outcome))]


def test_a_result_has_everything_that_its_documentation_promises():
    seen = line(0, mdn="6175550100", ip="10.0.0.1")
    found = result([outcome(0, "activated", transaction_id="T1", line=seen, seconds=41.5)])
    assert found == {
        "changed": True,
        "plan": {
            "activate": 1,
            "restore": 0,
            "wait": 0,
            "unchanged": 0,
            "conflict": 0,
            "inactive": 0,
            "digest": plan_of(fleet(1)).digest(),
        },
        "summary": {"activated": 1},
        "devices": [
            {
                "imei": imei(0),
                "iccid": iccid(0),
                "nickname": None,
                "carrier": "VERIZON",
                "device_group": "Transportation",
                "outcome": "activated",
                "transaction_id": "T1",
                "line_status": "Completed",
                "device_status": None,
                "reason": None,
                "mdn": "6175550100",
                "ip": "10.0.0.1",
                "seconds": 41.5,
            }
        ],
        "devices_omitted": 0,
        "transactions": [{"transaction_id": "T1", "status": "ended", "success": 1, "failed": 0, "pending": 0}],
        "transactions_omitted": 0,
        "msg": "1 device: 1 activated",
    }


@pytest.mark.parametrize(
    ("which", "listed"),
    [
        ("all", set(Outcome)),
        ("changed", set(Outcome) - {"already_active"}),
        ("attention", set(ATTENTION)),
        ("none", set()),
    ],
)
def test_the_user_says_which_devices_are_listed_and_the_summary_is_always_whole(which, listed):
    found = result(ONE_OF_EACH, result_devices=which)
    assert {entry["outcome"] for entry in found["devices"]} == listed
    assert found["summary"] == dict.fromkeys(Outcome, 1)
    assert found["devices_omitted"] == 0


def test_those_that_need_attention_come_first_and_otherwise_the_plans_order_holds():
    words = ["activated", "pending", "activated", "failed", "unknown", "failed", "conflict"]
    found = result([outcome(number, word) for number, word in enumerate(words)])
    assert [(entry["outcome"], entry["iccid"]) for entry in found["devices"]] == [
        ("failed", iccid(3)),
        ("failed", iccid(5)),
        ("conflict", iccid(6)),
        ("unknown", iccid(4)),
        ("pending", iccid(1)),
        ("activated", iccid(0)),
        ("activated", iccid(2)),
    ]


def test_no_more_are_listed_than_the_limit_and_the_rest_is_counted():
    found = result([outcome(number, "activated", transaction_id=f"T{number}") for number in range(10)], result_limit=3)
    assert [len(found["devices"]), found["devices_omitted"]] == [3, 7]
    assert [len(found["transactions"]), found["transactions_omitted"]] == [3, 7]
    assert found["summary"] == {"activated": 10}


@pytest.mark.parametrize("reason", ["x" * 5000, "ä" * 5000, "\u20ac\n" * 2000])
@pytest.mark.parametrize("word", ["failed", "activated"])
def test_ten_thousand_devices_with_long_reasons_fit_into_a_controllers_result(reason, word):
    devices = fleet(10_000)
    before = [line(number, "Failed", f"T-{number}", reason=reason[:250]) for number in range(10_000)]
    plan = plan_of(devices, history(*before))
    seen = line(0, mdn="6175550100", ip="2001:db8::1")
    outcomes = [DeviceOutcome(item, Outcome(word), f"ACT-{item.imei}", seen, reason) for item in devices]
    options = ActivationOptions(result_devices="all")
    found = make_result(plan, outcomes, options, True, False)
    found["diff"] = make_diff(plan, options)
    assert len(json.dumps(found)) < CONTROLLERS_LIMIT
    assert len(found["devices"]) + found["devices_omitted"] == 10_000
    assert len(found["transactions"]) + found["transactions_omitted"] == 10_000
    assert len(found["devices"]) > 100
    assert found["diff"]["before"].count("\n") > 50
    assert "more devices" in found["diff"]["after"]


def test_a_long_reason_is_cut():
    (entry,) = result([outcome(0, "failed", reason="x" * 301)])["devices"]
    assert entry["reason"] == "x" * 300 + " …"
    (entry,) = result([outcome(0, "failed", reason="x" * 300)])["devices"]
    assert entry["reason"] == "x" * 300


@pytest.mark.parametrize(
    ("word", "wait", "check_mode", "fails"),
    [
        ("activated", True, False, False),
        ("already_active", True, False, False),
        ("skipped", True, False, False),
        ("would_activate", True, True, False),
        ("pending", True, False, True),
        ("pending", False, False, False),
        ("pending", True, True, False),
        ("failed", False, False, True),
        ("failed", True, True, True),
        ("conflict", False, False, True),
        ("conflict", True, True, True),
        ("unknown", False, False, True),
    ],
)
def test_a_task_fails_where_a_device_ends_badly_or_is_pending_after_the_wait(word, wait, check_mode, fails):
    found = result([outcome(0, word), outcome(1, "activated")], wait=wait, check_mode=check_mode)
    assert found.get("failed", False) is fails


def test_a_failure_names_its_devices_with_their_reasons():
    words = ["pending", "activated", "failed"]
    found = result([outcome(number, word, reason=f"because {word}") for number, word in enumerate(words)])
    assert found["msg"].split("\n") == [
        "2 of 3 devices need attention: 1 failed, 1 pending",
        f"device 1 (iccid {iccid(0)} imei {imei(0)}): pending: because pending",
        f"device 3 (iccid {iccid(2)} imei {imei(2)}): failed: because failed",
        "Correct what the reasons of the failed devices name, and run the task again: it submits them again.",
        "What is still pending is not submitted again: run the task again, and it goes on waiting.",
    ]


def test_a_failure_names_some_of_many():
    msg = result([outcome(number, "failed") for number in range(50)])["msg"]
    assert msg.count("): failed: ") == 20
    assert "\nand 30 more\n" in msg


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "no devices"),
        (["activated"], "1 device: 1 activated"),
        (["already_active", "activated", "already_active"], "3 devices: 1 activated, 2 already_active"),
    ],
)
def test_a_success_is_told_in_a_sentence(words, sentence):
    assert result([outcome(number, word) for number, word in enumerate(words)])["msg"] == sentence


def test_transactions_count_the_declared_devices_in_them():
    outcomes = [
        outcome(0, "activated", transaction_id="T1"),
        outcome(1, "failed", transaction_id="T1"),
        outcome(2, "pending", transaction_id="T2"),
        outcome(3, "already_active", transaction_id="old"),
        outcome(4, "failed"),
        outcome(5, "unknown", transaction_id="T3"),
    ]
    assert result(outcomes)["transactions"] == [
        {"transaction_id": "T1", "status": "ended", "success": 1, "failed": 1, "pending": 0},
        {"transaction_id": "T2", "status": "pending", "success": 0, "failed": 0, "pending": 1},
        {"transaction_id": "T3", "status": "unknown", "success": 0, "failed": 0, "pending": 0},
    ]


def test_the_service_may_tell_an_identifier_that_was_not_declared():
    item = DeviceOutcome(device(0, imei=None), Outcome.ACTIVATED, line=line(0))
    assert result([item])["devices"][0]["imei"] == imei(0)


@pytest.mark.parametrize("name", ["all.jsonl", "all.ndjson", "ALL.JSON"])
def test_the_result_file_has_every_device_as_json_lines(tmp_path, name):
    path = tmp_path / name
    items = [outcome(number, "already_active", reason="schön") for number in range(1500)]
    found = result(items, result_file=str(path))
    entries = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    assert [entry["iccid"] for entry in entries] == [iccid(number) for number in range(1500)]
    assert entries[0]["reason"] == "schön"
    assert found["devices"] == []


def test_the_result_file_has_every_device_as_csv(tmp_path):
    path = tmp_path / "all.csv"
    result([outcome(0, "failed", reason='bad "ZIP", really\nso'), outcome(1, "activated")], result_file=str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    assert [row["outcome"] for row in rows] == ["failed", "activated"]
    assert rows[0]["reason"] == 'bad "ZIP", really so'
    assert list(rows[0])[:4] == ["imei", "iccid", "nickname", "carrier"]
    assert rows[1]["transaction_id"] == ""


def test_no_cell_of_a_result_file_is_a_formula(tmp_path):
    path = tmp_path / "all.csv"
    result([outcome(0, "failed", reason="=HYPERLINK(1)\x1b[31m")], result_file=str(path))
    assert "'=HYPERLINK(1)\ufffd" in path.read_text(encoding="utf-8")


def test_a_device_takes_a_result_file_whatever_its_name_ends_with():
    assert check_result_file("/dev/null") == []
    assert "summary" in result([outcome(0, "activated")], result_file="/dev/null")


@pytest.mark.parametrize("name", ["a\x00b.csv", "a\ud83db.csv"])
def test_what_is_no_path_is_a_problem_beforehand_and_a_warning_afterwards(tmp_path, name):
    assert "is not a path" in check_result_file(str(tmp_path / name))[0]
    found = result([outcome(0, "activated")], result_file=str(tmp_path / name))
    assert found["warnings"][0].endswith("could not be written: it is not a path")
    assert found["warnings"][0].isprintable()


def test_a_result_file_that_cannot_be_written_any_more_is_a_warning_and_loses_nothing(tmp_path):
    found = result([outcome(0, "activated")], result_file=str(tmp_path / "gone" / "all.csv"))
    assert found["summary"] == {"activated": 1}
    assert "could not be written" in found["warnings"][0]


def test_the_result_files_ending_and_folder_are_checked_beforehand(tmp_path):
    assert check_result_file(None) == []
    assert check_result_file(str(tmp_path / "all.csv")) == []
    assert "use .jsonl (JSON lines) or .csv" in check_result_file(str(tmp_path / "all.txt"))[0]
    assert "does not exist" in check_result_file(str(tmp_path / "gone" / "all.csv"))[0]


def test_a_plan_file_is_json_that_people_can_read(tmp_path):
    path = tmp_path / "plan.json"
    plan = plan_of([device(0, nickname="Größe")])
    write_plan_file(str(path), plan)
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == plan.as_file()
    assert '"nickname": "Größe"' in text
    assert text.endswith("}\n")


def test_a_plan_file_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match=r"plan_file: .* cannot be written: no space left on device"):
        write_plan_file(str(tmp_path / "plan.json"), plan_of(fleet(1)))


def test_what_the_service_says_is_listed_as_it_may_be_shown(tmp_path):
    path = tmp_path / "result.jsonl"
    odd = "a\x1b[2Jb\u202ec"
    seen = line(0, odd, mdn=odd, ip=odd)
    told = result([outcome(0, "failed", reason=odd, line=seen)], result_file=str(path))
    for entry in (told["devices"][0], json.loads(path.read_text())):
        for name in ("line_status", "mdn", "ip", "reason"):
            assert entry[name] == "a\ufffdb\ufffdc", name
    assert "\x1b" not in told["msg"]
