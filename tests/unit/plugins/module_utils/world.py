# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service in memory with a test clock. The fate of each submission is scripted by its device."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Declared
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    RefusedError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Journal
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.activate import (
    Mode,
    Surroundings,
    plan_and_carry_out,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.tasks import Task
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import IDENTIFIERS, Line, Reader, Transaction
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import identifiers as named
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, Clock

DAY = 86_400.0


class Fate(NamedTuple):
    """The fate of a submission.

    `error`: the service's error, None for a transaction id. `accepted`: whether it becomes a transaction, even with an
    error. `ends`: the status that its line ends with, after `seconds`. `late`: seconds until the history and the
    transaction show it.
    """

    error: Exception | None = None
    accepted: bool = True
    ends: str = "Completed"
    seconds: float = 5.0
    late: float = 0.0
    reason: str | None = None


ACCEPTED = Fate()
FAILS = Fate(ends="Failed", reason="bad ZIP")
REFUSED = Fate(RefusedError("bad carrier", None, "POST", "/x", 400), accepted=False)


def lost(**how):
    """Return a fate with a lost answer; accepted unless `how` says otherwise."""
    return Fate(AmbiguousError("the answer was lost", None, "POST", "/x"), **how)


class KilledError(BaseException):
    """Ends the run at `kill_at`: the number of a submission, and "before" or "after" it was accepted."""


class _Entry(NamedTuple):
    line: Line
    fate: Fate
    since: float


class World:
    """The service, and a run of the engine against it.

    Args:
        fates: ICCID → the fates of its submissions in order, the last one repeated; ACCEPTED by default.
        concurrency: number of threads.
    """

    def __init__(self, fates=None, concurrency=1):
        self.clock = Clock()
        self.session = self
        self.concurrency = concurrency
        self.bodies = []
        self.asked = Counter()
        self.unwatchable = {}
        self.on_lookup = lambda: None
        self._plans = False
        self.kill_at = None
        self.turned_away = 0
        self.stopped = False
        self.bound = None
        self.reader = Reader(words=WORDS)
        #: The device list, by MDN; None for an account whose list is not read.
        self.listed = None
        #: Seconds until the list shows a status that was set.
        self.list_delay = 0.0
        self.statuses = ["active", "SUSPENDED", "Deactivated"]
        #: MDN → the error that a request with it is refused with.
        self.refuses_status = {}
        self.puts = []
        self._set = []
        self._fates = {iccid: list(entries) for iccid, entries in (fates or {}).items()}
        self._entries = []
        self._lock = threading.Lock()

    def script(self, iccid, *fates):
        """Set the fates of a device's submissions, in order."""
        self._fates[iccid] = list(fates)

    def fail_lookups(self, times=1000):
        """Let the next looks at the history fail, except the one for the plan."""
        failures = iter(range(times))

        def fail():
            if next(failures, None) is not None:
                raise UnreachableError("no export now", None, "GET", "/x")

        self.on_lookup = fail

    @contextmanager
    def bounded(self, deadline):
        """Nothing here is throttled; `bound` records the deadline."""
        outer, self.bound = self.bound, deadline
        yield
        self.bound = outer

    def stop(self):
        """Record that waiting calls were stopped."""
        self.stopped = True

    # -- The service ---------------------------------------------------------------------------------------------------

    def submit(self, _path, body, about_to_send):
        """Submit one device, or the lines of a batch with the fate of the first device."""
        for _again in range(self.turned_away):
            about_to_send()
            self.clock.sleep(60)
        about_to_send()
        with self._lock:
            lines = body.get("activationLines", [body])
            number, when = self.kill_at or (None, None)
            if (number, when) == (len(self.bodies), "before"):
                raise KilledError
            self.bodies.append(body)
            fates = [self._fate(entry["iccid"]) for entry in lines]
            name = f"T{len(self.bodies)}"
            if fates[0].accepted:
                for entry, fate in zip(lines, fates):
                    self.add(Line(name, entry["imei"], entry["iccid"], status="Processing"), fate)
        if (number, when) == (len(self.bodies) - 1, "after"):
            raise KilledError
        if fates[0].error is not None:
            raise fates[0].error
        return name

    def _fate(self, iccid):
        fates = self._fates.get(iccid, [ACCEPTED])
        return fates.pop(0) if len(fates) > 1 else fates[0]

    def add(self, line, fate=ACCEPTED, age=0.0):
        """Add a line to the history as if it had been submitted `age` seconds ago."""
        self._entries.append(_Entry(line, fate, self.clock.now - age))

    def visible(self):
        """Yield the lines that the service shows now."""
        now = self.clock.now
        for line, fate, since in self._entries:
            if now >= since + fate.late:
                ended = now >= since + fate.seconds
                yield line._replace(status=fate.ends, reason=fate.reason) if ended else line

    def transaction_lines(self, transaction_id, *_how):
        """Return the lines of one transaction; 404 if it is not visible yet."""
        with self._lock:
            self.asked[transaction_id] += 1
            if transaction_id in self.unwatchable:
                raise self.unwatchable[transaction_id]
            lines = [line for line in self.visible() if line.transaction_id == transaction_id]
            if not lines:
                raise RefusedError("not found", None, "GET", "/x", 404)
            return lines

    def history_export(self, read, identifiers=None, transactions=None, **_how):
        """Return the whole history, or some of its lines."""
        if self._plans:
            self._plans = False  # the request for the plan is not counted
        else:
            self.asked["export"] += 1
            self.on_lookup()
        lines = list(self.visible())
        if identifiers is not None:
            lines = [line for line in lines if identifiers.intersection(named(line))]
        if transactions is not None:
            lines = [line for line in lines if line.transaction_id in transactions]
        return read(iter(lines))

    def transactions(self, version, **_how):
        """Yield the transactions of the last 180 days, each with one device."""
        assert version == 2
        self.asked["pages"] += 1
        recent = {entry.line.transaction_id for entry in self._entries if entry.since >= self.clock.now - 180 * DAY}
        for line in self.visible():
            if line.transaction_id in recent:
                known = {field: getattr(line, field) for field in IDENTIFIERS}
                yield Transaction(line.transaction_id, line.status, total=1, **known)

    def transactions_page(self, version, sort_dir, offset, limit):
        """Return the newest transactions, with counts of their lines."""
        assert (version, sort_dir) == (2, "DESC")
        with self._lock:
            self.asked["pages"] += 1
            lines = {}
            for line in self.visible():
                lines.setdefault(line.transaction_id, []).append(WORDS.state(line.status))
        listed = [
            Transaction(
                name,
                "whatever",
                total=len(states),
                success=states.count("active"),
                failed=states.count("failed"),
                pending=states.count("pending"),
            )
            for name, states in lines.items()
        ]
        return listed[::-1][offset : offset + limit], len(listed)

    # -- The device list -----------------------------------------------------------------------------------------------

    def list_devices(self, *entries):
        """Add entries to the device list, which runs read from now on."""
        self.listed = {**(self.listed or {}), **{entry.mdn: entry for entry in entries}}

    def listing_export(self, _corp_id, read, *_how):
        """Return the device list as it shows now."""
        self.asked["listing"] += 1
        for since, mdn, status in self._set:
            if self.clock.now >= since + self.list_delay:
                self.listed[mdn] = self.listed[mdn]._replace(status=status)
        return read(iter(list((self.listed or {}).values())))

    def device_statuses(self, _corp_id):
        """Return the account's statuses."""
        self.asked["statuses"] += 1
        return self.statuses

    def set_device_status(self, corp_id, mdns, status, reason, about_to_send):
        """Set a status; the whole request is refused if one device is."""
        about_to_send()
        self.puts.append((corp_id, list(mdns), status, reason))
        for mdn in mdns:
            if mdn in self.refuses_status:
                raise self.refuses_status[mdn]
        self._set += [(self.clock.now, mdn, status) for mdn in mdns]

    # -- Queries of tests ----------------------------------------------------------------------------------------------

    def submissions(self):
        """Return ICCID → number of submissions."""
        return Counter(entry["iccid"] for body in self.bodies for entry in body.get("activationLines", [body]))

    def accepted(self):
        """Return ICCID → number of transactions."""
        return Counter(entry.line.iccid for entry in self._entries)

    # -- A run ---------------------------------------------------------------------------------------------------------

    def run(self, devices, report=None, check=False, is_owned=lambda: True, warn=lambda warnings: None, **given):
        """Run an activation; return the outcomes. `done` keeps the whole result."""
        listing = "none" if self.listed is None else "auto"
        options = ActivationOptions(**{"request_format": "single", "listing": listing, **given})
        self._plans = options.history == "full"
        task = Task(None, options, Declared(devices, []), None)
        surroundings = Surroundings(
            report=report or no_report, is_owned=is_owned, clock=self.clock, sleep=self.clock.sleep
        )
        with Journal(options.journal, "https://sentinel.example", self.clock).opened(True) as journal:
            self.done = plan_and_carry_out(task, Mode(check), self, journal, surroundings, warn)
        return self.done.outcomes

    def corp_id(self):
        """Return the account's corp id."""
        return "NORTHSTAR-ISD"

    def carriers(self):
        """Return the account's carriers."""
        self.asked["carriers"] += 1
        return ["Verizon"]

    def business_internet_plans(self):
        """No plans."""
        return []

    billing_plans = business_internet_plans


def snapshots(world, devices, **options):
    """Run devices; return the snapshots at each wait and at the end, and the outcomes."""
    states, ask = [], []
    sleep = world.clock.sleep

    def report(snapshot):
        ask.append(snapshot)
        return nullcontext()

    def look(seconds):
        states.extend(snapshot() for snapshot in ask)
        sleep(seconds)

    world.clock.sleep = look
    found = world.run(devices, report, **options)
    return [*states, ask[0]()], found


def no_report(_snapshot):
    """Ignore the progress."""
    return nullcontext()
