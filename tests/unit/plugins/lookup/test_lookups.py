# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookups: one connection for all terms of a call, and errors."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar, trust_as_template

from ansible_collections.kajeet.sentinel.plugins.lookup import (
    sentinel_carriers,
    sentinel_devices,
    sentinel_inventory,
    sentinel_plans,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import params
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, serving


def answer(request):
    """An account."""
    path, _mark, query = request.path.partition("?")
    if path.endswith("/token"):
        return Answer({"token": "tok", "details": {"corpId": "NORTHSTAR-ISD"}})
    if path.endswith("/eSim/carriers"):
        return Answer(["AT&T"])
    if path.endswith("/carriers"):
        return Answer(["Verizon", "T-Mobile"])
    if path.endswith("/eSimInventoryCount/NORTHSTAR-ISD"):
        return Answer({"totalAvailableESimCount": 40, "maxDefaultCount": 25})
    if path.endswith("/inventory") and query == "carrier=AT%26T":
        return Answer([{"sku": "A", "count": 2}, {"sku": "B", "count": 3}])
    if path.endswith("/devices/NORTHSTAR-ISD"):
        names = ["2015550001", "2015550002"] if "searchValue" not in query else ["2015550002"]
        return Answer("".join(["MDN,STATUS\n", *(f"{name},Paused\n" for name in names)]).encode())
    if path.endswith(("/billing-plans", "/businessInternetPlans")):
        return Answer([{"planId": path.rpartition("/")[2]}])
    return Answer({"sku": "C"}) if path.endswith("/inventory") else Answer({"message": "no such path"}, 404)


@pytest.fixture
def look():
    """Runs a lookup against an account: look(module, terms, option=…) → (result, requested paths)."""

    def run(module, terms, **options):
        lookup = module.LookupModule()
        with serving(answer) as server:
            given = {"api_url": server.url, "api_username": "u", "api_password": "secret", "esim": False, **options}
            lookup.set_options = lambda var_options=None, direct=None: None
            lookup.get_option = {**params(), **given}.get
            found = lookup.run(terms, {})
            return found, [request.path for request in server.requests]

    return run


def test_the_carriers_of_sims_and_of_esims(look):
    assert look(sentinel_carriers, [])[0] == ["Verizon", "T-Mobile"]
    assert look(sentinel_carriers, [], esim=True)[0] == ["AT&T"]


def test_carriers_take_no_terms(look):
    with pytest.raises(AnsibleError, match=r"takes no terms.*did you mean esim=true"):
        look(sentinel_carriers, ["esim"])


def test_the_inventory_has_one_entry_per_carrier_with_one_login(look):
    found, paths = look(sentinel_inventory, ["AT&T", ["Verizon Priority"]])
    assert found == [
        {"carrier": "AT&T", "count": 5, "inventory": [{"sku": "A", "count": 2}, {"sku": "B", "count": 3}]},
        {"carrier": "Verizon Priority", "count": None, "inventory": {"sku": "C"}},
    ]
    assert [path.rpartition("/")[2] for path in paths] == [
        "token",
        "inventory?carrier=AT%26T",
        "inventory?carrier=Verizon%20Priority",
    ]


def test_the_esim_stock_is_of_the_account_of_the_login(look):
    found, paths = look(sentinel_inventory, ["AT&T", "Verizon"], esim=True)
    assert found[0] == {"carrier": "AT&T", "available": 40, "max_per_request": 25}
    assert len(paths) == 3


def test_the_esim_stock_needs_an_account(look):
    with pytest.raises(AnsibleError, match="Set corp_id"):
        look(sentinel_inventory, ["AT&T"], esim=True, api_username=None, api_token="t")


def test_the_inventory_needs_a_carrier(look):
    with pytest.raises(AnsibleError, match="needs the names of carriers"):
        look(sentinel_inventory, [])


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ([], ["billing-plans", "businessInternetPlans"]),
        (["business_internet"], ["businessInternetPlans"]),
        ([["business_internet", "billing"]], ["businessInternetPlans", "billing-plans"]),
        ([["billing"], "business_internet"], ["billing-plans", "businessInternetPlans"]),
        ([[]], []),
    ],
)
def test_the_kinds_of_plans_are_terms_or_lists(look, terms, wanted):
    found, paths = look(sentinel_plans, terms)
    assert [plan["planId"] for plan in found] == wanted
    assert [path.rpartition("/")[2] for path in paths if not path.endswith("/token")] == wanted


