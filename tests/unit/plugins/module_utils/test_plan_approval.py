# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approval: only the approved plan is applied."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.approval import check_digest, check_file
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.approved import read_approved
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Action
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.plan import digest_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import GuardError, InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    CONTEXT,
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


def approve(plan):
    """The plan file as it is read back."""
    return json.loads(json.dumps(plan.as_file()))


def shorten(content):
    """The approval of a plan file, as it is read back."""
    return json.loads(json.dumps(read_approved(content, "plan.json").as_approval()))


#: Forms of an approved plan: a plan file, or an approval.
both_forms = pytest.mark.parametrize("form", [lambda content: content, shorten], ids=["file", "approval"])


def differences(plan, approved):
    """Return the lines with differences."""
    with pytest.raises(GuardError) as caught:
        check_file(plan, approved, "plan.json")
    return caught.value.message.split("Differences:\n")[1].split("\n")


def test_a_plan_file_has_digest_counts_and_each_device_with_its_action():
    plan = plan_of(fleet(2), history(line(0)))
    content = approve(plan)
    assert content["format"] == 1
    assert content["digest"] == plan.digest()
    assert content["counts"] == {"activate": 1, "restore": 0, "wait": 0, "unchanged": 1, "conflict": 0, "inactive": 0}
    assert [entry["action"] for entry in content["devices"]] == ["unchanged", "activate"]
    assert content["devices"][1]["iccid"] == iccid(1)
    assert content["devices"][1]["reason"] == "not in the history"
    assert len(content["devices"][1]["fingerprint"]) == 32


def test_the_approved_digest_passes_in_any_case_and_a_refusal_shows_both_digests():
    plan = plan_of(fleet(2))
    check_digest(plan, f" {plan.digest().upper()}\n")
    with pytest.raises(GuardError) as caught:
        check_digest(plan, "0" * 64)
    message = str(caught.value)
    assert "0" * 64 in message
    assert plan.digest() in message
    assert "2 activate" in message
    assert f"iccid {iccid(0)} imei {imei(0)}, iccid {iccid(1)}" in message


def test_a_refused_digest_names_some_devices_of_many():
    with pytest.raises(GuardError, match="and 15 more"):
        check_digest(plan_of(fleet(25)), "0" * 64)


def test_a_plan_that_submits_nothing_needs_no_approval():
    check_digest(plan_of(fleet(1), history(line(0))), "0" * 64)


@given(st.permutations(range(8)), st.integers(0, 3), st.integers(1, 4), st.booleans())
def test_the_rest_of_an_approved_plan_passes_by_its_digest(order, old, done, has_times):
    """Some devices were active before the approval; others were submitted since by an interrupted run.

    A history without times does not show which were active before.
    """
    old = old if has_times else 0
    starts = [f"0{1 + place}/01/2026 08:00:00 AM" if has_times else None for place in range(8)]
    before = [line(number, "Completed", f"T{number}", started=starts[0]) for number in order[:old]]
    approved = plan_of(fleet(8), history(*before)).digest()
    since = [
        line(number, "Processing" if number % 2 else "Completed", f"N{number}", started=starts[1 + place])
        for place, number in enumerate(order[old : old + done])
    ]
    check_digest(plan_of(fleet(8), history(*before, *since)), approved)


def test_unapproved_devices_do_not_pass_together_with_approved_ones():
    approved = plan_of(fleet(3)).digest()
    with pytest.raises(GuardError, match="is not the approved one"):
        check_digest(plan_of(fleet(4), history(line(0))), approved)


@both_forms
@given(st.sets(st.integers(0, 7)), st.data())
def test_any_part_of_an_approved_fleet_passes(form, numbers, data):
    approved = form(approve(plan_of(fleet(8))))
    active = [line(number) for number in numbers if data.draw(st.booleans())]
    check_file(plan_of([device(number) for number in sorted(numbers)], history(*active)), approved, "plan.json")


@both_forms
@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_every_unapproved_device_is_refused_and_named(form, approved, wanted):
    file = form(approve(plan_of([device(number) for number in sorted(approved)])))
    plan = plan_of([device(number) for number in sorted(wanted)])
    strange = sorted(wanted - approved)
    if not strange:
        check_file(plan, file, "plan.json")
        return
    reported = differences(plan, file)
    assert [text for text in reported if text.endswith("is not in the approved plan")] == [
        f"device {number + 1}: iccid {iccid(number)} imei {device(number).imei}: is not in the approved plan"
        for number in strange
    ]


def test_changed_fields_of_a_device_are_named():
    approved = approve(plan_of([device(0)]))
    reported = differences(plan_of([device(0, carrier="AT&T", nickname="bus")]), approved)
    assert reported[0].endswith("carrier VERIZON is now AT&T, nickname None is now bus")


def test_a_device_that_was_active_when_the_plan_was_approved_is_not_approved():
    reported = differences(plan_of([device(0)]), approve(plan_of([device(0)], history(line(0)))))
    assert "approved: unchanged (is active (transaction T1)); now: activate (not in the history)" in reported[0]


def test_another_account_is_not_approved():
    reported = differences(plan_of([device(0)], context={**CONTEXT, "corp_id": "X"}), approve(plan_of([device(0)])))
    assert reported[0].endswith("the account (corp_id), the kind or extra_body differs")


def test_only_some_of_many_differences_are_named():
    reported = differences(plan_of(fleet(25)), approve(plan_of([])))
    assert len([text for text in reported if "is not in the approved plan" in text]) == 10
    assert "and 15 more" in reported


def test_with_an_approval_the_error_says_that_a_declaration_changed_but_not_how():
    reported = differences(plan_of([device(0, carrier="AT&T")]), shorten(approve(plan_of([device(0)]))))
    assert reported[0].endswith(
        ": its declaration has changed since the approval, or the account (corp_id), the kind or extra_body differs"
    )


