# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of devices that the account has now: its paths, its fields, its status words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._text import fold, word_set
from .envelopes import flat, is_aside, lists_in
from .identifiers import clean
from .names import Names, Path
from .rules import LINE_RULES, Rule

DEVICES = "/v1.0/devices"  # [P]
#: [P] What the possible statuses need; any of them is enough.
SCOPE_DEVICE_STATUSES = "org_super, org_tech, org_kajeetmanaged or org_managerplus"
#: [C] What a listing without a match is refused with, folded.
NO_DEVICES = "nodevicesfound"

#: A device has the fields of a line, but none of a transaction.
DEVICE_RULES: dict[str, Rule] = {
    field: rule for field, rule in LINE_RULES.items() if field not in ("transaction_id", "reason", "started")
}
#: Words that say nothing of the status: "Device active".
_NEUTRAL = re.compile(r"(?i)\b(?:device|line|sim|status|is)\b")
ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"
#: `active` and `suspended` are published [P], the others not [A]. Folded.
_WORDS: dict[str, frozenset[str]] = {
    ACTIVE: word_set("active activated"),
    SUSPENDED: word_set("suspended suspend paused hibernated summersuspended"),
    DEACTIVATED: word_set("deactivated deactive inactive cancelled canceled disconnected terminated retired"),
}


class DeviceStatuses:
    """Sorts the statuses of listed devices.

    Args:
        more: the option `status_words`; its keys `active`, `suspended` and `deactivated` are used.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        self._states = {word: state for state, words in _WORDS.items() for word in words}
        for state in _WORDS:
            self._states.update(dict.fromkeys(map(fold, (more or {}).get(state) or ()), state))

    def read(self, word: str | None) -> str | None:
        """Return `active`, `suspended` or `deactivated`; None for a word that says none of them."""
        text = word or ""
        return self._states.get(fold(text)) or self._states.get(fold(_NEUTRAL.sub("", text)))


def best_list(names: Names, answer: Any, table: Mapping[str, Rule]) -> tuple[Path, list[Mapping[str, Any]]] | None:
    """Return the list of objects with most of a table's fields, and the keys that lead to it; None without a list."""
    best: tuple[int, Path, list[Mapping[str, Any]]] | None = None
    for path, items in lists_in(answer).items():
        objects = [item for item in items if isinstance(item, Mapping)]
        if not objects or len(objects) < len(items) or is_aside(path[-1:]):
            continue
        known = list(dict.fromkeys(name for item in objects for name, _value in flat(item)))
        fields = len(names.find(known, table))
        if best is None or fields > best[0]:
            best = fields, path, objects
    return None if best is None else best[1:]


def possible_statuses(answer: Any) -> list[str] | None:
    """Return the statuses that devices may have: a list of words, or of objects with one [A]. None: no list."""
    for path, items in lists_in(answer).items():
        words = [_word(item) for item in items]
        if not is_aside(path[-1:]) and all(words):
            return [str(word) for word in words]
    return None


def _word(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return clean(item)
    texts = [clean(value) for _path, value in flat(item) if isinstance(value, str)]
    return texts[0] if texts else None
