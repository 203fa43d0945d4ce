# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_drift_info in playbooks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from harness.devices import COMMON, csv_of, device, iccid, imei
from harness.drifts import FLEET, STATES, fill
from harness.fleets import csv_file, esim, smartsim
from harness.infos import returned
from harness.playbooks import Outcome, Playbooks, Run
from harness.simulators import CORP_ID, EXPORT, LIST_PATH, PASSWORD, TOKEN, USERNAME, Simulator

MODULE = "kajeet.sentinel.sentinel_drift_info"
CONNECTION = {"api_token": TOKEN, "corp_id": CORP_ID}
#: Maximum characters of a result on automation controllers.
CONTROLLER = 700_000


@pytest.fixture
def account(sentinel: Simulator) -> Simulator:
    """An account with devices of all kinds in all states, and no other devices."""
    fill(sentinel)
    sentinel.history(
        {"iccid": iccid(31), "imei": imei(31), "status": "pending", "finishes_in": 3600},
        {"iccid": iccid(32), "imei": imei(32), "status": "failed", "error": "SIM is not in stock"},
        {"kind": "smartsim", "sim_id": smartsim(1)["sim_id"], "carrier": "T-Mobile"},
        {"kind": "esim", "imei": imei(41), "iccid": iccid(41), "carrier": "AT&T"},
    )
    return sentinel


#: The fleet of `fill`, and more devices of all kinds.
MIXED = [*FLEET, device(31), device(32), smartsim(1), smartsim(2), esim(41), esim(42)]
COUNTS = {
    "missing": 3,
    "failed": 1,
    "conflict": 1,
    "suspended": 3,
    "deactivated": 1,
    "pending": 1,
    "unlisted": 1,
    "unrecorded": 1,
    "other_device_group": 1,
    "other_filter_group": 1,
    "other_nickname": 1,
    "undeclared": 1,
    "listed_only": 2,
    "active": 3,
}


class Compare:
    """Runs the module in a playbook on localhost. Arguments that are None are omitted."""

    def __init__(self, sentinel: Simulator, directory: Path) -> None:
        self._sentinel = sentinel
        self._connection = {"api_url": sentinel.api_url, **CONNECTION}
        # With this connection, a module that is sent to the host fails.
        self._playbook = Playbooks(directory, connection="elsewhere")

    def run(self, given: Mapping[str, Any], **options: Any) -> Run:
        """Run one task."""
        arguments = {name: value for name, value in {**self._connection, **given}.items() if value is not None}
        run = self._playbook({"name": "Compare", MODULE: arguments}, **options)
        self._sentinel.assert_wrote_nothing()
        return run

    def __call__(self, expect_rc: int = 0, check: bool = False, **given: Any) -> Outcome:
        """Run one task; return its outcome."""
        outcome = self.run(given, expect_rc=expect_rc, check=check).only
        assert not outcome.changed
        return outcome


@pytest.fixture
def compare(sentinel: Simulator, tmp_path: Path) -> Compare:
    """Compares a fleet with the account, in the test's directory."""
    return Compare(sentinel, tmp_path)


# -- The comparison ----------------------------------------------------------------------------------------------------


def test_a_mixed_fleet_takes_one_login_one_history_and_one_list(
    account: Simulator, compare: Compare, tmp_path: Path
) -> None:
    csv_file(tmp_path / "fleet.csv", MIXED)
    login: dict[str, Any] = {"api_token": None, "corp_id": None, "api_username": USERNAME, "api_password": PASSWORD}
    result, checked = (compare(src="fleet.csv", check=check, **login) for check in (False, True))
    for outcome in (result, checked):
        calls = account.calls(outcome)
        assert account.logins(outcome) == 1
        assert [call for call in calls if EXPORT in call] == [calls[1]]
        assert [call for call in calls if LIST_PATH in call] == [calls[2]]
        assert len(calls) == 3
    assert {state: count for state, count in result["counts"].items() if count} == COUNTS
    drift = sum(COUNTS.values()) - COUNTS["active"]
    assert (result["drift"], result["listing"], result["devices_omitted"]) == (drift, True, 0)
    assert [entry["state"] for entry in result["devices"]] == [
        state for state, count in COUNTS.items() if state != "active" for _device in range(count)
    ]
    assert result.msg.startswith(f"{drift} devices are not as declared: 3 missing, 1 failed, 1 conflict, 3 suspended")
    assert result["lines"][0].split()[:4] == ["carrier", "device", "group", "missing"]
    assert (result["requests"]["reads"], result["requests"]["writes"]) == (2, 0)
    assert returned(checked) | {"elapsed": 0} == returned(result) | {"elapsed": 0}


