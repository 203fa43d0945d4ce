# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets the status of listed devices, and confirms it by the device list. Setting a status twice does no harm."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .._errors import (
    AmbiguousError,
    AuthenticationError,
    PreflightError,
    RefusedError,
    ScopeError,
    SentinelError,
    StoppedError,
    ThrottledError,
    UnreachableError,
)
from .._observe.listing import ListingReader
from .._service.api import SentinelAPI
from .._service.parallel import in_parallel
from .._text import cut_short, fold
from .._wire import DeviceStatuses, Entry
from .._wire.devices import STATUS_BATCH

#: Errors after which every further request would fail the same way.
_FATAL = (AuthenticationError, ScopeError, StoppedError, ThrottledError, UnreachableError)
#: Errors of requests that were not accepted, as far as is known.
NOT_ACCEPTED = (RefusedError, *_FATAL)
#: Maximum number of devices refused one by one while no request has been accepted.
_MAX_REFUSALS = 10
#: Maximum number of statuses named in a message.
_WORDS_NAMED = 20


class Status(NamedTuple):
    """The status to set: a word of the account, and a reason or None."""

    word: str
    reason: str | None = None


def word_for(words: Sequence[str], state: str, reads: DeviceStatuses) -> str:
    """Return the account's word for a status.

    Args:
        words: the account's status words.
        state: `active`, `suspended`, `deactivated`, or a word of the account.
        reads: reads status words.

    Raises PreflightError if the account has none.
    """
    alike = (word for word in words if fold(word) == fold(state))
    fitting = [*alike, *(word for word in words if reads.read(word) == state)]
    if fitting:
        return fitting[0]
    raise PreflightError(
        f"The account has no device status {state}; nothing was written. Valid statuses: "
        f"{cut_short(words, _WORDS_NAMED) or 'none'}.",
        "If one of them means the same, add it to status_words.",
    )


class _Group(NamedTuple):
    """The devices of one request: the corp id of their device group, and their MDNs."""

    corp_id: str
    mdns: list[str]

    def halves(self) -> tuple[_Group, _Group]:
        """Return two groups with half of the devices each."""
        half = len(self.mdns) // 2
        return _Group(self.corp_id, self.mdns[:half]), _Group(self.corp_id, self.mdns[half:])


class _Sent(NamedTuple):
    """The result of a group: errors by MDN, and groups to send later."""

    problems: dict[str, SentinelError]
    deferred: list[_Group]


