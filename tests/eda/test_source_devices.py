# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of the device list, against the simulator: each once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from harness.devices import device, iccid, imei
from harness.processes import wait_until
from harness.simulators import ACTIVE, CORP_ID, OLD_ACTIVE, PASSWORD, USERNAME, Simulator
from sources import Source, submit, wait_for_polls

LIST = f"/v1.0/devices/{CORP_ID}"


@pytest.fixture
def watch(listen: Callable[..., Source]) -> Callable[..., Source]:
    """Starts event sources that read the device list."""

    def start(**more: object) -> Source:
        return listen(**{"listing": "auto", "listing_interval": 0.1, "corp_id": CORP_ID, **more})

    return start


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Returns the messages that the source has logged."""
    caplog.set_level(logging.INFO, "kajeet.sentinel.transactions")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "kajeet.sentinel.transactions"]


def reads(sentinel: Simulator) -> int:
    """Number of reads of the list."""
    return sum(call.startswith(f"GET {LIST}?export=CSV") for call in sentinel.calls())


def wait_for_reads(sentinel: Simulator, count: int = 2) -> None:
    """Waits until `count` more reads have begun, so that all but the last have ended."""
    before = reads(sentinel)
    wait_until(lambda: reads(sentinel) >= before + count, "the source reads the device list")


def change(sentinel: Simulator, name: str, **fields: Any) -> None:
    """Changes a listed device, as in the portal."""
    sentinel.control("PUT", "listing", {"device": name, "set": fields})


def devices(source: Source) -> list[tuple[str, str]]:
    """The type of each event of a device, and the device's ICCID."""
    events = [event for event in source.events if event["type"].startswith("device_")]
    return [(event["type"], event["device"]["iccid"]) for event in events]


def test_each_change_of_the_list_is_one_event(sentinel: Simulator, watch: Callable[..., Source]) -> None:
    source = watch()
    wait_for_reads(sentinel)
    assert source.events == []
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    (suspended,) = source.wait_for("device_suspended")
    shown = suspended["device"]
    assert (shown["state"], shown["previous_state"], shown["status"]) == ("suspended", "active", "SUSPENDED")
    assert {name: shown[name] for name in ("imei", "iccid", "carrier")} == ACTIVE
    assert shown["mdn"].count("-") == 2
    assert suspended["meta"]["uuid"] == suspended["id"]
    change(sentinel, ACTIVE["iccid"], status="active")
    source.wait_for("device_restored")
    change(sentinel, OLD_ACTIVE["iccid"], status="deactivated")
    source.wait_for("device_deactivated")
    sentinel.control("POST", "listing", {"iccid": iccid(1), "imei": imei(1), "status": "suspended"})
    source.wait_for("device_listed")
    wait_for_reads(sentinel, 3)
    assert devices(source) == [
        ("device_suspended", ACTIVE["iccid"]),
        ("device_restored", ACTIVE["iccid"]),
        ("device_deactivated", OLD_ACTIVE["iccid"]),
        ("device_listed", iccid(1)),
    ]
    assert source.of("device_listed")[0]["device"]["state"] == "suspended"
    assert len({event["id"] for event in source.events}) == 4


def test_a_device_that_is_activated_is_listed(sentinel: Simulator, watch: Callable[..., Source]) -> None:
    source = watch()
    wait_for_reads(sentinel)
    submit(sentinel, device(1))
    source.wait_for("transaction_finished", "device_listed")
    wait_for_reads(sentinel)
    assert devices(source) == [("device_listed", iccid(1))]


def test_a_restarted_source_reports_changes_in_the_meantime(sentinel: Simulator, watch: Callable[..., Source]) -> None:
    first = watch()
    wait_for_reads(sentinel)
    first.stop()
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    second = watch()
    second.wait_for("device_suspended")
    wait_for_reads(sentinel)
    second.stop()
    third = watch()
    wait_for_reads(sentinel, 3)
    assert third.events == []


def test_a_source_with_a_state_does_not_report_the_first_list(
    sentinel: Simulator, listen: Callable[..., Source], watch: Callable[..., Source]
) -> None:
    first = listen()
    wait_for_polls(sentinel)
    first.stop()
    second = watch(**{"from": "beginning"})
    wait_for_reads(sentinel)
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    second.wait_for("device_suspended")
    assert len(devices(second)) == 1


