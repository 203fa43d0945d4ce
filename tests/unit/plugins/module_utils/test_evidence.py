# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence: the shapes of answers without values of the account, for odd shapes as well."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._account.evidence import evidence_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._account.evidence_mask import Mask
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import StatusWords
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.devices import DeviceStatuses
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.identifiers import luhn_check_digit
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils import account_service as service
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.account_service import (
    FakeAccount,
    check,
    csv_of,
    history_rows,
    page_of,
)

#: Letters that form no word of the rules in any combination.
word = st.text("qzxjkv", min_size=4, max_size=9).filter(lambda text: set(text) != {"x"})
digits = st.integers(0, 10**9 - 1).map("{:09d}".format).filter(lambda text: set(text) != {"9"})


def evidence(account, username=None, **how):
    """Return the evidence of an account."""
    reader = account.reader
    options = ConnectionOptions(
        "https://sentinel.example",
        api_username=username,
        field_names=how.pop("field_names", {}),
        status_words=how.pop("status_words", {}),
    )
    seen = check(account, **how)
    return evidence_of(seen, reader, DeviceStatuses(), options, [username, options.corp_id])


@st.composite
def secrets(draw):
    """Draw values of an account: names, numbers, identifiers."""
    number = draw(digits)
    imei = "35" + number + "011"
    iccid = "8914" + number + "00001"
    return {
        "imei": imei + luhn_check_digit(imei),
        "iccid": iccid + luhn_check_digit(iccid),
        "mdn": f"521-{draw(st.integers(200, 998))}-{draw(st.integers(1000, 9998))}",
        "zip": f"{draw(st.integers(10000, 99998)):05d}",
        "ip": f"10.{draw(st.integers(100, 255))}.{draw(st.integers(100, 255))}.7",
        "nickname": f"{draw(word).title()} {draw(word)}",
        "carrier": draw(word).title(),
        "group": draw(word).upper() + "-" + draw(word).upper(),
        "corp": draw(word).upper() + "_" + draw(word).upper(),
        "user": f"{draw(word)}@{draw(word)}.example",
        "id": f"ACT-{draw(st.integers(2000, 8999))}-{draw(digits)}",
        "plan": draw(word).upper() + draw(digits),
        "reason": f"{draw(word)} refused {draw(word)}",
        # Nowhere else: only as keys.
        "stranger": f"{draw(word).title()} {draw(word)}",
        "number": draw(digits),
    }


#: Odd places of a value: in an item, and in the answer around it.
ODDITIES = (
    "plain", "keyed by imei", "keyed by nickname", "nickname in a key", "status has the nickname",
    "status has the number", "status is the nickname", "free text", "envelope named by the group", "number as key",
    "strangers as keys",
)  # fmt: skip


def json_lines(found, odd):
    """Return the lines of a transaction."""
    item = {
        "transactionId": found["id"], "imei": found["imei"], "iccid": found["iccid"], "status": "Completed",
        "carrier": found["carrier"], "corpId": found["group"], "zipCode": found["zip"], "mdn": found["mdn"],
        "ip": found["ip"], "nickname": found["nickname"], "errorMessage": found["reason"],
    }  # fmt: skip
    if odd == "keyed by imei":
        return {found["imei"]: item}
    if odd == "keyed by nickname":
        return {"data": [{found["nickname"]: item, "imei": found["imei"], "iccid": found["iccid"], "status": "Failed"}]}
    if odd == "nickname in a key":
        return [{**item, f"{found['nickname']} status": "Completed", found["carrier"] + "Count": 3}]
    if odd == "number as key":
        return [{**item, found["mdn"]: {"imei": found["imei"]}, found["zip"]: 1}]
    if odd == "strangers as keys":
        by_name = {found["stranger"]: {"imei": found["imei"]}, found["number"]: {"status": "x"}}
        return [item, {**item, "by_name": by_name, found["stranger"]: 1, found["number"]: 2}]
    if odd == "status has the nickname":
        return [{**item, "status": f"Failed: {found['nickname']} is blocked"}]
    if odd == "status has the number":
        return [{**item, "status": f"Completed {found['mdn']}"}]
    if odd == "status is the nickname":
        return [{**item, "status": found["nickname"]}] * 2
    if odd == "free text":
        return [{**item, "status": f"{found['reason']} {n}"} for n in range(30)]
    if odd == "envelope named by the group":
        return {found["group"]: {"content": [item]}, "user": found["user"], found["corp"]: []}
    return [item]


def csv_rows(found, odd):
    """The history."""
    header = ["Transaction ID", "IMEI", "ICCID", "Line Status", "Carrier", "Device Group", "MDN", "Nickname", "Zip"]
    row = [
        *(found["id"], found["imei"], found["iccid"], "Completed", found["carrier"]),
        *(found["group"], found["mdn"], found["nickname"], found["zip"]),
    ]
    if odd == "keyed by imei":  # a CSV without a header
        return [row, row]
    if odd in ("keyed by nickname", "nickname in a key"):
        return [[*header, f"{found['nickname']} notes"], [*row, found["reason"]], [*row, "x"]]
    if odd.startswith("status") or odd == "free text":
        status = json_lines(found, odd)[0]["status"]
        return [header, [*row[:3], status, *row[4:]], [*row[:3], status, *row[4:]]]
    return [header, row]


