# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans which listed devices get another status. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._declare.rows import Place, group_warnings
from .._declare.targets import NAMES, Target, Targets
from .._errors import GuardError, InputError
from .._identity import listed_key, match
from .._observe.listing import Listing
from .._text import counted, cut_short, fold, printable
from .._wire import DeviceStatuses, Entry
from .._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED
from .status_outcomes import StatusAction, StatusItem

#: Statuses with a meaning that the collection knows; each may have many words.
STATES = (ACTIVE, SUSPENDED, DEACTIVATED)
#: Maximum number of devices or rows named in a problem.
_NAMED = 3
_REFUSED = (
    "is deactivated, and setting a status does not reactivate it; activate it with an activation module, or make it "
    "an exception"
)


class Wanted(NamedTuple):
    """The status to set.

    `word`: one of `STATES`, or a status word of the account. `others`: in the latter case the account's other words,
    folded. `reads`: reads status words.
    """

    word: str
    reads: DeviceStatuses
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, state: str, reads: DeviceStatuses, words: Iterable[str] = ()) -> Wanted:
        """Return the status that the option `state` names. `words`: the account's, for one that is not in `STATES`."""
        known = next((name for name in STATES if fold(name) == fold(state)), None)
        return cls(known or state, reads, frozenset(map(fold, words)) - {fold(state)})

    @property
    def is_state(self) -> bool:
        """Whether it is one of `STATES`."""
        return self.word in STATES

    @property
    def meaning(self) -> str | None:
        """The one of `STATES` that the word means, or None."""
        return self.word if self.is_state else self.reads.read(self.word)

    def is_status_of(self, entry: Entry) -> bool:
        """Whether a device has this status already."""
        status = fold(entry.status or "")
        if status == fold(self.word):
            return True
        # The list may use a different word with the same meaning, unless the account has that word as another status.
        return self.meaning is not None and self.reads.read(entry.status) == self.meaning and status not in self.others

    def is_refused_to(self, entry: Entry) -> bool:
        """Whether a device cannot get this status because it is deactivated."""
        return self.reads.read(entry.status) == DEACTIVATED and self.meaning in (ACTIVE, SUSPENDED)


class StatusPlan(NamedTuple):
    """The items in the order of the declared devices, and warnings, one sentence each."""

    items: list[StatusItem]
    warnings: list[str]

    @property
    def to_set(self) -> list[StatusItem]:
        """The items whose status is set."""
        return [item for item in self.items if item.action == StatusAction.SET]

    def counts(self) -> dict[str, int]:
        """Return the number of devices per action."""
        counts = Counter(item.action for item in self.items)
        return {action.value: counts[action] for action in StatusAction}

    def check_size(self, limit: int | None) -> None:
        """Raise GuardError if more than `limit` devices would get another status (None: any number)."""
        number = len(self.to_set)
        if limit is not None and number > limit:
            raise GuardError(
                f"The plan sets the status of {counted(number, 'device')}, but max_changes allows {limit}; nothing was "
                "written.",
                "Look at the plan (check mode, with --diff), then raise the limit or shorten the list.",
            )


def plan_statuses(targets: Targets, listing: Listing, wanted: Wanted, ignore_missing: bool = False) -> StatusPlan:
    """Decide for each device.

    Args:
        listing: the account's device list.
        ignore_missing: whether to ignore devices that are not listed.

    Raises InputError with every row that does not match one listed device.
    """
    return _Planner(targets, listing, wanted, ignore_missing).plan()


