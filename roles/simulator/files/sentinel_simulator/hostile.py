# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of the profile ``hostile``: every kind, rare enough that a careful client finishes.

About one request in six is affected. Faults that cost a client seconds, or lose an answer for good, are rarer than
those that it can repeat at once. Only the oldest fault that strikes applies, so the rare ones come first.
"""

from __future__ import annotations

from typing import Any

from .faults import FaultSpec

_SUBMISSION = {"method": "POST", "path": "^/v1[.]0/activation/(smartsim-|esim-)?transaction$"}
_READ = {"method": "GET"}
#: Not an export, because no proxy cuts a CSV in half and sends it as a complete answer.
_PAGE = {"method": "GET", "query": "^(?!.*export)"}
_SET_STATUS = {"call": "set_status"}
_SERVER_ERRORS = [500, 502, 503, 504]


def _fault(kind: str, probability: float, where: dict[str, Any], **more: Any) -> FaultSpec:
    return FaultSpec.model_validate({"kind": kind, "probability": probability, "count": 0, **where, **more})


HOSTILE_FAULTS: tuple[FaultSpec, ...] = (
    # The port refuses connections.
    _fault("refuse", 0.002, {}, duration=[0.2, 1.5]),
    _fault("refuse", 0.002, _SUBMISSION, duration=[0.2, 1.5], commit=True),
    # Longer than many clients wait: carried out at once, in the meantime, or not at all.
    _fault("delay", 0.002, _SUBMISSION, delay=[5, 40], commit=True),
    _fault("delay", 0.002, _SUBMISSION, delay=[5, 40], commit=True, commit_after=[0.5, 4]),
    _fault("delay", 0.001, _SUBMISSION, delay=[5, 40]),
    # Once only: a wait that is too long for any client.
    _fault("status", 0.001, {}, status=429, retry_after="9999999", count=1),
    # Submissions that are carried out, at once or later, but whose answer is lost.
    _fault("reset", 0.02, _SUBMISSION, commit=True),
    _fault("reset", 0.01, _SUBMISSION, commit=True, commit_after=[0.3, 4]),
    _fault("status", 0.02, _SUBMISSION, status=_SERVER_ERRORS, commit=True),
    _fault("status", 0.01, _SUBMISSION, status=504, delay=[0.2, 1], commit=True, commit_after=[1, 4]),
    _fault("html", 0.01, _SUBMISSION, status=[502, 504], commit=True),
    _fault("truncated", 0.01, _SUBMISSION, commit=True),
    _fault("broken", 0.01, _SUBMISSION, commit=True),
    _fault("empty", 0.005, _SUBMISSION, commit=True),
    # Submissions that are not carried out, and whose answer is lost.
    _fault("reset", 0.01, _SUBMISSION),
    _fault("empty", 0.005, _SUBMISSION),
    # Answers to reads.
    _fault("truncated", 0.01, _PAGE),
    _fault("empty", 0.01, _READ),
    _fault("broken", 0.01, _READ),
    _fault("drip", 0.01, _READ, delay=[0.2, 2]),
    _fault("delay", 0.01, _READ, delay=[0.5, 2]),
    _fault("reset", 0.01, _READ),
    # All requests, logins included.
    _fault("reset_unread", 0.01, {}),
    _fault("status", 0.03, {}, status=429, retry_after="random"),
    _fault("status", 0.03, {}, status=_SERVER_ERRORS),
    _fault("html", 0.02, {}, status=[502, 503, 504]),
    # Status changes that are carried out, at once or later, but whose answer is lost. A client can repeat them.
    _fault("delay", 0.002, _SET_STATUS, delay=[5, 40], commit=True),
    _fault("reset", 0.03, _SET_STATUS, commit=True),
    _fault("reset", 0.01, _SET_STATUS, commit=True, commit_after=[0.3, 4]),
    _fault("status", 0.02, _SET_STATUS, status=_SERVER_ERRORS, commit=True),
    _fault("html", 0.01, _SET_STATUS, status=[502, 504], commit=True),
    _fault("truncated", 0.01, _SET_STATUS, commit=True),
    _fault("broken", 0.01, _SET_STATUS, commit=True),
    _fault("empty", 0.01, _SET_STATUS, commit=True),
    # Status changes that are not carried out.
    _fault("reset", 0.01, _SET_STATUS),
    _fault("empty", 0.005, _SET_STATUS),
    # The device list: only faults that a client can detect by the total and by identifiers.
    _fault("partial", 0.02, {"call": "listing_pages"}, share=0.7),
    _fault("duplicates", 0.02, {"call": "listing"}, share=0.2),
)
