# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator saw of a run, and kinds of findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .books import Books, Entry
from .faults import SWALLOWING
from .fleets import Member
from .portal import ACTIVE_ELSEWHERE
from .runs import Run

#: Kinds of findings. The first three break the promise of exactly once.
TWICE, RESTORED, FORGOTTEN = "activated twice", "restored wrongly", "forgotten"
WRONG, MESSAGE, LEAK = "wrong outcome", "message", "leak"
FINDINGS = (TWICE, RESTORED, FORGOTTEN, WRONG, MESSAGE, LEAK)

_LIST = re.compile(r"^/v1\.0/devices/[^/]+$")
#: Faults that change the content of the list.
_LIES = frozenset({"partial", "unknown_words"})
#: Faults after which a read is repeated or succeeds.
_HARMLESS = frozenset(
    {None, "duplicates", "delay", "drip", "expire_token", "reset", "reset_unread", "refuse", "broken"}
)


class Finding(NamedTuple):
    """Something that is wrong. `key`: of the device, if it concerns one."""

    kind: str
    text: str
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.key + ': ' if self.key else ''}{self.text}"


class Look(NamedTuple):
    """What the runs of a step could read of the device list.

    `lied`: whether rows were missing or had unrecognised statuses. `unreadable`: whether it may have been unreadable.
    `by_pages`: whether it may have been read page by page, where it has no ICCIDs.
    """

    lied: bool = False
    unreadable: bool = False
    by_pages: bool = False

    @classmethod
    def of(cls, requests: Iterable[Mapping[str, Any]]) -> Look:
        """What the runs could read with these requests."""
        lists = [request for request in requests if request["method"] == "GET" and _LIST.match(request["path"])]
        lied = any(request["fault"] in _LIES for request in lists)
        pages = [request for request in lists if "export=" not in request["query"]]
        return cls(lied, lied or any(map(_may_deny_list, pages)), bool(pages))


def _may_deny_list(request: Mapping[str, Any]) -> bool:
    """Whether the answer may mean that the list cannot be read at all, rather than not now."""
    return request["fault"] not in _HARMLESS and request["status"] != 429


@dataclass(frozen=True)
class Seen:
    """What the simulator saw of a run: its requests, the books after it, and the clock's offset.

    `alone`: whether there were no requests of earlier or concurrent runs. `shown_ids`: transaction id in the books → id
    in the account's dialect, as far as results have shown it; None if both are the same. `listing_lag`: maximum seconds
    until the device list shows a change. `hidden`: device groups that it lacks.
    """

    requests: Sequence[dict[str, Any]]
    books: Books
    offset: float
    alone: bool
    shown_ids: dict[str, str] | None = None
    listing_lag: float = 0.0
    hidden: Sequence[str] = ()

    def is_named(self, lines: Sequence[Entry], shown: Any) -> bool:
        """Whether the id that a result shows can be that of one of these lines."""
        names = {line.transaction_id for line in lines}
        if self.shown_ids is None or not shown:
            return bool(shown in names)
        owner = next((name for name, known in self.shown_ids.items() if known == shown), None)
        unnamed = names - self.shown_ids.keys()
        if owner is None and len(names) == 1 and unnamed:
            self.shown_ids[unnamed.pop()] = shown
            return True
        return owner in names if owner is not None else bool(unnamed)

    def submissions(self) -> list[dict[str, Any]]:
        """The submissions."""
        return [request for request in self.requests if request["write"] and request["method"] == "POST"]

    def status_requests(self) -> list[dict[str, Any]]:
        """The requests that set the status of devices."""
        return [request for request in self.requests if request["write"] and request["method"] == "PUT"]

    def writes(self) -> list[dict[str, Any]]:
        """The submissions and the requests that set a status."""
        return [request for request in self.requests if request["write"]]

    def all_seen(self, run: Run) -> bool:
        """Whether the log has all of the run's requests, and no others."""
        struck = {request["fault"] for request in self.requests}
        return self.alone and not run.draw.outages and not struck & SWALLOWING

    @cached_property
    def look(self) -> Look:
        """What could be read of the device list."""
        return Look.of(self.requests)

    def is_hidden(self, member: Member) -> bool:
        """Whether the list lacks the device's group."""
        return member.portal is not None and member.portal.group in self.hidden

    def may_be_unseen(self, member: Member, run: Run) -> bool:
        """Whether a run may not have seen a device's entry in the list, so that only the history decides."""
        option, look = run.arguments.get("listing", "auto"), self.look
        blind = option == "none" or look.lied or (option == "auto" and look.unreadable)
        # The pages have no ICCIDs, so that a SIM in another device, or another SIM in a device, is not found.
        return blind or self.is_hidden(member) or (look.by_pages and member.fate in ACTIVE_ELSEWHERE)
