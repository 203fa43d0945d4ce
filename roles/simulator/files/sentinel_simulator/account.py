# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated account: carriers, groups, plans and stock.

Names follow the style of the published page [P]; figures are invented [A].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

#: [I] for the set; the page names Verizon, Verizon Priority and AT&T.
CARRIERS = (
    "Verizon",
    "Verizon Priority",
    "Verizon BI",
    "AT&T",
    "T-Mobile",
    "FirstNet",
    "FirstNet Extended Primary",
)
ESIM_CARRIERS = ("Verizon", "AT&T", "T-Mobile")
FILTER_GROUPS = ("Student_K8", "Student_HS", "Staff", "Fleet")

#: Carriers whose activations need a service ZIP code [I].
ZIP_CARRIERS = frozenset({"Verizon", "T-Mobile", "Verizon Priority", "Verizon BI", "FirstNet Extended Primary"})
FIRSTNET_CARRIERS = frozenset({"FirstNet", "FirstNet Extended Primary"})
#: Fields that FirstNet also requires, each at most ``FIRSTNET_LENGTH`` characters long [I].
FIRSTNET_FIELDS = ("agencyEndUserName", "billingAddress", "billingCity", "billingState", "subType")
FIRSTNET_LENGTH = 50
PRIORITY_CARRIERS = frozenset({"Verizon Priority", "FirstNet", "FirstNet Extended Primary"})
ACTIVATION_LOCATIONS = ("East", "West")
BUSINESS_INTERNET_CARRIER = "Verizon BI"

#: Issuer prefixes of the carriers' ICCIDs (E.118 issuer identifiers), for stock and generated history.
ICCID_PREFIXES = {"AT&T": "890141", "FirstNet": "890141", "FirstNet Extended Primary": "890141", "T-Mobile": "890126"}
DEFAULT_ICCID_PREFIX = "891480"


def _plan(plan_id: str, name: str, carrier: str, megabytes: Optional[int]) -> dict[str, Any]:
    data = "unlimited data" if megabytes is None else f"{megabytes // 1024} GB a month"
    return {
        "planId": plan_id,
        "planName": name,
        "planDescription": f"{name}, {data}",
        "carrier": carrier,
        "dataLimitMb": megabytes,
        "billingCycle": "MONTHLY",
    }


BILLING_PLANS: tuple[dict[str, Any], ...] = (
    _plan("VZW-EDU-10", "Education 10", "Verizon", 10_240),
    _plan("VZW-EDU-UNL", "Education Unlimited", "Verizon", None),
    _plan("VZP-FLEET-25", "Priority Fleet 25", "Verizon Priority", 25_600),
    _plan("ATT-EDU-10", "Education 10", "AT&T", 10_240),
    _plan("ATT-BUS-50", "School Bus Wi-Fi 50", "AT&T", 51_200),
    _plan("TMO-EDU-UNL", "Education Unlimited", "T-Mobile", None),
    _plan("FN-PRIMARY", "FirstNet Primary", "FirstNet", None),
    _plan("FN-EXTENDED", "FirstNet Extended Primary", "FirstNet Extended Primary", 20_480),
)


def _internet_plan(plan_id: str, warehouse_id: int, speed: int) -> dict[str, Any]:
    return {
        "planId": plan_id,
        "planDescription": f"Business Internet {speed} Mbps",
        "planDescriptionFull": f"Verizon Business Internet, up to {speed} Mbps down, unlimited data",
        "whPlanId": str(warehouse_id),
        "carrier": BUSINESS_INTERNET_CARRIER,
    }


BUSINESS_INTERNET_PLANS: tuple[dict[str, Any], ...] = (
    _internet_plan("VZBI-100", 48_201, 100),
    _internet_plan("VZBI-200", 48_202, 200),
    _internet_plan("VZBI-400", 48_203, 400),
)


@dataclass(frozen=True)
class StockItem:
    """A kind of SIM in the account's stock; ``initial`` is the count at the start."""

    carrier: str
    sku: str
    initial: int
    plan_id: str
    sub_types: tuple[str, ...]
    esim: bool = False


STOCK: tuple[StockItem, ...] = (
    StockItem("Verizon", "SIM-VZW-4FF", 12_500, "VZW-EDU-10", ("Tablet", "Hotspot", "Laptop")),
    StockItem("Verizon", "SIM-VZW-IOT", 1_800, "VZW-EDU-UNL", ("Router",)),
    StockItem("Verizon Priority", "SIM-VZP-4FF", 640, "VZP-FLEET-25", ("Router", "Vehicle")),
    StockItem("Verizon BI", "SIM-VZBI-GW", 120, "VZBI-100", ("Gateway",)),
    StockItem("AT&T", "SIM-ATT-4FF", 8_200, "ATT-EDU-10", ("Tablet", "Hotspot")),
    StockItem("AT&T", "SIM-ATT-BUS", 310, "ATT-BUS-50", ("Vehicle",)),
    StockItem("T-Mobile", "SIM-TMO-4FF", 6_400, "TMO-EDU-UNL", ("Tablet", "Hotspot", "Laptop")),
    StockItem("FirstNet", "SIM-FN-4FF", 210, "FN-PRIMARY", ("Agency Paid", "Individual")),
    StockItem("FirstNet Extended Primary", "SIM-FNX-4FF", 95, "FN-EXTENDED", ("Agency Paid",)),
    StockItem("Verizon", "ESIM-VZW", 500, "VZW-EDU-10", ("Tablet", "Laptop"), esim=True),
    StockItem("AT&T", "ESIM-ATT", 250, "ATT-EDU-10", ("Tablet",), esim=True),
    StockItem("T-Mobile", "ESIM-TMO", 60, "TMO-EDU-UNL", ("Tablet", "Laptop"), esim=True),
)


def find_carrier(name: str, esim: bool = False) -> Optional[str]:
    """Return the account's spelling of a carrier name, compared without case (the page posts ``VERIZON``), or None."""
    wanted = name.strip().casefold()
    for carrier in ESIM_CARRIERS if esim else CARRIERS:
        if carrier.casefold() == wanted:
            return carrier
    return None


def has_plan(plan_id: str, carrier: Optional[str]) -> bool:
    """Return whether the account has a plan with this id for the carrier (for any carrier if it is None)."""
    return any(
        plan["planId"] == plan_id and carrier in (None, plan["carrier"])
        for plan in BILLING_PLANS + BUSINESS_INTERNET_PLANS
    )
