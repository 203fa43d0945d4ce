# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws a round. It depends only on the seed and the round's number, so that each round can be repeated."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .drawn import Interruption, InterruptionKind, Memory, RoundDraw, RunDraw
from .faults import (
    ABSURD,
    RESTORES,
    SLOW_KINDS,
    UNANSWERED,
    WRITES,
    draw_faults,
    draw_names,
    draw_outages,
)
from .fleets import LATE, NEVER, WAS_PENDING, Fleet, draw_fleet
from .portal import DEACTIVATED, GONE, GROUPS, SUSPENDED
from .special import PATIENT, after_reactivation, cut_short, held, hidden, reactivate

#: Share of the rounds whose account uses other names and values.
_DIALECT_SHARE = 0.4
#: Share of the runs that use ansible-playbook; the same of interrupted runs; share of plays with several hosts.
_PLAYBOOK_SHARE, _INTERRUPTED_PLAYBOOK_SHARE, _HOSTS_SHARE = 1 / 15, 1 / 3, 1 / 3
#: Share of the plays of sentinel_fleet whose hosts are the devices.
_DEVICES_SHARE = 0.5
#: Seconds until ansible-playbook starts its task.
_PLAYBOOK_START = 1.0
#: Share of the runs with rivals, and of the rivals that are interrupted.
_RIVALS_SHARE, _RIVAL_INTERRUPTED = 0.15, 0.25
#: Maximum wait_timeout, in seconds, of runs on the same devices: these run one after another.
_WAIT_TOGETHER = 4.0
#: Share of the rounds with deactivated devices that are activated again while the list is late, and the settle time
#: of these rounds in seconds.
_REACTIVATION_SHARE, _REACTIVATION_SETTLE = 0.3, 8.0
#: Share of the rounds with suspended devices that are restored.
_RESTORING_SHARE = 0.6
#: Share of the runs with orphans that the next run does not wait for, and of those whose orphans have much to do.
_HASTY_SHARE, _BUSY_SHARE = 0.6, 0.6


def draw_round(seed: int, number: int) -> RoundDraw:
    """Draw the round with this number."""
    rng = random.Random(f"{seed}/{number}")
    fleet = draw_fleet(rng, _draw_size(rng))
    request_format = rng.choice(("single", "batch") if "sim" in fleet.kinds else ("batch",))
    journal = rng.random() < 0.5
    kills = rng.random() < 0.7
    reactivates = bool(fleet.with_fate(DEACTIVATED, GONE)) and rng.random() < _REACTIVATION_SHARE
    settle = _REACTIVATION_SETTLE if reactivates else rng.choice((2.0, 2.5, 3.0))
    settings, final_settings = _draw_settings(rng, fleet, request_format)
    if (journal or not kills) and rng.random() < 0.6:
        # Well below the settle time, even on a busy machine
        lag = rng.uniform(0.2, 0.4 * settle)
        settings["history_lag"] = rng.choice((lag, [0.0, lag]))
    history = rng.choice(("full", "full", "full", "recent"))
    base = {"history": history, "settle_timeout": settle, "request_format": request_format, **_policies(rng)}
    restoring = bool(fleet.with_fate(SUSPENDED)) and rng.random() < _RESTORING_SHARE
    if restoring:
        base.update(on_suspended="restore", listing="auto")
    others = _draw_list(rng, settings, final_settings, settle)
    is_late = "history_lag" in settings
    runs = [
        # Later runs have less to submit, or nothing: interrupt mostly the first one.
        _draw_run(rng, fleet, base, kills * (0.6 if index else 0.9), journal, is_late)
        for index in range(rng.choice((2, 2, 2, 3, 4) if kills or reactivates else (1, 2, 2, 3, 4)))
    ]
    if reactivates:
        # The list shows the activation after the next run has begun, and before that run stops waiting for it.
        settings.pop("history_lag", None)
        settings.update(listing_lag=rng.uniform(0.7, 0.9) * settle, line_latency=[0.0, 0.1])
        runs[0], runs[1] = reactivate(runs[0]), after_reactivation(rng, runs[1])
    elif journal and rng.random() < 0.2:
        runs[0] = held(runs[0])
    elif restoring and kills:
        runs[0] = cut_short(rng, runs[0])
    runs += _last_runs(rng, fleet, base)
    past = rng.choice((0, 0, 0, 300, 2000)) if history == "full" else 0
    if rng.random() < _DIALECT_SHARE:
        settings["dialect"] = f"random:{rng.randrange(1 << 30)}"
    if journal and not reactivates and rng.random() < 0.25:
        # Submissions get their answers, but are not in the history for a while.
        settings["history_lag"] = settle + rng.uniform(1.0, 3.0)
        runs = [run if run.last else hidden(rng, run) for run in runs]
    runs = [_hurried(rng, run, after, journal) for run, after in zip(runs, runs[1:])] + runs[-1:]
    return RoundDraw(seed, number, fleet, request_format, journal, settings, final_settings, past, others, tuple(runs))


