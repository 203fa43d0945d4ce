# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a fleet as an HTML page in one file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...module_utils._decide.outcomes import Outcome
from .entries import ATTENTION, LABELS, Entry
from .figures import breakdown, causes_of, segments
from .head import Bill, iso
from .report import Report
from .times import SPLIT, distribution, in_words

#: Number of rows in the page without its script, and per page of the list.
PAGE_SIZE = 100
#: Outcomes of check mode in the first sentence of the page.
_PLANNED = {"would_activate": "activated", "would_restore": "restored"}
#: Columns of the list in their order: header, and width in characters. Columns without a value are left out.
_COLUMNS = {
    "nickname": ("Nickname", 9),
    "outcome": ("Outcome", 17),
    "kind": ("Kind", 9),
    "imei": ("IMEI", 15),
    "iccid": ("ICCID", 20),
    "sim_id": ("SIM id", 20),
    "eid": ("EID", 32),
    "carrier": ("Carrier", 9),
    "device_group": ("Device group", 14),
    "reason": ("Reason", 18),
    "seconds": ("Seconds", 8),
    "mdn": ("Number", 12),
    "ip": ("IP address", 14),
    "transaction_id": ("Transaction", 11),
}
#: Rem per character of the list on a screen and on paper, including space between columns.
_ON_SCREEN, _ON_PAPER = 0.48, 0.37
#: Rem between the margins of landscape paper, for the narrower of the usual sizes.
_PAPER = 60
#: Rem around the list on a screen.
_AROUND = 6.5
#: Rem of a table of figures on a screen, without outcomes and per outcome.
_FIGURES, _EACH_OUTCOME = 28, 5.5


def as_html(report: Report) -> str:
    """Return the page."""
    style, script = Markup(_part("page.css")), Markup(_part("page.js"))  # noqa: S704  our own files
    list_cards = _cards("#list", "cards_list.css")
    figures_cards = _cards(":is(.breakdown, .causes)", "cards_figures.css")
    summary, entries = report.summary(), report.entries
    columns = [
        field
        for field in _COLUMNS
        if field == "outcome" or len({entry[field] for entry in entries} - {None}) > (field == "kind")
    ]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            bill=Bill.of(summary),
            style=style,
            script=script,
            list_cards=list_cards,
            figures_cards=figures_cards,
            style_hashes=[_hash(style), _hash(list_cards), _hash(figures_cards)],
            script_hash=_hash(script),
            list_media=_list_media(columns),
            figures_media=_figures_media(len(summary)),
            verdict=_verdict(summary, report.plan),
            labels=LABELS,
            summary=summary,
            whole_bar=segments(summary),
            shares={outcome: _share(count, len(entries)) for outcome, count in summary.items()},
            attention=[_attention(entries, outcome, summary[outcome]) for outcome in ATTENTION if outcome in summary],
            breakdowns=[
                ("carrier", "Outcomes by carrier", "Carrier", breakdown(entries, "carrier")),
                ("group", "Outcomes by device group", "Device group", breakdown(entries, "device_group")),
            ],
            times=distribution(entry["seconds"] for entry in entries),
            split=SPLIT,
            in_words=in_words,
            columns=[(field, _COLUMNS[field][0]) for field in columns],
            rows=[[entry[field] for field in columns] for entry in entries],
            page_size=PAGE_SIZE,
        )
    )


def _list_media(columns: Sequence[str]) -> str:
    """Return the media query for which rows of the list are cards, because the columns do not fit."""
    width = sum(_COLUMNS[field][1] for field in columns)
    return _media(width * _ON_SCREEN + _AROUND, width * _ON_PAPER)


def _figures_media(outcomes: int) -> str:
    """Return the media query for which rows of the tables of figures are cards."""
    width = _FIGURES + outcomes * _EACH_OUTCOME
    return _media(width, 0.66 * width)


def _media(screen: float, paper: float) -> str:
    """Return the media query for which a table does not fit. `screen`, `paper`: the rem that it needs.

    The query has no width for paper, because browsers disagree on the width of landscape paper.
    """
    narrow = f"screen and (max-width: {screen:.1f}rem)"
    return f"{narrow}, print" if paper > _PAPER else narrow


def _cards(table: str, more: str) -> Markup:
    """Return the style for tables as cards."""
    return Markup(Template(_part("cards.css")).substitute(table=table) + _part(more))  # noqa: S704  our own files


def _attention(entries: Iterable[Entry], outcome: Outcome, count: int) -> dict[str, Any]:
    causes, omitted = causes_of(entry for entry in entries if entry["outcome"] == outcome)
    return {"outcome": outcome, "count": count, "cure": outcome.cure, "causes": causes, "omitted": omitted}


def _verdict(summary: Mapping[str, int], plan: bool) -> str:
    """Return the main result as one sentence."""
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
    """Return a percentage that never rounds to 0 % or 100 %."""
    percent = 100 * count / total
    if count < total and percent > 99:
        return "> 99 %"
    return "< 1 %" if percent < 1 else f"{percent:.0f} %"


def _hash(text: str) -> str:
    """Return the hash of a script or a style for the content security policy of the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


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
    environment.filters["utc"] = lambda moment: moment.strftime("%Y-%m-%d at %H:%M:%S UTC")
    environment.filters["iso"] = iso
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment
