# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading an exported history and a device list."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Entry
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.reading import read_history, read_listing
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei


def test_reading_a_history(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(f"\ufeffICCID,Device Status\n{iccid(1)},Completed\n\n{iccid(2)}\n", encoding="utf-8")
    assert [(seen.iccid, seen.status) for seen in read_history(str(path))] == [
        (iccid(1), "Completed"),
        (iccid(2), None),
    ]
    path.write_text("", encoding="utf-8")
    assert read_history(str(path)) == []


def test_reading_a_history_with_custom_field_names(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(f"Zorp,Bleep\n{iccid(1)},Completed\n", encoding="utf-8")
    (seen,) = read_history(str(path), {"iccid": ["zorp"], "status": ["BLEEP"]})
    assert (seen.iccid, seen.status) == (iccid(1), "Completed")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"a,b\n", "status column"),
        (b'ICCID,Status\n"8', "is not a CSV"),
        (b"\xff,x", "expected a header in the charset that the answer declares"),
    ],
)
def test_files_that_are_not_a_history(tmp_path, content, message):
    path = tmp_path / "history.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_history(str(path))


LISTED = {"mdn": "521-267-0001", "imei": imei(1), "iccid": None, "status": "active", "state": "active", "labels": []}
ENTRY = Entry("521-267-0001", imei=imei(1), status="active")


def test_a_device_list_as_a_file_and_as_a_list(tmp_path):
    path = tmp_path / "devices.jsonl"
    path.write_text(json.dumps(LISTED) + "\n" + json.dumps({**LISTED, "nickname": "Bus 7 \u2028"}) + "\n")
    assert read_listing(str(path)) == [ENTRY, ENTRY._replace(nickname="Bus 7 \u2028")]
    assert read_listing([LISTED, LISTED]) == [ENTRY, ENTRY]
    path.write_text("")
    assert (read_listing(str(path)), read_listing([]), read_listing(None)) == ([], [], None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: no such file"),
        (b"MDN,STATUS\n1,active\n", r"devices.jsonl, line 1: invalid JSON; give a result_file"),
        (b'{"mdn": null, "status": null}\n[]\n', "line 2: is not a device with mdn and status"),
        (b'{"mdn": "1"}\n', "line 1: is not a device with mdn and status"),
        (b"\xff\xfe\n", "is not in UTF-8"),
    ],
)
def test_files_that_are_not_a_device_list(tmp_path, content, problem):
    path = tmp_path / "devices.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_listing(str(path))


@pytest.mark.parametrize("given", [7, {"devices": []}, ["active"]])
def test_values_that_are_not_a_device_list(given):
    with pytest.raises(InputError, match=r"listing: .* is not a dev"):
        read_listing(given)
