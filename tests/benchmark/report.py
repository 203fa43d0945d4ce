# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/benchmarks.md, docs/benchmarks.json and docs/benchmarks.svg."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any

from .chart import chart, panels
from .downloads import HISTORY, LISTING, MANY, Download
from .lines import RUNS, SHORT, Line, by_name
from .processes import HERE
from .scenarios import FORKS, NOOP_HISTORY, RATE_LIMIT, SLICES
from .service import LINE_LATENCY, REQUEST_LATENCY
from .targets import Verdict, verdicts

NAME = "benchmarks"
EXPLANATIONS, PAGE = HERE / "explanations.txt", HERE / "page.md"

_LOOKUP_FLOOR, _YAML_FLOOR = "floor-10000", "floor-yaml-10000"
#: Line of a fleet of 10,000 → floor of the same form. `src` has no floor: its list does not pass through Ansible.
FLOORS = {
    _LOOKUP_FLOOR: _LOOKUP_FLOOR,
    "noop-10000": _LOOKUP_FLOOR,
    "batch-10000": _LOOKUP_FLOOR,
    "noop-src-10000": None,
    "batch-src-10000": None,
    _YAML_FLOOR: _YAML_FLOOR,
    "noop-yaml-10000": _YAML_FLOOR,
}
_FREE = ("uri-50", "script-1000", "single-1000", "batch-1000")
_LIMITED = ("limit-script-1000", "limit-single-1000", "limit-batch-1000", "limit-batch-10000")
_HOSTS = (
    *("hosts-sent-300", "hosts-here-300", "hosts-role-300", "role-src-300", "hosts-role-1000", "slices-1000"),
    *("hosts-role-10000", "role-src-10000"),
)
_MILLION = ("million-src",)


def write(directory: Path, lines: Sequence[Line], load: float) -> None:
    """Writes the three files. `load`: the machine's load average before the run."""
    known = by_name(lines)
    machine = {**environment(), "load": round(load, 1)}
    judged = verdicts(known)
    document = {
        "environment": machine,
        "service": {"request_latency": REQUEST_LATENCY, "line_latency": LINE_LATENCY, "rate_limit": RATE_LIMIT},
        "lines": [line.as_json() for line in lines],
        "targets": [
            {
                "name": verdict.target.name,
                "title": verdict.target.title,
                "target": verdict.target_text,
                "measured": round(verdict.measured, 4),
                "met": verdict.is_met,
            }
            for verdict in judged
        ],
    }
    texts = {
        f"{NAME}.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        f"{NAME}.svg": chart(panels(known)),
        f"{NAME}.md": markdown(known, judged, machine, explanations(EXPLANATIONS.read_text(encoding="utf-8"))),
    }
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")