def account_of(found, odd):
    """Return an account with only these values."""
    corp = found["corp"]
    device = {"mdn": found["mdn"], "status": "active", "nickname": found["nickname"], "imei": found["imei"]}
    page = {"transactions": [{"transactionId": found["id"], "status": "Completed", found["nickname"]: found["mdn"]}]}
    v1 = service.V1
    answers = {
        service.CARRIERS: [found["carrier"]],
        service.ESIM_CARRIERS: {"data": [{"name": found["carrier"], found["carrier"]: found["plan"]}]},
        service.PLANS: [{"planId": found["plan"], "planName": found["nickname"], found["plan"]: 1}],
        service.INVENTORY: {"sku": found["plan"], "count": 3, found["carrier"]: 2},
        f"{v1}/eSimInventoryCount/{corp}": {found["group"]: {"totalAvailableESimCount": 7, "maxDefaultCount": 5}},
        service.PAGES_1: page,
        service.PAGES_2: page,
        service.EXPORT: csv_of(csv_rows(found, odd)),
        f"{v1}/transactions/{found['id']}": json_lines(found, odd),
        f"{v1}/transactions/{found['id']}/csv": csv_of(csv_rows(found, odd)),
        f"/v1.0/devices/{corp}": {"devices": [device, {**device, found["group"]: found["user"]}]},
        f"/v1.0/devices/{corp}/status": ["ACTIVE", found["nickname"]],
    }
    login = {"token": "tok-secret-1", "user": found["user"], found["group"]: {"corpId": corp}}
    return FakeAccount(answers, login, {"X-RateLimit-Limit": found["zip"], "Date": "x"})


@pytest.mark.parametrize("odd", ODDITIES)
@settings(max_examples=15)
@given(found=secrets())
def test_evidence_has_no_values_of_the_account(found, odd):
    written = json.dumps(evidence(account_of(found, odd), found["user"], corp_id=None))
    lower = written.lower()
    words = {part.lower() for value in found.values() for part in re.findall(r"[A-Za-z]{4,}", value)}
    leaked = sorted(part for part in words - {"refused", "example"} if part in lower)
    assert not leaked, (odd, leaked)
    assert "example" not in lower
    numbers = {number for number in re.findall(r"\d{4,}", written) if set(number) != {"9"}}
    assert not numbers, odd
    assert "tok-secret" not in lower


@pytest.mark.parametrize("odd", ODDITIES)
def test_the_example_accounts_are_read(odd):
    found = {
        "imei": service.IMEIS[0], "iccid": service.ICCIDS[0], "mdn": "521-267-1508", "zip": "30301", "ip": "10.1.2.3",
        "nickname": "Zjvak qix", "carrier": "Vqxel", "group": "KQZA-VJXX", "corp": "QQZJ_KVVA", "user": "q@kzj.example",
        "id": "ACT-2026-000000123", "plan": "QVX000000001", "reason": "qzzk refused vvjk",
        "stranger": "Vvzq qjx", "number": "123456789",
    }  # fmt: skip
    seen = check(account_of(found, odd), corp_id=None)
    assert seen.corp_id == "QQZJ_KVVA"
    assert seen["transactions_v1"].count == 1
    assert seen["devices"].count == 2
    # Unread answers would prove nothing about omitted values.
    assert sum(call.is_understood for call in seen.seen) >= 11


def test_headers_keys_and_known_words_are_kept():
    written = evidence(FakeAccount())
    dialect = written["dialect"]
    assert written["format"] == 1
    assert dialect["history_csv"]["headings"] == {
        "transaction_id": "Transaction ID",
        "imei": "IMEI",
        "iccid": "ICCID",
        "status": "Line Status",
        "carrier": "Carrier",
        "nickname": "Nickname",
    }
    assert dialect["esim_carriers"] == {"list": ["data"], "name": ["name"]}
    assert dialect["carriers"] == {"list": [], "name": None}
    assert dialect["transactions_v1"]["total"] == ["totalCount"]
    assert dialect["status_words"]["line"] == {
        "active": ["Completed"],
        "failed": ["Failed"],
        "pending": ["In progress"],
    }


def test_an_unknown_header_is_kept_without_the_values_in_it():
    rows = [[*row, "x"] for row in history_rows()]
    rows[0][-1] = "Quuxfield"
    call = next(
        call for call in evidence(FakeAccount({service.EXPORT: csv_of(rows)}))["calls"] if "csv" in call["name"]
    )
    assert call["not_understood"] == ["Quuxfield"]
    rows[0][-1] = "Bus 1 Verizon"
    call = next(
        call for call in evidence(FakeAccount({service.EXPORT: csv_of(rows)}))["calls"] if "csv" in call["name"]
    )
    assert call["not_understood"] == ["xxx 1 xxxxxxx"]