class _Planner:
    """Decides for each device; collects problems and oddities with their rows."""

    def __init__(self, targets: Targets, listing: Listing, wanted: Wanted, ignore_missing: bool) -> None:
        self._targets = targets
        self._listing = listing
        self._wanted = wanted
        self._ignore_missing = ignore_missing
        self._problems: list[str] = []
        self._oddities: list[tuple[Place, str]] = []
        #: By `listed_key`: the exceptions, and the first row of each device.
        self._excepted: dict[object, Target] = {}
        self._first: dict[object, Target] = {}

    def plan(self) -> StatusPlan:
        """Return the plan. Raises InputError."""
        for exception in self._targets.exceptions:
            entries = self._entries(exception)
            if entries is None:
                self._note(exception.named(), "is not in the account's device list: the exception has no effect")
            self._excepted.update((listed_key(entry), exception) for entry in entries or ())
        items = [item for target in self._targets.devices if (item := self._item(target)) is not None]
        if self._problems:
            raise InputError(self._problems, "The list of devices")
        return StatusPlan(items, group_warnings(self._oddities))

    def _item(self, target: Target) -> StatusItem | None:
        """Return the item of a device; None for a duplicate or a problem."""
        entries = self._entries(target)
        if entries is None:
            return StatusItem(target, StatusAction.MISSING, "not in the account's device list")
        entry = self._one(target, entries) if entries else None
        if entry is None:
            return None
        first = self._first.setdefault(listed_key(entry), target)
        if first is not target:
            self._note(f"{target.named()}, as in {first.where}", "same device as an earlier row; duplicate ignored")
            return None
        exception = self._excepted.get(listed_key(entry))
        if exception is not None:
            return StatusItem(target, StatusAction.EXCEPTED, f"an exception: {exception.where}", entry)
        action = self._action(entry)
        if action == StatusAction.SET and not entry.mdn:
            text = (
                "is listed without an MDN, and statuses are set by MDN; set the status in the portal and remove the row"
            )
            self._problem(target, text)
        reason = _REFUSED if action == StatusAction.REFUSED else _listed_as(entry)
        return StatusItem(target, action, reason, entry)

    def _action(self, entry: Entry) -> StatusAction:
        """Return what to do with a listed device that is not an exception."""
        if self._wanted.is_status_of(entry):
            return StatusAction.UNCHANGED
        return StatusAction.REFUSED if self._wanted.is_refused_to(entry) else StatusAction.SET

    def _entries(self, target: Target) -> Sequence[Entry] | None:
        """Return the entries that may match a row, empty for a problem; None for a missing device."""
        found = match(target, self._listing.entries)
        if found.candidates:
            if not found.entries:
                self._problem(target, _contradiction(target, found.candidates))
            return found.entries
        if self._ignore_missing:
            return None
        odd = self._listing.suspect(*(getattr(target, name) for name in NAMES))
        hint = f" (unless it is {odd}, which is not a complete identifier)" if odd else ""
        self._problem(target, f"is not in the account's device list{hint}; correct it, or set missing to ignore")
        return ()

    def _one(self, target: Target, entries: Sequence[Entry]) -> Entry | None:
        """Return the entry that matches a row; None for a problem, if more than one device matches."""
        # The list may keep a deactivated entry of the device next to its current one.
        in_use = [entry for entry in entries if self._listing.state(entry) != DEACTIVATED]
        candidates = in_use or list(entries)
        # Among entries of one MDN, use one whose status differs: setting a status again does no harm.
        differing = next((entry for entry in candidates if not self._wanted.is_status_of(entry)), candidates[0])
        keys = [listed_key(entry) for entry in candidates]
        same = len(set(keys)) == 1 or all(key in self._excepted for key in keys)
        actions = {self._action(entry) for entry in candidates}
        if same or (not in_use and len(actions) == 1 and StatusAction.SET not in actions):
            return differing
        devices = [f"MDN {entry.mdn or '(none)'} ({printable(entry.status or 'no status')})" for entry in candidates]
        named = cut_short(devices, _NAMED)
        self._problem(target, f"matches {len(devices)} listed devices: {named}; give the MDN of the right one")
        return None

    def _problem(self, target: Target, text: str) -> None:
        self._problems.append(f"{target.named()}: {text}")

    def _note(self, where: str, text: str) -> None:
        self._oddities.append((Place(0, where), text))


def _contradiction(target: Target, found: Mapping[str, Sequence[Entry]]) -> str:
    """Return what is wrong with a row whose identifiers belong to different devices."""
    listed = [
        f"{name} {getattr(target, name)} is listed with {_known(entries[0], name)}" for name, entries in found.items()
    ]
    return f"is not one device: {'; '.join(listed)}; correct the row"


def _known(entry: Entry, name: str) -> str:
    """Return the other identifiers of a listed device."""
    names = [f"{other} {value}" for other in NAMES if other != name and (value := getattr(entry, other))]
    return " and ".join(names) or "nothing else"


def _listed_as(entry: Entry) -> str:
    return f"listed as {printable(entry.status)}" if entry.status else "listed without a status"