@both_forms
def test_approving_an_activation_does_not_approve_a_restore_or_vice_versa(form):
    restored = plan_of([device(0)], listed=listing(entry(0, "suspended")), on_suspended="restore")
    submitted = plan_of([device(0)])
    for approved, wanted, reason in (
        (restored, submitted, "approved: restore"),
        (submitted, restored, "approved: activate"),
    ):
        check_file(approved, form(approve(approved)), "plan.json")
        assert reason in differences(wanted, form(approve(approved)))[0]


def test_an_approval_takes_less_than_64_bytes_per_device_and_has_only_written_devices():
    content = approve(plan_of(fleet(1000), history(*(line(number) for number in range(500)))))
    approval = shorten(content)
    assert list(approval["approved"]) == ["sim"]
    assert len(approval["approved"]["sim"]["activate"]) == 500
    assert (approval["digest"], approval["counts"]) == (content["digest"], content["counts"])
    assert len(json.dumps(approval)) < 64 * 500
    assert shorten(approval) == approval


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        5,
        "x",
        {"devices": 3},
        {"devices": [3]},
        {"devices": [{}]},
        {"devices": []},
        {"approved": 3},
        {"format": 1, "approved": {"sim": {"activate": 3}}},
        {"format": 1, "approved": {"radio": {}}, "digest": 3},
        {"format": 1, "approved": {"sim": {"dance": {"1": "2"}}}, "digest": "", "counts": {}},
    ],
)
def test_a_file_that_is_not_a_plan_is_named(content):
    with pytest.raises(InputError, match=r"plan\.json is not a plan file"):
        check_file(plan_of(fleet(1)), content, "plan.json")


def test_a_plan_file_of_another_format_is_named():
    with pytest.raises(InputError, match="has format 2, expected 1"):
        check_file(plan_of(fleet(1)), {**approve(plan_of(fleet(1))), "format": 2}, "plan.json")


def _fingerprint(content):
    content["devices"][0]["fingerprint"] = approve(plan_of([device(9)]))["devices"][0]["fingerprint"]


def _action(content):
    content["devices"][1]["action"] = "activate"


def _addition(content):
    content["devices"].append(approve(plan_of([device(9)]))["devices"][0])


def _removal(content):
    del content["devices"][0]


@pytest.mark.parametrize("tamper", [_fingerprint, _action, _addition, _removal])
def test_a_plan_file_that_was_changed_by_hand_is_refused(tamper):
    content = approve(plan_of(fleet(2), history(line(1))))
    check_file(plan_of(fleet(1)), copy.deepcopy(content), "plan.json")
    tamper(content)
    with pytest.raises(InputError, match="was changed after it was written"):
        check_file(plan_of(fleet(1)), content, "plan.json")


@pytest.mark.parametrize("change", ["fingerprint", "addition", "removal", "action"])
def test_an_approval_that_was_changed_by_hand_is_refused(change):
    content = shorten(approve(plan_of(fleet(2))))
    sims = content["approved"]["sim"]
    if change == "fingerprint":
        sims["activate"][iccid(0)] = "0" * 32
    elif change == "addition":
        sims["activate"][iccid(9)] = "0" * 32
    elif change == "removal":
        del sims["activate"][iccid(0)]
    else:
        sims["restore"] = sims.pop("activate")
    with pytest.raises(InputError, match="was changed after it was written"):
        check_file(plan_of(fleet(1)), content, "plan.json")


def test_rewriting_a_devices_fields_in_the_file_approves_nothing_new():
    content = approve(plan_of([device(0)]))
    content["devices"][0].update(device(9).declared())
    with pytest.raises(GuardError, match=r"1 device that plan\.json does not approve"):
        check_file(plan_of([device(9)]), content, "plan.json")


def test_the_digest_is_independent_of_the_order():
    def digest(*decided):
        return digest_of([(Action(action), fingerprint) for action, fingerprint in decided])

    one, other = ("activate", "a"), ("retry", "b")
    assert digest(one, other) == digest(other, one) == digest(one, other, ("wait", "c")) != digest(one)
    assert digest(one)[:32] == digest(one, ("restore", "c"))[:32]
    assert digest(("restore", "c"))[32:] == digest(one, ("restore", "c"))[32:]
    assert len(digest()) == len(digest(one, other)) == 64


@pytest.mark.parametrize("activated", [0, 2, 3])
@pytest.mark.parametrize("restored", [True, False])
def test_the_rest_after_some_activations_and_all_restores_passes(activated, restored):
    suspended = [entry(number, "suspended") for number in (3, 4)]
    approved = plan_of(fleet(5), listed=listing(*suspended), on_suspended="restore").digest()
    since = history(*(line(number, transaction_id=f"T{number}") for number in range(activated)))
    now = listing(*(entry(number, "active" if restored else "suspended") for number in (3, 4)))
    left = plan_of(fleet(5), since, listed=now, on_suspended="restore")
    assert left.counts()["restore"] == (0 if restored else 2)
    check_digest(left, approved)


def test_a_restore_that_was_not_approved_is_refused():
    approved = plan_of(fleet(3), listed=listing(entry(0, "suspended")), on_suspended="restore").digest()
    more = listing(entry(0, "suspended"), entry(1, "suspended"))
    with pytest.raises(GuardError, match="submit or restore"):
        check_digest(plan_of(fleet(3), listed=more, on_suspended="restore"), approved)
    # Approval of an activation is not approval of a restore.
    with pytest.raises(GuardError):
        check_digest(plan_of(fleet(1), listed=more, on_suspended="restore"), plan_of(fleet(1)).digest())
