# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Totals of a soak, and the report of a round with findings."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .portal import PORTAL
from .rounds import Round, Step, describe
from .runs import Run
from .seen import FINDINGS
from .verify import refused_by_journal

_SECRET = ("api_token", "api_password")
#: Maximum number of findings and requests that are printed. The files have all of them.
_FINDINGS_SHOWN = 12
_REQUESTS_SHOWN = 60


@dataclass
class Tally:
    """Counts over all rounds, shared by threads."""

    rounds: int = 0
    devices: int = 0
    submissions: int = 0
    accepted: int = 0
    listed: int = 0
    status_requests: int = 0
    restored: int = 0
    requests: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    interruptions: Counter[str] = field(default_factory=Counter)
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
            self.listed += len(done.draw.fleet.with_fate(*PORTAL))
            self.findings.update(finding.kind for finding in done.findings)
            for step in done.steps:
                self._add_step(done, step)
            if done.steps:
                books = done.steps[-1].seen.books
                self.accepted += sum(not entry.seeded for entries in books.lines.values() for entry in entries)
                self.restored += sum(change.before != change.after for change in books.changes)

    def _add_step(self, done: Round, step: Step) -> None:
        run = step.run
        self.runs["all"] += 1 + len(step.rivals)
        self.runs["rivals"] += len(step.rivals)
        self.runs["followed before orphans ended"] += run.draw.hasty and run.interrupted is not None
        for one in (run, *step.rivals):
            self.runs["playbook" if one.draw.playbook else "module"] += 1
            if one.interrupted is not None and one.draw.interruption:
                self.interruptions[one.draw.interruption.kind.label] += 1
            self.runs["check mode"] += one.draw.check
            self.runs["with journal"] += "journal" in one.arguments
        for one in step.runs:
            self.runs["refused by the journal"] += refused_by_journal(one)
            self.runs["failed"] += one.has_failed
            self.outcomes.update((one.result or {}).get("summary") or {})
        self.runs["further hosts of plays"] += len(step.runs) - 1 - len(step.rivals)
        self.kinds[f"{done.draw.kinds_label()} {done.draw.request_format}"] += 1
        self.requests += len(step.seen.requests)
        self.submissions += len(step.seen.submissions())
        self.status_requests += len(step.seen.status_requests())
        self.faults.update(request["fault"] for request in step.seen.requests if request["fault"])
        self.faults["outage"] += len(run.draw.outages)
        self.faults["rate limit"] += sum(
            request["status"] == 429 and not request["fault"] for request in step.seen.requests
        )

    def totals(self) -> str:
        """The totals, as text."""
        runs = Counter(self.runs)
        total = runs.pop("all", 0)
        lines = [
            f"{self.rounds} rounds, {total} runs: {_counts(runs)}",
            f"interrupted: {_counts(self.interruptions)}",
            f"by kind: {_counts(self.kinds)}",
            f"{self.devices} devices, {self.listed} of them listed before; {self.requests} requests",
            f"{self.submissions} submissions, {self.accepted} lines accepted",
            f"{self.status_requests} requests to set statuses, {self.restored} statuses changed",
            f"outcomes: {_counts(self.outcomes)}",
            f"faults that occurred: {_counts(self.faults)}",
            ", ".join(f"{name}: {self.findings[name]}" for name in FINDINGS),
        ]
        return "\n".join(lines)


def _counts(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()) if count) or "none"


def report(done: Round, command: str) -> str:
    """The findings of a round, what led to them, and how to repeat the round."""
    step = done.steps[-1]
    draw = done.draw
    keys = {finding.key for finding in step.findings if finding.key}
    lines = [
        f"Round {draw.number} of seed {draw.seed} ({draw.title()}):",
        f"findings in run {len(done.steps)} of {len(draw.runs)}:",
        *(f"  {describe(finding, 600)}" for finding in step.findings[:_FINDINGS_SHOWN]),
        *([f"  and {len(step.findings) - _FINDINGS_SHOWN} more"] if len(step.findings) > _FINDINGS_SHOWN else []),
        f"settings: {json.dumps(dict(draw.settings))}; before the last run: {json.dumps(dict(draw.final_settings))}",
        f"fates: {_counts(Counter(member.fate for member in draw.fleet.members))}",
    ]
    for number, earlier in enumerate(done.steps, 1):
        lines += _describe_run(f"run {number}", earlier.run)
        for index, rival in enumerate(earlier.rivals, 1):
            lines += _describe_run(f"rival {index} of run {number}", rival)
    lines.append("books of these devices:")
    for key in sorted(keys)[:5]:
        member = draw.fleet.by_key.get(key)
        lines.append(f"  {key}: {member and member.portal}")
        lines += [f"  {key}: {tuple(entry)}" for entry in step.seen.books.of(key)]
        lines += [f"  {key}: {tuple(change)}" for change in step.seen.books.changes_of(key)]
    lines += ["requests of the last run:", *_requests(step)]
    lines += [f"files: {done.directory}", f"to repeat it: {command}"]
    return "\n".join(lines)


def _describe_run(name: str, run: Run) -> list[str]:
    arguments = {name: value for name, value in run.arguments.items() if name not in _SECRET}
    arguments["devices"] = f"({len(run.members)} devices)"
    how = f"ansible-playbook, {run.draw.hosts} hosts" if run.draw.playbook else "module"
    how += ", check mode" * run.draw.check + (", log in" if run.draw.login else ", token")
    end = f"ended at {run.ended:.2f}"
    if run.interrupted is not None:
        end += f", {run.draw.interruption} at {run.interrupted:.2f}" + ", the next run did not wait" * run.draw.hasty
    results = []
    for one in (run, *run.siblings):
        result = dict(one.result or {})
        for key in ("devices", "invocation", "transactions"):
            result.pop(key, None)
        results.append(f"  result: {describe(json.dumps(result))}")
    return [
        f"{name} ({how}), started at {run.started:.2f}, {end}",
        f"  arguments: {describe(json.dumps(arguments, default=str))}",
        f"  faults: {json.dumps(list(run.draw.faults))}; outages (after, seconds): {list(run.draw.outages)}",
        *results,
    ]


def _requests(step: Step) -> list[str]:
    lines = [_request(request) for request in step.seen.requests]
    if len(lines) > _REQUESTS_SHOWN:
        half = _REQUESTS_SHOWN // 2
        lines = [*lines[:half], f"  … {len(lines) - 2 * half} more …", *lines[-half:]]
    return lines


def _request(request: dict[str, Any]) -> str:
    query = f"?{request['query']}" if request["query"] else ""
    fault = f" fault {request['fault']}" if request["fault"] else ""
    call = f"{request['method']} {request['path']}{query}"
    return f"  {request['id']} at {request['at']:.3f} {call}: {request['status']}{fault}"
