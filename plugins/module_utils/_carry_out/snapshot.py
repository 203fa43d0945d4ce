# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a run is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._decide.outcomes import Outcome

#: Outcomes of devices that nothing was written of yet.
TO_DO = (Outcome.WOULD_ACTIVATE, Outcome.WOULD_RESTORE)


class Snapshot(NamedTuple):
    """How far a run is.

    `counts`: outcome → devices; those to be submitted are `would_activate`, those to be restored `would_restore`.
    `slowest`: the transaction that has been under way for longest, and for how many seconds; None where there is none.
    `note`: what holds the run up, or None.
    """

    counts: Mapping[Outcome, int]
    slowest: tuple[str, float] | None = None
    note: str | None = None

    @property
    def total(self) -> int:
        """All devices."""
        return sum(self.counts.values())

    @property
    def to_submit(self) -> int:
        """Devices that have not been submitted yet."""
        return self.counts.get(Outcome.WOULD_ACTIVATE, 0)

    @property
    def done(self) -> int:
        """Devices of which it is known what became of them."""
        return self.total - self.open

    @property
    def open(self) -> int:
        """Devices of which it is not known yet what becomes of them."""
        return sum(self.counts.get(outcome, 0) for outcome in (*TO_DO, Outcome.PENDING))
