# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the device list and of status changes: by call, wrong rows, shifting pages."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sentinel_simulator.faults import FaultRegistry, FaultSpec
from sentinel_simulator.hostile import HOSTILE_FAULTS
from service import V2, Service, iccid, pair

DEVICES = "/v1.0/devices/NORTHSTAR-ISD"
PAGE = {"offset": 0, "limit": 100, "sort": "MDN", "sortDir": "ASC"}
CSV = DEVICES + "?export=CSV"
COUNT = 250
REQUESTS = {
    "listing_pages": ("GET", DEVICES, PAGE),
    "listing_csv": ("GET", DEVICES, {"columns": "MDN", "export": "CSV"}),
    "statuses": ("GET", DEVICES + "/status", {}),
    "set_status": ("PUT", DEVICES + "/status", {}),
    "other": ("GET", V2, {"export": "CSV"}),
}


def fault(service: Service, kind: str, **fields: Any) -> None:
    """Set a fault."""
    service.control("POST", "faults", {"kind": kind, **fields})


def send(service: Service, name: str) -> int:
    """Send one of the requests; return its status."""
    method, path, params = REQUESTS[name]
    return int(service.call(method, path, params=params, json=None if method == "GET" else {}).status_code)


@pytest.fixture
def fleet(service: Service) -> Service:
    """A simulator whose list has 250 devices, and nothing else."""
    service.control("POST", "reset", {"settings": {"seeded_history": False}})
    service.control("POST", "listing", [pair(number) for number in range(COUNT)])
    return service


def pages(service: Service, limit: int = 100) -> tuple[list[str], set[int]]:
    """Return the MDNs of all pages, in order, and their totals."""
    seen: list[str] = []
    totals: set[int] = set()
    for offset in range(0, COUNT, limit):
        found = service.get(DEVICES, params={**PAGE, "offset": offset, "limit": limit})
        seen += [device["mdn"] for device in found["devices"]]
        totals.add(found["totalCount"])
    return seen, totals


@pytest.mark.parametrize(
    ("call", "hit"),
    [
        ("listing", {"listing_pages", "listing_csv"}),
        ("listing_pages", {"listing_pages"}),
        ("listing_csv", {"listing_csv"}),
        ("statuses", {"statuses"}),
        ("set_status", {"set_status"}),
    ],
)
@pytest.mark.parametrize("status", [403, 404, 503])
def test_calls_by_name(service: Service, call: str, hit: set[str], status: int) -> None:
    before = {name: send(service, name) for name in REQUESTS}
    fault(service, "status", call=call, status=status, count=0)
    after = {name: send(service, name) for name in REQUESTS}
    assert after == {name: status if name in hit else before[name] for name in REQUESTS}
    assert service.control("GET", "faults")["faults"][0]["matched"] == len(hit)


def test_a_call_and_a_query(service: Service) -> None:
    fault(service, "status", call="listing_csv", query="columns=STATUS", count=0)
    assert service.call("GET", CSV + "&columns=MDN").status_code == 200
    assert service.call("GET", CSV + "&columns=STATUS").status_code == 503


@pytest.mark.parametrize("call", ["listing_pages", "listing_csv", "statuses"])
def test_answers_that_cannot_be_read(service: Service, call: str) -> None:
    method, path, params = REQUESTS[call]
    for kind, more, content in (
        ("html", {"status": 200}, b"<!DOCTYPE html>"),
        ("empty", {}, b""),
        ("status", {"status": 200, "body": {"data": {"count": 1}}}, b'{"data": {"count": 1}}'),
        ("status", {"status": 404, "body": {"message": "No devices found"}}, b'{"message": "No devices found"}'),
    ):
        fault(service, kind, call=call, **more)
        reply = service.call(method, path, params=params)
        assert reply.content.startswith(content)
        assert reply.status_code == more.get("status", 200)


def test_half_of_the_csv(fleet: Service) -> None:
    fault(fleet, "truncated", call="listing_csv")
    half = fleet.call("GET", CSV).text
    assert 80 < half.count("\n") < 170
    assert not half.endswith("\n")


