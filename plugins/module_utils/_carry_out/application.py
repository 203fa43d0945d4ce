# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submits and watches a plan, exactly once.

A submission is sent again only after an answer that proves that it was not taken. Where nobody knows, its devices are
looked up in the history until the settle time has passed: found, they are adopted; not found, they are unknown.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from .._decide.kinds import Kind, Request
from .._decide.outcomes import ACTIVATED, ALREADY_ACTIVE, FAILURE, IN_PROGRESS, UNKNOWN, DeviceOutcome, foreseen
from .._decide.plan import Plan
from .._declare.devices import Device
from .._errors import (
    AmbiguousError,
    AuthenticationError,
    JournalError,
    RefusedError,
    ScopeError,
    SentinelError,
    StoppedError,
    ThrottledError,
    UnreachableError,
)
from .._observe.history import History, Observed, holding
from .._observe.journal import Journal
from .._observe.reading import HistoryReader
from .._options import ActivationOptions
from .._service.api import SentinelAPI
from .._service.parallel import in_parallel
from .._text import counted
from .._wire import ACTIVE, FAILED, LINES_MISSING_TEXT, Line, StatusWords, says_already
from .settle import Settler, known_transactions, same_partner
from .snapshot import Snapshot
from .watch import Patience, Watched, Watcher

#: Errors after which every further submission would end the same way.
_HOPELESS = (AuthenticationError, JournalError, ScopeError, StoppedError, UnreachableError, ThrottledError)


_NAMELESS = "; the history names no transaction that could be waited for"


