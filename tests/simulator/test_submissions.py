# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints 6, 8 and 9: bodies, refusals, outcomes of lines, duplicates."""

from __future__ import annotations

from typing import Any

import pytest
from sentinel_simulator import fixtures, outcomes
from service import ESIM, SMARTSIM, TRANSACTION, V1, Service, batch, iccid, imei, pair, single, smartsim

EMPTY = "Activation lines list is empty"
PUBLISHED = {
    "corpId": "NORTHSTAR-ISD",
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
    "carrier": "VERIZON",
    "filterGroup": "Student_K8",
    "deviceGroup": "Transportation",
}
EID = "89049032123451234512345678901235"


def refusal(service: Service, path: str, body: Any) -> str:
    """POST a body that is refused; check that nothing was stored; return the message."""
    before = service.get(V1)["totalCount"]
    message: str = service.post(path, body, status=400)["message"]
    assert service.get(V1)["totalCount"] == before
    return message


def test_the_published_body_activates(service: Service) -> None:
    reply = service.post(TRANSACTION, PUBLISHED)
    assert reply["transactionId"].startswith("ACT-20")
    assert (reply["status"], reply["totalLines"]) == ("SUBMITTED", 1)
    (line,) = service.lines(reply)
    assert (line["status"], line["carrier"], line["corpId"]) == ("COMPLETED", "Verizon", "Transportation")
    assert line["mdn"].isdigit()
    assert line["ip"].startswith("10.")
    assert line["nickname"] == "N/A"
    assert "errorMessage" not in line


def test_transaction_ids_are_unique(service: Service) -> None:
    ids = {service.post(TRANSACTION, single(number))["transactionId"] for number in range(30)}
    assert len(ids) == 30


def test_a_batch_is_one_transaction(service: Service) -> None:
    reply = service.post(TRANSACTION, batch(pair(1, nickname="Bus 1"), pair(2), pair(3, "903")))
    assert reply["totalLines"] == 3
    lines = service.lines(reply)
    assert [line["status"] for line in lines] == ["COMPLETED", "COMPLETED", "FAILED"]
    assert lines[0]["nickname"] == "Bus 1"
    assert lines[0]["zipCode"] == "30301"
    assert lines[2]["errorMessage"] == outcomes.REASONS["903"]
    item = service.get(V1)["transactions"][0]
    assert (item["successLines"], item["failedLines"], item["pendingLines"]) == (2, 1, 0)


def test_lines_end_one_by_one(slow: Service) -> None:
    slow.settings(line_latency=[5, 50])
    reply = slow.post(TRANSACTION, batch(*(pair(number) for number in range(20))))
    seen = set()
    for _step in range(12):
        seen |= {line["status"] for line in slow.lines(reply)}
        slow.later(5)
    assert seen == {"SUBMITTED", "IN PROGRESS", "COMPLETED"}
    assert slow.get(V1)["transactions"][0]["successLines"] == 20


@pytest.mark.parametrize("digits", sorted(outcomes.REASONS))
def test_digits_choose_the_reason(service: Service, digits: str) -> None:
    sim = service.post(TRANSACTION, single(1, digits))
    smart = service.post(SMARTSIM, {"activationLines": [smartsim(iccid(2, digits)[:-1] + "0")]})
    esim = service.post(ESIM, batch({"imei": imei(3, digits)}))
    for reply in (sim, smart, esim):
        (line,) = service.lines(reply)
        assert (line["status"], line["errorMessage"]) == ("FAILED", outcomes.REASONS[digits])
        assert line["mdn"] == "N/A"


def test_908_never_ends(service: Service) -> None:
    reply = service.post(TRANSACTION, single(1, "908"))
    service.later(10_000_000)
    assert service.lines(reply)[0]["status"] == "IN PROGRESS"


def test_a_failed_device_fails_again_unless_its_fault_is_removed(service: Service) -> None:
    assert service.lines(service.post(TRANSACTION, single(1, "901")))[0]["status"] == "FAILED"
    assert service.lines(service.post(TRANSACTION, single(1, "901")))[0]["status"] == "FAILED"
    service.control("POST", "devices", {"iccid": iccid(1, "901"), "outcome": "success"})
    assert service.lines(service.post(TRANSACTION, single(1, "901")))[0]["status"] == "COMPLETED"


@pytest.mark.parametrize("path", [TRANSACTION, SMARTSIM, ESIM])
def test_no_lines(service: Service, path: str) -> None:
    bodies: list[dict[str, Any]] = [{}, {"activationLines": []}, {"activationLines": None}, {"example": True}]
    for body in bodies:
        assert refusal(service, path, body) == EMPTY


