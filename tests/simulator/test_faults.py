# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults without a socket, and the rate limit. Resets and other cuts are in ``test_process``."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from service import TRANSACTION, V1, V2, Service, single

CARRIERS = "/v1.0/activation/carriers"


def fault(service: Service, kind: str, **fields: Any) -> None:
    """Set a fault."""
    service.control("POST", "faults", {"kind": kind, **fields})


def submitted(service: Service) -> int:
    """Return the number of submissions that were carried out."""
    return sum(device["submitted"] for device in service.control("GET", "activations")["devices"])


@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("kind", ["status", "html", "empty", "truncated", "drip", "expire_token"])
def test_committed_or_not(service: Service, kind: str, commit: bool) -> None:
    fault(service, kind, method="POST", path="/transaction$", commit=commit)
    reply = service.call("POST", TRANSACTION, json=single(1))
    expected = {"status": 503, "html": 502, "empty": 200, "truncated": 200, "drip": 200, "expire_token": 401}
    assert reply.status_code == expected[kind]
    assert submitted(service) == int(commit)
    entry = service.control("GET", "requests")["requests"][-1]
    assert (entry["fault"], entry["status"], entry["write"]) == (kind, expected[kind], True)
    assert service.call("POST", TRANSACTION, json=single(2)).status_code == 200


def test_bodies_of_faults(service: Service) -> None:
    fault(service, "html", status=504)
    reply = service.call("GET", CARRIERS)
    assert reply.headers["content-type"] == "text/html"
    assert "504 Gateway Time-out" in reply.text
    fault(service, "empty")
    assert service.call("GET", CARRIERS).content == b""
    fault(service, "truncated")
    assert service.call("GET", CARRIERS).text.startswith('["Verizon",')
    fault(service, "drip", delay=0.1)
    assert service.get(CARRIERS)[0] == "Verizon"
    fault(service, "status", status=418, body="short and stout", headers={"X-Pot": "tea"})
    reply = service.call("GET", CARRIERS)
    assert (reply.status_code, reply.text, reply.headers["x-pot"]) == (418, "short and stout", "tea")
    fault(service, "status", status=500, body={"error": "x"})
    assert service.call("GET", CARRIERS).json() == {"error": "x"}


@pytest.mark.parametrize(
    ("given", "wanted"), [(3, "3"), (0.5, "0.5"), ("soon", "soon"), ("99999999999", "99999999999"), (None, None)]
)
def test_retry_after(service: Service, given: object, wanted: str | None) -> None:
    fault(service, "status", status=429, retry_after=given)
    assert service.call("GET", CARRIERS).headers.get("retry-after") == wanted


def test_retry_after_as_a_date(service: Service) -> None:
    fault(service, "status", status=429, retry_after="date:60")
    header = parsedate_to_datetime(service.call("GET", CARRIERS).headers["retry-after"]).timestamp()
    assert 50 < header - time.time() < 70


def test_a_fault_strikes_only_matching_requests(service: Service) -> None:
    fault(service, "status", method="get", path="^/v2", skip=1, count=2)
    assert [service.call("GET", V1).status_code for _round in range(3)] == [200, 200, 200]
    assert [service.call("GET", V2).status_code for _round in range(5)] == [200, 503, 503, 200, 200]
    (shown,) = service.control("GET", "faults")["faults"]
    assert (shown["matched"], shown["fired"]) == (5, 2)


def test_a_fault_without_a_count_strikes_until_it_is_removed(service: Service) -> None:
    service.control("POST", "faults", [{"kind": "status", "count": 0}, {"kind": "html", "count": 0}])
    assert {service.call("GET", V1).status_code for _round in range(5)} == {503}
    service.control("DELETE", "faults")
    service.get(V1)


