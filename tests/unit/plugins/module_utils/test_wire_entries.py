# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the device list: recognised columns and normalised values."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import (
    DeviceStatuses,
    Entry,
    EntryReader,
    Oddities,
    Reader,
    csv_table,
    mdn_of,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.devices import COLUMNS
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.values import labels_of, number_of, truth_of
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, iccid, imei

MDN = "521-267-1508"
WHAT = "GET /x (CSV)"
VALUES = {
    "MDN": "5212671508",
    "IMEI": IMEI,
    "UICC": ICCID,
    "EID": EID,
    "STATUS": "SUSPENDED",
    "NETWORK": "Verizon",
    "CORP_ID": "NORTH-7",
    "CORP_DESCRIPTION": "Transportation",
    "FILTER_GROUP": "Student_K8",
    "NICKNAME": "Bus 7",
    "DEVICE_NAME": "Hotspot 7",
    "LAST_30_DAYS_USED": "1,022",
    "MONTHLY_AMOUNT_USED": "511.25",
    "DAY_AMOUNT_USED": "17",
    "MONTHLY_LIMIT": "Unlimited",
    "DAILY_LIMIT": "500",
    "LABELS": "spare; north",
    "SUMMER_STATUS": "active",
    "MEDIA_CENTER_STATUS": "active",
    "EFFECTIVE_VPN_STATUS": "active",
    "NOTE": "in the depot",
    "APN": "isp.net",
    "MDN_CUSTOM_FIELD": "7",
    "MAC": "00:11:22:33:44:55",
    "OEM_SERIAL_NUMBER": "S7",
    "NAME": "Seven",
    "DESCRIPTION": "The seventh",
    "VERIZON_BI_PLAN_ID": "P7",
    "SIM_TYPE": "4FF",
}
WHOLE = Entry(
    mdn=MDN,
    imei=IMEI,
    iccid=ICCID,
    eid=EID,
    status="SUSPENDED",
    carrier="Verizon",
    device_group="NORTH-7",
    filter_group="Student_K8",
    nickname="Bus 7",
    device_name="Hotspot 7",
    device_group_name="Transportation",
    last_30_days_used=1022,
    monthly_amount_used=511.25,
    day_amount_used=17,
    daily_limit=500,
    labels=("spare", "north"),
    media_center_status="active",
    summer_status="active",
    effective_vpn_status="active",
    note="in the depot",
    apn="isp.net",
    mdn_custom_field="7",
    mac="00:11:22:33:44:55",
    oem_serial_number="S7",
    name="Seven",
    description="The seventh",
    plan_id="P7",
    sim_type="4FF",
)


def written(rows, delimiter=","):
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def reader_of(text, oddities=None, by_mdn=False, **how):
    """Return a reader of the entries of a CSV."""
    table = csv_table(iter(text.splitlines(keepends=True)))
    return EntryReader(Reader(**how), table, WHAT, oddities, by_mdn)


def each_alone(reader):
    """Yield the entries, each read by itself."""
    for number, row in enumerate(reader.rows, 2):
        yield reader.record(row, number)


def read(header, *row, **how):
    """Return the entry of one row below a header."""
    return next(reader_of(written([header, row]), **how).records())


# -- Columns -----------------------------------------------------------------------------------------------------------


def test_every_published_column_is_read():
    assert set(COLUMNS.values()) == set(VALUES)
    assert read(list(VALUES), *VALUES.values()) == WHOLE


@given(st.permutations(sorted(VALUES)), st.sampled_from([str.title, str.lower, lambda name: name.replace("_", " ")]))
def test_order_case_and_blanks_of_headers_do_not_matter(names, spell):
    assert read([spell(name) for name in names], *(VALUES[name] for name in names)) == WHOLE


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("UICC (ICCID)", "iccid"),
        ("Device Status", "status"),
        ("Phone Number", "mdn"),
        ("Corp ID", "device_group"),
        ("Carrier", "carrier"),
        ("Filter group", "filter_group"),
    ],
)
def test_a_readable_header_is_recognised(heading, field):
    wanted = getattr(WHOLE, field)
    header = ["IMEI", heading] if field == "status" else ["IMEI", "STATUS", heading]
    row = [IMEI, wanted] if field == "status" else [IMEI, "active", wanted]
    assert getattr(read(header, *row), field) == wanted


@pytest.mark.parametrize("other", ["MEDIA_CENTER_STATUS", "SUMMER_STATUS", "EFFECTIVE_VPN_STATUS", "Online Status"])
@pytest.mark.parametrize("own", ["STATUS", "Device Status", "Line status"])
@pytest.mark.parametrize("own_first", [True, False])
def test_other_statuses_are_not_the_status_of_the_device(other, own, own_first):
    header = [own, "IMEI", other] if own_first else [other, "IMEI", own]
    row = ["SUSPENDED" if name == own else "active" for name in header]
    row[1] = IMEI
    assert read(header, *row).status == "SUSPENDED"