def test_a_part_of_the_list(fleet: Service) -> None:
    whole, _totals = pages(fleet)
    fault(fleet, "partial", share=0.6, count=0)
    some, totals = pages(fleet)
    assert totals == {COUNT}
    assert COUNT * 0.45 < len(some) < COUNT * 0.75
    assert some == [mdn for mdn in whole if mdn in set(some)]
    assert [row["MDN"] for row in fleet.table(CSV)] == some
    assert pages(fleet, 50)[0] == some


@pytest.mark.parametrize(("total", "least", "most"), [("true", 250, 250), ("rows", 80, 170), ("more", 251, 400)])
def test_totals(fleet: Service, total: str, least: int, most: int) -> None:
    fault(fleet, "partial", total=total, count=0)
    seen, totals = pages(fleet)
    (named,) = totals
    assert least <= named <= most
    assert (named == len(seen)) == (total == "rows")


def test_rows_that_appear_twice(fleet: Service) -> None:
    fault(fleet, "duplicates", share=0.2, total="rows", call="listing", count=0)
    counts = Counter(row["UICC"] for row in fleet.table(CSV))
    assert set(counts.values()) == {1, 2}
    assert len(counts) == COUNT
    twice = sum(count == 2 for count in counts.values())
    assert COUNT * 0.1 < twice < COUNT * 0.3
    found = fleet.get(DEVICES, params=PAGE)
    assert found["totalCount"] == COUNT + twice
    assert len(found["devices"]) == 100


def test_unknown_status_words(fleet: Service) -> None:
    fault(fleet, "unknown_words", share=0.3, words=["Odd", "Odder"])
    words = Counter(row["STATUS"] for row in fleet.table(CSV))
    assert set(words) == {"active", "Odd", "Odder"}
    assert COUNT * 0.15 < words["Odd"] + words["Odder"] < COUNT * 0.45
    assert {row["STATUS"] for row in fleet.table(CSV)} == {"active"}


def test_wrong_rows_follow_the_seed_and_affect_nothing_else(fleet: Service) -> None:
    runs = []
    for seed in (1, 1, 2):
        fleet.control("DELETE", "faults")
        fault(fleet, "partial", seed=seed, count=0)
        assert fleet.call("GET", V2).status_code == 200
        assert fleet.call("GET", DEVICES + "/status").status_code == 200
        runs.append(pages(fleet)[0])
        assert fleet.control("GET", "faults")["faults"][0]["matched"] == 3
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "partial", "call": "set_status"},
        {"kind": "partial", "share": 1.5},
        {"kind": "unknown_words", "words": []},
        {"kind": "partial", "total": "none"},
        {"kind": "status", "call": "list"},
    ],
)
def test_invalid_combinations_are_refused(service: Service, spec: dict[str, Any]) -> None:
    assert service.control("POST", "faults", spec, status=400)["message"]


@pytest.mark.parametrize(("commit", "word"), [(True, "suspended"), (False, "active")])
@pytest.mark.parametrize("kind", ["status", "html", "empty", "truncated"])
def test_a_status_whose_answer_is_lost(fleet: Service, kind: str, commit: bool, word: str) -> None:
    fault(fleet, kind, call="set_status", commit=commit)
    mdn = pages(fleet)[0][0]
    body = {"mdns": [mdn], "status": "SUSPENDED"}
    fleet.call("PUT", DEVICES + "/status", json=body)
    assert fleet.get(DEVICES, params=PAGE)["devices"][0]["status"] == word
    # Repeating it changes nothing.
    assert fleet.call("PUT", DEVICES + "/status", json=body).status_code == 200
    (booked,) = fleet.control("GET", "status_changes")["devices"]
    assert (booked["set"], booked["changed"], booked["suspended"]) == (1 + commit, 1, 1)
    assert [entry["fault"] for entry in fleet.control("GET", "status_changes")["puts"]] == [kind, None]


