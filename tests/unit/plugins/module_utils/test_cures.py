# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a device: by the carrier's reason where it is known, otherwise by the outcome."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.cures import cure_of, known_cure

SIMULATOR = Path(__file__).resolve().parents[4] / "roles/simulator/files/sentinel_simulator/outcomes.py"


def simulated_reasons():
    """Return the reasons of the simulator's carriers."""
    for node in ast.parse(SIMULATOR.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and node.target.id == "REASONS":
            return sorted(ast.literal_eval(node.value).values())
    raise AssertionError(f"{SIMULATOR} has no REASONS")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ICCID is unknown to the carrier", "Compare the ICCID"),
        ("SIM already has a line", "deactivate its other line"),
        ("SIM already in use", "deactivate its other line"),
        ("iccid 89014103211118510720 is assigned to another device", "deactivate its other line"),
        ("IMEI is unknown to the carrier", "ask the carrier to add it"),
        ("IMEI not found", "ask the carrier to add it"),
        ("IMEI is on the carrier's block list", "why it blocks the device"),
        ("The device was reported stolen", "why it blocks the device"),
        ("IMEI not compatible with network", "model that this carrier has certified"),
        ("Incompatible device", "model that this carrier has certified"),
        ("IMEI 355737360073463 is not valid (check digit)", "dial *#06#"),
        ("Rate plan is missing or does not fit the device", "plan_id"),
        ("Unknown plan", "plan_id"),
        ("SIM belongs to another account", "move the SIM"),
        ("SIM is already assigned to another account", "move the SIM"),
        ("Service ZIP code is not served by the carrier", "service_zip_code"),
        ("Invalid ZIP", "service_zip_code"),
        ("service_zip_code 99999 is not covered", "service_zip_code"),
        ("No eSIM available for Verizon", "Order more eSIMs"),
        ("Filter group Student_K9 does not exist", "Set filter_group"),
        ("Device is already active", "active together"),
        ("Device activation is already in progress", "waits for the activation"),
        ("Carrier could not complete the activation", "Run the same task again"),
        ("Unknown carrier Verizzon", "sentinel_carriers_info"),
        ("not submitted: Activation lines list is empty", "request_format to batch"),
    ],
)
def test_a_known_reason_has_its_own_cure(reason, words):
    assert words in known_cure(reason)
    assert known_cure(reason.upper()) == known_cure(reason)


@pytest.mark.parametrize("reason", simulated_reasons())
def test_every_reason_of_the_simulator_is_known(reason):
    assert known_cure(reason)


@pytest.mark.parametrize("reason", [None, "", "refused", "Error 4711", "explanation missing", "the deplaned similar"])
def test_another_reason_has_the_cure_of_its_outcome(reason):
    assert known_cure(reason) is None
    assert cure_of(Outcome.FAILED, reason) == Outcome.FAILED.cure


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != Outcome.FAILED])
def test_only_a_failed_device_has_a_reason_of_the_carrier(outcome):
    assert cure_of(outcome, "SIM already in use") == outcome.cure
