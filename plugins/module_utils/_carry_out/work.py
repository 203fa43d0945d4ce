# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the phases of a run share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from .._observe.history import History
from .._observe.journal import Journal
from .._observe.listing import ListingReader
from .._observe.observing import HistoryLookup
from .._options import ActivationOptions
from .._service.api import SentinelAPI
from .ledger import Ledger
from .owner import check_owned


class Work(NamedTuple):
    """What the phases of a run need.

    `history`: the history that the plan was made from; distinguishes new transactions from those seen before. `lists`:
    reads the device list. `is_owned`: whether the process that started the run still exists. `clock`, `sleep`: a
    monotonic clock in seconds, and a function that sleeps.
    """

    api: SentinelAPI
    options: ActivationOptions
    history: History
    journal: Journal
    lookup: HistoryLookup
    lists: ListingReader
    ledger: Ledger
    is_owned: Callable[[], bool] = lambda: True
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def check_owner(self) -> None:
        """Raise StoppedError if the process that started the run has ended."""
        check_owned(self.is_owned)
