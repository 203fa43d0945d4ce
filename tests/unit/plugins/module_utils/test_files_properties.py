# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of devices: every form of a table gives the same devices, and no file ends in a traceback or a hang."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import KINDS, SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.fleet import load_fleet
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.targets import load_targets
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import SentinelError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei

openpyxl = pytest.importorskip("openpyxl")

#: Maximum processor seconds to read or refuse a file.
SOON = 1.0
TASK = {"carrier": "Verizon", "device_group": "Buses", "filter_group": "Staff", "service_zip_code": "20191"}

# -- A table of devices ------------------------------------------------------------------------------------------------

#: Field → headings that people use for it.
HEADINGS = {
    "imei": ["IMEI", "imei", "Device ID (IMEI)", "IMEI* (15 digits)", "ESN/MEID/IMEI", "IMEI\n(15 digits)", "I.M.E.I."],
    "iccid": ["ICCID", "SIM Number (ICCID)", "SIM #", "Smart Chip (SIM) Number", "ICCID*", "sim_card_number", "ICC-ID"],
    "nickname": ["Nickname", "Nick Name", "nick-name", "Device Name"],
    "carrier": ["Carrier", "CARRIER*", "Carrier Name", "Wireless Carrier"],
    "service_zip_code": ["ZIP", "Zip Code", "service_zip_code", "Postal Code", "Zip code (5 digits)"],
    "device_group": ["Device Group", "deviceGroup", "device_group"],
    "filter_group": ["Filter Group", "filter-group"],
    "plan_id": ["Plan ID", "Plan", "planId"],
}
OTHER_HEADINGS = [
    "Colour",
    "Model",
    "Old ICCID",
    "IMEI Status",
    "Rate Plan Name",
    "Wireless Number",
    "Billing ZIP",
    "No.",
]
#: Rows above a header. None of them names an identifier.
ABOVE = [
    ["Device Inventory Report"],
    ["Generated:", "11/23/2026 03:10 PM"],
    ["ICCIDs of Northstar ISD"],
    ["Order; or, as we say, PO", "4711", "x | y"],
    ["Buses", "", "Tablets"],
    [],
]
BELOW = [["Total", "2"], ["Total: 2"], ["", "Total"], [], ["End of report"], ["", "", ""]]
#: Cells that people may write, without signs that are dropped at their ends, and without words for nothing.
TEXT = (
    st.text("abcXYZ 019äß日,;|\t\"'=&-()", min_size=1, max_size=10)
    .map(lambda text: text.strip(" \t'=\""))
    .filter(lambda text: text.strip(" \t'=\"-()"))
)
NICKNAME = st.one_of(TEXT, st.sampled_from(["Total", "Records", "ICCID", "Bus 7, red", "0107", "yes", "1e5", "007.0"]))


class Form(NamedTuple):
    """The form of a table. `headings`: field → heading, in the order of the columns, including other columns."""

    ending: str
    headings: dict[str, str]
    above: Sequence[list[str]] = ()
    below: Sequence[list[str]] = ()
    again: int | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    line_end: str = "\n"
    sep: bool = False
    as_numbers: bool = False


@st.composite
def tables(draw):
    """Generates devices by field, each with at least a pair."""
    optional = [field for field in HEADINGS if field not in ("imei", "iccid")]
    fields = draw(st.lists(st.sampled_from(optional), unique=True))
    devices = []
    for number in range(draw(st.integers(1, 5))):
        device = {"imei": imei(number), "iccid": iccid(number)}
        for field in fields:
            value = draw(st.sampled_from(["02134", "20191-1234", ""]) if field == "service_zip_code" else NICKNAME)
            if value and draw(st.booleans()):
                device[field] = value
        devices.append(device)
    return devices


@st.composite
def forms(draw, devices):
    """Generates a form in which people may keep these devices."""
    fields = list(dict.fromkeys(field for device in devices for field in device))
    headings = {field: draw(st.sampled_from(HEADINGS[field])) for field in fields}
    others = draw(st.lists(st.sampled_from(OTHER_HEADINGS), unique=True, max_size=3))
    columns = draw(st.permutations([*headings.items(), *((other, other) for other in others)]))
    rows = st.integers(0, len(devices) - 1)
    return Form(
        draw(st.sampled_from([".csv", ".tsv", ".txt", ".xlsx", ".yml", ".yaml", ".json", ".jsonl", ".ndjson"])),
        dict(columns),
        draw(st.lists(st.sampled_from(ABOVE), max_size=4)),
        draw(st.lists(st.sampled_from(BELOW), max_size=3)),
        draw(st.one_of(st.none(), rows)),
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])),
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.booleans()),
        draw(st.booleans()),
    )


