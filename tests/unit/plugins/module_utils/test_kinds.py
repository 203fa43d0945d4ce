# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIMs: request bodies, grouping into requests, and the preflight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.preflight import preflight
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM, Kind, Terms, merged
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._identity import Seen
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import DEVICE_FIELDS, ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import ACTIVE, Reader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    ICCID,
    IMEI,
    device,
    fleet,
    iccid,
    imei,
    line,
)

PUBLISHED = {
    "corpId": "NORTHSTAR-ISD",
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
    "carrier": "VERIZON",
    "filterGroup": "Student_K8",
    "deviceGroup": "Transportation",
}


def requests(devices, corp_id="NORTHSTAR-ISD", **options):
    """The requests for these devices."""
    return SIM.requests(devices, Terms(ActivationOptions(**{"request_format": "single", **options}), corp_id))


def test_a_single_request_is_the_published_example():
    given_device = device(0, imei=IMEI, iccid=ICCID, service_zip_code=None)
    (request,) = requests([given_device])
    assert (request.body, request.devices) == (PUBLISHED, (given_device,))


def test_a_single_request_has_all_declared_fields_and_no_others():
    full = device(0, **{field: f"x-{field}" for field in DEVICE_FIELDS})
    (request,) = requests([full])
    assert request.body == {
        "corpId": "NORTHSTAR-ISD",
        "imei": full.imei,
        "iccid": full.iccid,
        "carrier": "x-carrier",
        "deviceGroup": "x-device_group",
        "filterGroup": "x-filter_group",
        "serviceZipCode": "x-service_zip_code",
        "nickname": "x-nickname",
        "planId": "x-plan_id",
        "activationLocation": "x-activation_location",
        "subType": "x-sub_type",
        "agencyEndUserName": "x-agency_end_user_name",
        "billingAddress": "x-billing_address",
        "billingCity": "x-billing_city",
        "billingState": "x-billing_state",
    }


def test_a_single_request_needs_the_account_and_a_batch_does_not():
    with pytest.raises(InputError, match="corp_id is required: each request names its account"):
        SIM.check(ActivationOptions(request_format="single"), None)
    SIM.check(ActivationOptions(request_format="batch"), None)


def test_a_batch_has_the_common_fields_once_and_one_line_per_device():
    devices = [device(0, nickname="bus 1"), device(1)]
    (request,) = requests(devices, request_format="batch")
    assert request.devices == tuple(devices)
    assert request.body == {
        "corpId": "NORTHSTAR-ISD",
        "carrier": "VERIZON",
        "deviceGroup": "Transportation",
        "filterGroup": "Student_K8",
        "serviceZipCode": "02134",
        "activationLines": [
            {"imei": imei(0), "iccid": iccid(0), "nickname": "bus 1"},
            {"imei": imei(1), "iccid": iccid(1)},
        ],
    }


def test_a_batch_omits_an_unknown_account():
    (request,) = requests(fleet(1), corp_id=None, request_format="batch")
    assert "corpId" not in request.body


MIXED = st.lists(
    st.tuples(st.sampled_from(["VERIZON", "AT&T"]), st.sampled_from([None, "A", "B"]), st.sampled_from([None, "n"])),
    max_size=12,
).map(
    lambda fields: [
        device(number, carrier=carrier, device_group=group, nickname=nickname)
        for number, (carrier, group, nickname) in enumerate(fields)
    ]
)


@given(MIXED, st.integers(1, 5), st.sampled_from(["single", "batch"]))
def test_every_device_is_in_one_request_whose_devices_share_their_fields(devices, size, form):
    made = requests(devices, request_format=form, batch_size=size)
    assert sorted(item.iccid for request in made for item in request.devices) == sorted(item.iccid for item in devices)
    for request in made:
        assert 1 <= len(request.devices) <= (size if form == "batch" else 1)
        lines = request.body.get("activationLines", [request.body])
        assert [(entry["imei"], entry["iccid"]) for entry in lines] == [
            (item.imei, item.iccid) for item in request.devices
        ]
        for item, entry in zip(request.devices, lines):
            assert request.body["carrier"] == item.carrier
            assert request.body.get("deviceGroup") == item.device_group
            assert entry.get("nickname") == item.nickname


