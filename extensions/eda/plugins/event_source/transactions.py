# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source for the activation history and the device list of an account.

ansible-rulebook runs this file by its path. It finds the code of the collection from there.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.changes import Change
    from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.device_watch import DeviceBatch
    from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.devices import DeviceChange
    from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.examination import Batch
    from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.feed import Feed

DOCUMENTATION = r"""
---
name: transactions
short_description: Emit events for activations and devices of a Sentinel account
description:
  - Polls the activation history every O(interval) seconds, and emits an event for each transaction and line that was
    submitted, has finished, has failed, or has been pending for longer than O(stuck_after).
  - Reads the account's device list every O(listing_interval) seconds, and emits an event for each device that is listed
    for the first time, or was suspended, restored or deactivated, by any means.
  - Remembers emitted events in O(state_file). A source that is stopped and started again continues where it was, and
    reports the changes in the meantime.
  - Logs the beginning and the end of an outage of the service, and continues by itself. The source ends if the service
    does not accept its credentials, or if an argument is wrong. A source without a state also ends if O(api_url) is not
    a Sentinel API, or if the user lacks the scope C(aux_activation).
version_added: 0.1.0
author: kajeet.sentinel contributors (@kajeet)
requirements:
  - ansible-core >= 2.19, in the Python environment of ansible-rulebook
  - requests >= 2.28
options:
  state_file:
    description:
      - Path of the file that remembers the emitted events. It is created if missing. Its directory must exist.
      - Each source needs its own file. If the source runs in a container, put it on a persistent volume.
    type: path
    required: true
  from:
    description:
      - Where a source without a state begins.
      - With V(now), only changes from now on are reported. With V(beginning), everything of the last 180 days, and
        every device on the device list, is reported first.
    type: str
    choices: [now, beginning]
    default: now
  interval:
    description:
      - Seconds between polls of the history. During an outage, the interval grows to ten minutes.
    type: float
    default: 60.0
  stuck_after:
    description:
      - Seconds after which a pending transaction or line is reported as stuck, once. They count from when the source
        first saw it.
      - V(0) reports none.
    type: float
    default: 3600.0
  listing:
    description:
      - Whether to read the account's device list. This needs O(corp_id), or a login that reports it.
      - With V(auto), a list that cannot be read is logged once, and device events stop until it can be read.
        With V(required), it is an outage, and ends a source without a state. V(none) does not read it.
    type: str
    choices: [auto, required, none]
    default: auto
  listing_interval:
    description:
      - Seconds between reads of the device list. A read takes one request for all devices.
    type: float
    default: 300.0
  feedback:
    description:
      - Whether an event counts as emitted only when the rule engine confirms it, instead of when it leaves the queue.
        This is an argument of ansible-rulebook, which must keep its state for it (C(--persistence-id)).
    type: bool
    default: false
  api_url:
    description:
      - Base URL of the Sentinel API, without the version, and without credentials, a query or a fragment.
      - The environment variable E(SENTINEL_API_URL) is used if this is not set.
    type: str
    default: https://api.kajeet.dev/sentinel-proxy/sentinel/api
  api_token:
    description:
      - Token for the API. A source runs longer than most tokens are valid, so a login is the better choice.
      - The environment variable E(SENTINEL_TOKEN) is used if this is not set.
    type: str
  api_username:
    description:
      - User name for a login, with O(api_password). A token that has expired is renewed.
      - The environment variable E(SENTINEL_USERNAME) is used if this is not set.
    type: str
  api_password:
    description:
      - Password that goes with O(api_username).
      - The environment variable E(SENTINEL_PASSWORD) is used if this is not set.
    type: str
  corp_id:
    description:
      - The account. A state file belongs to one account, whatever user logs in.
      - The default is the account that the login reports. If neither is known, the state file belongs to
        O(api_username).
      - The environment variable E(SENTINEL_CORP_ID) is used if this is not set.
    type: str
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid. Set it to V(false) in tests only.
      - The environment variable E(SENTINEL_VALIDATE_CERTS) is used if this is not set.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the certificate authorities to trust, instead of the default ones.
      - The environment variable E(SENTINEL_CA_PATH) is used if this is not set.
    type: path
  request_timeout:
    description:
      - Seconds to wait for a connection, and again for each part of an answer. No more than V(864000), ten days.
      - The environment variable E(SENTINEL_REQUEST_TIMEOUT) is used if this is not set.
    type: float
    default: 30.0
  request_retries:
    description:
      - Maximum number of retries of a request after a failure that may be temporary.
      - The environment variable E(SENTINEL_REQUEST_RETRIES) is used if this is not set.
    type: int
    default: 5
  concurrency:
    description:
      - Maximum number of concurrent requests, from 1 to 256.
      - The environment variable E(SENTINEL_CONCURRENCY) is used if this is not set.
    type: int
    default: 8
  requests_per_minute:
    description:
      - Maximum number of requests per minute, evenly spread. By default, only the service's own limits apply.
      - The environment variable E(SENTINEL_REQUESTS_PER_MINUTE) is used if this is not set.
    type: int
  field_names:
    description:
      - >-
        Names of fields that the collection does not recognise in this account's answers. Maps a field to a CSV header
        or a JSON key, or to a list of them in order of preference, such as C({iccid: Chip}). The fields are those of
        the modules.
      - The environment variable E(SENTINEL_FIELD_NAMES) in JSON, is used if this is not set.
    type: dict
  status_words:
    description:
      - >-
        Status words of this account that the collection does not know. Maps V(success) and V(failed), for lines and
        transactions that ended, to a word or phrase, or a list of them, such as C({success: [Provisioned]}).
      - The keys V(active), V(suspended) and V(deactivated) are for the statuses of the device list.
      - The environment variable E(SENTINEL_STATUS_WORDS) in JSON, is used if this is not set.
    type: dict
  allow_http:
    description:
      - Whether to allow plain HTTP to another machine. By default, O(api_url) must begin with C(https://) unless it is
        a loopback address.
      - The environment variable E(SENTINEL_ALLOW_HTTP) is used if this is not set.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: React to failed lines and suspended devices
  hosts: localhost
  sources:
    - name: The account's history
      kajeet.sentinel.transactions:
        state_file: /var/lib/rulebooks/sentinel.state
        interval: 60
        stuck_after: 3600
        requests_per_minute: 60
  rules:
    - name: A line has failed
      condition: event.type == "line_failed"
      action:
        run_job_template:
          name: Look into a failed activation
          organization: Default
          job_args:
            extra_vars:
              iccid: "{{ event.line.iccid }}"
              reason: "{{ event.line.reason }}"
    - name: A device has been suspended
      condition: event.type == "device_suspended"
      action:
        debug:
          msg: "{{ event.device.nickname }} (MDN {{ event.device.mdn }}) is suspended"
"""

