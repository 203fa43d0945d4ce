# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of activations and of drift, for people and for pipelines."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from harness.devices import COMMON, csv_of, device, fleet, iccid
from harness.playbooks import Playbooks, activation
from harness.simulators import CORP_ID, Simulator
from openpyxl import load_workbook

MODULE = "kajeet.sentinel.sentinel_report"
#: Digits in an ICCID with which the simulator's carrier refuses the device, because its IMEI is on a block list.
BLOCKED = "904"


def report(name: str = "report", register: str | None = None, **arguments: Any) -> dict[str, Any]:
    """A task that writes a report."""
    return {"name": name, MODULE: arguments, "ignore_errors": True, **({"register": register} if register else {})}


def devices() -> list[dict[str, Any]]:
    """Two devices that become active, and one that the carrier refuses."""
    named = [{**entry, "nickname": f"Bus {number}"} for number, entry in enumerate(fleet([1, 2]), 1)]
    return [*named, device(3, digits=BLOCKED, nickname="Bus 3")]


def activate(result_file: str, **arguments: Any) -> dict[str, Any]:
    """The task that is reported."""
    return {**activation("activate", devices=devices(), result_file=result_file, **arguments), "register": "activated"}


def run_of(sentinel: Simulator, **more: Any) -> str:
    """An expression for the option `result`, with values for the report's head."""
    account = {"corp_id": CORP_ID, "api_url": sentinel.api_url, "simulator": True}
    known = json.dumps({"account": account, "source": "fleet.csv", **more})
    return f"{{{{ activated | combine({known}) }}}}"


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_an_activation_is_reported_to_people_and_pipelines(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, ending: str
) -> None:
    result_file = str(tmp_path / f"fleet.{ending}")
    outputs = {"dest": str(tmp_path / "out" / "report"), "junit": str(tmp_path / "out" / "fleet.xml")}
    run = playbook(
        [
            activate(result_file),
            report(result_file=result_file, result=run_of(sentinel), markdown=str(tmp_path / "fleet.md"), **outputs),
        ]
    )
    outcome = run["report"]
    assert not outcome.failed, outcome.msg
    assert not outcome.changed
    assert outcome["summary"] == {"failed": 1, "activated": 2}
    counts, _semicolon, path = outcome.msg.partition("; report: ")
    assert counts.startswith("2 activated, 1 failed in ")
    assert counts.endswith(" (simulator)")
    assert path == str(tmp_path / "out" / "report" / "report.html")
    files = {name: Path(path) for name, path in outcome["files"].items()}
    assert set(files) == {"html", "csv", "json", "junit", "markdown"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}

    page = files["html"].read_text(encoding="utf-8")
    assert "No real device was activated" in page
    for text in (CORP_ID, "fleet.csv", run["activate"]["plan"]["digest"], "<strong>2 devices</strong>"):
        assert text in page
    assert "Ask the carrier why it blocks the device" in page
    rows = list(csv.DictReader(files["csv"].read_text(encoding="utf-8").splitlines()))
    assert [row["nickname"] for row in rows] == ["Bus 3", "Bus 1", "Bus 2"]
    content = json.loads(files["json"].read_text(encoding="utf-8"))
    assert content["bill"] == {"new": 2, "possible": 0, "restored": 0}
    assert content["run"]["account"]["simulator"] is True
    suite = ET.parse(files["junit"]).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    markdown = files["markdown"].read_text(encoding="utf-8")
    assert "| **all** |  | **1** | **2** |" in markdown
    assert f"Bus 3 (iccid {iccid(3, BLOCKED)}" in markdown


