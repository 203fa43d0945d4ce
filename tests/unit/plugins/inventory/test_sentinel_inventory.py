# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, as Ansible loads it: hosts, groups, names, options, cache and templates."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import is_trusted_as_template, trust_as_template

from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, serving

EVIL = "{{ lookup('pipe', 'false') }}"
HEADER = "Transaction ID,IMEI,ICCID,Line Status,Carrier,Device Group,Filter Group,MDN,IP,Nickname\n"


def row(number, status="Completed", group="Lab", nickname="N/A", transaction="T1"):
    """A line of the CSV of the history."""
    cells = (transaction, imei(number), iccid(number), status, "AT&T", group, "Staff", f"201{number:07}", "10.0.0.1")
    return ",".join(cells) + f',"{nickname}"\n'


CSV = HEADER + row(0, nickname="Bus 0") + row(1, "Failed", "Dépôt & Co", EVIL) + row(2, "Queued", "lab")


LISTING = (
    "MDN,IMEI,UICC,STATUS,NETWORK,LAST_30_DAYS_USED,LABELS\n"
    f'521-267-1500,{imei(0)},{iccid(0)},Paused,AT&T,12.5,"lab,{{{{ x }}}}"\n'
    f"521-267-1505,{imei(5)},{iccid(5)},Port pending,Verizon,0,\n"
)


class World:
    """A directory with an inventory file, and a service that answers with a history."""

    def __init__(self, folder):
        self.folder = folder
        self.answer = Answer(CSV.encode())
        self.listing = Answer(LISTING.encode())
        self.asked = 0
        self.extra_vars = {}

    def write(self, text, name="fleet.sentinel.yml"):
        """Writes a file and returns its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def parse(self, text, token="api_token: t", cache=True, plugin=None):
        """Returns the inventory for a configuration."""
        inventory = InventoryData()
        plugin = plugin or inventory_loader.get("kajeet.sentinel.sentinel")

        def answer(request):
            self.asked += 1
            return self.listing if "/devices/" in request.path else self.answer

        with serving(answer) as server:
            # The device list is read only in tests that enable it.
            listing = "" if "listing:" in text else "listing: none"
            config = f"plugin: kajeet.sentinel.sentinel\napi_url: {server.url}\nrequest_retries: 0\n"
            config += f"{listing}\n{token}\n{text}\n"
            plugin.parse(inventory, DataLoader(), self.write(config), cache)
        if hasattr(plugin, "_cache"):
            plugin.update_cache_if_changed()
        return inventory

    def refusal(self, text, **more):
        """Returns the error for a configuration, before any host was added."""
        with pytest.raises(AnsibleError) as caught:
            self.parse(text, **more)
        return str(caught.value)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A world of its own, in which Ansible was given `extra_vars`."""
    made = World(tmp_path)
    monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda loader: made.extra_vars)
    return made


def groups(inventory):
    """The names of the hosts of each group."""
    return {
        name: [host.name for host in group.hosts]
        for name, group in inventory.groups.items()
        if name not in ("all", "ungrouped")
    }


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("fleet.sentinel.yml", True),
        ("fleet.sentinel.yaml", True),
        ("sentinel.yml", False),
        ("fleet.sentinel.json", False),
        ("fleet.yml", False),
        ("fleet.sentinel.yml.bak", False),
    ],
)
def test_a_file_is_accepted_by_its_ending(world, name, taken):
    path = world.write("", name)
    assert bool(inventory_loader.get("kajeet.sentinel.sentinel").verify_file(path)) is taken


def test_a_missing_file_is_not_accepted(world):
    assert not inventory_loader.get("kajeet.sentinel.sentinel").verify_file(str(world.folder / "no.sentinel.yml"))


def test_each_device_is_a_host_in_the_groups_of_its_values(world):
    inventory = world.parse("")
    assert list(inventory.hosts) == [iccid(0), iccid(1), iccid(2)]
    assert groups(inventory) == {
        "sentinel_carrier_at_t": [iccid(0), iccid(1), iccid(2)],
        "sentinel_device_group_dépôt_co": [iccid(1)],
        "sentinel_device_group_lab": [iccid(0), iccid(2)],
        "sentinel_filter_group_staff": [iccid(0), iccid(1), iccid(2)],
        "sentinel_status_active": [iccid(0)],
        "sentinel_status_failed": [iccid(1)],
        "sentinel_status_pending": [iccid(2)],
    }
    variables = inventory.hosts[iccid(0)].get_vars()
    assert (variables["sentinel_mdn"], variables["sentinel_ip"]) == ("2010000000", "10.0.0.1")
    assert variables["group_names"] == [
        "sentinel_carrier_at_t",
        "sentinel_device_group_lab",
        "sentinel_filter_group_staff",
        "sentinel_status_active",
    ]
    assert world.asked == 1


