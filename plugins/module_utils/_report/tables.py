# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of devices by carrier and group, followed by the devices that matter, as text or as Markdown for comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._decide.outcomes import Action
from .._errors import InputError
from .._text import printable
from .entries import title

#: Maximum number of devices named per sort.
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
#: Actions whose columns are omitted if no device has them.
_OPTIONAL = (Action.RESTORE, Action.INACTIVE)
#: Number of text columns; the other columns are numbers.
_TEXTS = 2
#: Markdown markup, and the start of character references.
_MARKS = re.compile(r"[\\`*_\[\]<>|~]|&(?=#?\w+;)")
#: Text that GitHub and GitLab turn into links: mentions (@), issues and changes (#1, !1, &1, GH-1), URLs (://, www.).
#: They search the rendered text, so backslashes and entities do not prevent it.
_LINKED = re.compile(r"@(?=\S)|[#!&](?=\d)|\bGH-(?=\d)|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
#: An invisible character of no width. After the sign, it breaks the link.
_WORD_JOINER = "\u2060"


class Sort(NamedTuple):
    """A sort of devices, the first of which are named. `label`: the heading. `rest`: the label of the others."""

    label: str
    devices: Sequence[Mapping[str, Any]]
    rest: str = ""

    def more(self, named: int) -> list[str]:
        """Return a line with the number of devices that are not named, if any."""
        number = len(self.devices) - named
        return [f"and {number} more {self.rest}".rstrip()] if number > 0 else []


class Page(NamedTuple):
    """The content to show. `rows`: headings first, totals last."""

    rows: Sequence[Sequence[str]]
    sorts: Sequence[Sort]
    digest: str | None = None


def plan_table(plan: Mapping[str, Any], named: int = NAMED, style: str = TEXT) -> list[str]:
    """Return the lines of a plan's table: devices by carrier and group, devices that matter, the digest.

    Args:
        plan: the content of a plan file.
        named: maximum number of devices named per sort; may be 0.
        style: one of FORMATS.

    Raises InputError for an unknown style.
    """
    actions = [Action.ACTIVATE if device["action"] == Action.RETRY else device["action"] for device in plan["devices"]]
    counts = plan["counts"]
    heads = {action: head for action, head in _HEADS.items() if counts.get(action) or action not in _OPTIONAL}
    rows = rows_of(heads, zip(plan["devices"], actions), counts)
    wanted = [device for device in plan["devices"] if Action(device["action"]).submits]

    def having(action: Action) -> list[Mapping[str, Any]]:
        return [device for device in plan["devices"] if device["action"] == action]

    # Retries first, because they failed before.
    wanted.sort(key=lambda device: device["action"] != Action.RETRY)
    sorts = [
        ("to activate", wanted),
        ("to restore", having(Action.RESTORE)),
        ("in conflict", having(Action.CONFLICT)),
        ("suspended or deactivated", having(Action.INACTIVE)),
    ]
    page = Page(rows, [Sort(label, devices, label) for label, devices in sorts], plan["digest"])
    return lines_of(page, named, style)


def escaped(text: str) -> str:
    """Return a text escaped for Markdown, without markup, mentions and links."""
    return _escaped(_one_line(text))


def rows_of(
    heads: Mapping[str, str], devices: Iterable[tuple[Mapping[str, Any], str]], counts: Mapping[str, int]
) -> list[list[str]]:
    """Return the rows of a table.

    Args:
        heads: number column → its heading.
        devices: each with the column that counts it.
        counts: the totals by column.
    """
    groups: dict[tuple[str, str], Counter[str]] = {}
    for device, column in devices:
        groups.setdefault(_place(device), Counter())[column] += 1
    rows = [[*place, *(str(group[column]) for column in heads)] for place, group in sorted(groups.items())]
    total = ["all", "", *(str(counts[column]) for column in heads)]
    return [["carrier", "device group", *heads.values()], *rows, total]


def _place(device: Mapping[str, Any]) -> tuple[str, str]:
    return _cell(device.get("carrier")), _cell(device.get("device_group"))


def _cell(value: Any) -> str:
    """Return the text of a cell: one line, cut to the maximum width."""
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
            lines += [f"{sort.label}:", *(f"  {name}: {reason}" for name, reason in _described(sort.devices, named))]
            lines += [f"  {line}" for line in sort.more(named)]
    return [*lines, f"Digest: {page.digest}"] if page.digest else lines


def _described(devices: Sequence[Mapping[str, Any]], named: int) -> list[tuple[str, str]]:
    return [(_one_line(title(device)), _reason(device)) for device in devices[:named]]


def _reason(device: Mapping[str, Any]) -> str:
    reason = _one_line(device["reason"] or "no reason given")
    return f"retry: {reason}" if device.get("action") == Action.RETRY else reason


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as aligned columns."""
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
            lines += ["", f"**{sort.label}**", ""]
            lines += [f"- {_escaped(name)}: {_escaped(reason)}" for name, reason in _described(sort.devices, named)]
            lines += [f"- {line}" for line in sort.more(named)]
    return [*lines, "", f"Digest: `{page.digest}`"] if page.digest else lines


def _escaped(text: str) -> str:
    """Return text without markup, mentions and links, because names and reasons are data."""
    return _LINKED.sub(rf"\g<0>{_WORD_JOINER}", _MARKS.sub(r"\\\g<0>", text))
