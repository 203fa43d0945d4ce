# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors that the user sees for wrong declarations. No request is made."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness.devices import COMMON, csv_of, device, iccid, imei
from harness.playbooks import Playbooks, Run, activation
from harness.simulators import Simulator

GOOD = device(1)
SHORT_IMEI, LONG_IMEI = "35573736007346", "3557373600734601"
WRONG_IMEI = imei(2)[:-1] + str((int(imei(2)[-1]) + 1) % 10)
WRONG_ICCID = iccid(2)[:-1] + str((int(iccid(2)[-1]) + 1) % 10)


class Bad(NamedTuple):
    """A declaration, and words of its error message."""

    arguments: dict[str, Any]
    words: tuple[str, ...]


def second(**fields: Any) -> dict[str, Any]:
    """Arguments for a good device and a second one with these fields."""
    return {"devices": [GOOD, {**device(2), **fields}]}


LISTED: dict[str, Bad] = {
    "imei with a wrong check digit": Bad(
        second(imei=WRONG_IMEI),
        ("device 2: imei", WRONG_IMEI, "its check digit is wrong", "compare it with the device"),
    ),
    "imei with 14 digits": Bad(
        second(imei=SHORT_IMEI),
        ("device 2: imei", SHORT_IMEI, "14 digits", "without its check digit; the full IMEI would be 355737360073462"),
    ),
    "imei with 16 digits": Bad(
        second(imei=LONG_IMEI),
        ("device 2: imei", LONG_IMEI, "16 digits", "IMEISV", "the IMEI is 355737360073462"),
    ),
    "imei with 12 digits": Bad(second(imei="355737360073"), ("device 2: imei 355737360073: has 12 digits",)),
    "imei with letters": Bad(second(imei="35573736007346X"), ("device 2: imei 35573736007346X", "not digits (X)")),
    "imei and iccid swapped": Bad(
        second(imei=iccid(2), iccid=imei(2)),
        (
            f"device 2: imei {iccid(2)}: looks like an ICCID; imei and iccid are probably swapped",
            f"device 2: iccid {imei(2)}: looks like an IMEI; iccid and imei are probably swapped",
        ),
    ),
    "iccid as a spreadsheet leaves it": Bad(
        second(iccid="8.90141E+19"),
        ("device 2: iccid 8.90141E+19", "exponent", "its last digits are lost", "format the column as text"),
    ),
    "iccid as an unquoted number": Bad(second(iccid=8.90141e19), ("device 2: iccid", "exponent")),
    "iccid too short": Bad(
        second(iccid="89148000"), ("device 2: iccid 89148000: has 8 digits; an ICCID has 19 or 20",)
    ),
    "iccid too long": Bad(second(iccid=iccid(2) + "77"), ("device 2: iccid", "has 22 digits")),
    "iccid that is an EID": Bad(second(iccid="89049032123451234512345678901235"), ("device 2: iccid", "EID")),
    "zip code that lost its zero": Bad(
        second(service_zip_code=2134), ("device 2: service_zip_code 2134", "leading zero was probably lost")
    ),
    "same iccid with two imeis": Bad(
        second(iccid=GOOD["iccid"]),
        (f"device 2: iccid {GOOD['iccid']} is also on device 1", GOOD["imei"], imei(2), "remove the wrong row"),
    ),
    "same imei twice": Bad(
        second(imei=GOOD["imei"]),
        (f"device 2: imei {GOOD['imei']} is also on device 1", GOOD["iccid"], iccid(2), "remove the wrong row"),
    ),
    "carrier missing": Bad(second(carrier=""), ("device 2: carrier is required",)),
    "nothing declared": Bad(dict(COMMON), ("No devices are declared; set exactly one of devices, src, or one device",)),
    "list and file": Bad(
        {"devices": [GOOD], "src": "fleet.csv"}, ("devices and src cannot be used together", "exactly one of")
    ),
    "list and top level": Bad(
        {"devices": [GOOD], "iccid": iccid(2), "imei": imei(2)},
        ("devices and a device at the top level (imei, iccid) cannot be used together",),
    ),
    "file and top level": Bad(
        {"src": "fleet.csv", "iccid": iccid(2)}, ("src and a device at the top level (iccid) cannot be used together",)
    ),
    "half a device": Bad({**COMMON, "iccid": iccid(2)}, ("the device: imei is required",)),
    "odd iccid, strict": Bad(
        {**second(iccid=WRONG_ICCID), "strict": True},
        ("device 2", WRONG_ICCID, "does not end in its check digit", "an error because strict is set"),
    ),
    "rule of a carrier, strict": Bad(
        {**second(service_zip_code=""), "strict": True}, ("device 2: service_zip_code is required for Verizon",)
    ),
    "unknown field": Bad(second(icid=iccid(3)), ("icid", "Supported parameters", "iccid")),
    "numbers out of range": Bad(
        {"devices": [GOOD], "concurrency": 0, "batch_size": 2001, "poll_interval": 0, "result_limit": 1001},
        (
            "concurrency: must be at least 1, not 0",
            "batch_size: must be at most 2000, not 2001",
            "poll_interval",
            "1001",
        ),
    ),
    "seconds without an end": Bad(
        {"devices": [GOOD], "request_timeout": 1e12, "wait_timeout": 1e12},
        ("request_timeout: must be at most 864000, not 1000000000000.0", "wait_timeout: "),
    ),
    "extra body that is not valid JSON": Bad(
        {"devices": [GOOD], "extra_body": {"x": float("nan")}}, ("extra_body: cannot be sent as JSON: ",)
    ),
    "result file without a format": Bad(
        {"devices": [GOOD], "result_file": "result.xml"}, ("result_file", "result.xml", ".jsonl")
    ),
    "plan file nowhere": Bad(
        {"devices": [GOOD], "plan_file": "/nonexistent/plan.json"}, ("plan_file", "/nonexistent does not exist")
    ),
}

