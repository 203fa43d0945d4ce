# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history's CSV: its columns are found whatever they are called, or it is a clear error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils import _wire
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI


def read(header, *row):
    """The line of one row under a header."""
    return _wire.LineReader(header, "GET /x (CSV)").line(row)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("IMEI", "imei"),
        ("IMEI Number", "imei"),
        ("Device IMEI", "imei"),
        ("imei_number", "imei"),
        ("ICCID", "iccid"),
        ("SIM ICCID", "iccid"),
        ("Sim Number", "iccid"),
        ("SIM", "iccid"),
        ("Sim ID", "sim_id"),
        ("SmartSIM ID", "sim_id"),
        ("EID", "eid"),
        ("Transaction ID", "transaction_id"),
        ("Unique Transaction Id", "transaction_id"),
        ("Carrier Name", "carrier"),
        ("Corp ID", "device_group"),
        ("Device Group", "device_group"),
        ("Filter Group", "filter_group"),
        ("Service Zip Code", "service_zip_code"),
        ("Phone Number", "mdn"),
        ("MDN", "mdn"),
        ("IP Address", "ip"),
        ("Nickname", "nickname"),
        ("Failure Reason", "reason"),
        ("Error Message", "reason"),
        ("Transaction Start Timestamp", "started"),
    ],
)
def test_a_column_is_found_under_each_of_its_names(header, field):
    header = ["Status", *([] if field in ("imei", "iccid", "sim_id", "eid") else ["IMEI"]), header]
    row = ["Completed", *["1"] * (len(header) - 2), "7"]
    assert getattr(read(header, *row), field) == "7"


@pytest.mark.parametrize("name", ["Status", "STATE", "Line Status", "activation-status", "Device Status"])
def test_the_status_column_has_many_names(name):
    assert read(["imei", name], IMEI, "Done").status == "Done"


@pytest.mark.parametrize("header", [["Status", "IMEI", "Line Status"], ["Line Status", "IMEI", "Status"]])
def test_a_lines_own_status_outranks_the_transactions(header):
    row = ["Done" if name == "Line Status" else "Pending" for name in header]
    assert read(header, *row).status == "Done"


def test_cells_are_cleaned():
    line = read(["iccid", "imei", "status", "nickname", "eid"], f'="{ICCID}F"', f"'{IMEI}", " Done ", "N/A", EID)
    assert line == _wire.Line(iccid=ICCID, imei=IMEI, status="Done", eid=EID)


def test_a_short_row_lacks_its_last_fields():
    assert read(["imei", "status", "nickname"], IMEI) == _wire.Line(imei=IMEI)


def test_the_first_of_two_columns_of_one_name_counts():
    assert read(["imei", "status", "IMEI"], IMEI, "Done", "other").imei == IMEI


@pytest.mark.parametrize("header", [["imei"], ["status"], ["<html>"], ["imei", "transaction status"], ['{"a":1}']])
def test_a_header_without_identifier_or_status_is_a_clear_error(header):
    with pytest.raises(UnexpectedAnswerError, match="expected a CSV with a status column") as caught:
        _wire.LineReader(header, "GET /x (CSV)")
    assert ",".join(header) in str(caught.value)


@given(st.lists(st.text(max_size=5), max_size=6))
def test_no_row_is_ever_an_error(row):
    reader = _wire.LineReader(["imei", "iccid", "status", "reason"], "GET /x")
    assert isinstance(reader.line(row), _wire.Line)


WANTED = frozenset({"89014103211118510720", "355737360073462", "S1F", "89049032123451234512345678901235"})
CELLS = st.one_of(
    st.sampled_from(sorted(WANTED)),
    st.sampled_from(["", "N/A", "n/a", "-", " 355737360073462 ", "8901-4103-2111-1851-0720", "89014103211118510720F"]),
    st.sampled_from(['="355737360073462"', "355737360000000", "89014103211110000001", "S1", "S1F ", "ABC"]),
    st.text(max_size=4),
)
HEADERS = st.permutations(["Transaction ID", "IMEI", "ICCID", "Line Status", "SIM ID", "EID", "Nickname"])


@given(HEADERS, st.lists(st.lists(CELLS, max_size=8), max_size=12))
def test_the_lines_with_wanted_identifiers_are_those_that_reading_every_line_finds(header, rows):
    reader = _wire.LineReader(header, "GET /x")

    def matters(line):
        return not WANTED.isdisjoint(_wire.identifiers(line))

    found = list(reader.lines_with(WANTED, iter(rows)))
    assert [line for line in found if matters(line)] == [line for line in map(reader.line, rows) if matters(line)]


def test_what_is_remembered_as_not_wanted_is_found_where_it_stands_for_another_identifier():
    reader = _wire.LineReader(["SIM ID", "ICCID", "Status"], "GET /x")
    rows = [["89014103211118510720F", "", "Done"], ["", "89014103211118510720F", "Done"]]
    assert reader.line(rows[1]) in list(reader.lines_with(WANTED, iter(rows)))


@given(st.lists(st.lists(CELLS, max_size=4), max_size=12))
def test_the_lines_of_transactions_are_those_and_no_others(rows):
    reader = _wire.LineReader(["imei", "Transaction ID", "status"], "GET /x")
    found = list(reader.lines_of(WANTED, iter(rows)))
    assert found == [line for line in map(reader.line, rows) if line.transaction_id in WANTED]


def test_a_history_without_transaction_ids_tells_no_lines_of_transactions():
    assert list(_wire.LineReader(["imei", "status"], "GET /x").lines_of(WANTED, iter([["1", "Done"]]))) == []
