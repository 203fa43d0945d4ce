# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that are carried out later than they arrive, regardless of the answer."""

from __future__ import annotations

import time

import pytest
from service import TRANSACTION, V1, Service, single


def set_fault(service: Service, **fault: object) -> None:
    """Set a fault for the next submission, which is carried out late."""
    service.control("POST", "faults", {"method": "POST", "path": "transaction$", "commit": True, **fault})


def submitted(service: Service) -> int:
    """Return the number of submissions that were carried out."""
    return sum(device["submitted"] for device in service.control("GET", "activations")["devices"])


def late(service: Service) -> int:
    """Return the number of requests that are still to be carried out."""
    found: int = service.control("GET", "faults")["late"]
    return found


@pytest.mark.parametrize(("kind", "status"), [("status", 503), ("html", 502), ("empty", 200)])
def test_carried_out_after_the_answer(service: Service, kind: str, status: int) -> None:
    set_fault(service, kind=kind, commit_after=0.3)
    assert service.call("POST", TRANSACTION, json=single(1)).status_code == status
    assert (submitted(service), late(service)) == (0, 1)
    service.pause(0.4)
    assert (submitted(service), late(service)) == (1, 0)


def test_carried_out_after_a_reset(service: Service) -> None:
    set_fault(service, kind="reset", commit_after=[0.2, 0.3])
    with pytest.raises(ConnectionResetError):
        service.call("POST", TRANSACTION, json=single(1))
    assert submitted(service) == 0
    service.pause(0.4)
    assert submitted(service) == 1


@pytest.mark.parametrize("kind", ["delay", "drip"])
def test_a_client_that_waits_gets_the_real_answer(service: Service, kind: str) -> None:
    set_fault(service, kind=kind, commit_after=0.2, delay=0.1)
    begun = time.monotonic()
    made = service.post(TRANSACTION, single(1))["transactionId"]
    assert time.monotonic() - begun >= 0.2
    assert len(service.get(f"{V1}/{made}")) == 1
    assert (submitted(service), late(service)) == (1, 0)


def test_a_late_request_can_be_refused(service: Service) -> None:
    service.settings(duplicates="refuse")
    set_fault(service, kind="status", commit_after=0.2)
    service.call("POST", TRANSACTION, json=single(1))
    service.post(TRANSACTION, single(1))
    service.pause(0.3)
    assert service.control("GET", "activations")["max_submitted"] == 1


def test_a_late_duplicate(service: Service) -> None:
    service.settings(duplicates="second_success")
    set_fault(service, kind="status", commit_after=0.2)
    service.call("POST", TRANSACTION, json=single(1))
    service.post(TRANSACTION, single(1))
    assert service.control("GET", "activations")["max_activated"] == 1
    service.pause(0.3)
    assert service.control("GET", "activations")["max_activated"] == 2


def test_removing_faults_does_not_cancel_late_requests(service: Service) -> None:
    set_fault(service, kind="status", commit_after=0.2)
    service.call("POST", TRANSACTION, json=single(1))
    assert service.control("DELETE", "faults") == {"faults": [], "late": 1}
    service.pause(0.3)
    assert submitted(service) == 1


def test_a_reset_cancels_late_requests(service: Service) -> None:
    set_fault(service, kind="status", commit_after=0.2)
    service.call("POST", TRANSACTION, json=single(1))
    service.control("POST", "reset")
    assert late(service) == 0
    service.pause(0.3)
    assert submitted(service) == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "commit_after": 1},
        {"kind": "expire_token", "commit": True, "commit_after": 1},
        {"kind": "reset_unread", "commit": True},
        {"kind": "status", "commit": True, "commit_after": [3, 2]},
        {"kind": "status", "commit": True, "commit_after": -1},
    ],
)
def test_invalid_combinations_are_refused(service: Service, fault: dict[str, object]) -> None:
    assert service.control("POST", "faults", fault, status=400)["message"]
    assert service.control("GET", "faults")["faults"] == []
