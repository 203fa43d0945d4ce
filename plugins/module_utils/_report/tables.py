# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of devices by carrier and group, and below them the devices that matter: text, or Markdown for a comment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._decide.outcomes import Action
from .._errors import InputError
from .._text import printable
from .entries import title

#: Maximum number of devices of each sort that are named.
NAMED = 20
TEXT, MARKDOWN = FORMATS = ("text", "markdown")
_WIDEST = 60
_HEADS: dict[str, str] = {
    Action.ACTIVATE: "activate",
    Action.RESTORE: "restore",
    Action.WAIT: "under way",
    Action.UNCHANGED: "active",
    Action.CONFLICT: "conflict",
    Action.INACTIVE: "inactive",
}
#: Actions whose columns are left out where no device has them.
_SELDOM = (Action.RESTORE, Action.INACTIVE)
#: The first columns are texts, the others numbers.
_TEXTS = 2
#: What Markdown would take for its own: its signs, and what would begin a character's name.
_MARKS = re.compile(r"[\\`*_\[\]<>|~]|&(?=#?\w+;)")
#: What a forge would make live in a comment: people (@), issues and changes (#1, !1, &1, GH-1), addresses (://, www.).
#: It looks for them in the text that is shown, where neither a backslash nor an entity is left to stop it.
_LIVE = re.compile(r"@(?=\S)|[#!&](?=\d)|\bGH-(?=\d)|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
#: Not seen, has no width, and is no part of a name: after the sign it ends what the sign began.
_WORD_JOINER = "\u2060"


class Sort(NamedTuple):
    """Devices of a sort; the first of them are named. `rest`: what the others are."""

    what: str
    devices: Sequence[Mapping[str, Any]]
    rest: str = ""

    def more(self, named: int) -> list[str]:
        """Return how many devices there are besides those that are named."""
        number = len(self.devices) - named
        return [f"and {number} more {self.rest}".rstrip()] if number > 0 else []


class Page(NamedTuple):
    """What there is to show. `rows`: the heads first, the totals last."""

    rows: Sequence[Sequence[str]]
    sorts: Sequence[Sort]
    digest: str | None = None


def plan_table(plan: Mapping[str, Any], named: int = NAMED, style: str = TEXT) -> list[str]:
    """The lines of a plan's table: devices by carrier and group, those that are not simply active, the digest.

    Args:
        plan: as a plan file has it.
        named: maximum number of devices of each sort that are named; none with 0.
        style: one of FORMATS. Raises InputError for another.
    """
    actions = [Action.ACTIVATE if device["action"] == Action.RETRY else device["action"] for device in plan["devices"]]
    counts = plan["counts"]
    heads = {action: head for action, head in _HEADS.items() if counts.get(action) or action not in _SELDOM}
    rows = rows_of(heads, zip(plan["devices"], actions), counts)
    wanted = [device for device in plan["devices"] if Action(device["action"]).submits]

    def those(action: Action) -> list[Mapping[str, Any]]:
        return [device for device in plan["devices"] if device["action"] == action]

    # Of what is submitted, retries say most: they failed before.
    wanted.sort(key=lambda device: device["action"] != Action.RETRY)
    sorts = [
        ("to activate", wanted),
        ("to restore", those(Action.RESTORE)),
        ("in conflict", those(Action.CONFLICT)),
        ("suspended or deactivated", those(Action.INACTIVE)),
    ]
    return lines_of(Page(rows, [Sort(what, devices, what) for what, devices in sorts], plan["digest"]), named, style)


def escaped(text: str) -> str:
    """Return a text as it is to be read in Markdown: no markup, and it mentions nobody and links to nothing."""
    return _escaped(_one_line(text))


def rows_of(
    heads: Mapping[str, str], devices: Iterable[tuple[Mapping[str, Any], str]], counts: Mapping[str, int]
) -> list[list[str]]:
    """The rows of a table. `heads`: of the columns with numbers; `devices`: each with the column that counts it."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for device, column in devices:
        groups.setdefault(_place(device), Counter())[column] += 1
    rows = [[*place, *(str(found[column]) for column in heads)] for place, found in sorted(groups.items())]
    total = ["all", "", *(str(counts[column]) for column in heads)]
    return [["carrier", "device group", *heads.values()], *rows, total]


def _place(device: Mapping[str, Any]) -> tuple[str, str]:
    return _cell(device.get("carrier")), _cell(device.get("device_group"))


def _cell(value: Any) -> str:
    """Text for a line of a table: in one line, and not too wide."""
    text = _one_line(value or "-")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 2] + " …"


def _one_line(text: Any) -> str:
    return " ".join(printable(str(text)).split())


def lines_of(page: Page, named: int, style: str) -> list[str]:
    if style not in FORMATS:
        raise InputError([f"format: {style!r} is not one of {', '.join(FORMATS)}"])
    return (_markdown if style == MARKDOWN else _text)(page, max(named, 0))


# -- Text --------------------------------------------------------------------------------------------------------------


def _text(page: Page, named: int) -> list[str]:
    lines = _aligned(page.rows)
    for sort in page.sorts:
        if sort.devices and named:
            lines += [f"{sort.what}:", *(f"  {name}: {reason}" for name, reason in _described(sort.devices, named))]
            lines += [f"  {line}" for line in sort.more(named)]
    return [*lines, f"Digest: {page.digest}"] if page.digest else lines


def _described(devices: Sequence[Mapping[str, Any]], named: int) -> list[tuple[str, str]]:
    return [(_one_line(title(device)), _reason(device)) for device in devices[:named]]


def _reason(device: Mapping[str, Any]) -> str:
    reason = _one_line(device["reason"] or "no reason given")
    return f"retry: {reason}" if device.get("action") == Action.RETRY else reason


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < _TEXTS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


# -- Markdown ----------------------------------------------------------------------------------------------------------


def _markdown(page: Page, named: int) -> list[str]:
    heads, *rows, total = ([_escaped(cell) for cell in row] for row in page.rows)
    rule = ["---" if column < _TEXTS else "---:" for column in range(len(heads))]
    bold = [f"**{cell}**" if cell else "" for cell in total]
    lines = [f"| {' | '.join(row)} |" for row in (heads, rule, *rows, bold)]
    for sort in page.sorts:
        if sort.devices and named:
            lines += ["", f"**{sort.what}**", ""]
            lines += [f"- {_escaped(name)}: {_escaped(reason)}" for name, reason in _described(sort.devices, named)]
            lines += [f"- {line}" for line in sort.more(named)]
    return [*lines, "", f"Digest: `{page.digest}`"] if page.digest else lines


def _escaped(text: str) -> str:
    """Text as it is to be read, whatever is in it: names and reasons are data. They are no markup, and call nobody."""
    return _LIVE.sub(rf"\g<0>{_WORD_JOINER}", _MARKS.sub(r"\\\g<0>", text))
