# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints 10, 11, 12 and 14: pages, the 180 days, CSV, and a late or shifting history."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sentinel_simulator import fixtures
from sentinel_simulator.history import CSV_HEADER
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2, Service, batch, imei, pair, single, smartsim

EXPORT = V2 + "?export=CSV"


def ids(page: dict[str, Any]) -> list[str]:
    """Return a page's transaction ids."""
    return [item["transactionId"] for item in page["transactions"]]


def test_items(service: Service) -> None:
    service.post(TRANSACTION, single(1))
    item = service.get(V1, params={"limit": 1})["transactions"][0]
    assert set(item) == {
        "transactionId", "status", "transactionStartTimestamp", "totalLines", "successLines", "failedLines",
        "pendingLines", "imei", "iccid",
    }  # fmt: skip
    assert re.fullmatch(r"\d\d/\d\d/\d{4} (0[1-9]|1[0-2]):\d\d:\d\d [AP]M", item["transactionStartTimestamp"])
    service.post(TRANSACTION, batch(pair(2), pair(3)))
    assert "imei" not in service.get(V1, params={"limit": 1})["transactions"][0]


@pytest.mark.parametrize("path", [V1, V2])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_pages_cover_everything_once(service: Service, path: str, order: str) -> None:
    seen: list[str] = []
    total = service.get(path)["totalCount"]
    while True:
        page = service.get(path, params={"sortDir": order, "offset": len(seen), "limit": 7})
        assert page["totalCount"] == total
        if not page["transactions"]:
            break
        seen += ids(page)
    assert len(seen) == len(set(seen)) == total
    times = [identifier[:13] for identifier in seen]
    assert times == sorted(times, reverse=order == "DESC")


def test_limits(service: Service) -> None:
    service.control("POST", "history", {"generate": 600})
    assert len(ids(service.get(V1))) == 25
    assert len(ids(service.get(V1, params={"limit": 10_000}))) == 500
    service.settings(page_max=10)
    assert len(ids(service.get(V1, params={"limit": 20}))) == 10


@pytest.mark.parametrize("query", ["sortDir=UP", "offset=-1", "limit=0", "limit=x", "export=XML"])
def test_wrong_parameters(service: Service, query: str) -> None:
    assert query.partition("=")[0] in service.get(f"{V2}?{query}", status=400)["message"]


def test_v2_shows_180_days_and_its_export_everything(service: Service) -> None:
    recent, everything = service.get(V2, params={"limit": 500}), service.get(V1, params={"limit": 500})
    assert 20 < recent["totalCount"] < everything["totalCount"]
    old = fixtures.OLD_ACTIVE.iccid
    assert old not in {item.get("iccid") for item in recent["transactions"]}
    assert old in {item.get("iccid") for item in everything["transactions"]}
    assert old in {row["ICCID"] for row in service.table(EXPORT)}
    active = fixtures.ACTIVE.iccid
    assert active in {item.get("iccid") for item in recent["transactions"]}


def test_the_180_days_move_with_the_clock(service: Service) -> None:
    service.control("POST", "history", [{"iccid": pair(1)["iccid"], "imei": imei(1), "days_ago": 179.9}])
    before = service.get(V2)["totalCount"]
    service.later(86_400)
    assert service.get(V2)["totalCount"] < before


def test_export(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1, nickname='Bus "1", red'), pair(2, "904")))
    service.post(ESIM, batch({"imei": imei(3), "eid": "89049032123451234512345678901235"}))
    service.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004")]})
    rows = service.table(EXPORT)
    assert tuple(rows[0]) == CSV_HEADER
    smart, esim, failed, good = rows[:4]
    assert (smart["SIM ID"], smart["ICCID"], smart["IMEI"]) == ("891039000000150004", "N/A", "N/A")
    assert esim["EID"] == "89049032123451234512345678901235"
    assert esim["ICCID"].startswith("891480")
    assert (failed["Transaction Status"], failed["Line Status"]) == ("COMPLETED", "FAILED")
    assert "block list" in failed["Error Message"]
    assert failed["MDN"] == "N/A"
    assert (good["Line Status"], good["Nickname"], good["Error Message"]) == ("COMPLETED", 'Bus "1", red', "N/A")
    assert good["Device Group"] == "Transportation"
    assert good["Zip Code"] == "30301"


