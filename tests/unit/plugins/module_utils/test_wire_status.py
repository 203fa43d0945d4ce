# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Status words, carrier rules and empty values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils import _wire
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import (
    ACTIVE,
    FAILED,
    PENDING,
    StatusWords,
    Transaction,
)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *((word, ACTIVE) for word in ("Complete", "COMPLETED", "success", "Successful", "active", "Activated", "done")),
        *((word, FAILED) for word in ("fail", "FAILED", "Error", "rejected", "cancelled", "canceled", "Declined")),
        *(
            (word, PENDING)
            for word in ("pending", "Submitted", "In Progress", "processing", "Queued", "scheduled", "new")
        ),
        ("in-progress", PENDING),
        (" Completed. ", ACTIVE),
        ("Suspended by lunar eclipse", PENDING),
        ("not active", PENDING),
        ("", PENDING),
        (None, PENDING),
    ],
)
def test_words_are_classified_and_an_unknown_one_is_pending(word, state):
    assert StatusWords().state(word) == state


def test_the_users_words_are_added_and_outrank_ours():
    words = StatusWords({"success": ["In Service", "declined"], "failed": ["Timed-Out"]})
    assert [words.state(word) for word in ("IN SERVICE", "timed out", "Declined", "completed")] == [
        ACTIVE,
        FAILED,
        ACTIVE,
        ACTIVE,
    ]
    assert StatusWords({"success": None, "failed": None}).state("completed") == ACTIVE


@pytest.mark.parametrize(
    ("phrase", "state"),
    [
        *(
            (word, FAILED)
            for word in ("failing", "Failure", "errored", "REJECTION", "reject", "cancellation", "declines")
        ),
        *((word, FAILED) for word in ("Unsuccessful", "Activation failed", "LINE_REJECTED", "activationFailed")),
        *(
            (phrase, FAILED)
            for phrase in ("Failed: SIM is active elsewhere", "Rejected - IMEI on block list", "Failed to activate")
        ),
        *(
            (phrase, FAILED)
            for phrase in ("Error (code 17: not provisioned)", "Cancelled by user", "failed, will not be completed")
        ),
        *((word, ACTIVE) for word in ("completes", "Completion", "succeeded", "Successfully activated", "IsActive")),
        *(
            (phrase, ACTIVE)
            for phrase in ("Completed - active", "DONE / SUCCESS", "Activation: completed", "Line 3: done")
        ),
        *(
            (phrase, ACTIVE)
            for phrase in ("Completed without errors", "Completed (0 errors)", "active since 03/13/2026")
        ),
        *(
            (word, PENDING)
            for word in ("completing", "Activating", "inactive", "Not yet active", "notActive", "incomplete")
        ),
        *(
            (phrase, PENDING)
            for phrase in ("Completed - failed", "Active: error", "Failed - active", "Success, pending port")
        ),
        *(
            (phrase, PENDING)
            for phrase in ("To be activated", "Almost done", "Ready to be completed", "no longer active")
        ),
        *(
            (phrase, PENDING)
            for phrase in ("Error: none", "Errors: 0", "no errors", "not failed", "Pending completion")
        ),
        *(
            (phrase, PENDING)
            for phrase in ("Completed with errors", "Partially completed", "Cancellation requested", "deactivated")
        ),
        *(
            (phrase, PENDING)
            for phrase in (
                "reactive",
                "proactive",
                "Cannot be activated",
                "Failed over to LTE",
                "never completed",
                "Activation",
            )
        ),
    ],
)
def test_phrases_are_classified_with_inflections_and_negations_and_contradictions_are_pending(phrase, state):
    assert StatusWords().state(phrase) == state
    assert StatusWords().state(phrase.upper().replace("ISACTIVE", "IS ACTIVE")) == state or phrase != phrase.lower()


def test_the_users_words_also_count_in_a_clause():
    words = StatusWords({"success": ["live"], "failed": ["bounced"]})
    assert [words.state(phrase) for phrase in ("Bounced: no such SIM", "Done - live", "Live (bounced)")] == [
        FAILED,
        ACTIVE,
        PENDING,
    ]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("Completed", True),
        ("queued", True),
        ("not active", True),
        ("Lunar eclipse", False),
        ("Completed - failed", False),
    ],
)
def test_read_returns_none_for_an_unknown_word(word, known):
    assert (StatusWords().read(word) is not None) is known


