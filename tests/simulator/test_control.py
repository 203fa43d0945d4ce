# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface: log, reset, settings, clock, devices, history, and that it is off by default."""

from __future__ import annotations

import time

import pytest
from sentinel_simulator.app import create_app
from sentinel_simulator.profiles import PROFILES
from sentinel_simulator.simulator import Simulator
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2, Service, batch, iccid, imei, pair, single, smartsim


def test_off_by_default() -> None:
    simulator = Simulator(control=False)
    shown = create_app(simulator).openapi()["paths"]
    simulator.store.close()
    assert len(shown) > 14
    assert not [path for path in shown if path.startswith("/_simulator")]


def test_the_request_log(service: Service) -> None:
    service.post("/v1.0/auth/token", {"username": "fleet@northstar.example", "password": "simulator-password"})
    service.get("/v1.0/activation/eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T")
    body = single(1)
    service.post(TRANSACTION, body)
    service.post(SMARTSIM, {"activationLines": []}, status=400)
    service.upload(f"imei,iccid\n{imei(1)},{iccid(1)}\n".encode())
    found = service.control("GET", "requests")
    login, stock, sim, smart, upload = found["requests"]
    assert [entry["id"] for entry in found["requests"]] == [1, 2, 3, 4, 5]
    assert (login["method"], login["path"], login["body"]) == ("POST", "/v1.0/auth/token", None)
    assert stock["path"] == "/v1.0/activation/eSimInventoryCount/NORTHSTAR-ISD"
    assert stock["query"] == "carrier=AT%26T"
    assert (sim["body"], sim["write"], sim["status"]) == (body, True, 200)
    assert (smart["write"], smart["status"]) == (True, 400)
    assert (upload["write"], upload["body"]) == (False, None)
    assert abs(sim["at"] - time.time()) < 60
    assert found["counts"] == {"total": 5, "get": 1, "post": 4, "put": 0, "write": 2, "token": 1, "upload": 1}
    assert "simulator-password" not in str(found)
    assert "body" not in service.control("GET", "requests?bodies=false&since=2")["requests"][0]
    assert service.control("DELETE", "requests")["counts"]["total"] == 0
    service.get(V1)
    assert service.control("GET", "requests")["requests"][0]["id"] == 6


def test_reset(service: Service) -> None:
    service.post(TRANSACTION, single(1))
    login = {"username": "fleet@northstar.example", "password": "simulator-password"}
    token = service.post("/v1.0/auth/token", login)["token"]
    service.control("POST", "faults", {"kind": "status"})
    service.control("POST", "devices", {"iccid": iccid(2), "outcome": "fail"})
    service.later(1000)
    service.settings(duplicates="refuse")
    made = service.control("POST", "reset", {"seed": 9, "profile": "demo", "settings": {"line_latency": 3}})
    assert (made["seed"], made["profile"]) == (9, "demo")
    assert made["settings"]["line_latency"] == [3, 3]
    assert made["settings"]["duplicates"] == "fail_line"
    assert service.control("GET", "requests")["counts"]["total"] == 0
    assert service.control("GET", "faults")["faults"] == []
    assert service.control("GET", "clock")["offset"] == 0
    assert service.control("GET", "activations") == {"devices": [], "max_activated": 0, "max_submitted": 0}
    service.get(V1, status=401, token=token)
    assert service.post(TRANSACTION, single(1))["transactionId"].endswith("-002")
    service.control("POST", "reset")
    assert service.control("GET", "settings") == PROFILES["demo"].settings.model_dump(mode="json")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "reset", {"profile": "hopeful"}),
        ("POST", "reset", {"settings": {"nothing": 1}}),
        ("POST", "reset", {"sed": 1}),
        ("PUT", "settings", {"duplicates": "often"}),
        ("PUT", "settings", {"line_latency": [5, 1]}),
        ("PUT", "stock", {"carrier": "FirstNet", "available": 1}),
        ("POST", "faults", {"kind": "status", "path": "("}),
        ("POST", "faults", {"kind": "mood"}),
        ("POST", "devices", {"outcome": "fail"}),
        ("POST", "devices", {"iccid": "1", "imei": "2", "outcome": "fail"}),
        ("POST", "history", [{"status": "odd"}]),
        ("POST", "clock", {}),
    ],
)
def test_mistakes_are_reported(service: Service, method: str, path: str, body: object) -> None:
    assert service.control(method, path, body, status=400)["message"]


