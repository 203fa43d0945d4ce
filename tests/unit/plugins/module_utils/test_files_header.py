# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The header of a file is found, and the parts that are not devices are ignored with one warning."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.targets import load_targets
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.sim_files import (
    C0,
    C1,
    C2,
    I0,
    I1,
    I2,
    PAIRS,
    ROWS,
    TASK,
    Files,
)

NAMED = ("imei", "iccid")


@pytest.fixture
def write(tmp_path):
    """Writes a file and returns its path."""
    return Files(tmp_path).write


@pytest.fixture
def read(tmp_path):
    """Reads a file of SIMs: read(text) → pairs and warnings."""
    return Files(tmp_path).read


@pytest.fixture
def refused(tmp_path):
    """Returns the error of a file of SIMs."""
    return Files(tmp_path).refused


# -- Above the header --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "named"),
    [
        ("Device Inventory Report\n", "line 1"),
        ("Device Inventory Report,\nGenerated:,11/23/2026 03:10 PM\n\n", "lines 1, 2"),
        ("ICCID list of Northstar\n", "line 1"),
        ("Devices,SIMs\n", "line 1"),
        ("Order 4711,\n,\nShipped to,Northstar ISD\nDate,11/23/2026\n", "lines 1, 3, 4"),
        ("a,b\n" * 7, "lines 1, 2, 3, 4, 5 and 2 more"),
        ("\n" * 5 + "Report\n", "line 6"),
    ],
)
def test_rows_above_the_header_are_named_in_one_warning(read, above, named):
    devices, warnings = read(above + "IMEI,ICCID\n" + ROWS)
    assert devices == PAIRS
    assert warnings == [f"fleet.csv: ignored: {named} (above the header)"]


def test_the_twentieth_row_may_be_the_header(read):
    assert read("x,y\n" * 19 + "IMEI,ICCID\n" + ROWS)[0] == PAIRS


def test_a_header_below_the_twentieth_row_is_not_found(refused):
    (problem,) = refused("x,y\n" * 20 + "IMEI,ICCID\n" + ROWS).problems
    assert problem.startswith("fleet.csv, line 1: no column for the IMEI and the ICCID")


def test_a_row_of_groups_above_the_header_is_not_the_header(read):
    devices, warnings = read("Device,SIM,\nIMEI,ICCID,Nickname\n" + ROWS)
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: line 1 (above the header)"]


def test_a_possible_header_counts_if_there_is_no_certain_one(read):
    assert read(f"IMEI,SIM\n{ROWS}")[0] == PAIRS


@pytest.mark.parametrize("above", [f"{I2},{C2}\n", f"Report,\nBus,{I2},{C2}\n"])
def test_a_device_above_the_header_is_an_error(refused, above):
    (problem,) = refused(above + "IMEI,ICCID\n" + ROWS).problems
    assert f"line {above.count(chr(10))}: is a device" in problem


def test_a_sep_line_is_not_a_row_above_the_header(read):
    assert read(f"sep=;\r\nIMEI;ICCID\r\n{I0};{C0}\r\n") == ([(I0, C0)], [])


# -- Delimiters and line breaks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_above_the_header_do_not_affect_the_delimiter(read, delimiter):
    text = f"A; B, C | D\tE\nx,y,z,a,b,c\n{delimiter.join(('IMEI', 'ICCID', 'Nickname'))}\n"
    rows = f"{delimiter.join((I0, C0, 'a'))}\n{delimiter.join((I1, C1, 'b'))}\n"
    assert read(text + rows)[0] == PAIRS


