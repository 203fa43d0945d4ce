# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a task: complete counts, short lists, small enough for a controller."""

from __future__ import annotations

import csv
import io
import json
import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.outputs import (
    check_result_file,
    write_plan,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.plan_lines import make_diff
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.result import ATTENTION, Run, make_result
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

#: Maximum number of characters of a result that a controller keeps.
CONTROLLERS_LIMIT = 700_000


def outcome(number, word, **fields):
    """Return the outcome of the device of that number."""
    return DeviceOutcome(device(number), Outcome(word), **fields)


def result(outcomes, changed=True, check_mode=False, plan=None, seconds=41.4, **options):
    """The result for these outcomes."""
    plan = plan or plan_of([item.device for item in outcomes])
    return make_result(Run(plan, outcomes, changed, check_mode, seconds), ActivationOptions(**options))


ONE_OF_EACH = [outcome(number, word, reason=f"why {word}") for number, word in enumerate(sorted(Outcome))]
WELL = [entry for entry in ONE_OF_EACH if not entry.outcome.needs_attention]


def test_a_result_has_every_documented_key():
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
                "kind": "sim",
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
        "elapsed": 41.4,
        "msg": "1 activated in 41 s",
    }


@pytest.mark.parametrize(
    ("which", "listed"),
    [
        ("all", set(Outcome) - set(ATTENTION)),
        ("changed", set(Outcome) - set(ATTENTION) - {"already_active"}),
        ("attention", set()),
        ("none", set()),
    ],
)
def test_result_devices_selects_the_listed_devices_and_the_summary_is_complete(which, listed):
    found = result(WELL, result_devices=which)
    assert {entry["outcome"] for entry in found["devices"]} == listed
    assert found["summary"] == {
        entry.outcome: 1 for entry in sorted(WELL, key=lambda e: list(Outcome).index(e.outcome))
    }
    assert found["devices_omitted"] == 0


@pytest.mark.parametrize("which", ["all", "changed", "attention", "none"])
def test_a_failure_lists_only_the_devices_that_need_attention(which):
    found = result(ONE_OF_EACH, result_devices=which)
    assert {entry["outcome"] for entry in found["devices"]} == (set() if which == "none" else set(ATTENTION))
    assert found["summary"] == dict.fromkeys(Outcome, 1)
    assert found["devices_omitted"] == 0


def test_without_waiting_a_failure_does_not_list_pending_devices():
    items = [outcome(0, "failed", transaction_id="T1"), outcome(1, "pending", transaction_id="T2")]
    found = result(items, wait=False)
    assert [entry["outcome"] for entry in found["devices"]] == ["failed"]
    assert [entry["transaction_id"] for entry in found["transactions"]] == ["T1"]
    assert found["msg"].endswith("1 failed, 1 pending in 41 s")


def test_a_failure_lists_the_transactions_of_its_devices_with_all_counts():
    items = [outcome(number, "activated", transaction_id=f"T{number // 2}") for number in range(6)]
    items[3].outcome = Outcome.FAILED
    assert result(items)["transactions"] == [
        {"transaction_id": "T1", "status": "ended", "success": 1, "failed": 1, "pending": 0}
    ]


def test_devices_that_need_attention_are_sorted_by_outcome_then_by_the_plan():
    words = ["activated", "pending", "activated", "failed", "unknown", "failed", "conflict"]
    found = result([outcome(number, word) for number, word in enumerate(words)])
    assert [(entry["outcome"], entry["iccid"]) for entry in found["devices"]] == [
        ("failed", iccid(3)),
        ("failed", iccid(5)),
        ("conflict", iccid(6)),
        ("unknown", iccid(4)),
        ("pending", iccid(1)),
    ]


def test_at_most_result_limit_devices_are_listed_and_the_rest_is_counted():
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
    found = make_result(Run(plan, outcomes, True), options)
    found["diff"] = make_diff(plan, options.result_limit)
    assert len(json.dumps(found)) < CONTROLLERS_LIMIT
    assert len(found["devices"]) + found["devices_omitted"] == 10_000
    assert len(found["transactions"]) + found["transactions_omitted"] == 10_000
    assert len(found["devices"]) > 100
    assert found["diff"]["prepared"].count("\n") > 50
    assert " more to activate\n" in found["diff"]["prepared"]


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
def test_a_task_fails_if_a_device_needs_attention_or_is_pending_after_the_wait(word, wait, check_mode, fails):
    found = result([outcome(0, word), outcome(1, "activated")], wait=wait, check_mode=check_mode)
    assert found.get("failed", False) is fails


