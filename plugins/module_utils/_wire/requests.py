# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the service: field names, bodies, and the fields that carriers require."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._text import fold

#: Our field → the field in the request. [P] for imei, iccid, carrier and the groups, [I] for the rest.
REQUEST_NAMES: dict[str, str] = {
    "imei": "imei",
    "iccid": "iccid",
    "eid": "eid",
    "sim_id": "simID",
    "carrier": "carrier",
    "filter_group": "filterGroup",
    "device_group": "deviceGroup",
    "service_zip_code": "serviceZipCode",
    "nickname": "nickname",
    "plan_id": "planId",
    "activation_location": "activationLocation",
    "sub_type": "subType",
    "agency_end_user_name": "agencyEndUserName",
    "billing_address": "billingAddress",
    "billing_city": "billingCity",
    "billing_state": "billingState",
}
CORP_ID = "corpId"  # [P]
LINES = "activationLines"  # [I]
#: Fields of a SmartSIM line with the service details [I].
SERVICE_DETAILS, SERVICE_ADDRESS = "serviceDetails", "serviceAddress"
#: A SmartSIM id with fewer characters needs a carrier [I].
SIM_ID_WITHOUT_CARRIER = 21
#: Fields of a request that identify devices.
DEVICE_NAMES = (LINES, "imei", "iccid", "simID", "eid")
#: [I] Error text for a request without lines. For a `single` request it means that the account requires lines.
LINES_MISSING_TEXT = "activation lines list is empty"


def client_login_body(client_id: str, client_secret: str, username: str | None) -> dict[str, str | None]:
    """Return the body for the login of a trusted client on behalf of an API user. [A] It is not published."""
    return {"clientId": client_id, "clientSecret": client_secret, "username": username}


def status_body(mdns: Sequence[str], status: str, reason: str | None) -> dict[str, object]:
    """Return the body that sets the status of devices [P]."""
    body: dict[str, object] = {"mdns": list(mdns), "status": status}
    return body if reason is None else {**body, "reason": reason}


# -- Carrier rules ---------------------------------------------------------------------------------------------------

_ZIP_CARRIERS = {"verizon", "tmobile", "verizonpriority", "verizonbi", "firstnetextendedprimary"}
_FIRSTNET_FIELDS = ("agency_end_user_name", "billing_address", "billing_city", "billing_state", "sub_type")
_FIRSTNET_MAX_LENGTH = 50
#: Carriers that use the plan ids of the business internet plans (endpoint 2).
_BUSINESS_INTERNET = {"verizonbi"}


def carrier_advice(fields: Mapping[str, str | None]) -> list[str]:
    """Return warnings by the known rules of the device's carrier [I]. Only the service decides."""
    carrier = fields.get("carrier") or ""
    folded = fold(carrier)
    needed = ["device_group", "filter_group"]  # [P] Both are in the published body.
    if folded in _ZIP_CARRIERS:
        needed.append("service_zip_code")
    if folded.startswith("firstnet"):
        needed.extend(_FIRSTNET_FIELDS)
    if folded in _BUSINESS_INTERNET:
        needed.append("plan_id")
    for_carrier = f" for {carrier}" if carrier else ""
    advice = [f"{field} is required{for_carrier}" for field in needed if not fields.get(field)]
    if not carrier and len(fields.get("sim_id") or "") < SIM_ID_WITHOUT_CARRIER:
        advice.append(f"carrier is required for a sim_id of less than {SIM_ID_WITHOUT_CARRIER} characters")
    if folded.startswith("firstnet"):
        long = [field for field in _FIRSTNET_FIELDS if len(fields.get(field) or "") > _FIRSTNET_MAX_LENGTH]
        advice.extend(
            f"{field} has more than the {_FIRSTNET_MAX_LENGTH} characters that {carrier} accepts" for field in long
        )
    location = fields.get("activation_location")
    if location and fold(location) not in ("east", "west"):
        advice.append(f"activation_location is {location}; expected East or West")
    return advice


def is_business_internet_carrier(carrier: str | None) -> bool:
    """Whether the carrier's `plan_id` must be one of the business internet plans."""
    return fold(carrier or "") in _BUSINESS_INTERNET
