# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run says, compared with the books. Each function returns what is wrong, a `Finding` each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from harness.simulators import PASSWORD, TOKEN

from .cures import missing_cures
from .drawn import How, RoundDraw
from .fleets import KEY, NEVER, REFUSED, Member
from .outcomes import Case, wrong_outcome
from .portal import ACTIVE_ELSEWHERE, DEACTIVATED, SUSPENDED
from .runs import Run
from .seen import FORGOTTEN, LEAK, MESSAGE, WRONG, Finding, Seen
from .standing import ACTIVE, standing

#: Answers that prove that a submission was not taken.
_REFUSALS = frozenset(range(400, 500)) - {408}
#: Outcomes that make a run fail, whether or not it waits.
_FAILURES = frozenset(("failed", "conflict", "suspended", "deactivated", "unknown"))


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


def check_result(run: Run, seen: Seen) -> list[Finding]:
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
    return findings + _check_counts(run, result, seen) + _check_changed(run, result, seen) + _check_devices(run, seen)


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
        findings.append(Finding(WRONG, f"the run failed as a whole after {len(written)} writes"))
    return findings


def _check_counts(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    findings = []
    in_file = {_key_of(entry): entry["outcome"] for entry in run.listed}
    declared = [member.key for member in run.members]
    if sorted(in_file) != sorted(declared):
        findings.append(Finding(WRONG, f"the result file has {len(in_file)} devices and {len(declared)} are declared"))
    outcomes = Counter(in_file.values())
    if outcomes != Counter(result["summary"]):
        findings.append(
            Finding(WRONG, f"the summary is {result['summary']}, the devices' outcomes are {dict(outcomes)}")
        )
    meant = {name: outcome for name, outcome in in_file.items() if not run.failed or outcome in _failures(run)}
    listed = {_key_of(entry): entry["outcome"] for entry in result["devices"]}
    if listed != meant or result["devices_omitted"]:
        findings.append(Finding(WRONG, f"the result lists {len(listed)} devices instead of {len(meant)} of the file"))
    if seen.all_seen(run):
        reads, writes = sum(request["method"] == "GET" for request in seen.requests), len(seen.writes())
        for name, count in (("reads", reads), ("writes", writes)):
            told = result["requests"][name]
            if told != count:
                findings.append(Finding(WRONG, f"requests.{name} is {told}, and {count} arrived"))
    return findings + _check_plan(run, result) + _check_transactions(run, result)


def _key_of(entry: Mapping[str, Any]) -> str:
    """What tells the device of a result apart from the others of its kind."""
    return str(entry[KEY[entry["kind"]]])


def _failures(run: Run) -> Collection[str]:
    """The outcomes that make a run fail, which then lists nothing else."""
    waits = run.arguments.get("wait", True) and not run.draw.check
    return _FAILURES | {"pending"} if waits else _FAILURES


def _check_plan(run: Run, result: dict[str, Any]) -> list[Finding]:
    """The plan's counts, as far as nothing that comes later changes the outcomes that follow from them."""
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
    return [Finding(WRONG, f"the plan is {numbers}, the summary {dict(count)}: {', '.join(wrong)}")] if wrong else []


def _check_transactions(run: Run, result: dict[str, Any]) -> list[Finding]:
    if result.get("transactions_omitted"):
        return []
    told = {
        entry["transaction_id"]: (entry["success"], entry["failed"], entry["pending"])
        for entry in result["transactions"]
    }
    counted: dict[str, Counter[str]] = {}
    for entry in run.listed:
        if entry["transaction_id"] and entry["outcome"] in ("activated", "failed", "pending"):
            counted.setdefault(entry["transaction_id"], Counter())[entry["outcome"]] += 1
    shown = [name for name, count in counted.items() if not run.failed or any(count[word] for word in _failures(run))]
    expected = {name: (counted[name]["activated"], counted[name]["failed"], counted[name]["pending"]) for name in shown}
    differing = [name for name in expected if told.get(name) != expected[name]]
    return [Finding(WRONG, f"the counts of {name} are {told.get(name)}, not {expected[name]}") for name in differing]


def _check_changed(run: Run, result: dict[str, Any], seen: Seen) -> list[Finding]:
    writes = seen.writes()
    if run.draw.check:
        wanted = any(result["summary"].get(outcome) for outcome in ("would_activate", "would_restore"))
        findings = [Finding(WRONG, "check mode has written")] if writes and seen.alone else []
        if result["changed"] != wanted:
            findings.append(Finding(WRONG, f"changed is {result['changed']} in check mode: {result['summary']}"))
        return findings
    if not seen.alone:
        return []
    since = run.started + seen.offset
    taken = [*seen.books.taken_since(since), *(change for change in seen.books.changes if change.at >= since)]
    doubtful = [request for request in writes if request["status"] not in _REFUSALS]
    if taken and not result["changed"]:
        return [Finding(WRONG, f"{len(taken)} devices were taken or restored, and changed is false")]
    if result["changed"] and not taken and not doubtful and seen.all_seen(run):
        return [Finding(WRONG, "nothing was taken, or may have been, and changed is true")]
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
    """After the faults: each device is active, but those that are meant to fail, never to end, or to stay inactive."""
    findings = []
    for member in round_.fleet.members:
        entries = seen.books.of(member.key)
        if member.fate == REFUSED:
            right = bool(entries) and all(entry.failed for entry in entries)
        elif member.fate == NEVER:
            right = bool(entries) and not entries[-1].failed and entries[-1].done_at is None
        elif _may_stay(member, run):
            continue
        else:
            right = standing(member, seen.books, seen.books.now) == ACTIVE
        if not right:
            told = [f"{entry.transaction_id} {entry.outcome}" for entry in entries]
            text = f"is meant to end as {member.fate}: {', '.join(told) or 'was never taken'}"
            findings.append(Finding(FORGOTTEN, text, member.key))
    return findings + _check_last_outcomes(run, seen, round_)


def _may_stay(member: Member, run: Run) -> bool:
    """Whether a listed device may stay as it is."""
    # Without a SIM's id in list or history, nobody knows which one is suspended or deactivated.
    if member.fate == SUSPENDED:
        is_known = member.kind != "smartsim" or (member.portal is not None and member.portal.is_active_in_history)
        return bool(run.arguments["on_suspended"] != "restore") or not is_known
    if member.fate == DEACTIVATED:
        return bool(run.arguments["on_deactivated"] != "activate") or member.kind == "smartsim"
    return member.fate in ACTIVE_ELSEWHERE


def _check_last_outcomes(run: Run, seen: Seen, round_: RoundDraw) -> list[Finding]:
    if run.result is None or "summary" not in run.result:
        return [Finding(FORGOTTEN, f"the last run did not succeed: {(run.result or {}).get('msg')}")]
    findings = []
    for entry in run.listed:
        member = round_.fleet.by_key.get(_key_of(entry))
        meant = _meant(member, run, seen) if member else ()
        if member and entry["outcome"] not in meant:
            text = f"ended as {entry['outcome']} after the faults ({entry['reason']}), meant was {member.fate}"
            findings.append(Finding(FORGOTTEN, f"{text}: {' or '.join(meant)}", member.key))
    return findings


def _meant(member: Member, run: Run, seen: Seen) -> tuple[str, ...]:
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
    if member.fate in stays and standing(member, seen.books, seen.books.now) != ACTIVE:
        return stays[member.fate]
    done = {SUSPENDED: "restored"}.get(member.fate, "activated")
    return ("already_active",) if check else (done, "already_active")


def _by_policy(policy: str, state: str) -> tuple[str, ...]:
    """The outcomes of what is not active at the end of a run."""
    if policy == "skip":
        return ("skipped",)
    # The carrier has a line for what is active elsewhere: submitting it may fail each time. Or nobody knows which SIM
    # is deactivated.
    return (state, "failed", "would_activate") if policy == "activate" else (state,)
