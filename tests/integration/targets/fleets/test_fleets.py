# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Number and pace of the requests for fleets, by the simulator's log."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import fleet, pair
from harness.playbooks import Playbooks, activation
from harness.simulators import PASSWORD, SUBMIT_PATH, USERNAME, Simulator


def test_watching_single_requests_takes_few_reads(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(line_latency=1.0)
    listed = fleet(range(300))
    outcome = playbook(
        activation("single", ignore=False, devices=listed, concurrency=16, poll_interval=0.5, result_devices="all")
    ).only
    assert outcome["summary"] == {"activated": 300}
    assert outcome["requests"]["writes"] == 300
    # History, list, carriers, some polls of one page each, and one request for the lines.
    assert outcome["requests"]["reads"] <= 15
    assert len(sentinel.requests()) == outcome["requests"]["reads"] + 300
    # The result has the details of the lines nevertheless.
    assert all(entry["mdn"] and entry["line_status"] == "COMPLETED" for entry in outcome["devices"])
    sentinel.assert_each_once(listed)


def test_the_lines_of_each_batch_are_read_once(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(line_latency=[0.5, 1.5])
    listed = fleet(range(1000))
    options = {"request_format": "batch", "batch_size": 200, "poll_interval": 0.5, "poll_max_interval": 0.5}
    outcome = playbook(activation("batch", ignore=False, devices=listed, **options)).only
    assert outcome["summary"] == {"activated": 1000}
    assert outcome["requests"]["writes"] == 5
    assert outcome["requests"]["reads"] <= 15
    reads = [call for call in sentinel.calls() if "/v1.0/activation/transactions/" in call]
    assert len(reads) == len(set(reads)) == 5, "the lines of each transaction are read once"


def test_requests_per_minute_is_never_exceeded(sentinel: Simulator, playbook: Playbooks) -> None:
    listed = fleet(range(60))
    options = {"requests_per_minute": 900, "concurrency": 16}
    outcome = playbook(activation("paced", ignore=False, devices=listed, **options)).only
    assert outcome["summary"] == {"activated": 60}
    times = [request["at"] for request in sentinel.requests()]
    for start, first in enumerate(times):
        for end in range(start, len(times)):
            # 15 per second, with a burst of one second.
            assert end - start + 1 <= 15 * (times[end] - first) + 15 + 1
    assert times[-1] - times[0] >= (len(times) - 15) / 15


def test_a_rate_limit_of_the_service_slows_all_threads(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(rate_limit=25)
    listed = fleet(range(150))
    outcome = playbook(activation("limited", ignore=False, devices=listed, concurrency=16, poll_interval=1)).only
    assert outcome["summary"] == {"activated": 150}
    assert outcome["requests"]["throttled_seconds"] >= 0.5
    turned_away = [request for request in sentinel.requests() if request["status"] == 429]
    assert turned_away
    assert len(turned_away) == outcome["requests"]["retried"]
    # If each thread waited on its own, most requests would be turned away.
    assert len(turned_away) <= 60
    sentinel.assert_each_once(listed)


def test_an_expired_token_is_renewed_once_for_all_threads(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.settings(request_latency=0.05)
    login: dict[str, Any] = {
        **sentinel.connection,
        "api_token": None,
        "api_username": USERNAME,
        "api_password": PASSWORD,
    }
    sentinel.faults(*({"kind": "expire_token", "path": f"^{SUBMIT_PATH}$", "skip": 30 * number} for number in (1, 2)))
    listed = fleet(range(100))
    outcome = playbook(activation("renew", ignore=False, devices=listed, concurrency=16), defaults=login).only
    sentinel.assert_faults_struck()
    assert outcome["summary"] == {"activated": 100}
    assert sentinel.logins() == 3
    sentinel.assert_each_once(listed)


@pytest.mark.parametrize(
    ("module", "key"), [("sentinel_smartsim_activation", "sim_id"), ("sentinel_esim_activation", "imei")]
)
def test_watching_other_kinds_takes_few_reads(sentinel: Simulator, playbook: Playbooks, module: str, key: str) -> None:
    if key == "imei":
        listed = [{"imei": pair(number)["imei"], "carrier": "AT&T"} for number in range(150)]
    else:
        listed = [{"sim_id": pair(number)["iccid"], "carrier": "Verizon"} for number in range(150)]
    given = {"batch_size": 10, "device_group": "Transportation", "filter_group": "Student_K8"}
    given["service_zip_code"] = "22102"
    outcome = playbook(
        activation("fleet", ignore=False, module=f"kajeet.sentinel.{module}", devices=listed, **given)
    ).only
    assert outcome["summary"] == {"activated": 150}
    assert outcome["requests"]["writes"] == 15
    assert outcome["requests"]["reads"] <= 30
    sentinel.assert_each_once(listed, key)
