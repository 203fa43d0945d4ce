# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV files as people have them."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.files import (
    CsvRows,
    Row,
    Source,
    read_rows,
    warnings_of,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.headings import Vocabulary
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError

SOURCE = Source(
    Vocabulary(
        {"imei": "imei", "iccid": "iccid", "carrier": "carrier", "nickname": "nickname", "zip": "service_zip_code"}
    )
)


@pytest.fixture
def read(tmp_path):
    """Writes a fleet.csv and reads it: read(text or bytes) → rows."""

    def write_and_read(content, name="fleet.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_rows(str(path), SOURCE))

    return write_and_read


@pytest.fixture
def problems(read):
    """Returns the problems of a refused file."""

    def refused(content, name="fleet.csv"):
        with pytest.raises(InputError) as caught:
            read(content, name)
        return caught.value.problems

    return refused


PAIR = [{"imei": "1", "iccid": "2"}, {"imei": "3", "iccid": "4"}]


@pytest.mark.parametrize(
    "content",
    [
        "imei,iccid\n1,2\n3,4\n",
        "imei,iccid\n1,2\n3,4",
        "imei,iccid\r\n1,2\r\n3,4\r\n",
        "imei,iccid\r1,2\r3,4\r",
        "\ufeffimei,iccid\n1,2\n3,4\n",
        "imei;iccid\n1;2\n3;4\n",
        "imei\ticcid\n1\t2\n3\t4\n",
        "imei|iccid\n1|2\n3|4\n",
        "sep=;\nimei;iccid\n1;2\n3;4\n",
        "SEP=;\r\nimei;iccid\r\n1;2\r\n3;4\r\n",
        "\ufeffsep=,\nimei,iccid\n1,2\n3,4\n",
        "sep=\t\nimei\ticcid\n1\t2\n3\t4\n",
        "sep=\r\nimei,iccid\r\n1,2\r\n3,4\r\n",
        '"imei","iccid"\n"1","2"\n"3","4"\n',
        '"imei";"iccid"\n="1";="2"\n\'3;4\n',
        " IMEI , Iccid \n 1 , 2 \n 3 , 4 \n",
        "\n\nimei,iccid\n\n1,2\n,\n   \n3,4\n\n\n",
        "imei,iccid,,\n1,2,,\n3,4,,\n",
        "imei,iccid,carrier\n1,2\n3,4,\n",
    ],
)
def test_every_csv_dialect_gives_the_same_rows(read, content):
    assert [row.values for row in read(content)] == PAIR


def test_a_row_has_its_file_and_line(read):
    assert read("imei\n1\n\n2\n")[1] == Row("fleet.csv, line 4", {"imei": "2"})
    assert read("sep=,\nimei\n1\n")[0].where == "fleet.csv, line 3"


def test_a_quoted_cell_may_contain_delimiters_and_quotes(read):
    (row,) = read('imei,nickname\n1,"Bus 7, ""red"""\n')
    assert row.values["nickname"] == 'Bus 7, "red"'


def test_a_quotation_mark_within_a_cell_is_text(read):
    rows = read('imei,nickname\n1,Bus 7"\n2,7" display\n3, "x"\n')
    assert [row.values["nickname"] for row in rows] == ['Bus 7"', '7" display', '"x"']


OPEN = 'a quoted cell does not end in its line; close or remove its quotation mark (")'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('imei,nickname\n1,Bus 1\n2,"Bus 2\n3,Bus 3\n4,Bus 4\n', 3),
        ('imei,nickname\n1,Bus 1\n2,Bus 2\n3,"Bus 3', 4),
        ('imei,nickname\n1,Bus 1\n2,"Bus 2\n3,Bus 3\n4,"Bus, 4"\n5,Bus 5\n', 3),
        ('imei,nickname\n1,Bus 1\n\n2,"Bus 2\n3,Bus 3"\n4,Bus 4\n', 4),
        ('sep=,\r\nimei,nickname\r\n1,"Bus 1\r\n2,Bus 2"\r\n3,Bus 3\r\n', 3),
        ('imei,nickname\r1,"Bus 1\r2,Bus 2"\r3,Bus 3\r', 2),
        ('imei,nickname\n1,"Bus 1\n"\n', 2),
        ('imei,"nickname\n1,Bus 1\n2,Bus 2"\n3,Bus 3\n', 1),
        ('"imei,nickname\n1,Bus 1\n', 1),
        ('imei,nickname\n"1,Bus 1\n' + "2,Bus 2\n" * 50_000, 2),
    ],
)
def test_an_open_quotation_mark_is_reported_where_it_opens(problems, content, line):
    (problem,) = problems(content)
    assert problem.startswith(f"fleet.csv, line {line}: {OPEN}")


def test_each_cell_with_a_line_break_is_reported(problems):
    messages = problems('imei,nickname\n1,"Bus\n1"\n2,Bus 2,x\n3,"Bus\n3"\n4,Bus 4\n')
    assert [text.split(": ")[0] for text in messages] == [f"fleet.csv, line {line}" for line in (2, 4, 5)]


def test_text_after_a_closing_quotation_mark_is_reported(problems):
    (problem,) = problems('imei,nickname\n1,Bus 1\n2,"Bus" 2\n3,Bus 3\n')
    assert problem.startswith('fleet.csv, line 3: text follows a closing quotation mark ("); remove the mark')


QUOTED = st.sampled_from(["Bus", "Bus 7, red", 'say ""hi""', "", "West"])


