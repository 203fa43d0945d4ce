# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as workbooks, and reports of result files that are workbooks."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
import zipfile

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, MissingLibraryError
from ansible_collections.kajeet.sentinel.plugins.module_utils._report import workbook
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.arguments import REPORT_SPEC
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.files import row_lines, write_whole
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.writing import write_reports

openpyxl = pytest.importorskip("openpyxl")

FIELDS = ("imei", "iccid", "nickname", "carrier", "device_group", "outcome", "reason", "seconds")
DEVICES = [
    {"outcome": "failed", "imei": "355737360073462", "nickname": "=Bus 7", "reason": "SIM already in use"},
    {"outcome": "activated", "iccid": "89014103211118510720", "carrier": "Verizon", "seconds": 12.5},
    {"outcome": "activated", "imei": "005737360073463", "nickname": "007"},
]
DRIFT = {
    "drift": 1,
    "listing": True,
    "counts": {"missing": 1, "active": 1},
    "devices": [
        {"where": "fleet.csv, line 2", "state": "missing", "drift": True, "iccid": "89014103211118510720"},
        {"where": "fleet.csv, line 3", "state": "active", "drift": False, "iccid": "89014103211118510738"},
    ],
    "warnings": [],
}


@pytest.fixture
def write(tmp_path):
    """Writes reports of a result file with DEVICES or of another input. Paths are relative to tmp_path."""
    (tmp_path / "result.jsonl").write_text("".join(row_lines("result.jsonl", (), DEVICES)), encoding="utf-8")

    def writer(**given):
        known = {} if {"drift", "result_file"} & set(given) else {"result_file": "result.jsonl"}
        options = {name: about.get("default") for name, about in REPORT_SPEC.items()}
        return write_reports({**options, **known, **given}, str(tmp_path))

    return writer


@pytest.fixture
def no_library(monkeypatch):
    """Makes openpyxl missing."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr("ansible_collections.kajeet.sentinel.plugins.module_utils._errors._LACKING", set())


def rows_of(path):
    """The rows of a workbook, by its header."""
    header, *rows = openpyxl.load_workbook(path).worksheets[0].values
    return [dict(zip(header, row)) for row in rows]


def save(path, *rows):
    """Write a workbook with another program's layout."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def problem(write, **given):
    """The error, with nothing written."""
    with pytest.raises(InputError) as caught:
        write(**given)
    return str(caught.value)


def reported(write, tmp_path, result_file):
    """The devices of a report of a result file, without empty fields."""
    write(result_file=str(result_file), json="report.json")
    devices = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["devices"]
    return [{name: value for name, value in device.items() if value is not None} for device in devices]


def test_the_workbook_has_the_rows_of_the_csv(write, tmp_path):
    result = write(xlsx="report.xlsx", csv="report.csv")
    assert result["files"] == {name: str(tmp_path / f"report.{name}") for name in ("csv", "xlsx")}
    with open(tmp_path / "report.csv", encoding="utf-8", newline="") as stream:
        expected = [{name: value or None for name, value in row.items()} for row in csv.DictReader(stream)]
    found = rows_of(tmp_path / "report.xlsx")
    assert [list(row) for row in found] == [list(row) for row in expected]
    assert [{**row, "seconds": row["seconds"] and str(row["seconds"])} for row in found] == [
        {**row, "nickname": row["nickname"] and row["nickname"].lstrip("'")} for row in expected
    ]


def test_identifiers_in_the_workbook_are_text_and_seconds_a_number(write, tmp_path):
    write(xlsx="report.xlsx")
    cells = {
        cell.value: (cell.data_type, cell.number_format)
        for row in openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0].iter_rows()
        for cell in row
    }
    for text in ("89014103211118510720", "355737360073462", "005737360073463", "007", "=Bus 7"):
        assert cells[text] == ("s", "@")
    assert cells[12.5] == ("n", "General")


def test_the_last_line_prefers_the_workbook_to_a_csv(write):
    assert write(xlsx="report.xlsx", csv="report.csv")["msg"].endswith("; report: report.xlsx")


def test_a_new_workbook_is_private_and_its_directory_is_created(write, tmp_path):
    write(xlsx="new/report.xlsx")
    assert stat.S_IMODE((tmp_path / "new/report.xlsx").stat().st_mode) == 0o600


def test_dest_does_not_include_a_workbook(write, tmp_path):
    assert "xlsx" not in write(dest="a")["files"]
    assert "xlsx" in write(dest="b", xlsx="b/report.xlsx")["files"]
    assert not (tmp_path / "a/report.xlsx").exists()