def environment() -> dict[str, Any]:
    """The versions and the machine that the figures depend on."""
    return {
        "python": platform.python_version(),
        "ansible-core": version("ansible-core"),
        "requests": version("requests"),
        "aiohttp": version("aiohttp"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def explanations(text: str) -> dict[str, str]:
    """Target → explanation of its miss. Lines that begin with # are comments."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        heading = re.match(r"\[([a-z-]+)\]$", line)
        if heading:
            name = heading[1]
        elif name and not line.startswith("#"):
            sections.setdefault(name, []).append(line)
    return {name: "\n".join(section).strip() for name, section in sections.items()}


def markdown(
    lines: Mapping[str, Line], judged: Sequence[Verdict], machine: Mapping[str, Any], reasons: Mapping[str, str]
) -> str:
    """The page."""
    missed = [verdict for verdict in judged if not verdict.is_met]
    places = {name.replace("-", "_"): value for name, value in machine.items()}
    places.update(
        request_latency=f"{REQUEST_LATENCY * 1000:g}",
        line_latency=f"{LINE_LATENCY:g}",
        rate_limit=f"{RATE_LIMIT:g}",
        free=_activations([lines[name] for name in _FREE]),
        limited=_activations([lines[name] for name in _LIMITED], limited=True),
        fleet=_fleet_table(lines),
        million=_activations([lines[name] for name in _MILLION]),
        forks=FORKS,
        slices=SLICES,
        hosts=_activations([lines[name] for name in _HOSTS]),
        uri_minutes=f"{_uri_seconds(lines) / 60:.0f} minutes",
        score=f"{len(judged) - len(missed)} of {len(judged)} are met." if missed else f"All {len(judged)} are met.",
        targets=_target_table(judged),
        misses=_misses(missed, reasons),
        history=_download_table(lines, HISTORY),
        listing=_download_table(lines, LISTING),
        wanted=f"{MANY:,}",
        megabytes=f"{(lines['history-engine'].size or 0) / 1e6:.0f}",
        listing_megabytes=f"{(lines['listing-engine'].size or 0) / 1e6:.0f}",
        noop_history=f"{NOOP_HISTORY:,}",
        short=f"{SHORT:g}",
        runs=RUNS,
    )
    return Template(PAGE.read_text(encoding="utf-8")).substitute(places)


def _misses(missed: Sequence[Verdict], reasons: Mapping[str, str]) -> str:
    parts = ["### Why a target is missed"] if missed else []
    for verdict in missed:
        reason = reasons.get(verdict.target.name) or "No explanation has been written yet."
        parts.append(f"**{verdict.target.title}** ({verdict.measured_text}, target {verdict.target_text}). {reason}")
    return "".join(f"\n{part}\n" for part in parts)


def _target_table(judged: Sequence[Verdict]) -> str:
    rows = [
        (verdict.target.title, verdict.target_text, verdict.measured_text, "met" if verdict.is_met else "**missed**")
        for verdict in judged
    ]
    return _table(("", "target", "measured", ""), rows)


def _activations(shown: Sequence[Line], limited: bool = False) -> str:
    """A table of lines with milliseconds per device. `limited`: with a column for requests that were turned away."""
    more = ("of them 429",) if limited else ()
    head = ("", "devices", "wall s", "ms per device", "own s", "CPU s", "requests", *more, "per device", "peak MB")
    rows = [
        (
            line.title,
            f"{line.count:,}",
            _seconds(line.wall),
            _milliseconds(line.wall * 1000 / line.count),
            _seconds(line.own),
            _seconds(line.cpu),
            _count(line.requests),
            *((_count(line.turned_away),) if limited else ()),
            _each(line),
            f"{line.peak / 1e6:.0f}",
        )
        for line in shown
    ]
    return _table(head, rows)


def _fleet_table(lines: Mapping[str, Line]) -> str:
    head = ("", "wall s", "× floor", "own s", "CPU s", "requests", "per device", "peak MB")
    rows = []
    for name, floor in FLOORS.items():
        line = lines[name]
        ratio = f"{line.wall / lines[floor].wall:.2f}" if floor else ""
        own, requests = _seconds(line.own), _count(line.requests)
        peak = f"{line.peak / 1e6:.0f}"
        rows.append((line.title, _seconds(line.wall), ratio, own, _seconds(line.cpu), requests, _each(line), peak))
    return _table(head, rows)


def _download_table(lines: Mapping[str, Line], download: Download) -> str:
    bare = lines[f"{download.name}-download"].own or 1.0
    rows = [
        (
            line.title,
            _seconds(line.own),
            f"{(line.own or 0) / bare:.2f}",
            _seconds(line.cpu),
            f"{max(line.peak, 0) / 1e6:.1f}",
        )
        for line in (lines[name] for name in download.names)
    ]
    return _table(("", "time s", "× bare", "CPU s", "memory in addition to the interpreter MB"), rows)


def _uri_seconds(lines: Mapping[str, Line]) -> float:
    """The time of the loop for 1,000 devices, extrapolated."""
    return lines["uri-50"].wall * 1000 / lines["uri-50"].count


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _each(line: Line) -> str:
    return "" if line.per_device is None else f"{line.per_device:.3g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows))
