# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV of the history: its columns are recognised by name or value, or it is a clear error."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import (
    Line,
    LineReader,
    Oddities,
    Reader,
    StatusWords,
    csv_table,
    identifiers,
    read_table,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, iccid, imei

WHAT = "GET /x (CSV)"
SMART = "SM0000000000000000001"
VALUES = {
    "imei": IMEI,
    "iccid": ICCID,
    "eid": EID,
    "sim_id": SMART,
    "transaction_id": "ACT-7",
    "carrier": "VERIZON",
    "device_group": "Transportation",
    "filter_group": "Student_K8",
    "service_zip_code": "02134",
    "ip": "10.0.0.7",
    "mdn": "6175550100",
    "nickname": "Bus 7",
    "reason": "no signal",
    "started": "03/13/2026 09:30:00 AM",
}


def reader_of(text, **how):
    """Return a reader of the lines of a CSV."""
    return LineReader(Reader(**how), csv_table(iter(text.splitlines(keepends=True))), WHAT)


def written(rows, delimiter=","):
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def each_alone(reader):
    """Yield the lines, each read by itself."""
    for number, row in enumerate(reader.rows, 2):
        yield reader.record(row, number)


def read(header, *row, **how):
    """Return the line of one row below a header."""
    return next(reader_of(written([header, row]), **how).records())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("IMEI", "imei"),
        ("Handset IMEI no", "imei"),
        ("Equipment's IMEI", "imei"),
        ("IMEI/ESN", "imei"),
        ("UICC_ID", "iccid"),
        ("SIM card serial", "iccid"),
        ("Sim", "iccid"),
        ("Installed SIM ICC-ID", "iccid"),
        ("SmartSIM ID", "sim_id"),
        ("sim identifier", "sim_id"),
        ("eUICC identifier", "eid"),
        ("eSIM EID", "eid"),
        ("Txn ref", "transaction_id"),
        ("Order Nr.", "transaction_id"),
        ("ACTIVATIONREQUESTID", "transaction_id"),
        ("Wireless carrier", "carrier"),
        ("Mobile network operator", "carrier"),
        ("CORP-ID", "device_group"),
        ("Group of devices", "device_group"),
        ("Content filter group", "filter_group"),
        ("Service postal code", "service_zip_code"),
        ("Tel. no", "mdn"),
        ("MSISDN", "mdn"),
        ("IPv4 address", "ip"),
        ("Friendly name", "nickname"),
        ("Rejection reason", "reason"),
        ("Error description", "reason"),
        ("Submitted on", "started"),
        ("Order date", "started"),
    ],
)
def test_a_column_is_recognised_by_the_words_in_its_name(header, field):
    if field in ("imei", "iccid", "eid", "sim_id"):
        line = read(["Status", header], "Completed", VALUES[field])
    else:
        line = read(["Status", "IMEI", header], "Completed", IMEI, VALUES[field])
    assert getattr(line, field) == VALUES[field]


@pytest.mark.parametrize(
    "header",
    ["SIM type", "SIM PIN", "IMEI lock", "Previous IMEI", "ICCID count", "SIM plan", "Type of SIM", "IMEI check date"],
)
def test_a_name_that_only_mentions_an_identifier_is_not_its_column(header):
    with pytest.raises(UnexpectedAnswerError, match="expected a CSV with a status column"):
        read(["Status", header], "Completed", "whatever")


@pytest.mark.parametrize(
    "name", ["Current status", "STATE", "Status of the line", "line-result", "SIM Status", "Outcome"]
)
def test_the_status_column_has_many_names(name):
    assert read(["imei", name], IMEI, "Rejected").status == "Rejected"


@pytest.mark.parametrize("other", ["Status", "Order status", "Status of request", "TRANSACTION_STATE", "batchStatus"])
@pytest.mark.parametrize("own", ["Line Status", "status (device)", "DeviceState"])
@pytest.mark.parametrize("own_first", [True, False])
def test_a_status_of_the_line_or_device_outranks_one_of_the_transaction(own, other, own_first):
    header = [own, "IMEI", other] if own_first else [other, "IMEI", own]
    row = ["Done" if name == own else "Pending" for name in header]
    row[1] = IMEI
    assert read(header, *row).status == "Done"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "\n", "\r\n \r\n"])
def test_the_delimiter_is_the_one_that_gives_most_columns(delimiter, before):
    text = before + written([["IMEI", "Name, first; last", "Status"], [IMEI, "a|b", "Done"]], delimiter)
    assert next(reader_of(text).records())[:6] == (None, IMEI, None, None, None, "Done")


