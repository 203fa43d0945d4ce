# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the devices of an inventory from declared file, history and device list, or from a cache."""

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
    select,
    unmatched_filters,
)
from .listed import FIELDS, DeviceList

DECLARED, HISTORY, MERGED, LISTING = "declared", "history", "merged", "listing"


class Settings(NamedTuple):
    """The settings of an inventory. `src` is an absolute path. The others are as the options of the same names."""

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
    def reads_history(self) -> bool:
        """Whether the history is read."""
        return self.source in (HISTORY, MERGED)

    @property
    def reads_listing(self) -> bool:
        """Whether the device list is read. With `source: declared`, only if it is required."""
        return self.listing == REQUIRED or (self.listing == AUTO and self.source != DECLARED)

    @classmethod
    def read(cls, get: Callable[[str], Any], directory: str) -> Settings:
        """Return the settings of options. Paths are relative to `directory`. Raises InputError with all problems."""
        src = str(get("src") or "").strip()
        src = os.path.join(directory, os.path.expanduser(src)) if src else ""
        source = get("source") or (MERGED if src else HISTORY)
        filters = Filters(*([str(wanted) for wanted in get(name) or ()] for name in Filters._fields))
        listing = get("listing") or AUTO
        if source == LISTING and listing == AUTO:
            listing = REQUIRED  # without the list, there are no hosts
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
        """Return the options that cannot be used together."""
        source, src = self.source, self.src
        problems = []
        if source in (DECLARED, MERGED) and not src:
            problems.append(f"src: is required with source: {source}")
        if source in (HISTORY, LISTING) and src:
            problems.append(f"src: cannot be used with source: {source}; use source: declared or merged")
        if src and not os.path.isfile(src):
            problems.append(f"src: {src} is not a file; paths are relative to the directory of the inventory file")
        if source == LISTING and self.listing == NONE:
            problems.append("listing: none cannot be used with source: listing, which needs the device list")
        if not self.reads_history and not self.reads_listing and self.filters.statuses:
            problems.append(f"statuses: source: {source} reads no status; set listing: required")
        if not self.reads_listing:
            options = [("device_statuses", self.filters.device_statuses), ("online", self.online)]
            problems += [f"{name}: the device list is not read; set listing: required" for name, on in options if on]
        return problems


def check_options(given: Iterable[str], known: Collection[str]) -> None:
    """Raise InputError for unknown options, which Ansible itself ignores."""
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise InputError([f"unknown option {name!r}{hint(name, known)}" for name in unknown], "The configuration")


class InventoryDevices(NamedTuple):
    """The selected devices. `warnings`: probable mistakes. `remarks`: warnings about declared devices."""

    entries: list[Entry]
    warnings: list[str]
    remarks: list[str]


class Account(NamedTuple):
    """The history of the account, oldest line first, and its device list. None if not read."""

    lines: Sequence[Line] | None = None
    entries: Sequence[ListEntry] | None = None


def find_devices(settings: Settings, read_account: Callable[[Collection[str]], Account]) -> InventoryDevices:
    """Return the devices of an inventory.

    Args:
        settings: of the inventory.
        read_account: returns history and device list for declared identifiers. It is called after the file was read, so
            that mistakes in the file need no request.
    """
    fleet = (
        read_fleet(settings.src, settings.kind, settings.defaults, settings.names) if settings.src else Fleet([], [])
    )
    declared = {value for member in fleet.members for value in values_of(member.device)}
    account = read_account(declared) if settings.reads_history or settings.reads_listing else Account()
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
    warnings = [*words, *unmatched_filters(entries, settings.filters)]
    return InventoryDevices(select(entries, settings.filters), warnings, fleet.warnings)


def read_account(
    get: Callable[[str], Any], settings: Settings, declared: Collection[str] | None
) -> tuple[Account, list[str]]:
    """Return the whole history and the device list, as far as the settings need them, and warnings.

    Args:
        get: returns a connection option.
        settings: of the inventory.
        declared: only entries with these identifiers, or those of the history, are kept. None keeps all entries.

    Raises SentinelError.
    """
    lines: list[Line] | None = None
    entries: list[ListEntry] | None = None
    warnings: list[str] = []
    with closing(Session(ConnectionOptions.read(get))) as session:
        api = SentinelAPI(session)
        if settings.reads_history:
            lines, warnings = HistoryReader(api, api.reader.words, "full").read_all()
        if settings.reads_listing:
            every = declared is None or settings.source == LISTING
            wanted = None if every else {*(declared or ()), *_names_of(lines or ())}
            entries, more = ListingReader(api, settings.listing, FIELDS).read_entries(wanted, settings.online)
            warnings = [*warnings, *more]
    return Account(lines, entries), warnings


def _names_of(lines: Iterable[Line]) -> set[str]:
    """Return the identifiers and MDNs of lines, as the device list has them."""
    names = {value for line in lines for value in values_of(line)}
    return names.union(mdn_of(line.mdn) for line in lines if line.mdn)


# -- Cache -------------------------------------------------------------------------------------------------------------

_ACCOUNT = ("api_url", "corp_id", "api_username")


def _account(get: Callable[[str], Any]) -> list[Any]:
    """Return the identity of an account. Without a complete login, it includes a hash of the token."""
    known = [get(name) for name in _ACCOUNT]
    token = str(get("api_token") or "").strip()
    if token and not (get("api_username") and get("api_password")):
        known.append(hashlib.sha256(f"kajeet.sentinel inventory {token}".encode()).hexdigest())
    # With other field names, lines are read differently.
    return known + ([str(get("field_names"))] if get("field_names") else [])


def _requested(settings: Settings) -> dict[str, bool]:
    """Return the parts of the account that the settings need."""
    return {
        "history": settings.reads_history,
        "listing": settings.reads_listing,
        "online": settings.online,
    }


def to_cache(account: Account, settings: Settings, get: Callable[[str], Any]) -> dict[str, Any]:
    """Return an account as plain data for the cache, with its identity and the parts that were read."""
    lines, entries = account.lines, account.entries
    return {
        "account": _account(get),
        "asked": _requested(settings),
        "fields": list(Line._fields),
        "lines": None if lines is None else [list(line) for line in lines],
        "entry_fields": list(FIELDS),
        "entries": None if entries is None else [[getattr(entry, name) for name in FIELDS] for entry in entries],
    }


def from_cache(kept: Any, settings: Settings, get: Callable[[str], Any]) -> Account | None:
    """Return the account in the cache, or None if it is another account, another version, or lacks requested parts."""
    if not isinstance(kept, Mapping) or kept.get("account") != _account(get):
        return None
    if kept.get("fields") != list(Line._fields) or kept.get("entry_fields") != list(FIELDS):
        return None
    missing = [name for name, wanted in _requested(settings).items() if wanted and not kept["asked"].get(name)]
    lines, entries = kept["lines"], kept["entries"]
    if missing or (entries is None and settings.listing == REQUIRED):
        return None
    return Account(
        None if lines is None else [Line(*values) for values in lines],
        None if entries is None or not settings.reads_listing else [_entry(values) for values in entries],
    )


def _entry(values: Iterable[Any]) -> ListEntry:
    fields = dict(zip(FIELDS, values))
    return ListEntry(**{**fields, "labels": tuple(fields["labels"])})
