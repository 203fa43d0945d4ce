# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as lines that people read: signs, names, reasons, counts, and the digest to copy."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._report.plan_lines import make_diff, plan_lines
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    entry,
    fleet,
    history,
    iccid,
    imei,
    line,
    listing,
    plan_of,
)

BROKEN = "Failed"


def name(number):
    """The identifiers of the device of that number."""
    return f"iccid {iccid(number)} imei {imei(number)}"


def mixed(**policy):
    """A plan of six devices: new, active, suspended, deactivated, in conflict, failed before."""
    found = [entry(1), entry(2, "suspended"), entry(3, "retired"), entry(4, imei=imei(8), nickname="Bus 8")]
    seen = history(line(3), line(5, BROKEN, reason="bad ZIP"))
    return plan_of(fleet(6), seen, listed=listing(*found), **policy)


def test_devices_that_matter_have_a_sign_and_counts_come_last():
    plan = mixed(on_suspended="restore")
    lines = plan_lines(plan)
    place, account = "VERIZON / Transportation", "(MDN 521-267-0004)"
    assert "\n".join(lines).replace("\n    ", " ").split("\n") == [
        f"+ {name(5)}, {place}: retry: failed before (transaction T1): bad ZIP",
        f"+ {name(0)}, {place}",
        f"~ {name(2)}, {place}: suspended in the account (MDN 521-267-0002)",
        f"! {name(3)}, {place}: deactivated in the account (MDN 521-267-0003), activated in transaction T1",
        f"! {name(4)}, {place}: iccid {iccid(4)} is active with imei {imei(8)} (Bus 8) in the account {account}",
        "Plan: 2 to activate, 1 to restore, 1 active, 1 in conflict, 1 suspended or deactivated.",
        f"Digest: {plan.digest()}",
    ]


def test_lines_are_wrapped_at_eighty_columns_and_no_identifier_is_cut():
    plan = plan_of([device(0, nickname="Bus 12 of the northern depot")], history(line(0, BROKEN, reason="bad " * 40)))
    *lines, _counts, _digest = plan_lines(plan)
    assert len(lines) > 2
    assert all(len(text) <= 80 for text in lines)
    assert all(text.startswith("    ") for text in lines[1:])
    assert lines[0] == "+ Bus 12 of the northern depot"
    assert lines[1].startswith(f"    (iccid {iccid(0)} imei {imei(0)}), ")


def test_the_reason_of_a_device_is_cut():
    plan = plan_of(fleet(1), history(line(0, BROKEN, reason="bad " * 4000)))
    assert len("".join(plan_lines(plan))) < 700


def test_some_of_many_devices_are_named_and_the_others_counted_by_sort():
    found = [entry(number, "suspended") for number in range(5, 10)]
    lines = plan_lines(plan_of(fleet(10), listed=listing(*found), on_suspended="restore"), named=2)
    assert [text for text in lines if text.startswith("  and ")] == [
        "  and 3 more to activate",
        "  and 3 more to restore",
    ]
    assert sum(text[0] in "+~" for text in lines) == 4


def test_with_a_limit_of_0_no_device_is_named():
    assert plan_lines(plan_of(fleet(3)), named=0)[:2] == ["  and 3 more to activate", "Plan: 3 to activate."]


@pytest.mark.parametrize(
    ("plan", "counts"),
    [
        (plan_of([]), "Plan: no devices."),
        (plan_of(fleet(2), history(line(0), line(1, "Processing"))), "Plan: nothing to do, 1 under way, 1 active."),
        (plan_of(fleet(1), history(line(0, BROKEN)), retry_failed=False), "Plan: nothing to do, 1 failed before."),
        (plan_of(fleet(1), listed=listing(entry(0, "suspended")), on_suspended="skip"),
         "Plan: nothing to do, 1 suspended or deactivated."),
    ],
)  # fmt: skip
def test_if_there_is_nothing_to_do_the_counts_say_so(plan, counts):
    assert plan_lines(plan)[-1] == counts


def test_skipped_devices_need_no_attention():
    plan = plan_of(fleet(1), listed=listing(entry(0, "suspended")), on_suspended="skip")
    assert len(plan_lines(plan)) == 1


def test_a_failure_that_is_not_retried_needs_attention():
    lines = plan_lines(plan_of(fleet(1), history(line(0, BROKEN, reason="bad ZIP")), retry_failed=False))
    assert lines[0].startswith(f"! {name(0)}, VERIZON")
    assert "bad ZIP" in lines[0] + lines[1]


def test_a_nickname_is_shown_in_one_line_and_cut():
    lines = plan_lines(plan_of([device(0, nickname="a\nb\x1b[2J" + "c" * 500)]))
    text = "".join(lines)
    assert "+ a b\ufffdccc" in text
    assert "c" * 61 not in text


def test_the_diff_is_the_same_lines():
    plan = mixed()
    assert make_diff(plan, 10) == {"prepared": "".join(f"{text}\n" for text in plan_lines(plan, 10))}


def test_a_diff_has_as_many_devices_as_fit():
    text = make_diff(plan_of(fleet(3000)), 1000)["prepared"]
    assert 20_000 < len(text) < 60_000
    assert " more to activate\n" in text
