# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report: inputs, paths and errors."""

from __future__ import annotations

import json
import os
import stat
from xml.etree import ElementTree as ET

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.arguments import REPORT_SPEC
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.files import row_lines
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.writing import write_reports

DEVICES = [
    {"outcome": "failed", "imei": "355737360073462", "nickname": "=Bus 7", "carrier": "AT&T", "device_group": "K.8"},
    {"outcome": "activated", "iccid": "89014103211118510720", "carrier": "Verizon", "seconds": 12.5},
    {"outcome": "pending", "imei": "355737360073463", "reason": "still in progress"},
    {"outcome": "skipped", "imei": "355737360073464", "reason": "on_conflict is skip"},
]
DEVICES[0]["reason"] = "SIM already in use ]]> <b> @all"
DRIFT = {
    "drift": 1,
    "listing": True,
    "counts": {"missing": 1, "pending": 1, "active": 1, "failed": 0},
    "devices": [
        {"where": "fleet.csv, line 2", "state": "missing", "reason": "not active", "drift": True, "iccid": "8901"},
        {"where": "fleet.csv, line 3", "state": "pending", "reason": "under way", "drift": False, "iccid": "8902"},
        {"where": "fleet.csv, line 4", "state": "active", "reason": None, "drift": False, "iccid": "8903"},
    ],
    "warnings": [],
}


@pytest.fixture
def write(tmp_path):
    """Writes reports of a result file with DEVICES or of another input. Paths are relative to tmp_path."""
    source = tmp_path / "result.jsonl"
    source.write_text("".join(row_lines("result.jsonl", (), DEVICES)), encoding="utf-8")

    def writer(check_mode=False, **given):
        known = {} if {"drift", "result_file"} & set(given) else {"result_file": str(source)}
        options = {name: about.get("default") for name, about in REPORT_SPEC.items()}
        return write_reports({**options, **known, **given}, str(tmp_path), check_mode)

    return writer


def problem(write, **given):
    """The error, with nothing written."""
    with pytest.raises(InputError) as caught:
        write(**given)
    return str(caught.value)


def test_dest_gets_the_page_and_its_data(write, tmp_path):
    result = write(dest="a/b", generated="2026-01-31T12:00:00Z", title="Lakeside")
    assert result == {
        "changed": False,
        "files": {name: str(tmp_path / "a" / "b" / f"report.{name}") for name in ("html", "csv", "json")},
        "summary": {"failed": 1, "pending": 1, "activated": 1, "skipped": 1},
        "msg": "1 activated, 1 skipped, 1 failed, 1 pending; report: a/b/report.html",
    }
    content = json.loads((tmp_path / "a/b/report.json").read_text(encoding="utf-8"))
    assert (content["title"], content["generated"], content["devices_total"]) == ("Lakeside", "2026-01-31T12:00:00Z", 4)
    assert "Lakeside" in (tmp_path / "a/b/report.html").read_text(encoding="utf-8")


def test_a_format_with_a_path_of_its_own_is_written_there(write, tmp_path):
    files = write(dest="out", csv="other.csv", markdown="out/comment.md")["files"]
    assert files["csv"] == str(tmp_path / "other.csv")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["comment.md", "report.html", "report.json"]


def test_a_new_file_is_private_and_an_old_one_keeps_its_mode(write, tmp_path):
    (tmp_path / "old.csv").touch(mode=0o640)
    os.chmod(tmp_path / "old.csv", 0o640)
    write(csv="old.csv", json="new.json")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("old.csv", "new.json")]
    assert modes == [0o640, 0o600]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json", "CSV"])
