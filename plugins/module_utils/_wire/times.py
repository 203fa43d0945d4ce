# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in the formats of the service."""

from __future__ import annotations

import re

_AMERICAN = re.compile(r"(0?[1-9]|1[0-2])/(\d{1,2})/(\d{4}) (0?[1-9]|1[0-2]):(\d{2}):(\d{2}) ([AaPp][Mm])$")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})")


def start_of(started: str | None) -> tuple[int, ...] | None:
    """Return a start as a sortable tuple: year, month, day, hour, minute, second. None if it cannot be read.

    [I] The format is ``MM/dd/yyyy hh:mm:ss AM`` in the user's time zone; ISO 8601 is accepted as well. Only the order
    matters, and a history has one time zone. Not by strptime, which reads AM and PM by the locale.
    """
    text = started or ""
    american = _AMERICAN.match(text)
    if american:
        month, day, year, hour, minute, second = map(int, american.groups()[:6])
        return (year, month, day, hour % 12 + (12 if american[7].upper() == "PM" else 0), minute, second)
    iso = _ISO.match(text)
    return tuple(map(int, iso.groups())) if iso else None
