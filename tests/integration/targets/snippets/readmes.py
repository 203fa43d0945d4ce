# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each block of README.md and of the roles' READMEs is run."""

from __future__ import annotations

from scenes import BUSES, approved, fleet_csv, inventory_of_buses, role_with_variables
from steps import Commands, Install, MakeTargets, Page, Play, SameAs, Saved, Step, Unrun

_START_AND_STOP = SameAs("docs/docsite/rst/simulator.rst", ["Start and stop 1", "Start and stop 3"])
_README: dict[str, Step] = {
    "Try it 1": MakeTargets(),
    "Install 1": Install(),
    "First run, on the simulator 1": SameAs(
        "docs/docsite/rst/getting_started.rst", ["Start a simulator 1", "Start a simulator 2"]
    ),
    "First run, on the simulator 2": Saved("fleet.csv"),
    "First run, on the simulator 3": Commands(before=approved, more="-e approved_plan=fleet.plan.json"),
    "First run, on the simulator 4": _START_AND_STOP,
    "First contact with your account 1": Commands(shows=["Ready: SIM activation."]),
    "Plan, approve, apply 1": Commands(),
    "Plan, approve, apply 2": Play(),
}
_AWX_SETUP: dict[str, Step] = {
    "awx_setup 1": Unrun("needs an AWX; the targets awx_setup and playbook_awx_setup use a fake one"),
}
_FLEET: dict[str, Step] = {
    "fleet 1": Play(options="--check"),
    "Hosts that are devices 1": Play(options=f"--check -i {BUSES}", before=inventory_of_buses),
}
_SIMULATOR: dict[str, Step] = {
    "simulator 1": _START_AND_STOP,
    "simulator 2": Saved("role.yml"),
    "Variables 1": Unrun("parts of a play; the guide to the simulator has a complete one, which is run"),
    "Devices on the list 1": Saved("listing.yml"),
    "Dialects 1": Saved("dialect.yml"),
}

READMES: dict[str, Page] = {
    "README.md": Page(_README),
    "roles/awx_setup/README.md": Page(_AWX_SETUP),
    "roles/fleet/README.md": Page(_FLEET, before=[fleet_csv()]),
    "roles/simulator/README.md": Page(_SIMULATOR, after=[role_with_variables]),
}
