# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""eSIMs and SmartSIMs: request bodies, the stock, and decisions by the history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.preflight import preflight
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SMARTSIM, Terms
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device, load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.history import History
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, WORDS, imei, plan_of

EID = "89049032123451234512345678901235"
OTHER_EID = "89049032000010000000051200447166"
CORP = "NORTHSTAR-ISD"


def esim(number, **fields):
    """An eSIM device."""
    return Device(f"device {number + 1}", ESIM.identity, imei=imei(number), **{"carrier": "AT&T", **fields})


def smartsim(number, **fields):
    """A SmartSIM."""
    return Device(
        f"device {number + 1}", SMARTSIM.identity, sim_id=f"8910390{number:08d}", **{"carrier": "Verizon", **fields}
    )


def bodies(kind, devices, most=None, **options):
    """The bodies of the requests for these devices."""
    return [request.body for request in kind.requests(devices, Terms(ActivationOptions(**options), CORP, most or {}))]


def test_an_esim_request_has_the_common_fields_once_and_no_iccid():
    devices = [
        esim(0, eid=EID, device_group="Bus", filter_group="Staff", service_zip_code="20191", nickname="One"),
        esim(1),
    ]
    assert bodies(ESIM, devices[:1]) == [
        {
            "corpId": CORP,
            "carrier": "AT&T",
            "deviceGroup": "Bus",
            "filterGroup": "Staff",
            "serviceZipCode": "20191",
            "activationLines": [{"imei": imei(0), "eid": EID, "nickname": "One"}],
        }
    ]
    assert len(bodies(ESIM, devices)) == 2


def test_each_smartsim_line_has_its_own_fields():
    given_device = smartsim(0, imei=imei(0), device_group="Bus", filter_group="Staff", service_zip_code="20191")
    assert bodies(SMARTSIM, [given_device, smartsim(1, carrier=None)], extra_body={"note": 1}) == [
        {
            "corpId": CORP,
            "activationLines": [
                {
                    "simID": given_device.sim_id,
                    "imei": imei(0),
                    "serviceDetails": {
                        "carrier": "Verizon",
                        "deviceGroup": "Bus",
                        "filterGroup": "Staff",
                        "serviceAddress": {"serviceZipCode": "20191"},
                    },
                },
                {"simID": smartsim(1).sim_id, "serviceDetails": {}},
            ],
            "note": 1,
        }
    ]


@given(count=st.integers(0, 30), size=st.integers(1, 12), limit=st.integers(1, 12))
def test_no_request_exceeds_the_carriers_limit_of_esims_and_none_is_lost(count, size, limit):
    devices = [esim(number, carrier="AT&T" if number % 3 else "Verizon") for number in range(count)]
    made = bodies(ESIM, devices, most={"att": limit}, batch_size=size)
    for body in made:
        assert len(body["activationLines"]) <= (min(size, limit) if body["carrier"] == "AT&T" else size)
    assert sorted(line["imei"] for body in made for line in body["activationLines"]) == sorted(
        device.imei for device in devices
    )


class Stock:
    """An account with eSIMs."""

    def __init__(self, **stock):
        self._stock = stock
        self.asked = []

    def esim_carriers(self):
        """The carriers of eSIMs."""
        return ["AT&T", "Verizon"]

    def business_internet_plans(self):
        """The plans for Verizon BI."""
        return []

    def billing_plans(self):
        """The plans for all others."""
        return []

    def esim_stock(self, corp_id, carrier):
        """Return the number of eSIMs, and the maximum per request."""
        self.asked.append((corp_id, carrier))
        return self._stock[carrier.replace("&", "")], 25


def test_missing_esims_are_counted_for_each_carrier():
    devices = [esim(number, carrier="AT&T" if number < 5 else "Verizon") for number in range(8)]
    api = Stock(ATT=3, Verizon=3)
    found = preflight(ESIM, api, devices, CORP)
    missing = "AT&T: 5 eSIMs are needed, but NORTHSTAR-ISD has 3 in stock: 2 are missing."
    assert found.problems == [f"{missing} Order more, or declare fewer devices"]
    assert found.max_per_request == {"att": 25, "verizon": 25}
    assert api.asked == [(CORP, "AT&T"), (CORP, "Verizon")]
    assert preflight(ESIM, Stock(ATT=5, Verizon=3), devices, CORP).problems == []


def test_a_carrier_that_is_written_in_two_ways_has_one_stock():
    devices = [esim(number, carrier="Verizon" if number < 6 else "VERIZON ") for number in range(12)]
    api = Stock(Verizon=10)
    found = preflight(ESIM, api, devices, CORP)
    missing = "Verizon: 12 eSIMs are needed, but NORTHSTAR-ISD has 10 in stock: 2 are missing."
    assert found.problems == [f"{missing} Order more, or declare fewer devices"]
    assert found.max_per_request == {"verizon": 25}
    assert api.asked == [(CORP, "Verizon")]


