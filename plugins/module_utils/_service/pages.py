# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a list page by page from a service that may shift, repeat, cap or miscount it. Pure: a function gives pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .._errors import UnexpectedAnswerError

T = TypeVar("T")

#: The most entries that a list is believed to have.
MAX_ENTRIES = 5_000_000
#: So many pages in a row may bring nothing new. Entries that arrive while we read push known ones into later pages, but
#: hardly so many.
STALE_PAGES = 10
#: Pages in a row without anything new after which the read goes on by pages instead of entries.
_SMALL_STEPS = 3
#: So many pages in a row may be the same before the service is taken to ignore the offset.
SAME_PAGES = 3
#: How many times the end of a list that has to be whole is read again where the service counts more entries: some may
#: have come where the read had passed already, by pages that repeat those before them.
_MAX_END_READS = 2


def read_all(
    fetch: Callable[[int, int], tuple[Sequence[T], int | None]],
    identify: Callable[[T], str | None],
    size: int,
    call: str,
    max_entries: int = MAX_ENTRIES,
    whole: bool = False,
) -> Iterator[T]:
    """Every entry of a list once, in the order in which the pages bring them.

    A page begins with the last entry of the one before. One with nothing that is known sends the read back: entries
    before it have gone. A page that is empty, or has that one entry alone, is the end; a short page, or the total, no.

    Args:
        fetch: offset and limit → the page's entries, and the total where it is told.
        identify: an entry's id; one without an id is ignored, as nobody could tell it from another.
        size: entries to ask for in one page.
        call: the call, for errors.
        longest: entries after which the list counts as endless.
        whole: read on with small steps, so that pages which begin before their offset hide nothing, and take a list
            that ends before its total for an error: services that give no pages beyond some offset are known.

    Raises UnexpectedAnswerError for an endless list, and where the same pages come for every offset.
    """
    seen, before = set[str](), list[str]()
    offset = stale = same = looks = 0
    while True:
        page, total = fetch(offset, size)
        entries = {name: entry for name, entry in ((identify(entry), entry) for entry in page) if name is not None}
        ids = list(entries)
        fresh = [name for name in ids if name not in seen]
        if not page or (seen and ids == before[-1:] and len(before) > 1):
            if whole and len(seen) < (total or 0) and looks < _MAX_END_READS:
                looks, offset, before = looks + 1, max(0, len(seen) - 1), []
                continue
            _check_total(len(seen), total if whole else None, call)
            return
        if len(fresh) == len(ids) and len(before) > 1 and offset > 0:
            offset = max(0, offset - max(1, len(ids) - 1))
            continue
        seen.update(fresh)
        yield from (entries[name] for name in fresh)
        _check_end(len(seen), max_entries, call)
        stale = 0 if fresh else stale + 1
        same = same + 1 if ids == before and not fresh else 0
        if same >= SAME_PAGES or stale >= STALE_PAGES:
            _check_whole(len(seen), len(page), total, size, call)
            return
        offset += _small_step(len(ids), len(fresh), not before, stale) if whole else max(1, len(ids) - 1)
        before = ids


def _small_step(listed: int, fresh: int, is_first: bool, stale: int) -> int:
    """How far to go by what was new: a page that repeats the one before it reaches less far than its length says."""
    if fresh:
        return max(1, fresh - is_first)
    return max(1, listed - 1) if stale > _SMALL_STEPS else 1


def _check_end(seen: int, max_entries: int, call: str) -> None:
    """Raises UnexpectedAnswerError where a list is longer than any."""
    if seen > max_entries:
        raise UnexpectedAnswerError(f"{call}: the list does not end: it has {seen} entries and more")


def _check_total(seen: int, total: int | None, call: str) -> None:
    """Raises UnexpectedAnswerError where the service counts more entries than it shows."""
    if total is not None and seen < total:
        raise UnexpectedAnswerError(
            f"{call}: the list is not whole: the service counts {total} entries and shows {seen}",
            "If that count is of something else, name the right one: field_names: {total_count: NAME}.",
        )


def _check_whole(seen: int, length: int, total: int | None, size: int, call: str) -> None:
    """Raises UnexpectedAnswerError where pages that repeat may be only a part of the list."""
    if seen >= total if total is not None else length > size:
        return
    told = f" of {total}" if total is not None else ""
    raise UnexpectedAnswerError(
        f"{call}: the service repeats its pages whatever the offset: {seen}{told} entries came, and there may be more"
    )