TABLES_AND_FORMS = tables().flatmap(lambda devices: st.tuples(st.just(devices), forms(devices)))


def cells_of(devices, form):
    """Returns the rows of a table, with the rows that people have around it."""
    header = list(form.headings.values())
    rows: list[list[Any]] = []
    for number, device in enumerate(devices):
        if form.again == number and not any("\n" in heading for heading in header):
            rows.append(header)
        # Columns that mean no field have identifiers of other devices.
        rows.append(
            [device.get(field, iccid(number + 900) if field not in HEADINGS else "") for field in form.headings]
        )
    return [*form.above, header, *rows, *form.below]


def written(devices, form):
    """Returns the content of a file."""
    if form.ending == ".xlsx":
        book = openpyxl.Workbook()
        for row in cells_of(devices, form):
            book.active.append(
                [int(cell) if form.as_numbers and len(cell) == 15 and cell.isdigit() else cell for cell in row]
            )
            for cell in book.active[book.active.max_row]:
                cell.data_type = cell.data_type if cell.data_type == "n" else "s"  # as it is, not a formula
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()
    if form.ending in (".csv", ".tsv", ".txt"):
        text = io.StringIO()
        writer = csv.writer(text, delimiter=form.delimiter, quoting=form.quoting, lineterminator=form.line_end)
        writer.writerows(cells_of(devices, form))
        sep = f"sep={form.delimiter}{form.line_end}" if form.sep else ""
        return (sep + text.getvalue()).encode(form.encoding)
    mappings = [{form.headings[field]: value for field, value in device.items()} for device in devices]
    if form.ending in (".jsonl", ".ndjson"):
        return form.line_end.join(json.dumps(mapping, ensure_ascii=False) for mapping in mappings).encode(form.encoding)
    if form.ending == ".json":
        wrapped = {"devices": mappings, "count": len(mappings)} if form.sep else mappings
        return json.dumps(wrapped, ensure_ascii=False, indent=2 if form.as_numbers else None).encode(form.encoding)
    return yaml.safe_dump(mappings, allow_unicode=form.sep, default_flow_style=form.as_numbers).encode(form.encoding)


@example(
    (
        [{"imei": imei(0), "iccid": iccid(0), "nickname": "Total"}],
        Form(".csv", {"nickname": "Nickname", "iccid": "ICCID", "imei": "IMEI"}, below=[["Total", "1"]], delimiter=";"),
    )
)
@example(
    (
        [{"imei": imei(0), "iccid": iccid(0)}],
        Form(
            ".txt", {"imei": "IMEI\n(15 digits)", "No.": "No.", "iccid": "SIM #"}, encoding="utf-16-le", delimiter="|"
        ),
    )
)
@given(TABLES_AND_FORMS)
def test_every_form_of_a_table_gives_the_same_devices(table_and_form):
    devices, form = table_and_form
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"fleet{form.ending}")
        with open(path, "wb") as stream:
            stream.write(written(devices, form))
        found = load({"src": path, **TASK}, SIM.identity)
    assert [device.declared() for device in found.devices] == [{**TASK, **device} for device in devices]
    ignored = [text for text in found.warnings if "ignored" in text]
    assert len(ignored) <= 1
    if form.ending in (".csv", ".tsv", ".txt", ".xlsx"):
        assert all(other in ignored[0] for other in form.headings.values() if other in OTHER_HEADINGS)


#: Rows between the devices of a table, with columns for nickname, IMEI and ICCID.
BETWEEN = [
    *([], ["", "", ""], ["Nickname", "IMEI", "ICCID"], ["nickname", "imei", "iccid"], ["Total", "2", ""]),
    *(
        ["Report"],
        ["Bus", "", ""],
        ["", "see notes", ""],
        ["Count", "", "5"],
        ["Total", "", ""],
        ["End of report", "1"],
    ),
]
LINES = st.lists(st.one_of(st.integers(0, 5), st.sampled_from(BETWEEN)), max_size=8)


@example([["Nickname", "IMEI", "ICCID"], 0, ["Total", "2", ""], 1], "Total", ".csv")
@example([0, ["Nickname", "IMEI", "ICCID"], 1], "Bus", ".xlsx")
@given(LINES, st.sampled_from(["Bus", "Total", "Records", "", "ICCID"]), st.sampled_from([".csv", ".xlsx"]))
def test_no_device_of_a_table_is_ignored(lines, nickname, ending):
    rows = [[nickname, imei(line), iccid(line)] if isinstance(line, int) else line for line in lines]
    form = Form(ending, {}, above=rows)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"fleet{ending}")
        with open(path, "wb") as stream:
            stream.write(written([], form))
        try:
            found = {(device.imei, device.iccid) for device in load({"src": path, **TASK}, SIM.identity).devices}
        except SentinelError:
            return
    assert found == {(imei(line), iccid(line)) for line in lines if isinstance(line, int)}


