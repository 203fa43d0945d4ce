# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base of the calls of the account check."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._service.api import SentinelAPI
from .._wire.envelopes import flat
from .._wire.reader import count_of
from .._wire.rules import (
    TOTAL_RULES,
    Rule,
)
from .recorder import Recorder
from .seen import Seen

#: Number of transactions or devices per page.
PAGE = 25
#: Maximum number of distinct status words of one call. A column with more has free text.
MAX_WORDS = 200
#: Why a call that needs the account is skipped.
NO_CORP = "corp_id is not known"


class Calls:
    """Base of the calls of the check.

    Args:
        api: the service.
        corp_id: the option `corp_id`.
        logs_in: whether to log in first, which reports the account of the login.
        carrier: carrier for the inventory and the eSIM stock; None: the first carrier of the account for each.
        clock: seconds that never go backwards. now: seconds since the epoch.
    """

    def __init__(
        self,
        api: SentinelAPI,
        corp_id: str | None,
        logs_in: bool,
        carrier: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._session = api.session
        self._reader = api.reader
        self._given = corp_id
        self._logs_in = logs_in
        self._carrier = carrier
        self._recorder = Recorder(api, clock, now)
        self.account = self._recorder.account

    def _ask(
        self,
        name: str,
        path: str,
        read: Callable[[Seen], None],
        table: Mapping[str, Rule],
        needed: Sequence[Sequence[str]] = (),
        scope: str | None = None,
        skipped: str | None = None,
    ) -> Seen:
        return self._recorder.ask(Seen(name, path, scope, table, needed, skipped=skipped), read)

    def _get(self, seen: Seen, path: str, query: Mapping[str, Any] | None = None) -> Any:
        seen.answer = self._session.get(path, query, seen.scope)
        return seen.answer

    def _note_total(self, seen: Seen) -> None:
        if not isinstance(seen.answer, Mapping):
            return
        names = [path for path, value in flat(seen.answer) if count_of(value) is not None]
        found = self._reader.names.find(names, TOTAL_RULES)
        if found:
            seen.total_path = names[found["total_count"].place]
