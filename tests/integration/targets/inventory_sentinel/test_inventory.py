# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin with ansible-inventory and playbooks, against the simulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness.devices import csv_of, device, fleet, iccid, imei
from harness.inventories import Inventories
from harness.simulators import (
    ACTIVE,
    CORP_ID,
    EXPORT,
    FAILED,
    HISTORY_PATH,
    PASSWORD,
    PENDING,
    TOKEN,
    USERNAME,
    Simulator,
)

PLUGIN = "kajeet.sentinel.sentinel"
CALL = f"GET {HISTORY_PATH}?{EXPORT}"
LIST_PATH = f"/v1.0/devices/{CORP_ID}"
LIST_CALL = f"GET {LIST_PATH}?export=CSV&columns="


@pytest.fixture
def inventory(sentinel: Simulator, tmp_path: Path) -> Inventories:
    """Runs ansible-inventory in the test's directory, with a token in the environment."""
    sentinel.reset(settings={"pending_fixture": 3600})
    known = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}
    return Inventories(tmp_path, known)


def without_list_calls(calls: list[str]) -> list[str]:
    """The requests without those of the device list, which has its own tests."""
    return [call for call in calls if not call.startswith(LIST_CALL)]


def seeded(number: int, line: dict[str, str]) -> dict[str, Any]:
    """A declared device with a line in the simulator's history."""
    return device(number, **{**line, "nickname": f"Bus {number}"})


MADE_UP = {
    "history_csv": {"headings": {"transaction_id": "Wimble", "imei": "Zorp", "iccid": "Bleep", "status": "Flurb"}},
    "status_words": {"line": {"active": ["Groovy"]}},
}
NAMES = {"imei": "Zorp", "iccid": ["Bleep"], "status": "Flurb"}


def test_given_field_names_and_status_words_are_used(sentinel: Simulator, inventory: Inventories) -> None:
    sentinel.settings(dialect=MADE_UP)
    config = {"plugin": PLUGIN, "source": "history"}
    known = inventory({**config, "field_names": NAMES, "status_words": {"success": ["groovy"]}})
    seen = known.hosts[ACTIVE["iccid"]]
    assert (seen["sentinel_status"], seen["sentinel_line_status"]) == ("active", "Groovy")


@pytest.fixture
def declared(tmp_path: Path) -> list[dict[str, Any]]:
    """A fleet in fleet.csv: one active, one pending, one failed and two missing devices."""
    devices = [seeded(1, ACTIVE), seeded(2, PENDING), seeded(3, FAILED), *fleet([4, 5], nickname="Bus")]
    devices[3]["nickname"], devices[4]["nickname"] = "Bus 4", "Depot & Söhne"
    (tmp_path / "fleet.csv").write_text(csv_of(devices), encoding="utf-8")
    return devices


def test_devices_of_the_history_are_hosts_with_their_status(sentinel: Simulator, inventory: Inventories) -> None:
    parsed = inventory({"plugin": PLUGIN, "source": "history"})
    assert without_list_calls(sentinel.calls()) == [CALL]
    seen = parsed.hosts[ACTIVE["iccid"]]
    assert (seen["sentinel_imei"], seen["sentinel_carrier"]) == (ACTIVE["imei"], "Verizon")
    assert (seen["sentinel_status"], seen["sentinel_line_status"]) == ("active", "COMPLETED")
    assert seen["sentinel_mdn"]
    assert seen["sentinel_ip"]
    assert seen["sentinel_transaction_id"].startswith("ACT-")
    assert seen["sentinel_declared"] is None
    assert parsed.hosts[PENDING["iccid"]]["sentinel_status"] == "pending"
    assert parsed.hosts[FAILED["iccid"]]["sentinel_status"] == "failed"
    assert parsed.hosts[FAILED["iccid"]]["sentinel_reason"]
    for status in ("active", "pending", "failed"):
        members = sorted(name for name, value in parsed.of("sentinel_status").items() if value == status)
        assert parsed.groups[f"sentinel_status_{status}"] == members
    assert ACTIVE["iccid"] in parsed.groups["sentinel_carrier_verizon"]
    assert sum(map(len, (members for name, members in parsed.groups.items() if "carrier" in name))) <= len(parsed.hosts)