def warnings_of(world, monkeypatch, text):
    """Returns the warnings of the plugin, and the groups."""
    warnings = []
    plugin = inventory_loader.get("kajeet.sentinel.sentinel")
    monkeypatch.setattr(
        type(plugin.display), "warning", lambda self, message, *_more, **_others: warnings.append(message)
    )
    return warnings, groups(world.parse(text, plugin=plugin))


def test_device_groups_with_the_same_group_name_are_split(world, monkeypatch):
    world.answer = Answer((HEADER + row(0, group="Bus 1") + row(1, group="Bus-1")).encode())
    warnings, found = warnings_of(world, monkeypatch, "hostnames: [sentinel_device_group]")
    assert "sentinel_device_group_bus_1" not in found
    assert sorted(hosts for name, hosts in found.items() if "device_group" in name) == [["Bus-1"], ["Bus_1"]]
    assert any("'Bus 1'" in message and "'Bus-1'" in message for message in warnings)
    warnings, found = warnings_of(world, monkeypatch, "default_groups: false\nhostnames: [sentinel_device_group]")
    assert (warnings, found) == ([], {})


def test_groups_can_be_renamed_or_disabled(world):
    assert "my_fleet_status_active" in groups(world.parse("group_prefix: my fleet-"))
    assert groups(world.parse("default_groups: false")) == {}


def test_a_file_and_the_history_are_merged(world):
    world.write(f"iccid,imei,carrier\n{iccid(2)},{imei(2)},AT&T\n{iccid(3)},{imei(3)},AT&T\n", "fleet.csv")
    inventory = world.parse("src: fleet.csv\nhostnames: sentinel_imei")
    found = {name: host.vars["sentinel_status"] for name, host in inventory.hosts.items()}
    assert found == {imei(2): "pending", imei(3): "missing", imei(0): "active", imei(1): "failed"}
    assert groups(inventory)["sentinel_undeclared"] == [imei(0), imei(1)]
    assert inventory.hosts[imei(3)].vars["sentinel_device"]["iccid"] == iccid(3)


def test_only_a_file_needs_no_credentials(world):
    world.write(f"iccid,imei,carrier\n{iccid(2)},{imei(2)},AT&T\n", "fleet.csv")
    assert list(world.parse("src: fleet.csv\nsource: declared", token="").hosts) == [iccid(2)]
    assert world.asked == 0


# -- Values are data ---------------------------------------------------------------------------------------------------


def test_what_looks_like_a_template_stays_text_everywhere(world):
    inventory = world.parse(
        "strict: true\n"
        "hostnames: ['{{ sentinel_nickname }}']\n"
        "compose: {again: sentinel_nickname, joined: \"'<' ~ sentinel_nickname ~ '>'\"}\n"
        "groups: {evil: \"'lookup' in (sentinel_nickname or '')\"}\n"
        "keyed_groups: [{key: sentinel_nickname or sentinel_mdn, prefix: nick}]\n"
    )
    host = inventory.hosts["lookup_pipe_false"]
    assert host.vars["sentinel_nickname"] == host.vars["again"] == EVIL
    assert host.vars["joined"] == f"<{EVIL}>"
    assert groups(inventory)["evil"] == ["lookup_pipe_false"]
    assert [name for name in inventory.groups if "lookup" in name] == ["nick____lookup__pipe____false_____"]


def test_no_value_is_trusted_as_a_template(world):
    world.write(f'iccid,imei,carrier,nickname\n{iccid(9)},{imei(9)},AT&T,"{EVIL}"\n', "fleet.csv")
    inventory = world.parse("src: fleet.csv\ncompose: {again: sentinel_nickname, all: sentinel_device}")
    for host in inventory.hosts.values():
        for name, value in host.get_vars().items():
            texts = value.values() if isinstance(value, dict) else [value]
            assert not any(is_trusted_as_template(text) for text in texts), name