def test_a_sep_line_is_not_the_header():
    assert [line.imei for line in reader_of(f"sep=;\r\nIMEI;Status\r\n{IMEI};Done\r\n").records()] == [IMEI]


def test_cells_are_cleaned():
    line = read(["iccid", "imei", "status", "nickname", "eid"], f'="{ICCID}F"', f"'{IMEI}", " Done ", "N/A", EID)
    assert line == Line(iccid=ICCID, imei=IMEI, status="Done", eid=EID)


def test_a_short_row_lacks_its_last_fields():
    assert read(["imei", "status", "nickname"], IMEI) == Line(imei=IMEI)


def test_the_first_of_two_columns_of_one_name_counts():
    assert read(["imei", "status", "IMEI"], IMEI, "Done", imei(9)).imei == IMEI


def test_columns_with_unknown_names_are_recognised_by_their_values():
    rows = [["A", "B", "C", "D", "E"]]
    rows += [[f"{place}", imei(place), iccid(place), ("Completed", "Rejected")[place % 2], "x"] for place in range(4)]
    lines = list(reader_of(written(rows)).records())
    assert [(line.imei, line.iccid, line.status) for line in lines] == [(row[1], row[2], row[3]) for row in rows[1:]]


def test_two_candidate_columns_are_an_error_with_both_names_and_the_line_to_set():
    rows = [["A", "B", "Status"], [imei(0), imei(1), "Done"]]
    with pytest.raises(UnexpectedAnswerError, match="several names may be the imei by their values: A, B") as caught:
        reader_of(written(rows))
    assert "Set field_names: {imei: 'A'}, or another of these names." in str(caught.value)
    assert next(reader_of(written(rows), field_names={"imei": "B"}).records()).imei == imei(1)


@pytest.mark.parametrize("name", ["IMSI", "Order number", "MAC", "Phone serial"])
def test_a_column_with_another_known_meaning_is_not_recognised_by_its_values(name):
    line = read([name, "ICCID", "Status"], IMEI, ICCID, "Done")
    assert line.imei is None


def test_unknown_names_are_read_with_field_names():
    header = ["Vorgang", "Geraet", "Karte", "Zustand", "Gruppe"]
    names = {"transaction_id": "vorgang", "imei": ["GERAET"], "iccid": "Karte", "status": "Zustand"}
    words = StatusWords({"success": ["fertig"]})
    given = {"field_names": {**names, "device_group": "Gruppe"}, "words": words}
    line = read(header, "V1", IMEI, ICCID, "fertig", "Busse", **given)
    assert line == Line("V1", IMEI, ICCID, status="fertig", device_group="Busse")


@pytest.mark.parametrize("header", [["imei"], ["status"], ["<html>"], ["imei", "nickname"], ['{"a":1}']])
def test_a_header_without_identifier_or_status_is_a_clear_error_with_the_line_to_set(header):
    with pytest.raises(UnexpectedAnswerError, match="expected a CSV with a status column") as caught:
        reader_of(",".join(header) + "\n")
    assert f"Names in the answer: {', '.join(header)}" in str(caught.value)
    missing = "status" if "imei" in header else "iccid"
    assert f"{missing}: NAME" in str(caught.value).rpartition("set field_names: {")[2]


@pytest.mark.parametrize("broken", ["IM\x00EI,Status", "IMEI,St\ufffdtus", "\x00I\x00M\x00E\x00I\x00,\x00S\x00t"])
def test_a_header_in_an_undeclared_charset_is_an_unexpected_answer(broken):
    with pytest.raises(UnexpectedAnswerError):
        reader_of(f"{broken}\n{IMEI},Done\n")


@pytest.mark.parametrize("broken", [IMEI[:5] + "\ufffd" + IMEI[6:], "\x00".join(IMEI)])
@pytest.mark.parametrize("wanted", [[], [IMEI], [imei(3)]])
def test_an_identifier_in_an_undeclared_charset_is_an_unexpected_answer(broken, wanted):
    with pytest.raises(UnexpectedAnswerError, match="has broken characters"):
        list(reader_of(f"IMEI,Status\n{broken},Done\n").records_with(frozenset(wanted)))


def test_text_that_is_not_a_csv_is_an_unexpected_answer_in_every_row():
    with pytest.raises(UnexpectedAnswerError, match="is not a CSV"):
        read_table(iter(["IMEI,Status\n", f'"{IMEI},Done\n']), WHAT, lambda table: list(table.rows))


def test_a_nul_in_another_cell_than_an_identifier_is_read():
    found = list(reader_of(f"IMEI,Status,Nickname\n{IMEI},Done,a\x00b\n").records())
    assert [(line.imei, line.status) for line in found] == [(IMEI, "Done")]