def test_declared_devices_are_hosts_with_their_status(
    sentinel: Simulator, inventory: Inventories, declared: list[dict[str, Any]]
) -> None:
    parsed = inventory({"plugin": PLUGIN, "src": "fleet.csv", "hostnames": ["sentinel_nickname"], "undeclared": False})
    assert without_list_calls(sentinel.calls()) == [CALL]
    assert parsed.of("sentinel_status") == {
        "Bus_1": "active",
        "Bus_2": "pending",
        "Bus_3": "failed",
        "Bus_4": "missing",
        "Depot_Söhne": "missing",
    }
    assert parsed.of("sentinel_device") == dict(zip(parsed.hosts, sorted(declared, key=lambda item: item["nickname"])))
    assert parsed.groups["sentinel_status_missing"] == ["Bus_4", "Depot_Söhne"]
    assert "sentinel_undeclared" not in parsed.groups


def test_each_device_of_file_and_history_is_one_host(inventory: Inventories, declared: list[dict[str, Any]]) -> None:
    history = inventory({"plugin": PLUGIN})
    both = inventory({"plugin": PLUGIN, "src": "fleet.csv"})
    known = {entry["iccid"] for entry in declared}
    assert set(both.hosts) == set(history.hosts) | known
    assert both.groups["sentinel_undeclared"] == sorted(set(history.hosts) - known)
    assert {name for name, is_declared in both.of("sentinel_declared").items() if is_declared} == known


def test_a_file_alone_needs_neither_service_nor_credentials(
    sentinel: Simulator, inventory: Inventories, declared: list[dict[str, Any]]
) -> None:
    config = {"plugin": PLUGIN, "source": "declared", "src": "fleet.csv"}
    parsed = inventory(config, env={"SENTINEL_TOKEN": None, "SENTINEL_API_URL": "http://127.0.0.1:9"})
    assert set(parsed.hosts) == {entry["iccid"] for entry in declared}
    assert set(parsed.of("sentinel_status").values()) == {None}
    assert sentinel.calls() == []


