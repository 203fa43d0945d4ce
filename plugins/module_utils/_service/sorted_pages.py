# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a sorted list page by page, several pages at once, while entries come and go anywhere in it.

A page shows what is next to each other in the list at one moment. So two pages that share an entry leave nothing out
between them that was there all the time, whenever each of them was read. That is what this relies on: not on offsets,
and not on the order itself: how the service compares is not published. Pure: a function gives pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from .._errors import UnexpectedAnswerError
from .parallel import in_parallel

T = TypeVar("T")

#: Number of entries that a page shares with the one before it. If more than these go, pages are read again.
OVERLAP = 5
#: Maximum number of pages in a row that bring nothing new.
STALE_PAGES = 20
#: Maximum number of entries that a list is believed to have.
MAX_ENTRIES = 5_000_000


class PageReader(Generic[T]):
    """Reads a sorted list.

    Args:
        fetch: offset → the entries from there on, at most `size`, and the list's total where it is given.
        identify: an entry's identity. Entries of a page that have the same one are all read.
        call: the call, for errors.
        threads: how many pages are read at once.
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
        #: The lowest total that was given. Entries come and go, so a higher one may be out of date.
        self._total: int | None = None
        self._longest = 0

    def entries(self) -> Iterator[T]:
        """Yield each entry once, in the order in which the pages bring them.

        Raises UnexpectedAnswerError at the end where the list is not whole.
        """
        seen: set[str] = set()
        offset = stale = 0
        back = 1  # pages to go back: further each time, as any number of entries may have gone
        while True:
            page, is_ahead = self._page(offset)
            named = _named(page, self._identify)
            fresh = {name: entry for name, entry in named.items() if name not in seen}
            is_linked = offset == 0 or len(fresh) < len(named)
            is_end = is_linked and not fresh and len(page) <= OVERLAP
            if is_ahead and (is_end or not is_linked):
                continue  # the next look at this offset is a new one
            if is_end:
                break
            stale = 0 if fresh and is_linked else stale + 1
            if stale > STALE_PAGES:
                break
            if not is_linked:  # what was next has moved up, or the list ends before
                offset = max(0, offset - back * max(1, self._longest - OVERLAP))
                back *= 2
                continue
            back = 1
            seen.update(fresh)
            yield from fresh.values()
            if len(seen) > MAX_ENTRIES:
                raise UnexpectedAnswerError(f"{self._call}: the list does not end: it has {len(seen)} entries and more")
            offset += max(1, len(page) - OVERLAP)
        self._check_whole(len(seen), stale > STALE_PAGES)

    def _page(self, offset: int) -> tuple[Sequence[T], bool]:
        """Return the page at an offset, and whether it was read ahead; a page that was is given once."""
        if offset in self._ahead:
            return self._ahead.pop(offset), True
        step = self._longest - OVERLAP
        offsets = [offset]
        if step > 0 and self._total is not None:
            # The last page is not read ahead: what ends the list is believed only when it is its turn.
            offsets += [later for n in range(1, self._threads) if (later := offset + n * step) + OVERLAP < self._total]
        pages = list(in_parallel(self._fetch, offsets, self._threads, self._stop))
        totals = [total for _page, total in pages if total is not None]
        if totals:
            self._total = min(totals) if self._total is None else min(self._total, *totals)
        self._longest = max(self._longest, *(len(page) for page, _total in pages))
        self._ahead = dict(zip(offsets[1:], (page for page, _total in pages[1:])))
        return pages[0][0], False

    def _check_whole(self, seen: int, repeats: bool) -> None:
        """Raise UnexpectedAnswerError where the service counts more entries than it shows, or repeats its pages."""
        if self._total is not None and seen < self._total:
            raise UnexpectedAnswerError(
                f"{self._call}: the list is not whole: the service counts {self._total} entries and shows {seen}",
                "If that count is of something else, name the right one: field_names: {total_count: NAME}.",
            )
        if self._total is None and repeats:
            raise UnexpectedAnswerError(
                f"{self._call}: the service repeats its pages whatever the offset: {seen} entries came, and there may "
                "be more"
            )


def _named(page: Sequence[T], identify: Callable[[T], str]) -> dict[str, T]:
    """Return the entries of a page by identity. The second of the same one has a number."""
    found: dict[str, T] = {}
    times: Counter[str] = Counter()
    for entry in page:
        name = identify(entry)
        times[name] += 1
        found[name if times[name] == 1 else f"{name}#{times[name]}"] = entry
    return found
