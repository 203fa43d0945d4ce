# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the status word of a listed device means. The words are those of the contract [P, A]."""

from __future__ import annotations

import re
from functools import lru_cache

ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"
STATUSES = (ACTIVE, SUSPENDED, DEACTIVATED)
#: A word that says nothing about whether the device is active.
OTHER = "other"

_WORDS = {
    ACTIVE: ("active",),
    SUSPENDED: ("suspended", "suspend", "paused", "hibernated", "summersuspended"),
    DEACTIVATED: (
        "deactivated", "deactive", "inactive", "cancelled", "canceled", "disconnected", "terminated", "retired",
    ),
}  # fmt: skip
_STATES = {word: state for state, words in _WORDS.items() for word in words}


@lru_cache(maxsize=256)
def state_of(word: str) -> str:
    """Return the state that a word stands for, compared without case and punctuation; ``other`` where none is known."""
    return _STATES.get(re.sub(r"[\W_]", "", word).lower(), OTHER)