def test_from_the_beginning_every_device_is_listed_once(sentinel: Simulator, watch: Callable[..., Source]) -> None:
    listed = [entry["line"] for entry in sentinel.control("GET", "listing")["devices"] if entry["listed"]]
    source = watch(**{"from": "beginning"})
    wait_until(lambda: len(source.of("device_listed")) >= len(listed), "every device is listed")
    wait_for_reads(sentinel, 3)
    assert source.types()["device_listed"] == len(listed) > 3
    assert {name for name, _iccid in devices(source)} == {"device_listed"}


def test_partial_lists_duplicates_and_unknown_words_make_no_event(
    sentinel: Simulator, watch: Callable[..., Source]
) -> None:
    pair = {"iccid": iccid(1), "imei": imei(1)}
    sentinel.control("POST", "listing", [{**pair, "status": "deactivated"}, {**pair, "replaces": False}])
    sentinel.control("POST", "listing", {"iccid": iccid(2), "imei": imei(2), "device_group": "Library"})
    source = watch()
    wait_for_reads(sentinel)
    sentinel.settings(hidden_groups=["Library"])
    change(sentinel, ACTIVE["iccid"], status="Port pending")
    wait_for_reads(sentinel)
    sentinel.settings(hidden_groups=[])
    wait_for_reads(sentinel)
    change(sentinel, ACTIVE["iccid"], status="active")
    wait_for_reads(sentinel)
    assert source.events == []
    change(sentinel, iccid(2), status="SUSPENDED")
    source.wait_for("device_suspended")


def test_pages_instead_of_the_export_show_the_same_devices(
    sentinel: Simulator, watch: Callable[..., Source], logged: Callable[[], list[str]]
) -> None:
    source = watch()
    wait_for_reads(sentinel)
    sentinel.faults({"kind": "status", "status": 400, "path": "devices", "query": "export=CSV", "count": 4})
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    source.wait_for("device_suspended")
    wait_for_reads(sentinel, 5)
    assert devices(source) == [("device_suspended", ACTIVE["iccid"])]
    sentinel.assert_faults_struck()
    assert any("The list was read from its pages instead" in text for text in logged())


@pytest.mark.parametrize("status", [403, 503])
def test_a_list_that_cannot_be_read_is_one_warning_and_the_history_continues(
    sentinel: Simulator, watch: Callable[..., Source], logged: Callable[[], list[str]], status: int
) -> None:
    source = watch()
    wait_for_reads(sentinel)
    sentinel.faults({"kind": "status", "status": status, "path": "devices", "method": "GET", "count": 10})
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    submit(sentinel, device(1, nickname="Bus"))
    source.wait_for("transaction_finished")
    source.wait_for("device_suspended")
    wait_for_reads(sentinel)
    sentinel.assert_faults_struck()
    assert [text.partition(";")[0] for text in logged()] == [
        "The device list cannot be read",
        "The device list can be read again",
    ]
    assert source.types() == Counter(
        transaction_submitted=1,
        line_submitted=1,
        line_finished=1,
        transaction_finished=1,
        device_suspended=1,
        device_listed=1,
    )


def test_without_an_account_one_warning_says_what_to_set(
    sentinel: Simulator, watch: Callable[..., Source], logged: Callable[[], list[str]]
) -> None:
    source = watch(corp_id=None)
    wait_for_polls(sentinel, 5)
    assert source.error is None
    (warning,) = logged()
    assert "set corp_id (SENTINEL_CORP_ID" in warning


def test_a_login_reports_the_account(sentinel: Simulator, watch: Callable[..., Source]) -> None:
    source = watch(corp_id=None, api_token=None, api_username=USERNAME, api_password=PASSWORD)
    wait_for_reads(sentinel)
    change(sentinel, ACTIVE["iccid"], status="SUSPENDED")
    source.wait_for("device_suspended")


def test_a_list_that_is_required_ends_a_source_without_a_state(
    sentinel: Simulator, watch: Callable[..., Source]
) -> None:
    sentinel.faults(
        {"kind": "status", "status": 403, "path": "devices", "body": {"message": "not for you"}, "count": 50}
    )
    error = watch(listing="required").ended()
    assert "not for you" in str(error)
