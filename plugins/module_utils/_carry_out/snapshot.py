# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress of a run at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._decide.outcomes import Outcome

#: Outcomes of devices for which nothing was written yet.
TO_DO = (Outcome.WOULD_ACTIVATE, Outcome.WOULD_RESTORE)


class Snapshot(NamedTuple):
    """The progress of a run at one moment.

    `counts`: outcome → number of devices; devices to submit are `would_activate`, devices to restore `would_restore`.
    `slowest`: the transaction that has been under way the longest, and for how many seconds, or None. `note`: what the
    run is waiting for, or None.
    """

    counts: Mapping[Outcome, int]
    slowest: tuple[str, float] | None = None
    note: str | None = None

    @property
    def total(self) -> int:
        """The number of devices."""
        return sum(self.counts.values())

    @property
    def to_submit(self) -> int:
        """The number of devices that have not been submitted yet."""
        return self.counts.get(Outcome.WOULD_ACTIVATE, 0)

    @property
    def done(self) -> int:
        """The number of devices with an outcome."""
        return self.total - self.open

    @property
    def open(self) -> int:
        """The number of devices without an outcome yet."""
        return sum(self.counts.get(outcome, 0) for outcome in (*TO_DO, Outcome.PENDING))
