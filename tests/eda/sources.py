# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the event source like ansible-rulebook: by its path, with a queue that holds one event."""

from __future__ import annotations

import asyncio
import runpy
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from harness.places import collection_root
from harness.processes import wait_until
from harness.simulators import CORP_ID, HISTORY_PATH, SUBMIT_PATH, TOKEN, Simulator

SOURCE = collection_root() / "extensions" / "eda" / "plugins" / "event_source" / "transactions.py"


def load(path: Path = SOURCE) -> dict[str, Any]:
    """Returns the globals of the source's file."""
    return runpy.run_path(str(path))


class Source:
    """A source in a thread with its own event loop. `events`: taken from the queue. `error`: the one that ended it.

    Args:
        arguments: of the source. With `feedback`, each event is confirmed.
    """

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.events: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        #: Whether events are confirmed.
        self.accepting = True
        self._arguments = arguments
        self._loop = asyncio.new_event_loop()
        self._taking = asyncio.Event()
        self._taking.set()
        self._task: asyncio.Task[None] | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(),), daemon=True)
        self._thread.start()
        self._begun.wait()

    async def _live(self) -> None:
        # Like those of ansible-rulebook.
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
        feedback: asyncio.Queue[dict[str, Any]] | None = asyncio.Queue(1) if "feedback" in self._arguments else None
        more = {"eda_feedback_queue": feedback} if feedback else {}
        reader = asyncio.create_task(self._read(queue, feedback))
        self._task = asyncio.create_task(load()["main"](queue, {**self._arguments, **more}))
        self._begun.set()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001  the tests look at it
            self.error = error
        reader.cancel()
        await self._loop.shutdown_default_executor()

    async def _read(self, queue: asyncio.Queue[dict[str, Any]], feedback: asyncio.Queue[dict[str, Any]] | None) -> None:
        while True:
            await self._taking.wait()
            event = await queue.get()
            self.events.append(event)
            if feedback is not None and self.accepting:
                await feedback.put(event)

    def pause(self) -> None:
        """Takes no more events from the queue, except one that is already being waited for."""
        self._loop.call_soon_threadsafe(self._taking.clear)

    def stop(self) -> None:
        """Stops it like a rulebook that ends."""
        if self._thread.is_alive() and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._loop.close()

    def ended(self) -> BaseException:
        """Waits until it has ended by itself, and returns the error."""
        wait_until(lambda: not self._thread.is_alive(), "the source ends")
        assert self.error is not None
        return self.error

    def types(self) -> Counter[str]:
        """Number of events by type."""
        return Counter(event["type"] for event in self.events)

    def wait_for(self, *types: str, patience: float = 20.0) -> list[dict[str, Any]]:
        """Waits for events of these types, and returns all events."""
        wanted = Counter(types)
        wait_until(lambda: self.error or wanted <= self.types(), f"{types}, got {self.types()}", patience)
        assert self.error is None, self.error
        return list(self.events)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type."""
        return [event for event in self.events if event["type"] == kind]


def polls(simulator: Simulator) -> int:
    """Number of polls of the history."""
    return sum(call.startswith(f"GET {HISTORY_PATH}?sortDir=DESC&offset=0&") for call in simulator.calls())


def wait_for_polls(simulator: Simulator, count: int = 2) -> None:
    """Waits until `count` more polls have begun, so that all but the last have ended."""
    before = polls(simulator)
    wait_until(lambda: polls(simulator) >= before + count, "the source polls the history")


def listed(simulator: Simulator) -> Counter[str]:
    """Expected number of events by type, for the history as the service counts it."""
    reply = simulator._http.get(
        f"{simulator.api_url}{HISTORY_PATH}?limit=500", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20
    )
    events: Counter[str] = Counter()
    for row in reply.json()["transactions"]:
        events["transaction_submitted"] += 1
        events["line_submitted"] += row["totalLines"]
        events["line_finished"] += row["successLines"]
        events["line_failed"] += row["failedLines"]
        if not row["pendingLines"]:
            events["transaction_failed" if row["failedLines"] else "transaction_finished"] += 1
    return events


def submit(simulator: Simulator, *devices: dict[str, Any]) -> str:
    """Submits devices in one transaction, outside the collection, and returns its id."""
    names = {"device_group": "deviceGroup", "filter_group": "filterGroup", "service_zip_code": "serviceZipCode"}
    common = {names.get(name, name): value for name, value in devices[0].items() if name not in ("imei", "iccid")}
    lines = [{"imei": device["imei"], "iccid": device["iccid"]} for device in devices]
    reply = simulator._http.post(
        simulator.api_url + SUBMIT_PATH,
        json={"corpId": CORP_ID, **common, "activationLines": lines},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=20,
    )
    assert reply.ok, reply.text
    return str(reply.json()["transactionId"])