def test_a_failed_reset_changes_nothing(service: Service) -> None:
    service.post(TRANSACTION, single(1))
    service.control("POST", "reset", {"seed": 3, "profile": "demo", "settings": {"nothing": 1}}, status=400)
    assert service.control("GET", "activations")["max_submitted"] == 1
    assert (service.simulator.seed, service.simulator.profile) == (0, "instant")


def test_activations_count_each_kind(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1), pair(2, "901")))
    service.post(TRANSACTION, single(2, "901"))
    service.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004")]})
    service.post(ESIM, batch({"imei": imei(9)}))
    service.control("POST", "history", [pair(77)])
    found = service.control("GET", "activations")
    assert (found["max_submitted"], found["max_activated"]) == (2, 1)
    shown = {device["iccid"]: device for device in found["devices"] if device["kind"] == "sim"}
    assert (shown[iccid(1)]["submitted"], shown[iccid(1)]["activated"], shown[iccid(1)]["imei"]) == (1, 1, imei(1))
    assert (shown[iccid(2, "901")]["submitted"], shown[iccid(2, "901")]["activated"]) == (2, 0)
    assert {device["sim_id"] for device in found["devices"]} == {None, "891039000000150004"}
    assert len(found["devices"]) == 4


@pytest.mark.parametrize(("duplicates", "activated"), [("second_success", 2), ("fail_line", 1), ("refuse", 1)])
@pytest.mark.parametrize("path", [TRANSACTION, SMARTSIM, ESIM])
def test_activations_by_two_transactions(service: Service, path: str, duplicates: str, activated: int) -> None:
    service.settings(duplicates=duplicates)
    bodies = {
        TRANSACTION: batch(pair(1)),
        SMARTSIM: {"activationLines": [smartsim("891039000000150004", imei=imei(1))]},
        ESIM: batch({"imei": imei(1), "eid": "89049032123451234512345678901235"}),
    }
    more = {
        TRANSACTION: batch(pair(2), pair(1)),
        SMARTSIM: {"activationLines": [smartsim("891039000000150012"), smartsim("891039000000150004")]},
        ESIM: batch({"imei": imei(2)}, {"imei": imei(1)}),
    }
    service.post(path, bodies[path])
    service.post(path, more[path], status=409 if duplicates == "refuse" else 200)
    found = service.control("GET", "activations")
    taken = 1 if duplicates == "refuse" else 2
    assert [(device["submitted"], device["activated"]) for device in found["devices"]] == [
        (taken, activated),
        *([(1, 1)] if taken == 2 else []),
    ]
    assert (found["max_submitted"], found["max_activated"]) == (taken, activated)
    device = found["devices"][0]
    assert (device["imei"], device["sim_id"], device["eid"]) == (
        imei(1),
        "891039000000150004" if path == SMARTSIM else None,
        "89049032123451234512345678901235" if path == ESIM else None,
    )


def test_kinds_with_the_same_imei_are_different_devices(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1)))
    service.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004", imei=imei(1))]})
    service.post(ESIM, batch({"imei": imei(1)}))
    found = service.control("GET", "activations")
    assert [device["kind"] for device in found["devices"]] == ["sim", "smartsim", "esim"]
    assert found["max_activated"] == 1


def test_an_activation_counts_from_its_submission(slow: Service) -> None:
    slow.post(TRANSACTION, single(1))
    assert slow.control("GET", "activations")["max_activated"] == 1


