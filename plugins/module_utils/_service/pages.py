# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a list page by page. The service may shift, repeat, limit or miscount pages. Pure: a function returns pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .._errors import UnexpectedAnswerError

T = TypeVar("T")

#: Maximum number of entries of a list.
MAX_ENTRIES = 5_000_000
#: Maximum number of consecutive pages without new entries. New entries move known ones to later pages, but hardly as
#: many.
STALE_PAGES = 10
#: Number of consecutive pages without new entries after which the offset advances by pages instead of entries.
_SMALL_STEPS = 3
#: Number of equal consecutive pages after which the service is considered to ignore the offset.
SAME_PAGES = 3
#: Maximum number of times that the end of a list is read again if the service reports more entries: new ones may have
#: been added to pages that were already read.
_MAX_END_READS = 2


def read_all(
    fetch: Callable[[int, int], tuple[Sequence[T], int | None]],
    identify: Callable[[T], str | None],
    size: int,
    call: str,
    max_entries: int = MAX_ENTRIES,
    whole: bool = False,
) -> Iterator[T]:
    """Yield every entry of a list once, in the order of the pages.

    Each page begins with the last entry of the previous one. If it does not, earlier entries were removed and the read
    goes back. The list ends at an empty page or one with only the known entry, not at a short page or the total.

    Args:
        fetch: offset and limit → the entries of the page, and the total if given.
        identify: returns the id of an entry. Entries without an id are ignored.
        size: entries per page.
        call: the call, for errors.
        max_entries: number of entries after which the list counts as endless.
        whole: advance in small steps, so that pages that begin before their offset hide nothing, and raise an error for
            a list that ends before its total. Some services return no pages beyond an offset.

    Raises UnexpectedAnswerError for an endless list, and if every offset returns the same pages.
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
    """Return the step to the next offset. A page that repeats the previous one covers less than its length."""
    if fresh:
        return max(1, fresh - is_first)
    return max(1, listed - 1) if stale > _SMALL_STEPS else 1


def _check_end(seen: int, max_entries: int, call: str) -> None:
    """Raise UnexpectedAnswerError for a list with too many entries."""
    if seen > max_entries:
        raise UnexpectedAnswerError(f"{call}: the list does not end after {seen} entries")


def _check_total(seen: int, total: int | None, call: str) -> None:
    """Raise UnexpectedAnswerError if the service reports more entries than it lists."""
    if total is not None and seen < total:
        raise UnexpectedAnswerError(
            f"{call}: the list is incomplete: the service reports {total} entries but lists {seen}",
            "If this total is the wrong field, set field_names: {total_count: NAME}.",
        )


def _check_whole(seen: int, length: int, total: int | None, size: int, call: str) -> None:
    """Raise UnexpectedAnswerError if repeated pages may be only a part of the list."""
    if seen >= total if total is not None else length > size:
        return
    of_total = f" of {total}" if total is not None else ""
    raise UnexpectedAnswerError(
        f"{call}: the service returns the same pages for every offset: {seen}{of_total} entries received, there may "
        "be more"
    )