def test_a_failure_names_its_devices_with_their_reasons():
    words = ["pending", "activated", "failed"]
    items = [outcome(number, word, reason=f"because {word}") for number, word in enumerate(words)]
    items[2].device = device(2, nickname="Bus 12", where="fleet.csv, line 4")
    assert result(items)["msg"].split("\n") == [
        "2 of 3 devices need attention:",
        f"Bus 12 (fleet.csv, line 4, iccid {iccid(2)} imei {imei(2)}): failed: because failed",
        f"device 1 (iccid {iccid(0)} imei {imei(0)}): pending: because pending",
        "Fix what the reasons name and run the task again: failed devices are submitted again.",
        "Pending devices are not submitted again: run the task again to keep waiting for them.",
        "1 activated, 1 failed, 1 pending in 41 s",
    ]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["failed"], "1 of 1 device needs attention:"),
        (["failed", "activated"], "1 of 2 devices needs attention:"),
        (["failed", "failed"], "2 of 2 devices need attention:"),
    ],
)
def test_the_first_line_of_a_failure_is_grammatical(words, title):
    assert (
        result([outcome(number, word) for number, word in enumerate(words)])["msg"].split("\n", maxsplit=1)[0] == title
    )


def test_without_retry_failed_the_message_names_the_option():
    msg = result([outcome(0, "failed")], retry_failed=False)["msg"]
    assert "Set retry_failed to true" in msg
    assert "it submits them again" not in msg


@pytest.mark.parametrize(
    ("files", "rest"),
    [
        ([], "set result_file to list all of them in a file"),
        (["result_file"], "all of them are in {0}/result_file.csv"),
        (["failed_file"], "all of them are in {0}/failed_file.csv"),
        (["failed_file", "result_file"], "all of them are in {0}/result_file.csv"),
    ],
)
def test_a_failure_names_some_of_many_devices_and_where_all_are_listed(tmp_path, files, rest):
    items = [outcome(number, "failed") for number in range(50)]
    msg = result(items, **{name: str(tmp_path / f"{name}.csv") for name in files})["msg"]
    assert msg.count("): failed\n") == 20
    assert f"\nand 30 more; {rest.format(tmp_path)}\n" in msg


@pytest.mark.parametrize("word", ["failed", "conflict"])
def test_one_failure_in_a_thousand_is_a_short_result(word):
    items = [outcome(number, "activated", transaction_id=f"T{number}") for number in range(1000)]
    items[500] = outcome(500, word, reason="x" * 5000, transaction_id="T500")
    assert len(json.dumps(result(items, result_devices="all"))) < 5_000


@pytest.mark.parametrize(
    ("words", "seconds", "sentence"),
    [
        ([], 0, "no devices"),
        (["activated"], 0.44, "1 activated in 0.4 s"),
        (["already_active", "activated", "already_active"], 125, "1 activated, 2 already active in 2 min 5 s"),
        (["skipped", "restored", "already_active"], 41, "1 restored, 1 skipped, 1 already active in 41 s"),
    ],
)
def test_a_success_is_one_line(words, seconds, sentence):
    items = [outcome(number, word) for number, word in enumerate(words)]
    assert result(items, seconds=seconds)["msg"] == sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "no devices"),
        (["would_activate"], "Would activate 1"),
        (["would_restore", "would_activate", "already_active"], "Would activate 1, restore 1; 1 already active"),
        (["already_active", "pending"], "Would change nothing; 1 already active, 1 pending"),
    ],
)
def test_in_check_mode_the_summary_says_what_would_happen(words, sentence):
    assert result([outcome(number, word) for number, word in enumerate(words)], check_mode=True)["msg"] == sentence


