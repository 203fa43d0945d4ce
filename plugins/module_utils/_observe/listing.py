# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's device list as far as it concerns some devices: its entries, indexed by identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from .._errors import InputError, RefusedError, ScopeError, SentinelError, ServiceError, UnexpectedAnswerError
from .._service.api import SentinelAPI
from .._text import cut_short, fold
from .._wire import IDENTIFIERS, DeviceStatuses, Entry, Odd, Oddities, identifiers
from .._wire.devices import DEACTIVATED, LEAN

T = TypeVar("T")

#: The values of the option `listing`.
AUTO, REQUIRED, NONE = "auto", "required", "none"
#: What the CSV may fail with while the pages can be read.
_NO_EXPORT = (RefusedError, ScopeError, ServiceError, UnexpectedAnswerError)
#: What says that this account's list cannot be read at all, rather than not now.
_NO_LISTING = (RefusedError, ScopeError, UnexpectedAnswerError)
#: What it cannot be read for: with `auto`, the history alone decides.
UNREADABLE = (InputError, *_NO_LISTING)
#: What index an entry has: its identifiers, and its MDN.
_KEYS = (*IDENTIFIERS, "mdn")
#: Maximum number of status words named in a warning.
_MAX_WORDS_NAMED = 10
_HISTORY_ONLY = "The history alone decides: what was suspended, deactivated or activated elsewhere since is not seen"
_NO_CORP = (
    "The device list is that of an account: set corp_id (SENTINEL_CORP_ID; for a lookup also the variable "
    "sentinel_corp_id), or use a login whose reply has it."
)
#: What to do where the list cannot be read, and where the task can do without it.
CHECK = "To see how this account answers, run the playbook kajeet.sentinel.check_account."
_CHECK_OR_LEAVE = f"{CHECK} Without a device list, set listing: none."


class Listing:
    """Entries by identifier and MDN; immutable. Of a list that may be far longer than a fleet, those that are wanted.

    Args:
        entries: of the list.
        wanted: values of identifiers, of any kind, and MDNs (521-267-1508).
        statuses: sorts status words.
        oddities: values of identifier fields that are not whole identifiers.
        warnings: what the user has to know of how it was read, a sentence each.
        is_known: whether the list was read. Without that, an absent device is not "not listed".
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

    def warned(self, warnings: Iterable[str]) -> Listing:
        """Return this listing with more warnings."""
        made = Listing((), (), self._statuses, self._oddities, (*self.warnings, *warnings), self.is_known)
        made._entries = self._entries
        return made

    def entries(self, field: str | None, value: str | None) -> tuple[Entry, ...]:
        """Return the different entries with this identifier or MDN (`field`: its name), in the list's order."""
        return self._entries.get(field or "", {}).get(value or "", ())

    @property
    def reported_fields(self) -> frozenset[str]:
        """The identifiers that any of its entries has, so that an entry without one of them has none."""
        return frozenset(field for field in IDENTIFIERS if self._entries[field])

    def state(self, entry: Entry) -> str | None:
        """Return `active`, `suspended` or `deactivated`; None where the entry's status says none of them."""
        return self._statuses.read(entry.status)

    def suspect(self, *values: str | None) -> Odd | None:
        """Return an entry, not of a deactivated device, whose identifier is not whole and may be one of these."""
        odd = (odd for value in values for odd in self._oddities.suspects(value))
        return next((found for found in odd if self._statuses.read(found.line.status) != DEACTIVATED), None)


def _indexed(entries: Iterable[Entry], wanted: frozenset[str]) -> Mapping[str, Mapping[str, tuple[Entry, ...]]]:
    found: dict[str, dict[str, tuple[Entry, ...]]] = {field: {} for field in _KEYS}
    for entry in entries:
        for field, index in found.items():
            value = getattr(entry, field)
            if value in wanted and entry not in index.get(value, ()):
                index[value] = (*index.get(value, ()), entry)
    return found


def unknown_statuses(words: Iterable[str], consequence: str = "") -> list[str]:
    """Return a warning about statuses that say neither active, suspended nor deactivated; an empty list for none.

    Args:
        words: as the service has them.
        consequence: a sentence on what follows, behind a blank.
    """
    known: dict[str, str] = {}
    for word in words:
        known.setdefault(fold(word), repr(word))
    named = cut_short(list(known.values()), _MAX_WORDS_NAMED)
    cure = "Add the words to status_words, under active, suspended or deactivated"
    return [f"device list: unknown device status: {named}.{consequence} {cure}"] if known else []


class ListingReader:
    """Reads the account's device list, as far as it concerns some devices.

    It is the CSV export, in one request [P]. Where the service refuses it, or it cannot be read, it is the pages.

    Args:
        api: the service.
        option: `auto` (where the list cannot be read, a warning), `required` (an error), `none` (not read).
        columns: our names of the fields to read.
        cure: what to do where the list cannot be read, besides what the error says.
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
        """Read what concerns the `wanted` identifiers and the `mdns` (521-267-1508).

        Raises SentinelError where the list cannot be read now; with `required`, also where it cannot be read at all.
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
        """Return entries as they are listed, and warnings; None for the entries where the list was not read.

        Args:
            wanted: only entries with one of these identifiers or MDNs (521-267-1508); None: all.
            online: whether they have `online`, which takes the list's pages besides its CSV [P].

        Raises what `read` raises.
        """
        if self._option == NONE:
            return None, []
        keys = None if wanted is None else frozenset(wanted)
        self._api.reader.remember_spellings(keys or frozenset())

        def take(entries: Iterable[Entry]) -> list[Entry]:
            return [entry for entry in entries if keys is None or not keys.isdisjoint((*identifiers(entry), entry.mdn))]

        try:
            # Which of the keys are MDNs, the list itself shows.
            found, warnings = self._read(take, None, keys, keys or frozenset(), Oddities())
        except UNREADABLE as error:
            return None, [self.unreadable(error)]
        if online:
            try:
                found = self.with_online(found)
            except _NO_LISTING as error:
                if self._option == REQUIRED:
                    raise
                warnings.append(f"device list: its pages cannot be read, which show what is online. {error}")
        return found, warnings

    def unreadable(self, error: SentinelError) -> str:
        """Return a warning that the list cannot be read; raise the error where the option is `required`."""
        error.cure = f"{error.cure} {self._cure}" if error.cure else self._cure
        if self._option == REQUIRED:
            raise error
        return f"device list: cannot be read. {_HISTORY_ONLY}. {error}"

    def nothing(self, warnings: Iterable[str] = ()) -> Listing:
        """Return a listing that was not read."""
        return Listing((), (), self._api.reader.device_statuses, warnings=warnings, is_known=False)

    def read_all(self, take: Callable[[Iterator[Entry]], T], search: str | None = None) -> tuple[T, list[str]]:
        """Return what `take` makes of every entry, and warnings. `search`: only those that the service finds by it.

        Raises SentinelError where the list cannot be read.
        """
        return self._read(take, search, None, frozenset(), Oddities())

    def online(self, search: str | None = None) -> dict[str, bool]:
        """Return by MDN whether each device is online, which the pages report and the CSV does not [P]."""

        def take(entries: Iterator[Entry]) -> dict[str, bool]:
            return {entry.mdn: entry.online for entry in entries if entry.mdn and entry.online is not None}

        return self._api.listing_pages(self._corp_id(), take, search)

    def with_online(self, entries: Sequence[Entry], search: str | None = None) -> list[Entry]:
        """Return entries with what only the list's pages have: whether a device is online."""
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
            # What the export was refused with says more: it is what a user can mend.
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
