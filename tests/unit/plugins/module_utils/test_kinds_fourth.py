# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fourth kind of device needs only a class and its registration."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import KINDS, Kind
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import check_rows
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.files import Row
from ansible_collections.kajeet.sentinel.plugins.module_utils._identity import Identity
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import kind_of
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import World


class TrackerKind(Kind):
    """A tracker with a soldered SIM: activated by its IMEI alone."""

    identity = Identity("tracker", "imei", None, ("imei", "carrier"), ("imei",), ("iccid",))
    path = "/v1.0/activation/tracker"

    def body(self, devices, terms):
        lines = [{"imei": device.imei, "iccid": device.imei} for device in devices]
        return {"corpId": terms.corp_id, "activationLines": lines}


@pytest.fixture
def tracker(monkeypatch):
    """Register the kind."""
    kind = TrackerKind()
    monkeypatch.setitem(KINDS, kind.name, kind)
    return kind


def test_it_is_declared_planned_and_activated_once(tracker):
    rows = [Row(f"row {number}", {"imei": imei(number), "carrier": "Verizon"}) for number in range(3)]
    declared = check_rows(rows, tracker.identity)
    world = World()
    assert [entry.outcome for entry in world.run(declared.devices)] == ["activated"] * 3
    assert [entry.outcome for entry in world.run(declared.devices)] == ["already_active"] * 3
    assert set(world.submissions().values()) == {1}


def test_a_file_may_name_it(tracker):
    assert kind_of("Tracker") is tracker