@given(st.integers(1, 30), st.integers(1, 7))
def test_devices_that_share_their_fields_fill_their_requests(count, size):
    made = requests(fleet(count), request_format="batch", batch_size=size)
    assert [len(request.devices) for request in made] == [size] * (count // size) + [count % size] * bool(count % size)


@pytest.mark.parametrize("form", ["single", "batch"])
def test_extra_body_is_merged_into_every_request(form):
    extra = {"poNumber": 7, "carrier": "OTHER", "contact": {"name": "A"}}
    for request in requests(fleet(2), request_format=form, extra_body=extra, batch_size=1):
        assert {name: request.body[name] for name in extra} == extra
        assert request.body["deviceGroup"] == "Transportation"


@pytest.mark.parametrize("name", ["activationLines", "imei", "iccid", "simID", "eid"])
@pytest.mark.parametrize("form", ["single", "batch"])
def test_extra_body_cannot_name_devices(name, form):
    with pytest.raises(InputError, match=f"extra_body: {name} cannot be given here: declare the devices instead"):
        SIM.check(ActivationOptions(request_format=form, extra_body={"a": 1, name: []}), "X")


def test_mappings_are_merged_and_other_values_replaced():
    body = {"a": {"x": 1, "y": {"z": 1}}, "b": [1], "c": 1}
    extra = {"a": {"y": {"w": 2}}, "b": [2], "c": {"d": 1}, "e": None}
    assert merged(body, extra) == {"a": {"x": 1, "y": {"z": 1, "w": 2}}, "b": [2], "c": {"d": 1}, "e": None}
    assert body == {"a": {"x": 1, "y": {"z": 1}}, "b": [1], "c": 1}


def test_the_context_has_all_parts_of_a_submission_except_the_device():
    context = SIM.context(ActivationOptions(extra_body={"a": 1}), "X")
    assert context == {"kind": "sim", "corp_id": "X", "extra_body": {"a": 1}}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([line(1), line(0)], 1),
        ([line(0, imei=imei(7))], 0),
        ([line(0, iccid=None)], 0),
        ([line(0, iccid=None), line(0)], 1),
        ([line(0, iccid=iccid(7))], None),
        ([line(1), line(2, iccid=None)], None),
        ([], None),
    ],
)
def test_a_line_is_found_by_its_key_and_by_its_partner_only_without_a_key(lines, found):
    seen = [Seen(line, ACTIVE) for line in lines]
    assert SIM.identity.finder(seen)(device(0)) == ([] if found is None else [seen[found]])


class FakeAPI:
    """An account that counts its requests."""

    def __init__(self, business=(), billing=()):
        self.asked = []
        self.reader = Reader()
        self._business = business
        self._billing = billing

    def carriers(self):
        """The carriers of the account."""
        self.asked.append("carriers")
        return ["AT&T", "T-Mobile", "Verizon"]

    def business_internet_plans(self):
        """The plans for Verizon BI."""
        self.asked.append("business")
        return self._business

    def billing_plans(self):
        """The plans for all others."""
        self.asked.append("billing")
        return self._billing


def problems(api, devices):
    """Return the preflight's problems of these SIMs."""
    return preflight(SIM, api, devices, None).problems


def test_valid_carriers_and_plans_pass():
    api = FakeAPI(billing=[{"planId": "P1"}])
    assert problems(api, [device(0, plan_id="P1"), device(1, carrier="t mobile")]) == []
    assert api.asked == ["carriers", "billing"]


def test_an_unknown_carrier_is_named_with_its_rows_and_a_suggestion():
    devices = [device(number, carrier="Verzion") for number in range(8)] + [device(9, carrier="X")]
    reported = problems(FakeAPI(), devices)
    rows = "device 1, device 2, device 3, device 4, device 5 and 3 more"
    assert reported[0].startswith(f"{rows}: the account has no carrier")
    cure = "did you mean Verizon? Write Verizon, or set carrier_names: {Verzion: Verizon}"
    assert reported[0].endswith(f"'Verzion'; {cure}")
    assert reported[1:] == ["device 10: the account has no carrier 'X'. Valid: AT&T, T-Mobile, Verizon"]


def test_an_unknown_plan_is_named_and_each_list_is_read_only_if_needed():
    api = FakeAPI(business=[{"planId": "BI-1"}], billing=[{"planId": "P-10"}])
    bi_device = device(0, carrier="Verizon BI", plan_id="P-10")
    reported = problems(api, [bi_device])
    assert reported[1].startswith("device 1: the account has no business internet plan 'P-10'; valid: BI-1")
    assert api.asked == ["carriers", "business"]
    reported = problems(api, [device(1, plan_id="P-1O")])
    assert reported == ["device 2: the account has no billing plan 'P-1O'; did you mean P-10? Valid: P-10"]


def test_a_list_of_plans_without_ids_is_ignored():
    assert problems(FakeAPI(billing=[{"description": "?"}]), [device(0, plan_id="P1")]) == []


def test_a_kind_decides_how_it_is_submitted():
    kind = Kind()
    with pytest.raises(NotImplementedError):
        kind.body([], None)
