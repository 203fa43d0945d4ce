# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions by device list and history: each row of the guide's table, for each kind and each history."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, KINDS, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import Listing
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Line, Odd, Oddities
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    device,
    entry,
    fleet,
    history,
    iccid,
    imei,
    line,
    listing,
    mdn,
    plan_of,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import DAY, Fate, World

OTHER_EID = "89049032000010000000051200447166"
#: By kind: the identifiers of the device, and another partner.
PAIRS = {
    SIM: ({"iccid": iccid(0), "imei": imei(0)}, {"imei": imei(7)}),
    SMARTSIM: ({"sim_id": "8" * 21, "imei": imei(0)}, {"imei": imei(7)}),
    ESIM: ({"imei": imei(0), "eid": EID}, {"eid": OTHER_EID}),
}
#: The history, by name: status of the pair's line, or of one with another partner.
HISTORIES = {
    "nothing": None,
    "active": ("Completed", False),
    "failed": ("Failed", False),
    "under way": ("Processing", False),
    "conflict": ("Completed", True),
}
#: What the history alone decides.
ALONE = {
    "nothing": ("activate", "would_activate"),
    "active": ("unchanged", "already_active"),
    "failed": ("retry", "would_activate"),
    "under way": ("wait", "pending"),
    "conflict": ("conflict", "conflict"),
}
LISTED = {
    "active": ("active", {}),
    "active, without a partner": ("Active", None),
    "active elsewhere": ("ACTIVE", "other"),
    "suspended": ("SUSPENDED", {}),
    "suspended elsewhere": ("Hibernated", "other"),
    "deactivated": ("Deactivated", {}),
    "deactivated elsewhere": ("Disconnected", "other"),
    "unknown": ("Preboarded", {}),
    "absent": None,
}
#: Every combination of what the user may decide beforehand.
POLICIES = [
    {"on_conflict": conflict, "on_suspended": suspended, "on_deactivated": deactivated}
    for conflict in ("fail", "skip", "activate")
    for suspended in ("fail", "skip", "restore")
    for deactivated in ("fail", "skip", "activate")
]
UNCHANGED, CONFLICT, SKIPPED = ("unchanged", "already_active"), ("conflict", "conflict"), ("conflict", "skipped")
SUSPENDED, RESTORE = ("inactive", "suspended"), ("restore", "would_restore")
DEACTIVATED, AGAIN, LEFT = ("inactive", "deactivated"), ("activate", "would_activate"), ("inactive", "skipped")


def expected(listed, seen, **policy):
    """Return the decision of the design's table, by the names of list and history."""
    alone = ALONE[seen]
    if policy.get("on_conflict") == "activate" and seen == "conflict":
        alone = AGAIN
    if policy.get("on_conflict") == "skip" and seen == "conflict":
        alone = SKIPPED
    if seen == "under way" or listed in ("unknown", "absent"):
        return alone
    if listed in ("active", "active, without a partner"):
        return UNCHANGED
    if listed in ("active elsewhere", "suspended elsewhere"):
        if policy.get("on_conflict") == "skip":
            return SKIPPED
        if policy.get("on_conflict") == "activate" and seen != "active":
            return alone
        return CONFLICT
    if listed == "suspended":
        return {"skip": LEFT, "restore": RESTORE}.get(policy.get("on_suspended"), SUSPENDED)
    if seen != "active":
        return alone
    return {"skip": LEFT, "activate": AGAIN}.get(policy.get("on_deactivated"), DEACTIVATED)


def declared(kind):
    """The device of a kind."""
    return Device("device 1", kind.identity, carrier="VERIZON", device_group="Transportation", **PAIRS[kind][0])


def lines(kind, seen):
    """The history of that name."""
    if HISTORIES[seen] is None:
        return []
    status, elsewhere = HISTORIES[seen]
    return [Line("T1", status=status, **{**PAIRS[kind][0], **(PAIRS[kind][1] if elsewhere else {})})]


def entries(kind, name):
    """Return the list of that name: the device after an undeclared one."""
    if LISTED[name] is None:
        return [entry(9)]
    status, how = LISTED[name]
    own, other = PAIRS[kind]
    named = {**own, **other} if how == "other" else {kind.identity.key: own[kind.identity.key]} if how is None else own
    return [entry(9), Entry(mdn=mdn(0), status=status, **named)]


def decided(kind, listed, seen, **policy):
    """The item of the device."""
    plan = plan_of(
        [declared(kind)],
        history(*lines(kind, seen)),
        identity=kind.identity,
        listed=listing(*entries(kind, listed)),
        **policy,
    )
    return plan.items[0]


