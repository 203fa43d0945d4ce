# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up submissions: in which history, how often, until when; and which line is ours."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.observing import HistoryLookup
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.reading import HistoryReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, Reader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    fleet,
    history,
    iccid,
    imei,
    line,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    ACCEPTED,
    FAILS,
    Fate,
    KilledError,
    World,
    lost,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return str(tmp_path / "journal")


def killed(world, devices, **options):
    """A run that dies before its first submission is accepted; only its journal shows that."""
    world.kill_at = (len(world.bodies), "before")
    with pytest.raises(KilledError):
        world.run(devices, **options)
    world.kill_at = None


def lost_and_shown(*shown, **options):
    """Return the outcome of a device whose submission was lost and never accepted, while these lines appear."""
    world = World({iccid(0): [lost(accepted=False)]})
    for seen, fate in shown:
        world.add(seen, fate)
    (found,) = world.run(fleet(1), **options)
    return found


# -- How often, and until when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("poll_interval", "first"), [(2.0, 0.5), (0.1, 0.1)])
def test_the_first_looks_are_close_together_and_later_ones_some_seconds_apart(poll_interval, first):
    world = World({iccid(0): [lost(accepted=False)]})
    world.run(fleet(1), settle_timeout=200, poll_interval=poll_interval)
    assert world.clock.slept[0] == first
    assert max(world.clock.slept) == 5.0


def test_found_devices_are_not_looked_up_again():
    world = World({iccid(0): [lost(late=2)], iccid(1): [lost(accepted=False)]})
    asked, look = [], world.history_export

    def export(read, identifiers=None, transactions=None, **_how):
        asked.append(identifiers)
        return look(read, identifiers, transactions)

    world.history_export = export
    world.run(fleet(2), wait=False)
    assert asked[0] == {iccid(0), imei(0), iccid(1), imei(1)}
    assert asked[-1] == {iccid(1), imei(1)}


def test_with_history_none_lookups_read_the_full_history():
    world = World({iccid(0): [lost(late=5)]})
    (found,) = world.run(fleet(1), history="none", wait=False)
    assert found.transaction_id == "T1"
    assert world.asked["export"]
    assert not world.asked["pages"]


def test_the_latest_of_several_intents_decides_how_long_to_wait(path):
    world = World()
    killed(world, fleet(1), journal=path)
    world.clock.sleep(20)
    killed(world, [device(1)], journal=path)
    world.clock.sleep(11)
    world.run(fleet(2), journal=path, wait=False, settle_timeout=30)
    assert world.clock.now == 1000 + 20 + 30


def test_an_intent_that_the_history_shows_needs_no_wait(path):
    world = World({iccid(1): [Fate(seconds=900)]})
    killed(world, fleet(1), journal=path)
    world.clock.sleep(40)
    world.kill_at = (0, "after")
    with pytest.raises(KilledError):
        world.run([device(1)], journal=path)
    world.kill_at = None
    world.run(fleet(2), journal=path, wait=False, settle_timeout=30)
    assert world.clock.now == 1040


def test_an_intent_from_the_future_is_treated_as_new(path):
    world = World()
    killed(world, fleet(1), journal=path)
    world.clock.now -= 500
    world.run(fleet(1), journal=path, wait=False, settle_timeout=30)
    assert world.clock.now == 530


def test_entries_that_the_history_shows_leave_the_journal(path, tmp_path):
    world = World()
    world.run(fleet(2), journal=path, wait=False)
    killed(world, [device(2)], journal=path)
    world.clock.sleep(100)
    content = (tmp_path / "journal").read_text()
    assert all(iccid(number) in content for number in range(3))
    world.run(fleet(2), journal=path, wait=False)
    content = (tmp_path / "journal").read_text()
    assert [iccid(number) in content for number in range(3)] == [False, False, True]


# -- Which line is ours ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["imei", "iccid"])
def test_a_line_with_half_of_the_pair_is_ours(missing):
    found = lost_and_shown((line(0, "Processing", "X", **{missing: None}), Fate(late=1, seconds=9)))
    assert (found.outcome, found.transaction_id) == ("activated", "X")


@pytest.mark.parametrize("other", [{"imei": imei(9)}, {"iccid": iccid(9)}, {"iccid": None, "sim_id": "8" * 21}])
def test_a_line_with_another_partner_is_not_ours(other):
    found = lost_and_shown((line(0, "Processing", "X", **other), Fate(late=1, seconds=9)))
    assert (found.outcome, found.transaction_id) == ("unknown", None)


def test_an_old_failure_with_half_of_the_pair_is_not_ours():
    found = lost_and_shown((line(0, "Processing", "old", iccid=None), Fate(seconds=0, ends="Failed")))
    assert (found.outcome, found.transaction_id) == ("unknown", None)


def test_the_newest_of_several_new_lines_is_ours():
    found = lost_and_shown(
        (line(0, "Processing", "by hand"), FAILS._replace(late=1, seconds=0)),
        (line(0, "Processing", "ours"), ACCEPTED._replace(late=1, seconds=9)),
    )
    assert (found.outcome, found.transaction_id) == ("activated", "ours")


class Asked:
    """Records the identifiers that the history was asked for."""

    reader = Reader()

    def history_export(self, _read, identifiers, **_how):
        """Nothing."""
        self.identifiers = identifiers
        return history()


SMART = "8" * 21
ESIM_LINE = Line("T1", imei(0), iccid(0), None, EID, "Processing")
SMARTSIM_LINE = Line("T1", imei(0), None, SMART, None, "Done")
DECLARED = {
    "SIM": (device(0), Line("T1", imei(0), iccid(0), None, None, "Processing")),
    "eSIM": (Device("d", ESIM.identity, imei=imei(0), eid=EID), ESIM_LINE),
    "eSIM by its IMEI alone": (Device("d", ESIM.identity, imei=imei(0)), ESIM_LINE),
    "SmartSIM": (Device("d", SMARTSIM.identity, imei=imei(0), sim_id=SMART), SMARTSIM_LINE),
    "SmartSIM by its id alone": (Device("d", SMARTSIM.identity, sim_id=SMART), SMARTSIM_LINE),
}


@pytest.mark.parametrize("kind", DECLARED)
def test_a_device_is_looked_up_by_all_its_identifiers(kind):
    declared, seen = DECLARED[kind]
    api = Asked()
    lookup = HistoryLookup(HistoryReader(api, WORDS, "full"), ActivationOptions())
    lookup.look([declared])
    identifiers = {value for value in (declared.imei, declared.iccid, declared.sim_id, declared.eid) if value}
    assert api.identifiers == identifiers
    assert lookup.compare([declared], history(seen), lambda _device: ()).found[0][1].line == seen
    assert lookup.compare([declared], history(seen), lambda _device: {"T1"}).missing == [declared]
