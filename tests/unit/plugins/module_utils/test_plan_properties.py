# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner: properties of every fleet and every history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Action
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import DECLARED_FIELDS
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    CONTEXT,
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
    plan_of,
)

FLEET = st.sets(st.integers(0, 5), max_size=6).map(lambda numbers: [device(number) for number in sorted(numbers)])
#: Lines with identifiers of the fleet, some mixed up or missing.
LINE = st.builds(
    lambda one, other, status, number: line(
        0,
        status,
        f"T{number}",
        imei=None if one is None else imei(one),
        iccid=None if other is None else iccid(other),
    ),
    st.one_of(st.none(), st.integers(0, 6)),
    st.one_of(st.none(), st.integers(0, 6)),
    st.sampled_from(["Completed", "Processing", "Failed", "lunar eclipse"]),
    st.integers(0, 9),
)
HISTORY = st.lists(LINE, max_size=10)
POLICY = st.fixed_dictionaries(
    {"retry_failed": st.booleans(), "on_conflict": st.sampled_from(["fail", "skip", "activate"])}
)


@given(FLEET, HISTORY, POLICY)
def test_every_declared_device_has_exactly_one_item_in_its_order(devices, lines, policy):
    plan = plan_of(devices, history(*lines), **policy)
    assert [item.device for item in plan.items] == devices
    assert sum(plan.counts().values()) == len(devices)
    assert plan.counts()["activate"] == len(plan.submitted)
    assert all(item.reason and not item.reason.endswith(" ") for item in plan.items)


@given(FLEET, HISTORY, POLICY)
def test_devices_active_or_under_way_as_declared_are_never_submitted(devices, lines, policy):
    plan = plan_of(devices, history(*lines), **policy)
    for item in plan.submitted:
        seen = history(*lines).current("iccid", item.device.iccid)
        if seen and seen.state != "failed":
            assert seen.line.imei not in (None, item.device.imei)
            assert policy["on_conflict"] == "activate"


@given(FLEET, HISTORY, POLICY, st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_the_devices(devices, lines, policy, random):
    shuffled = random.sample(devices, len(devices))
    seen = history(*lines)
    assert plan_of(shuffled, seen, **policy).digest() == plan_of(devices, seen, **policy).digest()


@given(FLEET, HISTORY)
def test_the_digest_does_not_depend_on_rows_or_on_devices_that_are_not_submitted(devices, lines):
    plan = plan_of(devices, history(*lines))
    submitted = [item.device._replace(where="elsewhere") for item in plan.submitted]
    assert plan_of(submitted, history(*lines)).digest() == plan.digest()


def test_the_digest_covers_every_field_that_is_sent():
    base = device(0)
    digests = {plan_of([base]).digest(), plan_of([]).digest(), plan_of(fleet(2)).digest()}
    fields = DECLARED_FIELDS
    digests |= {plan_of([base._replace(**{field: "other"})]).digest() for field in fields}
    digests |= {plan_of([base._replace(**{field: None})]).digest() for field in fields if getattr(base, field)}
    digests |= {plan_of([base], context={**CONTEXT, name: "other"}).digest() for name in CONTEXT}
    given_fields = sum(1 for field in fields if getattr(base, field))
    assert len(digests) == 3 + len(fields) + given_fields + len(CONTEXT)


@given(FLEET, HISTORY, st.sampled_from(["fail", "skip", "activate"]))
def test_once_all_devices_are_active_there_is_nothing_left_to_do(devices, lines, on_conflict):
    first = plan_of(devices, history(*lines), on_conflict=on_conflict)
    active = [
        line(0, "Completed", f"N{number}", imei=item.device.imei, iccid=item.device.iccid)
        for number, item in enumerate(first.submitted)
    ]
    again = plan_of(devices, history(*lines, *active), on_conflict=on_conflict)
    after = {item.device: item for item in again.items}
    assert not [item for item in first.submitted if after[item.device].action.submits]
    for item in first.items:
        if not item.action.submits and item.action != Action.CONFLICT:
            assert after[item.device].action == item.action


@given(FLEET, HISTORY)
def test_planning_twice_gives_the_same_plan(devices, lines):
    assert plan_of(devices, history(*lines)) == plan_of(devices, history(*lines))
