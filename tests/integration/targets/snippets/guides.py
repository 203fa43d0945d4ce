# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each block of each guide is run. Blocks without an entry, and entries without a block, fail."""

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
    reset_simulator,
    suspended,
)
from steps import Commands, Elsewhere, Install, Output, Page, Play, SameAs, Saved, Screen, Step, Tasks, Unrun

_AWX_DATA = "integration/targets/awx_setup/test_awx_setup_data.py"
_AWX = Elsewhere(_AWX_DATA, "test_the_guides_show_what_the_role_creates")
_AWX_SETTINGS = Elsewhere(_AWX_DATA, "test_the_guides_variables_set_permissions_and_notifications")
_AWX_RUN = Elsewhere("runner/test_workflow.py", "test_the_guide_shows_the_output_of_a_real_run")
_CHECK_ACCOUNT = "integration/targets/playbook_check_account/test_check_account.py"
_ACCOUNTS = Elsewhere(_CHECK_ACCOUNT, "test_the_guide_shows_what_the_playbook_prints")
_DIALECT = Elsewhere(_CHECK_ACCOUNT, "test_the_guide_shows_the_output_for_a_dialect")
_LISTING = "integration/targets/examples/test_guides_listing.py"
_CI = "integration/targets/examples/test_guide_ci.py"
_DRIFT_GUIDE = "integration/targets/examples/test_guide_drift.py"
_START_AND_STOP = SameAs("docs/docsite/rst/simulator.rst", ["Start and stop 1", "Start and stop 3"])

