# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device list: pages, searches, CSV, and setting a status."""

from __future__ import annotations

from typing import Any

import pytest
from sentinel_simulator import fixtures, listing
from sentinel_simulator.listed import COLUMNS, SORTS
from service import ESIM, SMARTSIM, TRANSACTION, V1, Service, batch, iccid, imei, pair, single, smartsim

DEVICES = "/v1.0/devices/NORTHSTAR-ISD"
PAGE = {"offset": 0, "limit": 100, "sort": "MDN", "sortDir": "ASC"}
CSV = DEVICES + "?export=CSV"


def listed(service: Service, path: str = DEVICES, **query: Any) -> list[dict[str, Any]]:
    """Return a page of devices."""
    found: list[dict[str, Any]] = service.get(path, params={**PAGE, **query})["devices"]
    return found


def device(service: Service, identifier: str) -> dict[str, Any]:
    """Return the only device that matches a search."""
    (found,) = listed(service, searchValue=identifier)
    return found


def set_status(service: Service, mdns: list[str], word: str, status: int = 200, path: str = DEVICES) -> Any:
    """Set the status of devices."""
    reply = service.call("PUT", f"{path}/status", json={"mdns": mdns, "status": word, "reason": "Summer"})
    assert reply.status_code == status, reply.text
    return reply.json()


def test_an_item_is_as_published(service: Service) -> None:
    found = device(service, str(fixtures.ACTIVE.imei))
    assert set(found) == {
        "key", "mdn", "status", "network", "deviceName", "corpDescription", "monthlyAmountUsed", "last30DaysUsed",
        "filterGroup", "imei", "onlineStatus",
    }  # fmt: skip
    assert (found["status"], found["network"], found["imei"]) == ("active", "Verizon", fixtures.ACTIVE.imei)
    assert found["mdn"].replace("-", "") == found["key"]


@pytest.mark.parametrize("name", PAGE)
def test_a_page_requires_all_four_parameters(service: Service, name: str) -> None:
    query = {key: value for key, value in PAGE.items() if key != name}
    assert service.get(DEVICES, status=400, params=query)["message"] == f"Required parameter missing: {name}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limit": 101}, "limit"),
        ({"offset": -1}, "offset"),
        ({"sort": "AGE"}, "sort must be one of MDN, STATUS"),
        ({"sortDir": "UP"}, "sortDir must be one of ASC, DESC"),
        ({"export": "XML"}, "export must be CSV"),
        ({"export": "CSV", "columns": "MDN,COLOUR"}, "columns: unknown COLOUR"),
    ],
)
def test_wrong_parameters(service: Service, change: dict[str, Any], said: str) -> None:
    assert said in service.get(DEVICES, status=400, params={**PAGE, **change})["message"]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_cover_everything_once(service: Service, sort: str) -> None:
    total = service.get(DEVICES, params=PAGE)["totalCount"]
    for order in ("ASC", "DESC"):
        seen: list[str] = []
        while len(seen) < total:
            seen += [found["key"] for found in listed(service, offset=len(seen), limit=7, sort=sort, sortDir=order)]
        assert len(set(seen)) == len(seen) == total > 30
    assert listed(service, offset=total) == []


def test_a_device_is_listed_when_it_is_active(slow: Service) -> None:
    slow.post(TRANSACTION, batch(pair(1, nickname="Bus 12"), pair(2, "904"), pair(3, "908")))
    slow.post(ESIM, batch({"imei": imei(4)}))
    slow.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004")]})
    wanted = (iccid(1), imei(4), "891039000000150004", "bus 12")
    for name in (*wanted, iccid(2, "904"), iccid(3, "908")):
        assert slow.get(DEVICES, status=404, params={**PAGE, "searchValue": name})["message"] == "No devices found"
    slow.later(11)
    for name in wanted:
        assert device(slow, name)["status"] == "active"
    for name in (iccid(2, "904"), iccid(3, "908")):
        slow.get(DEVICES, status=404, params={**PAGE, "searchValue": name})
    slow.settings(listing_lag=60)
    slow.get(DEVICES, status=404, params={**PAGE, "searchValue": iccid(1)})
    slow.later(60)
    assert device(slow, iccid(1))["nickname"] == "Bus 12"