@pytest.mark.parametrize("path", [TRANSACTION, SMARTSIM, ESIM])
def test_too_many_or_invalid_lines(service: Service, path: str) -> None:
    assert "at most 2000" in refusal(service, path, batch(*(pair(number) for number in range(2001))))
    assert "list of objects" in refusal(service, path, batch(carrier="AT&T", activationLines="x"))
    assert "list of objects" in refusal(service, path, batch(carrier="AT&T", activationLines=["x"]))


def test_2000_lines_are_accepted(service: Service) -> None:
    assert service.post(TRANSACTION, batch(*(pair(number) for number in range(2000))))["totalLines"] == 2000


def test_single_bodies_can_be_refused(service: Service) -> None:
    service.settings(accept_single=False)
    assert refusal(service, TRANSACTION, PUBLISHED) == EMPTY
    service.post(TRANSACTION, batch(pair(1)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"carrier": None}, "carrier is required"),
        ({"carrier": "Nobody"}, "T-Mobile"),
        ({"filterGroup": "Pupils"}, "Student_K8, Student_HS, Staff, Fleet"),
        ({"serviceZipCode": None}, "serviceZipCode is required for carrier Verizon"),
        ({"serviceZipCode": "3030"}, "12345-6789"),
        ({"serviceZipCode": 30301}, "must be a string"),
        ({"carrier": "Verizon Priority", "activationLocation": "North"}, "East or West"),
        ({"carrier": "Verizon BI"}, "VZBI-100"),
        ({"carrier": "FirstNet"}, "agencyEndUserName is required"),
        ({"carrier": "FirstNet", "billingCity": "x" * 51}, "billingCity must have at most 50"),
    ],
)
def test_refused_common_fields(service: Service, changes: dict[str, Any], words: str) -> None:
    assert words in refusal(service, TRANSACTION, batch(pair(1), **changes))


def test_special_carriers_with_all_they_need(service: Service) -> None:
    firstnet = dict.fromkeys(("agencyEndUserName", "billingAddress", "billingCity", "billingState", "subType"), "x")
    service.post(TRANSACTION, batch(pair(1), carrier="firstnet", serviceZipCode=None, **firstnet))
    service.post(TRANSACTION, batch(pair(2), carrier="Verizon BI", planId="VZBI-200"))
    service.post(TRANSACTION, batch(pair(3), carrier="Verizon Priority", activationLocation="West"))
    service.post(TRANSACTION, batch(pair(4), carrier="AT&T", serviceZipCode=None))


def test_all_mistakes_at_once(service: Service) -> None:
    reply = service.post(
        TRANSACTION, batch({"imei": "1"}, pair(1), {"imei": imei(2), "iccid": 89014103211118510720}), status=400
    )
    assert len(reply["errors"]) == 3
    assert "line 1: imei" in reply["message"]
    assert "line 3: iccid" in reply["message"]


def test_a_wrong_imei_check_digit_fails_the_line(service: Service) -> None:
    wrong = imei(1)[:-1] + str((int(imei(1)[-1]) + 1) % 10)
    (line,) = service.lines(service.post(TRANSACTION, single(1, imei=wrong)))
    assert (line["status"], "check digit" in line["errorMessage"]) == ("FAILED", True)


def test_a_plan_that_does_not_fit_fails_the_line(service: Service) -> None:
    for plan in ("NOPE", "ATT-EDU-10"):
        (line,) = service.lines(service.post(TRANSACTION, batch(pair(1), planId=plan)))
        assert plan in line["errorMessage"]
    assert service.lines(service.post(TRANSACTION, batch(pair(1), planId="VZW-EDU-10")))[0]["status"] == "COMPLETED"


def test_the_same_pair_twice_is_one_line(service: Service) -> None:
    assert service.post(TRANSACTION, batch(pair(1), pair(1), pair(2)))["totalLines"] == 2


def test_contradicting_lines_are_refused(service: Service) -> None:
    lines = [pair(1), {"imei": imei(2), "iccid": iccid(1)}, {"imei": imei(1), "iccid": iccid(3)}]
    reply = service.post(TRANSACTION, batch(*lines), status=400)
    assert len(reply["errors"]) == 2
    assert "with two IMEIs" in reply["errors"][0]
    assert "appears twice" in reply["errors"][1]
    assert "appears twice" in refusal(service, ESIM, batch({"imei": imei(1)}, {"imei": imei(1)}))
    smart = {"activationLines": [smartsim("891039000000150004"), smartsim("891039000000150004", imei=imei(1))]}
    assert "with two IMEIs" in refusal(service, SMARTSIM, smart)


# -- duplicates --


def counted(service: Service) -> tuple[int, int]:
    """Return the maximum numbers of submissions and activations of a device."""
    found = service.control("GET", "activations")
    return found["max_submitted"], found["max_activated"]


def test_a_duplicate_line_fails(service: Service) -> None:
    service.post(TRANSACTION, single(1))
    (line,) = service.lines(service.post(TRANSACTION, single(1)))
    assert (line["status"], line["errorMessage"]) == ("FAILED", "Device is already active")
    assert counted(service) == (2, 1)