def _draw_size(rng: random.Random) -> int:
    lowest, highest = rng.choices(((1, 1), (2, 6), (7, 30), (31, 120), (121, 499), (500, 500)), (8, 38, 34, 13, 5, 2))[
        0
    ]
    return rng.randint(lowest, highest)


def _draw_settings(rng: random.Random, fleet: Fleet, request_format: str) -> tuple[dict[str, Any], dict[str, Any]]:
    shortest = rng.choice((0.0, 0.0, 0.2))
    settings: dict[str, Any] = {
        "duplicates": rng.choice(("fail_line", "second_success", "second_success", "refuse", "random")),
        "line_latency": [shortest, shortest + rng.choice((0.0, 0.1, 0.5, 2.0))],
        "request_latency": rng.choice(([0.0, 0.0], [0.0, 0.0], [0.0, 0.02], [0.01, 0.05])),
        "page_max": rng.choice((500, 500, 50, 20)),
        "page_overlap": rng.choice((0, 0, 1, [0, 3])),
        "arrivals": rng.choice((0.0, 0.0, 0.3)),
        "departures": rng.choice((0.0, 0.0, 0.2)),
        "envelope": rng.choice(("object", "list", "no_total")),
        "utc_offset": rng.choice((0, 0, -5, 5.5)),
        "token_lifetime": rng.choice((1200, 1200, 1.0, 0.3)),
        "token_max_age": rng.choice((None, None, [0.5, 3.0])),
        "esim_max": rng.choice((100, 100, 30, 7)),
    }
    if rng.random() < 0.15:
        # With a lower rate, a large fleet of single requests would take minutes.
        slowest = 60 if request_format == "single" and len(fleet) > 60 else 25
        settings["rate_limit"] = rng.choice((slowest, 2 * slowest))
        settings["rate_limit_retry_after"] = rng.choice(("seconds", "date", "none", "random"))
    final_settings: dict[str, Any] = {"line_latency": [0.0, 0.2], "late_rate": 0.0}
    if rng.random() < 0.2:
        settings.update(late_rate=0.2, late_latency=[1.0, 3.0])
    if rng.random() < 0.15:
        settings["failure_rate"] = rng.choice((0.1, 0.3))
        final_settings["failure_rate"] = 0.0
    return settings, final_settings


def _policies(rng: random.Random) -> dict[str, str]:
    """The options for listed devices, and whether the list is read."""
    return {
        "listing": rng.choice(("auto", "auto", "required")),
        "on_suspended": rng.choice(("fail", "skip", "restore", "restore")),
        "on_deactivated": rng.choice(("fail", "skip", "activate", "activate")),
        "on_conflict": rng.choice(("fail", "fail", "skip", "activate")),
    }


def _draw_list(rng: random.Random, settings: dict[str, Any], final_settings: dict[str, Any], settle: float) -> int:
    """Draw the behaviour of the device list into both settings; return how many undeclared devices it has."""
    for name in ("listing_lag", "status_lag"):
        if rng.random() < 0.5:
            # Below the settle time, even after a request that was carried out late
            lag = rng.uniform(0.2, 0.6 * settle)
            settings[name] = rng.choice((lag, [0.0, lag]))
    settings.update(
        listing_overlap=rng.choice((0, 0, 1, [0, 3])),
        listing_arrivals=rng.choice((0.0, 0.0, 0.3)),
        listing_departures=rng.choice((0.0, 0.0, 0.2)),
        keep_deactivated=rng.random() < 0.5,
        hidden_groups=[rng.choice(GROUPS)] if rng.random() < 0.15 else [],
    )
    final_settings.update(listing_lag=0.0, status_lag=0.0, hidden_groups=[])
    return rng.choice((0, 0, 30, 250))


