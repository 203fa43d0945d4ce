# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of the profile ``hostile``: everything that can go wrong, seldom enough that a careful client gets done.

About one request in six is hit. What costs a client seconds, or an answer that nobody will ever give it, is rarer than
what it repeats at once. The oldest fault that strikes wins, so the rare ones come first.
"""

from __future__ import annotations

from typing import Any

from .faults import FaultSpec

_SUBMISSION = {"method": "POST", "path": "^/v1[.]0/activation/(smartsim-|esim-)?transaction$"}
_READ = {"method": "GET"}
#: Not an export: half of a CSV in a complete answer is what no proxy makes.
_PAGE = {"method": "GET", "query": "^(?!.*export)"}
_SET_STATUS = {"call": "set_status"}
_SERVER_ERRORS = [500, 502, 503, 504]


def _fault(kind: str, probability: float, where: dict[str, Any], **more: Any) -> FaultSpec:
    return FaultSpec.model_validate({"kind": kind, "probability": probability, "count": 0, **where, **more})


HOSTILE_FAULTS: tuple[FaultSpec, ...] = (
    # Nobody can be reached.
    _fault("refuse", 0.002, {}, duration=[0.2, 1.5]),
    _fault("refuse", 0.002, _SUBMISSION, duration=[0.2, 1.5], commit=True),
    # Longer than many a client waits: carried out at once, in the meantime, or not at all.
    _fault("delay", 0.002, _SUBMISSION, delay=[5, 40], commit=True),
    _fault("delay", 0.002, _SUBMISSION, delay=[5, 40], commit=True, commit_after=[0.5, 4]),
    _fault("delay", 0.001, _SUBMISSION, delay=[5, 40]),
    # Once in a while, and only once: a wait that no client can mean to keep.
    _fault("status", 0.001, {}, status=429, retry_after="9999999", count=1),
    # Submissions whose answer is lost, although they were carried out, or will be.
    _fault("reset", 0.02, _SUBMISSION, commit=True),
    _fault("reset", 0.01, _SUBMISSION, commit=True, commit_after=[0.3, 4]),
    _fault("status", 0.02, _SUBMISSION, status=_SERVER_ERRORS, commit=True),
    _fault("status", 0.01, _SUBMISSION, status=504, delay=[0.2, 1], commit=True, commit_after=[1, 4]),
    _fault("html", 0.01, _SUBMISSION, status=[502, 504], commit=True),
    _fault("truncated", 0.01, _SUBMISSION, commit=True),
    _fault("broken", 0.01, _SUBMISSION, commit=True),
    _fault("empty", 0.005, _SUBMISSION, commit=True),
    # … and whose answer is lost, and which were not.
    _fault("reset", 0.01, _SUBMISSION),
    _fault("empty", 0.005, _SUBMISSION),
    # Answers of reads.
    _fault("truncated", 0.01, _PAGE),
    _fault("empty", 0.01, _READ),
    _fault("broken", 0.01, _READ),
    _fault("drip", 0.01, _READ, delay=[0.2, 2]),
    _fault("delay", 0.01, _READ, delay=[0.5, 2]),
    _fault("reset", 0.01, _READ),
    # Anything else, logins included.
    _fault("reset_unread", 0.01, {}),
    _fault("status", 0.03, {}, status=429, retry_after="random"),
    _fault("status", 0.03, {}, status=_SERVER_ERRORS),
    _fault("html", 0.02, {}, status=[502, 503, 504]),
    # Statuses whose answer is lost, although they were set, or will be; a client may repeat them as it likes.
    _fault("delay", 0.002, _SET_STATUS, delay=[5, 40], commit=True),
    _fault("reset", 0.03, _SET_STATUS, commit=True),
    _fault("reset", 0.01, _SET_STATUS, commit=True, commit_after=[0.3, 4]),
    _fault("status", 0.02, _SET_STATUS, status=_SERVER_ERRORS, commit=True),
    _fault("html", 0.01, _SET_STATUS, status=[502, 504], commit=True),
    _fault("truncated", 0.01, _SET_STATUS, commit=True),
    _fault("broken", 0.01, _SET_STATUS, commit=True),
    _fault("empty", 0.01, _SET_STATUS, commit=True),
    # … and which were not set.
    _fault("reset", 0.01, _SET_STATUS),
    _fault("empty", 0.005, _SET_STATUS),
    # The list of devices: what a client can tell by the total and by identifiers. What it could not is left out.
    _fault("partial", 0.02, {"call": "listing_pages"}, share=0.7),
    _fault("duplicates", 0.02, {"call": "listing"}, share=0.2),
)