def test_missing_hosts_are_active_after_a_play_activates_them(
    sentinel: Simulator, inventory: Inventories, declared: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = inventory.write({"plugin": PLUGIN, "src": "fleet.csv", "undeclared": False})
    play = {
        "name": "Activate",
        "hosts": "sentinel_status_missing",
        "gather_facts": False,
        "connection": "local",
        "tasks": [
            {
                "name": "Activate missing devices",
                "kajeet.sentinel.sentinel_activation": {
                    "devices": "{{ ansible_play_hosts | map('extract', hostvars, 'sentinel_device') }}",
                    "poll_interval": 0.05,
                },
                "run_once": True,
            }
        ],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    python = {"ANSIBLE_PYTHON_INTERPRETER": "{{ ansible_playbook_python }}"}
    done = inventory.run("ansible-playbook", "-i", str(path), "play.yml", env=python)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sentinel.submitted() == {declared[3]["iccid"]: 1, declared[4]["iccid"]: 1}
    now = inventory({"plugin": PLUGIN, "src": "fleet.csv", "undeclared": False})
    assert now.groups["sentinel_status_active"] == sorted(declared[number]["iccid"] for number in (0, 3, 4))
    assert "sentinel_status_missing" not in now.groups


def test_the_graph_shows_hosts_in_groups(inventory: Inventories, declared: list[dict[str, Any]]) -> None:
    config = {"plugin": PLUGIN, "src": "fleet.csv", "undeclared": False, "hostnames": ["sentinel_nickname"]}
    done = inventory.run("ansible-inventory", "-i", str(inventory.write(config)), "--graph", "sentinel_status_missing")
    assert done.stdout.split() == ["@sentinel_status_missing:", "|--Bus_4", "|--Depot_Söhne"], done.stderr
    assert len(declared) == 5


# -- The device list ---------------------------------------------------------------------------------------------------


def change(sentinel: Simulator, device: str, **fields: Any) -> None:
    """Change a listed device, as somebody does in the portal."""
    sentinel.control("PUT", "listing", {"device": device, "set": fields})


def test_a_device_that_was_suspended_later_is_not_active(sentinel: Simulator, inventory: Inventories) -> None:
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED", columns={"LABELS": "bus,spare", "MONTHLY_LIMIT": "2,048"})
    config = {
        "plugin": PLUGIN,
        "keyed_groups": [{"key": "sentinel_labels", "prefix": "label"}],
        "compose": {"limit": "(sentinel_monthly_limit or 0) * 2"},
    }
    parsed = inventory(config)
    history, listing = sentinel.calls()
    assert history == CALL
    assert listing.startswith(LIST_CALL)
    seen = parsed.hosts[ACTIVE["iccid"]]
    assert (seen["sentinel_status"], seen["sentinel_line_status"]) == ("suspended", "COMPLETED")
    assert (seen["sentinel_device_status"], seen["sentinel_device_state"]) == ("SUSPENDED", "suspended")
    assert (seen["sentinel_network"], seen["sentinel_listed"], seen["sentinel_online"]) == ("Verizon", True, None)
    assert (seen["sentinel_monthly_limit"], seen["limit"]) == (2048, 4096)
    assert isinstance(seen["sentinel_last_30_days_used"], int)
    assert seen["sentinel_labels"] == ["bus", "spare"]
    assert seen["sentinel_mdn"].count("-") == 2
    for group in ("sentinel_status_suspended", "sentinel_device_status_suspended", "label_bus"):
        assert ACTIVE["iccid"] in parsed.groups[group]
    assert ACTIVE["iccid"] not in parsed.groups["sentinel_status_active"]
    only = inventory({"plugin": PLUGIN, "statuses": ["suspended"], "device_statuses": ["suspended"]})
    assert ACTIVE["iccid"] in only.hosts
    assert set(only.of("sentinel_device_state").values()) == {"suspended"}


def test_the_list_shows_devices_that_were_activated_swapped_or_deactivated_in_the_portal(
    sentinel: Simulator, inventory: Inventories, tmp_path: Path
) -> None:
    sentinel.control(
        "POST",
        "listing",
        [
            {"iccid": iccid(1), "imei": imei(1)},
            {"iccid": iccid(2), "imei": imei(9)},
            {"iccid": iccid(3), "imei": imei(3), "status": "deactivated", "history": True},
        ],
    )
    (tmp_path / "fleet.csv").write_text(csv_of(fleet([1, 2, 3, 4])), encoding="utf-8")
    config = {"plugin": PLUGIN, "src": "fleet.csv", "undeclared": False}
    parsed = inventory(config)
    assert [parsed.of("sentinel_status")[iccid(number)] for number in (1, 2, 3, 4)] == [
        "active",
        "conflict",
        "deactivated",
        "missing",
    ]
    assert f"with imei {imei(9)} in the account" in parsed.hosts[iccid(2)]["sentinel_reason"]
    without = inventory({**config, "listing": "none"})
    assert [without.of("sentinel_status")[iccid(number)] for number in (1, 2, 3, 4)] == [
        "missing",
        "missing",
        "active",
        "missing",
    ]
    assert set(without.of("sentinel_listed").values()) == {None}
    before = len(sentinel.calls())
    alone = inventory({"plugin": PLUGIN, "src": "fleet.csv", "source": "declared", "listing": "required"})
    assert alone.of("sentinel_status")[iccid(3)] == "deactivated"
    assert [call.startswith(LIST_CALL) for call in sentinel.calls()[before:]] == [True]


def test_every_listed_device_is_a_host(sentinel: Simulator, inventory: Inventories) -> None:
    # A device with two entries, and an unknown status word
    sentinel.control(
        "POST",
        "listing",
        [
            {"iccid": iccid(1), "imei": imei(1), "status": "deactivated"},
            {"iccid": iccid(1), "imei": imei(1), "replaces": False},
            {"iccid": iccid(2), "imei": imei(2), "status": "Port pending"},
        ],
    )
    config = {"plugin": PLUGIN, "source": "listing"}
    parsed = inventory(config)
    assert [call.startswith(LIST_CALL) for call in sentinel.calls()] == [True]
    listed = {device["iccid"] for device in sentinel.control("GET", "listing")["devices"] if device["listed"]}
    assert listed - {None} <= set(parsed.hosts)
    assert parsed.hosts[iccid(1)]["sentinel_status"] == "active"
    odd = parsed.hosts[iccid(2)]
    assert (odd["sentinel_status"], odd["sentinel_device_status"]) == (None, "Port pending")
    assert parsed.groups["sentinel_device_status_port_pending"] == [iccid(2)]
    assert "unknown device status: 'Port pending'" in " ".join(parsed.errors.split())
    words = {"suspended": ["port pending"]}
    assert inventory({**config, "status_words": words}).hosts[iccid(2)]["sentinel_status"] == "suspended"


def test_the_online_state_is_read_only_on_request(sentinel: Simulator, inventory: Inventories) -> None:
    change(sentinel, ACTIVE["iccid"], online=True)
    parsed = inventory({"plugin": PLUGIN, "source": "listing", "online": True})
    assert parsed.hosts[ACTIVE["iccid"]]["sentinel_online"] is True
    assert set(parsed.of("sentinel_online").values()) == {True, False}
    csv, *pages = sentinel.calls()
    assert csv.startswith(LIST_CALL)
    assert pages
    assert all(call.startswith(f"GET {LIST_PATH}?offset=") for call in pages)


def test_the_pages_of_the_list_are_read_if_its_export_is_refused(sentinel: Simulator, inventory: Inventories) -> None:
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    sentinel.faults({"kind": "status", "status": 400, "path": "devices", "query": "export=CSV", "count": 5})
    parsed = inventory({"plugin": PLUGIN})
    seen = parsed.hosts[ACTIVE["iccid"]]
    assert (seen["sentinel_status"], seen["sentinel_online"]) == ("suspended", False)
    assert "The list was read from its pages instead" in " ".join(parsed.errors.split())


def test_an_unreadable_list_is_a_warning_or_an_error_if_it_is_required(
    sentinel: Simulator, inventory: Inventories
) -> None:
    sentinel.faults({"kind": "status", "status": 403, "path": "devices", "body": {"message": "no scope"}, "count": 50})
    parsed = inventory({"plugin": PLUGIN})
    assert " ".join(parsed.errors.split()).count("device list: cannot be read. The history alone decides") == 1
    assert parsed.hosts[ACTIVE["iccid"]]["sentinel_status"] == "active"
    for config in ({"listing": "required"}, {"source": "listing"}):
        assert "no scope" in inventory({"plugin": PLUGIN, **config}, expect_rc=1).errors


def test_the_device_list_is_cached_like_the_history(
    sentinel: Simulator, inventory: Inventories, tmp_path: Path
) -> None:
    config = {
        "plugin": PLUGIN,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    first = inventory(config)
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    assert inventory(config).hosts == first.hosts
    assert len(sentinel.calls()) == 2
    now = inventory({**config, "online": True})
    assert now.hosts[ACTIVE["iccid"]]["sentinel_status"] == "suspended"
    assert isinstance(now.hosts[ACTIVE["iccid"]]["sentinel_online"], bool)
    kept = [path.read_text(encoding="utf-8") for path in (tmp_path / "cache").iterdir()]
    assert kept
    assert not any(TOKEN in text for text in kept)


# -- Values are data ---------------------------------------------------------------------------------------------------


def test_values_that_look_like_templates_are_never_evaluated(
    sentinel: Simulator, inventory: Inventories, tmp_path: Path
) -> None:
    """Values of file and history, in hostnames, compose, groups and keyed groups, and in plays."""
    marker = tmp_path / "evaluated"
    evil = [f"{number} {{{{ lookup('pipe', 'touch {marker}') }}}}" for number in (1, 2)]
    line = {"imei": imei(71), "iccid": iccid(71), "carrier": "AT&T", "status": "active", "nickname": evil[0]}
    sentinel.history({**line, "device_group": evil[0]})
    (tmp_path / "fleet.json").write_text(json.dumps([device(72, nickname=evil[1], device_group=evil[1])]), "utf-8")
    config = {
        "plugin": PLUGIN,
        "src": "fleet.json",
        "strict": True,
        "hostnames": ["{{ sentinel_nickname }}", "sentinel_imei"],
        "compose": {"again": "sentinel_nickname", "device": "sentinel_device"},
        "groups": {"evil": "'touch' in (sentinel_nickname or '')"},
        "keyed_groups": [{"key": "sentinel_nickname or 'none'", "prefix": "nick"}],
    }
    parsed = inventory(config)
    named = {name: variables["sentinel_nickname"] for name, variables in parsed.hosts.items() if "touch" in name}
    assert sorted(named.values()) == evil
    assert sorted(parsed.hosts[name]["again"] for name in named) == evil
    assert parsed.groups["evil"] == sorted(named)
    assert len([name for name in parsed.groups if "touch" in name]) == 4
    message = "msg={{ sentinel_nickname }}|{{ again }}|{{ sentinel_device_group }}|{{ hostvars[inventory_hostname] }}"
    arguments = ("-i", str(tmp_path / "fleet.sentinel.yml"), "evil", "-c", "local", "-m", "ansible.builtin.debug")
    done = inventory.run("ansible", *arguments, "-a", message)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in evil)
    assert not marker.exists()
    # A controller stores the inventory and returns it as the output of a script, where values stay data as well.
    script = tmp_path / "stored.sh"
    (tmp_path / "stored.json").write_text(parsed.raw, encoding="utf-8")
    script.write_text('#!/bin/sh\ncat "$(dirname "$0")/stored.json"\n', encoding="utf-8")
    script.chmod(0o755)
    done = inventory.run("ansible", "-i", str(script), *arguments[2:], "-a", message)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in evil)
    assert not marker.exists()


def test_similar_device_groups_get_separate_groups_with_a_warning(inventory: Inventories, tmp_path: Path) -> None:
    devices = [device(number, device_group=group) for number, group in enumerate(["Bus 1", "Bus-1"], 1)]
    (tmp_path / "fleet.csv").write_text(csv_of(devices), encoding="utf-8")
    config = {"plugin": PLUGIN, "src": "fleet.csv", "source": "declared"}
    parsed = inventory(config)
    own = {name: members for name, members in parsed.groups.items() if "device_group" in name}
    assert sorted(own.values()) == sorted([entry["iccid"]] for entry in devices)
    assert "sentinel_device_group_bus_1" not in own
    assert all(name in " ".join(parsed.errors.split()) for name in own), "the warning names both groups"


# -- Options -----------------------------------------------------------------------------------------------------------


def test_options_are_templated_and_used_for_a_login(sentinel: Simulator, inventory: Inventories) -> None:
    config = {
        "plugin": PLUGIN,
        "api_username": "{{ user }}",
        "api_password": "{{ lookup('ansible.builtin.env', 'THE_PASSWORD') }}",
        "statuses": ["{{ wanted }}"],
    }
    # The last variable is for plays, and cannot be templated here.
    known = {"user": USERNAME, "wanted": "pending", "sentinel_greeting": "{{ inventory_hostname }}"}
    arguments = ("-e", json.dumps(known))
    parsed = inventory(config, *arguments, env={"SENTINEL_TOKEN": None, "THE_PASSWORD": PASSWORD})
    assert set(parsed.of("sentinel_status").values()) == {"pending"}
    assert sentinel.logins() == 1


def test_a_vaulted_token_is_used(sentinel: Simulator, inventory: Inventories, tmp_path: Path) -> None:
    secret = tmp_path / "vault.secret"
    secret.write_text("for-tests-only\n", encoding="utf-8")
    vault = ("--vault-password-file", str(secret))
    made = inventory.run("ansible-vault", "encrypt_string", *vault, "--name", "api_token", TOKEN)
    assert made.returncode == 0, made.stderr
    parsed = inventory(f"plugin: {PLUGIN}\n{made.stdout}", *vault, env={"SENTINEL_TOKEN": None})
    assert ACTIVE["iccid"] in parsed.hosts
    assert without_list_calls(sentinel.calls()) == [CALL]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"statuses": ["failed"], "carriers": ["verizon"]}, ("sentinel_status", {"failed"})),
        ({"carriers": ["at-t"]}, ("sentinel_carrier", {"AT&T"})),
        ({"device_groups": ["Transportation"]}, ("sentinel_device_group", {"Transportation"})),
        ({"filter_groups": ["Staff"]}, ("sentinel_filter_group", {"Staff"})),
    ],
)
def test_filters_select_devices(inventory: Inventories, filters: dict[str, Any], wanted: tuple[str, set[str]]) -> None:
    parsed = inventory({"plugin": PLUGIN, **filters})
    assert set(parsed.of(wanted[0]).values()) == wanted[1]


