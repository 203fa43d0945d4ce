# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a round is made of. It depends on the seed and the round's number alone, so that each can be repeated."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .faults import ABSURD, HELD, HIDDEN, SLOW_KINDS, UNANSWERED, WRITES, Spec, draw_faults, draw_names, draw_outages
from .fleets import KINDS, LATE, NEVER, WAS_PENDING, Fleet, draw_fleet

#: Seconds after which a request of ours gives up where nothing is meant to be late.
_PATIENT = 20.0
#: Share of the rounds whose account calls things otherwise.
_DIALECT_SHARE = 0.4
#: One run in so many goes through ansible-playbook.
_PLAYBOOK_SHARE = 1 / 15


@dataclass(frozen=True)
class Kill:
    """When a run is killed: so many seconds after its start, or when so many submissions have arrived."""

    seconds: float | None = None
    submissions: int | None = None

    def __str__(self) -> str:
        if self.submissions is not None:
            return f"killed at submission {self.submissions}"
        return f"killed after {self.seconds:.2f} s"


@dataclass(frozen=True)
class RunDraw:
    """One run. `arguments`: of the module, but for connection and devices. `share`: of the fleet that it declares.

    `form`: how the fleet is declared. `last`: the run after the faults; check mode after it is also one. `rival`:
    another run begins with the same journal meanwhile. `torn`: the journal ends in the middle of a line before it.
    """

    arguments: Mapping[str, Any]
    faults: tuple[Spec, ...] = ()
    outages: tuple[tuple[float, float], ...] = ()
    kill: Kill | None = None
    check: bool = False
    playbook: bool = False
    form: str = "devices"
    share: float = 1.0
    login: bool = False
    last: bool = False
    rival: bool = False
    torn: bool = False

    @property
    def faulty(self) -> bool:
        """Whether anything is made to go wrong."""
        return bool(self.faults or self.outages)


@dataclass(frozen=True)
class RoundDraw:
    """One round. `settings`: of the simulator; those of `finally_` replace them before the last run."""

    seed: int
    number: int
    fleet: Fleet
    request_format: str
    journal: bool
    settings: Mapping[str, Any]
    finally_: Mapping[str, Any]
    past: int
    runs: tuple[RunDraw, ...]

    @property
    def kind(self) -> str:
        """The kind of its devices."""
        return self.fleet.kind

    @property
    def lag(self) -> float:
        """How much later than it happened something is in the history, in seconds."""
        lag = self.settings.get("history_lag", 0.0)
        return float(max(lag) if isinstance(lag, list) else lag)

    def title(self) -> str:
        """The round in a few words."""
        kills = sum(run.kill is not None for run in self.runs)
        parts = [f"{self.kind} {self.request_format}", f"{len(self.fleet)} devices", f"{len(self.runs)} runs"]
        parts += [f"{kills} to be killed"] * bool(kills) + ["journal"] * self.journal
        parts += [f"history {self.lag:.1f} s late"] * bool(self.lag)
        parts += [f"dialect {self.settings.get('dialect')}"] * ("dialect" in self.settings)
        return ", ".join(parts)


def draw_round(seed: int, number: int) -> RoundDraw:
    """The round with this number."""
    rng = random.Random(f"{seed}/{number}")
    kind = rng.choice((KINDS[0], *KINDS))
    formats = ("single", "batch") if kind == "sim" else ("batch",)
    request_format = rng.choice(formats)
    fleet = draw_fleet(rng, kind, _draw_size(rng))
    journal = rng.random() < 0.5
    kills = rng.random() < 0.7
    settle = rng.choice((2.0, 2.5, 3.0))
    settings, finally_ = _draw_settings(rng, fleet, request_format)
    if (journal or not kills) and rng.random() < 0.6:
        # Well below the settle time, with room for a busy machine.
        lag = rng.uniform(0.2, 0.4 * settle)
        settings["history_lag"] = rng.choice((lag, [0.0, lag]))
    history = rng.choice(("full", "full", "full", "recent"))
    base = {"history": history, "settle_timeout": settle, "request_format": request_format}
    runs = [
        # A run that comes after others has less to submit, or nothing: most kills are for the first.
        _draw_run(rng, fleet, base, kills * (0.6 if index else 0.9), journal)
        for index in range(rng.choice((1, 2, 2, 3, 4)))
    ]
    if journal and rng.random() < 0.2:
        runs[0] = _held(runs[0])
    runs += _last_runs(rng, fleet, base)
    past = rng.choice((0, 0, 0, 300, 2000)) if history == "full" else 0
    if rng.random() < _DIALECT_SHARE:
        settings["dialect"] = f"random:{rng.randrange(1 << 30)}"
    if journal and rng.random() < 0.25:
        # Every answer to a submission arrives, and what it says is all that is known of it for a while.
        settings["history_lag"] = settle + rng.uniform(1.0, 3.0)
        runs = [run if run.last else _hidden(rng, run) for run in runs]
    return RoundDraw(seed, number, fleet, request_format, journal, settings, finally_, past, tuple(runs))