def test_a_quoted_delimiter_does_not_count(read):
    assert read(f'"IMEI";"ICCID";"Nickname, as people say, or none"\n{I0};{C0};"a, b; c"\n')[0] == [(I0, C0)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize(("heading", "field"), [("IMEI", "imei"), ("ICCID", "iccid")])
def test_one_known_column_is_enough_to_find_the_delimiter(write, delimiter, heading, field):
    value = {"imei": I0, "iccid": C0}[field]
    path = write(f"{heading}{delimiter}Colour\n{value}{delimiter}red\n")
    (target,) = load_targets({"src": path}).devices
    assert getattr(target, field) == value


def test_a_heading_may_have_a_line_break(read):
    text = f'"IMEI\n(15 digits)","ICCID\r\n(19 or 20\r\ndigits)",Nickname\n{I0},{C0},a\n{I1},{C1},b\n'
    assert read(text) == (PAIRS, [])


def test_rows_below_a_multi_line_header_have_their_line_numbers(refused):
    (problem,) = refused(f'Report\n"IMEI\n(15 digits)",ICCID\n{I0},{C0}\n1,{C1}\n').problems
    assert problem.startswith("fleet.csv, line 5: imei 1: ")


# -- Below the header --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["IMEI,ICCID", "imei,iccid", '"IMEI","ICCID"', " IMEI , ICCID "])
def test_a_repeated_header_is_ignored(read, again):
    devices, warnings = read(f"IMEI,ICCID\n{I0},{C0}\n{again}\n{I1},{C1}\n")
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: line 3 (repeated header)"]


@pytest.mark.parametrize(
    "end",
    [
        "Total,2",
        "Total: 2,",
        ",Total",
        "TOTALS,,",
        "Grand Total,2",
        "Count,2",
        "End of report,",
        "see the notes,",
        "Total,2\n,\nEnd of report,",
    ],
)
def test_rows_at_the_end_without_a_device_are_ignored(read, end):
    devices, warnings = read(f"IMEI,ICCID\n{ROWS}{end}\n")
    assert devices == PAIRS
    rows = [number for number, line in enumerate(end.split("\n"), 4) if line.strip(",")]
    named = f"line {rows[0]}" if len(rows) == 1 else f"lines {', '.join(map(str, rows))}"
    assert warnings == [f"fleet.csv: ignored: {named} (no device)"]


@pytest.mark.parametrize("nickname", ["Total", "Records", "Devices", "Count", "Sum", "Rows", "Total 2"])
def test_a_device_is_never_mistaken_for_a_total(read, nickname):
    devices, warnings = read(f"Nickname,IMEI,ICCID\nBus,{I0},{C0}\n{nickname},{I1},{C1}\n")
    assert (devices, warnings) == (PAIRS, [])


@pytest.mark.parametrize(
    ("row", "slip"),
    [
        (f"{I1},", "iccid is required"),
        (f",{C1}", "imei is required"),
        (f"{I1[:-1]},{C1}", "has 14 digits"),
        (f"3557,{C1}", "imei 3557"),
        (f"Total,{C1}", "imei Total"),
    ],
)
def test_a_last_row_with_an_identifier_is_a_device(refused, row, slip):
    assert slip in str(refused(f"IMEI,ICCID\n{I0},{C0}\n{row}\n"))


def test_a_row_without_an_identifier_between_devices_is_an_error(refused):
    problems = refused(f"IMEI,ICCID,Nickname\n{I0},{C0},a\n,,Bus 2\n{I1},{C1},b\n").problems
    assert problems == [
        "fleet.csv, line 3: imei is required",
        "fleet.csv, line 3: iccid is required",
    ]


def test_blank_rows_are_ignored(read):
    assert read(f"\n,\nIMEI,ICCID\n\n , \n{I0},{C0}\n,,,\n\n{I1},{C1}\n,\n\n") == (PAIRS, [])


def test_all_ignored_parts_are_one_warning(read):
    devices, warnings = read(
        f"Report,,\n\nIMEI,ICCID,Colour\n{I0},{C0},red\nIMEI,ICCID,Colour\n{I1},{C1},red\nTotal,2,\n"
    )
    assert devices == PAIRS
    assert warnings == [
        (
            "fleet.csv: ignored: line 1 (above the header); line 5 (repeated header); line 7 (no device); "
            "1 column (Colour)"
        )
    ]


def test_strict_turns_that_warning_into_an_error(refused):
    (problem,) = refused(f"Report,\nIMEI,ICCID,Colour\n{I0},{C0},red\n", strict=True).problems
    assert problem == (
        "fleet.csv: ignored: line 1 (above the header); 1 column (Colour) (an error because strict is set)"
    )


def test_an_error_in_a_row_carries_the_warning(refused):
    error = refused(f"Report,\nIMEI,ICCID,Colour\n1,{C0},red\n")
    assert error.warnings == ["fleet.csv: ignored: line 1 (above the header); 1 column (Colour)"]


# -- No header ---------------------------------------------------------------------------------------------------------

HEADERLESS = (
    "fleet.csv, line {}: is a device, not a header; add a first line with the column names, such as "
    "iccid,imei,carrier,nickname"
)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (ROWS, 1),
        (f"{C0}\n{C1}\n", 1),
        (f"Bus 1;{I0};{C0}\n", 1),
        (f"\n,\n{I0},{C0}\n", 3),
        (f'="{I0}",="{C0}"\n', 1),
        (f"{EID}\n", 1),
        (f"x,{I0}," * 2 + "\n", 1),
        (f"sep=;\n{I0};{C0}\n", 2),
    ],
)
def test_a_device_in_the_first_row_is_one_error(refused, content, line):
    assert refused(content).problems == [HEADERLESS.format(line)]