@pytest.mark.parametrize("seen", HISTORIES)
@pytest.mark.parametrize("listed", LISTED)
@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_list_and_history_decide_as_the_table_says(kind, listed, seen):
    for policy in POLICIES:
        item = decided(kind, listed, seen, **policy)
        assert (item.action, item.foreseen) == expected(listed, seen, **policy), (policy, item.reason)


@pytest.mark.parametrize("form", ["full", "recent", "none"])
@pytest.mark.parametrize("seen", HISTORIES)
@pytest.mark.parametrize("listed", LISTED)
@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_the_table_holds_for_the_part_of_the_history_that_is_read(kind, listed, seen, form):
    eager = {"on_suspended": "restore", "on_deactivated": "activate", "on_conflict": "activate"}
    for days, policy in product((10, 400), ({}, eager, dict.fromkeys(eager, "skip"))):
        world = World()
        world.list_devices(*entries(kind, listed))
        for each in lines(kind, seen):
            world.add(each, Fate(ends=each.status), age=days * DAY)
        is_read = form == "full" or (form == "recent" and days == 10)
        (found,) = world.run([declared(kind)], check=True, history=form, preflight=False, **policy)
        assert found.outcome == expected(listed, seen if is_read else "nothing", **policy)[1], (days, policy)


@pytest.mark.parametrize(
    ("listed", "seen", "policy", "reason"),
    [
        ("active", "nothing", {}, "active in the account (MDN 521-267-0000)"),
        ("active", "active", {}, "active in the account (MDN 521-267-0000)"),
        (
            "suspended",
            "active",
            {},
            "suspended in the account (MDN 521-267-0000), activated in transaction T1",
        ),
        ("suspended", "nothing", {"on_suspended": "restore"}, "suspended in the account (MDN 521-267-0000)"),
        (
            "deactivated",
            "active",
            {},
            "deactivated in the account (MDN 521-267-0000), activated in transaction T1",
        ),
        (
            "deactivated",
            "failed",
            {},
            "failed before (transaction T1): status Failed; deactivated in the account (MDN 521-267-0000)",
        ),
        (
            "active elsewhere",
            "nothing",
            {},
            f"iccid {iccid(0)} is active with imei {imei(7)} in the account (MDN 521-267-0000)",
        ),
        (
            "active elsewhere",
            "active",
            {"on_conflict": "activate"},
            (
                f"iccid {iccid(0)} is active with imei {imei(7)} in the account (MDN 521-267-0000), "
                "activated in transaction T1: not submitted again"
            ),
        ),
        (
            "active elsewhere",
            "failed",
            {"on_conflict": "activate"},
            (
                "failed before (transaction T1): status Failed; "
                f"iccid {iccid(0)} is active with imei {imei(7)} in the account (MDN 521-267-0000)"
            ),
        ),
        ("unknown", "nothing", {}, "not in the history; listed as Preboarded"),
        ("absent", "nothing", {}, "not in the history"),
    ],
)
def test_the_reason_says_which_source_decided(listed, seen, policy, reason):
    assert decided(SIM, listed, seen, **policy).reason == reason


def decide(listed, *seen, **policy):
    """The item of the first SIM of the fleet for these entries and lines."""
    return plan_of(fleet(1), history(*seen), listed=listing(*listed), **policy).items[0]


@pytest.mark.parametrize("status", ["Completed", "Failed", None])
def test_a_sim_that_the_list_shows_in_another_device_is_never_reported_as_active(status):
    seen = [line(0, status)] if status else []
    moved = [entry(0, imei=imei(5)), entry(0, mdn=mdn(5), iccid=iccid(5))]
    for entries_of in (moved[:1], moved[1:], moved):
        item = decide(entries_of, *seen)
        assert (item.action, item.foreseen) == CONFLICT


def test_a_suspended_or_deactivated_partner_is_irrelevant_for_another_sim():
    for status in ("suspended", "deactivated"):
        assert decide([entry(0, status, iccid=iccid(5))]).action == "activate"
        assert decide([entry(0, status, iccid=iccid(5))], line(0)).foreseen == "already_active"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        (("active", "suspended"), "already_active"),
        (("active", "deactivated"), "already_active"),
        (("suspended", "deactivated"), "suspended"),
        (("active", "whatever"), "already_active"),
        (("deactivated", "whatever"), "deactivated"),
    ],
)
def test_among_several_entries_active_precedes_suspended_and_deactivated(statuses, outcome, order):
    found = [entry(0, status, mdn=mdn(number)) for number, status in enumerate(statuses)]
    assert decide(found[::order], line(0)).foreseen == outcome