@pytest.mark.parametrize("other", ["MEDIA_CENTER_STATUS", "SUMMER_STATUS", "EFFECTIVE_VPN_STATUS"])
def test_a_list_without_a_device_status_is_an_error(other):
    with pytest.raises(
        UnexpectedAnswerError, match=r"expected a CSV with a status column.*field_names: \{status: NAME"
    ):
        reader_of(written([["IMEI", other], [IMEI, "active"]]))


def test_a_list_needs_an_identifier_or_an_mdn():
    with pytest.raises(UnexpectedAnswerError, match="one of MDN, IMEI, ICCID, EID"):
        reader_of("Status,Nickname\nactive,Bus\n")
    assert read(["MDN", "Status"], MDN, "active") == Entry(mdn=MDN, status="active")


def test_a_status_column_is_recognised_by_its_words():
    assert read(["IMEI", "Zustand"], IMEI, "summer suspended").status == "summer suspended"
    own = DeviceStatuses({"suspended": ["schlaeft"]})
    assert read(["IMEI", "Zustand"], IMEI, "schlaeft", device_statuses=own).status == "schlaeft"


def test_a_name_of_field_names_is_used():
    names = {"status": ["B"], "last_30_days_used": ["C"]}
    assert read(["IMEI", "A", "B", "C"], IMEI, "x", "y", "7", field_names=names)[5::8][0] == "y"
    assert read(["IMEI", "A", "B", "C"], IMEI, "x", "y", "7", field_names=names).last_30_days_used == 7


def test_the_name_of_the_group_replaces_a_missing_id():
    found = read(["IMEI", "Status", "Corp Description"], IMEI, "active", "North")
    assert (found.device_group, found.device_group_name) == ("North", "North")


def test_texts_are_printable():
    reader = reader_of(written([["IMEI", "Status", "Nickname"], [IMEI, "active", "Bus\x1b[31m 7\u202e"]]))
    (found,) = reader.records_with(frozenset([IMEI]))
    assert found.nickname == "Bus\ufffd 7\ufffd"
    assert read(["IMEI", "Status", "Nickname"], IMEI, "active", "Bus\x1b[31m 7\u202e") == found


# -- Picking -----------------------------------------------------------------------------------------------------------

WANTED = frozenset({ICCID, IMEI, EID, MDN})
CELLS = st.one_of(
    st.sampled_from(sorted(WANTED)),
    st.sampled_from(["", "N/A", "n/a", "-", f" {IMEI} ", "8901-4103-2111-1851-0720", f"{ICCID}F", "0" * 15]),
    st.sampled_from([f'="{IMEI}"', imei(3), iccid(3), "5212671508", "(521) 267-1508", "+1 521 267 1508", "8.9E+19"]),
    st.sampled_from(["Bus\x1b7", "active", "1,5", "\u00a0x", "89014103211118510000"]),
    st.text("0123456789ab -", max_size=4),
)
HEADERS = st.permutations(["MDN", "IMEI", "UICC", "EID", "STATUS", "NICKNAME", "LABELS", "CORP_ID"])


@given(HEADERS, st.lists(st.lists(CELLS, max_size=9), max_size=12), st.booleans())
def test_filtered_entries_are_the_same_as_when_every_entry_is_read(header, rows, by_mdn):
    """Odd values are collected in both ways of reading."""
    text = written([header, *rows])
    keys = ("imei", "iccid", "eid", *(["mdn"] if by_mdn else []))

    def found(way):
        oddities = Oddities(WANTED)
        entries = [
            entry
            for entry in way(reader_of(text, oddities, by_mdn))
            if any(getattr(entry, key) in WANTED for key in keys)
        ]
        return entries, oddities.count, [str(odd) for odd in oddities.named]

    assert found(lambda reader: reader.records_with(WANTED)) == found(each_alone)
    assert found(lambda reader: reader.records()) == found(each_alone)


@pytest.mark.parametrize("written_mdn", [MDN, "5212671508", "(521) 267-1508", "+15212671508"])
def test_an_mdn_is_found_in_every_notation(written_mdn):
    text = written([["MDN", "IMEI", "STATUS"], [written_mdn, imei(1), "active"], ["2015550001", imei(2), "active"]])
    found = list(reader_of(text, by_mdn=True).records_with(frozenset([MDN])))
    assert [entry.mdn for entry in found] == [MDN]


def test_entries_are_in_the_order_of_the_rows_even_with_invalid_identifiers():
    rows = [
        [imei(number) if number % 300 else f"{imei(number)[:-1]} {imei(number)[-1]}", "active"] for number in range(900)
    ]
    found = reader_of(written([["IMEI", "STATUS"], *rows])).records_with(frozenset(map(imei, range(900))))
    assert [entry.imei for entry in found] == [imei(number) for number in range(900)]


