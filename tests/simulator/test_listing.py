# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices that are added to the list: every combination of list and history."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Process
from sentinel_simulator import fixtures
from sentinel_simulator.entries import EntriesBody
from sentinel_simulator.listing_file import ListingError, load_listing
from service import ESIM, SMARTSIM, TRANSACTION, V2, Service, batch, iccid, imei, pair, single, smartsim

DEVICES = "/v1.0/devices/NORTHSTAR-ISD"
PAGE = {"offset": 0, "limit": 100, "sort": "MDN", "sortDir": "ASC"}
CSV = DEVICES + "?export=CSV"
EXPORT = V2 + "?export=CSV"
SIM_ID = "891039000000150004"


def rows(service: Service, identifier: str) -> list[dict[str, str]]:
    """Return the rows of the list's CSV with an identifier."""
    return [row for row in service.table(CSV) if identifier in row.values()]


def statuses(service: Service, identifier: str) -> list[str]:
    """Return the listed statuses of an identifier."""
    return [row["STATUS"] for row in rows(service, identifier)]


def add(service: Service, *entries: dict[str, Any]) -> None:
    """Add devices to the list."""
    assert service.control("POST", "listing", list(entries)) == {"inserted": len(entries)}


def past(service: Service, identifier: str) -> list[tuple[str, str]]:
    """Return the IMEI and the status of an identifier's lines in the history."""
    return [(row["IMEI"], row["Line Status"]) for row in service.table(EXPORT) if identifier in row.values()]


@pytest.mark.parametrize(
    ("entry", "history", "words"),
    [
        ({}, [], ["active"]),
        ({"status": "suspended"}, [], ["suspended"]),
        ({"status": "suspended", "history": True}, [(imei(1), "COMPLETED")], ["suspended"]),
        ({"status": "deactivated"}, [], ["deactivated"]),
        ({"status": "deactivated", "history": True}, [(imei(1), "COMPLETED")], ["deactivated"]),
        ({"status": "deactivated", "history": {"status": "failed"}}, [(imei(1), "FAILED")], ["deactivated"]),
        ({"status": "active", "history": {"status": "failed"}}, [(imei(1), "FAILED")], ["active"]),
        ({"status": "active", "history": {"status": "pending", "days_ago": 0}}, [(imei(1), "IN PROGRESS")], ["active"]),
        ({"status": "Port pending", "history": True}, [(imei(1), "COMPLETED")], ["Port pending"]),
        ({"imei": imei(9), "history": {"imei": imei(1)}}, [(imei(1), "COMPLETED")], ["active"]),
        ({"imei": None, "history": True}, [("N/A", "COMPLETED")], ["active"]),
    ],
)
def test_every_combination_of_list_and_history(
    service: Service, entry: dict[str, Any], history: list[tuple[str, str]], words: list[str]
) -> None:
    add(service, {**pair(1), **entry})
    assert past(service, iccid(1)) == history
    assert statuses(service, iccid(1)) == words
    assert service.control("GET", "activations")["devices"] == []


def test_kinds(service: Service) -> None:
    eid = "89049032123451234512345678901235"
    add(
        service,
        {"sim_id": SIM_ID, "history": True},
        {"imei": imei(1), "eid": eid, "history": True},
        {"imei": imei(2), "kind": "esim"},
    )
    kinds = [entry["kind"] for entry in service.control("GET", "listing")["devices"][-3:]]
    assert kinds == ["smartsim", "esim", "esim"]
    assert statuses(service, eid) == ["active"]
    for path, body in (
        (SMARTSIM, {"activationLines": [smartsim(SIM_ID)]}),
        (ESIM, batch({"imei": imei(1), "eid": eid})),
        (ESIM, batch({"imei": imei(2)})),
    ):
        assert "already active" in service.lines(service.post(path, body))[0]["errorMessage"]


def test_a_moved_device_is_listed_with_its_current_imei(service: Service) -> None:
    service.post(TRANSACTION, single(1))
    (before,) = rows(service, iccid(1))
    add(service, {"iccid": iccid(1), "imei": imei(7)})
    (after,) = rows(service, iccid(1))
    assert (before["IMEI"], after["IMEI"]) == (imei(1), imei(7))
    assert rows(service, imei(1)) == []


def test_one_line_has_one_mdn(service: Service) -> None:
    add(service, {**pair(1), "history": True}, {**pair(2), "mdn": "(521) 267-1508"}, {**pair(3), "history": True})
    numbers = {row["ICCID"]: row["MDN"] for row in service.table(EXPORT)}
    for number in (1, 3):
        (row,) = rows(service, iccid(number))
        assert row["MDN"].replace("-", "") == numbers[iccid(number)]
    assert rows(service, iccid(2))[0]["MDN"] == "521-267-1508"


def test_two_entries_for_one_sim(service: Service) -> None:
    add(service, {**pair(1), "history": True}, {**pair(1), "status": "deactivated", "replaces": False})
    assert sorted(statuses(service, iccid(1))) == ["active", "deactivated"]
    # The old entry does not change the line.
    assert "already active" in service.lines(service.post(TRANSACTION, single(1)))[0]["errorMessage"]
    add(service, {**pair(1), "status": "suspended"})
    assert sorted(statuses(service, iccid(1))) == ["deactivated", "suspended"]


def test_all_fields_of_a_device(service: Service) -> None:
    known = {
        "imei": imei(1),
        "iccid": iccid(1),
        "mdn": "521-267-1508",
        "carrier": "Carrier of the South",
        "device_group": "Library",
        "filter_group": "Readers",
        "nickname": "Desk 4",
        "status": "Port pending",
    }
    add(service, {**known, "online": True, "columns": {"SUMMER_STATUS": "Suspended", "LAST_30_DAYS_USED": 77}})
    (row,) = rows(service, iccid(1))
    columns = ("IMEI", "UICC", "MDN", "NETWORK", "CORP_ID", "FILTER_GROUP", "NICKNAME", "STATUS")
    assert [row[name] for name in columns] == list(known.values())
    assert (row["SUMMER_STATUS"], row["LAST_30_DAYS_USED"], row["NOTE"]) == ("Suspended", "77", "")
    (item,) = service.get("/v1.0/devices/Library", params=PAGE)["devices"]
    assert (item["onlineStatus"], item["last30DaysUsed"], item["network"]) == (True, 77, "Carrier of the South")
    assert service.get(DEVICES, params={**PAGE, "searchValue": "521-267"})["totalCount"] == 1


def test_a_device_without_imei_has_none_on_a_page(service: Service) -> None:
    add(service, {"iccid": iccid(1), "filter_group": None})
    (item,) = service.get(DEVICES, params={**PAGE, "searchValue": iccid(1)})["devices"]
    assert {"imei", "filterGroup", "nickname"}.isdisjoint(item)
    assert rows(service, iccid(1))[0]["IMEI"] == "N/A"


def test_a_device_can_be_listed_later(service: Service) -> None:
    add(service, {**pair(1), "history": True, "status": "suspended", "listed_in": 60})
    # Until then, the list shows the device of the history.
    assert statuses(service, iccid(1)) == ["active"]
    (shown,) = [entry for entry in service.control("GET", "listing")["devices"] if entry["iccid"] == iccid(1)]
    assert (shown["status"], shown["listed"]) == ("suspended", None)
    service.later(61)
    assert statuses(service, iccid(1)) == ["suspended"]


@pytest.mark.parametrize(
    ("word", "rule", "outcome"),
    [
        ("active", "fail_line", "already active"),
        ("suspended", "fail_line", "already active"),
        ("Port pending", "fail_line", "already active"),
        ("active", "second_success", "COMPLETED"),
        ("active", "refuse", "already active"),
        ("deactivated", "refuse", "COMPLETED"),
        ("Cancelled", "refuse", "COMPLETED"),
    ],
)
@pytest.mark.parametrize("history", [False, True])
def test_activating_a_listed_device(service: Service, word: str, rule: str, outcome: str, history: bool) -> None:
    service.settings(duplicates=rule)
    add(service, {**pair(1), "status": word, "history": history})
    reply = service.call("POST", TRANSACTION, json=single(1))
    said = reply.text if reply.status_code == 409 else str(service.lines(reply.json())[0])
    assert outcome in said
    # An activated device is active and listed once. Other devices have not changed.
    assert statuses(service, iccid(1)) == ["active" if outcome == "COMPLETED" else word]
    assert service.control("GET", "activations")["max_submitted"] <= 1