def test_a_suspended_device_without_an_mdn_cannot_be_restored():
    item = decide([entry(0, "suspended", mdn=None)], line(0), on_suspended="restore")
    assert (item.action, item.foreseen) == SUSPENDED
    assert item.reason == "suspended in the account, activated in transaction T1; cannot be restored: it has no MDN"


# -- Entries that name less than a pair --------------------------------------------------------------------------------


def nameless(status, **fields):
    """Return an entry as on the pages of the list: without ICCID."""
    return entry(0, status, iccid=None, **fields)


def test_an_entry_with_only_the_imei_belongs_to_the_device():
    assert decide([nameless("active")]).foreseen == "already_active"
    assert decide([nameless("suspended")], line(0)).foreseen == "suspended"
    assert decide([nameless("deactivated")], line(0)).foreseen == "deactivated"


def test_an_entry_with_only_the_imei_yields_to_a_conflict_of_the_history():
    assert decide([nameless("active")], line(0, imei=imei(5))).action == "conflict"


def test_nothing_is_submitted_if_the_list_does_not_show_which_sim_is_deactivated():
    item = decide([nameless("deactivated")], line(0), on_deactivated="activate")
    assert (item.action, item.foreseen) == DEACTIVATED
    assert item.reason.endswith("; not submitted: the list does not show which SIM is deactivated")
    known = decide([nameless("deactivated")], line(0, mdn="5212670000"), on_deactivated="activate")
    assert known.action == "activate"


def test_nothing_is_restored_if_the_list_does_not_show_which_sim_is_suspended():
    item = decide([nameless("suspended")], line(0), on_suspended="restore")
    assert (item.action, item.foreseen) == SUSPENDED
    assert item.reason.endswith("; not restored: the list does not show which SIM is suspended")
    known = decide([nameless("suspended")], line(0, mdn="5212670000"), on_suspended="restore")
    assert known.action == "restore"


TWICE = (line(0, "Completed", "T1"), line(0, "Completed", "T2"))


@pytest.mark.parametrize(
    ("listed", "seen", "why"),
    [
        (
            [entry(0, "deactivated", mdn=mdn(5))],
            [line(0, mdn=mdn(0))],
            "the last activated MDN is 521-267-0000, which the list does not show",
        ),
        (
            [entry(0, "deactivated"), entry(0, "Preboarded", mdn=mdn(5))],
            [line(0)],
            "the list also has it with an unknown status",
        ),
        ([entry(0, "deactivated")], TWICE, "the history has 2 activations, but the list shows 1"),
    ],
)
def test_an_entry_that_may_belong_to_an_earlier_subscription_permits_no_activation(listed, seen, why):
    """The entry of the later subscription may be missing, or have an unknown status word."""
    for found in (listed, listed[::-1]):
        item = decide(found, *seen, on_deactivated="activate")
        assert (item.action, item.foreseen) == DEACTIVATED
        assert item.reason.endswith(f"; not submitted: {why}")
        assert decide(found, *seen).foreseen == "deactivated"


@pytest.mark.parametrize(
    ("listed", "seen"),
    [
        ([entry(0, "deactivated"), entry(0, "Preboarded", mdn=mdn(5))], [line(0, mdn=mdn(0))]),
        ([entry(0, "deactivated"), entry(0, "retired", mdn=mdn(5))], TWICE),
        ([entry(0, "deactivated")], [line(0, mdn=mdn(5)), line(0, "Completed", "T2", mdn=mdn(0))]),
    ],
    ids=["its number is deactivated", "as many as were activated", "the number activated last"],
)
def test_an_entry_of_the_last_subscription_permits_an_activation(listed, seen):
    assert decide(listed, *seen, on_deactivated="activate").action == "activate"


@pytest.mark.parametrize("written", ["521-267-0000", "5212670000", "(521) 267-0000", "+1 521 267 0000"])
def test_the_mdn_of_the_history_finds_an_entry_without_identifiers(written):
    bare = Entry(mdn=mdn(0), status="Suspended")
    assert decide([bare], line(0, mdn=written)).foreseen == "suspended"
    assert decide([bare], line(0)).foreseen == "already_active"


def test_an_mdn_that_another_device_has_now_is_ignored():
    assert decide([entry(3, "deactivated", mdn=mdn(0))], line(0, mdn=mdn(0))).foreseen == "already_active"