@pytest.mark.usefixtures("account")
def test_devices_of_all_kinds_are_compared(compare: Compare) -> None:
    result = compare(devices=MIXED, undeclared=False)
    states = {entry["sim_id"] or entry["imei"]: (entry["kind"], entry["state"]) for entry in result["devices"]}
    assert states[smartsim(2)["sim_id"]] == ("smartsim", "missing")
    assert states[imei(42)] == ("esim", "missing")
    assert smartsim(1)["sim_id"] not in states
    assert imei(41) not in states
    assert result["counts"]["undeclared"] == result["counts"]["listed_only"] == 0


@pytest.mark.usefixtures("account")
def test_a_tolerated_state_is_counted_but_is_not_drift(compare: Compare) -> None:
    rest = sorted({*STATES.values(), "pending", "failed"} - {"active", "suspended"})
    # Text, as on the command line
    result = compare(devices=MIXED, tolerate=", ".join(rest))
    assert {entry["state"] for entry in result["devices"]} == {"suspended"}
    assert result.msg == "3 devices are not as declared: 3 suspended"
    result = compare(devices=MIXED, tolerate=[*rest, "suspended"])
    assert (result["drift"], result["devices"], result["counts"]["suspended"]) == (0, [], 3)
    assert result.msg.startswith("no drift: 3 devices are as declared; tolerated: 3 missing, 1 failed")


@pytest.mark.usefixtures("account")
def test_fail_on_drift_fails_the_task_with_the_same_result(compare: Compare) -> None:
    result, failed = (compare(devices=MIXED, fail_on_drift=fail, expect_rc=2 * fail) for fail in (False, True))
    assert failed.failed
    assert not result.failed
    for key in ("drift", "counts", "devices", "lines", "msg"):
        assert failed[key] == result[key]
    assert not compare(devices=[], undeclared=False, fail_on_drift=True).failed


@pytest.mark.usefixtures("account")
def test_defaults_and_carrier_defaults_complete_the_declaration(compare: Compare) -> None:
    bare = {name: value for name, value in device(1).items() if name in ("iccid", "imei")}
    given = {"carrier": COMMON["carrier"]}
    by_carrier = {"verizon": {"filter_group": "Staff"}, "AT&T": {"filter_group": "Other"}}
    result = compare(devices=[bare], defaults=given, carrier_defaults=by_carrier, undeclared=False)
    assert result["devices"][0]["differences"] == [
        {"field": "filter_group", "declared": "Staff", "listed": COMMON["filter_group"]}
    ]
    assert result.warnings[-1] == "carrier_defaults: no device has the carrier 'AT&T'; valid: Verizon"


# -- Hosts -------------------------------------------------------------------------------------------------------------


class Hosts:
    """Runs plays over unreachable hosts that are devices."""

    def __init__(self, sentinel: Simulator, directory: Path) -> None:
        self._sentinel = sentinel
        self._path = directory / "hosts.yml"
        self._playbook = Playbooks(directory, connection="elsewhere")

    def __call__(
        self,
        arguments: Mapping[str, Any],
        first: list[dict[str, Any]] | None = None,
        of_task: Mapping[str, Any] | None = None,
        expect_rc: int | None = 0,
        **of_play: Any,
    ) -> Run:
        """Run the module over three hosts. `first`: earlier tasks. `of_task`: additional keywords of the task."""
        listed = [
            {"name": f"bus_{number}", "groups": ["fleet"], **{f"sentinel_{k}": v for k, v in device(number).items()}}
            for number in (1, 2, 12)
        ]
        connection = {"api_url": self._sentinel.api_url, **CONNECTION}
        add = {"name": "Add hosts", "ansible.builtin.add_host": "{{ item }}", "loop": listed}
        compare = {"name": "Compare", MODULE: {**connection, "undeclared": False, **arguments}, "register": "compared"}
        show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ compared.msg | default('nothing') }}"}}
        plays = [
            {"name": "Inventory", "hosts": "localhost", "gather_facts": False, "tasks": [add]},
            {
                "name": "Fleet",
                "hosts": "fleet",
                "gather_facts": False,
                **of_play,
                "tasks": [*(first or []), {**compare, **(of_task or {})}, show],
            },
        ]
        self._path.write_text(json.dumps(plays), encoding="utf-8")
        return self._playbook(self._path, expect_rc=expect_rc)