def test_the_list_is_cached_until_a_change(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.later(10)
    listed(service)
    made = []
    monkeypatch.setattr(listing, "Listed", lambda *row: made.append(row))
    listed(service, offset=5)
    assert made == []


def test_a_group_lists_its_own_devices(service: Service) -> None:
    service.post(TRANSACTION, batch(pair(1), deviceGroup="Library"))
    everything = {found["key"] for found in listed(service)}
    groups = ("Transportation", "elementary-schools", "High-Schools", "Library")
    parts = [{found["key"] for found in listed(service, f"/v1.0/devices/{group}")} for group in groups]
    assert all(parts)
    assert len(parts[-1]) == 1
    assert set().union(*parts) == everything
    assert sum(map(len, parts)) == len(everything)


def test_another_account_is_not_listed(service: Service) -> None:
    for path in ("/v1.0/devices/SOUTHSTAR-ISD", "/v1.0/devices/SOUTHSTAR-ISD/status"):
        reply = service.get(path, status=403, params=PAGE)
        assert "'SOUTHSTAR-ISD' is neither this account's corp id nor one of its device groups" in reply["message"]
    set_status(service, ["201-555-0001"], "SUSPENDED", 403, "/v1.0/devices/SOUTHSTAR-ISD")


def test_the_csv(service: Service) -> None:
    total = service.get(DEVICES, params=PAGE)["totalCount"]
    rows = service.table(CSV + "&offset=20&limit=3")
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == total
    (row,) = service.table(f"{CSV}&columns=UICC,MDN,STATUS&searchValue={fixtures.ACTIVE.iccid}")
    assert row == {
        "UICC": fixtures.ACTIVE.iccid,
        "MDN": device(service, str(fixtures.ACTIVE.imei))["mdn"],
        "STATUS": "active",
    }
    assert service.call("GET", CSV + "&searchValue=nobody").status_code == 404


def test_statuses(service: Service) -> None:
    assert service.get(DEVICES + "/status") == ["ACTIVE", "SUSPENDED", "DEACTIVATED"]


def test_suspended_and_active_again(service: Service) -> None:
    mdns = [found["mdn"] for found in listed(service, searchValue=str(fixtures.ACTIVE.imei))]
    assert set_status(service, mdns, "SUSPENDED") == {"mdns": mdns, "status": "SUSPENDED"}
    assert device(service, mdns[0])["status"] == "suspended"
    assert device(service, mdns[0])["onlineStatus"] is False
    # A suspended device keeps its line.
    body = single(1, imei=fixtures.ACTIVE.imei, iccid=fixtures.ACTIVE.iccid)
    assert "already active" in service.lines(service.post(TRANSACTION, body))[0]["errorMessage"]
    set_status(service, mdns, "active")
    # Repeating it changes nothing; the MDN can also be digits only.
    set_status(service, [mdns[0].replace("-", "")], "ACTIVE")
    assert device(service, mdns[0])["status"] == "active"
    (booked,) = [found for found in service.control("GET", "devices")["devices"] if found["changes"] > 1]
    assert (booked["mdn"], booked["status"], booked["changes"]) == (mdns[0], "active", 3)


def test_a_deactivated_device_can_be_activated_again(service: Service) -> None:
    found = device(service, str(fixtures.ACTIVE.imei))
    set_status(service, [found["mdn"]], "DEACTIVATED")
    assert "must be activated again" in set_status(service, [found["mdn"]], "ACTIVE", 409)["message"]
    body = single(1, imei=fixtures.ACTIVE.imei, iccid=fixtures.ACTIVE.iccid)
    assert service.lines(service.post(TRANSACTION, body))[0]["status"] == "COMPLETED"
    again = device(service, str(fixtures.ACTIVE.imei))
    assert again["status"] == "active"
    assert again["mdn"] != found["mdn"]


@pytest.mark.parametrize(
    ("body", "said", "status"),
    [
        ([], "must be a JSON object", 400),
        ({"status": "ACTIVE"}, "mdns must be a list", 400),
        ({"mdns": [], "status": "ACTIVE"}, "mdns must be a list", 400),
        ({"mdns": ["201-555-0001"], "status": "LOST"}, "status must be one of ACTIVE, SUSPENDED, DEACTIVATED", 400),
        ({"mdns": ["201-555-0001"]}, "status must be one of", 400),
        ({"mdns": ["999-555-0001"], "status": "ACTIVE"}, "No devices found: 999-555-0001", 404),
        ({"mdns": ["201-555-0001"], "status": "ACTIVE", "reason": 5}, "reason must be a string", 400),
    ],
)
def test_refused_statuses(service: Service, body: Any, said: str, status: int) -> None:
    reply = service.call("PUT", DEVICES + "/status", json=body)
    assert (reply.status_code, said in reply.json()["message"]) == (status, True), reply.text


def test_all_devices_get_the_status_or_none(service: Service) -> None:
    mdn = device(service, str(fixtures.ACTIVE.imei))["mdn"]
    set_status(service, [mdn, "999-555-0001"], "SUSPENDED", 404)
    # A group can set the status only of its own devices.
    set_status(service, [mdn], "SUSPENDED", 404, "/v1.0/devices/High-Schools")
    assert device(service, mdn)["status"] == "active"


def test_setting_a_status_requires_a_scope(service: Service) -> None:
    for token in ("simulator-token-activation", "simulator-token-viewer"):
        service.get(DEVICES, params=PAGE, token=token)
        for method in ("GET", "PUT"):
            reply = service.call(method, DEVICES + "/status", token=token)
            assert reply.status_code == 403
            assert "scope org_super, org_tech, org_kajeetmanaged or org_managerplus" in reply.json()["message"]
    service.get(DEVICES, status=401, params=PAGE, token=None)


def test_setting_a_status_is_logged_as_a_write(service: Service) -> None:
    set_status(service, [device(service, str(fixtures.ACTIVE.imei))["mdn"]], "SUSPENDED")
    found = service.control("GET", "requests")
    assert [(entry["method"], entry["write"]) for entry in found["requests"]] == [("GET", False), ("PUT", True)]
    assert found["requests"][1]["body"]["status"] == "SUSPENDED"
    assert found["counts"]["write"] == 1
    assert found["counts"]["post"] == 0


def test_the_seed_has_inactive_devices() -> None:
    seen = []
    for seed in (3, 3, 4):
        with Service(seed=seed) as service:
            states = {found["key"]: found["status"] for found in listed(service)}
            seen.append({key: state for key, state in states.items() if state != "active"})
            assert sorted(seen[-1].values()) == ["deactivated"] * 2 + ["suspended"] * 3
    assert seen[0] == seen[1] != seen[2]


def test_inactive_fixtures(service: Service) -> None:
    before = service.get(V1)["totalCount"]
    for known in (fixtures.SUSPENDED, fixtures.DEACTIVATED):
        service.get(DEVICES, status=404, params={**PAGE, "searchValue": known.iccid})
    service.control("POST", "reset", {"settings": {"inactive_fixtures": True}})
    assert service.get(V1)["totalCount"] == before + 2
    assert device(service, str(fixtures.SUSPENDED.iccid))["status"] == "suspended"
    assert device(service, str(fixtures.DEACTIVATED.iccid))["status"] == "deactivated"


def test_inserted_history_can_be_inactive(service: Service) -> None:
    lines = [{**pair(1), "status": "suspended"}, {**pair(2), "status": "deactivated"}, {**pair(3), "status": "active"}]
    service.control("POST", "history", lines)
    assert [device(service, iccid(number))["status"] for number in (1, 2, 3)] == ["suspended", "deactivated", "active"]
    items = {item.get("iccid"): item for item in service.get(V1, params={"limit": 5})["transactions"]}
    assert {items[iccid(number)]["status"] for number in (1, 2, 3)} == {"COMPLETED"}


def test_a_dialect_of_the_list(service: Service) -> None:
    service.settings(
        dialect={
            "devices": {
                "list": ["content"],
                "total": ["page", "total"],
                "fields": {"iccid": ["sim", "iccid"], "status": ["state"], "mdn": ["number"]},
            },
            "identifiers": {"iccid": "9999 9999"},
            "status_words": {"device": {"active": ["In service"]}},
        }
    )
    reply = service.get(DEVICES, params={**PAGE, "searchValue": fixtures.ACTIVE.iccid})
    assert reply["page"] == {"total": 1}
    (found,) = reply["content"]
    assert (found["sim"]["iccid"], found["state"]) == ("8914 8000003100412076", "In service")
    assert service.table(CSV + "&columns=STATUS")[0]["STATUS"] == "In service"
