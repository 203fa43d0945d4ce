# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting alone: results for transactions that have ended, still run, or are unknown."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories import wait as _waiting
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer

WAIT = {
    "wait_timeout": 0.2,
    "settle_timeout": 0.05,
    "poll_interval": 0.02,
    "poll_max_interval": 0.05,
    "status_words": None,
}


def line(status, **more):
    """Return a line as the service sends it."""
    return {"imei": IMEI, "iccid": ICCID, "status": status, **more}


def wait(serve, *answers, check=False, ids=("T1",), **more):
    """The result of waiting."""
    connection = {"api_url": serve(*answers).url, "api_token": "t0k3n-t0k3n", "validate_certs": True}
    numbers = {"request_timeout": 5.0, "request_retries": 0, "concurrency": 1}
    params = {**connection, **numbers, **WAIT, "transaction_ids": list(ids), **more}
    return _waiting.wait_for(params, check, lambda secret: None)


def test_ended_transactions_are_reported_after_one_look(serve):
    result = wait(serve, Answer([line("COMPLETED", mdn="2015550066")]))
    assert result["requests"]["reads"] == 1
    assert result["summary"] == {"activated": 1}
    assert result["msg"] == "1 transaction: 1 activated"
    assert "failed" not in result
    assert result["devices"][0]["mdn"] == "2015550066"
    assert result["transactions"] == [
        {"transaction_id": "T1", "status": "ended", "success": 1, "failed": 0, "pending": 0}
    ]


@pytest.mark.parametrize("name", ["wait_timeout", "settle_timeout", "poll_interval", "poll_max_interval"])
def test_seconds_out_of_range_are_an_error(serve, name):
    for value in (-1.0, 1e12):
        with pytest.raises(InputError, match=f"^{name}: must be at (least|most) .*, not {value}"):
            wait(serve, Answer([line("COMPLETED")]), **{name: value})


def test_running_transactions_are_waited_for(serve):
    running = Answer([line("IN PROGRESS")])
    result = wait(serve, running, running, Answer([line("FAILED", errorMessage="bad ZIP"), line("DONE")]))
    assert result["failed"]
    assert result["summary"] == {"failed": 1, "activated": 1}
    assert [entry["outcome"] for entry in result["devices"]] == ["failed", "activated"]
    assert f"T1 (imei {IMEI} iccid {ICCID}): failed: bad ZIP" in result["msg"]


def test_pending_transactions_fail_after_the_wait(serve):
    result = wait(serve, *[Answer([line("IN PROGRESS")])] * 40)
    assert result["failed"]
    assert result["summary"] == {"pending": 1}
    assert result["transactions"][0]["status"] == "pending"
    assert "Run again to keep waiting for pending devices." in result["msg"]


def test_check_mode_looks_once_and_does_not_fail_for_running_transactions(serve):
    result = wait(serve, Answer([line("IN PROGRESS")]), check=True)
    assert "failed" not in result
    assert result["summary"] == {"pending": 1}
    assert result["requests"]["reads"] == 1


def test_a_transaction_that_never_appears_is_unknown(serve):
    result = wait(serve, *[Answer({"message": "no such transaction"}, status=404)] * 40)
    assert result["failed"]
    assert result["summary"] == {"unknown": 1}
    assert "T1: unknown: " in result["msg"]
    assert "no such transaction" in result["msg"]


def test_each_id_is_requested_once_and_none_may_be_empty(serve):
    result = wait(serve, Answer([line("DONE")]), ids=("T1", " T1"))
    assert len(result["transactions"]) == 1
    with pytest.raises(InputError, match="contains an empty id"):
        wait(serve, ids=("T1", " "))
