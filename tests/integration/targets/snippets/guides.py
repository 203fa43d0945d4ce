# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each block of each guide is run. A block without an entry fails; so does an entry without a block."""

from __future__ import annotations

from scenes import (
    BUSES,
    activate_playbook,
    active_fleet,
    exceptions,
    files_of_people,
    fleet_csv,
    inventory_of_buses,
    nothing_undeclared,
    only_the_declared,
    started_anew,
    suspended,
)
from steps import Commands, Elsewhere, Install, Output, Page, Play, SameAs, Saved, Screen, Step, Tasks, Unrun

_AWX_DATA = "integration/targets/awx_setup/test_awx_setup_data.py"
_AWX = Elsewhere(_AWX_DATA, "test_the_guide_shows_the_same")
_AWX_SETTINGS = Elsewhere(_AWX_DATA, "test_the_guides_settings_are_taken")
_AWX_RUN = Elsewhere("runner/test_workflow.py", "test_the_guide_shows_a_run_as_it_is")
_CHECK_ACCOUNT = "integration/targets/playbook_check_account/test_check_account.py"
_ACCOUNTS = Elsewhere(_CHECK_ACCOUNT, "test_the_guide_shows_what_the_playbook_prints")
_DIALECTS = Elsewhere(_CHECK_ACCOUNT, "test_the_guide_shows_five_dialects")
_LISTING = "integration/targets/examples/test_guides_listing.py"
_CI = "integration/targets/examples/test_guide_ci.py"
_DRIFT_GUIDE = "integration/targets/examples/test_guide_drift.py"
_START_AND_STOP = SameAs("docs/docsite/rst/simulator.rst", ["Start and stop 1", "Start and stop 3"])