def test_a_host_cannot_have_the_name_of_the_controller_or_of_a_group(world):
    lines = [row(0, nickname="localhost"), row(1, nickname="All"), row(2, nickname="mine"), row(3, nickname="all")]
    lines.append(row(4, nickname="sentinel_status_active"))
    world.answer = Answer((HEADER + "".join(lines)).encode())
    inventory = world.parse("hostnames: [sentinel_nickname]\ngroups: {mine: sentinel_nickname == 'mine'}")
    assert list(inventory.hosts) == ["localhost_", "All", "mine_", "all_", "sentinel_status_active_"]
    assert inventory.localhost is None
    assert groups(inventory)["mine"] == ["mine_"]


# -- Names and constructed groups --------------------------------------------------------------------------------------


def test_hosts_are_named_by_variables_and_templates(world):
    inventory = world.parse("hostnames: ['{{ sentinel_nickname | lower }}', sentinel_mdn]")
    assert list(inventory.hosts) == ["bus_0", "lookup_pipe_false", "2010000002"]


def test_a_template_given_as_a_string_is_not_split_at_its_commas(world):
    inventory = world.parse("hostnames: \"{{ sentinel_nickname | default(sentinel_mdn, true) | replace(' ', '') }}\"")
    assert list(inventory.hosts)[::2] == ["Bus0", "2010000002"]


def test_extra_variables_are_available_in_names_if_enabled(world):
    world.extra_vars = {"site": "north"}
    inventory = world.parse("use_extra_vars: true\nhostnames: ['{{ site }}-{{ sentinel_mdn }}']")
    assert "north-2010000000" in inventory.hosts
    assert "'site' is undefined" in world.refusal("hostnames: ['{{ site }}-{{ sentinel_mdn }}']")


def test_two_devices_with_the_same_name_are_refused(world):
    words = world.refusal("hostnames: [sentinel_filter_group]")
    assert f"Staff: iccid {iccid(0)} of the transaction T1; iccid {iccid(1)} of the transaction T1" in words


def test_variables_and_groups_are_constructed(world):
    inventory = world.parse(
        "compose: {ansible_host: sentinel_ip}\n"
        "groups: {up: ansible_host is defined and sentinel_status == 'active'}\n"
        "keyed_groups: [{key: sentinel_line_status | lower, prefix: line}]\n"
        "default_groups: false\n"
    )
    assert inventory.hosts[iccid(0)].vars["ansible_host"] == "10.0.0.1"
    assert groups(inventory) == {
        "up": [iccid(0)],
        "line_completed": [iccid(0)],
        "line_failed": [iccid(1)],
        "line_queued": [iccid(2)],
    }


@pytest.mark.parametrize(
    "text", ["compose: {a: nowhere}", "groups: {a: nowhere}", "keyed_groups: [{key: nowhere, prefix: a}]"]
)
def test_a_failed_construction_is_an_error_with_strict(world, text):
    assert len(world.parse(text).hosts) == 3
    assert "'nowhere' is undefined" in world.refusal(f"{text}\nstrict: true")


# -- Options -----------------------------------------------------------------------------------------------------------


def test_options_can_be_templates_with_extra_variables(world):
    world.extra_vars = {"wanted": "active"}
    token = "api_token: \"{{ 'to' ~ 'ken' }}\"\nconcurrency: '{{ 2 * 2 }}'"
    inventory = world.parse("statuses: ['{{ wanted }}', failed]\nkind: \"{{ 'SIM' | lower }}\"", token)
    assert list(inventory.hosts) == [iccid(0), iccid(1)]


def test_options_come_from_extra_variables_and_from_the_environment(world, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "{{ not evaluated }}")
    assert len(world.parse("", token="").hosts) == 3
    monkeypatch.delenv("SENTINEL_TOKEN")
    assert "No credentials are set" in world.refusal("", token="")
    world.extra_vars = {"sentinel_api_token": "{{ 't' }}", "unrelated": "{{ nowhere }}"}
    assert len(world.parse("", token="").hosts) == 3


MADE_UP = CSV.replace("IMEI,ICCID,Line Status", "Zorp,Bleep,Flurb").replace("Completed", "Groovy")
NAMES = {"imei": "Zorp", "iccid": "Bleep", "status": "Flurb"}
WORDS = {"success": ["groovy"]}


def status_of_the_first(inventory):
    """Status of the device with the custom status word."""
    return inventory.hosts[iccid(0)].vars["sentinel_status"]


@pytest.mark.parametrize("dump", [dict, json.dumps])
def test_names_and_words_come_from_the_configuration(world, dump):
    world.answer = Answer(MADE_UP.encode())
    text = f"field_names: {json.dumps(dump(NAMES))}\nstatus_words: {json.dumps(dump(WORDS))}"
    assert status_of_the_first(world.parse(text)) == "active"


