# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: which devices of the list are to get another status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._declare.rows import Place, gathered
from .._declare.targets import NAMES, Target, Targets
from .._errors import GuardError, InputError
from .._identity import listed_key, match
from .._observe.listing import Listing
from .._text import counted, cut_short, fold, printable
from .._wire import DeviceStatuses, Entry
from .._wire.devices import ACTIVE, DEACTIVATED, SUSPENDED
from .status_outcomes import StatusAction, StatusItem

#: The statuses that the collection reads many words as.
STATES = (ACTIVE, SUSPENDED, DEACTIVATED)
#: Maximum number of devices or rows named where there are several.
_NAMED = 3
_REFUSED = (
    "is deactivated, and setting a status does not bring it back; activate it with one of the activation modules, or "
    "make it an exception"
)


class Wanted(NamedTuple):
    """The status that devices are to have.

    `word`: one of `STATES`, or a word of the account's. `others`: the account's other words, folded, where it is one of
    the account's. `reads`: sorts status words.
    """

    word: str
    reads: DeviceStatuses
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, state: str, reads: DeviceStatuses, words: Iterable[str] = ()) -> Wanted:
        """Return what the option `state` asks for. `words`: the account's, where it is none of `STATES`."""
        known = next((name for name in STATES if fold(name) == fold(state)), None)
        return cls(known or state, reads, frozenset(map(fold, words)) - {fold(state)})

    @property
    def is_state(self) -> bool:
        """Whether it is one of `STATES`, which many words mean."""
        return self.word in STATES

    @property
    def meaning(self) -> str | None:
        """One of `STATES`, or None for a word that means none of them."""
        return self.word if self.is_state else self.reads.read(self.word)

    def is_status_of(self, entry: Entry) -> bool:
        """Whether a device has this status already."""
        said = fold(entry.status or "")
        if said == fold(self.word):
            return True
        # The list may use another word than the one that is sent, unless that is another status of the account's.
        return self.meaning is not None and self.reads.read(entry.status) == self.meaning and said not in self.others

    def is_refused_to(self, entry: Entry) -> bool:
        """Whether a device cannot get this status: a deactivated one has to be activated again."""
        return self.reads.read(entry.status) == DEACTIVATED and self.meaning in (ACTIVE, SUSPENDED)


class StatusPlan(NamedTuple):
    """The items in the order of the declared devices, and what is odd about them, a sentence each."""

    items: list[StatusItem]
    warnings: list[str]

    @property
    def to_set(self) -> list[StatusItem]:
        """The items whose status is to be set."""
        return [item for item in self.items if item.action == StatusAction.SET]

    def counts(self) -> dict[str, int]:
        """Return how many devices each action has."""
        counts = Counter(item.action for item in self.items)
        return {action.value: counts[action] for action in StatusAction}

    def check_size(self, most: int | None) -> None:
        """Raise GuardError where more than `most` devices would get another status (None: any number)."""
        number = len(self.to_set)
        if most is not None and number > most:
            raise GuardError(
                f"The plan sets the status of {counted(number, 'device')}, and max_changes allows {most}; nothing was "
                "written.",
                "Look at the plan (check mode, with --diff), then raise the limit or shorten the list.",
            )


def plan_statuses(targets: Targets, listing: Listing, wanted: Wanted, ignore_missing: bool = False) -> StatusPlan:
    """Decide for each device.

    Args:
        listing: the account's device list.
        ignore_missing: whether a device that is not listed is ignored.

    Raises InputError with every row that does not name one device of the list.
    """
    return _Planner(targets, listing, wanted, ignore_missing).plan()