_LOG = logging.getLogger("kajeet.sentinel.transactions")
#: Maximum number of seconds between polls in an outage.
_MAX_PAUSE = 600.0
#: Seconds until an unconfirmed event that left the queue counts as delivered. A filter may have dropped it.
_CONFIRMATION_TIMEOUT = 30.0
#: Seconds between checks whether the queue is empty.
_QUEUE_INTERVAL = 0.01


def _import(name: str) -> Any:
    """Import a module of this collection, below a package of another name.

    This works because modules import each other by relative names. `ansible_collections` cannot be used, because only
    Ansible itself combines the directories of collections.
    """
    package = "kajeet_sentinel_plugins"
    if package not in sys.modules:
        holder = ModuleType(package)
        holder.__path__ = [str(Path(__file__).resolve().parents[4] / "plugins")]
        sys.modules[package] = holder
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "ansible":
            raise
        raise RuntimeError(
            f"kajeet.sentinel.transactions needs ansible-core in the environment of ansible-rulebook: {sys.prefix}"
        ) from None


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Put events into the queue until cancelled.

    Args:
        queue: of the rulebook.
        args: the source's arguments.

    Raises InputError with all problems of the arguments, or if the state file cannot be written, and
    AuthenticationError if the service does not accept the credentials. Until the first poll has succeeded, also raises
    the errors of a wrong URL or a missing scope.
    """
    arguments = dict(args)
    feedback = arguments.pop("eda_feedback_queue", None)
    errors, feeds = _import("module_utils._errors"), _import("plugin_utils._events.feed")
    settings = _import("plugin_utils._events.settings").Settings.read(arguments)
    stop = threading.Event()

    def sleep(seconds: float) -> None:
        # A poll that waits for the service must not keep the rulebook from ending.
        if stop.wait(seconds):
            raise errors.SentinelError("The event source was stopped.")

    feed = feeds.Feed(settings, sleep)
    outbox = _Outbox(queue, feedback, feed.remember)
    try:
        await _poll_forever(feed, outbox, settings.interval, stop)
    finally:
        stop.set()
        try:
            # Events that have left the queue by now are not emitted again.
            outbox.settle()
        finally:
            feed.close()


async def _poll_forever(feed: Feed, outbox: _Outbox, interval: float, stop: threading.Event) -> None:
    errors, watch = _import("module_utils._errors"), _import("module_utils._carry_out.watch")
    fatal = (errors.AuthenticationError, errors.InputError, errors.MissingLibraryError)
    # Answers of a wrong URL, or for a user without the scope, are an error of the arguments until a poll has succeeded,
    # in this process or in one before. After that, they come from a proxy or from maintenance.
    fatal_at_first = (errors.RefusedError, errors.ScopeError, errors.UnexpectedAnswerError)
    pauses = None
    worked = feed.cursor.has_caught_up
    while True:
        try:
            await _poll(feed, outbox, stop)
        except fatal:
            raise
        except errors.SentinelError as error:
            if isinstance(error, fatal_at_first) and not worked:
                raise
            if pauses is None:
                pauses = watch.Intervals(interval, max(interval, _MAX_PAUSE), 2.0)
                _LOG.warning("Sentinel cannot be read; retrying: %s", error)
            await asyncio.sleep(pauses.next())
            continue
        if pauses is not None:
            pauses = None
            _LOG.warning("Sentinel can be read again; changes in the meantime have been reported.")
        worked = True
        await asyncio.sleep(interval)


async def _poll(feed: Feed, outbox: _Outbox, stop: threading.Event) -> None:
    """Poll the account once, and deliver the changes."""
    batches = feed.poll()
    while True:
        reading = asyncio.get_running_loop().run_in_executor(None, next, batches, None)
        try:
            batch: Batch | DeviceBatch | None = await asyncio.shield(reading)
        except asyncio.CancelledError:
            # Wait for the thread, because it uses the state file, which is closed next.
            stop.set()
            await asyncio.wait([reading])
            reading.exception()
            raise
        if batch is None:
            return
        for change in batch.changes:
            if change.event is not None:
                await outbox.put(change)
        await outbox.drain()
        feed.keep(batch)


class _Outbox:
    """Delivers events, and remembers each one after it has left the queue.

    Args:
        queue: of the rulebook. It may be wrapped into one that filters events.
        feedback: queue of the events that the rule engine has accepted, or None.
        on_delivered: is called with each change whose event was delivered.
    """

    def __init__(self, queue: Any, feedback: Any, on_delivered: Callable[[Change | DeviceChange], None]) -> None:
        self._queue = queue
        self._feedback = feedback
        self._on_delivered = on_delivered
        self._waiting: deque[Change | DeviceChange] = deque()
        self._size: Callable[[], int] = getattr(getattr(queue, "queue", queue), "qsize", lambda: 0)

    async def put(self, change: Change | DeviceChange) -> None:
        """Put a change's event into the queue. With `feedback`, wait until it is accepted."""
        event = change.event or {}
        await self._queue.put(event)
        self._waiting.append(change)
        if self._feedback is not None:
            await self._accepted(event["id"])
        self.settle()

    def settle(self) -> None:
        """Remember the events that have left the queue. The newest ones may still be in it, as many as it holds."""
        if self._feedback is not None:
            return
        while len(self._waiting) > self._size():
            self._on_delivered(self._waiting.popleft())

    async def drain(self) -> None:
        """Wait until all events have left the queue."""
        while self._waiting:
            self.settle()
            if self._waiting:
                await asyncio.sleep(_QUEUE_INTERVAL)

    async def _accepted(self, event_id: str) -> None:
        while True:
            try:
                accepted = await asyncio.wait_for(self._feedback.get(), _CONFIRMATION_TIMEOUT)
            except asyncio.TimeoutError:
                if self._size():
                    continue
                _LOG.warning("The rulebook did not confirm the event %s; the source continues.", event_id)
                break
            with suppress(AttributeError):
                if accepted.get("meta", {}).get("uuid") == event_id:
                    break
        self._on_delivered(self._waiting.popleft())


if __name__ == "__main__":

    class _Printer(asyncio.Queue[Any]):
        """Prints each item on a line."""

        async def put(self, item: Any) -> None:
            print(json.dumps(item), flush=True)

    # transactions.py state_file=sentinel.state from=beginning prints the events to the terminal
    with suppress(KeyboardInterrupt):
        asyncio.run(main(_Printer(), dict(argument.split("=", 1) for argument in sys.argv[1:])))