def _draw_run(
    rng: random.Random, fleet: Fleet, base: Mapping[str, Any], kills: float, journal: bool, is_late: bool
) -> RunDraw:
    names = draw_names(rng)
    timeout = rng.uniform(0.8, 1.2) if set(names) & set(SLOW_KINDS) else PATIENT
    arguments = _common(rng, fleet, base)
    killed = rng.random() < kills
    playbook = rng.random() < (_INTERRUPTED_PLAYBOOK_SHARE if killed else _PLAYBOOK_SHARE)
    kill = _draw_interruption(rng, fleet, arguments, playbook) if killed else None
    faults = draw_faults(rng, names, timeout, base["settle_timeout"])
    absurd = kill is not None and kill.seconds is not None and rng.random() < 0.1
    if kill and absurd:
        faults = ({**ABSURD, **WRITES}, *faults)
        if kill.kind.leaves_orphans(playbook):
            # An orphan that has not recorded its parent yet would wait for years.
            kill = Interruption(kill.kind, writes=1)
    if kill and kill.writes is not None and rng.random() < 0.5:
        faults = (*faults, {**UNANSWERED, **WRITES})
    endless = bool(fleet.with_fate(LATE, NEVER, WAS_PENDING))
    arguments.update(
        request_timeout=timeout,
        request_retries=rng.choice((1, 2, 3, 5)),
        wait_timeout=rng.choice((1.0, 3.0) if endless else (4.0, 20.0)),
    )
    if rng.random() < 0.1:
        arguments["wait"] = False
    if rng.random() < (0.6 if "blind" in names else 0.2):
        arguments["on_unknown"] = "resubmit"
    if len(fleet) <= 30 and rng.random() < 0.15:
        # Slow enough that submissions have to wait for their turn
        arguments["requests_per_minute"] = 240
    if rng.random() < 0.15:
        arguments["retry_failed"] = False
    if rng.random() < 0.2:
        arguments.update(_policies(rng))
    if rng.random() < 0.08:
        arguments["listing"] = "none"
    if kill and arguments["on_suspended"] == "restore" and fleet.with_fate(SUSPENDED) and rng.random() < 0.5:
        faults = (*faults, {**UNANSWERED, **RESTORES})
    run = RunDraw(
        arguments,
        faults,
        draw_outages(rng),
        kill,
        check=kill is None and rng.random() < 0.08,
        playbook=playbook,
        form=_draw_form(rng),
        share=rng.choice((1.0, 1.0, 1.0, 0.5)),
        login=rng.random() < 0.5,
        torn=journal and rng.random() < 0.2,
    )
    if run.leaves_orphans and not absurd and rng.random() < _BUSY_SHARE:
        run = _busy(rng, run)
    if playbook:
        run = _draw_play(rng, run, journal or (_is_promised(run) and not is_late), fleet.is_mixed)
    # A run that is asked for an absurd wait must be interrupted, and must not have rivals that would get that answer.
    return run if absurd else _draw_rivals(rng, run, fleet, base, journal, is_late)


_SLOW_ANSWERS = {**UNANSWERED, **WRITES, "count": 10}


