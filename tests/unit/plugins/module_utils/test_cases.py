# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as people have them: the result of each of `cases` as `src` of SIMs.

The files are kept byte by byte. Sanity tests accept other line ends and encodings than their own in .bin files.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, KINDS, SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.carriers import unknown_carriers
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError

CASES = Path(__file__).parent / "cases"
#: Fields that the task sets for all devices.
TASK = {"carrier": "Verizon", "device_group": "Transportation", "filter_group": "Staff", "service_zip_code": "20191"}
NAMED = ("nickname", "imei", "iccid")
NO_HEADER = ", line 1: is a device, not a header; add a first line with the column names"
EID_OF_SIM = ", line 2 and 1 more row: eid is not a field of kind sim; for eSIMs, use sentinel_esim_activation, or"

#: Case → its devices, and its only warning without the file's name.
READ = {
    "book.xlsx": (
        [
            ("Bus 0", "355737360200008", "89148000000000200007"),
            ("Bus 1", "355737360200016", "89148000000000200015"),
            ("Bus 2", "355737360200024", "89148000000000200023"),
            ("Bus 3", "355737360200032", "89148000000000200031"),
            ("Bus 4", "355737360200040", "89148000000000200049"),
        ],
        None,
    ),
    "carrier_names.csv": (
        [
            (None, "355737360006009", "8901410320000006004"),
            (None, "355737360006017", "89148000000000006016"),
            (None, "355737360006025", "8901260220000006023"),
            (None, "355737360006033", "8901260220000006031"),
            (None, "355737360006041", "89148000000000006040"),
        ],
        None,
    ),
    "carrier_portal_inventory.csv": (
        [
            (None, "355737360017006", "8901410320000017001"),
            (None, "355737360017014", "8901410320000017019"),
        ],
        (
            "ignored: 20 columns (Foundation Account Number, Billing Account Number, Billing Account Name, "
            "Wireless Number, Wireless User Status, Status Effective Date, Wireless User Full Name, Phone or Device "
            "Make, Phone or Device Model, Wireless User Activation Date, Contract Start Date, Contract End Date and 8 "
            "more)"
        ),
    ),
    "headings_att.csv": ([(None, "355737360006009", "8901410320000006004")], None),
    "headings_tmo.csv": ([(None, "355737360006025", "8901260220000006023")], None),
    "iot_portal_tags.csv": (
        [("Bus 1", "355737360015018", "89148000000000015017")],
        "ignored: 3 columns (Device ID, State, Tags)",
    ),
    "na_words.csv": (
        [
            (None, "355737360009003", "89148000000000009002"),
            (None, "355737360009011", "89148000000000009010"),
            (None, "355737360009029", "89148000000000009028"),
        ],
        None,
    ),
    "preamble_report.csv": (
        [
            ("Bus 0", "355737360004004", "89148000000000004003"),
            ("Bus 1", "355737360004012", "89148000000000004011"),
        ],
        "ignored: lines 1, 2 (above the header); line 7 (no device)",
    ),
    "quoting_formula.csv": (
        [
            ("Bus 1", "355737360008005", "89148000000000008004"),
            ("Bus 2", "355737360008013", "89148000000000008012"),
            ("Bus 3", "355737360008021", "89148000000000008020"),
            ("Bus 4", "355737360008039", "89148000000000008038"),
        ],
        None,
    ),
    "quoting_printed.csv": (
        [
            ("IMEI as printed", "355737360008047", "89148000000000008046"),
            ("with words", "355737360008054", "89148000000000008053"),
            ("with software version", "355737360008062", "89148000000000008061"),
            ("curly apostrophe", "355737360008070", "89148000000000008079"),
            ("direction marks", "355737360008088", "89148000000000008087"),
            ("backtick", "355737360008096", "89148000000000008095"),
            ("full stop", "355737360008104", "89148000000000008103"),
        ],
        None,
    ),
    "tabs.tsv": (
        [("Bus 0", "355737360007007", "89148000000000007006"), ("Bus 1", "355737360007015", "89148000000000007014")],
        None,
    ),
    "utf16.txt": (
        [("Bus 0", "355737360007007", "89148000000000007006"), ("Bus 1", "355737360007015", "89148000000000007014")],
        None,
    ),
}

