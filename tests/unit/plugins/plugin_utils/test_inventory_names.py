# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts and groups from any text."""

from __future__ import annotations

import re

import pytest
from ansible.inventory.group import to_safe_group_name
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.entries import VARIABLES, Entry
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._inventory.names import (
    group_name,
    host_groups,
    host_name,
    host_names,
)


def entry(key, where=None, **values):
    """A device."""
    prefixed = {f"sentinel_{name}": value for name, value in values.items()}
    return Entry(where or f"line {key}", key, {**dict.fromkeys(VARIABLES), **prefixed})


def render(template, variables):
    """A minimal Jinja for these tests, with `{{ name }}` only."""
    return re.sub(r"{{ (\w+) }}", lambda match: str(variables[match[1]]), template)


def names(entries, wanted=(), reserved=()):
    """The names of the devices, with their keys."""
    return {name: item.key for name, item in host_names(entries, wanted, render, reserved).items()}


def test_by_default_hosts_are_named_after_their_identifier():
    assert names([entry("890"), entry("891", nickname="Bus 1")]) == {"890": "890", "891": "891"}


def test_the_first_value_that_is_not_empty_is_the_name():
    entries = [entry("1", nickname="Bus 1", mdn="201"), entry("2", nickname=" - ", mdn="202"), entry("3")]
    wanted = ["sentinel_nickname", "sentinel_mdn"]
    assert names(entries, wanted) == {"Bus_1": "1", "202": "2", "3": "3"}


def test_a_template_is_rendered_for_each_device():
    assert names([entry("1", mdn="201"), entry("2", mdn="202")], ["bus-{{ sentinel_mdn }}"]) == {
        "bus-201": "1",
        "bus-202": "2",
    }


def test_an_empty_template_is_skipped():
    found = host_names([entry("1"), entry("2")], ["{{ x }}"], lambda template, variables: None, ())
    assert list(found) == ["1", "2"]


def test_a_template_can_render_a_number():
    assert list(host_names([entry("1")], ["{{ x }}"], lambda template, variables: 7, ())) == ["7"]


def test_an_unknown_variable_is_refused():
    with pytest.raises(InputError) as caught:
        names([], ["nickname", "sentinel_imei", "x"])
    assert len(caught.value.problems) == 2
    assert caught.value.problems[0].startswith(
        "hostnames: 'nickname' is neither a template nor a variable; did you mean sentinel_nickname?"
    )


def test_a_duplicate_name_is_an_error_with_both_places():
    entries = [
        entry("1", "fleet.csv, line 2 (iccid 1)", nickname="Bus 1"),
        entry("2", "fleet.csv, line 3 (iccid 2)", nickname="Bus_1"),
        entry("3", "iccid 3 of the transaction T", nickname="Bus 1 "),
        entry("4", nickname="Bus 4"),
    ]
    with pytest.raises(InputError) as caught:
        names(entries, ["sentinel_nickname"])
    assert str(caught.value).endswith(
        "or remove duplicate devices:\n"
        "Bus_1: fleet.csv, line 2 (iccid 1); fleet.csv, line 3 (iccid 2); iccid 3 of the transaction T"
    )


def test_a_message_with_many_duplicates_stays_short():
    entries = [entry(str(number), nickname=f"Bus {number % 50}") for number in range(5000)]
    with pytest.raises(InputError) as caught:
        names(entries, ["sentinel_nickname"])
    assert len(str(caught.value)) < 5000
    assert "and 90 more" in str(caught.value)
    assert str(caught.value).endswith("and 40 more")


def test_reserved_names_get_an_underscore():
    entries = [entry("1", nickname="localhost"), entry("2", nickname="all")]
    assert names(entries, ["sentinel_nickname"], {"localhost", "all"}) == {"localhost_": "1", "all_": "2"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Bus 01", "Bus_01"),
        ("  Bus   01 ", "Bus_01"),
        ("10.0.0.7", "10.0.0.7"),
        ("École-3.lab", "École-3.lab"),
        ("{{ lookup('pipe', 'id') }}", "lookup_pipe_id"),
        ("../../etc/passwd", "etc_passwd"),
        ("!all:&web[1:3],~x", "all_web_1_3_x"),
        ("-v", "v"),
        ("a\nb\0c", "a_b_c"),
        ("***", ""),
        ("", ""),
        ("ä" * 100, "ä" * 60),
    ],
)
def test_a_host_name_has_only_safe_characters(written, name):
    assert host_name(written) == name


@given(st.text())
def test_any_text_makes_a_name_that_is_safe_everywhere(text):
    name = host_name(text)
    assert re.fullmatch(r"[\w.-]*", name)
    assert not name.startswith(("-", "."))
    assert len(name.encode("utf-8")) < 255
    assert host_name(name) == name


