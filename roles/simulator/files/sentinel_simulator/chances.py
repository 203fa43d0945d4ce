# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random numbers derived from keys: the same for the same device, regardless of the order of the requests."""

from __future__ import annotations

from hashlib import blake2b
from struct import unpack

_WHOLE = float(2**64)


def chances(*words: object, count: int = 1) -> tuple[float, ...]:
    """Return ``count`` (at most 8) numbers from 0 to 1. Much faster than seeding a generator for each device."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=8 * count).digest()
    return tuple(number / _WHOLE for number in unpack(f">{count}Q", digest))


def between(chance: float, span: tuple[float, float]) -> float:
    """Return the value in a span that corresponds to a chance from 0 to 1."""
    return span[0] + (span[1] - span[0]) * chance
