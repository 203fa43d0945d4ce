# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source alone, against the simulator: its events, each once."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from harness.devices import NEVER, UNKNOWN_ICCID, device, fleet
from harness.processes import wait_until
from harness.simulators import HISTORY_PATH
from sources import SOURCE, listed, polls, submit, wait_for_polls

OUTAGE = "Sentinel cannot be read"
BACK = "Sentinel can be read again"


@pytest.fixture
def logged(caplog):
    """Returns the messages that the source has logged."""
    caplog.set_level(logging.INFO, "kajeet.sentinel.transactions")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "kajeet.sentinel.transactions"]


# -- Events ------------------------------------------------------------------------------------------------------------


def test_only_new_transactions_are_reported(sentinel, listen):
    source = listen()
    wait_for_polls(sentinel)
    assert source.events == []
    name = submit(sentinel, device(1, nickname="Bus 01"))
    events = source.wait_for("line_finished", "transaction_finished")
    assert [event["type"] for event in events] == [
        "transaction_submitted",
        "line_submitted",
        "line_finished",
        "transaction_finished",
    ]
    assert {event["transaction_id"] for event in events} == {name}
    assert len({event["id"] for event in events}) == 4
    assert all(event["meta"]["uuid"] == event["id"] for event in events)
    line = events[2]["line"]
    assert (line["iccid"], line["imei"], line["state"]) == (device(1)["iccid"], device(1)["imei"], "active")
    assert (line["carrier"], line["device_group"], line["filter_group"]) == (
        "Verizon",
        "Transportation",
        "Student_K8",
    )
    counts = events[3]["transaction"]
    assert (counts["total"], counts["success"], counts["failed"], counts["pending"]) == (1, 1, 0, 0)


def test_each_line_of_a_transaction_is_reported_when_it_changes(sentinel, listen):
    sentinel.settings(line_latency=3600)
    sentinel.devices({"iccid": device(2)["iccid"], "outcome": "success", "latency": 0})
    source = listen()
    wait_for_polls(sentinel)
    submit(sentinel, device(1), device(2), device(3, UNKNOWN_ICCID))
    source.wait_for("transaction_submitted", "line_submitted", "line_submitted", "line_submitted", "line_finished")
    wait_for_polls(sentinel)
    assert source.types()["line_finished"] == 1
    assert source.of("line_finished")[0]["line"]["iccid"] == device(2)["iccid"]
    sentinel.advance(4000)
    source.wait_for("transaction_failed")
    wait_for_polls(sentinel)
    assert source.types() == Counter(
        transaction_submitted=1, line_submitted=3, line_finished=2, line_failed=1, transaction_failed=1
    )
    failed = source.of("line_failed")[0]["line"]
    assert (failed["iccid"], failed["state"]) == (device(3, UNKNOWN_ICCID)["iccid"], "failed")
    assert failed["reason"]
    assert source.events[-1]["transaction"]["failed"] == 1


def test_the_end_of_an_older_transaction_is_reported(sentinel, listen):
    sentinel.history({"iccid": "89148000004661318603", "status": "pending", "finishes_in": 1000, "days_ago": 20})
    source = listen()
    wait_for_polls(sentinel)
    sentinel.advance(2000)
    source.wait_for("line_finished", "transaction_finished")
    wait_for_polls(sentinel)
    assert source.types() == Counter(line_finished=1, transaction_finished=1)


def test_a_line_that_does_not_end_is_stuck_once(sentinel, listen):
    source = listen(stuck_after=1)
    wait_for_polls(sentinel)
    submit(sentinel, device(1, NEVER))
    source.wait_for("line_stuck", "transaction_stuck")
    wait_for_polls(sentinel, 5)
    emitted = [event for event in source.events if event["transaction_id"] == source.events[0]["transaction_id"]]
    assert Counter(event["type"] for event in emitted) == Counter(
        transaction_submitted=1, line_submitted=1, line_stuck=1, transaction_stuck=1
    )
    assert source.of("line_stuck")[-1]["pending_seconds"] >= 1


