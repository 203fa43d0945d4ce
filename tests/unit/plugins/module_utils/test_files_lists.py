# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML and JSON files."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare import documents
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.files import Source, read_rows
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.sources import vocabulary
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, MissingLibraryError


@pytest.fixture
def read(tmp_path):
    """Writes a file and reads its rows."""

    def write_and_read(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return list(read_rows(str(tmp_path / name), Source(vocabulary())))

    return write_and_read


def refusal(read, name, text):
    """Returns the problems of a refused file."""
    with pytest.raises(InputError) as caught:
        read(name, text)
    return caught.value.problems


@pytest.mark.parametrize("name", ["fleet.yml", "fleet.yaml", "FLEET.YML"])
def test_yaml_keeps_every_scalar_as_written(read, name):
    text = "- {imei: 355737360073462, zip: 02134, iccid: 8.90141E+19, nickname: yes, carrier: 'N/A'}\n"
    (row,) = read(name, text)
    assert row == (
        f"{name}, device 1",
        {
            "imei": "355737360073462",
            "service_zip_code": "02134",
            "iccid": "8.90141E+19",
            "nickname": "yes",
            "carrier": "N/A",
        },
    )


def test_json_keeps_every_number_as_written(read):
    (row,) = read("fleet.json", '[{"iccid": 89014103211118510720, "imei": 3.5e14, "zip": "02134", "nickname": true}]')
    assert row.values == {
        "iccid": "89014103211118510720",
        "imei": "3.5e14",
        "service_zip_code": "02134",
        "nickname": True,
    }


@pytest.mark.parametrize("name", ["fleet.yml", "fleet.json"])
def test_json_is_read_from_either_file_type_and_a_bom_is_ignored(read, name):
    rows = read(name, '\ufeff[{"imei": "1"},\n {"imei": "2"}]')
    assert [row.values for row in rows] == [{"imei": "1"}, {"imei": "2"}]
    assert rows[1].where == f"{name}, device 2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fleet.yml", "- {imei: 1, carrier: null, nickname: ~, zip: ''}\n"),
        ("fleet.yml", "- imei: 1\n  carrier:\n"),
        ("fleet.json", '[{"imei": "1", "carrier": null, "zip": ""}]'),
    ],
)
def test_empty_values_are_dropped(read, name, text):
    assert [row.values for row in read(name, text)] == [{"imei": "1"}]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("fleet.yml", "imei: 1\n", "is a mapping; it must be a list of devices"),
        ("fleet.yml", "imei\n", "is a single value; it must be a list"),
        ("fleet.yml", "---\n", "is a single value; it must be a list"),
        ("fleet.yml", "# nothing here\n", "is a single value; it must be a list"),
        ("fleet.yml", "[]\n", "is an empty list; it must be a list"),
        ("fleet.json", "{}", "is a mapping; it must be a list"),
        ("fleet.json", "null", "is a single value; it must be a list"),
        ("fleet.json", "[]", "is an empty list; it must be a list"),
    ],
)
def test_a_document_that_is_not_a_list_of_devices_is_refused(read, name, text, expected):
    (problem,) = refusal(read, name, text)
    assert problem.startswith(f"{name}: {expected}")


@pytest.mark.parametrize(
    ("name", "text"), [("fleet.yml", "- {imei: 1}\n- 5\n- [a]\n"), ("fleet.json", '[{"imei": 1}, 5, ["a"]]')]
)
def test_each_item_that_is_not_a_mapping_is_reported(read, name, text):
    assert [problem.split(": ")[0] for problem in refusal(read, name, text)] == [
        f"{name}, device 2",
        f"{name}, device 3",
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("fleet.yml", "- imei: 1\n- {imei: 2\n", "fleet.yml, line 3: is not valid YAML: "),
        ("fleet.yml", "- imei: \x00\n", "fleet.yml, line 1: is not UTF-8 text (it has NUL characters)"),
        ("fleet.yml", "- {a: 1}\n---\n- {b: 1}\n", "fleet.yml, line 2: is not valid YAML: "),
        ("fleet.yml", "- ? [a]\n  : 1\n", "fleet.yml, line 1: is not valid YAML: "),
        ("fleet.json", '[{"imei": 1},\n {"imei": }]', "fleet.json, line 2: is not valid JSON: "),
        ("fleet.json", "imei,iccid\n", "fleet.json, line 1: is not valid JSON: "),
    ],
)
def test_invalid_syntax_is_reported_with_its_line(read, name, text, expected):
    (problem,) = refusal(read, name, text)
    assert problem.startswith(expected)