_AWX_PAGE: dict[str, Step] = {
    "Set it up 1": Elsewhere(_AWX_DATA, "test_the_guides_command_sets_awx_up"),
    "Set it up 2": _AWX_SETTINGS,
    **dict.fromkeys((f"A run, from launch to end {number}" for number in (1, 2, 3)), _AWX_RUN),
    "Launch without the form 1": Elsewhere(_AWX_DATA, "test_each_launch_of_the_guides_is_one_that_awx_accepts"),
    "Be notified of failures 1": _AWX_SETTINGS,
    **dict.fromkeys((f"The project {number}" for number in range(1, 7)), _AWX),
    "The execution environment 1": Elsewhere("ee/test_execution_environment.py", "test_the_guides_commands"),
    "By hand: the credential type 1": _AWX,
    "By hand: the credential type 2": _AWX,
    "By hand: the inventory 1": _AWX,
    **dict.fromkeys((f"By hand: the job templates {number}" for number in (1, 2, 3)), _AWX),
}
_CI_PAGE: dict[str, Step] = {
    "Check a declaration without an account 1": Elsewhere(_CI, "test_a_fleet_is_tried_on_a_simulator_of_its_own"),
    "Plan in a merge request, apply after it 1": Commands(),
    "Plan in a merge request, apply after it 2": Unrun("the table of a larger fleet"),
    "Plan in a merge request, apply after it 3": Commands(),
    "Report and post the last line 1": Elsewhere(_CI, "test_the_last_line_is_posted"),
    "Find drift 1": Commands(before=nothing_undeclared),
    "In GitHub Actions 1": Elsewhere(_CI, "test_what_was_merged_is_activated"),
}
_DECLARING: dict[str, Step] = {
    "Three ways to declare 1": Tasks(),
    "Three ways to declare 2": Tasks(),
    "Files as people have them 1": Tasks(),
    "A carrier portal's export 1": Screen("portal.csv"),
    "An export of a device manager 1": Tasks(),
    "An export of a device manager 2": Screen("mdm.csv"),
    "A report with a title and a total 1": Screen("report.csv"),
    "A workbook 1": Screen("workbook.xlsx"),
    "Headings in other words 1": Screen("headings.csv"),
    "Headings in other words 2": Screen("misspelt.csv"),
    "Two columns for one field 1": Tasks(),
    "Two columns for one field 2": Screen("phones.csv"),
    "Semicolons, tabs and UTF-16 1": Screen("semicolons.csv"),
    "Semicolons, tabs and UTF-16 2": Screen("unicode.txt"),
    "No header 1": Screen("headerless.csv"),
    "Quotes, labels and blanks 1": Screen("quotes.csv"),
    "Words for nothing 1": Screen("nothing.csv"),
    "Carriers by other names 1": Tasks(),
    "Carriers by other names 2": Screen("carriers.csv"),
    "A history export 1": Screen("history.csv"),
    "A web page saved as CSV 1": Screen("signin.csv"),
    "An encrypted file 1": Commands(shows=["Plan: 2 to activate."]),
    "An encrypted file 2": Screen("encrypted.csv"),
    "Digits that get lost 1": Screen("rounded.csv"),
    "Mistakes in a file 1": Screen("demo_mistakes.csv"),
    "Devices of several kinds 1": Tasks(),
    "Hosts that are devices 1": Play(options=f"-i {BUSES}", before=inventory_of_buses),
    "SmartSIMs and eSIMs 1": Play(twice=True, shows=['"355737362000018": "8']),
}
_DRIFT: dict[str, Step] = {
    "Compare a fleet with its account 1": Commands(ends_with_2=["drift"], shows=["undeclared:"]),
    "Compare a fleet with its account 2": Unrun("the table of a larger fleet"),
    "Tolerate what is expected 1": Commands(before=nothing_undeclared),
    "In a playbook of your own 1": Play(),
    "In a playbook of your own 2": Elsewhere(_DRIFT_GUIDE, "test_the_guide_compares_the_hosts_of_an_inventory"),
}
_EVENTS: dict[str, Step] = {
    "A rulebook 1": Elsewhere("eda/test_rulebook.py", "test_the_guides_rulebook_is_valid"),
    "A rulebook 2": Unrun("needs Java and a controller; tests/eda runs the collection's rulebook"),
    "Outages 1": Unrun("tests/eda has the log of an outage"),
    "Outages 2": Unrun("tests/eda has the log of an outage"),
}
_EXACTLY_ONCE: dict[str, Step] = {
    "What you see 1": Unrun("the message of a lost answer; the target exactly_once loses answers"),
    "What you see 2": Unrun("the message of a late transaction; the target exactly_once has late ones"),
    "Runs that are killed 1": Play(),
    "Two runs at the same time 1": Unrun("the target rivals has two runs at once"),
}
_FIRST_CONTACT: dict[str, Step] = {
    "First contact 1": Commands(shows=["Ready: SIM activation."]),
    "An account that fits 1": _ACCOUNTS,
    "A scope is missing 1": _ACCOUNTS,
    "The corp_id is wrong 1": _ACCOUNTS,
    "The URL is wrong 1": _ACCOUNTS,
    "A heading is not known 1": _ACCOUNTS,
    "The same with the lines set 1": _ACCOUNTS,
    "Keep evidence, and rehearse 1": Commands(),
    "Keep evidence, and rehearse 2": Commands(shows=["The simulator has been started."]),
    "Dialect 1 1": _DIALECTS,
    "Dialect 2 1": _DIALECTS,
    "Dialect 3 1": _DIALECTS,
    "Dialect 4 1": _DIALECTS,
    "Dialect 5 1": _DIALECTS,
}
_FLEET_ROLE: dict[str, Step] = {
    "A fleet of several kinds 1": Saved("fleet.csv"),
    "A fleet of several kinds 2": Play(options="--check"),
    "Plan, approve, apply 1": Saved("fleet.vars.yml"),
    "Plan, approve, apply 2": Commands(),
    "Plan, approve, apply 3": Output(),
    "Plan, approve, apply 4": Commands(),
    # With the plan that was approved it does not ask.
    "Plan, approve, apply 5": Commands(more="-e approved_plan=fleet.plan.json"),
    "Find drift 1": Commands(),
    "Hosts that are devices 1": Play(options=f"--check -i {BUSES}", before=inventory_of_buses),
}
_GETTING_STARTED_PAGE: dict[str, Step] = {
    "What you need 1": Install(),
    "Declare two devices 1": Saved("fleet.csv"),
    "Start a simulator 1": _START_AND_STOP,
    "Start a simulator 2": Commands(),
    "Plan and apply 1": Commands(),
    # With the plan that was approved it does not ask.
    "Plan and apply 2": Commands(more="-e approved_plan=fleet.plan.json"),
    "Plan and apply 3": Commands(),
    "In a playbook of your own 1": Saved("activate.yml"),
    "In a playbook of your own 2": Commands(before=started_anew),
    "In a playbook of your own 3": Output(),
    "In a playbook of your own 4": Commands(),
    "In a playbook of your own 5": Output(),
    "In a playbook of your own 6": _START_AND_STOP,
    "Run it on the live service 1": Commands(),
    "Run it on the live service 2": Play(
        options="-e vault_sentinel_username=fleet@northstar.example -e vault_sentinel_password=simulator-password"
    ),
}
_INVENTORY: dict[str, Step] = {
    "The fleet as an inventory 1": Saved("fleet.sentinel.yml"),
    "The fleet as an inventory 2": Play(options="-i fleet.sentinel.yml"),
}
_LARGE_FLEETS: dict[str, Step] = {
    "A task for ten thousand devices 1": Play(),
    "One host per device 1": Play(options=f"-i {BUSES}", before=inventory_of_buses),
    "Sliced jobs 1": Saved("slices.yml"),
}
_PLANS: dict[str, Step] = {
    "What a plan is 1": Commands(before=activate_playbook),
    "Approve a plan by its digest 1": Play(),
    "Approve a plan by its digest 2": Unrun("the target sentinel_activation has the message of a plan that changed"),
    "Approve a plan by its file 1": Play(before=fleet_csv(range(4, 6))),
    "Approve a plan by its file 2": Play(),
    "Approve a plan by its file 3": Unrun("the target sentinel_activation has the message of a plan that changed"),
}
_SEASON: dict[str, Step] = {
    "What you need 1": Saved("exceptions.csv"),
    "Suspend and restore 1": Saved("season.yml"),
    "Suspend and restore 2": Commands(before=exceptions),
    "Suspend and restore 3": Unrun("of another fleet; the target examples compares the counts"),
    "Suspend and restore 4": Commands(),
    "By the calendar 1": Elsewhere(_LISTING, "test_the_guides_calendar_decides"),
    "Restore with an activation playbook 1": Elsewhere(_LISTING, "test_the_guides_activation_restores_the_fleet"),
    "Restore with an activation playbook 2": Commands(before=suspended),
}
_SIMULATOR: dict[str, Step] = {
    "Start and stop 1": Commands(),
    "Start and stop 2": Output(),
    "Start and stop 3": Commands(),
    "Devices that are not what the history says 1": Play(options="-e @simulator.json"),
    "Devices that fail 1": Play(),
    "Make things go wrong 1": Elsewhere(
        "integration/targets/simulator/test_simulator_role.py",
        "test_the_guides_play_leaves_the_simulator_of_another_alone",
    ),
}
_WAITING: dict[str, Step] = {
    "Submit now, look later 1": Play(),
    "Progress 1": Unrun("the target progress has the lines"),
    "Words for a status 1": Play(),
    "Words for a status 2": Commands(),
}
_LISTED: dict[str, Step] = {
    "The options 1": Elsewhere(_LISTING, "test_the_options_of_the_guide_restore_and_skip"),
    "Conflicts 1": Elsewhere(_LISTING, "test_the_reasons_of_the_guides_table_are_those_of_the_code"),
    "Words for a status 1": Unrun("the target listing_decides has the warning"),
    "Words for a status 2": Elsewhere(_LISTING, "test_the_guides_status_words_are_obeyed"),
    "What it needs, and where it cannot be read 1": Unrun("the target listing_decides has the warning"),
}

GUIDES: dict[str, Page] = {
    "awx": Page(_AWX_PAGE),
    "ci": Page(_CI_PAGE, before=[fleet_csv()]),
    "declaring_a_fleet": Page(_DECLARING, before=[files_of_people]),
    "drift": Page(_DRIFT, before=[active_fleet]),
    "events": Page(_EVENTS),
    "exactly_once": Page(_EXACTLY_ONCE, before=[fleet_csv()]),
    "first_contact": Page(_FIRST_CONTACT),
    "fleet_role": Page(_FLEET_ROLE),
    "getting_started": Page(_GETTING_STARTED_PAGE),
    "inventory": Page(_INVENTORY, before=[fleet_csv()], after=[only_the_declared]),
    "large_fleets": Page(_LARGE_FLEETS, before=[fleet_csv()]),
    "plans_and_approval": Page(_PLANS, before=[fleet_csv()]),
    "seasonal_suspension": Page(_SEASON, before=[active_fleet]),
    "simulator": Page(_SIMULATOR),
    "waiting_and_timeouts": Page(_WAITING, before=[fleet_csv()]),
    "what_is_and_what_was": Page(_LISTED),
}
