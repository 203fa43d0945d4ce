# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The profile hostile: it has every kind of fault, follows the seed, and a careful client still finishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest
from careful import CarefulClient, CarelessClient
from conftest import Process
from sentinel_simulator.faults import FaultRegistry, Kind
from sentinel_simulator.hostile import HOSTILE_FAULTS
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2, Service, batch, iccid, imei, pair, single, smartsim

SUBMISSIONS = (
    "/v1.0/activation/transaction",
    "/v1.0/activation/smartsim-transaction",
    "/v1.0/activation/esim-transaction",
)
EXPORT = ("/v2.0/activation/transactions", "sortDir=ASC&export=CSV")
PAGE = ("/v2.0/activation/transactions", "limit=500")
LOGIN = ("/v1.0/auth/token", "")
MANY = 20_000

#: A task of a client: a path, a body, and the identifiers of its devices.
Order = tuple[str, dict[str, Any], set[str]]


def struck(method: str, path: str, query: str = "", seed: int = 0) -> list[Any]:
    """Return the strike for each of many requests; None for requests without one."""
    book = FaultRegistry()
    book.clear(seed)
    for spec in HOSTILE_FAULTS:
        book.add(spec)
    found = []
    for _request in range(MANY):
        strike = book.pick(method, path, query, early=True) or book.pick(method, path, query)
        found.append(strike)
    return found


@pytest.mark.parametrize("path", SUBMISSIONS)
def test_faults_of_submissions(path: str) -> None:
    hits = [strike for strike in struck("POST", path) if strike is not None]
    assert 0.1 < len(hits) / MANY < 0.3
    seen = {(strike.spec.kind, strike.spec.commit, strike.commit_after is not None) for strike in hits}
    assert seen >= {
        ("refuse", False, False), ("refuse", True, False), ("reset_unread", False, False), ("reset", False, False),
        ("reset", True, False), ("reset", True, True), ("delay", True, False), ("delay", False, False),
        ("delay", True, True), ("status", False, False), ("status", True, False), ("status", True, True),
        ("html", False, False), ("html", True, False), ("truncated", True, False), ("empty", True, False),
        ("empty", False, False), ("broken", True, False),
    }  # fmt: skip
    for commit in (False, True):
        statuses = {strike.status for strike in hits if strike.spec.kind == "status" and strike.spec.commit == commit}
        assert statuses >= {500, 502, 503, 504}
    values = {strike.retry_after for strike in hits if strike.status == 429}
    assert values >= {None, 1, "date:1", "date:-86400", "-5", "soon", "9999999"}
    # The most expensive faults are rare: long delays, and one wait that no client can keep.
    assert sum(strike.delay > 3 for strike in hits) / MANY < 0.01
    assert sum(strike.retry_after == "9999999" for strike in hits) == 1


@pytest.mark.parametrize(("path", "query"), [EXPORT, PAGE])
def test_faults_of_reads(path: str, query: str) -> None:
    hits = [strike for strike in struck("GET", path, query) if strike is not None]
    assert 0.1 < len(hits) / MANY < 0.25
    kinds = {strike.spec.kind for strike in hits}
    assert kinds >= {"status", "html", "empty", "broken", "drip", "delay", "reset", "reset_unread", "refuse"}
    # No client can detect a CSV that looks complete but is not.
    assert ("truncated" in kinds) == (query == PAGE[1])
    assert max(strike.delay for strike in hits) <= 2


def test_faults_of_logins() -> None:
    kinds = {strike.spec.kind for strike in struck("POST", *LOGIN) if strike is not None}
    assert kinds == {"status", "html", "reset_unread", "refuse"}


def test_every_kind_of_fault_is_used() -> None:
    # A fixed token cannot be replaced, so tokens of logins expire by age instead (setting token_max_age). No client can
    # detect a wrong status word.
    assert set(get_args(Kind)) - {spec.kind for spec in HOSTILE_FAULTS} == {"expire_token", "unknown_words"}
    assert {spec.count for spec in HOSTILE_FAULTS} == {0, 1}


def test_faults_follow_the_seed() -> None:
    path = SUBMISSIONS[0]
    assert struck("POST", path, seed=4) == struck("POST", path, seed=4) != struck("POST", path, seed=5)


def test_how_lines_end() -> None:
    runs = []
    for seed in (1, 1, 2):
        with Service(profile="hostile", seed=seed) as service:
            service.control("DELETE", "faults")
            service.settings(rate_limit=0, request_latency=0, history_lag=0)
            made = [
                service.post(TRANSACTION, batch(*(pair(2_000 * part + number) for number in range(1_500))))
                for part in range(2)
            ]
            seen = []
            for _second in range(4):
                found = [line["status"] for transaction in made for line in service.lines(transaction)]
                seen.append(Counter("PENDING" if "I" in status[:4] else status for status in found))
                service.later(1)
            service.later(15)
            found = [line["status"] for transaction in made for line in service.lines(transaction)]
            runs.append(found)
    ends = Counter(runs[0])
    assert runs[0] == runs[1] != runs[2]
    assert 10 < ends["FAILED"] < 60
    assert 1 <= ends["IN PROGRESS"] < 30
    assert ends["FAILED"] + ends["IN PROGRESS"] + ends["COMPLETED"] == 3_000
    # Some at once, some within seconds, some much later.
    done = [counts["COMPLETED"] for counts in seen]
    assert done == sorted(set(done))
    assert 20 < ends["COMPLETED"] - done[-1] < 150


