# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets the status of listed devices. The same twice does no harm; what came of it, the device list shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from .._wire import Entry
from .._wire.devices import STATUS_BATCH

#: Errors after which every further request would end the same way.
_HOPELESS = (AuthenticationError, ScopeError, StoppedError, ThrottledError, UnreachableError)
#: Errors of requests that were not taken, as far as is known.
NOT_TAKEN = (RefusedError, *_HOPELESS)
#: Devices that may be refused one by one before any is taken; after that the request is wrong, not the device.
_REFUSALS = 10
#: Maximum number of statuses named in a message.
_WORDS_NAMED = 20


class Status(NamedTuple):
    """What devices are to be: a word that the account names, and why, or None."""

    word: str
    reason: str | None = None


def word_for(api: SentinelAPI, corp_id: str, state: str) -> str:
    """Return the word that the account has for a status.

    Args:
        state: `active`, `suspended`, `deactivated`, or a word of the account's.

    Raises PreflightError where the account names none, and SentinelError where it cannot be asked.
    """
    words = api.device_statuses(corp_id)
    read = api.reader.device_statuses.read
    fitting = [word for word in words if fold(word) == fold(state)] or [word for word in words if read(word) == state]
    if fitting:
        return fitting[0]
    raise PreflightError(
        f"The account has no device status {state}; nothing was written. Valid statuses: "
        f"{cut_short(words, _WORDS_NAMED) or 'none'}.",
        "If one of them means the same, add it to status_words.",
    )


class StatusSetter:
    """Sets the status of devices, in requests of at most 100 MDNs for each device group.

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

        def send(group: tuple[str, list[str]]) -> dict[str, SentinelError]:
            return self._set(group[0], group[1], status)

        session = self._api.session
        for found in in_parallel(send, list(self._groups(entries)), session.concurrency, session.stop):
            problems.update(found)
        return problems

    def _groups(self, entries: Iterable[Entry]) -> Iterator[tuple[str, list[str]]]:
        """Yield device groups with at most 100 of their MDNs."""
        groups: dict[str, dict[str, None]] = {}
        for entry in entries:
            # The list's pages have a description in the place of the group's corp id.
            named = entry.device_group if entry.device_group != entry.device_group_name else None
            groups.setdefault(named or self._corp_id, {})[str(entry.mdn)] = None
        for corp_id, found in groups.items():
            mdns = list(found)
            for start in range(0, len(mdns), STATUS_BATCH):
                yield corp_id, mdns[start : start + STATUS_BATCH]

    def _set(self, corp_id: str, mdns: list[str], status: Status) -> dict[str, SentinelError]:
        """Return what went wrong. Where a request is refused, its halves are sent, until it is known for which."""
        if self._hopeless is not None:
            return dict.fromkeys(mdns, self._hopeless)
        try:
            self._api.set_device_status(corp_id, mdns, status.word, status.reason, self._check)
        except SentinelError as error:
            if isinstance(error, RefusedError) and not isinstance(error, _HOPELESS) and len(mdns) > 1:
                half = len(mdns) // 2
                return {**self._set(corp_id, mdns[:half], status), **self._set(corp_id, mdns[half:], status)}
            self._note(error)
            return dict.fromkeys(mdns, error)
        except Exception as error:  # noqa: BLE001  a bug of ours must not end the run: the list shows what came of it
            problem = AmbiguousError(f"unforeseen: {type(error).__name__}: {error}")
            self._note(problem)
            return dict.fromkeys(mdns, problem)
        self._taken = self.changed = True
        return {}

    def _note(self, error: SentinelError) -> None:
        """Take note of an error; where it is not the device's, nothing more is sent."""
        with self._lock:
            self._refusals += isinstance(error, RefusedError)
            self.changed = self.changed or not isinstance(error, NOT_TAKEN)
            if isinstance(error, _HOPELESS) or (self._refusals >= _REFUSALS and not self._taken):
                self._hopeless = self._hopeless or error


class Shown(NamedTuple):
    """What the list shows. `entries`: by MDN, those that are as wanted. `problem`: why the list cannot be read."""

    entries: dict[str, Entry]
    problem: SentinelError | None = None


def shown(
    lists: ListingReader, entries: Sequence[Entry], is_set: Callable[[Entry], bool], rounds: Iterable[None]
) -> Shown:
    """Look devices up in the list until all are as wanted, or the rounds are over.

    Args:
        entries: of the devices, each with an MDN.
        is_set: whether an entry is as wanted.
        rounds: yields for each look.
    """
    missing = {str(entry.mdn) for entry in entries}
    found: dict[str, Entry] = {}
    problem: SentinelError | None = None
    for _round in rounds if missing else ():
        try:
            listing = lists.read((), missing)
        except SentinelError as error:
            # The service is in trouble already; it is asked again until the time is over.
            problem = error
            continue
        problem = None
        for mdn in list(missing):
            entry = next(filter(is_set, listing.entries("mdn", mdn)), None)
            if entry is not None:
                found[mdn] = entry
                missing.discard(mdn)
        if not missing:
            break
    return Shown(found, problem)
