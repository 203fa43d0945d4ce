# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the devices of an inventory come from: settings, declared file, history and device list, and a cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from types import MappingProxyType
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import Kind
from ...module_utils._errors import InputError
from ...module_utils._identity import values_of
from ...module_utils._observe.listing import AUTO, NONE, REQUIRED, ListingReader, unknown_statuses
from ...module_utils._observe.reading import HistoryReader
from ...module_utils._options import STATUS_WORDS_KEYS, ConnectionOptions, read_lists
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import hint
from ...module_utils._transport.session import Session
from ...module_utils._wire import DeviceStatuses, Line, StatusWords, mdn_of
from ...module_utils._wire import Entry as ListEntry
from .._fleet.devices import NAMES, Fleet, check_defaults, kind_of, read_fleet
from .entries import (
    PREFIX,
    Entry,
    Filters,
    declared_entries,
    listed_entries,
    merged_entries,
    observed_entries,
    selected,
    strangers,
)
from .listed import FIELDS, DeviceList

DECLARED, HISTORY, MERGED, LISTING = "declared", "history", "merged", "listing"


class Settings(NamedTuple):
    """What an inventory is made of. `src` is an absolute path; the rest has the options' names and meanings."""

    source: str
    src: str | None
    kind: Kind
    defaults: Mapping[str, Any]
    undeclared: bool
    words: StatusWords
    filters: Filters
    listing: str = AUTO
    online: bool = False
    device_statuses: DeviceStatuses = DeviceStatuses()
    names: Mapping[str, Any] = MappingProxyType({})

    @property
    def asks_history(self) -> bool:
        """Whether the history is read."""
        return self.source in (HISTORY, MERGED)

    @property
    def asks_listing(self) -> bool:
        """Whether the device list is read. For a file alone, nothing is asked that is not required."""
        return self.listing == REQUIRED or (self.listing == AUTO and self.source != DECLARED)

    @classmethod
    def read(cls, get: Callable[[str], Any], directory: str) -> Settings:
        """Reads each option through `get`; relative paths begin at `directory`. Raises InputError with all problems."""
        src = str(get("src") or "").strip()
        src = os.path.join(directory, os.path.expanduser(src)) if src else ""
        source = get("source") or (MERGED if src else HISTORY)
        filters = Filters(*([str(wanted) for wanted in get(name) or ()] for name in Filters._fields))
        listing = get("listing") or AUTO
        if source == LISTING and listing == AUTO:
            listing = REQUIRED  # there is nothing to go on with
        problems: list[str] = []
        words = read_lists("status_words", get("status_words"), STATUS_WORDS_KEYS, problems)
        made = cls(
            source,
            src or None,
            kind_of(get("kind")),
            check_defaults(get("defaults")),
            bool(get("undeclared")),
            StatusWords(words),
            filters,
            listing,
            bool(get("online")),
            DeviceStatuses(words),
            {name: get(name) for name in NAMES},
        )
        problems = [*made._problems(), *problems]
        if problems:
            raise InputError(problems, "The configuration")
        return made

    def _problems(self) -> list[str]:
        """What of the options does not go together."""
        source, src = self.source, self.src
        problems = []
        if source in (DECLARED, MERGED) and not src:
            problems.append(f"src: is missing, which source: {source} needs")
        if source in (HISTORY, LISTING) and src:
            problems.append(f"src: goes with source: declared or merged, not with source: {source}")
        if src and not os.path.isfile(src):
            problems.append(f"src: there is no file {src}: relative paths begin at the directory of the inventory file")
        if source == LISTING and self.listing == NONE:
            problems.append("listing: none does not go with source: listing, whose hosts are those of the device list")
        if not self.asks_history and not self.asks_listing and self.filters.statuses:
            problems.append(f"statuses: nothing is known of them with source: {source}")
        if not self.asks_listing:
            options = [("device_statuses", self.filters.device_statuses), ("online", self.online)]
            problems += [f"{name}: the device list is not read; set listing: required" for name, on in options if on]
        return problems


def check_options(given: Iterable[str], known: Collection[str]) -> None:
    """Raises InputError for options that there are not; Ansible itself would pass over them."""
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise InputError([f"unknown option {name!r}{hint(name, known)}" for name in unknown], "The configuration")


class Found(NamedTuple):
    """The devices that are wanted; `warnings`: what is probably a slip; `remarks`: what is odd about declared ones."""

    entries: list[Entry]
    warnings: list[str]
    remarks: list[str]


class Account(NamedTuple):
    """What the account shows: its history, the oldest line first, and its device list. None: it was not read."""

    lines: Sequence[Line] | None = None
    entries: Sequence[ListEntry] | None = None