def test_names_and_words_come_from_the_environment(world, monkeypatch):
    world.answer = Answer(MADE_UP.encode())
    monkeypatch.setenv("SENTINEL_FIELD_NAMES", json.dumps(NAMES))
    monkeypatch.setenv("SENTINEL_STATUS_WORDS", json.dumps(WORDS))
    assert status_of_the_first(world.parse("")) == "active"


def test_names_and_words_come_from_extra_variables(world):
    world.answer = Answer(MADE_UP.encode())
    world.extra_vars = {"sentinel_field_names": NAMES, "sentinel_status_words": WORDS}
    assert status_of_the_first(world.parse("")) == "active"


def test_without_field_names_the_error_lists_the_names_of_the_answer(world):
    world.answer = Answer(MADE_UP.encode())
    words = world.refusal("", token="api_token: secret-0815")
    assert "Names in the answer: Transaction ID, Zorp, Bleep, Flurb" in words
    assert "status: NAME}" in words


def test_other_extra_variables_are_not_templated(world):
    nowhere = trust_as_template("{{ nowhere }}")
    world.extra_vars = {"sentinel_greeting": nowhere, "sentinel_device": nowhere}
    assert len(world.parse("").hosts) == 3
    world.extra_vars = {"sentinel_corp_id": nowhere}
    assert "sentinel_corp_id: 'nowhere' is undefined" in world.refusal("")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sorce: history", "unknown option 'sorce'; did you mean source?"),
        # Ansible's own messages, which differ between releases.
        ("source: both", "nvalid value 'both'"),
        ("concurrency: 1000", "concurrency: must be at most 256, not 1000"),
        ("field_names: {icid: Chip}", "field_names: unknown key 'icid'; did you mean iccid?"),
        ("status_words: {good: [x]}", "status_words: unknown key 'good'"),
        ("status_words: [x]", "status_words: must be a mapping"),
        ("src: none.csv", "none.csv is not a file; paths are relative to"),
        ("hostnames: [nickname]", "did you mean sentinel_nickname?"),
        ("hostnames: ['{{ nowhere }}']", "hostnames: {{ nowhere }}: 'nowhere' is undefined"),
        ("corp_id: '{{ nowhere }}'", "corp_id: 'nowhere' is undefined"),
    ],
)
def test_a_wrong_option_is_refused(world, text, message):
    assert message in world.refusal(text)


def test_an_expired_token_is_reported_with_what_to_do(world):
    world.answer = Answer({"message": "expired"}, 401)
    with pytest.raises(AnsibleParserError) as caught:
        world.parse("", token="api_token: very-secret-0815")
    words = str(caught.value)
    assert "api_token is not accepted (HTTP 401)" in words
    assert "Get a new token, or set api_username and api_password" in words
    assert "0815" not in words


@pytest.mark.parametrize("text", ["carriers: [ATT&T]", "device_groups: [Labs]"])
def test_a_filter_without_a_match_is_a_warning(world, monkeypatch, text):
    warnings, found = warnings_of(world, monkeypatch, text)
    assert found == {}
    assert any("no device has the" in message for message in warnings)


def test_a_warning_has_no_control_characters_of_the_service(world, monkeypatch):
    hostile = "Labs\x1b[2J\u202e"
    world.answer = Answer((HEADER + row(0, group=hostile)).encode())
    warnings, dummy = warnings_of(world, monkeypatch, "device_groups: [Labs]")
    assert "Labs\ufffd\ufffd" in "".join(warnings)
    assert all(message.replace("\n", "").isprintable() for message in warnings)


# -- The device list ---------------------------------------------------------------------------------------------------

LISTED = "corp_id: NORTHSTAR-ISD\nlisting: auto\n"


def test_the_device_list_adds_variables_to_a_host(world):
    inventory = world.parse(
        LISTED
        + "keyed_groups: [{key: sentinel_labels, prefix: label}]\n"
        + "compose: {used: sentinel_last_30_days_used * 2}\n"
        + "groups: {idle: sentinel_device_state == 'suspended'}\n"
    )
    found = groups(inventory)
    assert list(inventory.hosts) == [iccid(0), iccid(1), iccid(2)]
    assert (
        found["sentinel_status_suspended"] == found["sentinel_device_status_suspended"] == found["idle"] == [iccid(0)]
    )
    assert found["label_lab"] == [iccid(0)]
    variables = inventory.hosts[iccid(0)].get_vars()
    assert variables["used"] == 25
    assert variables["sentinel_labels"] == ["lab", "{{ x }}"]
    assert not any(map(is_trusted_as_template, variables["sentinel_labels"]))