def test_nothing_is_stuck_with_zero(sentinel, listen):
    source = listen(stuck_after=0)
    wait_for_polls(sentinel)
    submit(sentinel, device(1, NEVER))
    source.wait_for("line_submitted")
    wait_for_polls(sentinel, 15)
    assert source.types() == Counter(transaction_submitted=1, line_submitted=1)


def test_from_the_beginning_everything_is_reported_oldest_first(sentinel, listen):
    sentinel.control("POST", "history", {"generate": 120, "lines_per_transaction": 2})
    expected = listed(sentinel)
    assert expected["line_submitted"] > 120
    assert expected["line_failed"] > 0
    source = listen(**{"from": "beginning"})
    wait_for_polls(sentinel, 3)
    assert source.types() == expected
    # More than 60 transactions, and their lines in one request.
    assert sum("export=CSV" in call for call in sentinel.calls()) == 1
    assert not any("/v1.0/" in call for call in sentinel.calls())
    started = [event["transaction"]["started"] for event in source.events]
    moments = [datetime.strptime(text + " +0000", "%m/%d/%Y %I:%M:%S %p %z") for text in started]
    assert moments == sorted(moments)


def test_custom_status_words_of_an_account(sentinel, listen):
    sentinel.settings(status_words={"COMPLETED": "Provisioned", "FAILED": "Bounced"})
    source = listen(status_words={"success": ["provisioned"], "failed": ["bounced"]})
    wait_for_polls(sentinel)
    submit(sentinel, device(1))
    submit(sentinel, device(2, UNKNOWN_ICCID))
    source.wait_for("line_finished", "line_failed", "transaction_finished", "transaction_failed")


@pytest.mark.parametrize("envelope", ["list", "no_total"])
def test_pages_that_shift_while_they_are_read(sentinel, listen, envelope):
    sentinel.settings(page_max=5, page_overlap=2, arrivals=0.3, envelope=envelope)
    source = listen()
    wait_for_polls(sentinel, 3)
    names = {submit(sentinel, device(number)) for number in range(1, 31)}
    wait_until(
        lambda: names <= {event["transaction_id"] for event in source.of("transaction_finished")}, "all are reported"
    )
    # Transactions of others keep arriving.
    emitted = Counter(event["id"] for event in list(source.events))
    assert set(emitted.values()) == {1}


def test_transactions_that_show_up_late_are_reported(sentinel, listen):
    sentinel.settings(history_lag=(0, 2))
    source = listen()
    wait_for_polls(sentinel)
    names = [submit(sentinel, device(number)) for number in range(1, 11)]
    wait_until(lambda: len(source.of("transaction_finished")) >= 10, "all are reported")
    assert sorted(event["transaction_id"] for event in source.of("transaction_finished")) == sorted(names)


def test_a_quiet_account_is_polled_with_one_request(sentinel, listen):
    sentinel.control("POST", "history", {"generate": 1500})
    source = listen()
    wait_for_polls(sentinel, 6)
    sentinel.control("DELETE", "requests")
    wait_for_polls(sentinel, 4)
    assert set(sentinel.calls()) == {f"GET {HISTORY_PATH}?sortDir=DESC&offset=0&limit=500"}
    assert source.events == []


def test_the_rate_limit_is_kept(sentinel, listen):
    source = listen(requests_per_minute=120)
    wait_for_polls(sentinel, 4)
    at = [request["at"] for request in sentinel.requests()]
    assert all(later - earlier >= 0.45 for earlier, later in zip(at, at[1:]))
    assert source.error is None


def test_the_interval_is_kept(sentinel, listen):
    listen(interval=1.0)
    wait_for_polls(sentinel, 4)
    at = [request["at"] for request in sentinel.requests() if "offset=0&" in request["query"]]
    assert all(later - earlier >= 0.95 for earlier, later in zip(at, at[1:]))


# -- Restarts ----------------------------------------------------------------------------------------------------------