def test_the_entry_of_a_deactivated_device_can_stay(service: Service) -> None:
    service.settings(keep_deactivated=True)
    add(service, {**pair(1), "status": "deactivated", "history": True})
    service.post(TRANSACTION, single(1))
    found = service.table(CSV + f"&searchValue={iccid(1)}")
    assert sorted(row["STATUS"] for row in found) == ["active", "deactivated"]
    assert len({row["MDN"] for row in found}) == 2


def test_changes_in_the_portal(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1), pair(2)))
    (first,) = rows(service, iccid(1))
    changes = [
        {"device": iccid(1), "set": {"imei": imei(7), "device_group": "Library", "nickname": "Desk"}},
        {"device": first["MDN"], "set": {"status": "Port pending", "mdn": "521-267-1508"}},
        {"device": imei(2), "set": {"imei": None, "status": "deactivated", "columns": {"NOTE": "Lost"}}},
    ]
    assert service.control("PUT", "listing", changes) == {"changed": 3}
    (row,) = rows(service, iccid(1))
    assert (row["IMEI"], row["CORP_ID"], row["STATUS"], row["MDN"]) == (
        *(imei(7), "Library", "Port pending"),
        "521-267-1508",
    )
    assert service.get("/v1.0/devices/Library", params=PAGE)["totalCount"] == 1
    (row,) = rows(service, iccid(2))
    assert (row["IMEI"], row["STATUS"], row["NOTE"]) == ("N/A", "deactivated", "Lost")
    assert past(service, iccid(2)) == [(imei(2), "COMPLETED")]
    service.control("PUT", "listing", {"device": iccid(2), "set": {"status": "active"}})
    assert statuses(service, iccid(2)) == ["active"]


def test_a_wrong_change_changes_nothing(service: Service) -> None:
    add(service, pair(1), {"iccid": iccid(2), "imei": imei(1)})
    wanted = {"status": "suspended"}
    for name, status, said in (("nobody", 404, "No listed device"), (imei(1), 400, "2 listed devices have")):
        changes = [{"device": iccid(1), "set": wanted}, {"device": name, "set": wanted}]
        assert said in service.control("PUT", "listing", changes, status=status)["message"]
    assert statuses(service, iccid(1)) == ["active"]


def test_a_device_can_be_removed_from_the_list_only(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1), pair(2)))
    assert service.control("DELETE", f"listing/{iccid(1)}") == {"removed": 1}
    assert (statuses(service, iccid(1)), statuses(service, iccid(2))) == ([], ["active"])
    assert "already active" in service.lines(service.post(TRANSACTION, single(1)))[0]["errorMessage"]
    assert service.control("DELETE", "listing")["removed"] > 20
    assert service.get(DEVICES, params=PAGE) == {"devices": [], "totalCount": 0}
    assert service.table(CSV) == []
    assert len(service.table(EXPORT)) > 20
    service.post(TRANSACTION, single(3))
    add(service, pair(1))
    assert [row["UICC"] for row in service.table(CSV)] == [iccid(3), iccid(1)]


def test_groups_can_be_hidden_from_the_list(service: Service) -> None:
    add(service, {**pair(1), "device_group": "Library"}, pair(2))
    service.settings(hidden_groups=["Library"])
    assert (statuses(service, iccid(1)), statuses(service, iccid(2))) == ([], ["active"])
    assert service.get("/v1.0/devices/Library", params=PAGE)["totalCount"] == 1


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        ("POST", [{"status": "active"}], "at least one of imei, iccid, sim_id, eid and mdn"),
        ("POST", [{"iccid": "1", "colour": "red"}], "colour"),
        ("POST", [{"iccid": "1", "status": ""}], "status"),
        ("POST", [{"mdn": "12"}], "at least 10 digits"),
        ("POST", [{"iccid": "1", "columns": {"UICC": "2"}}], "UICC is not allowed here; use the field iccid"),
        ("POST", [{"iccid": "1", "columns": {"COLOUR": "red"}}], "COLOUR is not a column"),
        ("POST", [{"iccid": "1", "history": {"status": "suspended"}}], "history"),
        ("PUT", [{"device": "1"}], "set"),
        ("PUT", [{"device": "1", "set": {"state": "active"}}], "state"),
    ],
)
def test_mistakes_are_named(service: Service, method: str, body: Any, said: str) -> None:
    assert said in service.control(method, "listing", body, status=400)["message"]
    assert service.control("GET", "listing")["devices"][-1]["line"] > 0