@pytest.mark.parametrize(
    ("prefix", "field", "value", "name"),
    [
        ("sentinel_", "carrier", "AT&T", "sentinel_carrier_at_t"),
        ("sentinel_", "carrier", "VERIZON", "sentinel_carrier_verizon"),
        ("", "status", "active", "status_active"),
        ("my fleet-", "device_group", "Student K8", "my_fleet_device_group_student_k8"),
        ("9", "device_group", "École", "_device_group_école"),
        ("s_", "device_group", "{{ lookup('pipe','id') }}", "s_device_group_lookup_pipe_id"),
        ("s_", "device_group", "—", "s_device_group_other"),
    ],
)
def test_a_group_is_named_after_field_and_value(prefix, field, value, name):
    assert group_name(prefix, field, value) == name


@given(prefix=st.text(max_size=5), value=st.text(max_size=20))
def test_ansible_accepts_the_name_of_any_group(prefix, value):
    name = group_name(prefix, "carrier", value)
    assert to_safe_group_name(name, force=True, silent=True) == name


def test_a_host_is_in_one_group_per_known_value():
    full = {"status": "active", "carrier": "AT&T", "device_group": "Lab", "filter_group": "Staff", "declared": False}
    found = host_groups([entry("1", **full), entry("2", declared=True)], "s_")
    assert found.names == [
        ["s_status_active", "s_carrier_at_t", "s_device_group_lab", "s_filter_group_staff", "s_undeclared"],
        [],
    ]
    assert found.warnings == []


@pytest.mark.parametrize("field", ["device_group", "filter_group"])
def test_values_with_the_same_group_name_are_split(field):
    values = ["Bus 1", "Bus-1", "Bus 2", "BUS 1", "—", "Other"]
    found = host_groups([entry(str(number), **{field: value}) for number, value in enumerate(values)], "s_")
    blank, dash, two, upper, nothing, other = (listed[0] for listed in found.names)
    assert two == f"s_{field}_bus_2"
    assert len({blank, dash, nothing, other}) == 4
    assert upper == blank, "case alone does not split a group"
    assert all(re.fullmatch(rf"s_{field}_bus_1_[0-9a-f]{{6}}", name) for name in (blank, dash))
    assert all(re.fullmatch(rf"s_{field}_other_[0-9a-f]{{6}}", name) for name in (nothing, other))
    assert len(found.warnings) == 2
    assert found.warnings[0] == (
        f"default_groups: several values of {field} have the group name s_{field}_bus_1; "
        f"using {upper} ('BUS 1'); {blank} ('Bus 1'); {dash} ('Bus-1')"
    )


def test_the_name_of_a_split_group_depends_only_on_its_value():
    both = host_groups([entry("1", device_group="Bus 1"), entry("2", device_group="Bus-1")], "s_").names
    more = host_groups([entry(str(at), device_group=f"bus{sign}1") for at, sign in enumerate("./-")], "s_").names
    assert both[1] == more[2]
    # A filter group with the same name is not compared.
    other = entry("3", filter_group="Bus 1")
    assert host_groups([entry("1", device_group="Bus-1"), other], "s_").warnings == []


def test_carriers_are_compared_without_punctuation():
    found = host_groups([entry("1", carrier="T-Mobile"), entry("2", carrier="T MOBILE")], "s_")
    assert (found.names, found.warnings) == ([["s_carrier_t_mobile"]] * 2, [])


def test_spellings_that_differ_by_case_are_one_group_with_a_warning():
    entries = [entry("1", device_group="Bus"), entry("2", device_group="bus", declared=True)]
    found = host_groups(entries, "s_")
    assert found.names == [["s_device_group_bus"]] * 2
    assert found.warnings == [
        "default_groups: s_device_group_bus is the group of several spellings of one device_group: 'Bus'; 'bus'"
    ]
    # The user cannot change a spelling of the service.
    assert host_groups([entries[0], entry("2", device_group="bus", declared=False)], "s_").warnings == []


def test_a_warning_about_groups_stays_short():
    entries = [entry(str(number), device_group="—" * number) for number in range(1, 500)]
    (warning,) = host_groups(entries, "s_").warnings
    assert warning.endswith("; and 489 more")


@given(st.lists(st.text(max_size=6), unique_by=str.lower, max_size=8))
def test_no_two_device_groups_ever_share_a_group(values):
    found = host_groups([entry(str(number), device_group=value) for number, value in enumerate(values)], "s_")
    assert len({name for listed in found.names for name in listed}) == len(values)
    for listed in found.names:
        assert [to_safe_group_name(name, force=True, silent=True) for name in listed] == listed


def test_hosts_are_grouped_by_the_meaning_of_their_status_or_by_the_word():
    items = [
        entry("1", device_status="Summer Suspended", device_state="suspended"),
        entry("2", device_status="Port pending: {{ x }}"),
        entry("3"),
    ]
    assert host_groups(items, "sentinel_").names == [
        ["sentinel_device_status_suspended"],
        ["sentinel_device_status_port_pending_x"],
        [],
    ]