#: Case → the beginning of each of its problems, after the file's name.
REFUSED = {
    "book_numbers.xlsx": [
        problem
        for row in (2, 3, 4)
        for problem in (
            f", row {row}: iccid 89148000000000200000: a spreadsheet rounded it",
            f", row {row}: service_zip_code 2134: has 4 digits, so a leading zero was probably lost",
        )
    ],
    "cp1252.csv": [', line 2: is not UTF-8 (byte 0xe9); save the file as UTF-8 (in spreadsheets: "CSV UTF-8")'],
    "headerless_nicknames.csv": [NO_HEADER],
    "headerless_upload.csv": [NO_HEADER],
    "iot_portal.csv": [
        (
            ', line 1: no column for the IMEI and the ICCID; "IDENTIFIER" has ICCIDs, so set columns: {IDENTIFIER: '
            "iccid}, and add a column for the IMEI. Columns: IDENTIFIER, "
        )
    ],
    "mdm_export.csv": [EID_OF_SIM],
    "only_iccids.txt": [NO_HEADER],
    "rounded_apart.csv": [
        f", line {line}: iccid 891480000{number}00000: a spreadsheet rounded it"
        for line, number in enumerate(
            [
                "012340",
                "012357",
                "012365",
                "012373",
                "012381",
                "012399",
                "012407",
                "012415",
                "012423",
                "012431",
                "012449",
                "012456",
            ],
            2,
        )
    ],
    "rounded_same.csv": [f", line {line}: iccid 89148000000000000000: a spreadsheet rounded it" for line in (2, 3, 4)],
    "signin_page.csv": [": is a web page (HTML), perhaps a sign-in page; sign in, download the list again"],
    "sim_with_eid.csv": [EID_OF_SIM],
    "vault.csv": [": is encrypted with ansible-vault, which only the controller can decrypt; run the task there"],
}


@pytest.fixture
def case(tmp_path):
    """Copies a case under its own name and returns its path."""

    def copy(name):
        if name.endswith(".xlsx"):
            pytest.importorskip("openpyxl")
        path = tmp_path / name
        path.write_bytes((CASES / f"{name}.bin").read_bytes())
        return str(path)

    return copy


def loaded(path, identity=SIM.identity, **given):
    """Returns the devices of a file."""
    return load({"src": path, **TASK, **given}, identity)


def refused(path, identity=SIM.identity, **given):
    """Returns the error of a file."""
    with pytest.raises(InputError) as caught:
        loaded(path, identity, **given)
    return caught.value


def named(declared):
    """Returns the fields of each device that a person checks."""
    return [tuple(getattr(device, field) for field in NAMED) for device in declared.devices]


def test_every_case_has_an_expectation():
    cases = sorted(path.name for path in CASES.iterdir())
    assert [f"{name}.bin" for name in sorted([*READ, *REFUSED, "history_export.csv"])] == cases


@pytest.mark.parametrize("name", READ)
def test_a_certain_file_is_read(case, name):
    devices, warning = READ[name]
    declared = loaded(case(name))
    assert named(declared) == devices
    assert declared.warnings == ([f"{name}: {warning}"] if warning else [])


@pytest.mark.parametrize("name", REFUSED)
def test_a_likely_slip_is_refused_with_its_cure(case, name):
    problems = refused(case(name)).problems
    assert len(problems) == len(REFUSED[name])
    for problem, begin in zip(problems, REFUSED[name]):
        assert problem.startswith(name + begin)


# -- Values besides identifiers ----------------------------------------------------------------------------------------


def test_a_workbook_is_read_with_its_carriers_and_zip_codes(case):
    devices = loaded(case("book.xlsx")).devices
    assert {(device.carrier, device.service_zip_code) for device in devices} == {("Verizon", "02134")}
    assert [device.where for device in devices] == [f"book.xlsx, row {row}" for row in range(2, 7)]


