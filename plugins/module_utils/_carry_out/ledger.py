# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of a run: the outcome of each device so far. Progress is read from it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from .._decide.outcomes import DeviceOutcome, Outcome
from .._decide.plan import Item
from .._declare.devices import Device
from .._wire import Line
from .snapshot import TO_DO, Snapshot


class Ledger:
    """One outcome per device of a plan, in the plan's order.

    Args:
        items: of the plan; each device starts with its foreseen outcome.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, items: Iterable[Item], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._outcomes = {item.device.key: item.outcome() for item in items}
        self._identities = tuple({entry.device.identity: None for entry in self._outcomes.values()})
        self._submitted: dict[str, float] = {}
        self._counted: dict[str, Counter[Outcome]] = {}
        self._began = clock()
        #: What the run is waiting for, for progress; or None.
        self.note: str | None = None
        #: Whether a submission was accepted, or may have been.
        self.changed = False

    def __iter__(self) -> Iterator[DeviceOutcome]:
        """Iterate over the outcomes in the plan's order. An outcome may be changed, but not replaced."""
        return iter(list(self._outcomes.values()))

    def __getitem__(self, device: Device) -> DeviceOutcome:
        return self._outcomes[device.key]

    def find(self, line: Line) -> DeviceOutcome | None:
        """Return the outcome of the device whose key a line has; None if the plan does not have it."""
        for identity in self._identities:
            entry = self._outcomes.get(identity.key_of(line) or "")
            if entry is not None and entry.device.identity == identity:
                return entry
        return None

    def having(self, outcome: Outcome) -> list[DeviceOutcome]:
        """Return the devices with this outcome."""
        return [entry for entry in list(self._outcomes.values()) if entry.outcome == outcome]

    def book(
        self,
        devices: Iterable[Device],
        outcome: Outcome,
        transaction_id: str | None = None,
        reason: str | None = None,
        is_final: bool = True,
    ) -> None:
        """Enter an outcome for devices."""
        for device in devices:
            made = DeviceOutcome(device, outcome, transaction_id, None, reason, is_final=is_final)
            self._outcomes[device.key] = made

    # -- Transactions --------------------------------------------------------------------------------------------------

    def accepted(self, devices: Sequence[Device], transaction_id: str) -> None:
        """Enter that devices were submitted and accepted as a transaction."""
        self._submitted[transaction_id] = self._clock()
        self.changed = True
        self.book(devices, Outcome.PENDING, transaction_id, "submitted")

    def has_submitted(self, transaction_id: str) -> bool:
        """Whether this run submitted a transaction."""
        return transaction_id in self._submitted

    def submitted(self) -> int:
        """Return the number of devices that this run submitted, as far as their transactions are known."""
        return sum(entry.transaction_id in self._submitted for entry in self if entry.transaction_id)

    def seconds(self, transaction_id: str, ended_at: float | None) -> float | None:
        """Return the seconds from submission to end, or to now if `ended_at` is None; None for another run's."""
        if transaction_id not in self._submitted:
            return None
        ended = self._clock() if ended_at is None else ended_at
        return round(ended - self._submitted[transaction_id], 1)

    def waiting(self) -> dict[str, list[DeviceOutcome]]:
        """Return the pending devices by transaction."""
        pending: dict[str, list[DeviceOutcome]] = {}
        for entry in self.having(Outcome.PENDING):
            if entry.transaction_id:
                pending.setdefault(entry.transaction_id, []).append(entry)
        return pending

    def count(self, transaction_id: str, activated: int, failed: int) -> None:
        """Enter how many lines of a transaction have ended, before it is known which ones.

        Counts only grow: a line that the service has once counted as ended does not become pending again.
        """
        highest = self._counted.get(transaction_id, Counter())
        self._counted[transaction_id] = highest | Counter({Outcome.ACTIVATED: activated, Outcome.FAILED: failed})

    # -- Progress ------------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return how far the run is. May be called from another thread."""
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
            remaining = pending
            # Lines that have ended by the counts, but are not known device by device yet.
            for outcome, number in (self._counted.get(name, Counter()) - judged.get(name, Counter())).items():
                ended = min(number, remaining)
                counts[outcome] += ended
                counts[Outcome.PENDING] -= ended
                remaining -= ended
            under_way[name] = remaining
        counts = +counts
        slowest = self._slowest(name for name, remaining in under_way.items() if remaining)
        return Snapshot(dict(counts), slowest, self.note)

    def _slowest(self, names: Iterable[str]) -> tuple[str, float] | None:
        """Return the transaction that has been under way the longest, and for how many seconds."""
        now = self._clock()
        waits = [(now - self._submitted.get(name, self._began), name) for name in names]
        seconds, name = max(waits, key=lambda wait: wait[0], default=(0.0, ""))
        return (name, seconds) if name and seconds > 0 else None