def test_chances_follow_the_seed(service: Service) -> None:
    runs = []
    for _run in range(2):
        service.control("POST", "reset", {"seed": 11})
        fault(service, "status", probability=0.5, count=0)
        runs.append([service.call("GET", CARRIERS).status_code for _round in range(30)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


def draws(service: Service, rounds: int = 40) -> list[tuple[int, str | None]]:
    """Return the statuses and Retry-After headers of some requests."""
    replies = [service.call("GET", CARRIERS) for _round in range(rounds)]
    return [(reply.status_code, reply.headers.get("retry-after")) for reply in replies]


def test_drawn_values_follow_the_seed(service: Service) -> None:
    mixed = {"kind": "status", "count": 0, "status": [429, 503], "retry_after": [1, None, "soon"], "probability": 0.8}
    runs = []
    for before in (0, 1, 3):
        service.control("POST", "reset", {"seed": before})
        for _other in range(before):
            fault(service, "status", path="nowhere")
        service.control("POST", "faults", {"seed": 5, "faults": [mixed]})
        runs.append(draws(service))
    assert runs[0] == runs[1] == runs[2]
    assert set(runs[0]) == {(200, None), *((status, header) for status in (429, 503) for header in ("1", None, "soon"))}
    service.control("DELETE", "faults")
    service.control("POST", "faults", {"seed": 6, "faults": [mixed]})
    assert draws(service) != runs[0]


def test_a_seed_of_its_own(service: Service) -> None:
    runs = []
    for seed in (1, 2):
        service.control("POST", "reset", {"seed": seed})
        fault(service, "status", probability=0.5, count=0, seed=77)
        runs.append(draws(service))
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2
    # It takes precedence over the seed of the set.
    service.control("DELETE", "faults")
    spec = {"kind": "status", "probability": 0.5, "count": 0, "seed": 77}
    service.control("POST", "faults", {"seed": 1, "faults": [spec]})
    assert draws(service) == runs[0]


def test_retry_after_at_random(service: Service) -> None:
    fault(service, "status", status=429, retry_after="random", count=0)
    header = {header for _status, header in draws(service, 150)}
    assert {None, "1", "-5", "soon", ""} <= header
    dates = [parsedate_to_datetime(header).timestamp() for header in header if header and "GMT" in header]
    assert min(dates) < time.time() - 3600
    assert max(dates) > time.time() - 60
    service.control("DELETE", "faults")
    service.settings(rate_limit=0.001, rate_limit_retry_after="random")
    header = {header for _status, header in draws(service, 150)}
    assert {None, "1", "-5", "soon", ""} <= header


def test_only_some_queries(service: Service) -> None:
    fault(service, "status", query="^(?!.*export)", path="^/v2", count=0)
    assert service.call("GET", V2 + "?limit=3").status_code == 503
    assert service.call("GET", V2).status_code == 503
    assert service.call("GET", V2 + "?export=CSV").status_code == 200
    service.control("DELETE", "faults")
    fault(service, "status", query="export=CSV", count=0)
    assert service.call("GET", V2 + "?export=CSV").status_code == 503
    assert service.call("GET", V2 + "?limit=3").status_code == 200


def test_a_truncated_csv_ends_within_a_row(service: Service) -> None:
    whole = service.call("GET", V2 + "?export=CSV").text
    for length in range(3):
        service.control("POST", "history", [{"iccid": "8" * (19 + length), "imei": "1" * 15}])
        fault(service, "truncated")
        half = service.call("GET", V2 + "?export=CSV").text
        assert len(whole) * 0.4 < len(half) < len(whole) * 0.6
        last = half.splitlines()[-1]
        assert len(last) < 5
        assert not half.endswith("\n")


def test_a_delay_within_a_span(service: Service) -> None:
    fault(service, "delay", delay=[0.1, 0.3], count=0, seed=3)
    taken = []
    for _round in range(5):
        begun = time.monotonic()
        service.get(CARRIERS)
        taken.append(time.monotonic() - begun)
    assert min(taken) >= 0.1
    assert max(taken) < 0.6
    assert max(taken) - min(taken) > 0.02


def test_a_connection_that_ends_unread(service: Service) -> None:
    fault(service, "reset_unread", method="POST", skip=1)
    service.post(TRANSACTION, single(1))
    with pytest.raises(ConnectionResetError):
        service.call("POST", TRANSACTION, json=single(2))
    first, second = service.control("GET", "requests")["requests"]
    assert (first["body"], first["fault"]) == (single(1), None)
    assert (second["body"], second["fault"], second["status"]) == (None, "reset_unread", None)
    assert submitted(service) == 1
    service.post(TRANSACTION, single(2))


def test_an_expired_token_stays_expired(service: Service) -> None:
    login = {"username": "fleet@northstar.example", "password": "simulator-password"}
    token = service.post("/v1.0/auth/token", login)["token"]
    fault(service, "expire_token", path="carriers")
    service.get(CARRIERS, status=401, token=token)
    service.get(CARRIERS, status=401, token=token)
    service.get(CARRIERS, token=service.post("/v1.0/auth/token", login)["token"])


def test_delays(service: Service) -> None:
    fault(service, "delay", delay=0.3)
    begun = time.monotonic()
    service.get(CARRIERS)
    assert time.monotonic() - begun >= 0.3
    service.settings(request_latency=0.2)
    begun = time.monotonic()
    service.get(CARRIERS)
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_the_rate_limit(service: Service, form: str) -> None:
    service.settings(rate_limit=5, rate_limit_retry_after=form)
    replies = [service.call("GET", CARRIERS) for _round in range(12)]
    turned_away = [reply for reply in replies if reply.status_code == 429]
    assert 3 <= len(turned_away) <= 7
    header = turned_away[0].headers.get("retry-after")
    assert {"seconds": header == "1", "date": "GMT" in str(header), "none": header is None}[form]
    time.sleep(0.45)
    assert service.call("GET", CARRIERS).status_code == 200
    assert service.counts["get"] == 13