def test_a_restart_reports_changes_in_the_meantime_and_nothing_twice(sentinel, listen):
    sentinel.settings(line_latency=3600)
    first = listen()
    wait_for_polls(sentinel)
    running = submit(sentinel, device(1))
    first.wait_for("line_submitted")
    first.stop()
    missed = submit(sentinel, device(2, UNKNOWN_ICCID))
    sentinel.advance(4000)
    second = listen()
    second.wait_for("line_finished", "line_failed", "transaction_finished", "transaction_failed")
    wait_for_polls(sentinel)
    ids = [event["id"] for event in first.events + second.events]
    assert len(ids) == len(set(ids))
    assert first.types() == Counter(transaction_submitted=1, line_submitted=1)
    assert [event["type"] for event in second.events if event["transaction_id"] == running] == [
        "line_finished",
        "transaction_finished",
    ]
    assert [event["type"] for event in second.events if event["transaction_id"] == missed] == [
        "transaction_submitted",
        "line_submitted",
        "line_failed",
        "transaction_failed",
    ]


def test_events_left_in_the_queue_are_emitted_again(sentinel, listen):
    first = listen()
    wait_for_polls(sentinel)
    first.pause()
    for number in range(1, 6):
        submit(sentinel, device(number))
    # One event may already be waited for, and the next fills the queue.
    wait_for_polls(sentinel, 1)
    first.stop()
    second = listen()
    wait_until(
        lambda: len(first.of("transaction_finished") + second.of("transaction_finished")) == 5, "all are reported"
    )
    wait_for_polls(sentinel)
    ids = [event["id"] for event in first.events + second.events]
    assert len(ids) == len(set(ids)) == 20


def test_a_source_that_is_killed_loses_nothing(sentinel, tmp_path):
    sentinel.control("POST", "history", {"generate": 150})
    arguments = {
        "api_url": sentinel.api_url,
        "api_token": "simulator-token",
        "interval": "0.1",
        "from": "beginning",
        "state_file": str(tmp_path / "killed.state"),
    }
    command = [sys.executable, str(SOURCE), *(f"{name}={value}" for name, value in arguments.items())]
    emitted: list[str] = []
    events = listed(sentinel)
    expected = sum(events.values())
    lives = 0
    for most in (100, 250, 400, 500, expected):
        lives += 1
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        with process.stdout as printed:
            while len(set(emitted)) < most:
                emitted.append(json.loads(printed.readline())["id"])
            process.kill()
            # The source was faster than this reader.
            emitted += [json.loads(text)["id"] for text in printed]
        process.wait()
    assert len(set(emitted)) == expected
    # At most one printed event per kill was not remembered.
    assert len(emitted) - expected < lives


def test_an_event_that_the_rule_engine_did_not_accept_is_emitted_again(sentinel, listen):
    first = listen(feedback=True)
    wait_for_polls(sentinel)
    submit(sentinel, device(1))
    first.wait_for("transaction_finished")
    wait_for_polls(sentinel)
    first.accepting = False
    submit(sentinel, device(2))
    wait_until(lambda: len(first.events) == 5, "one event more is taken")
    first.stop()
    second = listen(feedback=True)
    second.wait_for("transaction_finished")
    wait_for_polls(sentinel)
    assert len(second.events) == 4
    assert second.events[0]["id"] == first.events[4]["id"]
    assert len({event["id"] for event in first.events + second.events}) == 8


# -- Outages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "html", "status": 503},
        {"kind": "reset"},
        {"kind": "delay", "delay": 4},
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "truncated"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_an_outage_is_logged_once_and_nothing_is_lost(sentinel, listen, logged, fault):
    # On a busy machine, any answer may take half a second.
    source = listen(request_timeout=1.5)
    wait_for_polls(sentinel)
    assert logged() == []
    sentinel.faults({**fault, "path": "transactions", "method": "GET", "count": 3})
    wait_until(lambda: any(OUTAGE in text for text in logged()), "the outage is logged")
    submit(sentinel, device(1, UNKNOWN_ICCID))
    source.wait_for("line_failed", "transaction_failed")
    wait_until(lambda: len(logged()) == 2, "its end is logged")
    sentinel.assert_faults_struck()
    wait_for_polls(sentinel)
    assert [text.split(";")[0] for text in logged()] == [OUTAGE, BACK]
    assert source.types() == Counter(transaction_submitted=1, line_submitted=1, line_failed=1, transaction_failed=1)


