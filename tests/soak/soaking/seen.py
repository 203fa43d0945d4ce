# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator saw of a run, and what may be wrong with it."""

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

#: The kinds of findings: the first three are the issue's zeros.
TWICE, RESTORED, FORGOTTEN = "activated twice", "restored wrongly", "forgotten"
WRONG, MESSAGE, LEAK = "wrong outcome", "message", "leak"
FINDINGS = (TWICE, RESTORED, FORGOTTEN, WRONG, MESSAGE, LEAK)

_LIST = re.compile(r"^/v1\.0/devices/[^/]+$")
#: Faults that make a list of what it is not.
_LIES = frozenset({"partial", "unknown_words"})
#: Faults after which a read is repeated, or that do it no harm.
_HARMLESS = frozenset(
    {None, "duplicates", "delay", "drip", "expire_token", "reset", "reset_unread", "refuse", "broken"}
)


class Finding(NamedTuple):
    """Something that is wrong. `key`: the device that it concerns, if it is one."""

    kind: str
    text: str
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.key + ': ' if self.key else ''}{self.text}"


class Look(NamedTuple):
    """What the runs of a step could see of the device list.

    `lied`: whether it lacked rows, or had words that say nothing. `unreadable`: whether it may have been none at all.
    `by_pages`: whether it may have been read by its pages, which have no ICCIDs.
    """

    lied: bool = False
    unreadable: bool = False
    by_pages: bool = False

    @classmethod
    def of(cls, requests: Iterable[Mapping[str, Any]]) -> Look:
        """What these requests may have made of the list."""
        lists = [request for request in requests if request["method"] == "GET" and _LIST.match(request["path"])]
        lied = any(request["fault"] in _LIES for request in lists)
        pages = [request for request in lists if "export=" not in request["query"]]
        return cls(lied, lied or any(map(_is_no_list, pages)), bool(pages))


def _is_no_list(request: Mapping[str, Any]) -> bool:
    """Whether the answer may say that there is no list, rather than not now."""
    return request["fault"] not in _HARMLESS and request["status"] != 429


@dataclass(frozen=True)
class Seen:
    """What the simulator saw of a run: its requests, the books before and after it, and the clock's offset.

    `alone`: whether nothing of a run before it was still on its way, and none ran beside it. `spoken`: the books' name
    of a transaction → what this account calls it, as far as results have shown; None where both are the same.
    `listing_lag`: how late the device list is, in seconds. `hidden`: device groups that it lacks.
    """

    requests: Sequence[dict[str, Any]]
    books: Books
    offset: float
    alone: bool
    spoken: dict[str, str] | None = None
    listing_lag: float = 0.0
    hidden: Sequence[str] = ()

    def is_named(self, lines: Sequence[Entry], shown: Any) -> bool:
        """Whether a result can mean the transaction of one of these lines by the id that it shows."""
        names = {line.transaction_id for line in lines}
        if self.spoken is None or not shown:
            return bool(shown in names)
        owner = next((name for name, known in self.spoken.items() if known == shown), None)
        unnamed = names - self.spoken.keys()
        if owner is None and len(names) == 1 and unnamed:
            self.spoken[unnamed.pop()] = shown
            return True
        return owner in names if owner is not None else bool(unnamed)

    def submissions(self) -> list[dict[str, Any]]:
        """The submissions that arrived."""
        return [request for request in self.requests if request["write"] and request["method"] == "POST"]

    def sets(self) -> list[dict[str, Any]]:
        """The requests that arrived and set the status of devices."""
        return [request for request in self.requests if request["write"] and request["method"] == "PUT"]

    def writes(self) -> list[dict[str, Any]]:
        """Both."""
        return [request for request in self.requests if request["write"]]

    def all_seen(self, run: Run) -> bool:
        """Whether each of the run's requests is in the log, and no other."""
        struck = {request["fault"] for request in self.requests}
        return self.alone and not run.draw.outages and not struck & SWALLOWING

    @cached_property
    def look(self) -> Look:
        """What could be seen of the device list."""
        return Look.of(self.requests)

    def is_hidden(self, member: Member) -> bool:
        """Whether the list lacks the device's group."""
        return member.portal is not None and member.portal.group in self.hidden

    def may_be_unseen(self, member: Member, run: Run) -> bool:
        """Whether a run may not have seen what the list has of a device: then the history alone decides."""
        option, look = run.arguments.get("listing", "auto"), self.look
        blind = option == "none" or look.lied or (option == "auto" and look.unreadable)
        # By the pages, a SIM in another device is not found; and nobody knows which SIM a device has.
        return blind or self.is_hidden(member) or (look.by_pages and member.fate in ACTIVE_ELSEWHERE)
