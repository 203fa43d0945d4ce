# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for carriers, plans, inventory and stock."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from .._service.api import ACTIVATION, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS
from .._wire.devices import (
    best_list,
)
from .._wire.rules import (
    CARRIER_RULES,
    INVENTORY_RULES,
    PLAN_RULES,
    STOCK_RULES,
)
from .asking import NO_CORP, Calls
from .seen import Seen


class CatalogueCalls(Calls):
    """Makes the calls for carriers, plans, inventory and stock."""

    def _catalogue(self) -> None:
        carriers = self._carriers("carriers", "carriers", SCOPE_ACTIVATION)
        esim_carriers = self._carriers("esim_carriers", "eSim/carriers", SCOPE_ESIM_CARRIERS)
        self._plans("billing_plans", "billing-plans")
        self._plans("business_internet_plans", "businessInternetPlans")
        carrier = self._carrier or next(iter(carriers.texts), None)
        self._ask(
            "inventory",
            f"{ACTIVATION}/inventory",
            lambda seen: self._read_inventory(seen, carrier or ""),
            INVENTORY_RULES,
            skipped=None if carrier else "no carrier is known",
        )
        carrier = self._carrier or next(iter(esim_carriers.texts), None) or carrier
        self._ask(
            "esim_stock",
            f"{ACTIVATION}/eSimInventoryCount/{{corp_id}}",
            lambda seen: self._read_stock(seen, carrier or ""),
            STOCK_RULES,
            (("available",),),
            skipped=NO_CORP if not self.account.corp_id else None if carrier else "no carrier is known",
        )

    def _carriers(self, name: str, end: str, scope: str) -> Seen:
        path = f"{ACTIVATION}/{end}"

        def read(seen: Seen) -> None:
            seen.texts = self._reader.carriers_of(self._get(seen, path), f"GET {path}")
            seen.count = len(seen.texts)

        return self._ask(name, path, read, CARRIER_RULES, (("carrier",),), scope)

    def _plans(self, name: str, end: str) -> None:
        path = f"{ACTIVATION}/{end}"

        def read(seen: Seen) -> None:
            plans = self._reader.objects_of(self._get(seen, path), f"GET {path}")
            seen.count = len(plans)

        self._ask(name, path, read, PLAN_RULES, (("plan_id",),))

    def _read_inventory(self, seen: Seen, carrier: str) -> None:
        answer = self._get(seen, seen.path, {"carrier": carrier})
        found = best_list(self._reader.names, answer, INVENTORY_RULES)
        items = found[1] if found else [answer] if isinstance(answer, Mapping) else []
        self._reader.recognise(items, INVENTORY_RULES, seen.name)
        seen.count = len(items)

    def _read_stock(self, seen: Seen, carrier: str) -> None:
        path = f"{ACTIVATION}/eSimInventoryCount/{quote(self.account.corp_id or '', safe='')}"
        self._reader.stock_of(self._get(seen, path, {"carrier": carrier}), f"GET {seen.path}")
        seen.count = 1
