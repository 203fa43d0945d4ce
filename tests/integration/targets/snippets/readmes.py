# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each block of README.md and of the roles' READMEs is run."""

from __future__ import annotations

from scenes import BUSES, exceptions, fleet_csv, inventory_of_buses, only_the_declared, role_with_variables
from steps import Commands, Install, MakeTargets, Page, Play, SameAs, Saved, Step, Tasks, Unrun

_START_AND_STOP = SameAs("docs/docsite/rst/simulator.rst", ["Start and stop 1", "Start and stop 3"])
_README: dict[str, Step] = {
    "Install 1": Install(),
    "Try it 1": MakeTargets(),
    "Use it 1": Saved("fleet.csv"),
    "Use it 2": SameAs("docs/docsite/rst/getting_started.rst", ["Start a simulator 1", "Start a simulator 2"]),
    "Use it 3": Commands(),
    # With the plan that was approved it does not ask.
    "Use it 4": Commands(more="-e approved_plan=fleet.plan.json"),
    "Use it 5": Commands(),
    "Use it 6": Commands(),
    "Use it 7": _START_AND_STOP,
    "First contact with the live service 1": Commands(shows=["Ready: SIM activation."]),
    "First contact with the live service 2": Play(),
    "In a playbook of your own 1": Play(),
    "In a playbook of your own 2": Tasks(),
    "In a playbook of your own 3": Play(),
    "The fleet as an inventory 1": Saved("fleet.sentinel.yml"),
    "The fleet as an inventory 2": Play(options="-i fleet.sentinel.yml"),
    "Suspend for the summer, and restore 1": Play(options="--check", before=exceptions),
    "Large fleets 1": Tasks(),
    "Large fleets 2": Unrun("the target progress has the lines"),
    "Prove it 1": MakeTargets(),
}
_AWX_SETUP: dict[str, Step] = {
    "awx_setup 1": Unrun("needs an AWX; the targets awx_setup and playbook_awx_setup have a fake one"),
}
_FLEET: dict[str, Step] = {
    "fleet 1": Play(options="--check"),
    "Hosts that are devices 1": Play(options=f"--check -i {BUSES}", before=inventory_of_buses),
}
_SIMULATOR: dict[str, Step] = {
    "simulator 1": _START_AND_STOP,
    "simulator 2": Saved("role.yml"),
    "Variables 1": Unrun("parts of a play; the guide to the simulator has one that is run"),
    "Devices of the list 1": Saved("listing.yml"),
    "Dialects 1": Saved("dialect.yml"),
}

READMES: dict[str, Page] = {
    "README.md": Page(_README, after=[only_the_declared]),
    "roles/awx_setup/README.md": Page(_AWX_SETUP),
    "roles/fleet/README.md": Page(_FLEET, before=[fleet_csv()]),
    "roles/simulator/README.md": Page(_SIMULATOR, after=[role_with_variables]),
}