class StatusSetter:
    """Sets the status of devices, in requests of at most 100 MDNs per device group.

    A refused request is split in halves until it is known which device is refused. After ten single refusals without
    an accepted request, the remaining requests are sent without splitting. If one of them is accepted, only the first
    devices were at fault, for example those of one carrier, and splitting resumes. If none is, nothing more is sent.

    Args:
        api: the service.
        corp_id: the account's; used for entries without a device group.
        check: called before each request is sent; raises StoppedError if the owner of the run is gone.
    """

    def __init__(self, api: SentinelAPI, corp_id: str, check: Callable[[], None] = lambda: None) -> None:
        self._api = api
        self._corp_id = corp_id
        self._check = check
        self._lock = threading.Lock()
        self._fatal: SentinelError | None = None
        self._refusals = 0
        self._accepted = False
        #: Whether any request was accepted, or may have been.
        self.changed = False

    def set(self, entries: Sequence[Entry], status: Status) -> dict[str, SentinelError]:
        """Return errors by MDN. Devices without an error were accepted; the device list shows that later.

        Args:
            entries: of the device list, each with an MDN.
        """
        problems: dict[str, SentinelError] = {}

        def send(group: _Group) -> _Sent:
            return self._set(group, status)

        remaining, session = list(self._groups(entries)), self._api.session
        while remaining:
            deferred: list[_Group] = []
            for sent in in_parallel(send, remaining, session.concurrency, session.stop):
                problems.update(sent.problems)
                deferred += sent.deferred
            remaining = self._try_unsplit(deferred, status, problems)
        return problems

    def _groups(self, entries: Iterable[Entry]) -> Iterator[_Group]:
        """Yield device groups with at most 100 of their MDNs."""
        groups: dict[str, dict[str, None]] = {}
        for entry in entries:
            # The pages of the device list have the group's description instead of its corp id.
            named = entry.device_group if entry.device_group != entry.device_group_name else None
            groups.setdefault(named or self._corp_id, {})[str(entry.mdn)] = None
        for corp_id, unique in groups.items():
            mdns = list(unique)
            for start in range(0, len(mdns), STATUS_BATCH):
                yield _Group(corp_id, mdns[start : start + STATUS_BATCH])

    def _set(self, group: _Group, status: Status) -> _Sent:
        """Send a group. If it is refused, send its halves, until it is known which devices are refused."""
        if self._fatal is not None:
            return _Sent(dict.fromkeys(group.mdns, self._fatal), [])
        if self._refusals >= _MAX_REFUSALS and not self._accepted:
            return _Sent({}, [group])
        error = self._send(group, status)
        if error is None:
            return _Sent({}, [])
        if isinstance(error, RefusedError) and len(group.mdns) > 1:
            first, second = (self._set(half, status) for half in group.halves())
            return _Sent({**first.problems, **second.problems}, first.deferred + second.deferred)
        with self._lock:
            self._refusals += isinstance(error, RefusedError)
        return _Sent(dict.fromkeys(group.mdns, error), [])

    def _send(self, group: _Group, status: Status) -> SentinelError | None:
        """Send one request; record and return its error."""
        problem: SentinelError
        try:
            self._api.set_device_status(group.corp_id, group.mdns, status.word, status.reason, self._check)
        except SentinelError as error:
            problem = error
        except Exception as error:  # noqa: BLE001  a bug must not end the run; the list shows the result
            problem = AmbiguousError(f"unexpected error: {type(error).__name__}: {error}")
        else:
            self._accepted = self.changed = True
            return None
        with self._lock:
            self.changed = self.changed or not isinstance(problem, NOT_ACCEPTED)
            if isinstance(problem, _FATAL):
                self._fatal = self._fatal or problem
        return problem

    def _try_unsplit(
        self, deferred: Sequence[_Group], status: Status, problems: dict[str, SentinelError]
    ) -> list[_Group]:
        """Send groups unsplit until one is accepted, and return the others. If none is, record the errors."""
        errors: dict[str, SentinelError] = {}
        for place, group in enumerate(deferred):
            error = self._fatal or self._send(group, status)
            if error is None:
                return [other for number, other in enumerate(deferred) if number != place]
            errors.update(dict.fromkeys(group.mdns, error))
        problems.update(errors)
        return []


class Confirmation(NamedTuple):
    """The devices in the device list after their status was set.

    `entries`: by MDN, those with the new status. `others`: by MDN, those without it. `problem`: why the list cannot be
    read, or None.
    """

    entries: dict[str, Entry]
    problem: SentinelError | None = None
    others: Mapping[str, Entry] = {}


def confirm_statuses(
    lists: ListingReader,
    entries: Sequence[Entry],
    is_set: Callable[[Entry], bool],
    rounds: Iterable[None],
    not_accepted: Collection[str] = (),
) -> Confirmation:
    """Look devices up in the device list until all have the new status, or the rounds end.

    Args:
        entries: of the devices, each with an MDN.
        is_set: whether an entry has the new status.
        rounds: yields once per look.
        not_accepted: MDNs that are looked up together with the others, but not waited for.
    """
    missing = {str(entry.mdn) for entry in entries}
    not_awaited = set(not_accepted)
    found: dict[str, Entry] = {}
    others: dict[str, Entry] = {}
    problem: SentinelError | None = None
    for _round in rounds if missing else ():
        try:
            listing = lists.read((), missing)
        except SentinelError as error:
            # Try again in the next round.
            problem = error
        else:
            problem = None
            for mdn in list(missing):
                listed = listing.entries("mdn", mdn)
                others.update((mdn, entry) for entry in listed[:1])
                found.update((mdn, entry) for entry in list(filter(is_set, listed))[:1])
            missing -= found.keys()
        if missing <= not_awaited:
            break
    return Confirmation(found, problem, {mdn: entry for mdn, entry in others.items() if mdn in missing})
