# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Setting statuses: limits, the delay of the list, counts, and stuck devices."""

from __future__ import annotations

from typing import Any

import pytest
from sentinel_simulator.states import state_of
from service import TRANSACTION, Service, batch, iccid, imei, pair, single

DEVICES = "/v1.0/devices/NORTHSTAR-ISD"
PAGE = {"offset": 0, "limit": 100, "sort": "MDN", "sortDir": "ASC"}


def fleet(service: Service, count: int, word: str = "suspended") -> list[str]:
    """Add devices to the list; return their MDNs."""
    service.control("POST", "listing", [{**pair(number), "status": word} for number in range(count)])
    devices = service.control("GET", "listing")["devices"]
    return [device["mdn"] for device in devices[-count:]]


def put(service: Service, mdns: list[str], word: str, status: int = 200, **more: Any) -> Any:
    """Set a status."""
    reply = service.call("PUT", DEVICES + "/status", json={"mdns": mdns, "status": word, **more})
    assert reply.status_code == status, reply.text
    return reply.json()


def listed(service: Service, mdn: str) -> str:
    """Return the status that the list shows."""
    (found,) = service.get(DEVICES, params={**PAGE, "searchValue": mdn})["devices"]
    return str(found["status"])


def books(service: Service) -> dict[str, tuple[int, int, int, str]]:
    """Return by MDN the number of times a status was set, changed and restored, and the status."""
    found = service.control("GET", "status_changes")["devices"]
    return {entry["mdn"]: (entry["set"], entry["changed"], entry["restored"], entry["status"]) for entry in found}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Active", "active"), ("SUMMER_SUSPENDED", "suspended"), ("Paused", "suspended"), ("deactive", "deactivated"),
        ("Canceled", "deactivated"), ("Not active", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_states(word: str, state: str) -> None:
    assert state_of(word) == state


def test_at_most_a_hundred_at_once(service: Service) -> None:
    mdns = fleet(service, 101)
    assert "A request can have at most 100 MDNs; this one has 101" in put(service, mdns, "ACTIVE", 400)["message"]
    assert {listed(service, mdn) for mdn in mdns[:3]} == {"suspended"}
    put(service, mdns[:100], "ACTIVE")
    service.settings(status_max=2)
    put(service, mdns[:3], "SUSPENDED", 400)
    put(service, mdns[:2], "SUSPENDED")


def test_status_changes_are_counted(service: Service) -> None:
    mdns = fleet(service, 3)
    put(service, mdns[:2], "ACTIVE", reason="Autumn")
    put(service, [mdns[0], mdns[0]], "ACTIVE")
    put(service, [mdns[2], "999-555-0001"], "ACTIVE", 404)
    assert books(service) == {mdns[0]: (2, 1, 1, "active"), mdns[1]: (1, 1, 1, "active")}
    found = service.control("GET", "status_changes")
    assert (found["max_set"], found["max_restored"]) == (2, 1)
    assert found["devices"][0]["iccid"] == iccid(0)
    change = found["devices"][1]["changes"][0]
    assert abs(change.pop("at") - service.simulator.clock.now()) < 60
    assert change == {"before": "suspended", "after": "active", "reason": "Autumn", "source": "api"}
    seen = [(entry["mdns"], entry["word"], entry["status"]) for entry in found["puts"]]
    assert seen == [
        (mdns[:2], "ACTIVE", 200),
        ([mdns[0], mdns[0]], "ACTIVE", 200),
        ([mdns[2], "999-555-0001"], "ACTIVE", 404),
    ]
    assert service.counts["put"] == 3
    put(service, mdns[:1], "SUSPENDED")
    put(service, mdns[:1], "ACTIVE")
    assert service.control("GET", "status_changes")["max_restored"] == 2


def test_changes_in_the_portal_are_not_counted(service: Service) -> None:
    (mdn,) = fleet(service, 1)
    service.control("PUT", "listing", {"device": mdn, "set": {"status": "active"}})
    assert books(service) == {mdn: (0, 0, 0, "active")}
    assert service.control("GET", "status_changes")["devices"][0]["changes"][0]["source"] == "portal"
    assert service.control("GET", "status_changes")["max_restored"] == 0


def test_the_list_is_late(service: Service) -> None:
    mdns = fleet(service, 2)
    service.settings(status_lag=30)
    put(service, mdns, "ACTIVE")
    assert (listed(service, mdns[0]), books(service)[mdns[0]][3]) == ("suspended", "active")
    service.later(10)
    put(service, mdns[:1], "SUSPENDED")
    put(service, mdns[:1], "ACTIVE")
    service.later(21)
    assert [listed(service, mdn) for mdn in mdns] == ["active", "active"]
    service.later(10)
    assert [listed(service, mdn) for mdn in mdns] == ["active", "active"]
    service.settings(status_lag=0)
    put(service, mdns, "SUSPENDED")
    assert [listed(service, mdn) for mdn in mdns] == ["suspended", "suspended"]


def test_each_status_change_has_its_own_delay(service: Service) -> None:
    mdns = fleet(service, 40)
    service.settings(status_lag=[5, 25])
    put(service, mdns, "ACTIVE")
    counts = []
    for _second in range(26):
        counts.append(sum(listed(service, mdn) == "active" for mdn in mdns))
        service.later(1)
    assert counts[4] == 0
    assert counts[-1] == 40
    assert len(set(counts)) > 10
    assert counts == sorted(counts)


def test_each_activation_has_its_own_delay(service: Service) -> None:
    service.settings(listing_lag=[5, 25])
    service.post(TRANSACTION, batch(*(pair(number) for number in range(40))))
    ours = {iccid(number) for number in range(40)}
    counts = []
    for _second in range(26):
        devices = service.control("GET", "listing")["devices"]
        counts.append(sum(device["listed"] is not None for device in devices if device["iccid"] in ours))
        service.later(1)
    assert counts[4] == 0
    assert counts[-1] == 40
    assert len(set(counts)) > 10
    service.control("PUT", "settings", {"listing_lag": [2, 1]}, status=400)


def test_a_change_in_the_portal_has_its_own_delay(service: Service) -> None:
    (mdn,) = fleet(service, 1, "active")
    service.control("PUT", "listing", {"device": mdn, "set": {"status": "suspended"}, "listed_in": 60})
    assert listed(service, mdn) == "active"
    service.later(61)
    assert listed(service, mdn) == "suspended"


def test_a_stuck_device_keeps_its_status(service: Service) -> None:
    service.control("POST", "listing", {**pair(1), "status": "suspended", "stuck": True})
    (mdn,) = [device["mdn"] for device in service.control("GET", "listing")["devices"][-1:]]
    assert put(service, [mdn], "ACTIVE")["status"] == "ACTIVE"
    assert listed(service, mdn) == "suspended"
    assert books(service) == {mdn: (1, 0, 0, "suspended")}
    service.control("PUT", "listing", {"device": mdn, "set": {"stuck": False}})
    put(service, [mdn], "ACTIVE")
    assert listed(service, mdn) == "active"


def test_an_account_with_its_own_status_words(service: Service) -> None:
    mdns = fleet(service, 2)
    words = ["In Service", "Active", "Summer Suspended", "Cancelled"]
    service.settings(device_statuses=words)
    assert service.get(DEVICES + "/status") == words
    assert "status must be one of In Service, Active" in put(service, mdns, "SUSPENDED", 400)["message"]
    assert put(service, mdns, "ACTIVE")["status"] == "Active"
    put(service, mdns[:1], "summer suspended")
    put(service, mdns[1:], "Cancelled")
    assert [listed(service, mdn) for mdn in mdns] == ["Summer Suspended", "Cancelled"]
    assert "must be activated again" in put(service, mdns[1:], "Active", 409)["message"]
    assert service.lines(service.post(TRANSACTION, single(1)))[0]["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ({"list": [], "name": None}, ["ACTIVE", "SUSPENDED", "DEACTIVATED"]),
        ({"list": [], "name": ["status"]}, [{"status": word} for word in ("ACTIVE", "SUSPENDED", "DEACTIVATED")]),
        ({"list": ["data"], "name": None}, {"data": ["ACTIVE", "SUSPENDED", "DEACTIVATED"]}),
    ],
)
def test_shapes_of_the_list_of_statuses(service: Service, part: dict[str, Any], answer: Any) -> None:
    service.settings(dialect={"device_statuses": part})
    assert service.get(DEVICES + "/status") == answer


def test_a_deactivated_device_is_not_a_duplicate(service: Service) -> None:
    # Activated twice and then deactivated, so that it has no line.
    service.settings(duplicates="second_success")
    service.control("POST", "listing", {**pair(1), "history": True})
    service.post(TRANSACTION, single(1))
    (device,) = service.get(DEVICES, params={**PAGE, "searchValue": iccid(1)})["devices"]
    put(service, [device["mdn"]], "DEACTIVATED")
    service.settings(duplicates="refuse")
    service.post(TRANSACTION, single(1))
    (again,) = service.get(DEVICES, params={**PAGE, "searchValue": imei(1)})["devices"]
    assert again["status"] == "active"


def test_a_status_is_set_for_the_entry_in_use(service: Service) -> None:
    service.control(
        "POST",
        "listing",
        [
            {**pair(1), "mdn": "521-267-1508", "status": "suspended"},
            {**pair(2), "mdn": "521-267-1508", "status": "deactivated"},
        ],
    )
    put(service, ["521-267-1508"], "ACTIVE")
    states = {device["iccid"]: device["status"] for device in service.control("GET", "listing")["devices"]}
    assert (states[iccid(1)], states[iccid(2)]) == ("active", "deactivated")
