# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A history that appears late and in a different order, and pages that repeat, shift and lose entries."""

from __future__ import annotations

from typing import Any

from sentinel_simulator import fixtures
from service import TRANSACTION, V1, V2, Service, iccid, single


def ids(service: Service, path: str = V2, **params: Any) -> list[str]:
    """Return the transaction ids of a page."""
    return [item["transactionId"] for item in service.get(path, params={"limit": 5, **params})["transactions"]]


def everything(service: Service, path: str) -> list[str]:
    """Return all ids, oldest first."""
    return ids(service, path, sortDir="ASC", limit=500)


def test_each_transaction_has_its_own_delay(service: Service) -> None:
    service.settings(history_lag=[5, 25])
    made = [service.post(TRANSACTION, single(number))["transactionId"] for number in range(30)]
    seen: list[str] = []
    for _second in range(30):
        seen += [found for found in everything(service, V1) if found in made and found not in seen]
        if _second == 3:
            assert not seen
        service.later(1)
    assert sorted(seen) == sorted(made)
    assert seen != made
    # Each can be read by its id at once, and appears in the lists in order of time.
    assert [found for found in everything(service, V1) if found in made] == made


def test_delays_follow_the_seed() -> None:
    runs = []
    for seed in (1, 1, 2):
        with Service(seed=seed, settings={"history_lag": [0, 100]}) as service:
            made = [service.post(TRANSACTION, single(number))["transactionId"] for number in range(20)]
            service.later(50)
            known = set(everything(service, V1))
            runs.append([found in known for found in made])
    assert runs[0] == runs[1] != runs[2]


def test_a_single_number_is_an_exact_delay(service: Service) -> None:
    service.settings(history_lag=10)
    assert service.control("GET", "settings")["history_lag"] == 10
    made = service.post(TRANSACTION, single(1))["transactionId"]
    service.later(9)
    assert made not in everything(service, V1)
    service.later(1)
    assert made in everything(service, V1)


def test_pages_repeat_by_chance(service: Service) -> None:
    whole = everything(service, V1)
    service.settings(page_overlap=[0, 3])
    firsts = {ids(service, V1, sortDir="ASC", offset=10)[0] for _round in range(40)}
    assert firsts == set(whole[7:11])
    assert ids(service, V1, sortDir="ASC") == whole[:5]
    service.control("PUT", "settings", {"page_overlap": [2, 1]}, status=400)


def test_other_users_transactions_arrive(service: Service) -> None:
    service.settings(arrivals=1)
    total = service.get(V2)["totalCount"]
    first = ids(service)
    second = ids(service, offset=5)
    # Newest first, a new transaction shifts all others by one.
    assert second[0] == first[-1]
    service.settings(arrivals=0)
    assert service.get(V2)["totalCount"] == total + 3
    assert ids(service)[3:] == first[1:3]
    assert service.control("GET", "activations")["devices"] == []
    strangers = [row["ICCID"] for row in service.table(V2 + "?export=CSV")[:3]]
    assert len(set(strangers)) == 3


def test_other_users_transactions_arrive_by_chance() -> None:
    runs = []
    for seed in (1, 1, 2):
        with Service(seed=seed, settings={"arrivals": 0.3}) as service:
            runs.append([service.get(V1)["totalCount"] for _round in range(30)])
    assert runs[0] == runs[1] != runs[2]
    assert 2 < runs[0][-1] - runs[0][0] < 18


def test_the_oldest_drop_out(service: Service) -> None:
    before, old = everything(service, V2), everything(service, V1)
    service.settings(departures=1)
    for lost in range(5):
        assert everything(service, V2) == before[lost:]
    # Oldest first, a client that continues at the next offset misses one.
    first = ids(service, sortDir="ASC")
    assert ids(service, sortDir="ASC", offset=5)[0] == before[before.index(first[-1]) + 2]
    # They are missing only from v2.
    assert everything(service, V1) == old
    assert len(service.table(V2 + "?export=CSV")) > len(before)
    for _round in range(100):
        ids(service)
    kept = service.get(V2, params={"limit": 500})["transactions"]
    assert fixtures.FAILED.iccid in {item.get("iccid") for item in kept}
    service.control("POST", "reset")
    assert len(everything(service, V2)) == len(before)


def test_pages_while_a_late_transaction_shows_up(service: Service) -> None:
    service.control("POST", "devices", [])
    service.settings(history_lag=30)
    service.post(TRANSACTION, single(1))
    service.settings(history_lag=0)
    service.post(TRANSACTION, single(2))
    first = service.get(V1, params={"limit": 1})["transactions"]
    assert first[0]["iccid"] == iccid(2)
    service.later(31)
    assert service.get(V1, params={"limit": 1, "offset": 1})["transactions"][0]["iccid"] == iccid(1)
    assert service.get(V1, params={"limit": 1, "offset": 0})["transactions"] == first