# -- Any bytes ---------------------------------------------------------------------------------------------------------

ENDINGS = [".csv", ".tsv", ".txt", ".xlsx", ".yml", ".json", ".jsonl"]
DEVICES = [{"imei": imei(number), "iccid": iccid(number), "nickname": f"Bus {number}"} for number in range(3)]
SPELT = {"imei": "IMEI", "iccid": "SIM Number (ICCID)", "nickname": "Nickname"}
VALID = {ending: written(DEVICES, Form(ending, SPELT, above=ABOVE[:2])) for ending in ENDINGS}
#: Texts with a meaning in one of the formats.
SIGNIFICANT = [
    b'"',
    b"\n",
    b"\r",
    b",",
    b";",
    b"\t",
    b"|",
    b"[",
    b"{",
    b"}",
    b":",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!",
]
SIGNIFICANT += [
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"PK\x03\x04",
    b"sep=",
    b"=",
    b"'",
    b"#",
    b"---\n",
    b"?",
]


@st.composite
def mutations(draw, content):
    """Generates content with a few bytes changed, left out, repeated or added."""
    for _mutation in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 20))
        new = draw(
            st.one_of(st.binary(max_size=8), st.sampled_from(SIGNIFICANT), st.just(content[place : place + length]))
        )
        content = content[:place] + new + content[place + draw(st.sampled_from([0, len(new), length])) :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


def survives(name, content):
    """Reads content as devices of any kind. Within a second, it must give devices or an error of this collection."""
    identities = {kind: known.identity for kind, known in KINDS.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as stream:
            stream.write(content)
        for read in (
            lambda: load({"src": path, **TASK}, SIM.identity),
            lambda: load_fleet({"src": path, **TASK}, identities),
            lambda: load_targets({"src": path}),
        ):
            started, message = time.process_time(), "read"
            try:
                read()
            except SentinelError as error:
                message = str(error).strip()
            assert message
            assert "Traceback" not in message
            assert time.process_time() - started < SOON


@given(st.sampled_from(ENDINGS), st.binary(max_size=2000))
def test_any_bytes_end_without_a_traceback_or_a_hang(ending, content):
    survives(f"fleet{ending}", content)


@given(st.sampled_from(ENDINGS), st.text(max_size=500), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_any_text_ends_without_a_traceback_or_a_hang(ending, text, encoding):
    survives(f"fleet{ending}", text.encode(encoding, "replace"))


@given(st.sampled_from(ENDINGS).flatmap(lambda ending: st.tuples(st.just(ending), mutations(VALID[ending]))))
def test_any_slip_in_a_file_ends_without_a_traceback_or_a_hang(ending_and_content):
    ending, content = ending_and_content
    survives(f"fleet{ending}", content)


@given(st.integers(0, len(VALID[".xlsx"])))
def test_a_truncated_workbook_gives_no_traceback(length):
    survives("fleet.xlsx", VALID[".xlsx"][:length])


def parts_of(content):
    """Returns the files in a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@given(
    st.sampled_from(sorted(parts_of(VALID[".xlsx"]))).flatmap(
        lambda name: st.tuples(st.just(name), mutations(parts_of(VALID[".xlsx"])[name]))
    )
)
def test_a_workbook_with_odd_parts_ends_without_a_traceback_or_a_hang(name_and_part):
    name, part = name_and_part
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for other, content in parts_of(VALID[".xlsx"]).items():
            archive.writestr(other, part if other == name else content)
    survives("fleet.xlsx", stream.getvalue())


#: Any JSON value.
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
KEYS = st.one_of(
    st.sampled_from(["imei", "iccid", "eid", "sim_id", "kind", "nickname", "devices"]), st.text(max_size=8)
)


@given(JSON_VALUES, st.lists(st.dictionaries(KEYS, JSON_VALUES, max_size=5), max_size=4))
def test_any_document_ends_without_a_traceback(value, mappings):
    for content in (value, mappings, {"devices": mappings}):
        survives("fleet.json", json.dumps(content).encode())
        survives("fleet.yml", json.dumps(content).encode())
    survives("fleet.jsonl", "\n".join(map(json.dumps, mappings)).encode())
