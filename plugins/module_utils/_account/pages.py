# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether a list obeys `limit`, `offset` and `sortDir`, by two pages of one entry."""

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
        size: the limit of the first page.
        fetch: offset, limit, direction → the ids of a page.
        directions: the direction of the first page, and the opposite one.

    Returns the known facts. A failed page adds none.
    """
    paging = Paging(limit=False if len(first) > size else None)
    if len(first) < 2 or len(set(first)) < 2:
        return paging
    try:
        second = fetch(1, 1, directions[0])
        other = fetch(0, 1, directions[1])
    except SentinelError:
        return paging
    if second and paging.limit is None and (len(second) > 1 or len(first) > 2):
        paging.limit = len(second) == 1
    if second[:1] == list(first[1:2]):
        paging.offset = True
    elif second[:1] == list(first[:1]):
        paging.offset = False
    if other:
        paging.sort_dir = other[0] != first[0]
    return paging