@given(st.text())
def test_no_word_raises_an_error(word):
    assert StatusWords().state(word) in (ACTIVE, FAILED, PENDING)


@pytest.mark.parametrize(
    ("transaction", "ended"),
    [
        (Transaction(status="Completed", pending=1), False),
        (Transaction(status="Processing", pending=0), True),
        (Transaction(status="Processing", total=3, success=2, failed=1), True),
        (Transaction(status="Completed", total=3, success=1, failed=1), False),
        (Transaction(status="Completed", total=0, success=0, failed=0), False),
        (Transaction(status="Completed", total=3), True),
        (Transaction(status="Failed"), True),
        (Transaction(status="Processing"), False),
        (Transaction(), False),
    ],
)
def test_a_transactions_counts_outrank_its_status_word(transaction, ended):
    assert StatusWords().has_ended(transaction) is ended


@pytest.mark.parametrize(
    ("text", "already"),
    [
        ("Line is already active", True),
        ("Device ALREADY ACTIVATED on this account", True),
        ("already been activated", True),
        ("An activation is in progress", True),
        ("already submitted", True),
        ("ICCID unknown to the carrier", False),
        ("", False),
        (None, False),
    ],
)
def test_a_refusal_for_an_already_active_device_is_recognised(text, already):
    assert _wire.is_already_active(text) is already


GROUPS = {"device_group": "Transportation", "filter_group": "Student_K8"}
FIRSTNET = dict.fromkeys(
    ("agency_end_user_name", "billing_address", "billing_city", "billing_state", "sub_type"), "given"
)


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"carrier": "AT&T"}, []),
        ({"carrier": "Verizon"}, ["service_zip_code"]),
        ({"carrier": "VERIZON", "service_zip_code": "02134"}, []),
        ({"carrier": "t-mobile"}, ["service_zip_code"]),
        ({"carrier": "Verizon Priority"}, ["service_zip_code"]),
        ({"carrier": "Verizon BI"}, ["service_zip_code", "plan_id"]),
        ({"carrier": "FirstNet Extended Primary", **FIRSTNET}, ["service_zip_code"]),
        ({"carrier": "FirstNet"}, list(FIRSTNET)),
        ({"carrier": "FirstNet", **FIRSTNET}, []),
        ({"carrier": "FirstNet", **FIRSTNET, "billing_city": "x" * 51}, ["billing_city"]),
        ({"carrier": "FirstNet", **FIRSTNET, "billing_city": "x" * 50}, []),
        ({"carrier": "AT&T", "activation_location": "east"}, []),
        ({"carrier": "AT&T", "activation_location": "North"}, ["activation_location"]),
        ({"carrier": "AT&T", "device_group": None}, ["device_group"]),
        ({"carrier": "AT&T", "filter_group": ""}, ["filter_group"]),
    ],
)
def test_carrier_rules_report_each_missing_field(fields, advice):
    advice_given = _wire.carrier_advice({**GROUPS, **fields})
    assert [sentence.split(" ")[0] for sentence in advice_given] == advice
    assert all(
        fields["carrier"] in sentence for sentence in advice_given if "required" in sentence or "more than" in sentence
    )


def test_only_the_business_internet_carrier_uses_business_plans():
    assert _wire.is_business_internet_carrier("Verizon BI")
    assert not _wire.is_business_internet_carrier("Verizon")
    assert not _wire.is_business_internet_carrier(None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((nothing, None) for nothing in ("N/A", "na", "null", "-", "", "  ", None, [], {})),
        (5, "5"),
        (0, "0"),
        (" x ", "x"),
        ('="8901"', "8901"),
        ("'5", "5"),
    ],
)
def test_a_scalar_of_the_service_is_text_or_none(value, text):
    assert _wire.clean(value) == text


def test_the_identifiers_of_a_line_are_returned():
    assert _wire.identifiers(_wire.Line(imei="1", eid="4", status="x")) == ("1", "4")
