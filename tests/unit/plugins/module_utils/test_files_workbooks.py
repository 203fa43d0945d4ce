# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Excel workbooks as declarations: sheets, cells, and their problems."""

from __future__ import annotations

import datetime
import io
import sys
import time
import warnings
import zipfile

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, MissingLibraryError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei

openpyxl = pytest.importorskip("openpyxl")

I0, I1, C0, C1 = imei(0), imei(1), iccid(0), iccid(1)
HEADER = ["IMEI", "ICCID"]
FLEET = [HEADER, [I0, C0], [I1, C1]]
PAIRS = [(I0, C0), (I1, C1)]
TASK = {"carrier": "Verizon", "device_group": "Buses", "filter_group": "Staff", "service_zip_code": "20191"}
SHEET, MAIN = "xl/worksheets/sheet1.xml", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: Cells of a header and of a device, as indexes of shared strings.
SHARED = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>'
)
STRINGS = f"<si><t>IMEI</t></si><si><t>ICCID</t></si><si><t>{I0}</t></si><si><t>{C0}</t></si>"


def book_of(*sheets, change=None):
    """Returns a workbook with sheets, each a title and rows. `change` is called before the workbook is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_parts(content, **parts):
    """Returns a workbook with changed parts: name → text, or None to leave the part out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys((*old.namelist(), *parts)):
            part = parts.get(name, old.read(name) if name in old.namelist() else None)
            if part is not None:
                new.writestr(name, part)
    return stream.getvalue()


def sheet_of(rows, strings=STRINGS):
    """Returns a workbook as spreadsheets write it, with these rows in XML and shared strings."""
    plain = book_of(("Devices", [["x"]]))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        types = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    return with_parts(
        plain,
        **{
            "[Content_Types].xml": types.replace(
                "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
            ),
            SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        },
    )