def test_the_stock_is_read_only_for_valid_carriers_and_needs_an_account():
    api = Stock()
    assert "no carrier 'T-Mobile'" in preflight(ESIM, api, [esim(0, carrier="T-Mobile")], CORP).problems[0]
    assert api.asked == []
    with pytest.raises(InputError, match="corp_id is required: the stock"):
        ESIM.check(ActivationOptions(), None)
    ESIM.check(ActivationOptions(preflight=False), None)


def decided(kind, device, *lines):
    """Return the action for a device, given these lines."""
    wanted = [value for value in (device.imei, device.sim_id, device.eid) if value]
    history = History(lines, wanted, WORDS)
    return plan_of([device], history, identity=kind.identity).items[0].action


@pytest.mark.parametrize(
    ("device", "line", "action"),
    [
        (esim(0), Line("T", imei(0), ICCID, status="Completed"), "unchanged"),
        (esim(0, eid=EID), Line("T", imei(0), ICCID, eid=EID, status="Completed"), "unchanged"),
        (esim(0, eid=EID), Line("T", imei(0), ICCID, status="Processing"), "wait"),
        (esim(0, eid=EID), Line("T", imei(0), ICCID, eid=OTHER_EID, status="Completed"), "conflict"),
        (esim(0, eid=EID), Line("T", imei(1), ICCID, eid=EID, status="Completed"), "conflict"),
        (esim(0), Line("T", imei(0), ICCID, status="Failed"), "retry"),
        (esim(0), Line("T", imei(1), ICCID, status="Completed"), "activate"),
    ],
)
def test_an_esim_is_found_by_its_imei(device, line, action):
    assert decided(ESIM, device, line) == action


@pytest.mark.parametrize(
    ("device", "line", "action"),
    [
        (smartsim(0), Line("T", imei(0), sim_id=smartsim(0).sim_id, status="Completed"), "unchanged"),
        (smartsim(0, imei=imei(0)), Line("T", imei(1), sim_id=smartsim(0).sim_id, status="Completed"), "conflict"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), sim_id=smartsim(1).sim_id, status="Processing"), "conflict"),
        (smartsim(0), Line("T", sim_id=smartsim(0).sim_id, status="Processing"), "wait"),
        (smartsim(0), Line("T", sim_id=smartsim(0).sim_id, status="Failed"), "retry"),
        (smartsim(0), Line("T", sim_id=smartsim(1).sim_id, status="Completed"), "activate"),
        # A line has its own ICCID next to its id, or alone in a history without SIM ids. An EID is another SIM's.
        (smartsim(0), Line("T", sim_id=smartsim(0).sim_id, iccid=ICCID, status="Completed"), "unchanged"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), status="Completed"), "unchanged"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), ICCID, status="Completed"), "unchanged"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), ICCID, status="Processing"), "wait"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), eid=EID, status="Processing"), "conflict"),
        (smartsim(0, imei=imei(0)), Line("T", imei(0), ICCID, status="Failed"), "activate"),
    ],
)
def test_a_smartsim_is_found_by_its_own_id(device, line, action):
    assert decided(SMARTSIM, device, line) == action


@pytest.mark.parametrize(
    ("status", "action"), [("Completed", "conflict"), ("Processing", "conflict"), ("Failed", "activate")]
)
def test_in_a_history_with_sim_ids_a_line_without_one_belongs_to_a_card(status, action):
    other = Line("T0", sim_id=smartsim(1).sim_id, status="Completed")
    assert decided(SMARTSIM, smartsim(0, imei=imei(0)), other, Line("T", imei(0), ICCID, status=status)) == action


def test_bad_identifiers_are_named_for_each_kind():
    with pytest.raises(InputError) as caught:
        load({"devices": [{"imei": "355737360073462", "eid": "123", "carrier": "AT&T"}, {"eid": EID}]}, ESIM.identity)
    assert caught.value.problems == [
        "device 1: eid 123: has 3 digits; an EID has 32",
        "device 2: imei is required",
        "device 2: carrier is required",
    ]
    with pytest.raises(InputError, match="sim_id 12/34: has characters that are neither letters nor digits"):
        load({"devices": [{"sim_id": "12/34"}]}, SMARTSIM.identity)


def test_a_short_sim_id_without_a_carrier_is_odd():
    declared = load(
        {"devices": [{"sim_id": "891039000000142007"}], "device_group": "A", "filter_group": "B"}, SMARTSIM.identity
    )
    assert declared.warnings == ["device 1: carrier is required for a sim_id of less than 21 characters"]