def test_the_cache_replaces_requests_until_it_is_flushed(
    sentinel: Simulator, inventory: Inventories, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    config = {
        "plugin": PLUGIN,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(folder),
    }
    first = inventory(config)
    assert inventory(config).hosts == first.hosts
    assert without_list_calls(sentinel.calls()) == [CALL]
    kept = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert len(kept) == 1
    assert TOKEN not in kept[0]
    sentinel.history({"imei": imei(81), "iccid": iccid(81), "carrier": "AT&T", "status": "active"})
    assert iccid(81) not in inventory(config).hosts
    assert iccid(81) in inventory(config, "--flush-cache").hosts
    assert iccid(81) in inventory(config).hosts
    assert without_list_calls(sentinel.calls()) == [CALL, CALL]
    inventory({**config, "cache": False})
    assert without_list_calls(sentinel.calls()) == [CALL] * 3


def test_the_cache_of_one_token_is_not_used_for_another(inventory: Inventories, tmp_path: Path) -> None:
    config = {
        "plugin": PLUGIN,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    assert ACTIVE["iccid"] in inventory(config).hosts
    failed = inventory(config, env={"SENTINEL_TOKEN": SECRET}, expect_rc=1)
    assert "api_token is not accepted" in failed.errors
    assert ACTIVE["iccid"] not in failed.raw


# -- Errors and secrets ------------------------------------------------------------------------------------------------

SECRET = "very-secret-0815"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"api_token": SECRET}, "api_token is not accepted (HTTP 401): it is wrong or has expired"),
        ({}, "No credentials are set. Set api_token (or the environment variable SENTINEL_TOKEN)"),
        ({"api_username": "me", "api_password": SECRET}, "api_username and api_password are not accepted"),
        ({"api_token": SECRET, "api_url": "{{ nowhere }}"}, "api_url: 'nowhere' is undefined"),
        ({"api_token": TOKEN, "api_password": SECRET, "compose": {"a": "nowhere"}, "strict": True}, "Could not set a"),
        ({"api_token": TOKEN, "api_password": SECRET, "hostnames": ["{{ nowhere }}"]}, "hostnames: {{ nowhere }}:"),
        ({"api_token": TOKEN, "api_password": SECRET, "sorce": "history"}, "did you mean source?"),
        ({"api_token": TOKEN, "api_password": SECRET, "concurrency": "many"}, "concurrency"),
    ],
)
def test_errors_say_what_is_wrong_without_secrets(inventory: Inventories, more: dict[str, Any], message: str) -> None:
    config = {"plugin": PLUGIN, **more}
    failed = inventory(
        config, "-vvvv", env={"SENTINEL_TOKEN": None, "ANSIBLE_DISPLAY_TRACEBACK": "always"}, expect_rc=1
    )
    assert message in failed.errors
    assert SECRET not in failed.raw + failed.errors
    assert TOKEN not in failed.raw + failed.errors