class _Planner:
    """Goes through the devices; gathers problems and oddities, each with its row."""

    def __init__(self, targets: Targets, listing: Listing, wanted: Wanted, ignore_missing: bool) -> None:
        self._targets = targets
        self._listing = listing
        self._wanted = wanted
        self._ignore_missing = ignore_missing
        self._problems: list[str] = []
        self._oddities: list[tuple[Place, str]] = []
        #: By what tells listed devices apart: the exceptions, and the rows that were first to name a device.
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
        return StatusPlan(items, gathered(self._oddities))

    def _item(self, target: Target) -> StatusItem | None:
        """Return what the plan does with a device; None for a duplicate, and where there is a problem."""
        entries = self._entries(target)
        if entries is None:
            return StatusItem(target, StatusAction.MISSING, "not in the account's device list")
        entry = self._one(target, entries) if entries else None
        if entry is None:
            return None
        first = self._first.setdefault(listed_key(entry), target)
        if first is not target:
            self._note(f"{target.named()}, as in {first.where}", "same device as an earlier row: duplicate ignored")
            return None
        exception = self._excepted.get(listed_key(entry))
        if exception is not None:
            return StatusItem(target, StatusAction.EXCEPTED, f"an exception: {exception.where}", entry)
        action = self._action(entry)
        if action == StatusAction.SET and not entry.mdn:
            text = "is listed without an MDN, by which a status is set; set it in the portal, and remove the row"
            self._problem(target, text)
        reason = _REFUSED if action == StatusAction.REFUSED else _listed_as(entry)
        return StatusItem(target, action, reason, entry)

    def _action(self, entry: Entry) -> StatusAction:
        """Return what to do with a listed device that is not an exception."""
        if self._wanted.is_status_of(entry):
            return StatusAction.UNCHANGED
        return StatusAction.REFUSED if self._wanted.is_refused_to(entry) else StatusAction.SET

    def _entries(self, target: Target) -> Sequence[Entry] | None:
        """Return the entries that a row may mean, none where there is a problem; None for a device that is missing."""
        found = match(target, self._listing.entries)
        if found.found:
            if not found.entries:
                self._problem(target, _contradiction(target, found.found))
            return found.entries
        if self._ignore_missing:
            return None
        odd = self._listing.suspect(*(getattr(target, name) for name in NAMES))
        hint = f" (unless it is {odd}, which is not a whole identifier)" if odd else ""
        self._problem(target, f"is not in the account's device list{hint}; correct it, or set missing to ignore")
        return ()

    def _one(self, target: Target, entries: Sequence[Entry]) -> Entry | None:
        """Return the entry that a row means; None where that is open, which is a problem."""
        # An entry of a line that is gone stays listed beside that of the device's new line.
        in_use = [entry for entry in entries if self._listing.state(entry) != DEACTIVATED]
        left = in_use or list(entries)
        # Of one MDN, the entry that differs counts: to set a status again does no harm.
        differing = next((entry for entry in left if not self._wanted.is_status_of(entry)), left[0])
        keys = [listed_key(entry) for entry in left]
        same = len(set(keys)) == 1 or all(key in self._excepted for key in keys)
        actions = {self._action(entry) for entry in left}
        if same or (not in_use and len(actions) == 1 and StatusAction.SET not in actions):
            return differing
        devices = [f"MDN {entry.mdn or '(none)'} ({printable(entry.status or 'no status')})" for entry in left]
        named = cut_short(devices, _NAMED)
        self._problem(target, f"names {len(devices)} devices of the list: {named}; give the MDN of the right one")
        return None

    def _problem(self, target: Target, text: str) -> None:
        self._problems.append(f"{target.named()}: {text}")

    def _note(self, where: str, text: str) -> None:
        self._oddities.append((Place(0, where), text))


def _contradiction(target: Target, found: Mapping[str, Sequence[Entry]]) -> str:
    """Return what is wrong with a row whose identifiers are not those of one device."""
    listed = [
        f"{name} {getattr(target, name)} is listed with {_known(entries[0], name)}" for name, entries in found.items()
    ]
    return f"is not one device: {'; '.join(listed)}; correct the row"


def _known(entry: Entry, name: str) -> str:
    """Return what else names a listed device."""
    names = [f"{other} {value}" for other in NAMES if other != name and (value := getattr(entry, other))]
    return " and ".join(names) or "nothing else"


def _listed_as(entry: Entry) -> str:
    return f"listed as {printable(entry.status)}" if entry.status else "listed without a status"