def test_words_for_nothing_give_no_value(case):
    for device in loaded(case("na_words.csv")).devices:
        assert (device.nickname, device.plan_id) == (None, None)


def test_each_name_suggests_the_right_carrier_of_the_account(case):
    devices = loaded(case("carrier_names.csv")).devices
    written = {str(device.carrier): device.where for device in devices}
    problems = unknown_carriers(written, ["AT&T", "T-Mobile", "Verizon"])
    assert [problem.split("; ")[1].split("?")[0] for problem in problems] == [
        f"did you mean {carrier}" for carrier in ("AT&T", "Verizon", "T-Mobile", "T-Mobile", "Verizon")
    ]
    assert problems[0] == (
        "carrier_names.csv, line 2: the account has no carrier 'AT&T Mobility'; did you mean AT&T? Write AT&T, or set "
        "carrier_names: {AT&T Mobility: AT&T}"
    )


def test_carrier_names_maps_the_names_in_a_file(case):
    names = {"AT&T Mobility": "AT&T", "VZW": "Verizon", "T-Mobile USA": "T-Mobile", "TMO": "T-Mobile"}
    devices = loaded(case("carrier_names.csv"), carrier_names=names).devices
    assert [device.carrier for device in devices] == ["AT&T", "Verizon", "T-Mobile", "T-Mobile", "Verizon Wireless"]


# -- EID next to the ICCID ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        (
            "sim_with_eid.csv",
            [
                ("355737360010001", "89049032000010000000000000100056"),
                ("355737360010019", "89049032000010000000000000100153"),
            ],
        ),
        (
            "mdm_export.csv",
            [
                ("355737360014003", "89049032000010000000000000140020"),
                ("355737360014011", "89049032000010000000000000140117"),
            ],
        ),
    ],
)
def test_a_file_with_eids_declares_esims(case, name, pairs):
    devices = loaded(case(name), ESIM.identity).devices
    assert [(device.imei, device.eid) for device in devices] == pairs


def test_columns_select_the_sims_of_a_file(case):
    declared = loaded(case("mdm_export.csv"), columns={"IMEI": "imei", "ICCID": "iccid"})
    assert [(device.imei, device.iccid) for device in declared.devices] == [
        ("355737360014003", "89148000000000014002"),
        ("355737360014011", "89148000000000014010"),
    ]
    assert declared.warnings == []


def test_an_export_without_iccids_gives_one_short_error_and_one_warning(case, tmp_path):
    with open(case("mdm_export.csv"), encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    header[header.index("ICCID")] = "Sideloading key"
    assert len(header) == 48
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
        [header, *([("" if cell.startswith("89") else cell) for cell in row] for row in rows)]
    )
    path = tmp_path / "intune.csv"
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    error = refused(str(path))
    (problem,) = error.problems
    (warning,) = error.warnings
    assert problem.startswith("intune.csv, line 1: no column for the ICCID; add one, or set columns")
    assert warning.startswith("intune.csv: ignored: 44 columns (Device ID, Enrollment date, Last check-in,")
    assert len(str(error)) + len(warning) < 1000


# -- History export ----------------------------------------------------------------------------------------------------


def test_a_history_export_declares_its_sims(case):
    declared = loaded(case("history_export.csv"))
    assert len(declared.devices) == 63
    assert declared.warnings == ["history_export.csv: ignored: 2 rows of other kinds"]
    assert named(declared)[3] == ("Bus 58", "352906119000570", "89148060000000009694")


def test_a_history_export_declares_a_fleet_of_all_kinds(case):
    kinds = {name: kind.identity for name, kind in KINDS.items()}
    declared = load_fleet({"src": case("history_export.csv")}, kinds)
    counts = {name: sum(device.identity.kind == name for device in declared.devices) for name in kinds}
    assert counts == {"sim": 63, "esim": 1, "smartsim": 1}
    assert declared.warnings == []
