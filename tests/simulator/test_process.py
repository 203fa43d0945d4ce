# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process: command line, readiness, cut connections, outages, restarts, shutdown."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import FILES, Process
from service import TRANSACTION, V1, V2, single

CARRIERS = "/v1.0/activation/carriers"
Spawn = Callable[..., Process]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line until it ends."""
    command = [sys.executable, "-m", "sentinel_simulator", *arguments]
    return subprocess.run(command, cwd=FILES, capture_output=True, text=True, timeout=20, check=False)


def test_readiness(spawn: Spawn) -> None:
    process = spawn("--profile", "instant").wait_ready()
    ready = process.ready
    assert ready["pid"] == process.popen.pid
    assert ready["url"] == f"http://127.0.0.1:{ready['port']}"
    assert ready["api_url"] == ready["url"] + "/sentinel-proxy/sentinel/api"
    with process.client() as client:
        assert client.get(CARRIERS).status_code == 200
        assert httpx.get(ready["url"] + "/_simulator/requests", trust_env=False).status_code == 404
        assert httpx.get(ready["url"] + "/docs", trust_env=False).status_code == 200
    out, err = process.end()
    assert out == f"Sentinel simulator (profile instant) ready: api_url {ready['api_url']}\n"
    assert err == ""
    assert not process.ready_file.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_quickly(spawn: Spawn, number: signal.Signals) -> None:
    process = spawn("--control").wait_ready()
    process.control("POST", "faults", json={"kind": "delay", "delay": 30, "path": "inventory"})
    with process.client() as client, ThreadPoolExecutor(1) as pool:
        client.get(CARRIERS)
        # One connection is idle, one waits for an answer.
        waiting = pool.submit(client.get, "/v1.0/activation/inventory?carrier=Verizon")
        time.sleep(0.2)
        begun = time.monotonic()
        process.popen.send_signal(number)
        assert process.popen.wait(5) == 0
        assert time.monotonic() - begun < 2.5
        assert waiting.exception() is not None or not waiting.result().is_success


def test_a_port_in_use(spawn: Spawn) -> None:
    process = spawn().wait_ready()
    second = run("--port", str(process.ready["port"]))
    assert second.returncode == 2
    assert second.stderr.startswith(f"sentinel_simulator: port {process.ready['port']} is in use")
    assert "--port 0" in second.stderr
    assert second.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "between 0 and 65535"),
        (["--profile", "hopeful"], "invalid choice"),
        (["--lifetime", "-5"], "--lifetime must be 0 (never) or a positive number of seconds, not -5"),
        (["--lifetime", "nan"], "not nan"),
        (["--token-lifetime", "0"], "more than 0"),
        (["--keyfile", "x"], "requires --certfile"),
        (["--port", "0", "--certfile", "nowhere.pem"], "cannot serve"),
        (["--port", "0", "--db", "nowhere/at/all.db"], "cannot use the database"),
    ],
)
def test_wrong_options(arguments: list[str], words: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert ended.stderr.startswith("sentinel_simulator: ")
    assert ended.stderr.count("\n") == 1, "one line"


def test_it_stops_after_its_lifetime() -> None:
    begun = time.monotonic()
    assert run("--port", "0", "--lifetime", "0.5").returncode == 0
    assert 0.5 < time.monotonic() - begun < 10


def test_a_database_file_survives(spawn: Spawn, tmp_path: Path) -> None:
    db = str(tmp_path / "sentinel.db")
    process = spawn("--db", db, "--control", "--profile", "instant").wait_ready()
    process.control("POST", "clock", json={"advance": 86_400})
    with process.client() as client:
        made = client.post(TRANSACTION, json=single(1)).json()["transactionId"]
        total = client.get(V1).json()["totalCount"]
    # Killed as in a crash: everything that was answered is stored.
    process.popen.kill()
    process.end()
    process = spawn("--db", db, "--control", "--profile", "instant").wait_ready()
    assert process.control("GET", "clock")["offset"] == 86_400
    with process.client() as client:
        assert client.get(V1).json()["totalCount"] == total
        assert client.get(f"{V1}/{made}").json()[0]["iccid"] == single(1)["iccid"]
        assert client.post(TRANSACTION, json=single(2)).json()["transactionId"] != made


@pytest.mark.parametrize("commit", [False, True])
def test_resets(spawn: Spawn, commit: bool) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("POST", "faults", json={"kind": "reset", "commit": commit})
    with process.client() as client:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)) as caught:
            client.post(TRANSACTION, json=single(1))
        assert "reset" in str(caught.value).lower()
        assert client.get(CARRIERS).status_code == 200
    assert process.control("GET", "activations")["max_submitted"] == int(commit)
    entry = process.control("GET", "requests")["requests"][0]
    assert (entry["fault"], entry["status"]) == ("reset", None)
    assert process.end()[1] == ""


def test_an_incomplete_answer(spawn: Spawn) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("POST", "faults", json=[{"kind": "broken"}, {"kind": "broken", "path": "transactions"}])
    with process.client() as client:
        for path in (CARRIERS, V2 + "?export=CSV"):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(path)
        assert client.get(CARRIERS).status_code == 200
    assert process.end()[1] == ""


@pytest.mark.parametrize("commit", [False, True])
def test_an_answer_after_the_client_disconnects(spawn: Spawn, commit: bool) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("POST", "faults", json={"kind": "delay", "delay": 1, "commit": commit})
    with process.client() as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post(TRANSACTION, json=single(1), timeout=0.3)
        time.sleep(1)
    assert process.control("GET", "activations")["max_submitted"] == int(commit)
    assert process.end()[1] == ""


def test_a_slow_drip(spawn: Spawn) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("POST", "faults", json={"kind": "drip", "delay": 0.6})
    with process.client() as client:
        begun = time.monotonic()
        assert "Verizon" in client.get(CARRIERS).json()
        assert time.monotonic() - begun > 0.5


def test_an_outage(spawn: Spawn) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    with process.client() as client:
        client.get(CARRIERS)
        process.control("POST", "outage", json={"seconds": 0.8})
        time.sleep(0.3)
        with pytest.raises(httpx.TransportError):
            client.get(CARRIERS)
        with pytest.raises(httpx.ConnectError):
            client.get(CARRIERS)
        time.sleep(0.8)
        assert client.get(CARRIERS).status_code == 200
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(5) == 0


def test_it_stops_during_an_outage(spawn: Spawn) -> None:
    process = spawn("--control").wait_ready()
    process.control("POST", "outage", json={"seconds": 60})
    time.sleep(0.2)
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(5) == 0


def test_many_requests_at_once(spawn: Spawn) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("PUT", "settings", json={"request_latency": 0.02})
    with process.client(limits=httpx.Limits(max_connections=60)) as client, ThreadPoolExecutor(60) as pool:
        replies = list(pool.map(lambda number: client.post(TRANSACTION, json=single(number)), range(300)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["transactionId"] for reply in replies}) == 300
    found = process.control("GET", "activations")
    assert (len(found["devices"]), found["max_activated"]) == (300, 1)


def test_an_export_is_a_stream(spawn: Spawn) -> None:
    process = spawn("--control", "--profile", "instant").wait_ready()
    process.control("POST", "history", json={"generate": 30_000})
    with process.client() as client, client.stream("GET", V2 + "?export=CSV") as reply:
        assert "content-length" not in reply.headers
        lines = reply.iter_lines()
        next(lines)
        # Another request is answered during the export.
        with process.client() as other:
            assert other.post(TRANSACTION, json=single(1)).status_code == 200
        assert sum(1 for _line in lines) > 30_000


def test_only_the_loopback_interface(spawn: Spawn) -> None:
    process = spawn().wait_ready()
    with socket.socket() as elsewhere:
        # 127.0.0.2 is another address of the loopback interface, served only if the simulator listens on all addresses.
        assert elsewhere.connect_ex(("127.0.0.2", process.ready["port"])) != 0


def test_the_ready_file_of_another_simulator_is_left_alone(spawn: Spawn) -> None:
    process = spawn().wait_ready()
    process.ready_file.write_text(json.dumps({"pid": os.getpid()}))
    process.end()
    assert process.ready_file.exists()


def test_answers_are_sent_immediately(spawn: Spawn) -> None:
    process = spawn("--profile", "instant").wait_ready()
    with process.client() as client:
        client.get(CARRIERS)
        begun = time.monotonic()
        for _round in range(50):
            client.get(CARRIERS)
        # With Nagle's algorithm it would take two seconds.
        assert time.monotonic() - begun < 1.5


def test_a_dialect_file_on_the_command_line(spawn: Spawn, tmp_path: Path) -> None:
    evidence = {"format": 1, "dialect": {"carriers": {"list": ["data"], "name": ["carrier"]}}}
    (tmp_path / "evidence.json").write_text(json.dumps(evidence))
    with spawn("--dialect", str(tmp_path / "evidence.json")).wait_ready().client() as client:
        assert client.get(CARRIERS).json()["data"][0] == {"carrier": "Verizon"}


def test_a_drawn_dialect_on_the_command_line(spawn: Spawn) -> None:
    process = spawn("--dialect", "random:3", "--control").wait_ready()
    drawn = process.control("GET", "settings")["dialect"]
    process.control("POST", "reset")
    assert process.control("GET", "settings")["dialect"] == drawn
    assert drawn is not None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"lines": {"lst": []}}', 'lines: unknown key "lst"; did you mean list? Valid: fields, list, outer, total'),
        ('{"time_format": "unix"}', "time_format: must be 'american', 'iso', 'iso_blank' or 'epoch_ms', not 'unix'"),
    ],
)
def test_an_invalid_dialect_is_reported_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "dialect.json"
    path.write_text(content)
    done = run("--dialect", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"sentinel_simulator: --dialect: {path}: {said}\n"
