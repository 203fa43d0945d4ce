# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a round and its runs are, once they are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .faults import Spec, commits_before_it_answers
from .fleets import Fleet
from .portal import PORTAL


class How(Enum):
    """How a run is interrupted.

    `shells`: whether that makes an orphan of a module, which a shell has started; `plays`: of the workers of a play.
    An orphan finishes the requests that have left, and then ends. Whatever else is interrupted may end in the middle
    of a request.
    """

    ALL = ("all killed", False, False)
    WORKER = ("worker killed", False, False)
    PARENT = ("parent killed", True, True)
    INTERRUPT = ("SIGINT", False, False)
    TERMINATE = ("SIGTERM", True, False)
    HANG_UP = ("SIGHUP", False, True)
    TERMINAL = ("terminal closed", False, True)

    def __init__(self, label: str, shells: bool, plays: bool) -> None:
        self.label = label
        self._shells = shells
        self._plays = plays

    def leaves_orphans(self, playbook: bool) -> bool:
        """Whether what submits outlives this, and comes to its own end."""
        return self._plays if playbook else self._shells


@dataclass(frozen=True)
class Interruption:
    """How and when a run is interrupted: so many seconds after its start, or when so many writes have arrived.

    Both submissions and requests that set a status count.
    """

    how: How
    seconds: float | None = None
    writes: int | None = None

    def __str__(self) -> str:
        if self.writes is not None:
            return f"{self.how.label} at write {self.writes}"
        return f"{self.how.label} after {self.seconds:.2f} s"


class Memory(Enum):
    """The journal of a run: that of the round, if it has one; its own; or none."""

    SHARED, OWN, NONE = "the journal of the round", "a journal of its own", "no journal"


@dataclass(frozen=True)
class RunDraw:
    """One run. `arguments`: of the module, but for connection and devices. `share`: of the fleet that it declares.

    `form`: how the fleet is declared: as `devices`, as the hosts of the play, or in a file that ends so. `last`: the
    run after the faults; check mode after it is also one. `torn`: the journal ends in the middle of a line before it.
    `hosts`, `connection`: of the play. `rivals`: other runs on the same fleet at the same time, each `begins` seconds
    after this one, or with the first submission (None). `hasty`: the next run does not wait for the end of the orphans
    of this one.
    """

    arguments: Mapping[str, Any]
    faults: tuple[Spec, ...] = ()
    outages: tuple[tuple[float, float], ...] = ()
    interruption: Interruption | None = None
    check: bool = False
    playbook: bool = False
    hosts: int = 1
    connection: str = "local"
    form: str = "devices"
    share: float = 1.0
    login: bool = False
    last: bool = False
    torn: bool = False
    memory: Memory = Memory.SHARED
    rivals: tuple[RunDraw, ...] = ()
    begins: float | None = 0.0
    hasty: bool = False

    @property
    def faulty(self) -> bool:
        """Whether anything is made to go wrong."""
        return bool(self.faults or self.outages)

    @property
    def together(self) -> tuple[RunDraw, ...]:
        """This run and its rivals."""
        return (self, *self.rivals)

    @property
    def is_remembered(self) -> bool:
        """Whether this run and its rivals all write to the journal of the round, if it has one."""
        return all(run.memory is Memory.SHARED for run in self.together)

    @property
    def is_prompt(self) -> bool:
        """Whether whatever is taken has been taken when its answer arrives, or is lost."""
        return not self.outages and commits_before_it_answers(self.faults)

    @property
    def leaves_orphans(self) -> bool:
        """Whether what submits outlives the interruption."""
        return self.interruption is not None and self.interruption.how.leaves_orphans(self.playbook)


@dataclass(frozen=True)
class RoundDraw:
    """One round. `settings`: of the simulator; those of `finally_` replace them before the last run.

    `past`, `others`: how many of other people's devices the history and the device list have.
    """

    seed: int
    number: int
    fleet: Fleet
    request_format: str
    journal: bool
    settings: Mapping[str, Any]
    finally_: Mapping[str, Any]
    past: int
    others: int
    runs: tuple[RunDraw, ...]

    @property
    def lag(self) -> float:
        """How much later than it happened something is in the history, in seconds."""
        return _longest(self.settings.get("history_lag", 0.0))

    @property
    def listing_lag(self) -> float:
        """How much later than it happened something is in the device list, in seconds."""
        return max(_longest(self.settings.get(name, 0.0)) for name in ("listing_lag", "status_lag"))

    def what(self) -> str:
        """The kinds of its devices, and whether one task takes any."""
        return ("fleet of " if self.fleet.is_mixed else "") + "+".join(self.fleet.kinds)

    def title(self) -> str:
        """The round in a few words."""
        runs = [one for run in self.runs for one in run.together]
        interrupted = Counter(run.interruption.how.label for run in runs if run.interruption)
        rivals = sum(len(run.rivals) for run in self.runs)
        hosts = max(run.hosts for run in runs)
        parts = [f"{self.what()} {self.request_format}", f"{len(self.fleet)} devices", f"{len(self.runs)} runs"]
        parts += [f"rivals: {rivals}"] * bool(rivals) + [f"hosts: {hosts}"] * (hosts > 1)
        parts += [f"{label}: {count}" for label, count in interrupted.items()] + ["journal"] * self.journal
        parts += [f"history {self.lag:.1f} s late"] * bool(self.lag)
        parts += [f"list {self.listing_lag:.1f} s late"] * bool(self.listing_lag)
        parts += [f"listed: {len(self.fleet.with_fate(*PORTAL))}"] * bool(self.fleet.with_fate(*PORTAL))
        parts += [f"dialect {self.settings.get('dialect')}"] * ("dialect" in self.settings)
        return ", ".join(parts)


def _longest(lag: Any) -> float:
    """The longest of a span in seconds, or the number itself."""
    return float(max(lag) if isinstance(lag, list) else lag)
