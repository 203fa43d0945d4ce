# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the account has to activate devices with: carriers, plans, stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .calls import ACTIVATION, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS, Calls


class Catalogue(Calls):
    """Carriers, plans, inventory and stock. Only reads."""

    def billing_plans(self) -> list[Mapping[str, Any]]:
        """Billing rate plans of the device group, as received."""
        return self._objects(f"{ACTIVATION}/billing-plans")

    def business_internet_plans(self) -> list[Mapping[str, Any]]:
        """Verizon business internet plans, as received: planId, planDescription, planDescriptionFull … [I]."""
        return self._objects(f"{ACTIVATION}/businessInternetPlans")

    def carriers(self) -> list[str]:
        """Names of the carriers that the account may activate SIMs with."""
        path = f"{ACTIVATION}/carriers"
        return self._parse(self.reader.carriers_of, self.session.get(path, scope=SCOPE_ACTIVATION), f"GET {path}")

    def esim_carriers(self) -> list[str]:
        """Names of the carriers that the account may activate eSIMs with."""
        path = f"{ACTIVATION}/eSim/carriers"
        return self._parse(self.reader.carriers_of, self.session.get(path, scope=SCOPE_ESIM_CARRIERS), f"GET {path}")

    def esim_stock(self, corp_id: str, carrier: str) -> tuple[int, int | None]:
        """How many eSIMs of the carrier are available, and the most that one request may ask for (None: not said)."""
        path = f"{ACTIVATION}/eSimInventoryCount/{quote(corp_id, safe='')}"
        return self._parse(self.reader.stock_of, self.session.get(path, {"carrier": carrier}), f"GET {path}")

    def inventory(self, carrier: str) -> Any:
        """The carrier's inventory, as received: an object or a list of them, with sku, planId, subType … [I]."""
        return self.session.get(f"{ACTIVATION}/inventory", {"carrier": carrier})
