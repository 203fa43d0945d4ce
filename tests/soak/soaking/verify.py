# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run says, compared with the books. Each function returns what is wrong, a `Finding` each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.simulators import PASSWORD, TOKEN

from .books import Books, submitted_twice
from .cures import missing_cures
from .drawn import How, RoundDraw
from .faults import SWALLOWING
from .fleets import KEY, NEVER, PARTNER, REFUSED, Member
from .runs import Run

#: The kinds of findings: the first three are the issue's zeros.
TWICE, FORGOTTEN, WRONG, MESSAGE, LEAK = "activated twice", "forgotten", "wrong outcome", "message", "leak"
FINDINGS = (TWICE, FORGOTTEN, WRONG, MESSAGE, LEAK)

#: Answers that prove that a submission was not taken.
_REFUSALS = frozenset(range(400, 500)) - {408}


class Finding(NamedTuple):
    """Something that is wrong. `key`: the device that it concerns, if it is one."""

    kind: str
    text: str
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.key + ': ' if self.key else ''}{self.text}"


@dataclass(frozen=True)
class Seen:
    """What the simulator saw of a run: its requests, the books before and after it, and the clock's offset.

    `alone`: whether nothing of a run before it was still on its way, and none ran beside it. `spoken`: the books' name
    of a transaction → what this account calls it, as far as results have shown; None where both are the same.
    """

    requests: Sequence[dict[str, Any]]
    books: Books
    offset: float
    alone: bool
    spoken: dict[str, str] | None = None

    def is_named(self, transaction_id: str, shown: Any) -> bool:
        """Whether a result can mean the transaction of the books by the id that it shows."""
        if self.spoken is None or not shown:
            return bool(shown == transaction_id)
        others = {name for other, name in self.spoken.items() if other != transaction_id}
        return self.spoken.setdefault(transaction_id, shown) == shown and shown not in others

    def writes(self) -> list[dict[str, Any]]:
        """The submissions that arrived."""
        return [request for request in self.requests if request["write"]]

    def all_seen(self, run: Run) -> bool:
        """Whether each of the run's requests is in the log, and no other."""
        struck = {request["fault"] for request in self.requests}
        return self.alone and not run.draw.outages and not struck & SWALLOWING


def check_books(books: Books, declared: Iterable[str], requests: Sequence[dict[str, Any]]) -> list[Finding]:
    """What must hold after every run, however it ended."""
    findings = [Finding(TWICE, text, key) for key, entries in books.lines.items() for text in submitted_twice(entries)]
    strangers = {key for key, entries in books.lines.items() if any(not entry.seeded for entry in entries)}
    findings += [Finding(TWICE, "was never declared", key) for key in sorted(strangers - set(declared))]
    refused = [request for request in requests if request["write"] and request["status"] == 409]
    findings += [Finding(TWICE, f"request {request['id']} was refused as a duplicate") for request in refused]
    return findings


def check_output(run: Run) -> list[Finding]:
    """What must hold for whatever a run has written, killed or not."""
    findings = [Finding(LEAK, f"the output has {name}") for name, text in _SECRETS.items() if text in run.output]
    if "Traceback (most recent call last)" in run.output and not _was_told_to_show_one(run):
        findings.append(Finding(LEAK, "the output has a traceback"))
    return findings


def _was_told_to_show_one(run: Run) -> bool:
    """Whether it is Python's answer to Ctrl-C."""
    how = run.draw.interruption.how if run.draw.interruption and run.interrupted is not None else None
    return how is How.INTERRUPT and "KeyboardInterrupt" in run.output


_SECRETS = {"the token": TOKEN, "the password": PASSWORD}


