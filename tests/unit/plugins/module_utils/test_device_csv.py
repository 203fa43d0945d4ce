# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device CSVs that the service reads, and the comparison with our own reader."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    RefusedError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.device_csv import read_device_csv
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer


def pair(number):
    """Return a device as the service reads it."""
    return {"imei": imei(number), "iccid": iccid(number)}


@pytest.fixture
def read(serve, tmp_path):
    """Read a file with these lines; the service gives these answers."""

    def call(lines, *answers, compare=True, name="fleet.csv", **options):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        connection = {"api_url": serve(*answers).url, "api_token": "t0k3n-t0k3n", "validate_certs": True}
        numbers = {"request_timeout": 5.0, "request_retries": 0, "concurrency": 1}
        params = {**connection, **numbers, "src": str(path), "compare_local": compare, **options}
        return read_device_csv(params, lambda secret: None)

    return call


def rows(*numbers):
    """The lines of a CSV."""
    return ["IMEI,ICCID", *(f"{imei(number)},{iccid(number)}" for number in numbers)]


def test_both_readers_agree(read):
    result = read(rows(0, 1), Answer([{**pair(0), "row": 2}, pair(1)]))
    assert result == {"changed": False, "devices": [pair(0), pair(1)], "local_problems": [], "differences": []}


@pytest.mark.parametrize("path", ["a\x00b", "a\ud83db", "none\x1b[31m.csv"])
def test_a_path_without_a_file_is_a_clear_error(path):
    with pytest.raises(InputError, match=r"^src: ") as caught:
        read_device_csv({"src": path}, lambda secret: None)
    assert str(caught.value).isprintable()


def test_a_pair_that_only_one_reader_has_is_reported(read):
    result = read(rows(0, 1), Answer({"pairs": [pair(1), pair(2)]}))
    assert result["differences"] == [
        {**pair(0), "only_in": "local", "where": "fleet.csv, line 2"},
        {**pair(2), "only_in": "sentinel", "where": None},
    ]


def test_problems_of_our_reader_are_reported_with_the_devices_of_the_service(read):
    result = read([*rows(0), f"{imei(1)},8914"], Answer([pair(0)]))
    assert result["devices"] == [pair(0)]
    assert result["differences"] == []
    assert result["local_problems"][0].startswith("fleet.csv, line 3: iccid 8914: has 4 digits; an ICCID has 19 or 20")


def test_an_open_quotation_mark_is_reported_with_the_devices_of_the_service(read):
    lines = rows(0, 1, 2)
    result = read([lines[0], lines[1], '"' + lines[2], lines[3]], Answer([pair(0)]))
    (problem,) = result["local_problems"]
    assert problem.startswith("fleet.csv, line 3: a quoted cell does not end in its line")


def test_any_file_is_converted_to_a_csv_of_pairs_which_can_be_saved(read, tmp_path):
    devices = [f"- {{SIM Number (ICCID): '{iccid(number)}', Device IMEI: {imei(number)}}}" for number in (0, 1)]
    dest = tmp_path / "upload.csv"
    result = read(devices, Answer([pair(0), pair(1)]), name="fleet.yml", dest=str(dest))
    assert result["differences"] == []
    assert dest.read_text(encoding="utf-8").split() == rows(0, 1)


def test_a_csv_is_not_overwritten(read, tmp_path):
    with pytest.raises(InputError, match=r"dest: .* is also the file of src"):
        read(rows(0), dest=str(tmp_path / "fleet.csv"))
    assert (tmp_path / "fleet.csv").read_text(encoding="utf-8").split() == rows(0)


def test_columns_choose_between_two_candidates(read, tmp_path):
    lines = ["IMEI1,IMEI2,ICCID", f"{imei(5)},{imei(0)},{iccid(0)}"]
    dest = tmp_path / "upload.csv"
    result = read(lines, Answer([pair(0)]), dest=str(dest), columns={"IMEI2": "imei", "ICCID": "iccid"})
    assert (result["dest"], dest.read_text(encoding="utf-8").split()) == (str(dest), rows(0))


def test_without_compare_local_nothing_is_compared(read):
    assert read(rows(0), Answer([pair(0)]), compare=False) == {"changed": False, "devices": [pair(0)]}


def test_a_refusal_and_an_unexpected_answer_are_errors(read):
    with pytest.raises(RefusedError, match="line 2: no IMEI"):
        read(rows(0), Answer({"message": "line 2: no IMEI"}, status=400))
    with pytest.raises(UnexpectedAnswerError, match=r"expected objects with imei and iccid; received: .*8914"):
        read(rows(0), Answer([{"iccid": "8914"}]))


def test_a_missing_file_is_an_error_before_any_request():
    with pytest.raises(InputError, match="cannot be read on the machine that runs the module: no such file"):
        read_device_csv({"src": "/nowhere/fleet.csv"}, lambda secret: None)
