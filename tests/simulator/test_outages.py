# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that are refused, reset or closed by the client, with real sockets."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from conftest import Process
from service import TRANSACTION, V1, batch, pair, single

CARRIERS = "/v1.0/activation/carriers"
LOST = (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)
Spawn = Callable[..., Process]


@pytest.fixture
def process(spawn: Spawn) -> Process:
    """A simulator of profile instant with its control interface."""
    return spawn("--control", "--profile", "instant").wait_ready()


def until_open(client: httpx.Client, seconds: float = 5.0) -> float:
    """Return the number of seconds during which connections were refused."""
    begun = time.monotonic()
    while True:
        try:
            assert client.get(CARRIERS).status_code == 200
            return time.monotonic() - begun
        except httpx.ConnectError:
            assert time.monotonic() - begun < seconds
            time.sleep(0.02)


@contextlib.contextmanager
def controlling(process: Process) -> Iterator[httpx.Client]:
    """Return a client with an open connection to the control interface."""
    with httpx.Client(base_url=process.ready["url"] + "/_simulator/", trust_env=False, timeout=5) as client:
        assert client.get("clock").status_code == 200
        yield client


@pytest.mark.parametrize("commit", [False, True])
def test_a_fault_that_refuses_connections(process: Process, commit: bool) -> None:
    with process.client() as client, process.client() as other, controlling(process) as control:
        other.get(CARRIERS)
        fault = {"kind": "refuse", "method": "POST", "duration": 0.6, "commit": commit}
        control.post("faults", json=fault)
        with pytest.raises(LOST):
            client.post(TRANSACTION, json=single(1))
        # The idle connection was reset as well, and a new one is refused,
        with pytest.raises(httpx.ConnectError):
            other.get(CARRIERS)
        # but the connection to the control interface stays open.
        found = control.get("activations").json()["max_submitted"]
        assert found == int(commit)
        assert 0.2 < until_open(client) < 2
    entry = process.control("GET", "requests")["requests"][1]
    assert (entry["fault"], entry["status"]) == ("refuse", None)
    assert process.end()[1] == ""


def test_consecutive_outages(process: Process) -> None:
    with process.client() as client:
        for _round in range(3):
            process.control("POST", "faults", json={"kind": "refuse", "duration": [0.05, 0.1]})
            with pytest.raises(LOST):
                client.get(CARRIERS)
            until_open(client)
    assert process.popen.poll() is None


def test_a_longer_outage_replaces_the_first(process: Process) -> None:
    with process.client() as client, controlling(process) as control:
        assert control.post("outage", json={"seconds": 0.2}).status_code == 202
        assert control.post("outage", json={"seconds": 0.9}).status_code == 202
        assert 0.6 < until_open(client) < 3


def test_pending_requests_are_cut(process: Process) -> None:
    process.control("PUT", "settings", json={"request_latency": 0.5})
    ended: list[Any] = []

    def ask() -> None:
        with process.client() as client:
            try:
                ended.append(client.post(TRANSACTION, json=single(1)))
            except LOST as exc:
                ended.append(exc)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.2)
    with controlling(process) as control:
        control.post("outage", json={"seconds": 0.3})
        thread.join()
        assert isinstance(ended[0], LOST)
        time.sleep(0.5)
        # It was cut before it was carried out.
        assert control.get("activations").json()["devices"] == []


def test_the_port_stays_bound(process: Process) -> None:
    with controlling(process) as control:
        control.post("outage", json={"seconds": 5})
        with socket.socket() as other:
            with pytest.raises(OSError, match="in use") as caught:
                other.bind(("127.0.0.1", process.ready["port"]))
            assert caught.value.errno == errno.EADDRINUSE
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(5) == 0


def test_a_large_body_that_is_never_read(process: Process) -> None:
    process.control("POST", "faults", json={"kind": "reset_unread", "method": "POST"})
    body = batch(*(pair(number, nickname="x" * 2_000) for number in range(2_000)))
    with process.client() as client:
        with pytest.raises(LOST):
            client.post(TRANSACTION, json=body)
        assert client.get(CARRIERS).status_code == 200
    entry = process.control("GET", "requests")["requests"][0]
    assert (entry["fault"], entry["body"], entry["status"]) == ("reset_unread", None, None)
    assert process.control("GET", "activations")["devices"] == []
    assert process.end()[1] == ""


@pytest.mark.parametrize("kind", ["delay", "reset", "refuse"])
def test_a_request_is_carried_out_after_the_client_disconnects(process: Process, kind: str) -> None:
    fault = {"kind": kind, "delay": 30 if kind == "delay" else 0, "duration": 0.1, "commit": True, "commit_after": 0.8}
    process.control("POST", "faults", json=fault)
    with process.client(), controlling(process) as control:
        with process.client() as client, pytest.raises((*LOST, httpx.ReadTimeout)):
            client.post(TRANSACTION, json=single(1), timeout=0.3)
        assert control.get("faults").json()["late"] == 1
        assert control.get("activations").json()["devices"] == []
        end = time.monotonic() + 5
        while control.get("faults").json()["late"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert control.get("activations").json()["max_submitted"] == 1
        with process.client() as client:
            assert client.get(V1).json()["transactions"][0]["iccid"] == single(1)["iccid"]
    assert process.end()[1] == ""


def test_it_stops_while_a_request_is_late(process: Process) -> None:
    fault = {"kind": "status", "commit": True, "commit_after": 60}
    process.control("POST", "faults", json=fault)
    with process.client() as client:
        assert client.post(TRANSACTION, json=single(1)).status_code == 503
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(5) == 0
    assert process.end()[1] == ""