GOOD_CSV = csv_of([GOOD])
#: File name, content, and words of the message.
FILES: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "unknown column": (
        "column.csv",
        GOOD_CSV.replace("filter_group", "filtre_groupe").encode(),
        ('column.csv, line 1: unknown column "filtre_groupe"', "did you mean filter_group?"),
    ),
    "column given twice": (
        "twice.csv",
        GOOD_CSV.replace("filter_group", "Device Group").encode(),
        ('twice.csv, line 1: there are two columns "device_group"; remove one of them',),
    ),
    "empty file": ("empty.csv", b"\n\n", ("empty.csv: is empty", "it must declare at least one device")),
    "header alone": ("header.csv", GOOD_CSV.splitlines()[0].encode(), ("header.csv: has a header but no devices",)),
    "not UTF-8": (
        "latin.csv",
        (GOOD_CSV + GOOD_CSV.splitlines()[1] + ",Søren\n").encode("latin-1"),
        ("latin.csv, line 3: is not UTF-8 (byte 0xf8)", "save the file as UTF-8"),
    ),
    "too many cells": (
        "cells.csv",
        (GOOD_CSV.rstrip("\n") + ",more\n").encode(),
        ("cells.csv, line 2: has 7 cells, but the header has 6", "is a delimiter unquoted?"),
    ),
    "open quotation mark": (
        "quote.csv",
        csv_of([device(number) for number in range(1, 6)]).replace(imei(2), '"' + imei(2)).encode(),
        ("quote.csv, line 3: a quoted cell does not end in its line", 'close or remove its quotation mark (")'),
    ),
    "cell with a line break": (
        "break.csv",
        csv_of([{**GOOD, "nickname": '"Bus\n1"'}]).encode(),
        ("break.csv, line 2: a quoted cell does not end in its line", "a cell cannot have a line break"),
    ),
    "bad row of a CSV": (
        "row.csv",
        csv_of([GOOD, {**device(2), "imei": WRONG_IMEI}]).encode(),
        ("row.csv, line 3: imei", WRONG_IMEI, "its check digit is wrong"),
    ),
    "repeated row of a CSV": (
        "repeat.csv",
        csv_of([GOOD, {**device(2), "imei": GOOD["imei"]}]).encode(),
        (f"repeat.csv, line 3: imei {GOOD['imei']} is also on repeat.csv, line 2",),
    ),
    "YAML that is a mapping": (
        "mapping.yml",
        b"buses: 2\ndrivers: [1, 2]\n",
        ("mapping.yml: is a mapping; it must be a list of devices, each a mapping such as",),
    ),
    "YAML that is a word": ("word.yml", b"hello\n", ("word.yml: is a single value; it must be a list of devices",)),
    "YAML that is a list of words": ("words.yml", b"- hello\n", ("words.yml, device 1: is not a mapping",)),
    "YAML that is none": ("broken.yml", b"- {imei: 1\n- x\n", ("broken.yml, line ", "is not valid YAML: ")),
    "YAML with an unknown key": (
        "key.yml",
        b"- {icid: '89'}\n",
        ('key.yml: unknown key "icid"', "did you mean iccid?"),
    ),
    "YAML with a forgotten dash": (
        "dash.yml",
        f"- imei: {imei(1)}\n  iccid: {iccid(1)}\n  imei: {imei(2)}\n  iccid: {iccid(2)}\n".encode(),
        ("dash.yml, line 3: imei appears twice", "dash.yml, line 4: iccid appears twice", "start a new device here"),
    ),
    "JSON with a key given twice": (
        "keys.json",
        f'[{{"imei": "{imei(1)}", "imei": "{imei(2)}"}}]'.encode(),
        ("keys.json, device 1: imei appears twice in one mapping",),
    ),
    "JSON that is a mapping": ("mapping.json", b"{}", ("mapping.json: is a mapping; it must be a list of devices",)),
    "JSON that is none": ("broken.json", b"[{]", ("broken.json, line 1: is not valid JSON",)),
    "ending without a format": ("fleet.xlsm", b"PK", ('fleet.xlsm: unsupported file type ".xlsm"; use .csv, .xlsx',)),
}