def _draw_size(rng: random.Random) -> int:
    least, most = rng.choices(((1, 1), (2, 6), (7, 30), (31, 120), (121, 499), (500, 500)), (8, 38, 34, 13, 5, 2))[0]
    return rng.randint(least, most)


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
        # Below this, a large fleet of single requests would take minutes.
        slowest = 60 if request_format == "single" and len(fleet) > 60 else 25
        settings["rate_limit"] = rng.choice((slowest, 2 * slowest))
        settings["rate_limit_retry_after"] = rng.choice(("seconds", "date", "none", "random"))
    finally_: dict[str, Any] = {"line_latency": [0.0, 0.2], "late_rate": 0.0}
    if rng.random() < 0.2:
        settings.update(late_rate=0.2, late_latency=[1.0, 3.0])
    if rng.random() < 0.15:
        settings["failure_rate"] = rng.choice((0.1, 0.3))
        finally_["failure_rate"] = 0.0
    return settings, finally_


def _draw_run(rng: random.Random, fleet: Fleet, base: Mapping[str, Any], kills: float, journal: bool) -> RunDraw:
    names = draw_names(rng)
    timeout = rng.uniform(0.8, 1.2) if set(names) & set(SLOW_KINDS) else _PATIENT
    arguments = _common(rng, fleet, base)
    kill = _draw_kill(rng, fleet, arguments) if rng.random() < kills else None
    faults = draw_faults(rng, names, timeout, base["settle_timeout"])
    if kill and kill.seconds is not None and rng.random() < 0.1:
        faults = ({**ABSURD, **WRITES}, *faults)
    if kill and kill.submissions is not None and rng.random() < 0.5:
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
        # Slower than the submissions come: they wait for their turn.
        arguments["requests_per_minute"] = 240
    if rng.random() < 0.15:
        arguments["retry_failed"] = False
    return RunDraw(
        arguments,
        faults,
        draw_outages(rng),
        kill,
        check=kill is None and rng.random() < 0.08,
        playbook=rng.random() < _PLAYBOOK_SHARE,
        form=_draw_form(rng),
        share=rng.choice((1.0, 1.0, 1.0, 0.5)),
        login=rng.random() < 0.5,
        rival=journal and kill is None and rng.random() < 0.2,
        torn=journal and rng.random() < 0.2,
    )


def _held(run: RunDraw) -> RunDraw:
    """The run, killed when its first submission is taken, which was held back for longer than the settle time.

    The next run must not count that time from the moment at which the first one meant to send it.
    """
    arguments = {**run.arguments, "concurrency": 1, "request_timeout": _PATIENT, "request_retries": 2}
    arguments.pop("requests_per_minute", None)
    faults = ({**HELD, **WRITES}, {**UNANSWERED, **WRITES})
    kill = Kill(submissions=2)
    return replace(run, arguments=arguments, faults=faults, outages=(), kill=kill, check=False, rival=False)


def _hidden(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, when neither the history nor a transaction shows what the service has taken: its journal must do."""
    arguments = {**run.arguments, "request_timeout": _PATIENT, "wait_timeout": 60.0, "on_unknown": "fail"}
    return replace(run, arguments=arguments, faults=(rng.choice(HIDDEN),), outages=(), kill=None)


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
    if fleet.kind != "esim" and rng.random() < 0.2:  # it tells how many eSIMs a request may ask for
        arguments["preflight"] = False
    return arguments


def _draw_kill(rng: random.Random, fleet: Fleet, arguments: Mapping[str, Any]) -> Kill:
    if rng.random() < 0.35:
        return Kill(seconds=rng.choice((rng.uniform(0.2, 0.6), rng.uniform(0.2, 2.5))))
    single = arguments["request_format"] == "single"
    submissions = len(fleet) if single else -(-len(fleet) // arguments["batch_size"])
    # More than are needed: some are turned away, and come again.
    return Kill(submissions=rng.choice((1, 2, rng.randint(1, submissions), rng.randint(1, submissions + 2))))


def _draw_form(rng: random.Random) -> str:
    return rng.choice(("devices", "devices", "json", "csv", "yml"))


def _last_runs(rng: random.Random, fleet: Fleet, base: Mapping[str, Any]) -> list[RunDraw]:
    """The run after the faults, and check mode after it."""
    arguments: dict[str, Any] = {
        **_common(rng, fleet, base),
        "request_timeout": _PATIENT,
        "request_retries": 5,
        # What never ends is waited for in vain.
        "wait_timeout": 6.0 if fleet.with_fate(NEVER) else 90.0,
    }
    form, login = _draw_form(rng), rng.random() < 0.5
    return [
        RunDraw(arguments, check=check, playbook=rng.random() < _PLAYBOOK_SHARE, form=form, login=login, last=True)
        for check in (False, True)
    ]
