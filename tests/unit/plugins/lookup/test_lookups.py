# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookups: one connection for all terms of a call, and errors in words."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError

from ansible_collections.kajeet.sentinel.plugins.lookup import (
    sentinel_carriers,
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
    if path.endswith(("/billing-plans", "/businessInternetPlans")):
        return Answer([{"planId": path.rpartition("/")[2]}])
    return Answer({"sku": "C"}) if path.endswith("/inventory") else Answer({"message": "no such path"}, 404)


@pytest.fixture
def look():
    """Runs a lookup against an account: look(module, terms, option=…) → (its answer, the paths that were asked)."""

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


def test_the_inventory_has_an_entry_for_each_carrier_over_one_login(look):
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


def test_the_esim_stock_is_that_of_the_logins_account(look):
    found, paths = look(sentinel_inventory, ["AT&T", "Verizon"], esim=True)
    assert found[0] == {"carrier": "AT&T", "available": 40, "max_per_request": 25}
    assert len(paths) == 3


def test_the_esim_stock_needs_an_account(look):
    with pytest.raises(AnsibleError, match="give corp_id"):
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


def test_what_the_service_refuses_is_told_in_its_words(look):
    with pytest.raises(AnsibleError, match="no such path"):
        look(sentinel_inventory, ["AT&T"], esim=True, corp_id="OTHER")
