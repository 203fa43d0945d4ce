# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Totals of a soak, and the report of a round in which something is wrong."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .rounds import Round, Step, describe
from .verify import FINDINGS, refused_by_journal

_SECRET = ("api_token", "api_password")
#: So many findings, and requests, of a run are printed; the files have all of them.
_SHOWN = 12
_REQUESTS = 60


@dataclass
class Tally:
    """Counts over all rounds; threads share one."""

    rounds: int = 0
    devices: int = 0
    submissions: int = 0
    taken: int = 0
    requests: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, done: Round) -> None:
        """Counts a round."""
        with self.lock:
            self.rounds += 1
            self.devices += len(done.draw.fleet)
            self.findings.update(finding.kind for finding in done.findings)
            for step in done.steps:
                self._add_step(done, step)
            if done.steps:
                books = done.steps[-1].seen.books
                self.taken += sum(not entry.seeded for entries in books.lines.values() for entry in entries)

    def _add_step(self, done: Round, step: Step) -> None:
        run = step.run
        self.runs["all"] += 1 + (step.rival is not None)
        self.runs["refused by the journal"] += sum(refused_by_journal(one) for one in (run, step.rival) if one)
        self.runs["playbook" if run.draw.playbook else "module"] += 1
        self.runs["killed"] += run.killed
        self.runs["failed"] += run.failed
        self.runs["check mode"] += run.draw.check
        self.runs["with journal"] += done.draw.journal
        self.kinds[f"{done.draw.kind} {done.draw.request_format}"] += 1
        self.requests += len(step.seen.requests)
        self.submissions += len(step.seen.writes())
        self.faults.update(request["fault"] for request in step.seen.requests if request["fault"])
        self.faults["outage"] += len(run.draw.outages)
        self.faults["rate limit"] += sum(
            request["status"] == 429 and not request["fault"] for request in step.seen.requests
        )
        self.outcomes.update((run.result or {}).get("summary") or {})

    def told(self) -> str:
        """The totals, for people."""
        runs = Counter(self.runs)
        total = runs.pop("all", 0)
        lines = [
            f"{self.rounds} rounds, {total} runs: {_counts(runs)}",
            f"by kind: {_counts(self.kinds)}",
            f"{self.devices} devices, {self.requests} requests, {self.submissions} submissions, {self.taken} taken",
            f"outcomes: {_counts(self.outcomes)}",
            f"faults that struck: {_counts(self.faults)}",
            ", ".join(f"{name}: {self.findings[name]}" for name in FINDINGS),
        ]
        return "\n".join(lines)


def _counts(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()) if count) or "none"


def report(done: Round, command: str) -> str:
    """What is wrong with a round, and how to repeat it."""
    step = done.steps[-1]
    draw = done.draw
    keys = {finding.key for finding in step.findings if finding.key}
    lines = [
        f"Round {draw.number} of seed {draw.seed} ({draw.title()}):",
        f"run {len(done.steps)} of {len(draw.runs)} is wrong:",
        *(f"  {describe(finding, 600)}" for finding in step.findings[:_SHOWN]),
        *([f"  and {len(step.findings) - _SHOWN} more"] if len(step.findings) > _SHOWN else []),
        f"settings: {json.dumps(dict(draw.settings))}; before the last run: {json.dumps(dict(draw.finally_))}",
        f"fates: {_counts(Counter(member.fate for member in draw.fleet.members))}",
    ]
    for number, earlier in enumerate(done.steps, 1):
        lines += _told(number, earlier)
    lines.append("books of the devices concerned:")
    for key in sorted(keys)[:5]:
        lines += [f"  {key}: {tuple(entry)}" for entry in step.seen.books.of(key)]
    lines += ["requests of the last run:", *_requests(step)]
    lines += [f"files: {done.directory}", f"repeat it: {command}"]
    return "\n".join(lines)


def _told(number: int, step: Step) -> list[str]:
    run = step.run
    arguments = {name: value for name, value in run.arguments.items() if name not in _SECRET}
    arguments["devices"] = f"({len(run.members)} devices)"
    result = dict(run.result or {})
    for name in ("devices", "invocation", "transactions"):
        result.pop(name, None)
    how = f"{'ansible-playbook' if run.draw.playbook else 'module'}{', check mode' * run.draw.check}"
    end = f"ended at {run.ended:.2f}" + (f", {run.draw.kill}" if run.killed else "")
    return [
        f"run {number} ({how}, {'log in' if run.draw.login else 'token'}), started at {run.started:.2f}, {end}",
        f"  arguments: {describe(json.dumps(arguments, default=str))}",
        f"  faults: {json.dumps(list(run.draw.faults))}; outages (after, seconds): {list(run.draw.outages)}",
        f"  result: {describe(json.dumps(result))}",
    ]


def _requests(step: Step) -> list[str]:
    told = [_request(request) for request in step.seen.requests]
    if len(told) > _REQUESTS:
        half = _REQUESTS // 2
        told = [*told[:half], f"  … {len(told) - 2 * half} more …", *told[-half:]]
    return told


def _request(request: dict[str, Any]) -> str:
    query = f"?{request['query']}" if request["query"] else ""
    fault = f" fault {request['fault']}" if request["fault"] else ""
    call = f"{request['method']} {request['path']}{query}"
    return f"  {request['id']} at {request['at']:.3f} {call}: {request['status']}{fault}"
