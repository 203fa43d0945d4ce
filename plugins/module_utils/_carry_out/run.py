# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out a plan exactly once: restore, submit, settle ambiguous submissions, wait."""

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
    """Restore and submit the devices of a plan, and wait for them. The ledger of `work` has the outcomes.

    If the service may have accepted a submission, its devices are looked up in the history until the settle time has
    passed. Devices that the history shows are adopted. The others are unknown, and are not submitted again in this run
    unless `on_unknown` is `resubmit`.
    """
    restore(work, restoration)
    submitter = Submitter(work)
    missing = settle(work, submitter.submit(requests))
    if missing and work.options.on_unknown == "resubmit":
        settle(work, submitter.submit(requests_of(missing, requests)))
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
    _forget_finished(work)


def _forget_finished(work: Work) -> None:
    """Remove failed transactions from the journal, and with `on_unknown: resubmit` those that never appeared."""
    # With retry_failed false, a failure stays in the journal, because the history may not show it yet, or ever.
    # An accepted submission that the history does not show was accepted all the same; only the user can give it up.
    forgotten = {
        Outcome.FAILED: work.options.retry_failed,
        Outcome.UNKNOWN: work.options.on_unknown == "resubmit",
    }
    finished = (entry for entry in work.ledger if forgotten.get(entry.outcome))
    work.journal.over(entry.device.name for entry in finished if entry.transaction_id)