def test_workbooks_of_result_and_report_keep_all_digits(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    result_file, path = str(tmp_path / "fleet.xlsx"), tmp_path / "report" / "fleet.xlsx"
    tasks = [activate(result_file), report(result_file=result_file, result=run_of(sentinel), xlsx=str(path))]
    outcome = playbook(tasks)["report"]
    assert not outcome.failed, outcome.msg
    assert outcome["files"] == {"xlsx": str(path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    header, *rows = load_workbook(path).worksheets[0].iter_rows()
    entries = [{title.value: cell for title, cell in zip(header, row)} for row in rows]
    assert [row["nickname"].value for row in entries] == ["Bus 3", "Bus 1", "Bus 2"]
    assert [row["iccid"].value for row in entries] == [iccid(3, BLOCKED), iccid(1), iccid(2)]
    assert {row[name].number_format for row in entries for name in ("imei", "iccid")} == {"@"}


def test_check_mode_reports_the_plan(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    result_file = str(tmp_path / "fleet.jsonl")
    tasks = [
        activate(result_file),
        report(result_file=result_file, result=run_of(sentinel), dest=str(tmp_path / "out")),
    ]
    run = playbook(tasks, check=True)
    sentinel.assert_wrote_nothing()
    assert run["report"]["summary"] == {"would_activate": 3}
    assert run["report"].msg.startswith("3 would be activated in ")
    assert not run["report"].changed
    content = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert (content["plan"], content["bill"]["new"]) == (True, 3)
    assert "Would be new on the bill" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_drift_of_fleet_drift_or_of_its_file_is_reported(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    declared = tmp_path / "fleet.csv"
    declared.write_text(csv_of([{**entry, **COMMON} for entry in fleet([1, 2])]), encoding="utf-8")
    connection = {name: sentinel.connection[name] for name in ("api_url", "api_token", "corp_id")}
    drift = f"{{{{ '{declared}' | kajeet.sentinel.fleet_drift(history='{tmp_path}/history.csv', undeclared=false) }}}}"
    run = playbook(
        [
            activation("activate", ignore=False, devices=fleet([1]), **sentinel.connection),
            {
                "name": "history",
                "kajeet.sentinel.sentinel_transactions_export": {
                    "dest": f"{tmp_path}/history.csv",
                    "sort_dir": "ASC",
                    **connection,
                },
            },
            report("drift", drift=drift, dest=str(tmp_path / "out"), junit=str(tmp_path / "drift.xml"), suite="buses"),
            report("again", drift=str(tmp_path / "out" / "drift.json"), markdown=str(tmp_path / "drift.md")),
        ],
        defaults={},
    )
    assert run["drift"]["summary"] == run["again"]["summary"] == {"missing": 1, "active": 1}
    assert run["drift"].msg == f"1 device differs: 1 missing; 1 as declared; report: {tmp_path}/out/drift.csv"
    assert set(run["drift"]["files"]) == {"csv", "json", "junit"}
    suite = ET.parse(tmp_path / "drift.xml").getroot()[0]
    assert (suite.get("name"), suite.get("failures")) == ("buses", "1")
    assert "**missing**" in (tmp_path / "drift.md").read_text(encoding="utf-8")


def test_relative_paths_start_at_the_option_directory_or_at_the_playbooks_directory(
    playbook: Playbooks, workspace: Path, tmp_path: Path
) -> None:
    for place in (workspace, tmp_path):
        (place / "result.jsonl").write_text('{"outcome": "activated"}\n', encoding="utf-8")
    run = playbook(
        [
            report("playbook", result_file="result.jsonl", csv="made/here.csv"),
            report("directory", result_file="result.jsonl", csv="made/here.csv", directory=str(tmp_path)),
        ]
    )
    assert run["playbook"]["files"] == {"csv": str(workspace / "made" / "here.csv")}
    assert run["directory"]["files"] == {"csv": str(tmp_path / "made" / "here.csv")}
    assert run["directory"].msg == "1 activated; report: made/here.csv"
    assert (tmp_path / "made" / "here.csv").is_file()


def test_the_module_runs_on_the_controller_for_any_host(playbook: Playbooks, tmp_path: Path) -> None:
    (tmp_path / "result.jsonl").write_text('{"outcome": "already_active"}\n', encoding="utf-8")
    unreachable = {"ansible_connection": "ssh", "ansible_host": "192.0.2.1", "ansible_python_interpreter": "/nowhere"}
    task = report(result_file=str(tmp_path / "result.jsonl"), html=str(tmp_path / "report.html"))
    run = playbook([task], extra_vars=unreachable)
    assert run.only["files"] == {"html": str(tmp_path / "report.html")}


def test_wrong_input_is_reported_in_one_line(playbook: Playbooks, tmp_path: Path) -> None:
    good, bad, table = tmp_path / "good.jsonl", tmp_path / "bad.jsonl", tmp_path / "fleet.csv"
    good.write_text('{"outcome": "activated"}\n', encoding="utf-8")
    bad.write_text('{"outcome": "activated"}\n{"outcome": "lost"}\n', encoding="utf-8")
    table.write_text(csv_of(fleet([1])), encoding="utf-8")
    out = str(tmp_path / "out.html")
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "no input": ({"html": out}, "one of the following is required: result_file, drift"),
        "two inputs": (
            {"html": out, "result_file": str(good), "drift": {}},
            "parameters are mutually exclusive: result_file|drift",
        ),
        "no output": (
            {"result_file": str(good)},
            "one of the following is required: dest, html, csv, xlsx, json, junit, markdown",
        ),
        "unknown option": (
            {"result_file": str(good), "html": out, "pdf": out},
            "Unsupported parameters for (kajeet.sentinel.sentinel_report) module",
        ),
        "missing file": (
            {"html": out, "result_file": "none.jsonl"},
            "none.jsonl cannot be read: no such file or directory",
        ),
        "unknown outcome": ({"html": out, "result_file": str(bad)}, f"{bad}, line 2: unknown outcome 'lost'"),
        "no result file": ({"html": out, "result_file": str(table)}, f"{table}, line 1: has no column outcome"),
        "blank": ({"html": " ", "result_file": str(good)}, "html: must not be blank"),
        "twice": ({"html": out, "csv": out, "result_file": str(good)}, f"csv: {out} is also the file of html"),
        "over the input": ({"html": str(good), "result_file": str(good)}, "is also the file of result_file"),
        "no directory": (
            {"html": f"{good}/report.html", "result_file": str(good)},
            f"html: {good}/report.html cannot be written: not a directory",
        ),
        "page of a drift": ({"html": out, "drift": {"drift": 0}}, "html: not available for a drift"),
        "no drift": ({"csv": out, "drift": {"drift": 0}}, "drift: has no drift, counts and devices"),
        "wrong result": (
            {"html": out, "result_file": str(good), "result": {"started_at": "noon"}},
            "result.started_at: 'noon' is not a time with a zone",
        ),
    }
    run = playbook([report(name, **given) for name, (given, _words) in cases.items()])
    for name, (_given, words) in cases.items():
        assert run[name].failed, name
        assert words in run[name].msg, (name, run[name].msg)
        assert "\n" not in run[name].msg
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl", "fleet.csv", "good.jsonl"]