def test_duplicates_follow_each_of_the_three_rules() -> None:
    runs = []
    for seed in (1, 1, 2):
        with Service(seed=seed, settings={"duplicates": "random", "line_latency": 0}) as service:
            answers = []
            for number in range(40):
                service.post(TRANSACTION, single(number))
                reply = service.call("POST", TRANSACTION, json=single(number))
                if reply.status_code == 409:
                    answers.append("refuse")
                else:
                    (line,) = service.lines(reply.json())
                    answers.append("second_success" if line["status"] == "COMPLETED" else "fail_line")
            runs.append(answers)
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {"refuse", "second_success", "fail_line"}


def test_tokens_of_logins_expire_during_a_run() -> None:
    login = {"username": "fleet@northstar.example", "password": "simulator-password"}
    with Service(settings={"token_max_age": [10, 60]}) as service:
        token = service.post("/v1.0/auth/token", login)["token"]
        used = 0
        while service.call("GET", V1, token=token).status_code == 200:
            used += 1
            service.later(1)
            assert used < 70
        assert used > 8
        # Other tokens expire at other times, fixed ones never.
        ages = set()
        for _login in range(5):
            token = service.post("/v1.0/auth/token", login)["token"]
            age = 0
            while service.call("GET", V1, token=token).status_code == 200:
                service.later(5)
                age += 5
            ages.add(age)
        assert len(ages) > 1
        service.get(V1)
        service.settings(token_max_age=30)
        token = service.post("/v1.0/auth/token", login)["token"]
        service.later(29)
        service.get(V1, token=token)
        service.later(1)
        service.get(V1, token=token, status=401)


def work(process: Process, kind: type[CarefulClient], orders: list[Order]) -> list[str]:
    """Let clients carry out tasks in parallel; return the faults that they met."""

    def carry_out(order: Order) -> list[str]:
        client = kind(process.ready["api_url"])
        try:
            client.activate(*order)
            return client.faults
        finally:
            client.close()

    with ThreadPoolExecutor(24) as pool:
        return [fault for faults in pool.map(carry_out, orders) for fault in faults]


def test_a_careful_client_finishes_without_duplicates(spawn: Callable[..., Process]) -> None:
    process = spawn("--control", "--profile", "hostile", "--seed", "5", "--lifetime", "120").wait_ready()
    orders: list[Order] = [(TRANSACTION, single(number), {iccid(number)}) for number in range(20)]
    sims = [f"89103900000016{number:04d}" for number in range(8)]
    orders += [(SMARTSIM, {"activationLines": [smartsim(sim)]}, {sim}) for sim in sims]
    orders += [(ESIM, batch({"imei": imei(100 + number)}), {imei(100 + number)}) for number in range(8)]
    orders.append((TRANSACTION, batch(*(pair(200 + number) for number in range(30))), set(map(iccid, range(200, 230)))))
    faults = Counter(work(process, CarefulClient, orders))
    reader = CarefulClient(process.ready["api_url"])
    ours = {
        row["Transaction ID"] for row in reader.history() if row["ICCID"] in {iccid(number) for number in range(20)}
    }
    assert len(ours) == 20
    assert reader.pages() >= ours
    reader.close()
    process.control("DELETE", "faults")
    found = process.control("GET", "activations")
    # Despite all faults, nothing was submitted twice, and nothing was lost.
    assert len(found["devices"]) == 20 + 8 + 8 + 30
    assert (found["max_submitted"], found["max_activated"]) == (1, 1)
    # There were faults of many kinds.
    assert faults["error"] + faults["unreadable"] > 10
    assert faults["429"] > 0
    assert process.popen.poll() is None
    assert process.end()[1] == ""


def test_a_careless_client_activates_twice(spawn: Callable[..., Process]) -> None:
    """Repeat until it happens, because the order of the threads decides which requests the faults strike."""
    process = spawn("--control", "--profile", "hostile", "--seed", "5", "--lifetime", "300").wait_ready()
    for part in range(5):
        work(process, CarelessClient, [(TRANSACTION, single(40 * part + number), set()) for number in range(40)])
        found = process.control("GET", "activations")
        assert len(found["devices"]) == 40 * (part + 1)
        if found["max_submitted"] > 1:
            break
    assert found["max_submitted"] > 1


def test_faults_of_a_profile_can_be_changed() -> None:
    with Service(profile="hostile") as service:
        assert len(service.control("GET", "faults")["faults"]) == len(HOSTILE_FAULTS)
        service.control("DELETE", "faults")
        service.settings(rate_limit=0, request_latency=0)
        assert {service.call("GET", V2).status_code for _round in range(100)} == {200}
        service.control("POST", "reset")
        assert len(service.control("GET", "faults")["faults"]) == len(HOSTILE_FAULTS)
        service.control("POST", "reset", {"profile": "instant"})
        assert service.control("GET", "faults")["faults"] == []