def find(settings: Settings, read_account: Callable[[Collection[str]], Account]) -> Found:
    """The devices of an inventory.

    Args:
        settings: what it is made of.
        read_account: history and device list, given the identifiers that are declared. The file is read before: what is
            wrong there needs no request.
    """
    fleet = (
        read_fleet(settings.src, settings.kind, settings.defaults, settings.names) if settings.src else Fleet([], [])
    )
    declared = {value for member in fleet.members for value in values_of(member.device)}
    account = read_account(declared) if settings.asks_history or settings.asks_listing else Account()
    lines = account.lines or ()
    if settings.source == LISTING:
        entries = listed_entries(account.entries or (), settings.device_statuses, settings.kind)
    else:
        listed = DeviceList(account.entries, {*declared, *_names_of(lines)}, settings.device_statuses)
        if settings.source == DECLARED:
            entries = declared_entries(fleet, listed)
        elif settings.source == HISTORY:
            entries = observed_entries(lines, settings.words, settings.kind, listed)
        else:
            entries = merged_entries(fleet, lines, settings.words, settings.kind, settings.undeclared, listed)
    states = ((entry.values[PREFIX + "device_status"], entry.values[PREFIX + "device_state"]) for entry in entries)
    words = unknown_statuses(status for status, state in states if status and state is None)
    warnings = [*words, *strangers(entries, settings.filters)]
    return Found(selected(entries, settings.filters), warnings, fleet.warnings)


def read_account(
    get: Callable[[str], Any], settings: Settings, declared: Collection[str] | None
) -> tuple[Account, list[str]]:
    """The whole history, and the device list, as far as they are asked for, and warnings. Raises SentinelError.

    Args:
        get: gives the connection options.
        declared: of the device list, only what concerns these identifiers and the history; None: all of it.
    """
    lines: list[Line] | None = None
    entries: list[ListEntry] | None = None
    warnings: list[str] = []
    with closing(Session(ConnectionOptions.read(get))) as session:
        api = SentinelAPI(session)
        if settings.asks_history:
            lines, warnings = HistoryReader(api, api.reader.words, "full").read_all()
        if settings.asks_listing:
            every = declared is None or settings.source == LISTING
            wanted = None if every else {*(declared or ()), *_names_of(lines or ())}
            entries, more = ListingReader(api, settings.listing, FIELDS).read_entries(wanted, settings.online)
            warnings = [*warnings, *more]
    return Account(lines, entries), warnings


def _names_of(lines: Iterable[Line]) -> set[str]:
    """The identifiers and MDNs of lines, as the device list has them."""
    names = {value for line in lines for value in values_of(line)}
    return names.union(mdn_of(line.mdn) for line in lines if line.mdn)


# -- What the cache keeps ----------------------------------------------------------------------------------------------

_ACCOUNT = ("api_url", "corp_id", "api_username")


def _account(get: Callable[[str], Any]) -> list[Any]:
    """What tells an account from others: without a complete login it is the token, of which only a hash is kept."""
    known = [get(name) for name in _ACCOUNT]
    token = str(get("api_token") or "").strip()
    if token and not (get("api_username") and get("api_password")):
        known.append(hashlib.sha256(f"kajeet.sentinel inventory {token}".encode()).hexdigest())
    # Lines that were read by other names are other lines.
    return known + ([str(get("field_names"))] if get("field_names") else [])


def _asked(settings: Settings) -> dict[str, bool]:
    """What of the account is asked for."""
    return {
        "history": settings.asks_history,
        "listing": settings.asks_listing,
        "online": settings.online,
    }


def to_cache(account: Account, settings: Settings, get: Callable[[str], Any]) -> dict[str, Any]:
    """What an account shows as JSON can have it, what was asked for, and of which account it is."""
    lines, entries = account.lines, account.entries
    return {
        "account": _account(get),
        "asked": _asked(settings),
        "fields": list(Line._fields),
        "lines": None if lines is None else [list(line) for line in lines],
        "entry_fields": list(FIELDS),
        "entries": None if entries is None else [[getattr(entry, name) for name in FIELDS] for entry in entries],
    }


def from_cache(kept: Any, settings: Settings, get: Callable[[str], Any]) -> Account | None:
    """What `to_cache` was given; None where it is another account's, another version's, or lacks what is asked for."""
    if not isinstance(kept, Mapping) or kept.get("account") != _account(get):
        return None
    if kept.get("fields") != list(Line._fields) or kept.get("entry_fields") != list(FIELDS):
        return None
    lacks = [name for name, wanted in _asked(settings).items() if wanted and not kept["asked"].get(name)]
    lines, entries = kept["lines"], kept["entries"]
    if lacks or (entries is None and settings.listing == REQUIRED):
        return None
    return Account(
        None if lines is None else [Line(*values) for values in lines],
        None if entries is None or not settings.asks_listing else [_entry(values) for values in entries],
    )


def _entry(values: Iterable[Any]) -> ListEntry:
    fields = dict(zip(FIELDS, values))
    return ListEntry(**{**fields, "labels": tuple(fields["labels"])})
