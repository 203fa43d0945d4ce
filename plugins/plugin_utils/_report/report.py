# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a fleet: what the activation modules say about its devices; as a CSV, and as JSON. `page` shows it.

Pure: the same devices, title and time make the same text.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ...module_utils._errors import InputError
from ...module_utils._report.files import csv_lines
from ...module_utils._report.result import RANK, summary_of
from ...module_utils._text import printable
from .entries import FIELDS, Entry, entries_of
from .figures import breakdown
from .times import statistics


class Report(NamedTuple):
    """What is reported. `plan`: whether it is about what a run would do; `generated`: in UTC."""

    title: str
    generated: datetime
    plan: bool
    entries: list[Entry]

    def summary(self) -> dict[str, int]:
        """How many devices have each outcome that there is; what needs attention comes first."""
        counts = Counter(entry["outcome"] for entry in self.entries)
        return summary_of(counts)


def make_report(devices: Any, title: str = "Fleet report", generated: str | None = None, plan: bool = False) -> Report:
    """The report.

    Args:
        devices: as the activation modules return them, with `kind`, `nickname` and `seconds` where they are known.
        title: of the page.
        generated: the time that the report states, ISO 8601 with its zone; now where it is missing.
        plan: whether it is about what a run would do.

    Raises InputError where the devices or the time cannot be understood.
    """
    entries = entries_of(devices)
    entries.sort(key=lambda entry: RANK[entry["outcome"]])
    return Report(printable(str(title)), _time(generated), plan, entries)


def _time(text: str | None) -> datetime:
    if text is None:
        return datetime.now(timezone.utc).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError([f"generated: {text!r} is no time with a zone, such as 2026-01-31T12:00:00Z"])
    return moment.astimezone(timezone.utc)


def as_csv(report: Report) -> str:
    """Every device, a line each. What a spreadsheet would take for a formula is kept from being one."""
    return "".join(csv_lines(FIELDS, report.entries))


def as_json(report: Report) -> str:
    """The figures and every device."""
    content = {
        "title": report.title,
        "generated": report.generated.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "plan": report.plan,
        "devices_total": len(report.entries),
        "summary": report.summary(),
        "carriers": [group.as_json() for group in breakdown(report.entries, "carrier", limit=None)],
        "device_groups": [group.as_json() for group in breakdown(report.entries, "device_group", limit=None)],
        "seconds": statistics(entry["seconds"] for entry in report.entries),
        "devices": report.entries,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
