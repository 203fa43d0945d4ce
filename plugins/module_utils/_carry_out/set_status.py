# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets the status of listed devices. The same twice does no harm; what came of it, the device list shows."""

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

#: Errors after which every further request would end the same way.
_HOPELESS = (AuthenticationError, ScopeError, StoppedError, ThrottledError, UnreachableError)
#: Errors of requests that were not taken, as far as is known.
NOT_TAKEN = (RefusedError, *_HOPELESS)
#: Devices that may be refused one by one before any is taken. After that it is doubtful whether any will be.
_REFUSALS = 10
#: Maximum number of statuses named in a message.
_WORDS_NAMED = 20


class Status(NamedTuple):
    """What devices are to be: a word that the account names, and why, or None."""

    word: str
    reason: str | None = None


def word_for(words: Sequence[str], state: str, reads: DeviceStatuses) -> str:
    """Return the word that the account has for a status.

    Args:
        words: the account's.
        state: `active`, `suspended`, `deactivated`, or a word of the account's.
        reads: sorts status words.

    Raises PreflightError where the account has none.
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
    """Devices of one request: the corp id of their device group, and their MDNs."""

    corp_id: str
    mdns: list[str]

    def halves(self) -> tuple[_Group, _Group]:
        """Return two groups with half of the devices each."""
        half = len(self.mdns) // 2
        return _Group(self.corp_id, self.mdns[:half]), _Group(self.corp_id, self.mdns[half:])


class _Sent(NamedTuple):
    """What came of a group: problems by MDN, and what is put off."""

    problems: dict[str, SentinelError]
    put_off: list[_Group]


class StatusSetter:
    """Sets the status of devices, in requests of at most 100 MDNs for each device group.

    Where a request is refused, its halves are sent, until it is known for which device. Where ten devices were refused
    one by one and none was taken, all other requests are tried as they are, without halves. If one is taken, the
    devices were to blame, such as those of a carrier that come first in a file. If none is, nothing more is sent.

    Args:
        api: the service.
        corp_id: the account's; entries that name no device group are set by it.
        check: called before each request that leaves; raises StoppedError where nobody wants it any more.
    """

    def __init__(self, api: SentinelAPI, corp_id: str, check: Callable[[], None] = lambda: None) -> None:
        self._api = api
        self._corp_id = corp_id
        self._check = check
        self._lock = threading.Lock()
        self._hopeless: SentinelError | None = None
        self._refusals = 0
        self._taken = False
        #: Whether any request was taken, or may have been.
        self.changed = False

    def set(self, entries: Sequence[Entry], status: Status) -> dict[str, SentinelError]:
        """Return by MDN what went wrong; devices without an error were taken, which the list shows later.

        Args:
            entries: of the device list, each with an MDN.
        """
        problems: dict[str, SentinelError] = {}

        def send(group: _Group) -> _Sent:
            return self._set(group, status)

        left, session = list(self._groups(entries)), self._api.session
        while left:
            put_off: list[_Group] = []
            for found in in_parallel(send, left, session.concurrency, session.stop):
                problems.update(found.problems)
                put_off += found.put_off
            left = self._tried(put_off, status, problems)
        return problems

    def _groups(self, entries: Iterable[Entry]) -> Iterator[_Group]:
        """Yield device groups with at most 100 of their MDNs."""
        groups: dict[str, dict[str, None]] = {}
        for entry in entries:
            # The list's pages have a description instead of the group's corp id.
            named = entry.device_group if entry.device_group != entry.device_group_name else None
            groups.setdefault(named or self._corp_id, {})[str(entry.mdn)] = None
        for corp_id, found in groups.items():
            mdns = list(found)
            for start in range(0, len(mdns), STATUS_BATCH):
                yield _Group(corp_id, mdns[start : start + STATUS_BATCH])

    def _set(self, group: _Group, status: Status) -> _Sent:
        """Send a group, and where it is refused its halves, until it is known for which devices."""
        if self._hopeless is not None:
            return _Sent(dict.fromkeys(group.mdns, self._hopeless), [])
        if self._refusals >= _REFUSALS and not self._taken:
            return _Sent({}, [group])
        error = self._send(group, status)
        if error is None:
            return _Sent({}, [])
        if isinstance(error, RefusedError) and len(group.mdns) > 1:
            first, second = (self._set(half, status) for half in group.halves())
            return _Sent({**first.problems, **second.problems}, first.put_off + second.put_off)
        with self._lock:
            self._refusals += isinstance(error, RefusedError)
        return _Sent(dict.fromkeys(group.mdns, error), [])

    def _send(self, group: _Group, status: Status) -> SentinelError | None:
        """Send one request; return what went wrong, and take note of it."""
        problem: SentinelError
        try:
            self._api.set_device_status(group.corp_id, group.mdns, status.word, status.reason, self._check)
        except SentinelError as error:
            problem = error
        except Exception as error:  # noqa: BLE001  a bug of ours must not end the run: the list shows what came of it
            problem = AmbiguousError(f"unforeseen: {type(error).__name__}: {error}")
        else:
            self._taken = self.changed = True
            return None
        with self._lock:
            self.changed = self.changed or not isinstance(problem, NOT_TAKEN)
            if isinstance(problem, _HOPELESS):
                self._hopeless = self._hopeless or problem
        return problem

    def _tried(self, put_off: Sequence[_Group], status: Status, problems: dict[str, SentinelError]) -> list[_Group]:
        """Send groups as they are until one is taken; return the others then, else note their problems."""
        found: dict[str, SentinelError] = {}
        for place, group in enumerate(put_off):
            error = self._hopeless or self._send(group, status)
            if error is None:
                return [other for number, other in enumerate(put_off) if number != place]
            found.update(dict.fromkeys(group.mdns, error))
        problems.update(found)
        return []


class Shown(NamedTuple):
    """What the list shows.

    `entries`: by MDN, those that are as wanted; `others`: those that are not. `problem`: why the list cannot be read.
    """

    entries: dict[str, Entry]
    problem: SentinelError | None = None
    others: Mapping[str, Entry] = {}


def shown(
    lists: ListingReader,
    entries: Sequence[Entry],
    is_set: Callable[[Entry], bool],
    rounds: Iterable[None],
    not_taken: Collection[str] = (),
) -> Shown:
    """Look devices up in the list until all are as wanted, or the rounds are over.

    Args:
        entries: of the devices, each with an MDN.
        is_set: whether an entry is as wanted.
        rounds: yields for each look.
        not_taken: MDNs that are looked up as long as others are, and not waited for.
    """
    missing = {str(entry.mdn) for entry in entries}
    hopeless = set(not_taken)
    found: dict[str, Entry] = {}
    others: dict[str, Entry] = {}
    problem: SentinelError | None = None
    for _round in rounds if missing else ():
        try:
            listing = lists.read((), missing)
        except SentinelError as error:
            # The service is in trouble already; it is asked again until the time is over.
            problem = error
        else:
            problem = None
            for mdn in list(missing):
                listed = listing.entries("mdn", mdn)
                others.update((mdn, entry) for entry in listed[:1])
                found.update((mdn, entry) for entry in list(filter(is_set, listed))[:1])
            missing -= found.keys()
        if missing <= hopeless:
            break
    return Shown(found, problem, {mdn: entry for mdn, entry in others.items() if mdn in missing})
