# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a line, decided at its submission from rules and the seed, so that a run can be reproduced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from . import account
from .chances import between, chances
from .identifiers import has_valid_check_digit
from .profiles import Settings

SUCCESS = "success"
FAIL = "fail"
NEVER = "never"

#: The three digits before the last digit → the carrier's reason for a refusal (reasons: contract).
#: They are digits of the ICCID, of the SIM id of a SmartSIM, or of the IMEI of an eSIM. With 908, a line never ends.
REASONS: dict[str, str] = {
    "901": "ICCID is unknown to the carrier",
    "902": "SIM already has a line",
    "903": "IMEI is unknown to the carrier",
    "904": "IMEI is on the carrier's block list",
    "905": "Rate plan is missing or does not fit the device",
    "906": "SIM belongs to another account",
    "907": "Service ZIP code is not served by the carrier",
}
NEVER_DIGITS = "908"

ALREADY_ACTIVE = "Device is already active"
IN_PROGRESS = "Device activation is already in progress"


@dataclass(frozen=True)
class Override:
    """The outcome that the control interface has set for a device. ``latency`` is in seconds; None: the settings."""

    outcome: str
    reason: Optional[str] = None
    latency: Optional[float] = None


class LineResult(NamedTuple):
    """The outcome of a line, the error, and the seconds from its submission until it is in progress and done."""

    outcome: str
    error: Optional[str]
    started: float
    done: Optional[float]


def _by_digits(key: str) -> tuple[str, Optional[str]]:
    digits = key[-4:-1]
    if digits == NEVER_DIGITS:
        return NEVER, None
    if digits in REASONS:
        return FAIL, REASONS[digits]
    return SUCCESS, None


def _judge(line: dict[str, Any], key: str, chance: float, settings: Settings) -> tuple[str, Optional[str]]:
    imei, plan_id = line.get("imei"), line.get("plan_id")
    if imei and not has_valid_check_digit(imei):
        return FAIL, f"IMEI {imei} is not valid (check digit)"
    if plan_id and not account.has_plan(plan_id, line.get("carrier")):
        return FAIL, f"Rate plan {plan_id} is missing or does not fit carrier {line.get('carrier')}"
    outcome, reason = _by_digits(key)
    if outcome == SUCCESS and chance < settings.failure_rate:
        return FAIL, "Carrier could not complete the activation"
    if outcome == SUCCESS and chance < settings.failure_rate + settings.never_rate:
        return NEVER, None
    return outcome, reason


def decide(
    line: dict[str, Any],
    key: str,
    attempt: int,
    seed: int,
    settings: Settings,
    override: Optional[Override] = None,
    duplicate: Optional[str] = None,
) -> LineResult:
    """Decide the outcome of a line.

    ``key`` identifies the device, and ``attempt`` counts its submissions from 1. All random choices depend only on
    these and the seed, not on the order of the requests. ``duplicate``: the error of a line that fails as a duplicate.
    """
    chance, speed, start = chances(seed, key, attempt, count=3)
    span = settings.line_latency
    if settings.esim_latency is not None and line.get("kind") == "esim":
        span = settings.esim_latency
    latency = between(speed, span)
    error: Optional[str]
    if duplicate is not None:
        outcome, error = FAIL, duplicate
    elif override is not None:
        outcome, error = override.outcome, override.reason
        if outcome == FAIL and error is None:
            error = "Carrier could not complete the activation"
        latency = latency if override.latency is None else override.latency
    else:
        outcome, error = _judge(line, key, chance, settings)
        # Use the other end of the range, because low values already mean that a line fails or never ends.
        if settings.late_rate and 1 - chance < settings.late_rate:
            latency += between(chances(seed, "late", key, attempt)[0], settings.late_latency)
    started = latency * (0.1 + 0.3 * start)
    return LineResult(outcome, error, started, None if outcome == NEVER else latency)
