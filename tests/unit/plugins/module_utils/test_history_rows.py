# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A history export as a declaration: the newest row of each device counts."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, KINDS, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.headings import HISTORY_HAS
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.history_rows import START, NewestRows, Row
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, iccid, imei

COLUMNS = [
    *("Transaction ID", "Transaction Status", "IMEI", "ICCID", "SIM ID", "EID", "Line Status", "Carrier"),
    *(
        "Device Group",
        "Filter Group",
        "Zip Code",
        "MDN",
        "IP Address",
        "Nickname",
        "Transaction Start",
        "Error Message",
    ),
]
KNOWN = {
    "Transaction ID": "ACT-1",
    "Transaction Status": "COMPLETED",
    "Line Status": "COMPLETED",
    "Carrier": "Verizon",
    "Device Group": "Buses",
    "Filter Group": "Staff",
    "Zip Code": "30301",
    "Transaction Start": "11/23/2026 07:09:08 PM",
}
KINDS_BY_NAME = {name: kind.identity for name, kind in KINDS.items()}
PASSED_OVER = "history.csv: ignored: "


def row(number=None, **cells):
    """Returns a row of an export, with the SIM of a number or without identifiers. Cells: heading with _ → text."""
    pair = {} if number is None else {"IMEI": imei(number), "ICCID": iccid(number)}
    return {**dict.fromkeys(COLUMNS, "N/A"), **KNOWN, **pair, **{name.replace("_", " "): cells[name] for name in cells}}


@pytest.fixture
def export(tmp_path):
    """Writes an export and returns its path."""

    def write(*rows, name="history.csv"):
        path = tmp_path / name
        if name.endswith(".csv"):
            text = io.StringIO()
            writer = csv.DictWriter(text, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
            path.write_bytes(text.getvalue().encode())
        else:
            lines = map(json.dumps, rows)
            path.write_text("\n".join(lines) if name.endswith("l") else f"[{','.join(lines)}]", encoding="utf-8")
        return str(path)

    return write


def sims(path, **given):
    """Returns the SIMs of an export."""
    return load({"src": path, **given}, SIM.identity)


def fleet(path, **given):
    """Returns the devices of all kinds of an export."""
    return load_fleet({"src": path, **given}, KINDS_BY_NAME)


def named(declared, *fields):
    """Returns fields of each device."""
    return [tuple(getattr(device, field) for field in fields) for device in declared.devices]


# -- The newest row of each device -------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_row_of_a_device_counts_in_any_order(export, order):
    rows = [
        row(0, Carrier="AT&T", Transaction_Start="11/23/2026 07:09:08 PM"),
        row(0, Carrier="Verizon", Transaction_Start="11/24/2026 07:09:08 AM"),
        row(0, Carrier="T-Mobile", Transaction_Start="11/24/2026 06:09:08 AM"),
    ]
    declared = sims(export(*rows[::order]))
    assert named(declared, "carrier") == [("Verizon",)]
    assert declared.warnings == [f"{PASSED_OVER}2 older rows of the same devices"]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("01/02/2026 11:00:00 PM", "01/03/2026 01:00:00 AM"),
        ("01/02/2026 12:30:00 AM", "01/02/2026 01:00:00 AM"),
        ("01/02/2026 11:59:59 AM", "01/02/2026 12:00:00 PM"),
        ("12/31/2025 11:59:59 PM", "01/01/2026 12:00:00 AM"),
        ("9/1/2026 09:00:00 AM", "10/1/2026 09:00:00 AM"),
        ("2026-01-02T11:00:00", "2026-01-02T12:00:00Z"),
        ("2026-01-02 11:00:00", "01/02/2026 12:00:00 PM"),
        ("", "01/02/2026 12:00:00 PM"),
    ],
)
def test_start_times_are_compared_as_times(export, older, newer):
    rows = [row(0, Carrier="old", Transaction_Start=older), row(0, Carrier="new", Transaction_Start=newer)]
    assert named(sims(export(*rows)), "carrier") == [("new",)]


def test_the_first_row_counts_without_readable_times(export):
    rows = [row(0, Carrier=name, Transaction_Start="yesterday") for name in ("first", "second")]
    assert named(sims(export(*rows)), "carrier") == [("first",)]


def test_a_device_is_declared_with_its_newest_sim(export):
    rows = [
        row(0, ICCID=iccid(7), Transaction_Start="11/24/2026 07:09:08 AM"),
        row(0, Transaction_Start="11/23/2026 07:09:08 AM"),
    ]
    declared = sims(export(*rows))
    assert named(declared, "imei", "iccid") == [(imei(0), iccid(7))]
    assert declared.warnings == [f"{PASSED_OVER}1 older row of the same devices"]


def test_a_sim_is_declared_in_its_newest_device(export):
    rows = [
        row(0, Transaction_Start="11/23/2026 07:09:08 AM"),
        row(1, ICCID=iccid(0), Transaction_Start="11/24/2026 07:09:08 AM"),
    ]
    assert named(sims(export(*rows)), "imei", "iccid") == [(imei(1), iccid(0))]


def test_devices_keep_the_order_of_their_rows(export):
    starts = ["11/21/2026 07:09:08 AM", "11/24/2026 07:09:08 AM", "11/22/2026 07:09:08 AM"]
    declared = sims(export(*(row(number, Transaction_Start=start) for number, start in enumerate(starts))))
    assert [device.where for device in declared.devices] == [f"history.csv, line {line}" for line in (2, 3, 4)]
    assert declared.warnings == []