def test_the_device_list_as_hosts_is_one_request(world, monkeypatch):
    warnings, found = warnings_of(world, monkeypatch, "source: listing\nlisting: auto\ncorp_id: NORTHSTAR-ISD")
    assert world.asked == 1
    assert {name: hosts for name, hosts in found.items() if "status" in name} == {
        "sentinel_status_suspended": [iccid(0)],
        "sentinel_device_status_suspended": [iccid(0)],
        "sentinel_device_status_port_pending": [iccid(5)],
    }
    (warning,) = warnings
    assert "unknown device status: 'Port pending'" in warning


def test_a_device_list_that_cannot_be_read_is_one_warning_or_an_error(world, monkeypatch):
    world.listing = Answer({"message": "no such scope"}, 403)
    warnings, found = warnings_of(world, monkeypatch, LISTED)
    assert found["sentinel_status_active"] == [iccid(0)]
    (warning,) = (message for message in warnings if "device list" in message)
    assert "device list: cannot be read. The history alone decides" in warning
    for text in ("listing: required", "source: listing\nlisting: auto"):
        assert "no such scope" in world.refusal(f"corp_id: NORTHSTAR-ISD\n{text}")


def test_without_an_account_the_device_list_is_not_requested(world, monkeypatch):
    warnings, _found = warnings_of(world, monkeypatch, "listing: auto")
    assert world.asked == 1
    (warning,) = (message for message in warnings if "device list" in message)
    assert "set corp_id (SENTINEL_CORP_ID" in warning


# -- The cache ---------------------------------------------------------------------------------------------------------

CACHED = "cache: true\ncache_plugin: ansible.builtin.jsonfile\ncache_connection: {}"


def same_server(world, monkeypatch):
    """Makes all runs use the same URL in the cache."""
    monkeypatch.setattr(
        "ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.sources._ACCOUNT",
        ("corp_id", "api_username"),
    )
    return CACHED.format(world.folder / "cache")


def test_a_cached_history_is_not_requested_again(world, monkeypatch):
    text = same_server(world, monkeypatch)
    first = world.parse(text)
    world.answer = Answer({"message": "not now"}, 500)
    second = world.parse(text + "\nhostnames: [sentinel_nickname]")
    assert world.asked == 1
    assert list(second.hosts) == ["Bus_0", "lookup_pipe_false", iccid(2)]
    assert second.hosts["lookup_pipe_false"].vars == first.hosts[iccid(1)].vars
    assert not is_trusted_as_template(second.hosts["lookup_pipe_false"].vars["sentinel_nickname"])


def test_history_and_device_list_are_cached_together_without_secrets(world, monkeypatch):
    text = same_server(world, monkeypatch) + "\n" + LISTED
    token = "api_username: u\napi_password: very-secret-0815\napi_token: very-secret-0816"
    first = world.parse(text, token)
    asked = world.asked
    world.listing = world.answer = Answer({"message": "not now"}, 500)
    world.write(f"iccid,imei,carrier\n{iccid(5)},{imei(5)},AT&T\n", "fleet.csv")
    second = world.parse(text + "src: fleet.csv\n", token)
    assert world.asked == asked == 2
    assert second.hosts[iccid(0)].vars == {**first.hosts[iccid(0)].vars, "sentinel_declared": False}
    # It was not declared when the cache was filled.
    assert second.hosts[iccid(5)].vars["sentinel_device_status"] == "Port pending"
    (kept,) = (path.read_text(encoding="utf-8") for path in (world.folder / "cache").iterdir())
    assert "very-secret" not in kept


def test_a_refreshed_cache_is_filled_again(world, monkeypatch):
    text = same_server(world, monkeypatch)
    world.parse(text)
    world.answer = Answer((HEADER + row(7)).encode())
    assert list(world.parse(text, cache=False).hosts) == [iccid(7)]
    assert list(world.parse(text).hosts) == [iccid(7)]
    assert world.asked == 2


def test_the_cache_of_another_service_is_ignored(world):
    text = CACHED.format(world.folder / "cache")
    world.parse(text)
    world.parse(text)
    assert world.asked == 2, "each run of this test has a port of its own"


def test_without_a_cache_every_run_sends_requests(world):
    world.parse("")
    world.parse("")
    assert world.asked == 2
