# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The integration tests' simulator: nothing that one test sets reaches the next one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration" / "targets" / "setup_harness"))

from harness.simulators import Simulator


def state(simulator: Simulator) -> dict[str, Any]:
    """What a reset answers, and what the control interface shows; of the clock, how far it was moved."""
    names = ("settings", "faults", "activations", "requests", "devices")
    shown = {name: simulator.control("GET", name) for name in names}
    shown["moved"] = simulator.control("GET", "clock")["offset"]
    return shown


def test_a_reset_undoes_what_another_test_has_set(tmp_path: Path) -> None:
    with Simulator(tmp_path) as simulator:
        simulator.reset()
        before = state(simulator)
        simulator.reset(profile="demo", seed=7, settings={"listing_lag": 600})
        simulator.settings(status_lag=600)
        simulator.faults({"kind": "status", "status": 503})
        simulator.advance(3600)
        simulator.control("PUT", "stock", {"carrier": "Verizon", "esim": False, "available": 0})
        assert state(simulator) != before
        simulator.reset()
        assert state(simulator) == before
