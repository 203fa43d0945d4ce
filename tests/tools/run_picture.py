# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the README's picture of a run from the output of the demo.

make demo | .venv/bin/python tests/tools/run_picture.py > docs/images/run.svg

Long lines are wrapped, so that the picture is readable on a phone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape
from textwrap import wrap

#: Characters per line: at this width, a phone shows them at about 11 pixels.
COLUMNS = 48
#: Pixels: font size, width of a character, height of a line, space around the text.
FONT, ADVANCE, LINE, PADDING = 14, 8.43, 20, 16
#: Patterns of the lines to show, each at its first match, and their colours.
SHOWN = (
    (r"\S+\.csv, line \d+: imei \d+: looks like an ICCID", "red"),
    (r"\+ ", "green"),
    (r"~ ", "cyan"),
    (r"Plan: \d+ to activate", "bold"),
    (r"\d+ of \d+ done after .*/s", "plain"),
    (r"\d+ activated, .* failed in", "bold"),
    (r"Plan: nothing to do", "bold"),
    (r"\d+ devices are not as declared", "yellow"),
    (r".*report: \S+report\.html", "bold"),
)
COLOURS = {
    "plain": "#d0d7de",
    "bold": "#ffffff",
    "task": "#8b949e",
    "red": "#ff7b72",
    "green": "#4cc38a",
    "cyan": "#45c4cf",
    "yellow": "#e2c15a",
}


def shown(output: str) -> Iterator[tuple[str, str]]:
    """(colour, line) of the picture, with a task's name before its first line, and "…" for omitted lines."""
    wanted = dict(SHOWN)
    yield "bold", "$ make demo"
    task, is_cut = "", False
    for line in joined(output):
        if line.startswith("TASK ["):
            task, is_cut = line.partition("[")[2].rpartition("]")[0], False
            continue
        pattern = next((pattern for pattern in wanted if re.match(pattern, line)), None)
        if pattern is None:
            is_cut = is_cut or not task
            continue
        if task:
            yield "task", ""
            yield "task", f"TASK [{task}]"
        elif is_cut:
            yield "task", "…"
        task, is_cut = "", False
        yield wanted.pop(pattern), line
    if wanted:
        raise SystemExit(f"run_picture.py: no line of the output matches {', '.join(wanted)}; was it make demo's?")


def joined(output: str) -> Iterator[str]:
    """The lines of an output. Joins lines that the collection has wrapped, which are indented by four."""
    held = ""
    for line in output.splitlines():
        if held and line.startswith("    "):
            held = f"{held} {line.strip()}"
        else:
            if held:
                yield held
            held = line.rstrip()
    yield held


def picture(output: str) -> str:
    """The SVG of a run."""
    rows = [
        (colour, row) for colour, line in shown(output) for row in wrap(line, COLUMNS, subsequent_indent="  ") or [""]
    ]
    width, height = round(COLUMNS * ADVANCE + 2 * PADDING), len(rows) * LINE + 2 * PADDING
    texts = [
        f'<text x="{PADDING + round((len(row) - len(row.lstrip())) * ADVANCE)}" y="{PADDING + LINE * number + FONT}"'
        f' fill="{COLOURS[colour]}">{escape(row.strip(), quote=False)}</text>'
        for number, (colour, row) in enumerate(rows)
        if row
    ]
    size = f'width="{width}" height="{height}"'
    font = f'font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" font-size="{FONT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" role="img">',
            "<title>A run of make demo: mistakes, the plan, the activation, drift and the report</title>",
            f'<rect {size} rx="8" fill="#161b22" stroke="#57606a"/>',
            f"<g {font}>",
            *texts,
            "</g>",
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(picture(sys.stdin.read()))
