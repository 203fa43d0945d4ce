# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chart: panels of bars, as SVG without fonts or scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from .lines import Line

WIDTH, LEFT, RIGHT, BAR, GAP, HEAD = 760, 250, 90, 20, 8, 34
OURS, OTHERS, TEXT = "#1f6feb", "#9aa4af", "#1f2328"
#: Maximum length of a bar, as a multiple of the next longest one. Longer bars are cut.
CUT = 3.0


class Bar(NamedTuple):
    """A bar. `is_ours`: whether it is the collection's."""

    label: str
    seconds: float
    is_ours: bool


class Panel(NamedTuple):
    """Bars that can be compared."""

    title: str
    bars: Sequence[Bar]


def panels(lines: Mapping[str, Line]) -> list[Panel]:
    """The panels for these lines."""
    uri = lines["uri-50"]
    return [
        Panel(
            "Activating 1,000 devices, whole run, seconds",
            [
                Bar("ansible.builtin.uri (50 measured × 20)", uri.wall * 1000 / uri.count, False),
                Bar("asyncio script", lines["script-1000"].wall, False),
                Bar("sentinel_activation, single", lines["single-1000"].wall, True),
                Bar("sentinel_activation, batch", lines["batch-1000"].wall, True),
            ],
        ),
        Panel(
            "The same under a limit of 50 requests/s",
            [
                Bar("asyncio script", lines["limit-script-1000"].wall, False),
                Bar("sentinel_activation, single", lines["limit-single-1000"].wall, True),
                Bar("sentinel_activation, batch", lines["limit-batch-1000"].wall, True),
            ],
        ),
        Panel(
            "10,000 devices, whole playbook, seconds",
            [
                Bar("Ansible's floor: an empty module", lines["floor-10000"].wall, False),
                Bar("all already active", lines["noop-10000"].wall, True),
                Bar("activation in batches", lines["batch-10000"].wall, True),
            ],
        ),
        Panel(
            "300 hosts that are devices, whole playbook, seconds",
            [
                Bar("one task per host, module sent to host", lines["hosts-sent-300"].wall, False),
                Bar("one task per host, in the task's process", lines["hosts-here-300"].wall, True),
                Bar("role fleet, one task", lines["hosts-role-300"].wall, True),
            ],
        ),
        Panel(
            "Reading a history of 1,000,000 lines, seconds",
            [
                Bar("bare csv.reader", lines["history-download"].own or 0.0, False),
                Bar("the engine, for 10,000 devices", lines["history-engine"].own or 0.0, True),
            ],
        ),
    ]


def chart(shown: Sequence[Panel]) -> str:
    """The panels as SVG, one below another."""
    parts: list[str] = []
    top = 8
    for panel in shown:
        parts.append(_text(12, top + 20, panel.title, weight="bold"))
        top += HEAD
        scale = _scale(panel.bars)
        for entry in panel.bars:
            parts += _bar(entry, top, scale)
            top += BAR + GAP
        top += 14
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13" role="img" aria-label="Benchmarks">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>', *parts, "</svg>", ""])


def _scale(bars: Sequence[Bar]) -> float:
    """The number of seconds that fill the width."""
    longest = sorted((entry.seconds for entry in bars), reverse=True)
    return longest[1] * CUT if len(longest) > 1 and longest[0] > longest[1] * CUT else longest[0]


def _bar(entry: Bar, top: int, scale: float) -> list[str]:
    width = (WIDTH - LEFT - RIGHT) * min(1.0, entry.seconds / scale)
    fill = OURS if entry.is_ours else OTHERS
    parts = [
        _text(LEFT - 8, top + 15, entry.label, anchor="end"),
        f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{fill}"/>',
    ]
    if entry.seconds > scale:
        # A white gap marks a cut bar.
        x = LEFT + width - 40
        parts.append(f'<path d="M{x:.1f} {top + BAR + 2} l8 -{BAR + 4} h8 l-8 {BAR + 4} z" fill="#ffffff"/>')
    figure = f"{entry.seconds:,.0f}" if entry.seconds >= 100 else f"{entry.seconds:.1f}"
    parts.append(_text(LEFT + width + 6, top + 15, figure))
    return parts


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" fill="{TEXT}">{escape(text)}</text>'
    )