def test_an_outage_at_the_start_does_not_end_it(sentinel, listen, logged):
    sentinel.faults({"kind": "status", "status": 503, "path": "transactions", "count": 2})
    source = listen()
    wait_until(lambda: len(logged()) == 2, "the outage and its end are logged")
    submit(sentinel, device(1))
    source.wait_for("line_finished")


def test_lines_that_cannot_be_read_do_not_delay_others(sentinel, listen):
    source = listen()
    wait_for_polls(sentinel)
    odd = submit(sentinel, device(1, UNKNOWN_ICCID))
    sentinel.faults({"kind": "status", "status": 404, "path": f"transactions/{odd}$", "count": 5})
    submit(sentinel, device(2))
    source.wait_for("line_finished", "transaction_finished", "line_failed", "transaction_failed")
    assert [event["type"] for event in source.events if event["transaction_id"] == odd] == [
        "transaction_submitted",
        "line_submitted",
        "line_failed",
        "transaction_failed",
    ]


@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 500}, {"kind": "html", "status": 200}, {"kind": "reset"}],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_lines_that_cannot_be_read_for_long_are_reported_later(sentinel, listen, logged, fault):
    source = listen()
    wait_for_polls(sentinel)
    odd = submit(sentinel, device(1, UNKNOWN_ICCID))
    sentinel.faults({**fault, "path": f"transactions/{odd}$", "method": "GET", "count": 15})
    submit(sentinel, device(2))
    source.wait_for("line_finished", "transaction_finished", "line_failed", "transaction_failed", patience=60.0)
    sentinel.assert_faults_struck()
    wait_for_polls(sentinel)
    assert [event["type"] for event in source.events if event["transaction_id"] == odd] == [
        "transaction_submitted",
        "line_submitted",
        "line_failed",
        "transaction_failed",
    ]
    assert len(logged()) == 2
    assert "Lines cannot be read" in logged()[0]
    assert odd in logged()[0]
    assert "All lines can be read again" in logged()[1]


def test_one_answer_of_a_proxy_does_not_end_it(sentinel, listen, logged):
    source = listen()
    wait_for_polls(sentinel)
    sentinel.faults({"kind": "html", "status": 403, "path": "transactions", "method": "GET", "count": 1})
    wait_until(lambda: len(logged()) == 2, "the outage and its end are logged")
    submit(sentinel, device(1))
    source.wait_for("transaction_finished")


@pytest.mark.parametrize("status", [200, 403, 404])
def test_a_source_that_has_worked_can_start_during_maintenance(sentinel, listen, logged, status):
    first = listen()
    wait_for_polls(sentinel)
    first.stop()
    sentinel.faults({"kind": "html", "status": status, "path": "transactions", "method": "GET", "count": 3})
    submit(sentinel, device(1))
    second = listen()
    second.wait_for("transaction_finished")
    sentinel.assert_faults_struck()
    wait_until(lambda: len(logged()) == 2, "the end of the outage is logged")
    assert [text.split(";")[0] for text in logged()] == [OUTAGE, BACK]


def test_it_stops_with_a_slow_service(sentinel, listen):
    sentinel.control("POST", "history", {"generate": 1000})
    sentinel.settings(page_max=20)
    sentinel.faults({"kind": "delay", "delay": 0.5, "path": "transactions", "method": "GET", "count": 500})
    source = listen()
    wait_until(lambda: len(sentinel.calls()) >= 3, "the source reads the history")
    requests = len(sentinel.calls())
    source.stop()
    assert len(sentinel.calls()) <= requests + 1
    assert source.error is None


def test_a_token_that_expires_is_renewed(sentinel, listen, logged):
    source = listen(api_token=None, api_username="fleet@northstar.example", api_password="simulator-password")
    wait_for_polls(sentinel)
    sentinel.faults({"kind": "expire_token", "path": "transactions"})
    submit(sentinel, device(1))
    source.wait_for("line_finished")
    sentinel.assert_faults_struck()
    assert logged() == []


