# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device list of the account for some devices: its entries, indexed by identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from .._errors import InputError, RefusedError, ScopeError, SentinelError, ServiceError, UnexpectedAnswerError
from .._service.api import SentinelAPI
from .._text import cut_short, fold
from .._wire import IDENTIFIERS, DeviceStatuses, Entry, Odd, Oddities, identifiers
from .._wire.devices import DEACTIVATED, LEAN

T = TypeVar("T")

#: The values of the option `listing`.
AUTO, REQUIRED, NONE = "auto", "required", "none"
#: Errors of the CSV export after which the pages are read.
_NO_EXPORT = (RefusedError, ScopeError, ServiceError, UnexpectedAnswerError)
#: Errors that are permanent for this account.
_NO_LISTING = (RefusedError, ScopeError, UnexpectedAnswerError)
#: Errors after which, with `auto`, the history alone decides.
UNREADABLE = (InputError, *_NO_LISTING)
#: Indexed fields of an entry: its identifiers and its MDN.
_KEYS = (*IDENTIFIERS, "mdn")
_keys_of = attrgetter(*_KEYS)
#: Maximum number of status words named in a warning.
_MAX_WORDS_NAMED = 10
_HISTORY_ONLY = "The history alone decides: suspensions, deactivations and activations made elsewhere are not seen"
_NO_CORP = (
    "The device list needs the account: set corp_id (SENTINEL_CORP_ID; for a lookup also the variable "
    "sentinel_corp_id), or use a login whose reply has it."
)
#: What to do if the list cannot be read, and if the task does not need it.
CHECK = "To see how this account answers, run the playbook kajeet.sentinel.check_account."
_CHECK_OR_LEAVE = f"{CHECK} Without a device list, set listing: none."