def test_a_hundred_thousand_devices_are_generated_and_read_quickly(service: Service) -> None:
    service.later(10)
    before = service.get(DEVICES, params=PAGE)["totalCount"]
    columns = "&columns=MDN,STATUS,IMEI,UICC,EID,CORP_ID,FILTER_GROUP,NICKNAME,NETWORK"
    begun = time.monotonic()
    assert service.control("POST", "listing", {"entries": [pair(1)], "generate": 100_000}) == {"inserted": 100_001}
    content = service.call("GET", CSV + columns).content
    again = service.call("GET", CSV + columns).content
    assert service.get(DEVICES, params={**PAGE, "offset": 90_000})["totalCount"] == before + 100_001
    # A generous limit, to detect quadratic time.
    assert time.monotonic() - begun < 60
    assert content == again
    assert content.count(b"\r\n") == before + 100_002
    assert 5_000 < content.count(b",suspended,") < 12_000
    assert service.control("POST", "listing", {"generate": 10})["inserted"] == 10
    found = service.table(CSV)
    assert len({row["MDN"] for row in found}) == len({row["UICC"] for row in found if row["UICC"] != "N/A"}) + 1
    assert past(service, found[-1]["UICC"]) == []


def test_a_reset_empties_the_list(service: Service) -> None:
    before = service.control("GET", "listing")
    add(service, pair(1))
    service.control("PUT", "listing", {"device": str(fixtures.ACTIVE.iccid), "set": {"status": "suspended"}})
    service.control("POST", "reset")
    after = service.control("GET", "listing")
    assert [device["status"] for device in after["devices"]] == [device["status"] for device in before["devices"]]
    assert service.control("GET", "status_changes")["devices"] == []


def test_the_devices_of_the_command_line_survive_a_reset() -> None:
    listing = EntriesBody.model_validate({"entries": [{**pair(1), "status": "suspended"}], "generate": 5})
    with Service(listing=listing) as service:
        assert statuses(service, iccid(1)) == ["suspended"]
        assert len(service.control("GET", "listing")["devices"]) > 30
        service.control("POST", "reset", {"settings": {"seeded_history": False}})
        assert statuses(service, iccid(1)) == ["suspended"]
        assert service.get(DEVICES, params=PAGE)["totalCount"] == 6


def test_a_file_of_devices(spawn: Callable[..., Process], tmp_path: Path) -> None:
    path = tmp_path / "listing.json"
    path.write_text(json.dumps([{**pair(1), "status": "suspended", "history": True}]))
    process = spawn("--listing", str(path)).wait_ready()
    with process.client() as client:
        found = client.get(DEVICES, params={**PAGE, "searchValue": iccid(1)}).json()
        assert found["devices"][0]["status"] == "suspended"
        assert iccid(1) in client.get(EXPORT).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read"),
        ("[", "is not JSON in UTF-8"),
        ('[{"iccid": "1"}, {"colour": "red", "iccid": "1"}]', "device 2: colour: Extra inputs are not permitted"),
        ('{"entries": [{}]}', "device 1: Value error, give at least one of imei"),
        ('{"generate": -1}', "generate: "),
        ("5", "listing.json: "),
    ],
)
def test_an_invalid_file_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "listing.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ListingError, match=re.escape(said)):
        load_listing(str(path))


def test_the_command_line_reports_an_unreadable_file(spawn: Callable[..., Process], tmp_path: Path) -> None:
    process = spawn("--listing", str(tmp_path / "none.json"))
    process.popen.wait(20)
    assert process.popen.returncode == 2
    assert "--listing: cannot read" in process.end()[1]


def test_the_list_survives_a_restart(spawn: Callable[..., Process], tmp_path: Path) -> None:
    path, database = tmp_path / "listing.json", str(tmp_path / "books.sqlite")
    path.write_text(json.dumps([{**pair(1), "status": "suspended"}]))
    for _start in range(2):
        process = spawn("--control", "--db", database, "--listing", str(path)).wait_ready()
        found = [device for device in process.control("GET", "listing")["devices"] if device["iccid"] == iccid(1)]
        assert [device["status"] for device in found] == ["suspended"]
        process.end()