def test_a_drift_is_written_as_a_workbook(write, tmp_path):
    write(drift=DRIFT, xlsx="drift.xlsx")
    rows = rows_of(tmp_path / "drift.xlsx")
    assert [(row["state"], row["drift"], row["where"], row["iccid"]) for row in rows] == [
        ("missing", True, "fleet.csv, line 2", "89014103211118510720"),
        ("active", False, "fleet.csv, line 3", "89014103211118510738"),
    ]


@pytest.mark.usefixtures("no_library")
def test_without_the_library_nothing_is_written(write, tmp_path):
    found = problem(write, dest="out", xlsx="out/report.xlsx")
    assert found == (
        "xlsx: writing .xlsx needs the Python library openpyxl; use csv or json, or install it: "
        f"{sys.executable} -m pip install openpyxl"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("no_library")
def test_without_the_library_a_workbook_is_not_read(write, tmp_path):
    (tmp_path / "fleet.xlsx").write_bytes(b"PK")
    with pytest.raises(MissingLibraryError, match="pip install openpyxl"):
        write(result_file="fleet.xlsx", csv="out.csv")


def test_more_devices_than_a_sheet_has_rows_are_refused_before_anything_is_written(write, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    found = problem(write, csv="out.csv", xlsx="out.xlsx")
    assert found == "xlsx: has 3 devices, but a sheet holds at most 2; use csv or json"
    assert [path.name for path in tmp_path.iterdir()] == ["result.jsonl"]


@pytest.mark.parametrize("name", ["fleet.xlsx", "FLEET.XLSX"])
def test_a_result_file_can_be_a_workbook(write, tmp_path, name):
    path = str(tmp_path / name)
    write_whole(path, row_lines(path, FIELDS, DEVICES))
    assert reported(write, tmp_path, path) == DEVICES


def test_a_workbook_saved_by_a_spreadsheet_is_read(write, tmp_path):
    """With empty rows and cells, and numbers instead of text."""
    save(
        tmp_path / "fleet.xlsx",
        ["outcome", "imei", "seconds", "nickname"],
        ["activated", 355737360073462, 12, 7.0, None],
        [],
        ["failed", "355737360073463", None, "Bus"],
        [None, None],
    )
    assert reported(write, tmp_path, tmp_path / "fleet.xlsx") == [
        {"outcome": "failed", "imei": "355737360073463", "nickname": "Bus"},
        {"outcome": "activated", "imei": "355737360073462", "seconds": 12.0, "nickname": "7"},
    ]


def test_a_workbook_with_a_wrong_size_is_read_completely(write, tmp_path):
    save(tmp_path / "right.xlsx", ["outcome", "imei"], ["failed", "355737360073463"])
    with zipfile.ZipFile(tmp_path / "right.xlsx") as right, zipfile.ZipFile(tmp_path / "fleet.xlsx", "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, right.read(name).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert reported(write, tmp_path, tmp_path / "fleet.xlsx") == [{"outcome": "failed", "imei": "355737360073463"}]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "row 1: has no column outcome; give the result_file of"),
        ([["imei"], ["355737360073462"]], "row 1: has no column outcome"),
        ([["outcome"], ["activated"], ["lost"]], "row 3: unknown outcome 'lost'; valid outcomes: failed,"),
        ([["outcome", "imei"], [None, "35"]], "row 2: has no outcome"),
        ([["outcome"], ["failed", "x"]], "row 2: has more cells than the header"),
        (
            [["outcome", "iccid"], ["failed", 89014103211118510000]],
            "row 2: iccid is a number, and spreadsheets keep only 15 digits; give the file as it was written",
        ),
    ],
)
def test_another_workbook_is_refused_with_the_row(write, tmp_path, rows, words):
    save(tmp_path / "fleet.xlsx", *rows)
    assert f"result_file: {tmp_path}/fleet.xlsx, {words}" in problem(write, result_file="fleet.xlsx", csv="out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_not_a_workbook_is_refused(write, tmp_path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "a")
    for content in (b"", b"outcome\nactivated\n", b"PK\x03\x04", archive.getvalue()):
        (tmp_path / "fleet.xlsx").write_bytes(content)
        found = problem(write, result_file="fleet.xlsx", csv="out.csv")
        assert found.startswith(f"result_file: {tmp_path}/fleet.xlsx: is not a readable Excel workbook; give the")
    assert "cannot be read: no such file" in problem(write, result_file="none.xlsx", csv="out.csv")