def test_other_users_devices_join_the_list(fleet: Service) -> None:
    whole, _totals = pages(fleet)
    fleet.settings(listing_arrivals=1)
    seen, totals = pages(fleet, 10)
    assert totals == set(range(COUNT, COUNT + 25))
    # Some of them come first, so the last entry of a page appears again on the next.
    counts = Counter(seen)
    assert sum(count > 1 for count in counts.values()) > 3
    assert len(counts.keys() & set(whole)) < COUNT
    fleet.settings(listing_arrivals=0)
    assert set(whole) < {row["MDN"] for row in fleet.table(CSV)}
    assert fleet.control("GET", "activations")["devices"] == []


def test_other_users_devices_leave_the_list(fleet: Service) -> None:
    whole, _totals = pages(fleet)
    fleet.settings(listing_departures=1)
    assert pages(fleet) == (whole, {COUNT})
    fleet.control("POST", "listing", {"generate": 20})
    fleet.settings(listing_arrivals=1)
    for _page in range(10):
        fleet.get(DEVICES, params=PAGE)
    fleet.settings(listing_arrivals=0, listing_departures=0)
    assert fleet.get(DEVICES, params=PAGE)["totalCount"] == COUNT + 20
    fleet.settings(listing_departures=1)
    for _page in range(25):
        fleet.get(DEVICES, params=PAGE)
    assert pages(fleet) == (whole, {COUNT})


def test_pages_of_the_list_repeat_entries(fleet: Service) -> None:
    whole, _totals = pages(fleet)
    fleet.settings(listing_overlap=3)
    assert pages(fleet)[0] == whole[:100] + whole[97:197] + whole[197:]
    fleet.settings(listing_overlap=[0, 3])
    firsts = {fleet.get(DEVICES, params={**PAGE, "offset": 10})["devices"][0]["mdn"] for _round in range(40)}
    assert firsts == set(whole[7:11])
    assert len(fleet.table(CSV)) == COUNT


def test_a_scope_that_no_token_has(service: Service) -> None:
    service.settings(withheld_scopes=["org_managerplus"])
    for name in ("statuses", "set_status"):
        assert send(service, name) == 403
    assert send(service, "listing_pages") == 200


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (
            "set_status",
            {"reset", "reset_unread", "status", "html", "truncated", "broken", "empty", "delay", "refuse"},
        ),
        ("listing_pages", {"partial", "duplicates", "status", "html", "empty", "broken", "drip", "reset"}),
        ("listing_csv", {"duplicates", "status", "html", "empty", "broken", "drip", "reset"}),
    ],
)
def test_the_hostile_profile_has_faults_of_the_list(call: str, wanted: set[str]) -> None:
    method, path, _params = REQUESTS[call]
    query = "export=CSV" if call == "listing_csv" else "offset=0"
    book = FaultRegistry()
    book.clear(0)
    for spec in HOSTILE_FAULTS:
        book.add(spec)
    request = (method, path, query)
    strikes = (book.pick(*request, early=True) or book.pick(*request) for _request in range(20_000))
    hits = [strike for strike in strikes if strike is not None]
    assert 0.1 < len(hits) / 20_000 < 0.3
    kinds = {strike.spec.kind for strike in hits}
    assert kinds >= wanted
    assert "unknown_words" not in kinds
    if call == "set_status":
        assert {strike.spec.commit for strike in hits if strike.spec.kind == "reset"} == {True, False}
    if call == "listing_csv":
        # No client can detect missing rows in a CSV.
        assert not kinds & {"partial", "truncated"}


def test_a_dialect_keeps_status_words_that_the_user_set(service: Service) -> None:
    service.settings(dialect="random:7")
    service.control("POST", "listing", [{**pair(1), "status": "Port pending"}, {**pair(2), "status": "suspended"}])
    found = {row["UICC"]: row["STATUS"] for row in service.table(CSV + "&columns=UICC,STATUS")}
    words = service.control("GET", "settings")["dialect"]["status_words"]["device"]["suspended"]
    shown = {"".join(filter(str.isdigit, name)): word for name, word in found.items()}
    assert shown[iccid(1)] == "Port pending"
    assert shown[iccid(2)] in words
    assert FaultSpec(kind="partial").share == 0.5
