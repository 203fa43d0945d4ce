# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carriers, plans and stock of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .calls import ACTIVATION, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS, Calls


class Catalogue(Calls):
    """Read-only endpoints for carriers, plans, inventory and stock."""

    def billing_plans(self) -> list[Mapping[str, Any]]:
        """Return the billing rate plans of the device group, as received."""
        return self._objects(f"{ACTIVATION}/billing-plans")

    def business_internet_plans(self) -> list[Mapping[str, Any]]:
        """Return the business internet plans as received: planId, planDescription, planDescriptionFull … [I]."""
        return self._objects(f"{ACTIVATION}/businessInternetPlans")

    def carriers(self) -> list[str]:
        """Return the names of the account's carriers for SIMs."""
        path = f"{ACTIVATION}/carriers"
        return self._parse(self.reader.carriers_of, self.session.get(path, scope=SCOPE_ACTIVATION), f"GET {path}")

    def esim_carriers(self) -> list[str]:
        """Return the names of the account's carriers for eSIMs."""
        path = f"{ACTIVATION}/eSim/carriers"
        return self._parse(self.reader.carriers_of, self.session.get(path, scope=SCOPE_ESIM_CARRIERS), f"GET {path}")

    def esim_stock(self, corp_id: str, carrier: str) -> tuple[int, int | None]:
        """Return the number of available eSIMs of a carrier, and the maximum per request (None if not given)."""
        path = f"{ACTIVATION}/eSimInventoryCount/{quote(corp_id, safe='')}"
        return self._parse(self.reader.stock_of, self.session.get(path, {"carrier": carrier}), f"GET {path}")

    def inventory(self, carrier: str) -> Any:
        """Return the inventory of a carrier as received: an object or a list, with sku, planId, subType … [I]."""
        return self.session.get(f"{ACTIVATION}/inventory", {"carrier": carrier})
