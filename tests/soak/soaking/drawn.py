# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Types for rounds and runs that have been drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .faults import Spec, commits_before_it_answers
from .fleets import Fleet
from .portal import PORTAL


class InterruptionKind(Enum):
    """Kinds of interruptions.

    `shells`: whether a module that a shell has started becomes an orphan; `plays`: whether the workers of a play do.
    An orphan finishes the requests that it has sent, and then ends. Other processes may end in the middle of a request.
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
        """Whether the process that submits survives the interruption and ends by itself."""
        return self._plays if playbook else self._shells


@dataclass(frozen=True)
class Interruption:
    """How and when a run is interrupted: `seconds` after its start, or when `writes` writes have arrived.

    Submissions and requests that set a status are writes.
    """

    kind: InterruptionKind
    seconds: float | None = None
    writes: int | None = None

    def __str__(self) -> str:
        if self.writes is not None:
            return f"{self.kind.label} at write {self.writes}"
        return f"{self.kind.label} after {self.seconds:.2f} s"


class Memory(Enum):
    """The journal of a run: that of the round, if it has one; its own; none."""

    SHARED, OWN, NONE = "journal of the round", "own journal", "no journal"


@dataclass(frozen=True)
class RunDraw:
    """One run.

    `arguments`: of the module, without connection and devices. `share`: of the fleet that the run declares. `form`:
    how the fleet is declared: `devices`, `hosts` of the play, or the suffix of a file. `last`: the run after the
    faults, or the same in check mode. `torn`: the journal ends in the middle of a line when the run starts. `hosts`,
    `connection`: of the play. `rivals`: other runs on the same fleet at the same time; each starts `begins` seconds
    after this one, or with the first submission if that is None. `hasty`: the next run starts before the orphans of
    this one have ended.
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
    def has_faults(self) -> bool:
        """Whether the run has faults or outages."""
        return bool(self.faults or self.outages)

    @property
    def with_rivals(self) -> tuple[RunDraw, ...]:
        """This run and its rivals."""
        return (self, *self.rivals)

    @property
    def is_remembered(self) -> bool:
        """Whether this run and all its rivals use the journal of the round, if it has one."""
        return all(run.memory is Memory.SHARED for run in self.with_rivals)

    @property
    def is_prompt(self) -> bool:
        """Whether the service accepts no request after its answer has arrived or is lost."""
        return not self.outages and commits_before_it_answers(self.faults)

    @property
    def leaves_orphans(self) -> bool:
        """Whether the process that submits survives the interruption."""
        return self.interruption is not None and self.interruption.kind.leaves_orphans(self.playbook)


@dataclass(frozen=True)
class RoundDraw:
    """One round.

    `settings`: of the simulator; `final_settings` replace some of them before the last run. `past`, `others`: number of
    undeclared devices in the history and in the device list.
    """

    seed: int
    number: int
    fleet: Fleet
    request_format: str
    journal: bool
    settings: Mapping[str, Any]
    final_settings: Mapping[str, Any]
    past: int
    others: int
    runs: tuple[RunDraw, ...]

    @property
    def lag(self) -> float:
        """Maximum seconds until the history shows a change."""
        return _longest(self.settings.get("history_lag", 0.0))

    @property
    def listing_lag(self) -> float:
        """Maximum seconds until the device list shows a change."""
        return max(_longest(self.settings.get(name, 0.0)) for name in ("listing_lag", "status_lag"))

    def kinds_label(self) -> str:
        """The kinds of its devices, and whether it is one fleet."""
        return ("fleet of " if self.fleet.is_mixed else "") + "+".join(self.fleet.kinds)

    def title(self) -> str:
        """A short description of the round."""
        runs = [one for run in self.runs for one in run.with_rivals]
        interrupted = Counter(run.interruption.kind.label for run in runs if run.interruption)
        rivals = sum(len(run.rivals) for run in self.runs)
        hosts = max(run.hosts for run in runs)
        parts = [f"{self.kinds_label()} {self.request_format}", f"{len(self.fleet)} devices", f"{len(self.runs)} runs"]
        parts += [f"rivals: {rivals}"] * bool(rivals) + [f"hosts: {hosts}"] * (hosts > 1)
        parts += [f"{label}: {count}" for label, count in interrupted.items()] + ["journal"] * self.journal
        parts += [f"history {self.lag:.1f} s late"] * bool(self.lag)
        parts += [f"list {self.listing_lag:.1f} s late"] * bool(self.listing_lag)
        parts += [f"listed: {len(self.fleet.with_fate(*PORTAL))}"] * bool(self.fleet.with_fate(*PORTAL))
        parts += [f"dialect {self.settings.get('dialect')}"] * ("dialect" in self.settings)
        return ", ".join(parts)


def _longest(lag: Any) -> float:
    """The upper end of a range of seconds, or the number itself."""
    return float(max(lag) if isinstance(lag, list) else lag)
