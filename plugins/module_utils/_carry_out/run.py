# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan, exactly once: restore, submit, settle submissions with unknown outcome, wait."""

from __future__ import annotations

from collections.abc import Sequence

from .._decide.kinds import Request
from .._decide.outcomes import Outcome
from .follow import follow
from .restore import Restoration, restore
from .settle import confirm, requests_of, settle
from .submit import Submitter
from .work import Work


def carry_out(work: Work, requests: Sequence[Request], restoration: Restoration) -> None:
    """Restore and submit what a plan says, and wait for the ends; the ledger of `work` has what became of each device.

    Where nobody knows whether a submission was taken, its devices are looked up in the history until the settle time
    has passed: found, they are adopted; not found, they are unknown, and are not sent again in this run unless
    on_unknown says so.
    """
    restore(work, restoration)
    submitter = Submitter(work)
    lost = settle(work, submitter.submit(requests))
    if lost and work.options.on_unknown == "resubmit":
        settle(work, submitter.submit(requests_of(lost, requests)))
    for entry in work.ledger.having(Outcome.UNKNOWN):
        entry.is_final = True
    confirm(work)
    if work.options.wait:
        deadline = work.clock() + work.options.wait_timeout
        follow(work, deadline)
        with work.api.session.bounded(deadline):
            is_under_way = confirm(work)
        if is_under_way:
            follow(work, deadline)
    _forget_what_is_over(work)


def _forget_what_is_over(work: Work) -> None:
    """Has the journal forget transactions that failed, and, where the user says so, those that never showed up."""
    # What failed and is not to be submitted again is remembered, as the history may not show it yet, or not at all.
    # What was taken and is not shown was taken all the same: only the user can know better.
    wanted = {
        Outcome.FAILED: work.options.retry_failed,
        Outcome.UNKNOWN: work.options.on_unknown == "resubmit",
    }
    over = (entry for entry in work.ledger if wanted.get(entry.outcome))
    work.journal.over(entry.device.name for entry in over if entry.transaction_id)
