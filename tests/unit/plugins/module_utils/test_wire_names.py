# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognition of fields by the words in headers and keys."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils import _options
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import FIELDS, Names
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.names import words_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.rules import (
    CARRIER_RULES,
    CORP_RULES,
    INVENTORY_RULES,
    LINE_RULES,
    PLAN_RULES,
    STOCK_RULES,
    TABLES,
    TOKEN_RULES,
    TOTAL_RULES,
    TRANSACTION_RULES,
)

#: Phrases that clearly mean a field. None of them is in the rules in this form.
PHRASES = {
    "imei": ["imei", "equipment imei", "handset imei"],
    "iccid": ["iccid", "uicc", "sim number", "sim serial", "sim iccid"],
    "eid": ["eid", "euicc id"],
    "sim_id": ["sim id", "smart sim id", "smartsim id"],
    "status": ["status", "current status"],
    "transaction_id": ["transaction id", "order reference", "unique transaction id", "request id"],
    "carrier": ["carrier", "carrier name", "wireless operator"],
    "device_group": ["corp id", "device group"],
    "filter_group": ["filter group", "content filter"],
    "service_zip_code": ["zip code", "service zip", "postal code"],
    "mdn": ["mdn", "phone number", "mobile number"],
    "ip": ["ip", "static ip address"],
    "nickname": ["nickname", "device name", "friendly name"],
    "reason": ["failure reason", "error message", "status description"],
    "started": ["start time", "submitted at", "transaction date"],
}
FIELD_AND_PHRASE = st.sampled_from([(field, phrase) for field, phrases in PHRASES.items() for phrase in phrases])
SEPARATORS = st.sampled_from([" ", "_", "-", ".", "/", "  ", " - ", "_-_", ":", ""])
CASES = st.sampled_from([str.lower, str.upper, str.title, str.swapcase, str.capitalize])


def found(*names, rules=LINE_RULES, given=None):
    """Return field → name."""
    paths = [name if isinstance(name, tuple) else (name,) for name in names]
    return {field: names[place.place] for field, place in Names(given).find(paths, rules).items()}


@given(FIELD_AND_PHRASE, st.sampled_from(["line", "device", "activation", "number", "#", None]), st.data())
def test_a_header_is_recognised_in_any_case_with_any_separators_and_fillers(what, filler, data):
    field, phrase = what
    words = phrase.split()
    if filler:
        words.insert(data.draw(st.integers(0, len(words))), filler)
    name = data.draw(CASES)(data.draw(SEPARATORS).join(words))
    assert found(name) == {field: name}


@given(FIELD_AND_PHRASE, st.randoms(use_true_random=False))
def test_the_case_of_letters_does_not_matter(what, chance):
    field, phrase = what
    name = "".join(chance.choice((letter.lower(), letter.upper())) for letter in phrase)
    assert found(name) == {field: name}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("deviceImeiNumber", ("device", "imei", "number")),
        ("equipment_id (imei)", ("device", "id", "imei")),
        ("SIM serial no.", ("sim", "serial", "number")),
        ("Order #", ("order", "number")),
        ("I.M.E.I.", ("imei",)),
        ("e-SIM EID", ("esim", "eid")),
        ("transactionstarttimestamp", ("transaction", "start", "timestamp")),
        ("XMLHttpFoo", ("xml", "http", "foo")),
        ("\ufeffIMEI\u200b", ("imei",)),
        ("ＩＭＥＩ", ("imei",)),
        ("IMEI2", ("imei", "2")),
        ("", ()),
        ("---", ()),
    ],
)
def test_a_name_is_split_into_words(name, words):
    assert words_of(name) == words


@given(st.text())
@example("a" * 100_000)
def test_any_text_has_words(name):
    assert isinstance(words_of(name), tuple)


@pytest.mark.parametrize(
    "name",
    [
        "SIM type",
        "Card type",
        "IMEI status",
        "ICCID valid",
        "Old ICCID",
        "Model of device",
        "Billing state",
        "Order date count",
    ],
)
def test_a_word_that_excludes_a_field_outweighs_the_word_that_means_it(name):
    assert not set(found(name)) & {"imei", "iccid", "status", "started"} or found(name) == {"status": name}


@pytest.mark.parametrize(
    ("names", "field", "best"),
    [
        (["Device IMEI", "IMEI"], "imei", "IMEI"),
        (["SIM", "SIM number", "UICC"], "iccid", "UICC"),
        (["Order status", "Status", "Status of device"], "status", "Status of device"),
        (["Request status", "Batch state"], "status", "Request status"),
        (["Transaction id", "Unique transaction id", "Order id"], "transaction_id", "Unique transaction id"),
        (["Date", "Order date", "Start of transaction"], "started", "Start of transaction"),
        (["Message", "Error message", "Reason"], "reason", "Error message"),
        (["IMEI 2", "IMEI 1"], "imei", "IMEI 1"),
    ],
)
def test_the_most_specific_of_several_names_is_used(names, field, best):
    assert found(*names)[field] == best


