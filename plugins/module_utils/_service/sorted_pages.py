# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a sorted list page by page, several pages at once, while entries are added and removed anywhere in it.

A page has adjacent entries of the list at one moment. Two pages that share an entry therefore miss no permanent entry
between them, whenever they were read. The reader relies only on this, not on offsets or on the order, because the sort
order of the service is not published. Pure: a function returns pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from .._errors import UnexpectedAnswerError
from .parallel import in_parallel

T = TypeVar("T")

#: Number of entries that a page shares with the previous one. If more are removed, pages are read again.
OVERLAP = 5
#: Maximum number of consecutive pages without new entries.
STALE_PAGES = 20
#: Maximum number of entries of a list.
MAX_ENTRIES = 5_000_000


class PageReader(Generic[T]):
    """Reads a sorted list.

    Args:
        fetch: offset → the entries from this offset, and the total if given.
        identify: returns the identity of an entry. Entries of one page with the same identity are all read.
        call: the call, for errors.
        threads: maximum number of pages that are read at once.
        stop: ends calls that wait, see `in_parallel`.
    """

    def __init__(
        self,
        fetch: Callable[[int], tuple[Sequence[T], int | None]],
        identify: Callable[[T], str],
        call: str,
        threads: int = 1,
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._fetch = fetch
        self._identify = identify
        self._call = call
        self._threads = threads
        self._stop = stop
        #: Pages that were read ahead, by offset.
        self._ahead: dict[int, Sequence[T]] = {}
        #: The lowest reported total. A higher one may be out of date.
        self._total: int | None = None
        self._longest = 0

    def entries(self) -> Iterator[T]:
        """Yield each entry once, in the order of the pages.

        Raises UnexpectedAnswerError at the end if the list is incomplete.
        """
        seen: set[str] = set()
        offset = stale = 0
        back = 1  # pages to go back: more each time, because any number of entries may have been removed
        while True:
            page, is_ahead = self._page(offset)
            named = _named(page, self._identify)
            fresh = {name: entry for name, entry in named.items() if name not in seen}
            is_linked = offset == 0 or len(fresh) < len(named)
            is_end = is_linked and not fresh and len(page) <= OVERLAP
            if is_ahead and (is_end or not is_linked):
                continue  # read this offset again
            if is_end:
                break
            stale = 0 if fresh and is_linked else stale + 1
            if stale > STALE_PAGES:
                break
            if not is_linked:  # the next entries moved to a lower offset, or the list ends earlier
                offset = max(0, offset - back * max(1, self._longest - OVERLAP))
                back *= 2
                continue
            back = 1
            seen.update(fresh)
            yield from fresh.values()
            if len(seen) > MAX_ENTRIES:
                raise UnexpectedAnswerError(f"{self._call}: the list does not end after {len(seen)} entries")
            offset += max(1, len(page) - OVERLAP)
        self._check_whole(len(seen), stale > STALE_PAGES)

    def _page(self, offset: int) -> tuple[Sequence[T], bool]:
        """Return the page at an offset, and whether it was read ahead. A page that was read ahead is returned once."""
        if offset in self._ahead:
            return self._ahead.pop(offset), True
        step = self._longest - OVERLAP
        offsets = [offset]
        if step > 0 and self._total is not None:
            # The last page is not read ahead, because the end of the list must be current.
            offsets += [later for n in range(1, self._threads) if (later := offset + n * step) + OVERLAP < self._total]
        pages = list(in_parallel(self._fetch, offsets, self._threads, self._stop))
        totals = [total for _page, total in pages if total is not None]
        if totals:
            self._total = min(totals) if self._total is None else min(self._total, *totals)
        self._longest = max(self._longest, *(len(page) for page, _total in pages))
        self._ahead = dict(zip(offsets[1:], (page for page, _total in pages[1:])))
        return pages[0][0], False

    def _check_whole(self, seen: int, repeats: bool) -> None:
        """Raise UnexpectedAnswerError if the service reports more entries than it lists, or repeats its pages."""
        if self._total is not None and seen < self._total:
            raise UnexpectedAnswerError(
                f"{self._call}: the list is incomplete: the service reports {self._total} entries but lists {seen}",
                "If this total is the wrong field, set field_names: {total_count: NAME}.",
            )
        if self._total is None and repeats:
            raise UnexpectedAnswerError(
                f"{self._call}: the service returns the same pages for every offset: {seen} entries received, "
                "there may be more"
            )


def _named(page: Sequence[T], identify: Callable[[T], str]) -> dict[str, T]:
    """Return the entries of a page by identity. Repeated identities are numbered."""
    named: dict[str, T] = {}
    times: Counter[str] = Counter()
    for entry in page:
        name = identify(entry)
        times[name] += 1
        named[name if times[name] == 1 else f"{name}#{times[name]}"] = entry
    return named