_AWX_PAGE: dict[str, Step] = {
    "AWX 1": Elsewhere(_AWX_DATA, "test_the_guides_command_sets_awx_up_including_the_execution_environment"),
    "Settings 1": _AWX_SETTINGS,
    **dict.fromkeys((f"A run, from launch to end {number}" for number in (1, 2, 3)), _AWX_RUN),
    "Launch without the form 1": Elsewhere(_AWX_DATA, "test_awx_accepts_each_launch_of_the_guides"),
    "Be notified of failures 1": _AWX_SETTINGS,
    **dict.fromkeys((f"The project {number}" for number in range(1, 7)), _AWX),
    "The execution environment 1": Elsewhere(
        "ee/test_execution_environment.py", "test_the_guide_has_the_commands_of_the_definitions_comment"
    ),
}
_AWX_BY_HAND: dict[str, Step] = {
    "Credential type 1": _AWX,
    "Credential type 2": _AWX,
    "Inventory 1": _AWX,
    **dict.fromkeys((f"Job templates {number}" for number in (1, 2, 3)), _AWX),
}
_CI_PAGE: dict[str, Step] = {
    "CI pipelines 1": Commands(),
    "CI pipelines 2": Unrun("the table of a larger fleet"),
    "CI pipelines 3": Commands(),
    "Check a fleet without an account 1": Elsewhere(_CI, "test_the_guide_tests_a_fleet_on_a_simulator_in_the_checkout"),
    "Report and post the last line 1": Elsewhere(
        _CI, "test_the_last_line_of_each_run_is_posted_without_showing_the_webhook"
    ),
    "Find drift every night 1": Commands(before=nothing_undeclared),
    "GitHub Actions 1": Elsewhere(_CI, "test_the_guides_jobs_activate_only_the_approved_plan_of_a_merge"),
}
_DECLARING: dict[str, Step] = {
    "Declare a fleet 1": Tasks(),
    "Choose how to declare 1": Tasks(),
    "Mix kinds of devices 1": Tasks(),
    "Use hosts as devices 1": Play(options=f"-i {BUSES}", before=inventory_of_buses),
    "Activate eSIMs 1": Play(twice=True, shows=['"355737362000018": "8']),
}
_FLEET_FILES: dict[str, Step] = {
    "Fleet files 1": Tasks(),
    "A carrier portal's export 1": Screen("portal.csv"),
    "A device manager's export 1": Tasks(),
    "A device manager's export 2": Screen("mdm.csv"),
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
}
_DRIFT: dict[str, Step] = {
    "Find drift 1": Commands(ends_with_2=["drift"], shows=["undeclared:"]),
    "Find drift 2": Unrun("the table of a larger fleet"),
    "Tolerate what is expected 1": Commands(before=nothing_undeclared),
    "In a playbook of your own 1": Play(),
    "In a playbook of your own 2": Elsewhere(_DRIFT_GUIDE, "test_the_guide_compares_the_hosts_of_an_inventory"),
}
_EVENTS: dict[str, Step] = {
    "Events 1": Unrun("needs the network; tests/eda uses what it installs"),
    "A rulebook 1": Elsewhere("eda/test_rulebook.py", "test_the_guides_rulebook_is_valid"),
    "A rulebook 2": Unrun("needs Java and a controller; tests/eda runs the collection's rulebook"),
    "If the service is out of reach 1": Unrun("tests/eda has the log of an outage"),
    "If the service is out of reach 2": Unrun("tests/eda has the log of an outage"),
}
_EXACTLY_ONCE: dict[str, Step] = {
    "Lost answers 1": Unrun("a message; the target exactly_once tests lost answers"),
    "Lost answers 2": Unrun("a message; the target exactly_once tests late transactions"),
    "Journal 1": Play(),
    "Two runs at the same time 1": Unrun("the target rivals tests concurrent runs"),
}
_CHECK_ACCOUNT_PAGE: dict[str, Step] = {
    "Check your account 1": Commands(shows=["Ready: SIM activation."]),
    "An account that fits 1": _ACCOUNTS,
    "A scope is missing 1": _ACCOUNTS,
    "The corp_id is wrong 1": _ACCOUNTS,
    "The URL is wrong 1": _ACCOUNTS,
    "A heading or a status word is not known 1": _ACCOUNTS,
    "A heading or a status word is not known 2": Elsewhere(_LISTING, "test_the_guides_status_words_are_recognised"),
    "A heading or a status word is not known 3": Commands(),
    "With the lines set 1": _ACCOUNTS,
    "Keep evidence, and rehearse 1": Commands(),
    "Keep evidence, and rehearse 2": Commands(shows=["The simulator has been started."]),
    "Keep evidence, and rehearse 3": _DIALECT,
}
_FLEET_ROLE: dict[str, Step] = {
    "Use the fleet role 1": Saved("fleet.csv"),
    "Use the fleet role 2": Play(options="--check"),
    "Plan, approve, apply 1": Saved("fleet.vars.yml"),
    "Plan, approve, apply 2": Commands(),
    "Plan, approve, apply 3": Output(),
    "Plan, approve, apply 4": Commands(),
    # With an approved plan, the playbook asks no question.
    "Plan, approve, apply 5": Commands(more="-e approved_plan=fleet.plan.json"),
    "Find drift 1": Commands(),
    "Use hosts as devices 1": Play(options=f"--check -i {BUSES}", before=inventory_of_buses),
}
_GETTING_STARTED_PAGE: dict[str, Step] = {
    "Install 1": Install(),
    "Declare two devices 1": Saved("fleet.csv"),
    "Start a simulator 1": _START_AND_STOP,
    "Start a simulator 2": Commands(),
    "Plan and apply 1": Commands(),
    # With an approved plan, the playbook asks no question.
    "Plan and apply 2": Commands(more="-e approved_plan=fleet.plan.json"),
    "Plan and apply 3": Commands(),
    "In a playbook of your own 1": Saved("activate.yml"),
    "In a playbook of your own 2": Commands(before=reset_simulator),
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
    "Large fleets 1": Play(),
    "One host per device 1": Play(options=f"-i {BUSES}", before=inventory_of_buses),
    "Slice a job 1": Saved("slices.yml"),
}
_PLANS: dict[str, Step] = {
    "Plan and approve 1": Commands(before=activate_playbook),
    "Approve by digest 1": Play(),
    "Approve by digest 2": Unrun("the target sentinel_activation tests the message of a changed plan"),
    "Approve by file 1": Play(before=fleet_csv(range(4, 6))),
    "Approve by file 2": Play(),
    "Approve by file 3": Unrun("the target sentinel_activation tests the message of a changed plan"),
}
_SEASON: dict[str, Step] = {
    "Suspend and restore 1": Saved("season.yml"),
    "Suspend and restore 2": Saved("exceptions.csv"),
    "Suspend and restore 3": Commands(before=exceptions),
    "Suspend and restore 4": Unrun("of another fleet; the target examples compares the counts"),
    "Suspend and restore 5": Commands(),
    "Suspend by the calendar 1": Elsewhere(_LISTING, "test_the_guides_calendar_play_suspends_only_in_the_season"),
    "Restore with an activation playbook 1": Elsewhere(_LISTING, "test_the_guides_activation_restores_the_fleet"),
    "Restore with an activation playbook 2": Commands(before=suspended),
}
_SIMULATOR: dict[str, Step] = {
    "Start and stop 1": Commands(),
    "Start and stop 2": Output(),
    "Start and stop 3": Commands(),
    "List suspended and moved devices 1": Play(options="-e @simulator.json"),
    "Have a device fail 1": Play(),
    "Lose an answer 1": Elsewhere(
        "integration/targets/simulator/test_simulator_role.py",
        "test_the_guides_play_leaves_the_simulator_of_another_alone",
    ),
}
_START: dict[str, Step] = {
    "Start here 1": Install(),
}
_WAITING: dict[str, Step] = {
    "Wait for activations 1": Play(),
    "Watch the progress 1": Unrun("the target progress tests the lines"),
}
_LISTED: dict[str, Step] = {
    "How list and history decide together 1": Elsewhere(_LISTING, "test_the_options_of_the_guide_restore_and_skip"),
    "Conflicts 1": Elsewhere(_LISTING, "test_the_guides_table_quotes_real_reasons"),
    "Status words 1": Unrun("the target listing_decides tests the warning"),
    "If the list cannot be read 1": Unrun("the target listing_decides tests the warning"),
}

GUIDES: dict[str, Page] = {
    "awx": Page(_AWX_PAGE),
    "awx_by_hand": Page(_AWX_BY_HAND),
    "check_account": Page(_CHECK_ACCOUNT_PAGE),
    "ci": Page(_CI_PAGE, before=[fleet_csv()]),
    "declaring_a_fleet": Page(_DECLARING),
    "drift": Page(_DRIFT, before=[active_fleet]),
    "events": Page(_EVENTS),
    "exactly_once": Page(_EXACTLY_ONCE, before=[fleet_csv()]),
    "fleet_files": Page(_FLEET_FILES, before=[files_of_people]),
    "fleet_role": Page(_FLEET_ROLE),
    "getting_started": Page(_GETTING_STARTED_PAGE),
    "history_and_device_list": Page(_LISTED),
    "inventory": Page(_INVENTORY, before=[fleet_csv()], after=[only_the_declared]),
    "large_fleets": Page(_LARGE_FLEETS, before=[fleet_csv()]),
    "plans_and_approval": Page(_PLANS, before=[fleet_csv()]),
    "seasonal_suspension": Page(_SEASON, before=[active_fleet]),
    "simulator": Page(_SIMULATOR),
    "start": Page(_START),
    "waiting": Page(_WAITING, before=[fleet_csv()]),
}