def test_verbose_output_shows_no_secret(inventory: Inventories) -> None:
    config = {"plugin": PLUGIN, "api_token": TOKEN, "api_username": USERNAME, "api_password": PASSWORD}
    path = inventory.write(config)
    done = inventory.run("ansible-inventory", "-i", str(path), "--list", "--export", "-vvvv")
    assert done.returncode == 0, done.stderr
    assert ACTIVE["iccid"] in done.stdout
    assert TOKEN not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_a_name_of_several_devices_is_reported_with_all_places(
    inventory: Inventories, declared: list[dict[str, Any]], tmp_path: Path
) -> None:
    for entry in declared:
        entry["nickname"] = "Bus"
    (tmp_path / "fleet.csv").write_text(csv_of(declared), encoding="utf-8")
    config = {"plugin": PLUGIN, "src": "fleet.csv", "hostnames": ["sentinel_nickname"], "source": "declared"}
    failed = inventory(config, expect_rc=1)
    places = "; ".join(f"fleet.csv, line {number} (iccid {entry['iccid']})" for number, entry in enumerate(declared, 2))
    assert f"Bus: {places}" in failed.errors


def test_all_errors_of_the_file_are_reported_before_any_request(
    sentinel: Simulator, inventory: Inventories, tmp_path: Path
) -> None:
    (tmp_path / "fleet.csv").write_text(csv_of([device(1, imei="1"), device(2, iccid=None)]), encoding="utf-8")
    failed = inventory({"plugin": PLUGIN, "src": "fleet.csv"}, expect_rc=1)
    assert "fleet.csv, line 2: imei 1: has 1 digit" in failed.errors
    assert "fleet.csv, line 3: iccid is required" in failed.errors
    assert sentinel.calls() == []


def test_only_files_with_the_plugins_ending_are_read(inventory: Inventories) -> None:
    path = inventory.write({"plugin": PLUGIN}, "fleet.yml")
    done = inventory.run("ansible-inventory", "-i", str(path), "--list")
    assert done.returncode != 0
    assert "could not be verified by inventory plugin" in done.stderr