@pytest.mark.parametrize("cell", ["is s3cret!", "active"])
def test_secrets_are_masked_in_both_ways_of_building_entries(cell):
    reader = Reader()
    reader.mask = lambda text, shortest: text.replace("s3cret", "***")
    table = csv_table(iter([f"IMEI,Status,Nickname\n{IMEI},active,{cell}\n"][0].splitlines(keepends=True)))
    (entry,) = EntryReader(reader, table, WHAT).records_with(frozenset([IMEI]))
    assert "s3cret" not in repr(entry)
    assert entry.nickname == cell.replace("s3cret", "***")


# -- Pages -------------------------------------------------------------------------------------------------------------

#: [P] The device of the published reply.
DEVICE = {
    "key": "5212671508",
    "mdn": "521-267-1508",
    "status": "active",
    "network": "Verizon",
    "deviceName": "Hotspot",
    "corpDescription": "North",
    "monthlyAmountUsed": 12.5,
    "last30DaysUsed": 40,
    "nickname": "Bus",
    "filterGroup": "K8",
    "onlineStatus": True,
}


def entries(answer, **how):
    """Return the entries of a page."""
    return Reader(**how).entries_of(answer, "GET /x")


def test_the_published_reply_is_read():
    (entry,) = entries({"totalCount": 499, "devices": [DEVICE]})
    assert entry == Entry(
        mdn=MDN,
        status="active",
        carrier="Verizon",
        device_group="North",
        filter_group="K8",
        nickname="Bus",
        device_name="Hotspot",
        device_group_name="North",
        online=True,
        last_30_days_used=40,
        monthly_amount_used=12.5,
    )


@pytest.mark.parametrize(
    "labels", [["spare", "north"], [{"id": 1, "name": "spare"}, {"id": 2, "name": "north"}], "spare,north"]
)
def test_labels_are_a_list_in_every_notation(labels):
    (entry,) = entries({"data": {"items": [{**DEVICE, "labels": labels}]}})
    assert entry.labels == ("spare", "north")


@pytest.mark.parametrize("answer", [[], {"devices": []}, {"devices": None, "totalCount": 0}])
def test_a_list_without_devices_is_empty(answer):
    assert entries(answer) == []


@pytest.mark.parametrize(
    "answer", [{"message": "soon"}, [1, 2], [{"status": "active"}], {"devices": [{"mdn": MDN}]}, None]
)
def test_an_answer_without_a_device_list_is_an_unexpected_answer(answer):
    with pytest.raises(UnexpectedAnswerError, match="expected devices with an MDN"):
        entries(answer)


@pytest.mark.parametrize(
    "answer",
    [
        ["ACTIVE", "Paused"],
        {"statuses": ["ACTIVE", "Paused"]},
        [{"name": "ACTIVE"}, {"name": "Paused"}],
        {"messages": [], "Payload": {"Items": ["ACTIVE", "Paused"]}},
        {"Payload": {"Items": ["ACTIVE", "Paused"]}, "messages": []},
    ],
)
def test_the_possible_statuses_are_words_or_objects_with_a_word(answer):
    assert Reader().statuses_of(answer, "GET /x") == ["ACTIVE", "Paused"]


# -- Values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "521-267-1508",
        "5212671508",
        "15212671508",
        "+1 521 267 1508",
        "(521) 267-1508",
        "521.267.1508",
        "1-521-267-1508",
    ],
)
def test_a_north_american_mdn_has_one_form(text):
    assert mdn_of(text) == MDN


@pytest.mark.parametrize(
    "text", ["+49 151 23456789", "123-456-7890", "521-167-1508", "52126715", "MDN 7", "5212671508x2"]
)
def test_any_other_mdn_is_unchanged(text):
    assert mdn_of(f" {text} ") == text


@given(st.text(max_size=20))
def test_normalising_an_mdn_twice_changes_nothing(text):
    assert mdn_of(mdn_of(text)) == mdn_of(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("1,022", 1022), ("511.25", 511.25), ("17.0", 17), ("40 MB", 40), ("-3", -3), ("12%", 12)],
)
def test_an_amount_is_a_number(text, number):
    assert number_of(text) == number
    assert isinstance(number_of(text), type(number))


@pytest.mark.parametrize("text", ["Unlimited", "1,5", "1e9", "nan", "inf", "", "9" * 400, "1 2"])
def test_a_text_that_is_not_an_amount_is_none(text):
    assert number_of(text) is None


def test_truth_values_and_labels():
    assert [truth_of(word) for word in ("True", "online", "0", "Offline", "perhaps")] == [
        True,
        True,
        False,
        False,
        None,
    ]
    assert labels_of(" a ;b|a, ,c") == ("a", "b", "c")