@pytest.mark.parametrize("per_transaction", [1, 7])
def test_a_long_export_is_whole_and_sorted(service: Service, per_transaction: int) -> None:
    service.control("POST", "history", {"generate": 5000, "lines_per_transaction": per_transaction})
    newest_first = [row["ICCID"] + row["SIM ID"] for row in service.table(EXPORT)]
    oldest_first = [row["ICCID"] + row["SIM ID"] for row in service.table(EXPORT + "&sortDir=ASC&limit=3&offset=5")]
    assert newest_first == oldest_first[::-1]
    assert len(set(newest_first)) == len(newest_first) > 5000
    assert {row["Transaction Status"] for row in service.table(EXPORT)} >= {"COMPLETED"}


def test_one_transaction_as_csv(service: Service) -> None:
    reply = service.post(TRANSACTION, batch(pair(1), pair(2)))
    rows = service.table(f"{V1}/{reply['transactionId']}/csv")
    assert [row["ICCID"] for row in rows] == [pair(1)["iccid"], pair(2)["iccid"]]
    assert tuple(rows[0]) == CSV_HEADER


def test_unknown_transactions(service: Service) -> None:
    for tail in ("ACT-1999-0101-001", "ACT-1999-0101-001/csv", "%2F..%2F"):
        assert service.get(f"{V1}/{tail}", status=404)["status"] == 404


def test_a_late_history(service: Service) -> None:
    service.settings(history_lag=30)
    reply = service.post(TRANSACTION, single(1))
    for _round in range(2):
        assert reply["transactionId"] not in ids(service.get(V1)) + ids(service.get(V2))
        assert reply["transactionId"] not in {row["Transaction ID"] for row in service.table(EXPORT)}
        service.later(14)
    assert service.lines(reply)
    service.later(5)
    assert reply["transactionId"] == ids(service.get(V2))[0]
    assert reply["transactionId"] in {row["Transaction ID"] for row in service.table(EXPORT)}


def test_other_envelopes_and_words(service: Service) -> None:
    whole = service.get(V1)
    service.settings(envelope="list")
    assert service.get(V1) == whole["transactions"]
    service.settings(envelope="no_total")
    assert service.get(V1) == {"transactions": whole["transactions"]}
    service.settings(envelope="object", page_overlap=2)
    assert ids(service.get(V1, params={"offset": 10}))[:15] == ids(whole)[8:23]
    service.settings(status_words={"COMPLETED": "Active"}, utc_offset=-5)
    assert "Active" in {item["status"] for item in service.get(V1)["transactions"]}
    assert "Active" in {row["Line Status"] for row in service.table(EXPORT)}


def test_pages_shift_while_transactions_arrive(service: Service) -> None:
    first = ids(service.get(V1, params={"limit": 5}))
    service.post(TRANSACTION, single(1))
    assert ids(service.get(V1, params={"limit": 5, "offset": 5}))[0] == first[-1]


def test_the_seeded_devices(service: Service) -> None:
    rows = {row["ICCID"]: row for row in service.table(EXPORT)}
    wanted = {fixtures.ACTIVE: "COMPLETED", fixtures.OLD_ACTIVE: "COMPLETED", fixtures.FAILED: "FAILED"}
    wanted |= {fixtures.PENDING: "IN PROGRESS", fixtures.ESIM_ACTIVE: "COMPLETED"}
    for device, status in wanted.items():
        row = rows[str(device.iccid)]
        assert (row["IMEI"], row["Carrier"], row["Line Status"]) == (device.imei, device.carrier, status)
    service.later(2)
    rows = {row["ICCID"]: row for row in service.table(EXPORT)}
    assert rows[str(fixtures.PENDING.iccid)]["Line Status"] == "COMPLETED"


def test_the_seed_makes_the_history() -> None:
    tables = []
    for seed in (5, 5, 6):
        with Service(seed=seed) as service:
            tables.append([row["ICCID"] for row in service.table(EXPORT)])
    assert tables[0] == tables[1] != tables[2]