def test_the_forms_of_ids_identifiers_and_times_are_kept():
    rows = history_rows()
    rows[0].append("Started")
    for row in rows[1:]:
        row[0] = "ACT-2026-0313-00" + row[0][1]
        row[1] = f"{row[1][:2]}-{row[1][2:8]}-{row[1][8:14]}-{row[1][14]}"
        row[2] = row[2] + "F"
        row.append("2026-03-13 08:00:00")
    one = {"transactions": [], "totalCount": 0}
    nothing = {path: [] for path in (f"{service.V1}/transactions/{row[0]}" for row in rows[1:])}
    answers = {service.EXPORT: csv_of(rows), service.PAGES_1: one, service.PAGES_2: one, **nothing}
    answers[f"{service.V1}/transactions/{rows[3][0]}/csv"] = csv_of(rows)
    dialect = evidence(FakeAccount(answers))["dialect"]
    assert dialect["id_format"] == "xxx-9999-9999-999"
    assert dialect["identifiers"] == {"imei": "99-999999-999999-9", "iccid": "99999999999999999999F"}
    assert dialect["time_format"] == "iso_blank"


def test_identifiers_as_numbers_are_recorded():
    lines = [{"imei": int(service.IMEIS[0]), "iccid": service.ICCIDS[0], "status": "Completed"}]
    assert evidence(FakeAccount({service.LINES: lines}))["dialect"]["identifiers"] == {"number": True}


def test_constant_keys_next_to_the_list_are_kept():
    page = page_of({"sortDir": "DESC", "offset": 0, "limit": 9})
    answer = {**page, "errors": [], "success": True, "requestedBy": "someone", "code": 0}
    assert evidence(FakeAccount({service.PAGES_1: answer}))["dialect"]["beside"] == {"errors": [], "success": True}


def test_evidence_is_the_same_for_another_account_of_the_same_service():
    rows = history_rows()
    other = [rows[0], *([*row[:-1], "Van"] for row in reversed(rows[1:]))]
    assert evidence(FakeAccount()) == evidence(FakeAccount({service.EXPORT: csv_of(other)}))


def test_the_users_own_names_and_words_are_kept():
    lines = [{"zork": service.IMEIS[0], "iccid": service.ICCIDS[0], "blip": word} for word in ("frob", "quux")]
    own = {"success": ["frob"], "failed": ["quux"]}
    names = {"imei": ["zork"], "status": ["blip"]}
    answers = {f"{service.V1}/transactions/T{n}": lines for n in (1, 2, 3)}
    account = FakeAccount(answers, field_names=names, status_words=own)
    written = evidence(account, field_names=names, status_words=own)
    assert written["dialect"]["lines"]["fields"] == {"imei": ["zork"], "iccid": ["iccid"], "status": ["blip"]}
    line = written["dialect"]["status_words"]["line"]
    assert "frob" in line["active"]
    assert "quux" in line["failed"]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Line Status", "Line Status"),
        ("deviceImeiNumber", "deviceImeiNumber"),
        ("transactionid", "transactionid"),
        ("355737361044124", "999999999999999"),
        ("Simon", "Xxxxx"),
        ("AvailableFrobs", "AvailableXxxxx"),
        ("ZORK_IMEI", "XXXX_IMEI"),
        ("Straße", "Xxxxxx"),
        ("Lincoln status", "xxxxxxx status"),
    ],
)
def test_unknown_words_become_shapes(name, masked):
    assert Mask(["Lincoln High"]).name(name) == masked


@pytest.mark.parametrize(
    ("word", "times", "kept"),
    [
        ("Completed - active", 1, "Completed - active"),
        ("ACTIVATION_SUCCESSFUL", 1, "ACTIVATION_SUCCESSFUL"),
        ("Failed: Lincoln is blocked", 1, "Failed: xxxxxxx is xxxxxxx"),
        ("Completed 521", 1, "Completed 999"),
        ("Frobbed", 2, "Frobbed"),
        ("Frobbed", 1, "xxxxxxx"),
        ("Lincoln", 2, "xxxxxxx"),
        ("Frobbed by 12", 2, "xxxxxxx xx 99"),
    ],
)
def test_a_status_keeps_its_known_words(word, times, kept):
    words = StatusWords()
    found = Mask(["Lincoln High"]).statuses(list(Counter({word: times}).items()), words.read, [])
    assert found == {kept: words.read(word)}


def test_free_text_in_a_status_field_is_not_kept():
    counts = [(f"{chr(97 + n) * 6}", 2) for n in range(20)]
    found = Mask([]).statuses(counts, StatusWords().read, [])
    assert found == {"xxxxxx": None}
