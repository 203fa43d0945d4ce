# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices get another status: decisions, names, exceptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.status_plan import Wanted, plan_statuses
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.targets import Target, Targets
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import GuardError, InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import Listing
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Oddities
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.oddities import Odd
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    entry,
    iccid,
    imei,
    listing,
    mdn,
)

WORDS = {"suspended": ["hibernate"], "active": ["in service"]}
READS = DeviceStatuses(WORDS)


def target(where="row 1", **names):
    """A declared device."""
    return Target(where, **names)


def plan(targets, entries, state="suspended", exceptions=(), words=(), ignore_missing=False):
    """Return the plan for devices and a device list."""
    wanted = Wanted.of(state, READS, words)
    return plan_statuses(
        Targets(list(targets), list(exceptions), []), listing(*entries, words=WORDS), wanted, ignore_missing
    )


def problem(targets, entries, **given):
    """Return the only problem of a plan."""
    with pytest.raises(InputError) as caught:
        plan(targets, entries, **given)
    (text,) = caught.value.problems
    return text


def actions(found):
    """Return the outcomes."""
    return [item.action for item in found.items]


#: state, words of the account if they are read, listed status → action.
DECISIONS = [
    ("suspended", (), "active", "set"),
    ("suspended", (), "Activated", "set"),
    ("suspended", (), "SUSPENDED", "unchanged"),
    ("suspended", (), "Summer Suspended", "unchanged"),
    ("suspended", (), "hibernate", "unchanged"),
    ("Suspended", (), "paused", "unchanged"),
    ("suspended", (), "deactivated", "refused"),
    ("suspended", (), "Retired", "refused"),
    ("suspended", (), "lunar eclipse", "set"),
    ("suspended", (), None, "set"),
    ("active", (), "active", "unchanged"),
    ("ACTIVE", (), "In Service", "unchanged"),
    ("active", (), "suspended", "set"),
    ("active", (), "Pending", "set"),
    ("active", (), "deactivated", "refused"),
    ("active", (), "Cancelled", "refused"),
    ("deactivated", (), "deactivated", "unchanged"),
    ("deactivated", (), "Terminated", "unchanged"),
    ("deactivated", (), "active", "set"),
    ("On Hold", ("Active", "On Hold"), "on-hold", "unchanged"),
    ("on hold", ("Active", "On Hold"), "active", "set"),
    ("On Hold", ("Active", "On Hold"), "deactivated", "set"),
    ("Hibernate", ("Active", "Hibernate"), "Hibernated", "unchanged"),
    ("Hibernate", ("Suspended", "Hibernate"), "SUSPENDED", "set"),
    ("Hibernate", ("Suspended", "Hibernate"), "deactivated", "refused"),
    ("Summer Suspended", ("Suspended", "Summer Suspended"), "Suspended", "set"),
]


@pytest.mark.parametrize(("state", "words", "status", "action"), DECISIONS)
def test_decisions(state, words, status, action):
    found = plan([target(mdn=mdn(0))], [entry(0, status)], state, words=words)
    assert actions(found) == [action]
    assert found.counts() == {**dict.fromkeys(["set", "unchanged", "refused", "excepted", "missing"], 0), action: 1}
    assert found.warnings == []


ONE = entry(0)
TWO = entry(1)
GONE = entry(0, "deactivated", mdn=mdn(5))
SWAPPED = entry(0, mdn=mdn(6), iccid=iccid(6))

#: Row, listed entries → MDN of the matching device.
NAMED = [
    ({"mdn": mdn(0)}, [ONE, TWO], 0),
    ({"imei": imei(1)}, [ONE, TWO], 1),
    ({"iccid": iccid(0)}, [ONE, TWO], 0),
    ({"mdn": mdn(0), "imei": imei(0), "iccid": iccid(0)}, [ONE, TWO], 0),
    # One of the names is not listed, and the entry has no other.
    ({"mdn": mdn(0), "eid": "8" * 32}, [ONE], 0),
    ({"imei": imei(0), "iccid": iccid(0)}, [ONE._replace(iccid=None)], 0),
    # A deactivated entry is ignored next to the device's current one, in any order.
    ({"imei": imei(0)}, [GONE, ONE], 0),
    ({"iccid": iccid(0)}, [ONE, GONE], 0),
    # The SIM selects one of the device's entries.
    ({"imei": imei(0), "iccid": iccid(0)}, [SWAPPED, ONE], 0),
    ({"imei": imei(0), "iccid": iccid(6)}, [SWAPPED, ONE], 6),
    # The same MDN twice, one of them with another status.
    ({"imei": imei(0)}, [ONE._replace(status="suspended"), ONE], 0),
]


