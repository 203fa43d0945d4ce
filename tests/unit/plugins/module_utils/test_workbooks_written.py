# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workbooks that a task writes: digits stay, nothing is a formula, and a file is written as a whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
import tempfile
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import MissingLibraryError
from ansible_collections.kajeet.sentinel.plugins.module_utils._report import workbook
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.files import row_lines, write_whole
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.outputs import (
    check_failed_file,
    check_result_file,
    write_failed_file,
    write_result_file,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.workbook import workbook_parts, workbook_problem
from ansible_collections.kajeet.sentinel.plugins.module_utils._text import printable
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import device, iccid, imei

openpyxl = pytest.importorskip("openpyxl")

#: Texts that spreadsheets run or change when they read them from a CSV.
RUN = ["=1+1", "+1", "-1", "@x", "\t=1", "=HYPERLINK(1)", "'=1", "#N/A", "=", "1E5", "TRUE", "2026-01-31", "1.50"]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The directory of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def no_library(monkeypatch):
    """A machine without openpyxl."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr("ansible_collections.kajeet.sentinel.plugins.module_utils._errors._LACKING", set())


def sheet_of(source):
    """The first sheet of a workbook, of its path or content."""
    return openpyxl.load_workbook(io.BytesIO(source) if isinstance(source, bytes) else source).worksheets[0]


def cells_of(*values):
    """Return the cells of a column with these values in its rows, without the header."""
    content = b"".join(workbook_parts(["value"], [{"value": value} for value in values]))
    return [row[0] for row in sheet_of(content).iter_rows(min_row=2, max_row=1 + len(values))]


def outcomes(number):
    """Return outcomes of that many devices, every third one failed."""
    return [
        DeviceOutcome(
            device(each), (Outcome.FAILED, Outcome.ACTIVATED, Outcome.ACTIVATED)[each % 3], seconds=each + 0.5
        )
        for each in range(number)
    ]


@pytest.mark.parametrize("value", ["89014103211118510720", "00107", "355737360073462", "0", "8.9014E+19"])
def test_identifiers_are_text_with_all_digits(value):
    (cell,) = cells_of(value)
    assert (cell.value, cell.data_type, cell.number_format) == (value, "s", "@")


@pytest.mark.parametrize("value", RUN)
def test_no_text_is_converted_by_a_spreadsheet(value):
    (cell,) = cells_of(value)
    assert (cell.value, cell.data_type, cell.number_format) == (printable(value), "s", "@")


def test_a_heading_is_not_a_formula_either():
    header = sheet_of(b"".join(workbook_parts(["=1+1"], [])))["A1"]
    assert (header.value, header.data_type, header.number_format) == ("=1+1", "s", "@")


@given(st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_any_text_is_read_back_as_printable_text(values):
    assert [cell.value for cell in cells_of(*values)] == [printable(value) or None for value in values]


def test_control_characters_and_halves_of_characters_are_escaped():
    found = [
        cell.value for cell in cells_of("a\r\nb", "a\x00b", "\x1b[31mred", "\ud83d ZIP", "\ufffe", "schön 🚌 学校")
    ]
    assert found == ["a b", "a\ufffdb", "\ufffdred", "\ufffd ZIP", "\ufffd", "schön 🚌 学校"]


def test_blanks_around_a_text_stay():
    assert [cell.value for cell in cells_of(" a ", "  ")] == [" a ", "  "]


def test_none_is_an_empty_cell():
    assert [cell.value for cell in cells_of(None, "", "x")] == [None, None, "x"]


def test_numbers_are_numbers_up_to_the_digits_that_a_spreadsheet_keeps():
    cells = cells_of(12.5, 0, -3, True, 999_999_999_999_999, 10**15, 89014103211118510720, float("inf"), float("nan"))
    assert [cell.value for cell in cells] == [
        *(12.5, 0, -3, True, 999_999_999_999_999),
        *("1000000000000000", "89014103211118510720", "inf", "nan"),
    ]
    assert [cell.data_type for cell in cells] == ["n", "n", "n", "b", "n", "s", "s", "s", "s"]


def test_a_list_is_joined_with_commas_and_any_other_value_is_text():
    assert [cell.value for cell in cells_of(["a", 1], (), {"a": 1})] == ["a, 1", None, "{'a': 1}"]


def test_a_text_that_is_too_long_for_a_cell_ends_with_an_ellipsis():
    whole, cut = (cell.value for cell in cells_of("x" * 32_767, "x" * 32_768))
    assert whole == "x" * 32_767
    assert (len(cut), cut[-2:]) == (32_767, "x…")


def test_missing_names_are_empty_cells_and_other_names_are_omitted():
    content = b"".join(workbook_parts(["imei", "iccid"], [{"iccid": "8901", "other": 1}, {"imei": "35"}]))
    assert list(sheet_of(content).values) == [("imei", "iccid"), (None, "8901"), ("35", None)]


def test_the_header_is_bold_and_stays_in_view():
    sheet = sheet_of(b"".join(workbook_parts(["imei", "iccid"], [{"imei": "35", "iccid": "8901"}])))
    assert sheet.title == "Devices"
    assert sheet.freeze_panes == "A2"
    assert [cell.font.bold for row in sheet.iter_rows() for cell in row] == [True, True, False, False]


def test_columns_are_as_wide_as_their_content():
    rows = [{"iccid": iccid(1), "reason": "x" * 500, "eid": None}]
    sheet = sheet_of(b"".join(workbook_parts(["iccid", "reason", "eid"], rows)))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert len(iccid(1)) < widths[0] < 30
    assert widths[1] == 60
    assert widths[2] == 8


def test_digits_that_are_typed_into_an_empty_cell_are_text():
    sheet = sheet_of(b"".join(workbook_parts(["iccid"], [])))
    assert sheet.column_dimensions["A"].number_format == "@"


def test_a_result_file_has_each_device_with_all_digits(tmp_path):
    path = str(tmp_path / "fleet.XLSX")
    assert check_result_file(path) == []
    assert write_result_file(path, outcomes(300)) == []
    header, *rows = sheet_of(path).values
    found = [dict(zip(header, row)) for row in rows]
    assert [row["iccid"] for row in found] == [iccid(number) for number in range(300)]
    assert [row["imei"] for row in found] == [imei(number) for number in range(300)]
    assert [row["seconds"] for row in found] == [number + 0.5 for number in range(300)]
    assert [row["outcome"] for row in found[:3]] == ["failed", "activated", "activated"]
    cells = {cell.number_format for row in sheet_of(path).iter_rows() for cell in row if cell.data_type == "s"}
    assert cells == {"@"}


def test_a_file_of_failed_devices_has_the_headings_of_its_source(tmp_path):
    path = str(tmp_path / "failed.xlsx")
    assert check_failed_file(path) == []
    assert write_failed_file(path, outcomes(4), {"ICCID": "iccid", "ZIP": "service_zip_code"}) == []
    assert list(sheet_of(path).values) == [
        ("ICCID", "ZIP", "outcome", "reason"),
        (iccid(0), "02134", "failed", None),
        (iccid(3), "02134", "failed", None),
    ]


def test_a_new_workbook_is_private_and_no_temporary_file_remains(tmp_path, temporary):
    mask = os.umask(0)
    try:
        write_result_file(str(tmp_path / "fleet.xlsx"), outcomes(2))
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "fleet.xlsx").stat().st_mode) == 0o600
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["fleet.xlsx", "temporary"]
    assert list(temporary.iterdir()) == []


def test_an_existing_workbook_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    path, link = tmp_path / "fleet.xlsx", tmp_path / "link.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_result_file(str(link), outcomes(2))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sheet_of(path).max_row == 3


def test_a_pipe_gets_the_workbook(tmp_path):
    pipe = str(tmp_path / "pipe.xlsx")
    os.mkfifo(pipe)
    read = []

    def reader():
        with open(pipe, "rb") as stream:
            read.append(stream.read())

    thread = threading.Thread(target=reader)
    thread.start()
    warnings = write_result_file(pipe, outcomes(2))
    thread.join(10)
    assert warnings == []
    assert sheet_of(read[0]).max_row == 3


def test_failing_rows_keep_the_old_file_and_leave_no_temporary_one(tmp_path, temporary):
    path = tmp_path / "fleet.xlsx"
    path.write_bytes(b"old")

    def rows():
        yield {"imei": "35"}
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        write_whole(str(path), row_lines(str(path), ["imei"], rows()))
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["fleet.xlsx", "temporary"]
    assert list(temporary.iterdir()) == []


def test_a_reader_that_closes_the_pipe_leaves_no_temporary_file(temporary):
    parts = workbook_parts(["imei"], [{"imei": "35"}])
    with contextlib.closing(parts):
        assert next(parts).startswith(b"PK")
    assert list(temporary.iterdir()) == []


def test_too_many_rows_for_a_sheet_are_a_warning_after_the_run(tmp_path, monkeypatch):
    path = tmp_path / "fleet.xlsx"
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    assert write_result_file(str(path), outcomes(3)) == []
    before = path.read_bytes()
    assert write_result_file(str(path), outcomes(4)) == [
        f"result_file: {path} could not be written: a sheet holds at most 3 devices; use .csv"
    ]
    assert path.read_bytes() == before


def test_too_many_rows_for_a_sheet_are_a_problem_if_their_number_is_known():
    assert workbook_problem(".csv", 1_048_575) is None
    assert workbook_problem(".csv", 1_048_576) == (
        "has 1,048,576 devices, but a sheet holds at most 1,048,575; use .csv"
    )


@pytest.mark.usefixtures("no_library")
@pytest.mark.parametrize(("option", "check"), [("result_file", check_result_file), ("failed_file", check_failed_file)])
def test_without_the_library_a_task_ends_before_anything_is_submitted(option, check):
    (problem,) = check("fleet.xlsx")
    assert problem == (
        f"{option}: fleet.xlsx: writing .xlsx needs the Python library openpyxl; use .csv or .jsonl, or install it: "
        f"{sys.executable} -m pip install openpyxl"
    )


@pytest.mark.usefixtures("no_library")
def test_without_the_library_other_formats_are_written(tmp_path):
    for name in ("fleet.csv", "fleet.jsonl"):
        path = str(tmp_path / name)
        assert check_result_file(path) == check_failed_file(path) == []
        assert write_result_file(path, outcomes(1)) == []


@pytest.mark.usefixtures("no_library")
def test_without_the_library_no_workbook_is_started(tmp_path):
    with pytest.raises(MissingLibraryError, match="pip install openpyxl"):
        write_whole(str(tmp_path / "fleet.xlsx"), row_lines("fleet.xlsx", ["imei"], []))
    assert list(tmp_path.iterdir()) == []


def test_only_a_workbook_loads_the_library(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "openpyxl"]:
        monkeypatch.delitem(sys.modules, name)
    assert check_result_file(str(tmp_path / "fleet.csv")) == []
    write_result_file(str(tmp_path / "fleet.csv"), outcomes(1))
    assert "openpyxl" not in sys.modules


@pytest.mark.parametrize(("option", "check"), [("result_file", check_result_file), ("failed_file", check_failed_file)])
def test_an_unsupported_extension_names_all_three(option, check):
    assert check("fleet.xls") == [f"{option}: fleet.xls: unsupported file type; use .jsonl (JSON lines), .csv or .xlsx"]