def _busy(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, with slow submissions, and interrupted before it has made most of them."""
    arguments = {**run.arguments, "concurrency": rng.choice((1, 2, 4)), "request_timeout": PATIENT}
    arguments["batch_size"] = min(arguments["batch_size"], rng.choice((1, 3)))
    kill = Interruption(run.interruption.kind, writes=rng.choice((1, 2, 3))) if run.interruption else None
    run = replace(run, faults=(), outages=()) if rng.random() < 0.5 else run
    return replace(run, arguments=arguments, interruption=kill, faults=(*run.faults, _SLOW_ANSWERS))


def _is_promised(run: RunDraw) -> bool:
    """Whether the next run may start when this run's process ends, without a journal, if the history is not late."""
    return run.interruption is None or (run.leaves_orphans and run.is_prompt)


def _draw_play(rng: random.Random, run: RunDraw, may_have_hosts: bool, is_mixed: bool) -> RunDraw:
    """The run as a play, sometimes with several hosts, which are rivals with the same journal.

    A task of sentinel_fleet runs once, regardless of the hosts.
    """
    run = replace(run, connection=rng.choice(("local", "local", "elsewhere")))
    if is_mixed and rng.random() < _DEVICES_SHARE:
        return replace(run, form="hosts")
    many = may_have_hosts and not is_mixed and rng.random() < _HOSTS_SHARE
    return replace(run, hosts=rng.choice((2, 2, 3, 4)), arguments=_impatient(run.arguments)) if many else run


def _impatient(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**arguments, "wait_timeout": min(arguments["wait_timeout"], _WAIT_TOGETHER)}


def _draw_rivals(
    rng: random.Random, run: RunDraw, fleet: Fleet, base: Mapping[str, Any], journal: bool, is_late: bool
) -> RunDraw:
    """The run, sometimes with rivals, if decision 01 promises that nothing is submitted twice.

    Without a shared journal, the history must show a run's submissions as soon as its process ends.
    """
    needs_memory = is_late or not _is_promised(run)
    if rng.random() >= _RIVALS_SHARE or (needs_memory and not journal):
        return run
    run = replace(run, arguments=_impatient(run.arguments))
    is_remembered = needs_memory or (journal and rng.random() < 0.5)
    rivals = [_draw_rival(rng, run, fleet, base, journal) for _number in range(rng.choice((1, 1, 2, 3)))]
    if is_remembered:
        rivals = [replace(rival, memory=Memory.SHARED) for rival in rivals]
    else:
        rivals = [rival if _is_promised(rival) else replace(rival, interruption=None) for rival in rivals]
    return replace(run, rivals=tuple(rivals))


def _draw_rival(rng: random.Random, run: RunDraw, fleet: Fleet, base: Mapping[str, Any], journal: bool) -> RunDraw:
    """A run with the same faults, on all or part of the fleet."""
    arguments = {**run.arguments, **_common(rng, fleet, base)}
    playbook = rng.random() < _PLAYBOOK_SHARE
    interrupted = rng.random() < _RIVAL_INTERRUPTED
    return RunDraw(
        arguments,
        run.faults,
        run.outages,
        interruption=_draw_interruption(rng, fleet, arguments, playbook) if interrupted else None,
        check=not interrupted and rng.random() < 0.05,
        playbook=playbook,
        form=_draw_form(rng),
        share=rng.choice((1.0, 1.0, 0.5)),
        login=rng.random() < 0.5,
        memory=rng.choice((Memory.OWN, Memory.NONE, *[Memory.SHARED] * journal)),
        begins=rng.choice((0.0, 0.0, None, rng.uniform(0.0, 1.0))),
    )


def _hurried(rng: random.Random, run: RunDraw, after: RunDraw, journal: bool) -> RunDraw:
    """The run, sometimes with the next one starting before its orphans have ended."""
    is_remembered = journal and run.is_remembered and after.is_remembered
    # Orphans write whole lines to the journal, so that it cannot be torn before the next run.
    may = run.leaves_orphans and not after.last and not after.torn
    may = may and (is_remembered or all(map(_is_promised, run.with_rivals)))
    return replace(run, hasty=True) if may and rng.random() < _HASTY_SHARE else run


def _common(rng: random.Random, fleet: Fleet, base: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        **base,
        "concurrency": rng.choice((1, 2, 4, 8, 16)),
        "batch_size": rng.choice((1, 3, 10, 50, 2000)) if base["request_format"] == "batch" else 2000,
        "poll_interval": rng.choice((0.05, 0.1, 0.3)),
        "poll_max_interval": rng.choice((0.2, 0.5)),
    }
    if rng.random() < 0.1:
        arguments["requests_per_minute"] = rng.choice((3000, 6000))
    if "esim" not in fleet.kinds and rng.random() < 0.2:  # preflight reads how many eSIMs a request may have
        arguments["preflight"] = False
    return arguments


def _draw_interruption(rng: random.Random, fleet: Fleet, arguments: Mapping[str, Any], playbook: bool) -> Interruption:
    kind = rng.choice(
        (
            InterruptionKind.ALL,
            InterruptionKind.WORKER,
            InterruptionKind.PARENT,
            InterruptionKind.PARENT,
            *InterruptionKind,
        )
    )
    if rng.random() < 0.35:
        seconds = rng.choice((rng.uniform(0.2, 0.6), rng.uniform(0.2, 2.5)))
        return Interruption(kind, seconds=seconds + _PLAYBOOK_START * playbook)
    submissions = sum(map(partial(_requests, arguments), Counter(member.kind for member in fleet.members).items()))
    # More than there are submissions: some are refused and repeated.
    return Interruption(kind, writes=rng.choice((1, 2, rng.randint(1, submissions), rng.randint(1, submissions + 2))))


def _requests(arguments: Mapping[str, Any], of_kind: tuple[str, int]) -> int:
    """The number of requests for the devices of a kind."""
    kind, count = of_kind
    single = kind == "sim" and arguments["request_format"] == "single"
    return count if single else int(-(-count // arguments["batch_size"]))


def _draw_form(rng: random.Random) -> str:
    return rng.choice(("devices", "devices", "json", "csv", "yml"))


def _last_runs(rng: random.Random, fleet: Fleet, base: Mapping[str, Any]) -> list[RunDraw]:
    """The run after the faults, and the same in check mode."""
    arguments: dict[str, Any] = {
        **_common(rng, fleet, base),
        "request_timeout": PATIENT,
        "request_retries": 5,
        # Do not wait long for lines that never end.
        "wait_timeout": 6.0 if fleet.with_fate(NEVER) else 90.0,
    }
    form, login = _draw_form(rng), rng.random() < 0.5
    return [
        RunDraw(arguments, check=check, playbook=rng.random() < _PLAYBOOK_SHARE, form=form, login=login, last=True)
        for check in (False, True)
    ]
