# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device list of the account, and the status of its devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from .. import _wire
from .._errors import RefusedError, ServiceError, UnexpectedAnswerError
from .._text import fold
from .._wire import devices as wire
from .downloads import Downloads, peeked
from .sorted_pages import PageReader

T = TypeVar("T")

#: Maximum number of times that the pages are read if concurrent changes leave the list incomplete.
_MAX_READS = 2


class Listings(Downloads):
    """The device list. The error for a list without a match [C] is read as an empty list."""

    def listing_export(
        self,
        corp_id: str,
        read: Callable[[Iterator[_wire.Entry]], T],
        columns: Iterable[str] = wire.LEAN,
        search: str | None = None,
        wanted: Iterable[str] | None = None,
        mdns: Iterable[str] = (),
        oddities: _wire.Oddities | None = None,
    ) -> T:
        """Download the list in one request [P], and return the result of `read`.

        A download without a last line end may be cut off at the same place each time. It is complete only if it has as
        many lines as the pages report, and its last line has a cell for each column.

        Args:
            corp_id: the account.
            read: receives the entries in the order of the service; called again if the download breaks off.
            columns: our names of the requested fields. Fields without a column are left out.
            search: only devices that the service finds by this text.
            wanted, mdns: only entries with one of these identifiers or MDNs (521-267-1508); None: all entries.
            oddities: collects invalid values of identifier columns.
        """
        path, call = _path(corp_id), f"GET {wire.DEVICES}/{{corpId}} (CSV)"
        keys = None if wanted is None else frozenset((*wanted, *mdns))
        by_mdn = bool(frozenset(mdns))

        def read_rows(table: _wire.Table | None) -> T:
            if oddities is not None:
                oddities.clear()
            if table is None:
                self._check_no_entries(corp_id, search, call)
                return read(iter(()))
            entries = _wire.EntryReader(self.reader, table, call, oddities, by_mdn)
            entries.rows, rows = peeked(entries.rows)
            if not rows:
                self._check_no_entries(corp_id, search, call)
            return read(entries.records() if keys is None else entries.records_with(keys))

        def read_text(text: Iterator[str]) -> T:
            return _wire.read_table(text, call, read_rows)

        names = [wire.COLUMNS[field] for field in columns if field in wire.COLUMNS]
        query = {"export": "CSV", "columns": ",".join(names) or None, "searchValue": search}
        try:
            return self._csv(path, query, read_text, is_whole=lambda lines: self._total(corp_id, search) == lines)
        except (RefusedError, ServiceError) as error:
            if not _is_no_devices(error):
                raise
            return read(iter(()))

    def listing_page(
        self,
        corp_id: str,
        offset: int = 0,
        limit: int = wire.PAGE_SIZE,
        search: str | None = None,
        oddities: _wire.Oddities | None = None,
    ) -> tuple[list[_wire.Entry], int | None]:
        """Return a page of the list, sorted by MDN, and the total number of entries, if given."""
        query = {"offset": offset, "limit": limit, "sort": wire.SORT, "sortDir": "ASC", "searchValue": search}
        try:
            answer = self.session.get(_path(corp_id), query)
        except (RefusedError, ServiceError) as error:
            if not _is_no_devices(error):
                raise
            return [], None

        def read(answer: object, call: str) -> list[_wire.Entry]:
            return self.reader.entries_of(answer, call, oddities)

        entries = self._parse(read, answer, f"GET {wire.DEVICES}/{{corpId}}")
        return entries, self.reader.total_of(answer)

    def listing_pages(
        self,
        corp_id: str,
        read: Callable[[Iterator[_wire.Entry]], T],
        search: str | None = None,
        oddities: _wire.Oddities | None = None,
    ) -> T:
        """Read the whole list from its pages, several at once, and return the result of `read` for its entries.

        Concurrent additions and removals neither hide nor duplicate other entries. The pages have no ICCID [P].

        Raises UnexpectedAnswerError if the list is incomplete after a second read, for which `read` is called again.
        """

        def page(offset: int) -> tuple[Sequence[_wire.Entry], int | None]:
            return self.listing_page(corp_id, offset, search=search, oddities=oddities)

        for later in reversed(range(_MAX_READS)):
            if oddities is not None:
                oddities.clear()
            call = f"GET {wire.DEVICES}/{{corpId}}"
            pages = PageReader(page, _identity, call, self.session.concurrency, self.session.stop)
            try:
                return read(pages.entries())
            except UnexpectedAnswerError:
                if not later:
                    raise
        raise AssertionError("the last read returns or raises")

    def device_statuses(self, corp_id: str) -> list[str]:
        """Return the possible statuses of devices of this account, in the words of the service [P]."""
        path = f"{_path(corp_id)}/status"
        answer = self.session.get(path, scope=wire.SCOPE_DEVICE_STATUSES)
        return self._parse(self.reader.statuses_of, answer, f"GET {wire.DEVICES}/{{corpId}}/status")

    def set_device_status(
        self,
        corp_id: str,
        mdns: Sequence[str],
        status: str,
        reason: str | None = None,
        about_to_send: Callable[[], None] = lambda: None,
    ) -> None:
        """Set the status of devices. Repeating the request does no harm.

        Args:
            corp_id: the account.
            mdns: MDNs as the list has them, at most `STATUS_BATCH`.
            status: one of `device_statuses`.
            reason: the reason, or None.
            about_to_send: called before each time that the request is sent.
        """
        body = _wire.status_body(mdns, status, reason)
        self.session.put(f"{_path(corp_id)}/status", body, wire.SCOPE_DEVICE_STATUSES, about_to_send)

    def _total(self, corp_id: str, search: str | None) -> int | None:
        """Return the total number of devices that the pages report, or None."""
        return self.listing_page(corp_id, limit=1, search=search)[1]

    def _check_no_entries(self, corp_id: str, search: str | None, call: str) -> None:
        """Raise UnexpectedAnswerError for an empty export of an account with devices."""
        page, _total = self.listing_page(corp_id, limit=1, search=search)
        if page:
            raise UnexpectedAnswerError(f"{call}: the answer is empty, but the account has devices")


def _path(corp_id: str) -> str:
    return f"{wire.DEVICES}/{quote(corp_id, safe='')}"


def _is_no_devices(error: RefusedError | ServiceError) -> bool:
    return wire.NO_DEVICES in fold(error.message)


def _identity(entry: _wire.Entry) -> str:
    """Return the identity of an entry: its MDN and identifiers, or the whole entry without any."""
    named = (entry.mdn or "", *(getattr(entry, field) or "" for field in _wire.IDENTIFIERS))
    return "|".join(named) if any(named) else repr(entry)
