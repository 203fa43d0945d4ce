# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a list obeys `limit`, `offset` and `sortDir`, by two pages of one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._errors import SentinelError
from .seen import Paging


def paging_of(
    first: Sequence[str],
    size: int,
    fetch: Callable[[int, int, str], Sequence[str]],
    directions: tuple[str, str] = ("DESC", "ASC"),
) -> Paging:
    """Compare small pages with the first one.

    Args:
        first: the ids of the first page, from offset 0, in the first direction.
        size: the limit that it was asked with.
        fetch: offset, limit, direction → the ids of a page.
        directions: that of the first page, and the opposite.

    Returns what can be told. A page that fails tells nothing.
    """
    found = Paging(limit=False if len(first) > size else None)
    if len(first) < 2 or len(set(first)) < 2:
        return found
    try:
        second = fetch(1, 1, directions[0])
        other = fetch(0, 1, directions[1])
    except SentinelError:
        return found
    if second and found.limit is None and (len(second) > 1 or len(first) > 2):
        found.limit = len(second) == 1
    if second[:1] == list(first[1:2]):
        found.offset = True
    elif second[:1] == list(first[:1]):
        found.offset = False
    if other:
        found.sort_dir = other[0] != first[0]
    return found
