# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a fleet as plain values, as CSV and as JSON. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ...module_utils._report.files import csv_lines
from ...module_utils._report.result import RANK, summary_of
from ...module_utils._text import printable
from .entries import FIELDS, Entry, entries_of
from .figures import breakdown
from .head import Bill, Head, iso, time_of
from .times import statistics


class Report(NamedTuple):
    """A report. `plan`: whether the devices are those of a plan. `generated`: in UTC. `head`: of the run."""

    title: str
    generated: datetime
    plan: bool
    entries: list[Entry]
    head: Head = Head()

    def summary(self) -> dict[str, int]:
        """Return the number of devices by outcome, without empty ones. Outcomes with attention come first."""
        counts = Counter(entry["outcome"] for entry in self.entries)
        return summary_of(counts)


def make_report(
    devices: Any,
    title: str = "Fleet report",
    generated: str | None = None,
    plan: bool = False,
    result: Mapping[str, Any] | None = None,
) -> Report:
    """Return the report.

    Args:
        devices: as the activation modules return them, with `kind`, `nickname` and `seconds` if known.
        title: of the page.
        generated: time of the report, in ISO 8601 with a zone. The default is now.
        plan: whether the devices are those of a plan.
        result: the registered result of the activation, for the head of the report. See `Head.of`.

    Raises InputError if one of them is invalid.
    """
    entries = entries_of(devices)
    entries.sort(key=lambda entry: RANK[entry["outcome"]])
    moment = datetime.now(timezone.utc).replace(microsecond=0) if generated is None else time_of("generated", generated)
    return Report(printable(str(title)), moment, plan, entries, Head.of(result))


def as_csv(report: Report) -> str:
    """Return a CSV with one line per device, without formulas."""
    return "".join(csv_lines(FIELDS, report.entries))


def as_json(report: Report) -> str:
    """Return the figures and every device as JSON."""
    summary = report.summary()
    content = {
        "title": report.title,
        "generated": iso(report.generated),
        "plan": report.plan,
        "run": report.head.as_json(),
        "bill": Bill.of(summary)._asdict(),
        "devices_total": len(report.entries),
        "summary": summary,
        "carriers": [group.as_json() for group in breakdown(report.entries, "carrier", limit=None)],
        "device_groups": [group.as_json() for group in breakdown(report.entries, "device_group", limit=None)],
        "seconds": statistics(entry["seconds"] for entry in report.entries),
        "devices": report.entries,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