@pytest.mark.parametrize(("number", "counted"), [(1, "1 conflict"), (2, "2 conflicts")])
def test_a_conflict_is_counted_as_a_noun(number, counted):
    msg = result([outcome(each, "conflict") for each in range(number)], check_mode=True)["msg"]
    assert msg.rsplit("\n", maxsplit=1)[-1] == f"Would change nothing; {counted}"


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


def test_an_undeclared_identifier_comes_from_the_service():
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
    assert list(rows[0])[:4] == ["kind", "imei", "iccid", "nickname"]
    assert rows[1]["transaction_id"] == ""


def test_no_cell_of_a_result_file_is_a_formula(tmp_path):
    path = tmp_path / "all.csv"
    result([outcome(0, "failed", reason="=HYPERLINK(1)\x1b[31m")], result_file=str(path))
    assert "'=HYPERLINK(1)\ufffd" in path.read_text(encoding="utf-8")


def test_a_device_file_may_be_a_result_file_with_any_extension():
    assert check_result_file("/dev/null") == []
    assert "summary" in result([outcome(0, "activated")], result_file="/dev/null")


@pytest.mark.parametrize("name", ["a\x00b.csv", "a\ud83db.csv"])
def test_an_invalid_path_is_a_problem_before_the_run_and_a_warning_after_it(tmp_path, name):
    assert "is not a path" in check_result_file(str(tmp_path / name))[0]
    found = result([outcome(0, "activated")], result_file=str(tmp_path / name))
    assert found["warnings"][0].endswith("could not be written: it is not a path")
    assert found["warnings"][0].isprintable()


def test_a_result_file_that_becomes_unwritable_is_a_warning_and_loses_nothing(tmp_path):
    found = result([outcome(0, "activated")], result_file=str(tmp_path / "gone" / "all.csv"))
    assert found["summary"] == {"activated": 1}
    assert "could not be written" in found["warnings"][0]


def test_the_extension_and_folder_of_the_result_file_are_checked_before_the_run(tmp_path):
    assert check_result_file(None) == []
    assert check_result_file(str(tmp_path / "all.csv")) == []
    assert "unsupported file type" in check_result_file(str(tmp_path / "all.txt"))[0]
    assert "does not exist" in check_result_file(str(tmp_path / "gone" / "all.csv"))[0]


def test_a_plan_file_is_json_that_people_can_read(tmp_path):
    path = tmp_path / "plan.json"
    plan = plan_of([device(0, nickname="Größe")])
    write_plan(plan, ActivationOptions(plan_file=str(path)))
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == plan.as_file()
    assert '"nickname": "Größe"' in text
    assert text.endswith("}\n")


def test_a_plan_as_markdown_names_as_many_devices_as_the_option_says(tmp_path):
    path = tmp_path / "plan.md"
    plan = plan_of([device(0, nickname="a|b"), *(device(number) for number in (1, 2))])
    write_plan(plan, ActivationOptions(plan_markdown=str(path), named=2))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("| carrier | device group | activate |")
    first, *_others, rest = (line for line in lines if line.startswith("- "))
    assert first.startswith("- a\\|b (iccid ")
    assert rest == "- and 1 more to activate"
    assert lines[-1] == f"Digest: `{plan.digest()}`"


@pytest.mark.parametrize("option", ["plan_file", "plan_markdown"])
def test_a_plan_that_cannot_be_written_is_an_error(tmp_path, monkeypatch, option):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match=rf"{option}: .* cannot be written: no space left on device"):
        write_plan(plan_of(fleet(1)), ActivationOptions(**{option: str(tmp_path / "plan")}))


def test_texts_of_the_service_have_no_control_characters(tmp_path):
    path = tmp_path / "result.jsonl"
    odd = "a\x1b[2Jb\u202ec"
    seen = line(0, odd, mdn=odd, ip=odd)
    made = result([outcome(0, "failed", reason=odd, line=seen)], result_file=str(path))
    for entry in (made["devices"][0], json.loads(path.read_text())):
        for name in ("line_status", "mdn", "ip", "reason"):
            assert entry[name] == "a\ufffdb\ufffdc", name
    assert "\x1b" not in made["msg"]
