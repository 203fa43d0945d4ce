# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of a run: what became of each device so far. Progress is told from it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Item
from .._declare.devices import Device
from .._wire import Line
from .snapshot import TO_DO, Snapshot


class Ledger:
    """One outcome for each device of a plan, in the plan's order.

    Args:
        items: of the plan; each device begins with what the plan foresees.
        clock: seconds that never go backwards.
    """

    def __init__(self, items: Iterable[Item], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._outcomes = {item.device.key: item.outcome() for item in items}
        self._identities = tuple({entry.device.identity: None for entry in self._outcomes.values()})
        self._submitted: dict[str, float] = {}
        self._counted: dict[str, Counter[Outcome]] = {}
        self._began = clock()
        #: What holds the run up, for progress; or None.
        self.note: str | None = None
        #: Whether a submission was taken, or may have been.
        self.changed = False

    def __iter__(self) -> Iterator[DeviceOutcome]:
        """The outcomes in the plan's order; they may be changed, not replaced."""
        return iter(list(self._outcomes.values()))

    def __getitem__(self, device: Device) -> DeviceOutcome:
        return self._outcomes[device.key]

    def find(self, line: Line) -> DeviceOutcome | None:
        """The outcome of the device whose key a line has; None where it is not the plan's."""
        for identity in self._identities:
            entry = self._outcomes.get(identity.key_of(line) or "")
            if entry is not None and entry.device.identity == identity:
                return entry
        return None

    def having(self, outcome: Outcome) -> list[DeviceOutcome]:
        """The devices with this outcome."""
        return [entry for entry in list(self._outcomes.values()) if entry.outcome == outcome]

    def book(
        self,
        devices: Iterable[Device],
        outcome: Outcome,
        transaction_id: str | None = None,
        reason: str | None = None,
        is_final: bool = True,
    ) -> None:
        """Enters an outcome for devices."""
        for device in devices:
            made = DeviceOutcome(device, outcome, transaction_id, None, reason, is_final=is_final)
            self._outcomes[device.key] = made

    # -- Transactions --------------------------------------------------------------------------------------------------

    def taken(self, devices: Sequence[Device], transaction_id: str) -> None:
        """Enters that devices were submitted and became a transaction."""
        self._submitted[transaction_id] = self._clock()
        self.changed = True
        self.book(devices, Outcome.PENDING, transaction_id, "submitted")

    def has_submitted(self, transaction_id: str) -> bool:
        """Whether a transaction is one of this run."""
        return transaction_id in self._submitted

    def submitted(self) -> int:
        """How many devices were submitted in this run, as far as their transactions are known."""
        return sum(entry.transaction_id in self._submitted for entry in self if entry.transaction_id)

    def seconds(self, transaction_id: str, ended_at: float | None) -> float | None:
        """How long a transaction of this run has taken until it ended, or until now; None for one of another run."""
        if transaction_id not in self._submitted:
            return None
        ended = self._clock() if ended_at is None else ended_at
        return round(ended - self._submitted[transaction_id], 1)

    def waiting(self) -> dict[str, list[DeviceOutcome]]:
        """The devices that are under way, by their transactions."""
        found: dict[str, list[DeviceOutcome]] = {}
        for entry in self.having(Outcome.PENDING):
            if entry.transaction_id:
                found.setdefault(entry.transaction_id, []).append(entry)
        return found

    def count(self, transaction_id: str, activated: int, failed: int) -> None:
        """Enters how many lines of a transaction have ended, before it is known which.

        Counts only grow: what the service has once called ended is not under way again.
        """
        most = self._counted.get(transaction_id, Counter())
        self._counted[transaction_id] = most | Counter({Outcome.ACTIVATED: activated, Outcome.FAILED: failed})

    # -- Progress ------------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """How far the run is; for another thread."""
        counts: Counter[Outcome] = Counter()
        under_way: dict[str, int] = {}
        judged: dict[str, Counter[Outcome]] = {}
        for entry in self:
            outcome = entry.outcome if entry.is_final or entry.outcome in TO_DO else Outcome.PENDING
            counts[outcome] += 1
            name = entry.transaction_id
            if name is not None and outcome == Outcome.PENDING:
                under_way[name] = under_way.get(name, 0) + 1
            elif name in self._counted:
                judged.setdefault(str(name), Counter())[outcome] += 1
        for name, pending in list(under_way.items()):
            left = pending
            # What has ended by the counts, and is not known yet device by device.
            for outcome, number in (self._counted.get(name, Counter()) - judged.get(name, Counter())).items():
                ended = min(number, left)
                counts[outcome] += ended
                counts[Outcome.PENDING] -= ended
                left -= ended
            under_way[name] = left
        counts = +counts
        return Snapshot(dict(counts), self._slowest(name for name, left in under_way.items() if left), self.note)

    def _slowest(self, names: Iterable[str]) -> tuple[str, float] | None:
        """The transaction that has been under way for longest, and for how many seconds."""
        now = self._clock()
        waits = [(now - self._submitted.get(name, self._began), name) for name in names]
        seconds, name = max(waits, key=lambda wait: wait[0], default=(0.0, ""))
        return (name, seconds) if name and seconds > 0 else None