@pytest.fixture
def hosts(account: Simulator, tmp_path: Path) -> Hosts:
    """Compares hosts with the account."""
    return Hosts(account, tmp_path)


def test_all_hosts_of_the_play_are_compared_in_one_task(account: Simulator, hosts: Hosts) -> None:
    run = hosts({"hosts": True})
    (compared,) = [outcome for outcome in run if outcome.name == "Compare"]
    assert [(entry["where"].split()[1], entry["state"]) for entry in compared["devices"]] == [
        ("bus_12", "missing"),
        ("bus_2", "suspended"),
    ]
    assert len(account.calls(compared)) == 2


def test_with_run_once_each_host_gets_the_result(hosts: Hosts) -> None:
    run = hosts({"hosts": "yes"}, of_task={"run_once": True})
    shown = [outcome.msg for outcome in run if outcome.name == "Show"]
    assert shown == ["2 devices are not as declared: 1 missing, 1 suspended"] * 3


def test_a_host_that_failed_earlier_is_omitted(hosts: Hosts) -> None:
    fail = {"name": "Fail", "ansible.builtin.fail": {"msg": "no"}, "when": "inventory_hostname == 'bus_12'"}
    run = hosts({"hosts": True}, first=[fail], expect_rc=2)
    assert run["Compare"].msg == "1 device is not as declared: 1 suspended"


@pytest.mark.parametrize("given", [["bus_12", "bus_1", "bus_12"], "bus_12, bus_1"])
def test_hosts_can_be_selected_by_name(hosts: Hosts, given: Any) -> None:
    compared = hosts({"hosts": given})["Compare"]
    assert compared.msg == "1 device is not as declared: 1 missing"
    assert compared["counts"]["active"] == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hosts": ["bus_1", "bus_7"]}, "hosts: 'bus_7' is not in the inventory"),
        ({"hosts": []}, "hosts: is blank; give true, or a list of host names, or leave hosts out"),
        ({"hosts": {"bus_1": {}}}, "hosts: {'bus_1': {}} is not a list of host names"),
        ({"hosts": False}, "no device is declared: give exactly one of src, devices and hosts"),
        ({"hosts": True, "devices": []}, "devices and hosts: give exactly one of src, devices and hosts"),
    ],
)
def test_wrong_hosts_are_refused_before_any_request(
    account: Simulator, hosts: Hosts, given: dict[str, Any], message: str
) -> None:
    assert message in hosts(given, expect_rc=2)["Compare"].msg
    assert account.calls() == []


def test_the_free_strategy_is_refused(account: Simulator, hosts: Hosts) -> None:
    run = hosts({"hosts": True}, strategy="free", expect_rc=None)
    assert run.rc != 0
    assert "not supported in the free strategy" in run.output
    assert account.calls() == []


# -- Mistakes in the task ----------------------------------------------------------------------------------------------


