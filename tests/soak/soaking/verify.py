# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the result of a run with the books. Each function returns findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from harness.simulators import PASSWORD, TOKEN

from .cures import missing_cures
from .drawn import InterruptionKind, RoundDraw
from .fleets import KEY, NEVER, REFUSED, Member
from .outcomes import Case, wrong_outcome
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, SUSPENDED
from .runs import Run
from .seen import FORGOTTEN, LEAK, MESSAGE, WRONG, Finding, Seen
from .states import ACTIVE, state_at

#: Statuses of answers that prove that a submission was not accepted.
_REFUSALS = frozenset(range(400, 500)) - {408}
#: Outcomes with which a run fails, whether or not it waits.
_FAILURES = frozenset(("failed", "conflict", "suspended", "deactivated", "unknown"))


def check_output(run: Run) -> list[Finding]:
    """Checks all output of a run, killed or not."""
    findings = [Finding(LEAK, f"the output has {name}") for name, text in _SECRETS.items() if text in run.output]
    if "Traceback (most recent call last)" in run.output and not _may_show_traceback(run):
        findings.append(Finding(LEAK, "the output has a traceback"))
    return findings


def _may_show_traceback(run: Run) -> bool:
    """Whether the traceback is Python's KeyboardInterrupt."""
    kind = run.draw.interruption.kind if run.draw.interruption and run.interrupted is not None else None
    return kind is InterruptionKind.INTERRUPT and "KeyboardInterrupt" in run.output


_SECRETS = {"the token": TOKEN, "the password": PASSWORD}


def check_result(run: Run, seen: Seen) -> list[Finding]:
    """Checks the result of a run that ended by itself."""
    if run.hung:
        return [Finding(WRONG, "the run did not end")]
    result = run.result
    if result is None:
        return [Finding(WRONG, "the run ended without a result")]
    waited = run.arguments.get("wait", True) and not run.draw.check
    findings = [Finding(MESSAGE, text) for text in missing_cures(result, waited)] if result.get("failed") else []
    if "summary" not in result:
        return findings + _check_aborted(run, result, seen)
    return findings + _check_counts(run, result, seen) + _check_changed(run, result, seen) + _check_devices(run, seen)


def refused_by_journal(run: Run) -> bool:
    """Whether a run was refused because another one used its journal."""
    return run.has_failed and "is in use by another run" in str((run.result or {}).get("msg"))