@pytest.mark.parametrize(("names", "entries", "number"), NAMED)
def test_names(names, entries, number):
    (item,) = plan([target(**names)], entries).items
    assert (item.action, item.entry.mdn) == ("set", mdn(number))


def test_deactivated_entries_of_one_device_are_not_ambiguous():
    entries = [GONE, GONE._replace(mdn=mdn(7))]
    assert actions(plan([target(imei=imei(0))], entries, "active")) == ["refused"]
    assert actions(plan([target(imei=imei(0))], entries, "deactivated")) == ["unchanged"]


#: Row, listed entries → problem.
WRONG = [
    (
        {"mdn": mdn(9)},
        [ONE],
        "row 1 (mdn 521-267-0009): is not in the account's device list; correct it, or set missing to",
    ),
    (
        {"imei": imei(0)},
        [ONE, SWAPPED],
        f"matches 2 listed devices: MDN {mdn(0)} (active), MDN {mdn(6)} (active); give the MDN of the right one",
    ),
    (
        {"mdn": mdn(0), "iccid": iccid(1)},
        [ONE, TWO],
        (
            f"is not one device: mdn {mdn(0)} is listed with imei {imei(0)} and iccid {iccid(0)}; iccid {iccid(1)} is "
            f"listed with mdn {mdn(1)} and imei {imei(1)}; correct the row"
        ),
    ),
    (
        {"mdn": mdn(0), "imei": imei(9)},
        [ONE],
        f"is not one device: mdn {mdn(0)} is listed with imei {imei(0)} and iccid {iccid(0)}; correct the row",
    ),
    # The list lacks the SIM in one entry, and has it in another.
    ({"imei": imei(0), "iccid": iccid(1)}, [ONE._replace(iccid=None), TWO], "is not one device"),
    ({"imei": imei(0)}, [ONE._replace(mdn=None)], "is listed without an MDN, and statuses are set by MDN"),
    ({"imei": imei(0)}, [ONE._replace(mdn=None), TWO._replace(imei=imei(0))], "MDN (none) (active), MDN 521-267-0001"),
    (
        {"imei": imei(0), "nickname": "Bus\n1"},
        [TWO],
        f"row 1 (Bus 1, imei {imei(0)}): is not in the account's device list",
    ),
]


@pytest.mark.parametrize(("names", "entries", "text"), WRONG)
def test_rows_that_do_not_match_one_device_are_problems(names, entries, text):
    assert text in problem([target(**names)], entries)


def test_all_problems_are_reported_in_the_order_of_the_rows():
    with pytest.raises(InputError, match="The list of devices has 3 errors; nothing was written") as caught:
        plan(
            [target("row 1", mdn=mdn(8)), target("row 2", mdn=mdn(0)), target("row 3", mdn=mdn(9))],
            [ONE],
            exceptions=[target("exception 1", mdn=mdn(7))],
        )
    assert [text.partition(" (")[0] for text in caught.value.problems] == ["exception 1", "row 1", "row 3"]


def test_a_device_that_has_the_status_needs_no_mdn():
    assert actions(plan([target(imei=imei(0))], [entry(0, "suspended", mdn=None)])) == ["unchanged"]


def test_an_identifier_that_may_be_truncated_in_the_list_is_named():
    oddities = Oddities([iccid(0)])
    oddities.note(Odd("iccid", iccid(0)[:15], "row 7", Entry(status="active")))
    listed = Listing([TWO], [iccid(0)], READS, oddities)
    with pytest.raises(
        InputError, match=f"unless it is row 7: ICCID '{iccid(0)[:15]}', which is not a complete identifier"
    ):
        plan_statuses(Targets([target(iccid=iccid(0))], [], []), listed, Wanted.of("active", READS))


def test_the_same_device_twice_is_set_once():
    rows = [
        target("row 1", imei=imei(0)),
        target("row 2", mdn=mdn(0)),
        target("row 3", iccid=iccid(0)),
        target("row 4", mdn=mdn(1)),
    ]
    found = plan(rows, [ONE, TWO])
    assert [item.target.where for item in found.items] == ["row 1", "row 4"]
    (warning,) = found.warnings
    assert warning == (
        f"row 2 (mdn {mdn(0)}), as in row 1; row 3 (iccid {iccid(0)}), as in row 1: same device as an earlier row; "
        "duplicate ignored"
    )