def test_a_duplicate_can_be_activated_again(service: Service) -> None:
    service.settings(duplicates="second_success")
    service.post(TRANSACTION, single(1))
    assert service.lines(service.post(TRANSACTION, single(1)))[0]["status"] == "COMPLETED"
    assert counted(service) == (2, 2)


def test_a_duplicate_can_be_refused(slow: Service) -> None:
    slow.settings(duplicates="refuse")
    slow.post(TRANSACTION, single(1))
    assert "activation in progress" in slow.post(TRANSACTION, single(1), status=409)["message"]
    slow.later(11)
    assert "is already active" in slow.post(TRANSACTION, batch(pair(2), pair(1)), status=409)["message"]
    assert counted(slow) == (1, 1)


def test_seeded_devices_count_as_duplicates(service: Service) -> None:
    active = {"imei": fixtures.ACTIVE.imei, "iccid": fixtures.ACTIVE.iccid}
    assert "already active" in service.lines(service.post(TRANSACTION, single(1, **active)))[0]["errorMessage"]
    old = {"imei": fixtures.OLD_ACTIVE.imei, "iccid": fixtures.OLD_ACTIVE.iccid}
    assert "already active" in service.lines(service.post(TRANSACTION, single(1, **old)))[0]["errorMessage"]
    esim = batch({"imei": fixtures.ESIM_ACTIVE.imei})
    assert "already active" in service.lines(service.post(ESIM, esim))[0]["errorMessage"]
    smart = {"activationLines": [smartsim(str(fixtures.SMARTSIM_ACTIVE.sim_id))]}
    assert "already active" in service.lines(service.post(SMARTSIM, smart))[0]["errorMessage"]
    failed = {"imei": fixtures.FAILED.imei, "iccid": fixtures.FAILED.iccid}
    assert service.lines(service.post(TRANSACTION, single(1, **failed)))[0]["status"] == "COMPLETED"


# -- the other kinds --


def test_esim_iccids_are_shown_when_active(slow: Service) -> None:
    reply = slow.post(ESIM, batch({"imei": imei(1), "eid": EID, "nickname": "Tab 1"}, carrier="at&t"))
    (line,) = slow.lines(reply)
    assert line["iccid"] == "N/A"
    assert line["eid"] == EID
    assert "iccid" not in slow.get(V1)["transactions"][0]
    slow.later(11)
    (line,) = slow.lines(reply)
    assert line["iccid"].startswith("890141")
    assert len(line["iccid"]) == 20
    assert slow.get(V1)["transactions"][0]["iccid"] == line["iccid"]


def test_esim_refusals(service: Service) -> None:
    assert "eSIM carrier" in refusal(service, ESIM, batch({"imei": imei(1)}, carrier="FirstNet"))
    assert "EID" in refusal(service, ESIM, batch({"imei": imei(1), "eid": EID[:-1] + "6"}))
    assert "iccid is not allowed for an eSIM" in refusal(service, ESIM, batch(pair(1)))
    assert "imei must be" in refusal(service, ESIM, batch({"eid": EID}))


def test_esims_have_their_own_latency(slow: Service) -> None:
    slow.settings(esim_latency=[100, 100])
    esim, sim = slow.post(ESIM, batch({"imei": imei(1)})), slow.post(TRANSACTION, single(2))
    slow.later(50)
    assert (slow.lines(sim)[0]["status"], slow.lines(esim)[0]["status"]) == ("COMPLETED", "IN PROGRESS")


def test_smartsim(service: Service) -> None:
    lines = [
        smartsim("891039000000150004", imei=imei(1)),
        smartsim("891039000000150005", carrier="AT&T"),
        smartsim("891039000000150006789", carrier=None),
    ]
    found = service.lines(service.post(SMARTSIM, {"activationLines": lines}))
    assert [line["simID"] for line in found] == [line["simID"] for line in lines]
    assert [line["carrier"] for line in found[:2]] == ["T-Mobile", "AT&T"]
    assert found[2]["carrier"] in ("Verizon", "AT&T", "T-Mobile")
    assert {line["status"] for line in found} == {"COMPLETED"}


def test_smartsim_refusals(service: Service) -> None:
    lines = [
        smartsim("x"),
        smartsim("891039000000150004", carrier=None),
        {"simID": "891039000000150005"},
        smartsim("891039000000150006", imei="1"),
    ]
    reply = service.post(SMARTSIM, {"activationLines": lines}, status=400)
    assert len(reply["errors"]) == 4
    for number, word in enumerate(("simID", "carrier is required", "serviceDetails", "imei"), start=1):
        assert f"line {number}: " in reply["errors"][number - 1]
        assert word in reply["errors"][number - 1]