class Listing:
    """Entries by identifier and MDN; immutable. Only wanted entries are kept: a list may be far longer than a fleet.

    Args:
        entries: entries of the list.
        wanted: values of identifiers of every kind, and MDNs (521-267-1508).
        statuses: classifies status words.
        oddities: invalid values of identifier fields.
        warnings: warnings about how the list was read.
        is_known: whether the list was read. Otherwise, a missing entry means nothing.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        wanted: Iterable[str],
        statuses: DeviceStatuses,
        oddities: Oddities | None = None,
        warnings: Iterable[str] = (),
        is_known: bool = True,
    ) -> None:
        self.is_known = is_known
        self.warnings = tuple(warnings)
        self._statuses = statuses
        self._oddities = oddities or Oddities()
        self._entries = _indexed(entries, frozenset(wanted))
        #: The identifier fields that any entry has. An entry without one of them really lacks that identifier.
        self.reported_fields = frozenset(field for field in IDENTIFIERS if self._entries[field])

    def warned(self, warnings: Iterable[str]) -> Listing:
        """Return this listing with more warnings."""
        made = Listing((), (), self._statuses, self._oddities, (*self.warnings, *warnings), self.is_known)
        made._entries, made.reported_fields = self._entries, self.reported_fields
        return made

    def entries(self, field: str | None, value: str | None) -> tuple[Entry, ...]:
        """Return the distinct entries with this identifier or MDN in the order of the list.

        `field`: name of the field.
        """
        return self._entries.get(field or "", {}).get(value or "", ())

    def state(self, entry: Entry) -> str | None:
        """Return `active`, `suspended` or `deactivated`, or None for an unknown status."""
        return self._statuses.read(entry.status)

    def suspect(self, *values: str | None) -> Odd | None:
        """Return an entry, not of a deactivated device, with an invalid identifier that may be one of these."""
        if not self._oddities.count:
            return None
        odd = (odd for value in values for odd in self._oddities.suspects(value))
        return next((one for one in odd if self._statuses.read(one.line.status) != DEACTIVATED), None)


def _indexed(entries: Iterable[Entry], wanted: frozenset[str]) -> Mapping[str, Mapping[str, tuple[Entry, ...]]]:
    indexes: dict[str, dict[str, tuple[Entry, ...]]] = {field: {} for field in _KEYS}
    for entry in entries:
        for value, index in zip(_keys_of(entry), indexes.values()):
            if value in wanted:
                known = index.setdefault(value, (entry,))
                if entry not in known:
                    index[value] = (*known, entry)
    return indexes


def unknown_statuses(words: Iterable[str], consequence: str = "") -> list[str]:
    """Return a warning about unknown device statuses as a list, empty without words.

    Args:
        words: the unknown words of the service.
        consequence: a sentence about the consequence, after a blank.
    """
    known: dict[str, str] = {}
    for word in words:
        known.setdefault(fold(word), repr(word))
    named = cut_short(list(known.values()), _MAX_WORDS_NAMED)
    cure = "Add the words to status_words, under active, suspended or deactivated"
    return [f"device list: unknown device status: {named}.{consequence} {cure}"] if known else []


class ListingReader:
    """Reads the device list of the account for some devices.

    It reads the CSV export in one request [P]. If the service refuses it, or it cannot be read, it reads the pages.

    Args:
        api: the service.
        option: `auto` (a warning if the list cannot be read), `required` (an error), `none` (not read).
        columns: our names of the fields to read.
        cure: what to do if the list cannot be read, in addition to the text of the error.
    """

    def __init__(
        self, api: SentinelAPI, option: str = AUTO, columns: Iterable[str] = LEAN, cure: str = _CHECK_OR_LEAVE
    ) -> None:
        self._api = api
        self._option = option
        self._columns = tuple(columns)
        self._cure = cure
        self._is_export_unusable = False

    def read(self, wanted: Iterable[str], mdns: Iterable[str] = ()) -> Listing:
        """Read the entries with the `wanted` identifiers or the `mdns` (521-267-1508).

        Raises SentinelError for a temporary error; with `required`, also for a permanent one.
        """
        wanted, mdns = frozenset(wanted), frozenset(mdns)
        if self._option == NONE:
            return self.nothing()
        self._api.reader.remember_spellings(wanted)
        oddities = Oddities(wanted)
        statuses = self._api.reader.device_statuses

        def take(entries: Iterable[Entry]) -> Listing:
            return Listing(entries, wanted | mdns, statuses, oddities)

        try:
            listing, warnings = self._read(take, None, wanted, mdns, oddities)
        except UNREADABLE as error:
            return self.nothing([self.unreadable(error)])
        oddities.close()
        return listing.warned(warnings) if warnings else listing

    def read_entries(
        self, wanted: Iterable[str] | None = None, online: bool = False
    ) -> tuple[list[Entry] | None, list[str]]:
        """Return entries in the order of the list, and warnings. Entries are None if the list was not read.

        Args:
            wanted: only entries with one of these identifiers or MDNs (521-267-1508); None: all entries.
            online: whether to read `online`, which needs the pages in addition to the CSV [P].

        Raises the errors of `read`.
        """
        if self._option == NONE:
            return None, []
        keys = None if wanted is None else frozenset(wanted)
        self._api.reader.remember_spellings(keys or frozenset())

        def take(entries: Iterable[Entry]) -> list[Entry]:
            return [entry for entry in entries if keys is None or not keys.isdisjoint((*identifiers(entry), entry.mdn))]

        try:
            # The list itself shows which of the keys are MDNs.
            found, warnings = self._read(take, None, keys, keys or frozenset(), Oddities())
        except UNREADABLE as error:
            return None, [self.unreadable(error)]
        if online:
            try:
                found = self.with_online(found)
            except _NO_LISTING as error:
                if self._option == REQUIRED:
                    raise
                warnings.append(f"device list: the pages with the online state cannot be read. {error}")
        return found, warnings

    def unreadable(self, error: SentinelError) -> str:
        """Return a warning that the list cannot be read. Raise the error if the option is `required`."""
        error.cure = f"{error.cure} {self._cure}" if error.cure else self._cure
        if self._option == REQUIRED:
            raise error
        return f"device list: cannot be read. {_HISTORY_ONLY}. {error}"

    def nothing(self, warnings: Iterable[str] = ()) -> Listing:
        """Return an unread listing."""
        return Listing((), (), self._api.reader.device_statuses, warnings=warnings, is_known=False)

    def read_all(self, take: Callable[[Iterator[Entry]], T], search: str | None = None) -> tuple[T, list[str]]:
        """Return the result of `take` for all entries, and warnings. `search`: only entries that match this text.

        Raises SentinelError if the list cannot be read.
        """
        return self._read(take, search, None, frozenset(), Oddities())

    def online(self, search: str | None = None) -> dict[str, bool]:
        """Return whether each device is online, by MDN. Only the pages report it [P]."""

        def take(entries: Iterator[Entry]) -> dict[str, bool]:
            return {entry.mdn: entry.online for entry in entries if entry.mdn and entry.online is not None}

        return self._api.listing_pages(self._corp_id(), take, search)

    def with_online(self, entries: Sequence[Entry], search: str | None = None) -> list[Entry]:
        """Return entries with their online state, which only the pages have."""
        if any(entry.online is not None for entry in entries):
            return list(entries)
        online = self.online(search) if entries else {}
        return [entry._replace(online=online.get(entry.mdn or "")) for entry in entries]

    def _corp_id(self) -> str:
        corp_id = self._api.session.corp_id()
        if not corp_id:
            raise InputError([_NO_CORP])
        return corp_id

    def _read(
        self,
        take: Callable[[Iterator[Entry]], T],
        search: str | None,
        wanted: frozenset[str] | None,
        mdns: frozenset[str],
        oddities: Oddities,
    ) -> tuple[T, list[str]]:
        corp_id = self._corp_id()
        problem: SentinelError | None = None
        if not self._is_export_unusable:
            try:
                found = self._api.listing_export(corp_id, take, self._columns, search, wanted, mdns, oddities)
            except _NO_EXPORT as error:
                problem = error
                self._is_export_unusable = not isinstance(error, ServiceError)
            else:
                return found, oddities.warnings("device list (CSV export)")
        try:
            found = self._api.listing_pages(corp_id, take, search, oddities)
        except _NO_LISTING as error:
            if problem is None:
                raise
            # The error of the export is more useful, because the user can fix its cause.
            main, other = (problem, error) if isinstance(problem, _NO_LISTING) else (error, problem)
            which = "pages" if main is problem else "CSV export"
            main.message = f"{main.message.rstrip('.')}. The {which} cannot be read either: {other.message}"
            raise main from other
        warnings = oddities.warnings("device list (pages)")
        if problem is not None:
            warnings.append(
                "device list: the CSV export cannot be read. The list was read from its pages instead, which takes "
                f"longer and has no ICCIDs. The export: {problem}"
            )
        return found, warnings
