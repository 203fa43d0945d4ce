# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of an account: of the transactions and lines in its history, and of the devices on its device list.

ansible-rulebook runs this file by its path. What it needs of the collection's own code it finds from there.
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
short_description: Events of the activation history and the device list of a Sentinel account
description:
  - Looks at the activation history every O(interval) seconds, and emits an event for each transaction, and for each
    line in one, that has been submitted, has finished, has failed, or has been running for longer than O(stuck_after).
  - Reads the account's device list every O(listing_interval) seconds, and emits an event for each device that is listed
    for the first time, or has been suspended, restored or deactivated, whoever did that.
  - What has been told is remembered in O(state_file). A source that is stopped and started again goes on where it was;
    what happened in the meantime is told then.
  - An outage of the service is told in the log when it begins and when it ends. The source goes on by itself. It ends
    where the service does not accept its credentials, and where an argument is wrong. A source without a state also
    ends where O(api_url) is not that of Sentinel, and where the user lacks the scope C(aux_activation).
version_added: 0.1.0
author: kajeet.sentinel contributors (@kajeet)
requirements:
  - ansible-core >= 2.19, in the Python environment of ansible-rulebook
  - requests >= 2.28
options:
  state_file:
    description:
      - The file that remembers what has been told. It is made where there is none; its directory must be there.
      - Each source needs one of its own. Where the source runs in a container, it belongs on a volume that stays.
    type: path
    required: true
  from:
    description:
      - What a source without a state begins with.
      - With V(now), what there is already is taken note of, and only what changes from then on is told. With
        V(beginning), everything of the last 180 days is told first, and every device on the device list.
    type: str
    choices: [now, beginning]
    default: now
  interval:
    description:
      - Seconds from the end of one look to the next. During an outage they grow to ten minutes.
    type: float
    default: 60.0
  stuck_after:
    description:
      - After so many seconds, what is still running is told to be stuck, once. They count from when the source first
        saw it.
      - V(0) is never.
    type: float
    default: 3600.0
  listing:
    description:
      - Whether to read the account's device list. This needs O(corp_id), or a login that reports it.
      - With V(auto), a list that cannot be read is reported in the log, once, and gives no events until it can be read.
        With V(required), that is an outage, and ends a source without a state. V(none) does not read it.
    type: str
    choices: [auto, required, none]
    default: auto
  listing_interval:
    description:
      - Seconds from one read of the device list to the next. It is one request for all devices, however many there are.
    type: float
    default: 300.0
  feedback:
    description:
      - Of ansible-rulebook itself, which must keep its state for it (C(--persistence-id)). Then an event counts as told
        when the rule engine says that it has accepted it, and not when it has taken it from the queue.
    type: bool
    default: false
  api_url:
    description:
      - Base URL of the Sentinel API, without the version, and without credentials, a query or a fragment.
      - The environment variable E(SENTINEL_API_URL) is used where this is not set.
    type: str
    default: https://api.kajeet.dev/sentinel-proxy/sentinel/api
  api_token:
    description:
      - Token for the API. A source runs for longer than most tokens live, so a login is the better choice.
      - The environment variable E(SENTINEL_TOKEN) is used where this is not set.
    type: str
  api_username:
    description:
      - User name to get a token with, together with O(api_password); an expired token is renewed.
      - The environment variable E(SENTINEL_USERNAME) is used where this is not set.
    type: str
  api_password:
    description:
      - Password that goes with O(api_username).
      - The environment variable E(SENTINEL_PASSWORD) is used where this is not set.
    type: str
  corp_id:
    description:
      - The account. A state file remembers it, and refuses another one's, whichever user logs in.
      - By default, it is what the login tells. Where neither is known, a state file belongs to O(api_username).
      - The environment variable E(SENTINEL_CORP_ID) is used where this is not set.
    type: str
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid. Set it to V(false) in tests only.
      - The environment variable E(SENTINEL_VALIDATE_CERTS) is used where this is not set.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the authorities to trust, where the system's are not enough.
      - The environment variable E(SENTINEL_CA_PATH) is used where this is not set.
    type: path
  request_timeout:
    description:
      - Seconds to wait for a connection, and again for each part of an answer. No more than V(864000), ten days.
      - The environment variable E(SENTINEL_REQUEST_TIMEOUT) is used where this is not set.
    type: float
    default: 30.0
  request_retries:
    description:
      - How often a request is repeated after a failure that may be momentary, before the look is given up.
      - The environment variable E(SENTINEL_REQUEST_RETRIES) is used where this is not set.
    type: int
    default: 5
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 256.
      - The environment variable E(SENTINEL_CONCURRENCY) is used where this is not set.
    type: int
    default: 8
  requests_per_minute:
    description:
      - The most requests to send in a minute, evenly spread. No limit of ours by default; the service's are obeyed.
      - The environment variable E(SENTINEL_REQUESTS_PER_MINUTE) is used where this is not set.
    type: int
  field_names:
    description:
      - >-
        Names in the answers of this account that the collection does not recognise. A mapping of a field to the heading
        of a CSV column or the key in JSON, or to a list of them, the preferred one first. For example C({iccid: Chip}).
        The fields are those that the modules take.
      - The environment variable E(SENTINEL_FIELD_NAMES), in JSON, is used where this is not set.
    type: dict
  status_words:
    description:
      - >-
        Status words of this account that the collection does not know. A mapping of V(success) and V(failed), for lines
        and transactions that ended, to a word or phrase, or a list of them. For example C({success: [Provisioned]}).
      - V(active), V(suspended) and V(deactivated), in the same way, are for the statuses of the device list.
      - The environment variable E(SENTINEL_STATUS_WORDS), in JSON, is used where this is not set.
    type: dict
  allow_http:
    description:
      - Whether a token or a password may be sent over plain HTTP to another machine. Without it, O(api_url) must begin
        with C(https://), unless it is a loopback address.
      - The environment variable E(SENTINEL_ALLOW_HTTP) is used where this is not set.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell of lines that fail
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
#: The longest pause in an outage, in seconds.
_LONGEST_PAUSE = 600.0
#: Seconds until an event that the rulebook has taken, and of which it says nothing, counts as told: a filter may have
#: dropped it.
_SILENCE = 30.0
#: Seconds between looks at a queue that is to become empty.
_GLANCE = 0.01


def _ours(name: str) -> Any:
    """A module of this collection. They import one another by relative names, so any package may hold them.

    `ansible_collections` is not to be relied on: only Ansible itself puts the collections' directories together.
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
            f"kajeet.sentinel.transactions needs ansible-core where ansible-rulebook is installed: in {sys.prefix}"
        ) from None


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Puts events into the queue until it is cancelled.

    Args:
        queue: of the rulebook.
        args: the source's arguments, as DOCUMENTATION has them.

    Raises InputError with all that is wrong with the arguments, or where the state file cannot be written any more, and
    AuthenticationError where the service does not accept the credentials. Before the first look has succeeded, also
    what a wrong address or a missing scope leads to.
    """
    arguments = dict(args)
    feedback = arguments.pop("eda_feedback_queue", None)
    errors, feeds = _ours("module_utils._errors"), _ours("plugin_utils._events.feed")
    settings = _ours("plugin_utils._events.settings").Settings.read(arguments)
    stop = threading.Event()

    def sleep(seconds: float) -> None:
        # A look that waits for the service must not keep the rulebook from ending.
        if stop.wait(seconds):
            raise errors.SentinelError("The event source was stopped.")

    feed = feeds.Feed(settings, sleep)
    outbox = _Outbox(queue, feedback, feed.took)
    try:
        await _look_for_ever(feed, outbox, settings.interval, stop)
    finally:
        stop.set()
        try:
            # What has been taken by now is not told again.
            outbox.settle()
        finally:
            feed.close()


async def _look_for_ever(feed: Feed, outbox: _Outbox, interval: float, stop: threading.Event) -> None:
    errors, watch = _ours("module_utils._errors"), _ours("module_utils._carry_out.watch")
    fatal = (errors.AuthenticationError, errors.InputError, errors.MissingLibraryError)
    # What a wrong address answers, or a user without the scope gets, is an error of the arguments, until both have been
    # right once, in this process or in one before. From then on, a proxy or a day of maintenance gives such answers.
    at_first = (errors.RefusedError, errors.ScopeError, errors.UnexpectedAnswerError)
    pauses = None
    worked = feed.cursor.caught_up
    while True:
        try:
            await _look(feed, outbox, stop)
        except fatal:
            raise
        except errors.SentinelError as error:
            if isinstance(error, at_first) and not worked:
                raise
            if pauses is None:
                pauses = watch.Intervals(interval, max(interval, _LONGEST_PAUSE), 2.0)
                _LOG.warning("Sentinel cannot be asked; the source goes on trying: %s", error)
            await asyncio.sleep(pauses.next())
            continue
        if pauses is not None:
            pauses = None
            _LOG.warning("Sentinel can be asked again; what happened in the meantime has been told.")
        worked = True
        await asyncio.sleep(interval)


async def _look(feed: Feed, outbox: _Outbox, stop: threading.Event) -> None:
    """Looks at the account once, and hands over what has changed."""
    batches = feed.look()
    while True:
        reading = asyncio.get_running_loop().run_in_executor(None, next, batches, None)
        try:
            batch: Batch | DeviceBatch | None = await asyncio.shield(reading)
        except asyncio.CancelledError:
            # The thread has the state file in its hands: what closes it must wait.
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
    """Hands events over, and remembers each once the rulebook has taken it: not while it waits in the queue.

    Args:
        queue: of the rulebook; it may be wrapped into one that filters events.
        feedback: gives back each event that the rule engine has accepted, or None.
        took: remembers a change whose event was taken.
    """

    def __init__(self, queue: Any, feedback: Any, took: Callable[[Change | DeviceChange], None]) -> None:
        self._queue = queue
        self._feedback = feedback
        self._took = took
        self._waiting: deque[Change | DeviceChange] = deque()
        self._size: Callable[[], int] = getattr(getattr(queue, "queue", queue), "qsize", lambda: 0)

    async def put(self, change: Change | DeviceChange) -> None:
        """Puts a change's event; returns when there was room for it, with `feedback` when it has been accepted."""
        event = change.event or {}
        await self._queue.put(event)
        self._waiting.append(change)
        if self._feedback is not None:
            await self._accepted(event["id"])
        self.settle()

    def settle(self) -> None:
        """Remembers what has been taken: all but the newest ones, of which as many as the queue holds may be in it."""
        if self._feedback is not None:
            return
        while len(self._waiting) > self._size():
            self._took(self._waiting.popleft())

    async def drain(self) -> None:
        """Returns when everything has been taken."""
        while self._waiting:
            self.settle()
            if self._waiting:
                await asyncio.sleep(_GLANCE)

    async def _accepted(self, event_id: str) -> None:
        while True:
            try:
                accepted = await asyncio.wait_for(self._feedback.get(), _SILENCE)
            except asyncio.TimeoutError:
                if self._size():
                    continue
                _LOG.warning(
                    "The rulebook did not say that it has accepted the event %s; the source goes on.", event_id
                )
                break
            with suppress(AttributeError):
                if accepted.get("meta", {}).get("uuid") == event_id:
                    break
        self._took(self._waiting.popleft())


if __name__ == "__main__":

    class _Printer(asyncio.Queue[Any]):
        """Prints what is put, a line each."""

        async def put(self, item: Any) -> None:
            print(json.dumps(item), flush=True)

    # transactions.py state_file=sentinel.state from=beginning: what there is, and what happens, on the terminal
    with suppress(KeyboardInterrupt):
        asyncio.run(main(_Printer(), dict(argument.split("=", 1) for argument in sys.argv[1:])))
