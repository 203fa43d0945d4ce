# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints 1 to 5 and 7, and that /docs describes all of them."""

from __future__ import annotations

import pytest
from sentinel_simulator import account
from service import ESIM, TRANSACTION, Service, batch, imei, single

BASE = "/v1.0/activation/"


def test_plans(service: Service) -> None:
    plans = service.get(BASE + "billing-plans")
    assert {"planId", "planDescription", "carrier"} <= plans[0].keys()
    internet = service.get(BASE + "businessInternetPlans")
    assert set(internet[0]) == {"planId", "planDescription", "planDescriptionFull", "whPlanId", "carrier"}


def test_carriers(service: Service) -> None:
    carriers = service.get(BASE + "carriers")
    assert {"Verizon", "Verizon Priority", "Verizon BI", "AT&T", "T-Mobile", "FirstNet"} <= set(carriers)
    assert set(service.get(BASE + "eSim/carriers")) < set(carriers)


def test_activations_reduce_the_stock(service: Service) -> None:
    before = service.get(BASE + "inventory", params={"carrier": "Verizon"})
    assert {"sku", "planId", "subType", "subTypeList", "count"} <= before[0].keys()
    service.post(TRANSACTION, single(1))
    service.post(TRANSACTION, single(2, "901"))
    after = service.get(BASE + "inventory", params={"carrier": "verizon"})
    assert after[0]["count"] == before[0]["count"] - 1


def test_esims_are_refused_without_stock(service: Service) -> None:
    count = BASE + "eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T"
    assert service.get(count) == {"totalAvailableESimCount": 250, "maxDefaultCount": 100}
    service.control("PUT", "stock", {"carrier": "AT&T", "available": 3})
    lines = [{"imei": imei(number)} for number in range(4)]
    refusal = service.post(ESIM, batch(*lines, carrier="AT&T"), status=400)
    assert "only 3 are available" in refusal["message"]
    reply = service.post(ESIM, batch(*lines[:3], carrier="AT&T"))
    assert len({line["iccid"] for line in service.lines(reply)}) == 3
    assert service.get(count)["totalAvailableESimCount"] == 0
    assert "only 0 are available" in service.post(ESIM, batch(lines[3], carrier="AT&T"), status=400)["message"]


def test_esim_requests_have_a_maximum(service: Service) -> None:
    service.settings(esim_max=2)
    lines = [{"imei": imei(number)} for number in range(3)]
    message = service.post(ESIM, batch(*lines, carrier="AT&T"), status=400)["message"]
    assert "at most 2" in message
    assert "250 are available" in message


@pytest.mark.parametrize("path", ["inventory", "eSimInventoryCount/NORTHSTAR-ISD"])
def test_carrier_is_required_and_must_be_known(service: Service, path: str) -> None:
    assert "carrier" in service.get(BASE + path, status=400)["message"]
    assert "T-Mobile" in service.get(BASE + path, status=400, params={"carrier": "Nobody"})["message"]


def test_physical_sims_do_not_need_stock(service: Service) -> None:
    service.control("PUT", "stock", {"carrier": "FirstNet", "esim": False, "available": 0})
    body = single(1, carrier="FirstNet", **dict.fromkeys(account.FIRSTNET_FIELDS, "x"))
    service.post(TRANSACTION, body)
    assert service.get(BASE + "inventory", params={"carrier": "FirstNet"})[0]["count"] == 0


def test_openapi_describes_the_14_endpoints_four_logins_and_the_devices(service: Service) -> None:
    document = service.request("GET", "/openapi.json").json()
    calls = {
        (method, path.removeprefix("/sentinel-proxy/sentinel/api"))
        for path, methods in document["paths"].items()
        for method in methods
        if not path.startswith("/_simulator")
    }
    assert len(calls) == 14 + 4 + 3
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            assert described["summary"], (method, path)
            assert described["description"], (method, path)
            if method == "post" and "activation" in path and "_simulator" not in path:
                assert described["requestBody"], path
    assert service.request("GET", "/docs").status_code == 200