def test_failed_transactions_declare_a_device_too(export):
    declared = sims(export(row(0, Line_Status="FAILED", Error_Message="ICCID is unknown to the carrier")))
    assert (len(declared.devices), declared.warnings) == (1, [])


# -- Kinds -------------------------------------------------------------------------------------------------------------


def test_the_kind_follows_from_the_identifiers(export):
    declared = fleet(export(row(0), row(IMEI=imei(1), ICCID=iccid(1), EID=EID), row(SIM_ID="A1B2")))
    assert [device.identity.kind for device in declared.devices] == ["sim", "esim", "smartsim"]
    assert declared.warnings == []


@pytest.mark.parametrize(("kind", "others"), [(SIM, "2 rows"), (ESIM, "2 rows"), (SMARTSIM, "2 rows")])
def test_rows_of_other_kinds_are_ignored_with_one_warning(export, kind, others):
    path = export(row(0), row(IMEI=imei(1), ICCID=iccid(1), EID=EID), row(SIM_ID="A1B2"))
    declared = load({"src": path}, kind.identity)
    assert [device.identity.kind for device in declared.devices] == [kind.name]
    assert declared.warnings == [f"{PASSED_OVER}{others} of other kinds"]


def test_a_device_that_became_an_esim_is_not_declared_as_a_sim(export):
    rows = [
        row(0, Transaction_Start="11/23/2026 07:09:08 AM"),
        row(IMEI=imei(0), EID=EID, Transaction_Start="11/24/2026 07:09:08 AM"),
        row(1),
    ]
    assert [device.name for device in fleet(export(*rows)).devices] == [("esim", imei(0)), ("sim", iccid(1))]
    assert [device.name for device in sims(export(*rows)).devices] == [("sim", iccid(1))]


def test_an_export_without_rows_of_the_kind_declares_nothing_with_a_warning(export):
    path = export(row(0), row(1))
    try:
        declared = load({"src": path}, ESIM.identity)
    except InputError as error:
        messages = [*error.problems, *error.warnings]
    else:
        assert declared.devices == []
        messages = declared.warnings
    assert any("2 rows of other kinds" in text for text in messages)


# -- Columns and forms -------------------------------------------------------------------------------------------------


def test_columns_of_an_export_give_no_warning(export):
    assert sims(export(row(0))).warnings == []


def test_an_added_column_gives_a_warning(export, tmp_path):
    with open(export(row(0)), encoding="utf-8") as stream:
        header, line = stream.read().splitlines()
    path = tmp_path / "more.csv"
    path.write_text(f"{header},Colour\n{line},red\n", encoding="utf-8")
    assert sims(str(path)).warnings == ["more.csv: ignored: 1 column (Colour)"]


@pytest.mark.parametrize("name", ["history.json", "history.jsonl"])
def test_an_export_may_be_a_document(export, name):
    rows = [
        row(0, Carrier="old", Transaction_Start="11/23/2026 07:09:08 AM"),
        row(0, Transaction_Start="11/24/2026 07:09:08 AM"),
    ]
    declared = sims(export(*rows, name=name))
    assert named(declared, "imei", "carrier") == [(imei(0), "Verizon")]
    assert declared.warnings == [f"{name}: ignored: 1 older row of the same devices"]


def test_the_time_of_a_transaction_is_not_a_field_of_a_device(export):
    assert START not in sims(export(row(0))).headings.values()
    assert START not in fleet(export(row(0))).headings.values()


def test_the_headings_of_a_fleet_include_the_kind(export):
    assert "kind" in fleet(export(row(0), row(SIM_ID="A1B2"))).headings.values()


def test_an_export_is_recognised_by_transaction_id_and_line_status(tmp_path):
    assert {"transactionid", "linestatus"} == HISTORY_HAS
    path = tmp_path / "list.csv"
    path.write_text(
        f"IMEI,ICCID,Carrier,Transaction ID\n{imei(0)},{iccid(0)},Verizon,1\n{imei(0)},{iccid(1)},Verizon,2\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"is also on list\.csv, line 2"):
        sims(str(path))


# -- Whatever the rows are ---------------------------------------------------------------------------------------------

STARTS = st.sampled_from(["", "x", *(f"11/{day:02}/2026 07:09:08 PM" for day in range(1, 9))])
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), STARTS), max_size=10)


@given(ROWS)
def test_remaining_rows_share_no_identifier_and_include_the_newest(rows):
    given_rows = [
        Row(f"line {line}", {"imei": imei(one), "iccid": iccid(other), START: start})
        for line, (one, other, start) in enumerate(rows)
    ]
    newest = NewestRows(given_rows, None)
    kept = list(newest)
    for field in ("imei", "iccid"):
        values = [each.values[field] for each in kept]
        assert len(values) == len(set(values))
    assert all(each.values["kind"] == "sim" and START not in each.values for each in kept)
    assert [each.where for each in kept] == sorted(each.where for each in kept)
    if rows:
        last = max(start if "/" in start else "" for _one, _other, start in rows)
        first = next(line for line, (_one, _other, start) in enumerate(rows) if (start if "/" in start else "") == last)
        assert f"line {first}" in [each.where for each in kept]
    assert newest.ignored == (
        [f"{len(rows) - len(kept)} older row{'s' * (len(rows) - len(kept) > 1)} of the same devices"]
        if len(rows) > len(kept)
        else []
    )