def replaced(content, old, new):
    """Returns a workbook with a changed text in the XML of its first sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(SHEET).decode()
    assert old in text
    return with_parts(content, **{SHEET: text.replace(old, new)})


@pytest.fixture
def declared(tmp_path):
    """Reads a workbook of SIMs."""

    def read(content, name="fleet.xlsx", **given):
        path = tmp_path / name
        path.write_bytes(content)
        return load({"src": str(path), **TASK, **given}, SIM.identity)

    return read


@pytest.fixture
def read(declared):
    """Returns the pairs and warnings of a workbook of SIMs."""

    def read_pairs(content, name="fleet.xlsx", **given):
        found = declared(content, name, **given)
        return [(device.imei, device.iccid) for device in found.devices], found.warnings

    return read_pairs


@pytest.fixture
def problems(declared):
    """Returns the problems of a refused workbook."""

    def refused(content, name="fleet.xlsx", **given):
        with pytest.raises(InputError) as caught:
            declared(content, name, **given)
        return caught.value.problems

    return refused


# -- Sheets ------------------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_and_its_rows_are_named(declared):
    devices = declared(book_of(("Devices", FLEET))).devices
    assert [(device.where, device.imei) for device in devices] == [("fleet.xlsx, row 2", I0), ("fleet.xlsx, row 3", I1)]


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.txt", "FLEET.XLSX", "fleet.json", "fleet.yml"])
def test_its_content_makes_it_a_workbook_whatever_its_name_is(read, name):
    assert read(book_of(("Devices", FLEET)), name) == (PAIRS, [])


@pytest.mark.parametrize(
    "first",
    [
        ("Notes", [["Ordered by", "PO 77"]]),
        ("Notes", []),
        ("Summary", [["SIM", "Count"], ["active", "7"]]),
        ("Carriers", [["Carrier", "Contact"], ["Verizon", "x"]]),
    ],
)
def test_the_first_sheet_with_a_header_is_read(read, first):
    assert read(book_of(first, ("Devices", FLEET), ("Old", [HEADER, [imei(7), iccid(7)]]))) == (PAIRS, [])


def test_the_option_sheet_names_the_sheet(read):
    content = book_of(("Old", [HEADER, [imei(7), iccid(7)]]), ("Devices", FLEET))
    assert read(content, sheet="Devices") == (PAIRS, [])


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_only_by_its_name(read, state):
    def hide(book):
        book.worksheets[0].sheet_state = state

    content = book_of(("Old", [HEADER, [imei(7), iccid(7)]]), ("Devices", FLEET), change=hide)
    assert read(content)[0] == PAIRS
    assert read(content, sheet="Old")[0] == [(imei(7), iccid(7))]


def test_a_sheet_that_the_workbook_does_not_have_is_named_with_those_that_it_has(problems):
    (problem,) = problems(book_of(("Devices", FLEET), ("Notes", [])), sheet="devices ")
    assert problem.startswith("fleet.xlsx: has no sheet 'devices '; did you mean Devices?")
    assert problem.endswith(" Devices, Notes")
    (problem,) = problems(book_of(("Devices", FLEET)), sheet="x")
    assert problem == "fleet.xlsx: has no sheet 'x'; sheets: Devices"


def test_a_named_sheet_without_a_header_is_an_error_though_another_has_one(problems):
    (problem,) = problems(book_of(("Devices", FLEET), ("Notes", [["a", "b"]])), sheet="Notes")
    assert problem.startswith("fleet.xlsx, row 1: no column for the IMEI and the ICCID")


# -- Rows --------------------------------------------------------------------------------------------------------------


def test_titles_blank_rows_totals_and_other_columns_are_ignored_with_one_warning(read):
    rows = [["Report"], [], [None, *HEADER, "Colour"], [None, I0, C0, "red"], [None, *HEADER, "Colour"]]
    rows += [[None, I1, C1, "blue"], [], ["Total", 2]]
    devices, problem = read(book_of(("Devices", rows)))
    assert devices == PAIRS
    assert problem == [
        ("fleet.xlsx: ignored: row 1 (above the header); row 5 (repeated header); row 8 (no device); 1 column (Colour)")
    ]


def test_a_merged_title_is_a_title(read):
    def merge(book):
        sheet = book.worksheets[0]
        sheet.insert_rows(1)
        sheet["A1"] = "Devices of Northstar"
        sheet.merge_cells("A1:B1")

    assert read(book_of(("Devices", FLEET), change=merge))[0] == PAIRS


def test_a_workbook_that_states_a_wrong_size_is_read_as_a_whole(read):
    assert read(replaced(book_of(("Devices", FLEET)), 'ref="A1:B3"', 'ref="A1"'))[0] == PAIRS


def test_a_row_with_cells_beyond_the_header_is_named(problems):
    (problem,) = problems(book_of(("Devices", [HEADER, [I0, C0, "red"]])))
    assert problem.startswith("fleet.xlsx, row 2: has 3 cells, but the header has 2")


def test_a_workbook_without_a_header_is_one_error(problems):
    (problem,) = problems(book_of(("Devices", FLEET[1:])))
    assert problem.startswith("fleet.xlsx, row 1: is a device, not a header")


@pytest.mark.parametrize("sheets", [[("Devices", [])], [("A", []), ("B", [[], [None, ""]])]])
def test_an_empty_workbook_is_named(problems, sheets):
    assert problems(book_of(*sheets)) == ["fleet.xlsx: is empty; it must declare at least one device"]


def test_a_workbook_with_nothing_but_a_header_is_named(problems):
    assert problems(book_of(("Devices", [HEADER]))) == ["fleet.xlsx: has a header but no devices"]


# -- Cells -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [int(I0), float(I0), f"'{I0}", f" {I0} ", f"{I0}.0"])
def test_an_imei_may_be_a_number_or_a_guarded_text(read, value):
    assert read(book_of(("Devices", [HEADER, [value, C0]]))) == ([(I0, C0)], [])


@pytest.mark.parametrize("value", [int(C0), float(C0), float(C0[:18] + "00")])
def test_an_iccid_that_is_a_number_has_lost_digits(problems, value):
    (problem,) = problems(book_of(("Devices", [HEADER, [I0, value]])))
    assert problem.startswith("fleet.xlsx, row 2: iccid ")
    assert "spreadsheet" in problem


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (7.0, "7"), (7.5, "7.5"), (True, "TRUE"), (datetime.date(2026, 11, 27), "2026-11-27")],
)
def test_other_values_are_texts(declared, value, text):
    (device,) = declared(book_of(("Devices", [[*HEADER, "Nickname"], [I0, C0, value]]))).devices
    assert str(device.nickname).startswith(text)


def test_a_zip_code_that_shows_its_zeros_has_them(declared):
    def as_zip_codes(book):
        book.worksheets[0]["C2"].number_format = "00000"

    content = book_of(("Devices", [[*HEADER, "ZIP"], [I0, C0, 2134]]), change=as_zip_codes)
    assert declared(content).devices[0].service_zip_code == "02134"


def test_a_zip_code_without_its_zero_is_an_error(problems):
    (problem,) = problems(book_of(("Devices", [[*HEADER, "ZIP"], [I0, C0, 2134]])))
    assert problem.startswith(
        "fleet.xlsx, row 2: service_zip_code 2134: has 4 digits, so a leading zero was probably lost"
    )


@pytest.mark.parametrize("value", ["#N/A", "N/A", "--", "NULL", None, ""])
def test_cells_that_say_nothing_are_empty(declared, value):
    (device,) = declared(book_of(("Devices", [[*HEADER, "Nickname"], [I0, C0, value]]))).devices
    assert device.nickname is None


def test_an_error_of_a_formula_is_named(problems):
    (problem,) = problems(book_of(("Devices", [HEADER, ["#REF!", C0]])))
    assert problem.startswith("fleet.xlsx, row 2: imei #REF!: is a spreadsheet error")


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, [f'="{I0}"&""', f'="{C0}"&""']],
        [HEADER, [I0, C0], [f'="{I1}"&""', f'="{C1}"&""']],
        [HEADER, ["=Old!A2", "=Old!B2"], [I1, C1]],
        [HEADER, [f'="{I0}"', C0]],
    ],
)
def test_formulas_without_their_values_do_not_vanish_without_a_word(problems, rows):
    assert any("formula" in problem for problem in problems(book_of(("Devices", rows))))


def test_formulas_that_yield_nothing_are_blank(read):
    spare = '<row r="{0}"><c r="A{0}" t="str"><f>IF(C{0}="","",C{0})</f><v></v></c></row>'
    known = SHARED.replace('<c r="A2" t="s"><v>2</v>', f'<c r="A2" t="str"><f>C2</f><v>{I0}</v>')
    assert read(sheet_of(known + "".join(map(spare.format, range(3, 50))))) == ([(I0, C0)], [])


def test_shared_strings_are_read(read):
    assert read(sheet_of(SHARED)) == ([(I0, C0)], [])


def test_the_parts_of_a_formatted_text_are_one_text(read):
    parts = "<si><r><t>IM</t></r><r><rPr><b/></rPr><t>EI</t></r></si>"
    assert read(sheet_of(SHARED, STRINGS.replace("<si><t>IMEI</t></si>", parts))) == ([(I0, C0)], [])


def test_columns_name_the_headings_of_a_workbook(read):
    content = book_of(("Devices", [["Handset", "Chip", "IMEI"], [I0, C0, "x"]]))
    assert read(content, columns={"Handset": "imei", "Chip": "iccid"}) == ([(I0, C0)], [])


# -- What cannot be read -----------------------------------------------------------------------------------------------

AGAIN = "fleet.xlsx: cannot be read as a workbook"


@pytest.mark.parametrize(
    "content",
    [
        lambda: sheet_of(SHARED.replace("<v>3</v>", "<v>99</v>")),
        lambda: sheet_of(SHARED.replace('r="A2"', 'r="banana"')),
        lambda: sheet_of(SHARED.replace('t="s"', 't="n"').replace("<v>2</v>", "<v>NaN</v>")),
        lambda: sheet_of(SHARED.replace("</row>", "", 1)),
        lambda: with_parts(book_of(("Devices", FLEET)), **{"[Content_Types].xml": None}),
        lambda: with_parts(book_of(("Devices", FLEET)), **{"xl/workbook.xml": "no XML"}),
    ],
)
def test_a_workbook_of_broken_xml_is_one_sentence_without_python(problems, content):
    (problem,) = problems(content())
    assert problem.startswith(AGAIN)
    assert "Error" not in problem


def test_entities_are_neither_expanded_nor_looked_up(problems):
    levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    for entities in (f'<!ENTITY l0 "lol">{levels}', '<!ENTITY l9 SYSTEM "file:///etc/hostname">'):
        strings = f'<!DOCTYPE sst [{entities}]><sst xmlns="{MAIN}">{STRINGS.replace(I0, "&l9;")}</sst>'
        started = time.process_time()
        assert problems(with_parts(sheet_of(SHARED), **{"xl/sharedStrings.xml": strings}))
        assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("rows", "strings"),
    [
        (SHARED.replace('<row r="2">', '<row r="20000000">'), STRINGS),
        (SHARED + "<row/>" * 20_000_000, STRINGS),
        (SHARED + f"<row>{'<c/>' * 20_000_000}</row>", STRINGS),
        (SHARED, STRINGS + "<si/>" * 20_000_000),
    ],
    ids=["row number", "rows", "cells", "strings"],
)
def test_a_workbook_that_is_small_only_when_it_is_packed_is_refused(problems, rows, strings):
    content = sheet_of(rows, strings)
    started = time.process_time()
    (problem,) = problems(content)
    assert problem.startswith("fleet.xlsx")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("left", [4, 30, 0.5, 0.9, -1])
def test_a_workbook_that_was_cut_off_is_named(problems, left):
    content = book_of(("Devices", FLEET))
    cut = content[: left if isinstance(left, int) else int(len(content) * left)]
    (problem,) = problems(cut)
    assert problem == "fleet.xlsx: is a broken workbook or zip; download or save it again"


def test_the_strict_variant_is_named(problems):
    with zipfile.ZipFile(io.BytesIO(book_of(("Devices", FLEET)))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = {
        name: text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            office, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, text in parts.items()
    }
    (problem,) = problems(with_parts(book_of(("Devices", FLEET)), **strict))
    assert "Strict Open XML" in problem


def test_what_the_library_warns_of_is_not_shown(read):
    content = replaced(
        book_of(("Devices", FLEET)),
        "</worksheet>",
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>',
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert read(content)[0] == PAIRS
    assert [warning for warning in caught if "openpyxl" in str(warning.filename)] == []


def test_without_the_library_it_is_said_what_to_install(declared, monkeypatch):
    content = book_of(("Devices", FLEET))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingLibraryError, match="pip install openpyxl"):
        declared(content)
