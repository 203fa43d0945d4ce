# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts without a way to log in, a scope, a history or an export; and the headers of answers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from sentinel_simulator import fixtures
from service import TRANSACTION, V1, V2, Service, single

LOGIN = {"username": "fleet@northstar.example", "password": "simulator-password"}
WAYS = ("POST /v1.0/auth/token", "GET /v1.0/auth/token", "POST /v1.0/auth/login")
CARRIERS = "/v1.0/activation/carriers"
EXPORT = V2 + "?export=CSV"


def log_in(service: Service, way: str, **change: Any) -> Any:
    """Log in one way; return the reply."""
    method, path = way.split()
    return service.call(method, path, token=None, json={**LOGIN, **change})


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_log_in(service: Service, way: str) -> None:
    reply = log_in(service, way)
    assert reply.json()["details"]["corpId"] == "NORTHSTAR-ISD"
    assert service.get(CARRIERS, token=reply.json()["token"])
    assert log_in(service, way, password="x").status_code == 401
    found = service.control("GET", "requests")
    assert found["counts"]["token"] == 2
    assert "simulator-password" not in str(found)


@pytest.mark.parametrize(
    ("ways", "statuses"),
    [
        (WAYS[:1], (200, 405, 404)),
        (WAYS[1:2], (405, 200, 404)),
        (WAYS[2:], (404, 404, 200)),
        ((), (404, 404, 404)),
    ],
)
def test_ways_to_log_in_can_be_turned_off(service: Service, ways: tuple[str, ...], statuses: tuple[int, ...]) -> None:
    service.settings(login_paths=ways)
    assert tuple(log_in(service, way).status_code for way in WAYS) == statuses


def test_a_scope_that_no_token_has(service: Service) -> None:
    token = log_in(service, WAYS[0]).json()["token"]
    service.settings(withheld_scopes=["aux_activation"])
    for used in (token, "simulator-token"):
        assert "scope aux_activation" in service.get(CARRIERS, status=403, token=used)["message"]
        service.get("/v1.0/activation/eSim/carriers", token=used)
    service.settings(withheld_scopes=["org_managerplus"])
    service.get("/v1.0/devices/NORTHSTAR-ISD/status", status=403)


def test_an_account_without_a_history(service: Service) -> None:
    service.control("POST", "reset", {"settings": {"seeded_history": False, "line_latency": 0}})
    assert service.get(V1) == service.get(V2) == {"transactions": [], "totalCount": 0}
    assert service.table(EXPORT) == []
    page = {"offset": 0, "limit": 100, "sort": "MDN", "sortDir": "ASC"}
    assert service.get("/v1.0/devices/NORTHSTAR-ISD", params=page) == {"devices": [], "totalCount": 0}
    body = single(1, imei=fixtures.ACTIVE.imei, iccid=fixtures.ACTIVE.iccid)
    assert service.lines(service.post(TRANSACTION, body))[0]["status"] == "COMPLETED"
    assert len(service.table(EXPORT)) == 1


def test_only_the_export_is_refused_or_broken(service: Service) -> None:
    for fault, status in (({"kind": "status", "status": 403}, 403), ({"kind": "html"}, 502), ({"kind": "empty"}, 200)):
        service.control("POST", "faults", {**fault, "query": "export=CSV", "count": 0})
        assert service.call("GET", EXPORT).status_code == status
        service.get(V2)
        service.control("DELETE", "faults")


def test_the_date_follows_the_clock(service: Service) -> None:
    service.later(86_400)
    for path, status in ((CARRIERS, 200), ("/v1.0/nothing", 404)):
        reply = service.call("GET", path)
        assert reply.status_code == status
        date = parsedate_to_datetime(reply.headers["date"]).timestamp()
        assert abs(date - service.simulator.clock.now()) < 5
    service.control("POST", "faults", {"kind": "status", "headers": {"Date": "soon"}})
    assert service.call("GET", CARRIERS).headers.get_list("date") == ["soon"]


def test_rate_limit_headers(service: Service) -> None:
    assert "x-ratelimit-limit" not in service.call("GET", CARRIERS).headers
    service.settings(rate_limit=5, rate_limit_headers=True)
    replies = [service.call("GET", CARRIERS) for _number in range(20)]
    left = [int(reply.headers["x-ratelimit-remaining"]) for reply in replies]
    assert {reply.headers["x-ratelimit-limit"] for reply in replies} == {"5"}
    assert left[0] == 4
    assert [count for count, reply in zip(left, replies) if reply.status_code == 429] == [0] * sum(
        reply.status_code == 429 for reply in replies
    )
    assert replies[-1].status_code == 429