@pytest.fixture(scope="module")
def answers(simulator: Simulator, playbook: Playbooks, workspace: Path) -> Iterator[Run]:
    """The results of all declarations, from one run."""
    simulator.reset()
    tasks = [activation(name, **bad.arguments) for name, bad in LISTED.items()]
    for name, (filename, content, _words) in FILES.items():
        (workspace / filename).write_bytes(content)
        tasks.append(activation(name, src=str(workspace / filename)))
    tasks.append(activation("missing file", src=str(workspace / "missing.csv")))
    yield playbook(tasks)
    # No task makes a request.
    assert simulator.requests() == []


def has(run: Run, name: str, words: tuple[str, ...]) -> None:
    """Asserts that a task failed with these words."""
    outcome = run[name]
    assert outcome.failed
    assert not outcome.changed
    for word in words:
        assert word in outcome.msg
    assert "Traceback" not in outcome.msg


@pytest.mark.parametrize("name", LISTED)
def test_a_mistake_in_a_task_is_reported(answers: Run, name: str) -> None:
    has(answers, name, LISTED[name].words)


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_in_a_file_is_reported_with_its_line(answers: Run, name: str) -> None:
    has(answers, name, FILES[name][2])


def test_a_missing_file_is_reported(answers: Run) -> None:
    has(answers, "missing file", ("missing.csv: cannot be read on the machine that runs the module: no such file",))


def test_thirty_wrong_rows_are_reported_in_thirty_lines(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    mistakes = (
        ({"imei": WRONG_IMEI}, "its check digit is wrong"),
        ({"imei": SHORT_IMEI}, "14 digits"),
        ({"iccid": "8.90141E+19"}, "exponent"),
        ({"iccid": "89148000"}, "has 8 digits"),
        ({"service_zip_code": "123456"}, "is not a ZIP code"),
    )
    rows, wanted = [], []
    for number in range(30):
        fields, words = mistakes[number % len(mistakes)]
        rows += [device(100 + number), {**device(200 + number), **fields}]
        wanted.append((2 * number + 3, words))
    path = tmp_path / "wrong.csv"
    path.write_text(csv_of(rows), encoding="utf-8")
    run = playbook([activation("apply", src=str(path)), activation("check", src=str(path), check_mode=True)])
    for outcome in run:
        assert outcome.failed
        assert outcome["error"]["kind"] == "input"
        title, *lines = outcome.msg.splitlines()
        assert title == "The list of devices has 30 errors; nothing was written:"
        assert len(lines) == len(wanted) == 30
        for line, (row, words) in zip(lines, wanted):
            assert line.startswith(f"wrong.csv, line {row}: ")
            assert words in line
    assert sentinel.requests() == []


def test_missing_libraries_are_reported_with_the_command_that_installs_them(
    playbook: Playbooks, workspace: Path
) -> None:
    stub = workspace / "without"
    stub.mkdir()
    for library in ("requests", "voluptuous"):
        (stub / f"{library}.py").write_text(f"raise ImportError('No module named {library}')\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(stub), os.environ.get("PYTHONPATH")]))
    process, results = playbook.start([activation("missing", ignore=False, **device(1))], env={"PYTHONPATH": path})
    output = process.communicate(timeout=120)[0]
    (outcome,) = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    install = f"Install them: {sys.executable} -m pip install requests voluptuous"
    assert outcome["data"]["msg"] == f"Python libraries are missing: requests, voluptuous. {install}"
    assert "Traceback" not in output
    assert len(output.splitlines()) < 25
