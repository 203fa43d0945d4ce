# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs in situations that are unlikely to be drawn by chance."""

from __future__ import annotations

import random
from dataclasses import replace

from .drawn import Interruption, InterruptionKind, Memory, RunDraw
from .faults import HELD, HIDDEN, RESTORES, UNANSWERED, WRITES, draw_faults

#: Request timeout, in seconds, if no answer is late on purpose.
PATIENT = 20.0
_REACTIVATION_ARGUMENTS = {"on_deactivated": "activate", "listing": "auto"}


def held(run: RunDraw) -> RunDraw:
    """The run, killed when its first submission is accepted after a delay of more than the settle time.

    The next run must not count its settle time from the first attempt to submit.
    """
    arguments = {**run.arguments, "concurrency": 1, "request_timeout": PATIENT, "request_retries": 2}
    arguments["on_suspended"] = "fail"
    arguments.pop("requests_per_minute", None)
    faults = ({**HELD, **WRITES}, {**UNANSWERED, **WRITES})
    kill = Interruption(InterruptionKind.ALL, writes=2)
    return replace(
        run, arguments=arguments, faults=faults, outages=(), interruption=kill, check=False, hosts=1, rivals=()
    )


def cut_short(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, interrupted while it restores: the first request that sets a status is accepted but not answered."""
    arguments = {**run.arguments, "request_timeout": PATIENT, "on_suspended": "restore", "listing": "auto"}
    kill = Interruption(run.interruption.kind if run.interruption else rng.choice(list(InterruptionKind)), writes=1)
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


def reactivate(run: RunDraw) -> RunDraw:
    """The run, activating deactivated devices without faults. The next run sees a list from before that."""
    arguments = {**run.arguments, "request_timeout": PATIENT, **_REACTIVATION_ARGUMENTS}
    arguments.pop("wait", None)
    return replace(
        run, arguments=arguments, faults=(), outages=(), interruption=None, check=False, hosts=1, rivals=(), share=1.0
    )


def after_reactivation(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run after that, sometimes with an incomplete list."""
    names = rng.choice(((), (), (), ("partial",), ("unknown_words",)))
    lies = draw_faults(rng, names, run.arguments["request_timeout"], run.arguments["settle_timeout"])
    arguments = {**run.arguments, **_REACTIVATION_ARGUMENTS}
    return replace(
        run, arguments=arguments, faults=(*lies, *run.faults), interruption=None, playbook=False, hosts=1, share=1.0
    )


#: Waits longer than the settle time and the history's lag, even for runs on the same devices, which wait in turn.
_HIDDEN_ARGUMENTS = {"request_timeout": PATIENT, "wait_timeout": 15.0, "on_unknown": "fail"}


def hidden(rng: random.Random, run: RunDraw) -> RunDraw:
    """The run, with submissions that neither the history nor the transaction shows: only the journal has them."""
    fault = rng.choice(HIDDEN)

    def hide(one: RunDraw) -> RunDraw:
        arguments = {**one.arguments, **_HIDDEN_ARGUMENTS}
        return replace(one, arguments=arguments, faults=(fault,), outages=(), interruption=None, memory=Memory.SHARED)

    return replace(hide(run), rivals=tuple(map(hide, run.rivals)))