def check_result(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    """What must hold for a run that ended by itself."""
    if run.hung:
        return [Finding(WRONG, "the run did not end")]
    result = run.result
    if result is None:
        return [Finding(WRONG, "the run ended without a result")]
    waited = run.arguments.get("wait", True) and not run.draw.check
    findings = [Finding(MESSAGE, text) for text in missing_cures(result, waited)] if result.get("failed") else []
    if "summary" not in result:
        return findings + _check_aborted(run, result, seen)
    return (
        findings
        + _check_counts(run, result, seen)
        + _check_changed(run, result, seen)
        + _check_devices(run, seen, round_)
    )


def refused_by_journal(run: Run) -> bool:
    """Whether another run had the journal."""
    return run.failed and "is in use by another run" in str((run.result or {}).get("msg"))


def _check_aborted(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    """A run whose whole plan was wrong must not have written."""
    findings = []
    if not result.get("failed"):
        findings.append(Finding(WRONG, "the result has no summary and no failure"))
    if not run.draw.faulty and not refused_by_journal(run):
        findings.append(Finding(WRONG, f"nothing was made to go wrong, and the run failed: {result.get('msg')}"))
    # What a killed run had sent may arrive before this one has begun.
    written = [request for request in seen.writes() if request["at"] >= run.started]
    if seen.alone and written:
        findings.append(Finding(WRONG, f"the run failed as a whole after {len(written)} submissions"))
    return findings


def _check_counts(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    findings = []
    kind = run.members[0].kind
    key = KEY[kind]
    listed = [entry[key] for entry in result["devices"]]
    declared = [member.key for member in run.members]
    if sorted(listed) != sorted(declared) or result["devices_omitted"]:
        findings.append(Finding(WRONG, f"{len(listed)} devices are listed and {len(declared)} declared"))
    outcomes = Counter(entry["outcome"] for entry in result["devices"])
    if outcomes != Counter(result["summary"]):
        findings.append(
            Finding(WRONG, f"the summary is {result['summary']}, the devices' outcomes are {dict(outcomes)}")
        )
    in_file = {entry[key]: entry["outcome"] for entry in run.listed}
    if in_file != {entry[key]: entry["outcome"] for entry in result["devices"]}:
        findings.append(Finding(WRONG, "the result file tells other outcomes than the result"))
    if seen.all_seen(run):
        posts, gets = len(seen.writes()), sum(request["method"] == "GET" for request in seen.requests)
        for name, count in (("post", posts), ("get", gets)):
            told = result["requests"][name]
            if told != count:
                findings.append(Finding(WRONG, f"requests.{name} is {told}, and {count} arrived"))
    return findings + _check_transactions(result)


def _check_transactions(result: dict[str, Any]) -> list[Finding]:
    if result.get("transactions_omitted"):
        return []
    told = {
        entry["transaction_id"]: (entry["success"], entry["failed"], entry["pending"])
        for entry in result["transactions"]
    }
    counted: dict[str, Counter[str]] = {}
    for entry in result["devices"]:
        if entry["transaction_id"] and entry["outcome"] in ("activated", "failed", "pending"):
            counted.setdefault(entry["transaction_id"], Counter())[entry["outcome"]] += 1
    expected = {name: (count["activated"], count["failed"], count["pending"]) for name, count in counted.items()}
    differing = [name for name in expected if told.get(name) != expected[name]]
    return [Finding(WRONG, f"the counts of {name} are {told.get(name)}, not {expected[name]}") for name in differing]


def _check_changed(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    writes = seen.writes()
    if run.draw.check:
        wanted = bool(result["summary"].get("would_activate"))
        findings = [Finding(WRONG, "check mode has submitted devices")] if writes and seen.alone else []
        if result["changed"] != wanted:
            findings.append(Finding(WRONG, f"changed is {result['changed']} in check mode: {result['summary']}"))
        return findings
    if not seen.alone:
        return []
    taken = seen.books.taken_since(run.started + seen.offset)
    doubtful = [request for request in writes if request["status"] not in _REFUSALS]
    if taken and not result["changed"]:
        return [Finding(WRONG, f"{len(taken)} devices were taken, and changed is false")]
    if result["changed"] and not taken and not doubtful and seen.all_seen(run):
        return [Finding(WRONG, "nothing was taken, or may have been, and changed is true")]
    return []


# -- Outcomes ----------------------------------------------------------------------------------------------------------


def _check_devices(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    by_key = {member.key: member for member in run.members}
    findings = []
    for entry in (run.result or {})["devices"]:
        member = by_key.get(entry[KEY[round_.kind]])
        text = _wrong(entry, member, run, seen) if member else "was never declared"
        if text:
            findings.append(Finding(WRONG, f"{entry['outcome']} ({entry['reason']}): {text}", entry[KEY[round_.kind]]))
    return findings


def _wrong(entry: dict[str, Any], member: Member, run: Run, seen: Seen) -> str | None:
    """Why an outcome is not what the books say; None where it is."""
    books, key, outcome = seen.books, member.key, entry["outcome"]
    started, ended = run.started + seen.offset, run.ended + seen.offset
    if outcome in ("activated", "already_active"):
        line = books.active(key, ended)
        if line is None:
            return "the books do not say that it is active"
        if not seen.is_named(line.transaction_id, entry["transaction_id"]):
            return f"it is active by {line.transaction_id}, not by {entry['transaction_id']}"
        return _wrong_details(entry, member, line.partner, line.iccid)
    if outcome == "failed":
        by_then = [line.failed for line in books.of(key) if line.submitted_at <= ended]
        # A rival may have submitted it again since, or where this one could not.
        right = all(by_then) if seen.alone else any(by_then) or not entry["transaction_id"]
        return None if right else "the books say otherwise"
    if outcome == "pending":
        only_history = run.draw.check or not run.arguments.get("wait", True)
        under_way = books.under_way(key, started, ended, only_history)
        return None if under_way else "the books say that it was not under way"
    if outcome == "unknown":
        return _wrong_unknown(member, run, seen)
    if outcome == "would_activate" and run.draw.check:
        # What is on its way while the history is read may be in it or not.
        standing = [line for line in books.of(key) if not line.failed and line.visible_at < started]
        return "the books say that it is active, or under way" if standing else None
    return "is no outcome that this run can have"


def _wrong_details(entry: dict[str, Any], member: Member, partner: str | None, iccid: str | None) -> str | None:
    declared = member.identifiers.get(PARTNER[member.kind])
    if declared is not None and partner != declared:
        return f"it is active with {partner}"
    if member.kind == "esim" and entry["iccid"] != iccid:
        return f"its ICCID is {iccid}, not {entry['iccid']}"
    return None


def _wrong_unknown(member: Member, run: Run, seen: Seen) -> str | None:
    if not run.draw.faulty and seen.alone:
        return "nothing was made to go wrong"
    reads_suffer = run.draw.outages or any(request["fault"] and request["method"] == "GET" for request in seen.requests)
    throttled = any(request["status"] == 429 for request in seen.requests)
    if reads_suffer or throttled:
        return None
    for line in seen.books.of(member.key):
        shown = line.visible_at - line.submitted_at < 0.6 * run.arguments["settle_timeout"]
        # Without the whole history, a failure of before cannot be told from one of now.
        blind = line.failed and run.arguments["history"] != "full"
        # A rival submits once this run has ended.
        ours = seen.alone or line.submitted_at <= run.ended + seen.offset - 0.9 * run.arguments["settle_timeout"]
        if line.submitted_at >= run.started + seen.offset and ours and shown and not blind:
            return f"the history showed {line.transaction_id} in time"
    return None


# -- The end of a round ------------------------------------------------------------------------------------------------


def check_last(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    """After the faults: each device is active, but those that are meant to fail or never to end."""
    findings = []
    for member in round_.fleet.members:
        entries = seen.books.of(member.key)
        if not entries:
            findings.append(Finding(FORGOTTEN, "was never taken", member.key))
            continue
        if member.fate == REFUSED:
            right = all(entry.failed for entry in entries)
        elif member.fate == NEVER:
            right = not entries[-1].failed and entries[-1].done_at is None
        else:
            right = seen.books.active(member.key, seen.books.now) is not None
        if not right:
            told = [f"{entry.transaction_id} {entry.outcome}" for entry in entries]
            findings.append(Finding(FORGOTTEN, f"is meant to end as {member.fate}: {', '.join(told)}", member.key))
    return findings + _check_last_outcomes(run, round_)


def _check_last_outcomes(run: Run, round_: RoundDraw) -> list[Finding]:
    if run.result is None or "summary" not in run.result:
        return [Finding(FORGOTTEN, f"the last run did not succeed: {(run.result or {}).get('msg')}")]
    fates = {member.key: member.fate for member in round_.fleet.members}
    findings = []
    for entry in run.result["devices"]:
        key = entry[KEY[round_.kind]]
        if entry["outcome"] not in _meant(fates.get(key, ""), run.draw.check):
            text = f"ended as {entry['outcome']} after the faults ({entry['reason']}), meant was {fates.get(key)}"
            findings.append(Finding(FORGOTTEN, text, key))
    return findings


def _meant(fate: str, check: bool) -> tuple[str, ...]:
    """The outcomes that a device of this fate may have after the faults."""
    if fate == REFUSED:
        return ("would_activate",) if check else ("failed",)
    if fate == NEVER:
        return ("pending",)
    return ("already_active",) if check else ("activated", "already_active")