def test_a_wrong_task_is_refused_before_any_request(sentinel: Simulator, compare: Compare, tmp_path: Path) -> None:
    csv_file(tmp_path / "fleet.csv", [device(1)])
    (tmp_path / "column.csv").write_text(csv_of([device(1)]).replace("imei", "imie"), encoding="utf-8")
    csv_file(tmp_path / "imei.csv", [device(1), device(2, imei="12")])
    wrong: dict[str, dict[str, Any]] = {
        "no device is declared: give exactly one of src, devices and hosts": {},
        "src and devices: give exactly one of src, devices and hosts": {"src": "fleet.csv", "devices": []},
        "src: is blank; give the path of a file, or leave src out": {"src": ""},
        "junit: is blank; give the path of a file, or leave junit out": {"src": "fleet.csv", "junit": " "},
        "flet.csv: cannot be read on the machine that runs the module: no such file": {"src": "flet.csv"},
        'column.csv, line 1: unknown column "imie"; did you mean imei?': {"src": "column.csv"},
        "imei.csv, line 3: imei 12": {"src": "imei.csv"},
        "kind: 'sims' is not a kind of device; did you mean sim?": {"src": "fleet.csv", "kind": "sims"},
        "tolerate: unknown state 'suspend'; did you mean suspended?": {"src": "fleet.csv", "tolerate": ["suspend"]},
        "named: must be at least 0, not -1": {"src": "fleet.csv", "named": -1},
        "value of listing must be one of: auto, required, none, got: all": {"src": "fleet.csv", "listing": "all"},
        "Unsupported parameters for (kajeet.sentinel.sentinel_drift_info) module: source. ": {"source": "fleet.csv"},
        "the directory /nowhere does not exist": {"src": "fleet.csv", "drift_file": "/nowhere/a.json"},
        "junit: a.json is also the file of drift_file": {"src": "fleet.csv", "drift_file": "a.json", "junit": "a.json"},
        "drift_file: fleet.csv is also the file of src": {"src": "fleet.csv", "drift_file": "fleet.csv"},
    }
    for message, given in wrong.items():
        shown = compare(expect_rc=2, **given).msg.replace(f"{tmp_path}/", "")
        assert message in shown
        assert "Traceback" not in shown
    assert sentinel.calls() == []


def test_all_mistakes_are_reported_at_once(sentinel: Simulator, compare: Compare) -> None:
    message = compare(devices=[device(1, imei="12")], tolerate=["late"], concurrency=0, expect_rc=2).msg
    for part in ("concurrency: must be at least 1, not 0", "tolerate: unknown state 'late'", "device 1: imei 12"):
        assert part in message
    assert sentinel.calls() == []


def test_the_modules_file_refuses_to_run_without_the_controller(playbook: Playbooks) -> None:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"devices": [], "api_token": TOKEN}})
    # ansible-test sets PYTHONPATH to ansible's path, without the collections.
    path = os.pathsep.join(filter(None, [os.environ["ANSIBLE_COLLECTIONS_PATH"], os.environ.get("PYTHONPATH")]))
    run = playbook(
        {
            "name": "Run the file",
            "ansible.builtin.command": {
                "argv": [
                    *("{{ ansible_python_interpreter }}", "-m"),
                    "ansible_collections.kajeet.sentinel.plugins.modules.sentinel_drift_info",
                    "{{ arguments }}",
                ]
            },
            "failed_when": False,
        },
        extra_vars={"arguments": arguments},
        env={"PYTHONPATH": path},
    ).only
    assert "sentinel_drift_info runs on the controller, and cannot run as a module of its own" in run["stdout"]
    assert run["rc"] == 1


# -- The device list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["scope", "no account"])
def test_without_the_device_list_only_the_history_decides_or_the_task_fails(
    account: Simulator, compare: Compare, tmp_path: Path, reason: str
) -> None:
    if reason == "scope":
        account.faults({"kind": "status", "status": 403, "call": "listing", "count": 0})
    given: dict[str, Any] = {"devices": MIXED, "corp_id": None if reason == "no account" else CORP_ID}
    words = "set corp_id" if reason == "no account" else "lack"
    result = compare(**given)
    (warning,) = result.warnings
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert words in warning
    assert result["listing"] is False
    assert result["counts"]["suspended"] == 0
    failed = compare(listing="required", drift_file="drift.json", expect_rc=2, **given)
    assert words in failed.msg
    assert not (tmp_path / "drift.json").exists()


def test_listing_none_does_not_read_the_list(account: Simulator, compare: Compare) -> None:
    result = compare(devices=MIXED, listing="none")
    (call,) = account.calls(result)
    assert EXPORT in call
    assert (result["listing"], result.warnings) == (False, [])


# -- Files and limits --------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(sentinel: Simulator) -> Simulator:
    """An account without devices."""
    sentinel.reset(settings={"seeded_history": False})
    return sentinel


