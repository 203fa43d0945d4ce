# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request bodies: the published body of one device, and batches."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import COMMON, device, iccid, imei, pair
from harness.playbooks import Playbooks, activation
from harness.simulators import CORP_ID, PASSWORD, USERNAME, Simulator

PUBLISHED = {
    "corpId": "NORTHSTAR-ISD",
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
    "carrier": "VERIZON",
    "filterGroup": "Student_K8",
    "deviceGroup": "Transportation",
}


def test_one_device_is_sent_as_published(sentinel: Simulator, playbook: Playbooks) -> None:
    task = activation(
        "one",
        ignore=False,
        imei=PUBLISHED["imei"],
        iccid=PUBLISHED["iccid"],
        carrier="VERIZON",
        filter_group="Student_K8",
        device_group="Transportation",
    )
    outcome = playbook(task).only
    assert sentinel.bodies() == [PUBLISHED]
    assert any("service_zip_code is required for VERIZON" in warning for warning in outcome.warnings)


def test_each_field_is_sent_under_its_published_name(sentinel: Simulator, playbook: Playbooks) -> None:
    fields = {
        "carrier": ("carrier", "FirstNet Extended Primary"),
        "device_group": ("deviceGroup", "High-Schools"),
        "filter_group": ("filterGroup", "Staff"),
        "service_zip_code": ("serviceZipCode", "02134-1000"),
        "nickname": ("nickname", "Bus 12 – Søren"),
        "plan_id": ("planId", "FN-EXTENDED"),
        "activation_location": ("activationLocation", "East"),
        "sub_type": ("subType", "Agency Paid"),
        "agency_end_user_name": ("agencyEndUserName", "Northstar Police"),
        "billing_address": ("billingAddress", "1 Main St"),
        "billing_city": ("billingCity", "Boston"),
        "billing_state": ("billingState", "MA"),
    }
    task = activation("all fields", ignore=False, **pair(1), **{name: value for name, (_wire, value) in fields.items()})
    assert playbook(task).only["summary"] == {"activated": 1}
    assert sentinel.bodies() == [{"corpId": CORP_ID, **pair(1), **dict(fields.values())}]


def test_fields_of_a_device_override_those_of_the_task(sentinel: Simulator, playbook: Playbooks) -> None:
    listed: list[dict[str, Any]] = [pair(1), {**pair(2), "carrier": "AT&T", "device_group": "High-Schools"}]
    playbook(activation("override", ignore=False, devices=listed, **COMMON))
    sent = {body["iccid"]: body for body in sentinel.bodies()}
    assert (sent[iccid(1)]["carrier"], sent[iccid(1)]["deviceGroup"]) == ("Verizon", "Transportation")
    assert (sent[iccid(2)]["carrier"], sent[iccid(2)]["deviceGroup"]) == ("AT&T", "High-Schools")
    assert {body["filterGroup"] for body in sent.values()} == {"Student_K8"}


def test_a_batch_has_common_fields_only_once(sentinel: Simulator, playbook: Playbooks) -> None:
    buses = [device(number, nickname=f"Bus {number}") for number in (1, 3, 5)]
    tablets = [device(number, carrier="AT&T", service_zip_code=None) for number in (2, 4)]
    mixed = [buses[0], tablets[0], buses[1], tablets[1], buses[2]]
    playbook(activation("batch", ignore=False, devices=mixed, request_format="batch"))
    common = {"corpId": CORP_ID, "deviceGroup": "Transportation", "filterGroup": "Student_K8"}
    wanted = [
        {
            **common,
            "carrier": "Verizon",
            "serviceZipCode": "30301",
            "activationLines": [
                {"imei": imei(number), "iccid": iccid(number), "nickname": f"Bus {number}"} for number in (1, 3, 5)
            ],
        },
        {**common, "carrier": "AT&T", "activationLines": [pair(2), pair(4)]},
    ]
    assert sorted(sentinel.bodies(), key=lambda body: len(body["activationLines"]), reverse=True) == wanted


def test_batches_have_at_most_batch_size_lines(sentinel: Simulator, playbook: Playbooks) -> None:
    listed = [device(number) for number in range(5)]
    playbook(activation("small batches", ignore=False, devices=listed, request_format="batch", batch_size=2))
    assert sorted(len(body["activationLines"]) for body in sentinel.bodies()) == [1, 2, 2]
    sentinel.assert_each_once(listed)


def test_an_account_that_requires_batches_is_reported_after_one_request(
    sentinel: Simulator, playbook: Playbooks
) -> None:
    sentinel.settings(accept_single=False)
    run = playbook(
        [
            activation("single", devices=[device(1), device(2), device(3)], concurrency=1),
            activation("batch", devices=[device(1), device(2), device(3)], request_format="batch"),
        ]
    )
    single = run["single"]
    assert single.failed
    assert single["summary"] == {"failed": 3}
    assert "Activation lines list is empty" in single.msg
    assert "set request_format to batch" in single.msg
    assert len(sentinel.writes(single)) == 1, "the other submissions would be refused as well"
    assert run["batch"]["summary"] == {"activated": 3}


def test_extra_body_is_merged_into_the_body(sentinel: Simulator, playbook: Playbooks) -> None:
    extra = {"costCenter": "4711", "serviceDetails": {"note": "yes"}}
    tasks = [
        activation("single", ignore=False, devices=[device(1)], extra_body=extra),
        activation("batch", ignore=False, devices=[device(2)], extra_body=extra, request_format="batch"),
    ]
    playbook(tasks)
    assert [{name: body[name] for name in extra} for body in sentinel.bodies()] == [extra, extra]


def test_extra_body_cannot_set_devices(sentinel: Simulator, playbook: Playbooks) -> None:
    names = ["activationLines", "imei", "iccid", "simID", "eid"]
    run = playbook([activation(name, devices=[device(1)], extra_body={name: "355737360073462"}) for name in names])
    for name in names:
        assert run[name].failed
        assert f"extra_body: {name} cannot be given here" in run[name].msg
    sentinel.assert_wrote_nothing()


def test_a_login_provides_the_corp_id(sentinel: Simulator, playbook: Playbooks) -> None:
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD, "poll_interval": 0.05}
    playbook(activation("login", ignore=False, devices=[device(1)]), defaults=login)
    assert [body["corpId"] for body in sentinel.bodies()] == [CORP_ID]
    assert sentinel.logins() == 1


@pytest.mark.parametrize("mode", ["check", "apply"])
def test_a_token_requires_corp_id(sentinel: Simulator, playbook: Playbooks, mode: str) -> None:
    alone = {name: sentinel.connection[name] for name in ("api_url", "api_token")}
    outcome = playbook(activation("token", devices=[device(1)]), defaults=alone, check=mode == "check").only
    assert outcome.failed
    assert "corp_id is required" in outcome.msg
    assert "SENTINEL_CORP_ID" in outcome.msg
    assert "api_username" in outcome.msg
    sentinel.assert_wrote_nothing()
