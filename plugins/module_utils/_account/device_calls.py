# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for the device list."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

from .._errors import RefusedError
from .._text import fold
from .._wire import IDENTIFIERS, unexpected_answer_error
from .._wire.devices import (
    DEVICE_RULES,
    DEVICES,
    NO_DEVICES,
    SCOPE_DEVICE_STATUSES,
    best_list,
    possible_statuses,
)
from .._wire.envelopes import is_empty
from .asking import NO_CORP, PAGE, Calls
from .pages import paging_of
from .seen import Seen


class DeviceCalls(Calls):
    """Makes the calls for the device list and for the possible statuses of devices."""

    def _devices(self) -> None:
        corp_id = self.account.corp_id
        place = f"{DEVICES}/{quote(corp_id or '', safe='')}"
        skipped = None if corp_id else NO_CORP

        def fetch(offset: int, limit: int, sort_dir: str) -> Any:
            query = {"offset": offset, "limit": limit, "sort": "MDN", "sortDir": sort_dir}
            try:
                return self._session.get(place, query)
            except RefusedError as error:
                if NO_DEVICES in fold(error.message):
                    return {"devices": []}
                raise

        def keys(answer: Any) -> list[str]:
            found = best_list(self._reader.names, answer, DEVICE_RULES)
            return [repr(item) for item in found[1]] if found else []

        def read(seen: Seen) -> None:
            answer = seen.answer = fetch(0, PAGE, "ASC")
            found = best_list(self._reader.names, answer, DEVICE_RULES)
            if found is None:
                seen.count = 0
                self._check_no_devices(seen)
                return
            self._reader.recognise(found[1], DEVICE_RULES, seen.name)
            seen.statuses = Counter(seen.values("status"))
            self._note_total(seen)
            self._recorder.pause()
            seen.paging = paging_of(keys(answer), PAGE, lambda *how: keys(fetch(*how)), directions=("ASC", "DESC"))

        self._ask("devices", DEVICES + "/{corp_id}", read, DEVICE_RULES, (("mdn", *IDENTIFIERS),), None, skipped)

        def read_statuses(seen: Seen) -> None:
            words = possible_statuses(self._get(seen, place + "/status"))
            if words is None:
                raise unexpected_answer_error(
                    f"GET {seen.path}", "a list of statuses", self._session.redacted(seen.answer)
                )
            seen.statuses = Counter(words)
            seen.count = len(words)

        self._ask(
            "device_statuses", DEVICES + "/{corp_id}/status", read_statuses, {}, (), SCOPE_DEVICE_STATUSES, skipped
        )

    def _check_no_devices(self, seen: Seen) -> None:
        """Raise UnexpectedAnswerError for an answer without a list, not even an empty one."""
        if not is_empty(seen.answer):
            raise unexpected_answer_error(
                f"GET {seen.path}", "a list of devices", self._session.redacted(seen.answer), ("mdn", "status")
            )
