# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state that the status word of a listed device means. The words are those of the contract [P, A]."""

from __future__ import annotations

import re
from functools import lru_cache

ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"
STATUSES = (ACTIVE, SUSPENDED, DEACTIVATED)
#: The state of an unknown status word.
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
    """Return the state that a word means; ``other`` if it is unknown. Case and punctuation are ignored."""
    return _STATES.get(re.sub(r"[\W_]", "", word).lower(), OTHER)