@pytest.mark.parametrize("columns", [None, {"IMEI": "imei", "ICCID": "iccid"}])
def test_columns_does_not_make_a_device_a_header(refused, columns):
    assert refused(ROWS, columns=columns).problems == [HEADERLESS.format(1)]


# -- Identifiers of another kind ---------------------------------------------------------------------------------------


def test_an_identifier_of_another_kind_is_one_problem_for_all_rows(refused):
    rows = "".join(f"{imei(number)},{iccid(number)},{EID}\n" for number in range(50))
    (problem,) = refused(f"IMEI,ICCID,EID\n{rows}").problems
    assert problem.startswith(
        "fleet.csv, line 2 and 49 more rows: eid is not a field of kind sim; for eSIMs, use sentinel_esim_activation, "
        "or sentinel_fleet with kind: esim; otherwise remove eid"
    )


def test_an_empty_column_of_another_kind_is_ignored(read):
    assert read(f"IMEI,ICCID,EID,SIM ID\n{I0},{C0},N/A,\n{I1},{C1},,--\n") == (PAIRS, [])


def test_the_same_file_declares_esims_for_that_kind(write):
    path = write(f"IMEI,ICCID,EID\n{I0},{C0},{EID}\n")
    (device,) = load({"src": path, **TASK}, ESIM.identity).devices
    assert (device.imei, device.eid, device.iccid) == (I0, EID, None)


# -- Kinds -------------------------------------------------------------------------------------------------------------


def test_rows_of_other_kinds_are_ignored_if_one_kind_is_wanted(read):
    devices, warnings = read(f"Kind,IMEI,ICCID\nSIM,{I0},{C0}\nesim,{I2},\n,{I1},{C1}\n")
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: 1 row of other kinds"]


def test_a_kind_column_with_other_values_is_ignored(read):
    devices, warnings = read(f"Kind,IMEI,ICCID\nBus,{I0},{C0}\nTablet,{I1},{C1}\n")
    assert devices == PAIRS
    assert warnings == ["fleet.csv: ignored: 1 column (Kind)"]


# -- Many rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [30, 1000])
def test_wrong_rows_give_at_most_thirty_five_lines(refused, rows):
    lines = "".join(f"{number},{number}\n" for number in range(1, rows + 1))
    message = str(refused(f"IMEI,ICCID\n{lines}"))
    assert len(message.split("\n")) <= 35
    assert message.startswith(
        f"The list of devices has {2 * rows} errors; nothing was written:\nfleet.csv, line 2: imei 1"
    )


def test_a_warning_has_no_terminal_sequences(read):
    _devices, (warning,) = read(f"IMEI,ICCID,Co\x1b[31mlour\n{ROWS}", "fle\x1b[31met.csv")
    assert warning.isprintable()
