# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a fleet as a page: one file that needs no other."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .entries import ATTENTION, LABELS, Entry
from .figures import breakdown, causes_of, segments
from .report import Report
from .times import SPLIT, distribution, in_words

#: So many rows the page has before its script runs, and shows at once afterwards.
PAGE_SIZE = 100
#: What to do about the devices of an outcome, for someone who did not write the playbook.
CURES = {
    "failed": "Correct what the reason names, then run the same task again: it submits these devices again.",
    "conflict": "Find out which pair of identifiers is right and correct the other one, or set on_conflict.",
    "suspended": "Set on_suspended to restore to have these devices restored, or restore them in the portal.",
    "deactivated": "Set on_deactivated to activate to have these devices activated again, which is billed.",
    "unknown": "Run the same task again: it looks for these devices first, and submits only those that are not there.",
    "pending": "Nothing is wrong yet: run the same task again, and it goes on waiting without submitting them anew.",
}
#: What check mode foresees, as the page's first sentence has it.
_PLANNED = {"would_activate": "activated", "would_restore": "restored"}
#: What the columns of the page are called, in their order. Those without any value are left out.
_COLUMNS = {
    "outcome": "Outcome",
    "kind": "Kind",
    "imei": "IMEI",
    "iccid": "ICCID",
    "sim_id": "SIM id",
    "eid": "EID",
    "nickname": "Nickname",
    "carrier": "Carrier",
    "device_group": "Device group",
    "reason": "Reason",
    "seconds": "Seconds",
    "mdn": "Number",
    "ip": "IP address",
    "transaction_id": "Transaction",
}


def as_html(report: Report) -> str:
    """The page: one file that needs no other."""
    style, script = _part("css"), _part("js")
    summary = report.summary()
    columns = [
        field
        for field in _COLUMNS
        if field == "outcome" or len({entry[field] for entry in report.entries} - {None}) > (field == "kind")
    ]
    rows = [[entry[field] for field in columns] for entry in report.entries]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            style=Markup(style),  # noqa: S704  the collection's own files: nobody's values are in them
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
            verdict=_verdict(summary, report.plan),
            labels=LABELS,
            summary=summary,
            whole_bar=segments(summary),
            shares={outcome: _share(count, len(rows)) for outcome, count in summary.items()},
            attention=[
                _attention(report.entries, outcome, summary[outcome]) for outcome in ATTENTION if outcome in summary
            ],
            breakdowns=[
                ("carrier", "Outcomes by carrier", "Carrier", breakdown(report.entries, "carrier")),
                ("group", "Outcomes by device group", "Device group", breakdown(report.entries, "device_group")),
            ],
            times=distribution(entry["seconds"] for entry in report.entries),
            split=SPLIT,
            in_words=in_words,
            columns=[(field, _COLUMNS[field]) for field in columns],
            rows=rows,
            page_size=PAGE_SIZE,
        )
    )


def _attention(entries: Iterable[Entry], outcome: str, count: int) -> dict[str, Any]:
    causes, omitted = causes_of(entry for entry in entries if entry["outcome"] == outcome)
    return {"outcome": outcome, "count": count, "cure": CURES[outcome], "causes": causes, "omitted": omitted}


def _verdict(summary: Mapping[str, int], plan: bool) -> str:
    """What a manager wants to know first, as one sentence."""
    total = sum(summary.values())
    devices = "1 device" if total == 1 else f"{total:,} devices"
    attention = sum(summary.get(outcome, 0) for outcome in ATTENTION)
    if not total:
        return "There are no devices in this report."
    if attention:
        return f"{attention:,} of {devices} {'needs' if attention == 1 else 'need'} attention."
    planned = [(summary[name], word) for name, word in _PLANNED.items() if name in summary]
    if plan and planned:
        (count, word), *more = planned
        also = "".join(f", {number:,} {other}" for number, other in more)
        return f"{count:,} of {devices} would be {word}{also}. Nothing needs attention."
    if set(summary) <= {"activated", "restored", "already_active"}:
        return "The device is active." if total == 1 else f"All {devices} are active."
    return f"{devices}. Nothing needs attention."


def _share(count: int, total: int) -> str:
    """A percentage that says neither nothing of something nor everything of less."""
    percent = 100 * count / total
    if count < total and percent > 99:
        return "> 99 %"
    return "< 1 %" if percent < 1 else f"{percent:.0f} %"


def _hash(text: str) -> str:
    """What the page's content security policy calls a script or a style: no other one runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _part(ending: str) -> str:
    return (Path(__file__).parent / f"page.{ending}").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment
