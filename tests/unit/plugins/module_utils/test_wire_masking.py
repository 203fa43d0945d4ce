# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the service are masked when they are read; identifiers are unchanged."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.redact import MASK, Redactor
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Oddities, Reader, csv_table
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.csv_lines import LineReader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer

SECRET = "s3cret/word"
FIELDS = ("status", "carrier", "corpId", "filterGroup", "zipCode", "mdn", "ip", "nickname", "reason", "transactionId")
NAMES = ("status", "carrier", "device_group", "filter_group", "service_zip_code", "mdn", "ip", "nickname", "reason")


def reader(*secrets, **how):
    """Return a reader that masks these secrets."""
    made = Reader(**how)
    made.mask = Redactor(*secrets).mask
    return made


@pytest.mark.parametrize("echo", [SECRET, SECRET.upper(), "s3cret%2fword", "s3cret\\/word"])
def test_every_text_of_a_line_is_masked(echo):
    item = {"imei": IMEI, "iccid": ICCID, **dict.fromkeys(FIELDS, f"is {echo}!")}
    (line,) = reader(SECRET).lines_of([item], "GET")
    assert (line.imei, line.iccid) == (IMEI, ICCID)
    assert {name: getattr(line, name) for name in NAMES} == dict.fromkeys(NAMES, f"is {MASK}!")
    assert line.transaction_id == f"is {MASK}!"


def test_every_text_of_a_csv_and_of_a_transaction_is_masked():
    text = [f"IMEI,ICCID,Status,Nickname,Reason\n{IMEI},{ICCID},Done,{SECRET},{SECRET}\n"]
    table = csv_table(iter("".join(text).splitlines(keepends=True)))
    (line,) = LineReader(reader(SECRET), table, "GET").records()
    assert (line.imei, line.iccid, line.status, line.nickname, line.reason) == (IMEI, ICCID, "Done", MASK, MASK)
    answer = [{"transactionId": f"ACT-{SECRET}", "status": SECRET, "totalLines": 3}]
    (transaction,) = reader(SECRET).transactions_of(answer, "GET")
    assert transaction[:2] == (f"ACT-{MASK}", MASK)
    assert transaction.total == 3


@pytest.mark.parametrize(
    "reply", [{"transactionId": SECRET}, SECRET, {"id": SECRET}, [{"uniqueTransactionId": SECRET}]]
)
def test_an_id_that_is_a_secret_is_masked(reply):
    assert reader(SECRET).transaction_id_of(reply) == MASK


@pytest.mark.parametrize(
    ("secret", "fields"),
    [
        ("3557", {"imei": IMEI}),
        (IMEI, {"imei": IMEI, "iccid": ICCID}),
        (f"{ICCID[:4]}-{ICCID[4:]}", {"iccid": f"{ICCID[:4]}-{ICCID[4:]}"}),
        ("2026", {"imei": IMEI, "transactionId": "ACT-2026-0313-001", "started": "03/13/2026 09:30:00 AM"}),
        ("Active", {"imei": IMEI, "status": "Active"}),
        ("complete", {"imei": IMEI, "status": "Completed"}),
        ("521267", {"imei": IMEI, "mdn": "5212671508"}),
        ("abc", {"imei": IMEI, "nickname": "abcdef", "carrier": "ABC"}),
        ("veri", {"imei": IMEI, "carrier": "VERIZON"}),
    ],
)
def test_compared_values_are_not_masked_by_chance(secret, fields):
    item = {"status": "Done", **fields}
    assert reader(secret).lines_of([item], "GET") == Reader().lines_of([item], "GET")
    assert reader(secret).transaction_id_of({"id": "ACT-2026-0313-001"}) == "ACT-2026-0313-001" or secret != "2026"


def test_a_declared_identifier_is_not_masked():
    for value, known in (("SIM-abcdef-1", True), ("SIM-abcdef-2", False)):
        read = reader("abcdef")
        read.remember_spellings(["SIMabcdef1"])
        (line,) = read.lines_of([{"simID": value, "status": "Done"}], "GET")
        assert (line.sim_id == "SIMabcdef1") is known
        assert ("abcdef" in (line.sim_id or "")) is known


def test_an_invalid_identifier_is_reported_without_a_secret():
    oddities = Oddities()
    item = {"imei": f"{SECRET} 12345", "iccid": ICCID, "status": "Done"}
    reader(SECRET).lines_of([item], "GET", oddities)
    assert "s3cret" not in (oddities.warning("GET") or "")
    assert "12345" in (oddities.warning("GET") or "")


def test_a_session_masks_secrets_in_answers(serve, connect):
    item = {
        "imei": IMEI,
        "iccid": ICCID,
        "status": "failed",
        "reason": "bad tok-secret-1",
        "nickname": "dTpwYXNzLXdvcmQ=",
    }
    api = SentinelAPI(
        connect(serve(Answer([item])).url, api_token="tok-secret-1", api_username="u", api_password="pass-word")
    )
    (line,) = api.transaction_lines("T1")
    assert (line.reason, line.nickname) == (f"bad {MASK}", MASK)