class Application:
    """Carries out one plan.

    Args:
        api, kind, options, words: the service, the kind of device, the task's options, the status words.
        history: what the plan was made from; tells transactions that are new from those seen before.
        journal: remembers what is submitted; None for no journal.
        clock, sleep: seconds that never go backwards, and waiting for some.
        listen: is told how many devices have which outcome so far, whenever that may have changed.
        reader: reads the history; None for one of its own.
    """

    def __init__(
        self,
        api: SentinelAPI,
        kind: Kind,
        options: ActivationOptions,
        words: StatusWords,
        history: History,
        journal: Journal | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        listen: Callable[[Mapping[str, int]], None] = lambda counts: None,
        reader: HistoryReader | None = None,
    ) -> None:
        self._api = api
        self._kind = kind
        self._options = options
        self._words = words
        self._history = history
        self._journal = journal or Journal(None)
        self._clock = clock
        self._sleep = sleep
        self._listen = listen
        self._settler = Settler(api, kind, options, words, clock, sleep, reader)
        self._outcomes: dict[str, DeviceOutcome] = {}
        self._hopeless: SentinelError | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._submitted: dict[str, float] = {}
        self._began = clock()
        self._watched: Sequence[Watched] = ()
        self._note: str | None = None
        #: Whether a submission was taken, or may have been.
        self.changed = False

    def run(self, plan: Plan, requests: Sequence[Request]) -> list[DeviceOutcome]:
        """Submits the requests and waits; returns an outcome for each item, in the plan's order."""
        for item in plan.items:
            self._outcomes[self._key(item.device)] = foreseen(item)
        lost = self._settle(self._submit(requests))
        if lost and self._options.on_unknown == "resubmit":
            self._settle(self._submit(_requests_of(lost, requests)))
        self._confirm()
        self._report()
        if self._options.wait:
            deadline = self._clock() + self._options.wait_timeout
            self._wait(deadline)
            if self._confirm():
                self._wait(deadline)
        self._forget_what_is_over()
        return [self._outcomes[self._key(item.device)] for item in plan.items]

    def snapshot(self) -> Snapshot:
        """How far the run is; for another thread."""
        counts = Counter(outcome.outcome for outcome in list(self._outcomes.values()))
        now = self._clock()
        slowest: tuple[str, float] | None = None
        for item in self._watched:
            if item.counts is not None and not item.lines:
                # Counted in the history, and not read line by line yet.
                ended = (ACTIVATED, item.counts.success or 0), (FAILURE, item.counts.failed or 0)
                for outcome, number in ended:
                    counts[outcome] += min(number, item.expected)
                    counts[IN_PROGRESS] -= min(number, item.expected)
            seconds = now - self._submitted.get(item.transaction_id, self._began)
            if not (item.ended or item.counted_out) and seconds > (slowest or ("", 0.0))[1]:
                slowest = (item.transaction_id, seconds)
        return Snapshot({outcome: number for outcome, number in counts.items() if number > 0}, slowest, self._note)

    # -- Submitting ----------------------------------------------------------------------------------------------------

    def _submit(self, requests: Sequence[Request]) -> list[Device]:
        """Sends the requests; returns the devices of which nobody knows whether they were taken."""
        lost: list[Device] = []
        for request, unclear in in_parallel(self._send, requests, self._api.session.concurrency, self._stop):
            if unclear:
                lost.extend(request.devices)
        return lost

    def _stop(self) -> None:
        """Has other threads send nothing more: nobody waits for what would come of it."""
        self._stopped = True
        self._api.session.stop()

    def _send(self, request: Request) -> tuple[Request, bool]:
        if self._hopeless is not None:
            self._not_taken(request, f"not submitted, as submissions fail: {self._hopeless}")
            return request, False
        name = ""

        def about_to_send() -> None:
            nonlocal name
            if name:
                self._journal.again(name)
            else:
                name = self._intend(request)
            if self._stopped:  # while the intent was written, or before a token was there
                raise StoppedError("The run was interrupted.", "Run again.")

        try:
            transaction_id = self._api.submit(self._kind.path, request.body, about_to_send)
        except AmbiguousError as error:
            self._journal.lost(name)
            self.changed = True
            self._set(request.devices, UNKNOWN, reason=f"nobody knows whether it was taken: {_sentence(error)}")
            return request, True
        except SentinelError as error:
            self._journal.refused(name)
            self._refused(request, error)
        else:
            self._journal.taken(name, transaction_id)
            self._submitted[transaction_id] = self._clock()
            self.changed = True
            self._set(request.devices, IN_PROGRESS, transaction_id, "submitted")
        return request, False

    def _intend(self, request: Request) -> str:
        return self._journal.intend(
            {
                self._key(device): (self._partner(device), known_transactions(self._kind, device, self._history))
                for device in request.devices
            }
        )

    def _refused(self, request: Request, error: SentinelError) -> None:
        wants_lines = isinstance(error, RefusedError) and LINES_MISSING_TEXT in error.message.lower()
        if wants_lines and self._options.request_format == "single":
            error.cure = "This account takes lines: set request_format to batch."
        if wants_lines or isinstance(error, _HOPELESS):
            with self._lock:
                self._hopeless = self._hopeless or error
        self._not_taken(request, f"not submitted: {error}")

    def _not_taken(self, request: Request, reason: str) -> None:
        """Books a submission that was not taken. One before it, of which nobody knows, may have been all the same."""
        for device in request.devices:
            before = self._outcomes[self._key(device)]
            if before.outcome == UNKNOWN and not says_already(reason):
                before.reason = f"{before.reason} Submitted again: {reason}"
            else:
                self._set([device], FAILURE, reason=reason)

    # -- Settling: what became of a submission whose answer was lost ---------------------------------------------------

    def _settle(self, lost: Sequence[Device]) -> list[Device]:
        """Looks the devices up in the history until all are found or the time is over.

        Returns those that are provably not in it: where it could not be read, nobody knows.
        """
        if not lost:
            return []
        self._note = f"looking for {counted(len(lost), 'device')} whose submission got no answer"
        missing, problem = self._settler.find(lost, self._options.settle_timeout, self._adopt)
        self._note = None
        seconds = f"{self._options.settle_timeout:g} s"
        for device in missing:
            outcome = self._outcomes[self._key(device)]
            if problem is not None:
                why = f"The history, which would tell, cannot be read: {_sentence(problem)}"
            else:
                why = f"It did not show up in the history within {seconds}."
            outcome.reason = (
                f"{outcome.reason} {why} "
                "Run again: the history is looked at anew, and only what it does not show is submitted."
            )
        return missing if problem is None else []

    def _adopt(self, device: Device, history: History) -> bool:
        """Takes a transaction for this device's that the history shows now and did not show when the plan was made."""
        before = known_transactions(self._kind, device, self._history)
        seen = self._settler.new_line(device, history, before)
        if seen is None:
            return False
        self._set([device], IN_PROGRESS, seen.line.transaction_id, "submitted; its answer was lost")
        self._outcomes[self._key(device)].line = seen.line
        if seen.line.transaction_id:
            self._journal.found(self._key(device), self._partner(device), seen.line.transaction_id)
        return True

    def _forget_what_is_over(self) -> None:
        """Has the journal forget transactions that failed, and, where the user says so, those that never showed up."""
        # What failed and is not to be submitted again is remembered, as the history may not show it yet, or not at all.
        # What was taken and is not shown was taken all the same: only the user can know better.
        wanted = {FAILURE: self._options.retry_failed, UNKNOWN: self._options.on_unknown == "resubmit"}
        over = (outcome for outcome in self._outcomes.values() if wanted.get(outcome.outcome))
        self._journal.over(self._key(outcome.device) for outcome in over if outcome.transaction_id)

    # -- Waiting -------------------------------------------------------------------------------------------------------

    def _wait(self, deadline: float) -> None:
        waiting: dict[str, list[DeviceOutcome]] = {}
        for outcome in self._outcomes.values():
            if outcome.outcome == IN_PROGRESS and outcome.transaction_id:
                waiting.setdefault(outcome.transaction_id, []).append(outcome)
            elif outcome.outcome == IN_PROGRESS:
                outcome.reason = f"{(outcome.reason or '').replace(_NAMELESS, '')}{_NAMELESS}"
        options = self._options
        left = max(0.0, deadline - self._clock())
        patience = Patience(left, options.settle_timeout, options.poll_interval, options.poll_max_interval)

        def listen(watched: Sequence[Watched]) -> None:
            for item in watched:
                self._read(item, waiting[item.transaction_id])
            self._report()

        export = options.history == "full"
        watcher = Watcher(self._api, self._words, patience, self._clock, self._sleep, listen, export)
        transactions = [
            Watched(name, len(outcomes), ours=self._lines_of([outcome.device for outcome in outcomes]))
            for name, outcomes in waiting.items()
        ]
        self._watched = transactions
        try:
            watcher.watch(transactions)
        except (AuthenticationError, ScopeError) as error:
            for outcome in self._outcomes.values():
                if outcome.outcome == IN_PROGRESS:
                    outcome.reason = f"cannot be watched: {error}"

    def _lines_of(self, devices: Sequence[Device]) -> Callable[[Iterable[Line]], list[Line]]:
        """What picks the lines of these devices from those of a transaction, which may have other devices, too."""
        key, partner = self._kind.identity.key, self._kind.identity.partner
        keys = set(map(self._key, devices))
        partners = set(map(self._partner, devices)) - {None}

        def pick(lines: Iterable[Line]) -> list[Line]:
            return [
                line
                for line in lines
                if getattr(line, key) in keys
                or (partner and getattr(line, key) is None and getattr(line, partner) in partners)
            ]

        return pick

    def _read(self, item: Watched, outcomes: Iterable[DeviceOutcome]) -> None:
        """Takes over what a look at a transaction says of its devices."""
        by_key: dict[str | None, list[Line]] = {}
        for shown in item.lines:
            by_key.setdefault(getattr(shown, self._kind.identity.key), []).append(shown)
        for outcome in outcomes:
            mine = by_key.get(self._key(outcome.device)) or self._kind.lines_of(outcome.device, item.lines)
            line = self._holding(mine)
            if line is not None:
                self._judge(outcome, line)
                if (
                    outcome.outcome != IN_PROGRESS
                    and outcome.seconds is None
                    and item.transaction_id in self._submitted
                ):
                    seen = item.ended_at if item.ended_at is not None else self._clock()
                    outcome.seconds = round(seen - self._submitted[item.transaction_id], 1)
            elif item.ended:
                outcome.outcome, outcome.reason = UNKNOWN, self._not_shown(outcome, item)
            else:
                outcome.reason = item.problem or outcome.reason

    def _holding(self, lines: Sequence[Line]) -> Line | None:
        """The line that counts where a transaction repeats one: judged as in the history, the one that did not fail."""
        if len(lines) < 2:
            return lines[0] if lines else None
        held = holding([Observed(line, self._words.state(line.status)) for line in lines])
        return held.line if held else None

    def _not_shown(self, outcome: DeviceOutcome, item: Watched) -> str:
        """What to say of a device that its transaction did not show in time."""
        why = ((item.problem if not item.lines else None) or "the transaction does not show this device").rstrip(".")
        entry = self._journal.entry(self._key(outcome.device))
        remembered = entry is not None and entry.transaction_id == item.transaction_id
        if not remembered and item.transaction_id not in self._submitted:
            return f"{why}. Run again to look anew."
        if remembered and self._options.on_unknown != "resubmit":
            cure = "Run again: the journal has it, so it is waited for. To give it up, set on_unknown to resubmit."
        else:
            cure = "Run again once the history shows it: what that does not show is submitted again."
        return f"taken as transaction {item.transaction_id}, which does not show it yet ({why}). {cure}"

    def _judge(self, outcome: DeviceOutcome, line: Line) -> None:
        outcome.line = line
        state = self._words.state(line.status)
        if state == ACTIVE:
            outcome.outcome, outcome.reason = ACTIVATED, None
        elif state == FAILED:
            outcome.outcome, outcome.reason = FAILURE, line.reason or f"the service reports: {line.status}"
        else:
            outcome.reason = f"the service reports: {line.status}"

    # -- Confirming ----------------------------------------------------------------------------------------------------

    def _confirm(self) -> bool:
        """Checks refusals that say "already" against the history: the device may be active, or under way, all the same.

        Returns whether any device turned out to be under way.
        """
        doubtful = [
            outcome
            for outcome in self._outcomes.values()
            if outcome.outcome == FAILURE and says_already(outcome.reason)
        ]
        if not doubtful:
            return False
        try:
            history = self._settler.look_up(outcome.device for outcome in doubtful)
        except SentinelError:
            return False
        key, partner = self._kind.identity.key, self._kind.identity.partner
        under_way = False
        for outcome in doubtful:
            seen = history.current(key, getattr(outcome.device, key))
            if seen is None or seen.state == FAILED or not same_partner(outcome.device, seen.line, partner):
                continue
            outcome.line, outcome.transaction_id = seen.line, seen.line.transaction_id
            if seen.state == ACTIVE:
                outcome.outcome, outcome.reason = ALREADY_ACTIVE, "the service found it active already"
            else:
                outcome.outcome, outcome.reason = IN_PROGRESS, "the service found it under way already"
                under_way = True
        return under_way

    # -- Books ---------------------------------------------------------------------------------------------------------

    def _key(self, device: Device) -> str:
        return str(getattr(device, self._kind.identity.key))

    def _partner(self, device: Device) -> str | None:
        partner = self._kind.identity.partner
        return getattr(device, partner) if partner else None

    def _set(
        self, devices: Iterable[Device], outcome: str, transaction_id: str | None = None, reason: str | None = None
    ) -> None:
        for device in devices:
            key = self._key(device)
            self._outcomes[key] = DeviceOutcome(device, outcome, transaction_id, None, reason)

    def _report(self) -> None:
        self._listen(Counter(outcome.outcome for outcome in self._outcomes.values()))


def _sentence(error: SentinelError) -> str:
    """An error's words, with a full stop, as another sentence follows."""
    told = str(error)
    return told if told.endswith((".", "!", "?")) else f"{told}."


def _requests_of(lost: Sequence[Device], requests: Sequence[Request]) -> list[Request]:
    """The requests of which every device is lost: a request of which a part arrived has arrived."""
    devices = set(map(id, lost))
    return [request for request in requests if all(id(device) in devices for device in request.devices)]