@example(["Bus 7, red"], False, [(27, '"'), (27, '"""')], "\r\n")
@example(["Bus"], False, [(17, '""')], "\n")
@given(
    nicknames=st.lists(QUOTED, min_size=1, max_size=8),
    quoted=st.booleans(),
    strays=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(['"', '""', '"""'])), min_size=1, max_size=3),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_stray_quotation_marks_never_lose_a_device_silently(nicknames, quoted, strays, end):
    lines = ["imei,nickname,carrier"]
    for number, nickname in enumerate(nicknames):
        cell = f'"{nickname}"' if quoted or "," in nickname else nickname
        lines.append(f"{1000 + number},{cell},Verizon")
    text = end.join(lines) + end
    header = len(lines[0]) + len(end)
    for number, mark in strays:
        # Not within a line end, and not in the header, which would be refused for other reasons.
        place = header + number % (len(text) - header + 1)
        if text[place - 1 : place + 1] != "\r\n":
            text = text[:place] + mark + text[place:]
    try:
        rows = list(CsvRows(io.StringIO(text, newline=""), "fleet.csv", SOURCE))
    except InputError:
        return
    # Cells of a row may be joined, but rows never. Marks after the last line make one more row.
    assert len(rows) >= len(nicknames)
    for number, row in enumerate(rows[: len(nicknames)]):
        assert str(1000 + number) in "".join(row.values.values()).replace('"', "")


def test_leading_zeros_are_kept(read):
    (row,) = read("imei,zip\n011,02134\n")
    assert row.values == {"imei": "011", "service_zip_code": "02134"}


def test_headings_match_in_any_case_and_punctuation(read):
    (row,) = read("I.M.E.I.,ZIP,Nick Name\n1,2,3\n")
    assert row.values == {"imei": "1", "service_zip_code": "2", "nickname": "3"}


def test_a_txt_file_is_read_as_csv(read):
    assert [row.values for row in read("imei\n1\n", "FLEET.TXT")] == [{"imei": "1"}]


def test_an_unknown_column_is_reported_with_a_suggestion(problems):
    (problem,) = problems("imei,carier\n1,VERIZON\n")
    assert problem.startswith('fleet.csv, line 1: unknown column "carier"; did you mean carrier? Valid: carrier, ')


def test_the_line_number_of_a_header_counts_the_lines_above_it(problems):
    (problem,) = problems("sep=;\n\nimei;carier\n1;2\n")
    assert problem.startswith('fleet.csv, line 3: unknown column "carier"')


def test_all_wrong_columns_are_reported_at_once(problems):
    messages = problems("imei,carier,IMEI,nicname\n1,2,3,4\n")
    assert [text.split(": ", 1)[1].split(";")[0] for text in messages] == [
        'unknown column "carier"',
        'unknown column "nicname"',
        'there are two columns "imei"',
    ]


def test_valid_names_are_listed_once_for_all_wrong_columns(problems):
    assert "".join(problems("imei,carier,nicname\n1,2,3\n")).count("Valid: ") == 1


def test_each_row_with_too_many_cells_is_reported(problems):
    messages = problems("imei,nickname\n1,Bus 7, red\n2,Bus 8\n3,Bus 9, blue\n")
    assert [text.split(":")[0] for text in messages] == ["fleet.csv, line 2", "fleet.csv, line 4"]
    assert messages[0].endswith("has 3 cells, but the header has 2; is a delimiter unquoted?")


@pytest.mark.parametrize("content", ["", "  \n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(problems, content):
    assert problems(content) == ["fleet.csv: is empty; it must declare at least one device"]


@pytest.mark.parametrize("content", ["imei,iccid\n", "imei,iccid\n,\n\n", "sep=;\nimei;iccid\n"])
def test_a_file_without_devices_is_refused(problems, content):
    assert problems(content) == ["fleet.csv: has a header but no devices"]


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        ("imei\nü".encode("latin-1"), 2, "0xfc"),
        (b"imei\n1\n\n\xe9", 4, "0xe9"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused_with_the_line_and_the_cure(problems, content, line, byte):
    (problem,) = problems(content)
    assert problem.startswith(f"fleet.csv, line {line}: is not UTF-8 (byte {byte}); save the file as UTF-8")


def test_a_file_with_nul_characters_is_refused_with_the_line_and_the_cure(problems):
    (problem,) = problems(b"imei\n355737360073462\n3557\x007360073462\n")
    assert problem == (
        "fleet.csv, line 3: is not UTF-8 text (it has NUL characters); save the file as UTF-8 "
        '(in spreadsheets: "CSV UTF-8")'
    )


def test_an_excessively_long_line_is_refused(problems):
    (problem,) = problems('imei,nickname\n1,"' + "x" * 200_000 + '"\n')
    assert problem == "fleet.csv, line 2: is longer than 100,000 characters; is this a list of devices?"


def test_a_missing_file_is_reported_with_the_machine_that_runs_the_module(tmp_path):
    with pytest.raises(InputError, match="cannot be read on the machine that runs the module: no such file"):
        read_rows(str(tmp_path / "none.csv"), SOURCE)


@pytest.mark.parametrize(("name", "shown"), [("fleet.xlsm", ".xlsm"), ("fleet", "fleet"), (".csv", ".csv")])
def test_an_unsupported_file_type_is_refused(problems, name, shown):
    (problem,) = problems("imei\n1\n", name)
    assert problem == f'{name}: unsupported file type "{shown}"; use .csv, .xlsx, .yml or .json'


def test_columns_that_a_run_adds_declare_nothing(tmp_path):
    path = tmp_path / "failed.csv"
    path.write_text("IMEI,Outcome,reason\n1,failed,bad ZIP\n", encoding="utf-8")
    rows = read_rows(str(path), SOURCE)
    assert [row.values for row in rows] == [{"imei": "1"}]
    assert rows.table.headings == {"IMEI": "imei"}
    assert warnings_of(rows) == []