@given(st.lists(st.text(max_size=5).filter(lambda text: "\x00" not in text), max_size=6))
def test_no_row_is_ever_an_error(row):
    assert isinstance(reader_of("imei,iccid,status,reason\n").record(row), Line)


WANTED = frozenset({ICCID, IMEI, "S1F", EID})
CELLS = st.one_of(
    st.sampled_from(sorted(WANTED)),
    st.sampled_from(["", "N/A", "n/a", "-", f" {IMEI} ", "8901-4103-2111-1851-0720", f"{ICCID}F"]),
    st.sampled_from([f'="{IMEI}"', imei(3), iccid(3), "S1", "S1F ", "s1f", "ABC", "8.9E+19", IMEI[:14]]),
    st.sampled_from(["35-573736-007346-2", "\u200b" + IMEI]),
    st.text("0123456789ab -", max_size=4),
)
HEADERS = st.permutations(["Transaction ID", "IMEI", "ICCID", "Line Status", "SIM ID", "EID", "Nickname"])


@given(HEADERS, st.lists(st.lists(CELLS, max_size=8), max_size=12))
def test_filtered_lines_are_the_same_as_when_every_line_is_read(header, rows):
    """Odd values are collected in both ways of reading."""

    def found(way):
        oddities = Oddities(WANTED)
        reader = Reader()
        reader.remember_spellings(WANTED)
        table = csv_table(iter(written([header, *rows]).splitlines(keepends=True)))
        lines = list(way(LineReader(reader, table, WHAT, oddities)))
        mine = [line for line in lines if not WANTED.isdisjoint(identifiers(line))]
        return mine, oddities.count, [[str(odd) for odd in oddities.suspects(value)] for value in sorted(WANTED)]

    assert found(lambda reader: reader.records_with(WANTED)) == found(each_alone)
    assert found(lambda reader: reader.records()) == found(each_alone)


NORMAL = {
    "IMEI": st.sampled_from([IMEI, imei(3), "0" * 15, "", "N/A"]),
    "ICCID": st.sampled_from([ICCID, iccid(3), ICCID[:18], "0" * 20, "89148000008631280000", "", "N/A"]),
    "SIM ID": st.sampled_from(["7", "000", "", "-"]),
    "EID": st.sampled_from([EID, "0" * 32, "", "null"]),
    "Line Status": st.sampled_from(["Done", "Failed", "", " Done ", "'Done", "Done\u202e"]),
    **dict.fromkeys(
        ("Transaction ID", "Nickname", "Error Message"),
        st.one_of(
            st.sampled_from(["", "N/A", "a", " a", '="7"', "'7", "a\x1b[31m", "is s3cret"]),
            st.text(max_size=3).filter(lambda text: "\x00" not in text),
        ),
    ),
}


@given(st.permutations(list(NORMAL)), st.lists(st.fixed_dictionaries(NORMAL), max_size=8))
def test_lines_with_identifiers_in_normal_form_are_the_same_as_when_each_is_read_alone(header, rows):
    """Many such lines are read together."""

    def found(way):
        reader = Reader()
        reader.mask = lambda text, shortest: text.replace("s3cret", "***")
        table = csv_table(iter(written([header, *([row[name] for name in header] for row in rows)]).splitlines(True)))
        lines = way(LineReader(reader, table, WHAT))
        return [line for line in lines if not WANTED.isdisjoint(identifiers(line))]

    try:
        each = found(each_alone)
    except UnexpectedAnswerError:
        with pytest.raises(UnexpectedAnswerError):
            found(lambda reader: reader.records_with(WANTED))
    else:
        assert found(lambda reader: reader.records_with(WANTED)) == each
        assert found(lambda reader: reader.records()) == each


@given(st.lists(st.lists(CELLS, max_size=4), max_size=12))
def test_only_the_lines_of_the_given_transactions_are_returned(rows):
    text = written([["imei", "Transaction ID", "status"], *rows])
    found = list(reader_of(text).lines_of(WANTED))
    assert found == [line for line in each_alone(reader_of(text)) if line.transaction_id in WANTED]


def test_a_history_without_transaction_ids_has_no_lines_of_transactions():
    assert list(reader_of(f"imei,status\n{IMEI},Done\n").lines_of(WANTED)) == []


def test_a_sim_id_is_read_in_its_declared_spelling():
    reader = Reader()
    reader.remember_spellings(["ab12CD"])
    table = csv_table(iter(["SIM ID,Status\n", "AB12-cd,Done\n"]))
    assert [line.sim_id for line in LineReader(reader, table, WHAT).records_with(frozenset(["ab12CD"]))] == ["ab12CD"]