def _check_aborted(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    """Checks a run that failed as a whole: it must not have written."""
    findings = []
    if not result.get("failed"):
        findings.append(Finding(WRONG, "the run did not fail, but its result has no summary"))
    if not run.draw.has_faults and not refused_by_journal(run):
        findings.append(Finding(WRONG, f"the run failed without faults: {result.get('msg')}"))
    # Requests of a killed run may arrive before this run starts.
    written = [request for request in seen.writes() if request["at"] >= run.started]
    if seen.alone and written:
        findings.append(Finding(WRONG, f"the run failed as a whole after {len(written)} writes"))
    return findings


def _check_counts(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    findings = []
    in_file = {_key_of(entry): entry["outcome"] for entry in run.listed}
    declared = [member.key for member in run.members]
    if sorted(in_file) != sorted(declared):
        findings.append(Finding(WRONG, f"the result file has {len(in_file)} devices, {len(declared)} are declared"))
    outcomes = Counter(in_file.values())
    if outcomes != Counter(result["summary"]):
        findings.append(
            Finding(WRONG, f"the summary is {result['summary']}, the devices' outcomes are {dict(outcomes)}")
        )
    expected = {name: outcome for name, outcome in in_file.items() if not run.has_failed or outcome in _failures(run)}
    listed = {_key_of(entry): entry["outcome"] for entry in result["devices"]}
    if listed != expected or result["devices_omitted"]:
        text = f"the result lists {len(listed)} devices, and should list {len(expected)} of the result file"
        findings.append(Finding(WRONG, text))
    if seen.all_seen(run):
        reads, writes = sum(request["method"] == "GET" for request in seen.requests), len(seen.writes())
        for name, count in (("reads", reads), ("writes", writes)):
            reported = result["requests"][name]
            if reported != count:
                findings.append(Finding(WRONG, f"requests.{name} is {reported}, but {count} arrived"))
    return findings + _check_plan(run, result) + _check_transactions(run, result)


def _key_of(entry: Mapping[str, Any]) -> str:
    """The key of a device in a result."""
    return str(entry[KEY[entry["kind"]]])


def _failures(run: Run) -> Collection[str]:
    """The outcomes with which a run fails. A failed run lists only devices with these."""
    waits = run.arguments.get("wait", True) and not run.draw.check
    return _FAILURES | {"pending"} if waits else _FAILURES


def _check_plan(run: Run, result: dict[str, Any]) -> list[Finding]:
    """Checks the plan's counts against the outcomes, as far as these do not change during the run."""
    plan, count = result["plan"], Counter(result["summary"])
    numbers = {name: number for name, number in plan.items() if name != "digest"}
    stays = plan["conflict"] + plan["inactive"]
    right = {
        "all": sum(numbers.values()) == len(run.members),
        "conflict": plan["conflict"] >= count["conflict"],
        "inactive": plan["inactive"] >= count["suspended"] + count["deactivated"],
        "both": stays == count["conflict"] + count["suspended"] + count["deactivated"] + count["skipped"],
        "restore": plan["restore"] >= count["restored"]
        and (not run.draw.check or plan["restore"] == count["would_restore"]),
        "activate": not run.draw.check or plan["activate"] == count["would_activate"],
    }
    wrong = [name for name, is_right in right.items() if not is_right]
    text = f"the plan is {numbers}, the summary is {dict(count)}; these do not match: {', '.join(wrong)}"
    return [Finding(WRONG, text)] if wrong else []


def _check_transactions(run: Run, result: dict[str, Any]) -> list[Finding]:
    if result.get("transactions_omitted"):
        return []
    reported = {
        entry["transaction_id"]: (entry["success"], entry["failed"], entry["pending"])
        for entry in result["transactions"]
    }
    counted: dict[str, Counter[str]] = {}
    for entry in run.listed:
        if entry["transaction_id"] and entry["outcome"] in ("activated", "failed", "pending"):
            counted.setdefault(entry["transaction_id"], Counter())[entry["outcome"]] += 1
    shown = [
        name for name, count in counted.items() if not run.has_failed or any(count[word] for word in _failures(run))
    ]
    expected = {name: (counted[name]["activated"], counted[name]["failed"], counted[name]["pending"]) for name in shown}
    return [
        Finding(WRONG, f"the counts of {name} are {reported.get(name)}, not {counts}")
        for name, counts in expected.items()
        if reported.get(name) != counts
    ]


def _check_changed(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    writes = seen.writes()
    if run.draw.check:
        wanted = any(result["summary"].get(outcome) for outcome in ("would_activate", "would_restore"))
        findings = [Finding(WRONG, "check mode sent writes")] if writes and seen.alone else []
        if result["changed"] != wanted:
            findings.append(Finding(WRONG, f"changed is {result['changed']} in check mode: {result['summary']}"))
        return findings
    if not seen.alone:
        return []
    since = run.started + seen.offset
    accepted = [*seen.books.accepted_since(since), *(change for change in seen.books.changes if change.at >= since)]
    doubtful = [request for request in writes if request["status"] not in _REFUSALS]
    if accepted and not result["changed"]:
        return [Finding(WRONG, f"changed is false, but {len(accepted)} devices were activated or restored")]
    if result["changed"] and not accepted and not doubtful and seen.all_seen(run):
        return [Finding(WRONG, "changed is true, but no write was accepted or may have been")]
    return []


# -- Outcomes ----------------------------------------------------------------------------------------------------------


def _check_devices(run: Run, seen: Seen) -> list[Finding]:
    by_key = {member.key: member for member in run.members}
    findings = []
    for entry in run.listed:
        key = _key_of(entry)
        member = by_key.get(key)
        text = wrong_outcome(Case(entry, member, run, seen)) if member else "was never declared"
        if text:
            findings.append(Finding(WRONG, f"{entry['outcome']} ({entry['reason']}): {text}", key))
    return findings


# -- The end of a round ------------------------------------------------------------------------------------------------


def check_last(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    """Checks the run after the faults: each device is active, unless its fate or the options say otherwise."""
    findings = []
    for member in round_.fleet.members:
        entries = seen.books.of(member.key)
        if member.fate == REFUSED:
            right = bool(entries) and all(entry.fails for entry in entries)
        elif member.fate == NEVER:
            right = bool(entries) and not entries[-1].fails and entries[-1].done_at is None
        elif _may_stay(member, run):
            continue
        else:
            right = state_at(member, seen.books, seen.books.now) == ACTIVE
        if not right:
            lines = [f"{entry.transaction_id} {entry.outcome}" for entry in entries]
            text = f"expected fate: {member.fate}; its lines: {', '.join(lines) or 'none'}"
            findings.append(Finding(FORGOTTEN, text, member.key))
    return findings + _check_last_outcomes(run, seen, round_)


def _may_stay(member: Member, run: Run) -> bool:
    """Whether a listed device may keep its state."""
    # If neither the list nor the history has the SIM's id, it is unknown which SIM is suspended or deactivated. The
    # MDN links them, but the pages of the history have none for a transaction with one device.
    if member.fate == SUSPENDED:
        is_active = member.portal is not None and member.portal.is_active_in_history
        is_known = member.kind != "smartsim" or (is_active and run.arguments["history"] == "full")
        return bool(run.arguments["on_suspended"] != "restore") or not is_known
    if member.fate == DEACTIVATED:
        return bool(run.arguments["on_deactivated"] != "activate") or member.kind == "smartsim"
    return member.fate in ACTIVE_ELSEWHERE


def _check_last_outcomes(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    if run.result is None or "summary" not in run.result:
        return [Finding(FORGOTTEN, f"the last run failed as a whole: {(run.result or {}).get('msg')}")]
    findings = []
    for entry in run.listed:
        member = round_.fleet.by_key.get(_key_of(entry))
        expected = _expected_outcomes(member, run, seen) if member else ()
        if member and entry["outcome"] not in expected:
            text = f"{entry['outcome']} after the faults ({entry['reason']}); its fate is {member.fate}"
            findings.append(Finding(FORGOTTEN, f"{text}, so expected: {' or '.join(expected)}", member.key))
    return findings


def _expected_outcomes(member: Member, run: Run, seen: Seen) -> tuple[str, ...]:
    """The outcomes that a device may have after the faults."""
    check = run.draw.check
    if member.fate == REFUSED:
        return ("would_activate",) if check else ("failed",)
    if member.fate == NEVER:
        return ("pending",)
    stays = {
        SUSPENDED: _by_policy(run.arguments["on_suspended"], "suspended"),
        DEACTIVATED: _by_policy(run.arguments["on_deactivated"], "deactivated"),
        **dict.fromkeys(ACTIVE_ELSEWHERE, _by_policy(run.arguments["on_conflict"], "conflict")),
    }
    if member.fate in stays and state_at(member, seen.books, seen.books.now) != ACTIVE:
        return stays[member.fate]
    done = {SUSPENDED: "restored"}.get(member.fate, "activated")
    return ("already_active",) if check else (done, "already_active")


def _by_policy(policy: str, state: str) -> tuple[str, ...]:
    """The outcomes of a device that is not active at the end of a run."""
    if policy == "skip":
        return ("skipped",)
    # Submitting a device that is active elsewhere may fail each time, because the carrier has a line for it. It may
    # also be unknown which SIM is deactivated.
    return (state, "failed", "would_activate") if policy == "activate" else (state,)