def test_missing_devices_can_be_ignored():
    exceptions = [target("exception 1", mdn=mdn(8))]
    found = plan(
        [target("row 1", mdn=mdn(9)), target("row 2", mdn=mdn(0))], [ONE], exceptions=exceptions, ignore_missing=True
    )
    assert actions(found) == ["missing", "set"]
    assert found.warnings == [
        "exception 1 (mdn 521-267-0008): is not in the account's device list: the exception has no effect"
    ]


@pytest.mark.parametrize("name", [{"mdn": mdn(0)}, {"imei": imei(0)}, {"iccid": iccid(0)}])
@pytest.mark.parametrize("state", ["suspended", "active", "deactivated"])
def test_an_exception_is_not_changed_by_any_identifier(name, state):
    found = plan(
        [target("row 1", imei=imei(0)), target("row 2", mdn=mdn(1))],
        [ONE, TWO],
        state,
        exceptions=[target("exception 3", **name)],
    )
    assert actions(found)[0] == "excepted"
    assert found.items[0].reason == "an exception: exception 3"


def test_each_entry_of_an_exception_is_excepted():
    entries = [ONE, SWAPPED]
    exceptions = [target("exception 1", imei=imei(0))]
    rows = [target("row 1", iccid=iccid(0)), target("row 2", mdn=mdn(6))]
    assert actions(plan(rows, entries, exceptions=exceptions)) == ["excepted", "excepted"]
    assert actions(plan([target(imei=imei(0))], entries, exceptions=exceptions)) == ["excepted"]
    # Only one of two entries is excepted, so the row is ambiguous.
    assert "matches 2 listed devices" in problem([target(imei=imei(0))], entries, exceptions=[target(mdn=mdn(6))])


def test_an_exception_that_is_not_one_device_is_an_error():
    assert "exception 1 (" in problem(
        [target(mdn=mdn(1))], [ONE, TWO], exceptions=[target("exception 1", mdn=mdn(0), imei=imei(1))]
    )


@pytest.mark.parametrize(("most", "refused"), [(None, False), (2, False), (1, True), (0, True)])
def test_the_size_of_a_plan(most, refused):
    found = plan([target("1", mdn=mdn(0)), target("2", mdn=mdn(1))], [ONE, TWO])
    if refused:
        with pytest.raises(
            GuardError, match=f"sets the status of 2 devices, but max_changes allows {most}; nothing was"
        ):
            found.check_size(most)
    else:
        found.check_size(most)


ENTRIES = st.lists(
    st.builds(
        lambda number, device, sim, status: entry(
            0, status, mdn=number and mdn(number), imei=imei(device), iccid=iccid(sim)
        ),
        st.one_of(st.none(), st.integers(1, 5)),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["active", "SUSPENDED", "Deactivated", "eclipse", None]),
    ),
    max_size=6,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "mdn": st.integers(1, 5).map(mdn),
            "imei": st.integers(0, 3).map(imei),
            "iccid": st.integers(0, 3).map(iccid),
        },
    ).filter(bool),
    max_size=5,
)


@given(ROWS, ROWS, ENTRIES, st.sampled_from(["active", "suspended", "deactivated"]), st.booleans())
def test_properties_of_every_plan(rows, exceptions, entries, state, ignore_missing):
    targets = [target(f"row {number}", **names) for number, names in enumerate(rows)]
    excepted = [target(f"exception {number}", **names) for number, names in enumerate(exceptions)]
    try:
        found = plan(targets, entries, state, excepted, ignore_missing=ignore_missing)
    except InputError:
        return
    to_set = [item.entry for item in found.to_set]
    assert len({listed.mdn for listed in to_set}) == len(to_set)
    for item in found.to_set:
        assert item.entry.mdn is not None
        # Devices to set have every identifier of their row, and none of an exception.
        assert all(
            getattr(item.entry, name) == value for name, value in zip(Target._fields[1:5], item.target[1:5]) if value
        )
        for names in exceptions:
            assert any(getattr(item.entry, name) != value for name, value in names.items())
        assert READS.read(item.entry.status) != state
        assert READS.read(item.entry.status) != "deactivated"
