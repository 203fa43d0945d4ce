# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated service as a whole: its parts, and how it starts afresh."""

from __future__ import annotations

from typing import Any, Optional

from .auth import Sessions
from .clock import Clock
from .connections import Connections
from .faults import FaultBook
from .history import History
from .outcomes import Override
from .profiles import PROFILES, Settings
from .requestlog import RequestLog
from .seeding import seed_history
from .store import Store


class Simulator:
    """Everything that requests share."""

    def __init__(
        self,
        profile: str = "demo",
        db: str = ":memory:",
        seed: int = 0,
        control: bool = False,
        token_lifetime: Optional[float] = None,
    ) -> None:
        self.control = control
        self.seed = seed
        self._given = {} if token_lifetime is None else {"token_lifetime": token_lifetime}
        self.clock = Clock()
        self.connections = Connections()
        self.log = RequestLog(enabled=control)
        self.faults = FaultBook()
        self.overrides: dict[str, Override] = {}
        self.store = Store(db)
        self.settings = self._use_profile(profile, {})
        self.sessions = Sessions(self.clock, lambda: self.settings.token_lifetime)
        # A database that survived a restart goes on as it was, its clock included.
        self.clock.offset = self.store.meta("clock_offset")
        if self.store.empty:
            self._fill()

    def _use_profile(self, name: str, changes: dict[str, Any]) -> Settings:
        profile = PROFILES[name]
        settings = profile.settings.merged({**self._given, **changes})
        self.profile = name
        self.faults.clear(self.seed)
        for spec in profile.faults:
            self.faults.add(spec)
        return settings

    def _fill(self) -> None:
        with self.store.change():
            self.store.fill_stock()
            seed_history(self.store, self.clock.now(), self.seed, self.settings)

    def reset(self, seed: Optional[int], profile: Optional[str], changes: dict[str, Any]) -> None:
        """Start afresh: new database with the seeded history, clock as the machine's, no faults, logins or log."""
        if seed is not None:
            self.seed = seed
        self.settings = self._use_profile(profile or self.profile, changes)
        self.clock.offset = 0.0
        self.overrides.clear()
        self.sessions.clear()
        self.log.clear()
        self.store.clear()
        self._fill()

    def advance_clock(self, seconds: float) -> None:
        """Move the simulated time."""
        self.clock.advance(seconds)
        self.store.set_meta("clock_offset", self.clock.offset)

    def history(self) -> History:
        """Return the history as it is now."""
        return History(self.store, self.settings, self.clock.now())

    def override_for(self, line: dict[str, Any]) -> Optional[Override]:
        """Return what the control surface has decided for a line's device."""
        for name in ("iccid", "sim_id", "imei", "eid"):
            found = self.overrides.get(line.get(name) or "")
            if found is not None:
                return found
        return None
