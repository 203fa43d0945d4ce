# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes or the drift of a fleet in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._text import counted
from .._drift.states import DRIFTS, State
from .entries import OUTCOMES
from .report import Report
from .times import in_words

#: Words for outcomes in the line, if different from the label.
_WORDS = {Outcome.CONFLICT: "in conflict"}


def headline(report: Report) -> str:
    """Return one line such as "38 activated, 2 already active, 2 failed in 41 s". Devices with attention come last."""
    summary, head = report.summary(), report.head
    ordered = sorted((OUTCOMES[word] for word in summary), key=lambda outcome: outcome.needs_attention)
    line = ", ".join(f"{summary[outcome]} {_WORDS.get(outcome) or outcome.label.lower()}" for outcome in ordered)
    line = line or "no devices"
    if head.elapsed is not None:
        line += f" in {in_words(head.elapsed)}"
    return f"{line} (simulator)" if head.simulator else line


def drift_headline(found: Mapping[str, Any]) -> str:
    """Return one line such as "2 devices differ: 1 missing, 1 conflict; 40 as declared"."""
    drifting = [device["state"] for device in found["devices"] if device["drift"]]
    active = found["counts"].get(State.ACTIVE.value, 0)
    tolerated = len(found["devices"]) - len(drifting) - active
    states = ", ".join(f"{drifting.count(state)} {state.replace('_', ' ')}" for state in DRIFTS if state in drifting)
    parts = [f"{counted(len(drifting), 'device')} {'differs' if len(drifting) == 1 else 'differ'}: {states}"]
    parts = parts if drifting else ["no drift"]
    parts += [f"{active} as declared"]
    return "; ".join([*parts, f"{tolerated} tolerated"] if tolerated else parts)