def test_both_formats_of_a_result_file_are_read(write, tmp_path, ending):
    path = tmp_path / f"fleet.{ending}"
    fields = sorted({field for device in DEVICES for field in device})
    path.write_text("".join(row_lines(str(path), fields, DEVICES)), encoding="utf-8")
    write(result_file=str(path), json="report.json")
    devices = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["devices"]
    assert [{name: value for name, value in device.items() if value is not None} for device in devices] == [
        DEVICES[0],
        DEVICES[2],
        DEVICES[1],
        DEVICES[3],
    ]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ('{"outcome": "activated"}\nno', "x.jsonl", "x.jsonl, line 2: invalid JSON; give the result_file of"),
        ("[]\n", "x.jsonl", "x.jsonl, line 1: is not a device"),
        ('{"imei": "1"}\n', "x.jsonl", "x.jsonl, line 1: has no outcome; valid outcomes: failed,"),
        ('{"outcome": ["failed"]}\n', "x.jsonl", "x.jsonl, line 1: unknown outcome"),
        ("imei,iccid\n1,2\n", "x.csv", "x.csv, line 1: has no column outcome"),
        ("", "x.csv", "x.csv, line 1: has no column outcome"),
        ("outcome,reason\nfailed,a\nlost,b\n", "x.csv", "x.csv, line 3: unknown outcome 'lost'"),
        ("outcome,reason\nfailed\n", "x.csv", "x.csv, line 2: has 1 cell instead of 2"),
        ('outcome\n"failed" x\n', "x.csv", "x.csv, line 2: invalid CSV"),
    ],
)
def test_another_file_is_refused_with_the_line(write, tmp_path, text, name, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert words in problem(write, result_file=name, csv="out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_cannot_be_read_is_named(write, tmp_path):
    (tmp_path / "latin.csv").write_bytes(b"outcome\n\xe4\n")
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name, words in {
        "none.jsonl": "cannot be read: no such file",
        "latin.csv": "is not in UTF-8",
        "pipe.jsonl": "is not a regular file",
        "a\0b": "is not a path",
    }.items():
        assert words in problem(write, result_file=name, csv="out.csv")


@pytest.mark.parametrize("option", ["dest", "html", "csv", "json", "junit", "markdown", "directory", "title", "suite"])
def test_a_blank_value_is_refused(write, option):
    given = {"csv": "out.csv", option: " "}
    assert problem(write, **given) == f"{option}: must not be blank; give a value, or leave the option out"


@pytest.mark.parametrize("option", ["result_file", "drift", "generated"])
def test_a_blank_input_is_refused(write, option):
    assert problem(write, csv="out.csv", **{option: ""}).startswith(f"{option}: must not be blank")


def test_no_file_is_written_twice(write, tmp_path):
    message = problem(write, dest="out", markdown="out/report.csv")
    assert "markdown:" in message
    assert "is also the file of csv" in message
    assert "is also the file of result_file" in problem(write, json="result.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.jsonl"]


@pytest.mark.parametrize(
    ("check_mode", "outcomes", "plan", "expected"),
    [
        (False, ["activated"], None, False),
        (False, ["would_activate", "already_active"], None, True),
        (True, ["already_active"], None, True),
        (True, ["activated"], None, False),
        (False, ["activated"], True, True),
        (True, ["already_active"], False, False),
    ],
)
def test_a_report_says_whether_it_is_about_a_plan(write, tmp_path, check_mode, outcomes, plan, expected):
    rows = [{"outcome": outcome} for outcome in outcomes]
    (tmp_path / "rows.jsonl").write_text("".join(row_lines("rows.jsonl", (), rows)), encoding="utf-8")
    write(check_mode, result_file="rows.jsonl", json="report.json", plan=plan)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["plan"] is expected


def suite_of(path):
    """The counts of a JUnit suite, and name and result of each case."""
    suite = ET.parse(path).getroot()[0]
    cases = {case.get("name"): case[0] if len(case) else None for case in suite.iter("testcase")}
    return suite, cases


def test_junit_has_a_case_for_each_device(write, tmp_path):
    write(junit="out.xml", suite="buses", result={"account": {"corp_id": "NORTHSTAR-ISD"}})
    suite, cases = suite_of(tmp_path / "out.xml")
    counts = {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")}
    assert counts == {"name": "buses", "tests": "4", "failures": "2", "errors": "0", "skipped": "1", "time": "12.5"}
    failed = cases["=Bus 7 (imei 355737360073462)"]
    assert (failed.tag, failed.get("type")) == ("failure", "failed")
    assert failed.get("message") == "Failed: SIM already in use ]]> <b> @all"
    assert "deactivate its other line" in failed.text
    assert cases["iccid 89014103211118510720"] is None
    assert cases["imei 355737360073463"].tag == "failure"
    assert cases["imei 355737360073464"].tag == "skipped"
    assert next(case.get("classname") for case in suite.iter("testcase")) == "buses.AT&T.K_8"
    properties = {entry.get("name"): entry.get("value") for entry in suite.iter("property")}
    assert properties["corp_id"] == "NORTHSTAR-ISD"


def test_pending_devices_are_skipped_in_the_junit_of_a_plan(write, tmp_path):
    write(junit="out.xml", plan=True)
    _suite, cases = suite_of(tmp_path / "out.xml")
    assert cases["imei 355737360073463"].tag == "skipped"


def test_markdown_has_a_table_and_the_devices_that_need_attention(write, tmp_path):
    account = {"corp_id": "NORTH_STAR", "api_url": "https://sentinel.example", "simulator": True}
    write(markdown="out.md", title="Buses *1*", result={"account": account, "plan": {"digest": "5c1f"}})
    lines = (tmp_path / "out.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == r"### Buses \*1\*"
    assert lines[2] == "1 activated, 1 skipped, 1 failed, 1 pending (simulator)"
    assert "Simulator: no real device was activated." in lines
    assert r"account NORTH\_STAR, service Simulator (https:_//sentinel.example)".replace(":_", ":\u2060") in lines
    assert "| carrier | device group | failed | pending | activated | skipped |" in lines
    assert "| **all** |  | **1** | **1** | **1** | **1** |" in lines
    assert r"- =Bus 7 (imei 355737360073462): SIM already in use \]\]\> \<b\> @_all".replace("@_", "@\u2060") in lines
    assert lines[-1] == "Digest: `5c1f`"


def test_a_drift_is_written_unchanged(write, tmp_path):
    result = write(drift=DRIFT, dest="out", junit="out/drift.xml", markdown="out/drift.md")
    assert result["summary"] == {"missing": 1, "pending": 1, "active": 1}
    assert result["msg"] == "1 device differs: 1 missing; 1 as declared; 1 tolerated; report: out/drift.md"
    written = json.loads((tmp_path / "out/drift.json").read_text(encoding="utf-8"))
    assert written["counts"] == DRIFT["counts"]
    assert [device["where"] for device in written["devices"]] == [device["where"] for device in DRIFT["devices"]]
    suite, cases = suite_of(tmp_path / "out/drift.xml")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert cases["iccid 8901"].tag == "failure"
    markdown = (tmp_path / "out/drift.md").read_text(encoding="utf-8")
    assert markdown.startswith("### Fleet drift\n")
    assert "- iccid 8901: not active" in markdown
    rows = (tmp_path / "out/drift.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("state,drift,reason,where,kind,nickname,iccid")
    assert rows[1].startswith('missing,True,not active,"fleet.csv, line 2",,,8901')
    again = write(drift="out/drift.json", json="again.json")
    assert again["summary"] == result["summary"]
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == written


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "drift: has no drift, counts and devices; give the result"),
        ([], "drift: is not a dictionary"),
        ({**DRIFT, "drift": None}, "drift: has no drift"),
        ({**DRIFT, "devices": [{}]}, "drift: device 1: is not a device of a drift"),
        (
            {**DRIFT, "devices": [{"drift": True, "state": "lost"}]},
            "device 1: unknown state 'lost'; valid states: missing",
        ),
        ("none.json", "none.json cannot be read: no such file"),
        ("result.jsonl", "result.jsonl: invalid JSON"),
    ],
)
def test_a_value_that_is_not_a_drift_is_refused(write, given, words):
    assert words in problem(write, drift=given, json="out.json")


def test_a_drift_has_no_page(write):
    assert problem(write, drift=DRIFT, html="out.html").startswith("html: not available for a drift; use markdown")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_created_is_an_error(write, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "csv: the directory" in problem(write, csv="locked/new/out.csv")
    assert "locked cannot be written" in problem(write, csv="locked/out.csv")