TWICE = "appears twice in one mapping; start a new device here, or remove one of the two"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "fleet.yml",
            "- imei: 1\n  iccid: 2\n  imei: 3\n  iccid: 4\n- imei: 5\n",
            [f"fleet.yml, line 3: imei {TWICE}", f"fleet.yml, line 4: iccid {TWICE}"],
        ),
        ("fleet.yml", "- {imei: 1, imei: 1}\n", [f"fleet.yml, line 1: imei {TWICE}"]),
        ("fleet.yml", "- imei: 1\n- &a {imei: 2, 'imei': 3}\n- *a\n", [f"fleet.yml, line 2: imei {TWICE}"]),
        ("fleet.yml", "- more: {a: 1,\n    a: 2}\n", [f"fleet.yml, line 2: a {TWICE}"]),
        ("fleet.yml", "imei: 1\nimei: 2\n", [f"fleet.yml, line 2: imei {TWICE}"]),
        (
            "fleet.json",
            '[{"imei": "0"},\n{"imei": "1", "iccid": "2", "imei": "3", "iccid": "4"}, {"imei": 5, "imei": 5}]',
            [
                f"fleet.json, device 2: iccid {TWICE}",
                f"fleet.json, device 2: imei {TWICE}",
                f"fleet.json, device 3: imei {TWICE}",
            ],
        ),
    ],
)
def test_a_repeated_key_is_reported(read, name, text, expected):
    assert refusal(read, name, text) == expected


def test_yaml_is_read_the_same_without_the_c_loader(read, monkeypatch):
    monkeypatch.delattr(documents.yaml, "CBaseLoader", raising=False)
    assert refusal(read, "fleet.yml", "- imei: 1\n  imei: 2\n") == [f"fleet.yml, line 2: imei {TWICE}"]
    assert [row.values for row in read("fleet.yml", "- &a {imei: 01}\n- *a\n")] == [{"imei": "01"}] * 2


def test_yaml_merge_keys_are_applied(read):
    text = "- &all {imei: 1, carrier: AT&T}\n- {<<: *all, imei: 2}\n"
    assert read("fleet.yml", text)[1].values == {"imei": "2", "carrier": "AT&T"}


def test_yaml_builds_no_objects(read):
    (row,) = read("fleet.yml", "- {imei: !!python/object/apply:os.getcwd [], zip: !!int 5}\n")
    assert row.values == {"imei": [], "service_zip_code": "5"}


def test_yaml_without_its_library_says_what_to_install(read, monkeypatch):
    monkeypatch.setattr(documents, "YAML_IMPORT_ERROR", "Traceback …")
    with pytest.raises(MissingLibraryError, match="pip install PyYAML"):
        read("fleet.yml", "- {imei: 1}\n")


def test_json_lines_have_one_device_per_line(read):
    rows = read("fleet.jsonl", '{"imei": "1", "zip": 12}\n\n{"imei": "2", "carrier": null}\n')
    assert rows == [
        ("fleet.jsonl, line 1", {"imei": "1", "service_zip_code": "12"}),
        ("fleet.jsonl, line 3", {"imei": "2"}),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{imei: 1}", "line 2: is not valid JSON: "),
        ("[1]", "line 2: is not a mapping"),
        ('{"imei": 1, "imei": 2}', "line 2: imei appears twice"),
    ],
)
def test_a_problem_in_json_lines_has_its_line_number(read, line, expected):
    (problem,) = refusal(read, "fleet.jsonl", '{"imei": "1"}\n' + line)
    assert problem.startswith(f"fleet.jsonl, {expected}")


@pytest.mark.parametrize("name", ["fleet.yml", "fleet.json", "fleet.jsonl"])
def test_columns_that_a_run_adds_declare_nothing(read, name):
    row = '{"imei": "1", "outcome": "failed", "reason": "bad ZIP"}'
    (read_row,) = read(name, row if name == "fleet.jsonl" else f"[{row}]")
    assert read_row.values == {"imei": "1"}