# -- What ends it ------------------------------------------------------------------------------------------------------


def test_a_wrong_token_ends_it(sentinel, listen, logged):
    source = listen(api_token="wrong-token-of-somebody")
    error = source.ended()
    assert type(error).__name__ == "AuthenticationError"
    assert "wrong-token-of-somebody" not in str(error)
    assert polls(sentinel) == 1
    assert logged() == []


def test_a_token_without_the_scope_ends_it(listen):
    error = listen(api_token="simulator-token-viewer").ended()
    assert type(error).__name__ == "ScopeError"
    assert "aux_activation" in str(error)


def test_a_wrong_address_ends_it(sentinel, listen):
    error = listen(api_url=sentinel.url + "/elsewhere").ended()
    assert "404" in str(error)


def test_all_wrong_arguments_are_named_at_once(listen, tmp_path):
    error = listen(
        api_url="sentinel",
        api_token=None,
        interval="often",
        stuck_after=-1,
        state_file=str(tmp_path / "nowhere" / "state"),
        **{"from": "today", "inteval": 5},
    ).ended()
    assert type(error).__name__ == "InputError"
    for part in (
        "unknown argument 'inteval'; did you mean interval?",
        "argument 'interval' is of type str and we were unable to convert to float",
        "value of from must be one of: now, beginning, got: today",
        "api_url: 'sentinel' is not a URL",
        "stuck_after: must be at least 0 (0 means never), not -1",
        f"state_file: the directory {tmp_path / 'nowhere'} does not exist",
    ):
        assert part in str(error)


def test_missing_arguments_are_named_at_once(listen):
    error = listen(api_token=None, state_file=None).ended()
    assert "missing required arguments: state_file" in str(error)
    assert "No credentials are set" in str(error)


def test_a_state_file_is_for_one_source(sentinel, listen):
    listen()
    wait_for_polls(sentinel)
    assert "is used by another source" in str(listen().ended())


def test_a_state_file_is_for_one_account(sentinel, listen):
    first = listen(corp_id="NORTHSTAR-ISD")
    wait_for_polls(sentinel)
    first.stop()
    error = str(listen(corp_id="SOUTHSTAR-ISD").ended())
    assert "belongs to another corp_id: NORTHSTAR-ISD, not SOUTHSTAR-ISD" in error


def test_a_state_file_outlives_the_user(sentinel, listen, logged):
    login = {"api_token": None, "api_password": "simulator-password"}
    first = listen(**login, api_username="fleet@northstar.example")
    wait_for_polls(sentinel)
    first.stop()
    # Another user of the account is refused for its missing scope, not for the file.
    second = listen(**login, api_username="viewer@northstar.example")
    wait_until(logged, "the second source has requests")
    assert "lack the scope aux_activation" in logged()[0]
    second.stop()
    assert second.error is None
    third = listen(**login, api_username="fleet@northstar.example", corp_id="SOUTHSTAR-ISD")
    assert "belongs to another corp_id: NORTHSTAR-ISD, not SOUTHSTAR-ISD" in str(third.ended())


def test_another_file_is_not_changed(listen, tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("Not a state file. " * 100, encoding="utf-8")
    assert "is not a state file" in str(listen(state_file=str(precious)).ended())
    assert precious.read_text(encoding="utf-8") == "Not a state file. " * 100


def test_only_the_owner_can_read_the_state_file(sentinel, listen, tmp_path):
    listen()
    wait_for_polls(sentinel)
    files = list(Path(tmp_path).glob("sentinel.state*"))
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_fleet_of_devices_in_single_requests(sentinel, listen):
    source = listen()
    wait_for_polls(sentinel)
    for entry in fleet(range(1, 81)):
        submit(sentinel, entry)
    wait_until(lambda: len(source.of("transaction_finished")) >= 80, "all are reported")
    assert source.types() == Counter(
        transaction_submitted=80, line_submitted=80, line_finished=80, transaction_finished=80
    )