def test_an_entry_of_the_imei_with_another_mdn_does_not_make_a_device_suspended():
    other = nameless("suspended", mdn=mdn(4))
    assert decide([other], line(0, mdn=mdn(0))).foreseen == "already_active"
    assert decide([other, nameless("deactivated")], line(0, mdn=mdn(0))).foreseen == "deactivated"


def test_the_card_that_the_service_assigned_to_a_smartsim_finds_its_entry():
    own = Device("device 1", SMARTSIM.identity, sim_id="8" * 21, carrier="Verizon")
    seen = history(Line("T1", sim_id="8" * 21, iccid=iccid(4), status="Completed"))

    def outcome(*found):
        return plan_of([own], seen, identity=SMARTSIM.identity, listed=listing(*found)).items[0].foreseen

    assert outcome(entry(4, "suspended")) == "suspended"
    assert outcome(entry(5, "suspended")) == "already_active"


def test_the_imei_of_a_smartsim_with_another_card_is_a_conflict():
    own = Device("device 1", SMARTSIM.identity, sim_id="8" * 21, imei=imei(0), carrier="Verizon")
    seen = history(Line("T1", sim_id="8" * 21, imei=imei(0), iccid=iccid(4), status="Completed"))
    item = plan_of([own], seen, identity=SMARTSIM.identity, listed=listing(entry(0, iccid=iccid(5)))).items[0]
    assert item.action == "conflict"
    assert item.reason.startswith(f"imei {imei(0)} is active with iccid {iccid(5)} in the account (MDN 521-267-0000), ")


# -- Repeats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("listed", ["deactivated", "suspended", "active elsewhere", "suspended elsewhere"])
def test_a_pair_that_is_under_way_again_is_waited_for(listed):
    policy = {"on_deactivated": "activate", "on_conflict": "activate", "on_suspended": "restore"}
    item = decide(entries(SIM, listed), line(0), line(0, "Processing", "T2"), **policy)
    assert (item.action, item.line.transaction_id) == ("wait", "T2")


def test_a_device_that_failed_the_second_time_is_still_deactivated():
    item = decide(entries(SIM, "deactivated"), line(0), line(0, "Failed", "T2"))
    assert item.foreseen == "deactivated"


# -- Incomplete identifiers --------------------------------------------------------------------------------------------


def suspicious(status):
    """Return a list with an ICCID that a spreadsheet has rounded, and that may be the first device's."""
    oddities = Oddities({iccid(0)})
    rounded = f"{iccid(0)[:6]}{'0' * 14}"
    found = Entry(mdn=mdn(0), status=status)
    oddities.note(Odd("iccid", f"{float(rounded):.5E}", "row 2", found))
    oddities.close()
    assert oddities.suspects(iccid(0))
    return listing(oddities=oddities)


@pytest.mark.parametrize(("status", "action"), [("active", "conflict"), ("odd", "conflict"), ("retired", "activate")])
def test_an_entry_with_an_incomplete_identifier_prevents_a_submission(status, action):
    item = plan_of(fleet(1), listed=suspicious(status)).items[0]
    assert item.action == action
    assert ("in the device list is not a complete identifier" in item.reason) == (action == "conflict")
    assert plan_of(fleet(1), listed=suspicious(status), on_conflict="activate").items[0].action == "activate"


# -- A list that was not read ------------------------------------------------------------------------------------------


def test_without_a_list_the_history_decides():
    unread = Listing((), (), DeviceStatuses(), is_known=False)
    for seen, alone in ALONE.items():
        item = plan_of([declared(SIM)], history(*lines(SIM, seen)), listed=unread).items[0]
        assert (item.action, item.foreseen) == alone


# -- The plan ----------------------------------------------------------------------------------------------------------


def mixed(**policy):
    """A plan of five devices: new, active, suspended, deactivated, in conflict."""
    found = [entry(1), entry(2, "suspended"), entry(3, "retired"), entry(4, imei=imei(8))]
    return plan_of(fleet(5), history(line(3)), listed=listing(*found), **policy)


def test_counts_have_restored_and_inactive_devices():
    nothing = {"activate": 1, "restore": 0, "wait": 0, "unchanged": 1, "conflict": 1, "inactive": 2}
    assert mixed().counts() == nothing
    assert mixed(on_suspended="restore").counts() == {**nothing, "restore": 1, "inactive": 1}


def test_a_restore_is_part_of_the_digest_and_differs_from_an_activation():
    plain, restoring = mixed(), mixed(on_suspended="restore")
    assert plain.digest() != restoring.digest()
    assert plain.digest() == plan_of([device(0)]).digest()
    restored = restoring.restored[0]
    activated = plan_of([restored.device]).items[0]
    assert restored.fingerprint != activated.fingerprint
