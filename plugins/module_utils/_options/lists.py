# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that map names to lists of strings: `field_names` and `status_words`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._text import hint

#: Keys of `field_names`: fields of lines, transactions and listed devices, and other fields of answers.
FIELDS = (
    *("imei", "iccid", "eid", "sim_id", "transaction_id", "status", "reason", "carrier", "device_group"),
    *("filter_group", "service_zip_code", "mdn", "ip", "nickname", "started", "plan_id"),
    *("total", "success", "failed", "pending", "total_count"),
    *("available", "max_per_request", "count", "token", "corp_id"),
    *("device_name", "device_group_name", "online", "last_30_days_used", "monthly_amount_used", "day_amount_used"),
    *("monthly_limit", "daily_limit", "labels", "media_center_status", "summer_status", "effective_vpn_status"),
    *("note", "apn", "mdn_custom_field", "mac", "oem_serial_number", "name", "description", "sim_type"),
)
#: Keys of `status_words`. The last three are for the device list.
STATUS_WORDS_KEYS = ("success", "failed", "active", "suspended", "deactivated")


def read_lists(option: str, value: Any, known: Sequence[str], problems: list[str]) -> dict[str, list[str]]:
    """Return a mapping of lists, given as a mapping or as JSON. A single string is a list of one.

    Problems with it are added to `problems`.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except ValueError as error:
            problems.append(f'{option}: is not valid JSON ({error}); write it like {{"{known[0]}": [...]}}')
            return {}
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{option}: must be a mapping of names to lists")
        return {}
    read: dict[str, list[str]] = {}
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        problems += [f"{option}: unknown key '{name}'{hint(name, known)}" for name in unknown]
    for name, listed in value.items():
        texts = [listed] if isinstance(listed, (str, int, float)) and not isinstance(listed, bool) else listed or []
        if not isinstance(texts, (list, tuple)) or any(isinstance(text, (dict, list, tuple)) for text in texts):
            problems.append(f"{option}: {name} must be a string or a list of strings")
        elif str(name) in known:
            read[str(name)] = [str(text) for text in texts]
    return read
