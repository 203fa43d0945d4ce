# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device list of the account: paths, fields and status words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._text import fold, word_set
from .envelopes import flat, is_aside, lists_in
from .identifiers import clean
from .names import Names, Path
from .rules import DETAIL_RULES, LINE_RULES, Rule

DEVICES = "/v1.0/devices"  # [P]
#: Maximum number of entries per page [P].
PAGE_SIZE = 100
#: Sort key of the pages: MDN is a published sort key [P], and rarely changes.
SORT = "MDN"
#: [P] Scopes for the possible statuses; one of them is enough.
SCOPE_DEVICE_STATUSES = "org_super, org_tech, org_kajeetmanaged or org_managerplus"
#: Maximum number of MDNs per status request [A].
STATUS_BATCH = 100
#: [C] Error text of a list without a match, folded.
NO_DEVICES = "nodevicesfound"

#: Fields of a device: those of a line without those of a transaction.
DEVICE_RULES: dict[str, Rule] = {
    field: rule for field, rule in LINE_RULES.items() if field not in ("transaction_id", "reason", "started")
}
#: Fields of an entry of the device list.
ENTRY_RULES: dict[str, Rule] = {
    **{field: rule for field, rule in DEVICE_RULES.items() if field != "service_zip_code"},
    **DETAIL_RULES,
}
#: Our field → its column in the CSV [P]. The CSV has no columns for `online`, `sim_id` and `ip`.
COLUMNS: dict[str, str] = {
    "mdn": "MDN",
    "imei": "IMEI",
    "iccid": "UICC",
    "eid": "EID",
    "status": "STATUS",
    "carrier": "NETWORK",
    "device_group": "CORP_ID",
    "filter_group": "FILTER_GROUP",
    "nickname": "NICKNAME",
    "device_group_name": "CORP_DESCRIPTION",
    "plan_id": "VERIZON_BI_PLAN_ID",
    **{
        field: field.upper()
        for field in (
            *("device_name", "last_30_days_used", "monthly_amount_used", "day_amount_used", "monthly_limit"),
            *("daily_limit", "labels", "media_center_status", "summer_status", "effective_vpn_status", "note", "apn"),
            *("mdn_custom_field", "mac", "oem_serial_number", "name", "description", "sim_type"),
        )
    },
}
#: Fields that a plan needs: identifiers, status, and fields that may differ from the declared ones.
LEAN = ("mdn", "imei", "iccid", "eid", "status", "carrier", "device_group", "filter_group", "nickname")
#: Words without a meaning for the status, as in "Device active".
_NEUTRAL = re.compile(r"(?i)\b(?:device|line|sim|status|is)\b")
#: Maximum number of cached words.
_MAX_WORDS = 1000
ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"
#: `active` and `suspended` are published [P], the other words are not [A]. Folded.
_WORDS: dict[str, frozenset[str]] = {
    ACTIVE: word_set("active activated"),
    SUSPENDED: word_set("suspended suspend paused hibernated summersuspended"),
    DEACTIVATED: word_set("deactivated deactive inactive cancelled canceled disconnected terminated retired"),
}


class DeviceStatuses:
    """Classifies the statuses of listed devices.

    Args:
        more: the option `status_words`; its keys `active`, `suspended` and `deactivated` are used.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        self._states = {word: state for state, words in _WORDS.items() for word in words}
        for state in _WORDS:
            self._states.update(dict.fromkeys(map(fold, (more or {}).get(state) or ()), state))
        self._known: dict[str, str | None] = {}

    def read(self, word: str | None) -> str | None:
        """Return `active`, `suspended` or `deactivated`, or None for an unknown word."""
        text = word or ""
        if text in self._known:
            return self._known[text]
        state = self._states.get(fold(text)) or self._states.get(fold(_NEUTRAL.sub("", text)))
        if len(self._known) < _MAX_WORDS:  # a column with more words has free text
            self._known[text] = state
        return state


def best_list(names: Names, answer: Any, table: Mapping[str, Rule]) -> tuple[Path, list[Mapping[str, Any]]] | None:
    """Return the list of objects with most fields of a table, and its path; None without a list."""
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
    """Return the possible statuses of devices, from a list of words or of objects with a word [A]; None without a list.

    An empty list, such as a list of messages, counts only if it is the only one.
    """
    lists = [[_word(item) for item in items] for path, items in lists_in(answer).items() if not is_aside(path[-1:])]
    readable = [[str(word) for word in words] for words in lists if all(words)]
    return next(filter(None, readable), readable[0] if readable else None)


def _word(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return clean(item)
    texts = [clean(value) for _path, value in flat(item) if isinstance(value, str)]
    return texts[0] if texts else None