def test_outcomes_of_devices_can_be_set(slow: Service) -> None:
    slow.control(
        "POST",
        "devices",
        [
            {"iccid": iccid(1), "outcome": "fail", "reason": "Because", "latency": 0},
            {"imei": imei(2), "outcome": "never"},
            {"sim_id": "891039000000150004", "outcome": "fail"},
        ],
    )
    first, second = slow.lines(slow.post(TRANSACTION, batch(pair(1), pair(2))))
    assert (first["status"], first["errorMessage"]) == ("FAILED", "Because")
    slow.later(100)
    assert slow.get(V1)["transactions"][0]["pendingLines"] == 1
    smart = slow.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004")]})
    slow.later(100)
    assert slow.lines(smart)[0]["status"] == "FAILED"
    assert second["status"] == "SUBMITTED"


def test_history_can_be_inserted(service: Service) -> None:
    lines = [
        {**pair(1), "days_ago": 3, "carrier": "AT&T", "nickname": "Bus", "transaction_id": "ACT-X"},
        {**pair(2), "days_ago": 3, "status": "failed", "error": "Odd", "transaction_id": "ACT-X"},
        {**pair(3), "days_ago": 0, "status": "pending", "finishes_in": 50},
        {**pair(4), "days_ago": 500, "status": "pending"},
        {"kind": "esim", "imei": imei(5), "iccid": iccid(5), "eid": "89049032123451234512345678901235"},
    ]
    assert service.control("POST", "history", lines) == {"inserted": 5}
    good, bad = service.get(f"{V1}/ACT-X")
    assert (good["status"], good["nickname"], good["carrier"]) == ("COMPLETED", "Bus", "AT&T")
    assert (bad["status"], bad["errorMessage"]) == ("FAILED", "Odd")
    pending = [item for item in service.get(V1, params={"limit": 500})["transactions"] if item["pendingLines"]]
    assert {item.get("iccid") for item in pending} >= {iccid(3), iccid(4)}
    service.later(60)
    pending = [item for item in service.get(V1, params={"limit": 500})["transactions"] if item["pendingLines"]]
    assert {item.get("iccid") for item in pending} == {iccid(4)}
    assert "already exists" in service.control("POST", "history", lines[:1], status=400)["message"]
    assert service.control("GET", "activations")["devices"] == []


def test_a_hundred_thousand_lines_are_generated_quickly(service: Service) -> None:
    begun = time.monotonic()
    assert service.control("POST", "history", {"generate": 100_000})["inserted"] == 100_000
    assert service.get(V2)["totalCount"] > 100_000
    # A generous limit, to detect quadratic time.
    assert time.monotonic() - begun < 20
    assert service.control("POST", "history", {"generate": 10})["inserted"] == 10


def test_many_submissions_stay_fast(service: Service) -> None:
    service.control("POST", "history", {"generate": 20_000})
    begun = time.monotonic()
    for number in range(300):
        service.post(TRANSACTION, single(number))
        service.get(V1)
    assert time.monotonic() - begun < 15


def test_outcomes_follow_the_seed_in_any_order() -> None:
    ends = []
    for numbers in (range(40), reversed(range(40))):
        with Service(seed=3, settings={"failure_rate": 0.3, "line_latency": [0, 0]}) as service:
            found = {}
            for number in numbers:
                (line,) = service.lines(service.post(TRANSACTION, single(number)))
                found[number] = line["status"]
            ends.append(found)
    assert ends[0] == ends[1]
    assert set(ends[0].values()) == {"COMPLETED", "FAILED"}


def test_profiles() -> None:
    for name, profile in PROFILES.items():
        with Service(profile=name) as service:
            assert service.control("GET", "settings") == profile.settings.model_dump(mode="json")


def test_a_token_lifetime_of_the_command_line_survives_a_reset() -> None:
    with Service(token_lifetime=7) as service:
        service.control("POST", "reset")
        assert service.control("GET", "settings")["token_lifetime"] == 7
