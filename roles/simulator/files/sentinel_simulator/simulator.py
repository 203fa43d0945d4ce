# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated service: its parts, and its reset."""

from __future__ import annotations

import random
from typing import Any, Optional

from .auth import Sessions
from .clock import Clock
from .connections import Connections
from .dialect import Dialect
from .entries import EntriesBody, add_listed_stranger, add_listing
from .faults import FaultRegistry
from .formatter import Formatter
from .history import History
from .late import LateRequests
from .listing import Listing, View
from .outcomes import Override
from .profiles import PROFILES, Settings
from .requestlog import RequestLog
from .seeding import add_stranger, seed_history
from .store import Store

#: Formats the default answers where speed does not matter.
_USUAL = Formatter(Dialect())


class Simulator:
    """The state that all requests share."""

    def __init__(
        self,
        profile: str = "demo",
        db: str = ":memory:",
        seed: int = 0,
        control: bool = False,
        token_lifetime: Optional[float] = None,
        dialect: Optional[Dialect] = None,
        listing: Optional[EntriesBody] = None,
    ) -> None:
        self.control = control
        self._listed = listing
        self.seed = seed
        given = {"token_lifetime": token_lifetime, "dialect": dialect}
        self._given = {name: value for name, value in given.items() if value is not None}
        self.clock = Clock()
        self.connections = Connections()
        self.log = RequestLog(enabled=control)
        self.faults = FaultRegistry()
        self.late = LateRequests()
        self.overrides: dict[str, Override] = {}
        self.store = Store(db)
        self.history = History(self.store)
        self.listing = Listing(self.store, lambda: (self.seed, self.settings))
        self.chances = random.Random()
        self._use_profile(profile, self._merged(profile, {}))
        self.sessions = Sessions(self.clock, lambda: self.settings, lambda: self.seed)
        # An existing database continues with its clock.
        self.clock.offset = self.store.meta("clock_offset")
        if self.store.is_empty:
            self._fill()

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = settings
        self.history.use(settings)

    @property
    def formatter(self) -> Formatter:
        """Formatter of the dialect, or of the default answers."""
        return self.history.formatter or _USUAL

    def _merged(self, name: str, changes: dict[str, Any]) -> Settings:
        return PROFILES[name].settings.merged({**self._given, **changes})

    def _use_profile(self, name: str, settings: Settings) -> None:
        self.profile = name
        self.settings = settings
        self.chances.seed(f"{self.seed}/requests")
        self.faults.clear(self.seed)
        for spec in PROFILES[name].faults:
            self.faults.add(spec)

    def _fill(self) -> None:
        with self.store.change():
            self.store.fill_stock()
            seed_history(self.store, self.clock.now(), self.seed, self.settings)
            if self._listed is not None:
                add_listing(self.listing.records, self.store, self.clock.now(), self._listed, self.seed)

    def reset(self, seed: Optional[int], profile: Optional[str], changes: dict[str, Any]) -> None:
        """Reset: new database with the seeded history, clock of the machine, no faults, logins or log.

        Delayed requests are not carried out.
        """
        name = profile or self.profile
        settings = self._merged(name, changes)
        if seed is not None:
            self.seed = seed
        self._use_profile(name, settings)
        self.late.cancel()
        self.clock.offset = 0.0
        self.overrides.clear()
        self.sessions.clear()
        self.log.clear()
        self.store.clear()
        self.history.clear()
        self._fill()

    def advance_clock(self, seconds: float) -> None:
        """Move the simulated time."""
        self.clock.advance(seconds)
        self.store.set_meta("clock_offset", self.clock.offset)

    def read_page(self, descending: bool, offset: int, limit: int, recent: bool) -> tuple[str, int]:
        """Return a page of the history, as a JSON list, and its total. Then let the pages shift, by chance."""
        settings, now = self.settings, self.clock.now()
        overlap = settings.page_overlap
        if isinstance(overlap, tuple):
            overlap = self.chances.randint(*overlap)
        found = self.history.page(now, descending, max(0, offset - overlap), min(limit, settings.page_max), recent)
        if settings.arrivals and self.chances.random() < settings.arrivals:
            add_stranger(self.store, now, self.chances.uniform(*settings.line_latency), self.chances)
        if recent and settings.departures and self.chances.random() < settings.departures:
            self.history.depart(now)
        return found

    def read_devices(self, page: bool) -> tuple[View, int]:
        """Return the device list, and the number of entries of the previous page to repeat.

        Then let the list change, by chance.
        """
        settings, now = self.settings, self.clock.now()
        view = self.listing.shown(now)
        overlap = settings.listing_overlap if page else 0
        if isinstance(overlap, tuple):
            overlap = self.chances.randint(*overlap)
        if settings.listing_arrivals and self.chances.random() < settings.listing_arrivals:
            add_listed_stranger(self.listing.records, self.store, now, self.chances)
        if settings.listing_departures and self.chances.random() < settings.listing_departures:
            self.listing.records.drop_made_up(self.chances.random())
        return view, overlap

    def override_for(self, line: dict[str, Any]) -> Optional[Override]:
        """Return the outcome that the control interface has set for a line's device."""
        for name in ("iccid", "sim_id", "imei", "eid"):
            found = self.overrides.get(line.get(name) or "")
            if found is not None:
                return found
        return None
