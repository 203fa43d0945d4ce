# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that meet what chance alone would hardly bring about."""

from __future__ import annotations

import random
from dataclasses import replace

from .drawn import How, Interruption, Memory, RunDraw
from .faults import HELD, HIDDEN, RESTORES, UNANSWERED, WRITES, draw_faults

#: Seconds after which a request of ours gives up where nothing is meant to be late.
PATIENT = 20.0
_ANEW_ARGUMENTS = {"on_deactivated": "activate", "listing": "auto"}


def held(run: RunDraw) -> RunDraw:
    """The run, killed when its first submission is taken, which was held back for longer than the settle time.

    The next run must not count that time from the moment at which the first one meant to send it.
    """
    arguments = {**run.arguments, "concurrency": 1, "request_timeout": PATIENT, "request_retries": 2}
    arguments["on_suspended"] = "fail"
    arguments.pop("requests_per_minute", None)
    faults = ({**HELD, **WRITES}, {**UNANSWERED, **WRITES})
    kill = Interruption(How.ALL, writes=2)
    return replace(
        run, arguments=arguments, faults=faults, outages=(), interruption=kill, check=False, hosts=1, rivals=()
    )


def cut_short(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, interrupted while it restores: the first request that sets a status is taken, and not answered yet."""
    arguments = {**run.arguments, "request_timeout": PATIENT, "on_suspended": "restore", "listing": "auto"}
    kill = Interruption(run.interruption.how if run.interruption else rng.choice(list(How)), writes=1)
    faults = ({**UNANSWERED, **RESTORES}, {**UNANSWERED, **WRITES})
    return replace(
        run,
        arguments=arguments,
        faults=faults,
        outages=(),
        interruption=kill,
        check=False,
        hosts=1,
        share=1.0,
        rivals=(),
    )


def activate_anew(run: RunDraw) -> RunDraw:
    """The run, activating what is deactivated, without a hitch: the next one sees a list of before that."""
    arguments = {**run.arguments, "request_timeout": PATIENT, **_ANEW_ARGUMENTS}
    arguments.pop("wait", None)
    return replace(
        run, arguments=arguments, faults=(), outages=(), interruption=None, check=False, hosts=1, rivals=(), share=1.0
    )


def after_anew(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run after that, at times with a list that has not all that it should have."""
    names = rng.choice(((), (), (), ("partial",), ("unknown_words",)))
    lies = draw_faults(rng, names, run.arguments["request_timeout"], run.arguments["settle_timeout"])
    arguments = {**run.arguments, **_ANEW_ARGUMENTS}
    return replace(
        run, arguments=arguments, faults=(*lies, *run.faults), interruption=None, playbook=False, hosts=1, share=1.0
    )


#: Waits for longer than the settle time and the history; runs on the same devices do so one after another.
_HIDDEN_ARGUMENTS = {"request_timeout": PATIENT, "wait_timeout": 15.0, "on_unknown": "fail"}


def hidden(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, when neither the history nor a transaction shows what the service has taken: its journal must do."""
    fault = rng.choice(HIDDEN)

    def hide(one: RunDraw) -> RunDraw:
        arguments = {**one.arguments, **_HIDDEN_ARGUMENTS}
        return replace(one, arguments=arguments, faults=(fault,), outages=(), interruption=None, memory=Memory.SHARED)

    return replace(hide(run), rivals=tuple(map(hide, run.rivals)))