@pytest.mark.usefixtures("account")
def test_the_files_have_all_devices(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    csv_file(tmp_path / "reports" / "fleet.csv", MIXED)
    files: dict[str, Any] = {"drift_file": "fleet.drift.json", "junit": "fleet.drift.xml", "suite": "buses"}
    result = compare(src="fleet.csv", directory="reports", check=True, **files)
    assert result["drift_file"] == str(tmp_path / "reports" / "fleet.drift.json")
    assert result["junit"] == str(tmp_path / "reports" / "fleet.drift.xml")
    written = json.loads(Path(result["drift_file"]).read_text(encoding="utf-8"))
    assert {key: written[key] for key in ("drift", "listing", "counts")} == {
        key: result[key] for key in ("drift", "listing", "counts")
    }
    assert len(written["devices"]) == sum(COUNTS.values())
    assert [entry for entry in written["devices"] if entry["drift"]] == result["devices"]
    suite = ET.parse(result["junit"]).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("name"), suite.get("tests")) == ("buses", str(sum(COUNTS.values())))
    assert suite.get("failures") == str(result["drift"])


@pytest.mark.usefixtures("empty")
def test_a_large_result_stays_within_the_limit_of_controllers(compare: Compare, tmp_path: Path) -> None:
    for nickname in ("Bus", "Bus " * 200):
        csv_file(tmp_path / "fleet.csv", [device(number, nickname=nickname) for number in range(1500)])
        result = compare(src="fleet.csv", drift_file="drift.json", named=1500)
        assert result["drift"] == 1500
        assert 100 < len(result["devices"]) <= 1000
        assert result["devices_omitted"] == 1500 - len(result["devices"])
        assert len(json.dumps(result.data)) < CONTROLLER
        assert len(json.loads((tmp_path / "drift.json").read_text(encoding="utf-8"))["devices"]) == 1500


@pytest.mark.usefixtures("empty")
def test_a_long_argument_is_replaced_by_its_count_in_the_result(compare: Compare) -> None:
    result = compare(devices=[device(number) for number in range(300)])
    assert result["invocation"]["module_args"]["devices"] == "300 devices"


# -- Secrets and control characters ------------------------------------------------------------------------------------


def test_no_secret_is_shown(account: Simulator, compare: Compare, tmp_path: Path) -> None:
    secret = "wrong-secret-0815"
    url = account.api_url.replace("://", f"://user:{secret}@")
    files = {"drift_file": "drift.json", "junit": "drift.xml"}
    login = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
    runs = [
        compare.run({"devices": MIXED, **login, **files}, verbosity=4),
        compare.run({"devices": MIXED, "api_token": secret}, verbosity=4, expect_rc=2),
        compare.run({"devices": MIXED, "api_url": url}, verbosity=4, expect_rc=2),
        compare.run({"devices": MIXED, "api_url": url, "concurrency": url}, verbosity=4, expect_rc=2),
    ]
    texts = [text for run in runs for text in (run.output, run.raw)]
    texts += [(tmp_path / name).read_text(encoding="utf-8") for name in files.values()]
    for word in (secret, PASSWORD):
        assert [text for text in texts if word in text] == []


def test_text_of_the_service_is_shown_without_control_characters(
    account: Simulator, compare: Compare, tmp_path: Path
) -> None:
    account.change_listed(iccid(8), nickname="Truck\u001b[31m\u202e8")
    result = compare.run({"devices": FLEET, "drift_file": "drift.json"})
    texts = (result.output, result.raw, (tmp_path / "drift.json").read_text(encoding="utf-8"))
    for text in texts:
        assert "\u202e" not in text
        assert "\\u202e" not in text
        assert "\\u001b" not in text


def test_given_status_words_define_unknown_words_of_the_list(
    sentinel: Simulator, compare: Callable[..., Outcome]
) -> None:
    sentinel.reset(settings={"seeded_history": False})
    sentinel.list_devices({"iccid": iccid(1), "imei": imei(1), "status": "Stolen", "history": True})
    result = compare(devices=[device(1)], undeclared=False)
    assert (result["drift"], "unknown device status: 'Stolen'" in result.warnings[0]) == (0, True)
    result = compare(devices=[device(1)], undeclared=False, status_words={"deactivated": ["stolen"]})
    assert result["counts"]["deactivated"] == 1