def test_devices_are_listed_whole_or_by_terms_with_one_login_and_each_once(look):
    found, paths = look(sentinel_devices, [])
    assert [(device["mdn"], device["state"]) for device in found] == [
        ("201-555-0001", "suspended"),
        ("201-555-0002", "suspended"),
    ]
    assert len(paths) == 2
    found, paths = look(sentinel_devices, ["bus", ["0002"]], statuses=["suspended"])
    assert [device["mdn"] for device in found] == ["201-555-0002"]
    assert [path.rpartition("searchValue=")[2] for path in paths[1:]] == ["bus", "0002"]


def test_an_unknown_column_is_an_error(look):
    with pytest.raises(AnsibleError, match="columns: unknown column 'APM'; did you mean apn"):
        look(sentinel_devices, [], columns=["APM"])


def test_a_refusal_shows_the_message_of_the_service(look):
    with pytest.raises(AnsibleError, match="no such path"):
        look(sentinel_inventory, ["AT&T"], esim=True, corp_id="OTHER")


# -- As Ansible loads them: options, environment and variables ---------------------------------------------------------

NAMES = {"carrier": ["zorp", "bleep"]}


@pytest.fixture
def carriers(monkeypatch):
    """Looks up the carriers of an account with an unknown field name: carriers(variables, options, env)."""

    def run(variables=None, options=None, env=None):
        for name, text in (env or {}).items():
            monkeypatch.setenv(name, text)
        lookup = lookup_loader.get(
            "kajeet.sentinel.sentinel_carriers", loader=DataLoader(), templar=Templar(DataLoader(), variables or {})
        )
        with serving(Answer([{"bleep": "Verizon"}, {"bleep": "AT&T"}])) as server:
            return lookup.run([], variables or {}, api_url=server.url, api_token="t", **(options or {}))

    return run


@pytest.mark.parametrize(
    "given",
    [
        {"options": {"field_names": NAMES}},
        {"options": {"field_names": json.dumps(NAMES)}},
        {"env": {"SENTINEL_FIELD_NAMES": json.dumps(NAMES)}},
        {"variables": {"sentinel_field_names": NAMES}},
        {"variables": {"sentinel_field_names": json.dumps(NAMES)}},
        {"variables": {"sentinel_field_names": trust_as_template("{{ ours }}"), "ours": NAMES}},
        {"variables": {"sentinel_field_names": NAMES}, "env": {"SENTINEL_FIELD_NAMES": '{"carrier": "other"}'}},
    ],
)
def test_a_field_name_comes_from_an_option_the_environment_or_a_variable(carriers, given):
    assert carriers(**given) == ["Verizon", "AT&T"]


def test_without_a_field_name_the_error_lists_the_names_and_the_field_to_set(carriers):
    with pytest.raises(AnsibleError, match=r"Names in the answer: bleep.*set field_names: \{carrier: NAME\}"):
        carriers()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"env": {"SENTINEL_FIELD_NAMES": "carrier=bleep"}}, "field_names: is not valid JSON"),
        ({"env": {"SENTINEL_STATUS_WORDS": '{"good": []}'}}, "status_words: unknown key 'good'"),
        ({"variables": {"sentinel_field_names": {"carier": "bleep"}}}, "unknown key 'carier'; did you mean carrier?"),
        ({"options": {"field_names": ["bleep"]}}, "field_names: must be a mapping"),
    ],
)
def test_invalid_names_and_words_are_an_error(carriers, given, problem):
    with pytest.raises(AnsibleError) as caught:
        carriers(**given)
    assert problem in str(caught.value)


def test_http_to_another_machine_is_allowed_by_the_environment(monkeypatch):
    http = {"api_url": "http://sentinel.example/api", "api_token": "t", "request_retries": 0}
    lookup = lookup_loader.get("kajeet.sentinel.sentinel_token", loader=DataLoader(), templar=Templar(DataLoader(), {}))
    with pytest.raises(AnsibleError, match="set allow_http: true"):
        lookup.run([], {}, **http)
    monkeypatch.setenv("SENTINEL_ALLOW_HTTP", "true")
    with pytest.raises(AnsibleError, match="No credentials"):
        lookup.run([], {}, **http)