def test_a_name_is_used_for_one_field_only():
    assert found("Device filter group", "Group") == {"filter_group": "Device filter group", "device_group": "Group"}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("device", "imei"), "imei"),
        (("data", "attributes", "deviceImei"), "imei"),
        (("sim", "number"), "iccid"),
        (("imei", "value"), "imei"),
        (("status", "name"), "status"),
        (("transaction", "id"), "transaction_id"),
        (("carrier", "name"), "carrier"),
        (("result", "iccid"), "iccid"),
    ],
)
def test_a_key_is_read_with_its_outer_keys(path, field):
    assert found(path) == {field: path}


@pytest.mark.parametrize("path", [("previous", "imei"), ("oldSim", "iccid"), ("billing", "state"), ("type", "id")])
def test_outer_keys_may_exclude_a_key(path):
    assert found(path) == {}


@pytest.mark.parametrize(
    ("rules", "name", "field"),
    [
        (TRANSACTION_RULES, "linesInTotal", "total"),
        (TRANSACTION_RULES, "device_quantity", "total"),
        (TRANSACTION_RULES, "Number of Devices", "total"),
        (TRANSACTION_RULES, "numSucceeded", "success"),
        (TRANSACTION_RULES, "activatedDevices", "success"),
        (TRANSACTION_RULES, "rejected_lines", "failed"),
        (TRANSACTION_RULES, "errorLines", "failed"),
        (TRANSACTION_RULES, "linesProcessing", "pending"),
        (TRANSACTION_RULES, "remaining-devices", "pending"),
        (TRANSACTION_RULES, "id", "transaction_id"),
        (TRANSACTION_RULES, "overallStatus", "status"),
        (TRANSACTION_RULES, "createdOn", "started"),
        (CARRIER_RULES, "displayName", "carrier"),
        (CARRIER_RULES, "mobileOperator", "carrier"),
        (PLAN_RULES, "rate_plan_code", "plan_id"),
        (PLAN_RULES, "billingPlanId", "plan_id"),
        (STOCK_RULES, "esimsAvailable", "available"),
        (STOCK_RULES, "remainingCount", "available"),
        (STOCK_RULES, "maximumPerRequest", "max_per_request"),
        (INVENTORY_RULES, "qtyInStock", "count"),
        (TOTAL_RULES, "totalElements", "total_count"),
        (TOTAL_RULES, "recordCount", "total_count"),
        (TOKEN_RULES, "accessToken", "token"),
        (TOKEN_RULES, "JWT", "token"),
        (CORP_RULES, "corpCode", "corp_id"),
    ],
)
def test_other_answers_have_their_own_rules(rules, name, field):
    assert found(name, rules=rules) == {field: name}


@pytest.mark.parametrize("name", ["tokenType", "expiresIn", "refreshToken", "token_expiry"])
def test_names_next_to_a_token_are_not_the_token(name):
    assert found(name, rules=TOKEN_RULES) == {}


@pytest.mark.parametrize("name", ["totalPages", "pageSize", "errorCount", "pageCount"])
def test_names_next_to_a_total_are_not_the_total(name):
    assert found(name, rules=TOTAL_RULES) == {}


@pytest.mark.parametrize("given", ["zustand", ["Anderes", "ZUSTAND!"]])
def test_a_name_of_field_names_outranks_every_rule(given):
    assert found("Line Status", "Zustand", given={"status": given})["status"] == "Zustand"


def test_the_first_name_of_field_names_is_preferred_and_without_a_match_the_rules_apply():
    assert found("Beta", "Alpha", given={"status": ["alpha", "beta"]})["status"] == "Alpha"
    assert found("Beta", "Status", given={"status": ["alpha"]})["status"] == "Status"


@pytest.mark.parametrize("name", ["line.zustand", "Line Zustand", "zustand"])
def test_a_name_of_field_names_may_include_outer_keys(name):
    assert found(("line", "zustand"), ("order", "x"), given={"status": name}) == {"status": ("line", "zustand")}


def test_tables_with_the_same_names_do_not_share_cached_results():
    names = Names()
    for number in range(50):
        rules = {"status": LINE_RULES["status"]} if number % 2 else {"imei": LINE_RULES["imei"]}
        assert set(names.find([("status",), ("imei",)], rules)) == set(rules)


def test_field_names_accepts_exactly_the_fields_that_are_read():
    assert set(_options.FIELDS) == set(FIELDS) == {field for table in TABLES for field in table}
