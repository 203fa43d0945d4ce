# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the bodies of the three submissions, and refuse invalid ones (400).

``outcomes`` decides what the carrier refuses later.
"""

from __future__ import annotations

from typing import Any, Optional

from . import account
from .fixtures import CORP_ID
from .identifiers import has_iccid_format, has_imei_format, has_sim_id_format, is_valid_eid, is_zip_code

#: Maximum number of lines per request [I].
MAX_LINES = 2000
EMPTY = "Activation lines list is empty"  # [I]

Line = dict[str, Any]


class Refused(Exception):
    """The service refuses the request as a whole."""

    def __init__(self, message: str, errors: Optional[list[str]] = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors or []
        self.status = status


def parse_sim(body: Any, accept_single: bool) -> list[Line]:
    """Read the body of endpoint 9: one device at the top level [P], or ``activationLines`` [I]."""
    body = _require_object(body)
    single = "activationLines" not in body and ("imei" in body or "iccid" in body)
    if single and not accept_single:
        raise Refused(EMPTY)
    entries = [body] if single else _entries(body)
    # The published example activates on VERIZON without a ZIP code, so a single body does not need one.
    common = _common(body, esim=False, zip_required=not single)
    problems: list[str] = []
    lines = []
    for number, entry in enumerate(entries, start=1):
        where = "" if single else f"line {number}: "
        imei, iccid = _text(entry, "imei"), _text(entry, "iccid")
        if imei is None or not has_imei_format(imei):
            problems.append(f"{where}imei must be a string of 15 digits, not {entry.get('imei')!r}")
        if iccid is None or not has_iccid_format(iccid):
            problems.append(
                f"{where}iccid must be a string of 18 to 20 digits that start with 89, not {entry.get('iccid')!r}"
            )
        lines.append({**common, "kind": "sim", "imei": imei, "iccid": iccid, "nickname": _text(entry, "nickname")})
    _refuse(problems)
    return _without_duplicates(lines, "iccid")


def parse_esim(body: Any) -> list[Line]:
    """Read the body of endpoint 6 [I]: the batch shape, with lines without an ICCID."""
    body = _require_object(body)
    entries = _entries(body)
    common = _common(body, esim=True, zip_required=True)
    problems: list[str] = []
    lines = []
    for number, entry in enumerate(entries, start=1):
        imei, eid = _text(entry, "imei"), _text(entry, "eid")
        if imei is None or not has_imei_format(imei):
            problems.append(f"line {number}: imei must be a string of 15 digits, not {entry.get('imei')!r}")
        if entry.get("eid") not in (None, "") and (eid is None or not is_valid_eid(eid)):
            problems.append(f"line {number}: eid is not a valid EID: {entry.get('eid')!r}")
        if entry.get("iccid"):
            problems.append(f"line {number}: iccid is not allowed for an eSIM; the service takes it from the stock")
        lines.append({**common, "kind": "esim", "imei": imei, "eid": eid, "nickname": _text(entry, "nickname")})
    _refuse(problems)
    return _without_duplicates(lines, "imei")


def parse_smartsim(body: Any) -> list[Line]:
    """Read the body of endpoint 8 [I]: each line has its own ``serviceDetails``."""
    body = _require_object(body)
    problems: list[str] = []
    lines = []
    for number, entry in enumerate(_entries(body), start=1):
        try:
            lines.append(_smartsim_line(entry))
        except Refused as exc:
            problems += [f"line {number}: {text}" for text in exc.errors or [exc.message]]
    _refuse(problems)
    return _without_duplicates(lines, "sim_id")


def _smartsim_line(entry: Line) -> Line:
    sim_id, imei = _text(entry, "simID"), _text(entry, "imei")
    problems = []
    if sim_id is None or not has_sim_id_format(sim_id):
        problems.append(f"simID must be 8 to 32 letters and digits, not {entry.get('simID')!r}")
    if entry.get("imei") not in (None, "") and (imei is None or not has_imei_format(imei)):
        problems.append(f"imei must be a string of 15 digits, not {entry.get('imei')!r}")
    details = entry.get("serviceDetails")
    if not isinstance(details, dict):
        problems.append("serviceDetails is required")
        details = {}
    _refuse(problems)
    address = details.get("serviceAddress")
    flat = {**details, "serviceZipCode": address.get("serviceZipCode") if isinstance(address, dict) else None}
    # The service finds the carrier of a simID of 21 characters or more [I].
    needs_carrier = len(sim_id or "") < 21
    common = _common(flat, esim=False, zip_required=True, carrier_required=needs_carrier)
    return {**common, "kind": "smartsim", "sim_id": sim_id, "imei": imei, "nickname": _text(entry, "nickname")}


def _require_object(body: Any) -> Line:
    if not isinstance(body, dict):
        raise Refused("The request body must be a JSON object")
    return body


def _entries(body: Line) -> list[Line]:
    entries = body.get("activationLines")
    if not entries:
        raise Refused(EMPTY)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("activationLines must be a list of objects")
    if len(entries) > MAX_LINES:
        raise Refused(f"A request can have at most {MAX_LINES} activation lines; this one has {len(entries)}")
    return entries


def _text(entry: Line, name: str) -> Optional[str]:
    value = entry.get(name)
    return value if isinstance(value, str) and value else None


def _common(body: Line, esim: bool, zip_required: bool, carrier_required: bool = True) -> Line:
    """Read and validate the fields that all lines of a request share. Raises ``Refused`` with all problems."""
    problems: list[str] = []
    carrier = _carrier(body, esim, carrier_required, problems)
    filter_group = _text(body, "filterGroup")
    if filter_group is not None and filter_group not in account.FILTER_GROUPS:
        problems.append(f"filterGroup {filter_group!r} is not one of the account's: {', '.join(account.FILTER_GROUPS)}")
    zip_code = _text(body, "serviceZipCode")
    if body.get("serviceZipCode") not in (None, "") and (zip_code is None or not is_zip_code(zip_code)):
        problems.append(f"serviceZipCode must be a string like 12345 or 12345-6789, not {body['serviceZipCode']!r}")
    elif zip_code is None and zip_required and carrier in account.ZIP_CARRIERS:
        problems.append(f"serviceZipCode is required for carrier {carrier}")
    location = _text(body, "activationLocation")
    if carrier in account.PRIORITY_CARRIERS and location not in (None, *account.ACTIVATION_LOCATIONS):
        problems.append(f"activationLocation must be {' or '.join(account.ACTIVATION_LOCATIONS)}, not {location!r}")
    problems += _carrier_problems(body, carrier)
    _refuse(problems)
    return {
        "carrier": carrier,
        # [A]: an activation without a device group belongs to the account itself.
        "device_group": _text(body, "deviceGroup") or _text(body, "corpId") or CORP_ID,
        "filter_group": filter_group,
        "zip_code": zip_code,
        "plan_id": _text(body, "planId"),
    }


def _carrier(body: Line, esim: bool, required: bool, problems: list[str]) -> Optional[str]:
    name = _text(body, "carrier")
    known = account.ESIM_CARRIERS if esim else account.CARRIERS
    if name is None:
        if required:
            problems.append(f"carrier is required: one of {', '.join(known)}")
        return None
    carrier = account.find_carrier(name, esim)
    if carrier is None:
        kind = "an eSIM carrier" if esim else "a carrier"
        problems.append(f"{name!r} is not {kind} of this account: {', '.join(known)}")
    return carrier


def _carrier_problems(body: Line, carrier: Optional[str]) -> list[str]:
    """Return problems with the fields that only some carriers require [I]."""
    problems = []
    if carrier in account.FIRSTNET_CARRIERS:
        for name in account.FIRSTNET_FIELDS:
            value = _text(body, name)
            if value is None:
                problems.append(f"{name} is required for carrier {carrier}")
            elif len(value) > account.FIRSTNET_LENGTH:
                problems.append(f"{name} must have at most {account.FIRSTNET_LENGTH} characters")
    if carrier == account.BUSINESS_INTERNET_CARRIER:
        plans = [plan["planId"] for plan in account.BUSINESS_INTERNET_PLANS]
        if _text(body, "planId") not in plans:
            problems.append(f"planId is required for carrier {carrier}: one of {', '.join(plans)}")
    return problems


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 10} more)" if len(problems) > 10 else ""
        raise Refused("; ".join(problems[:10]) + more, problems)


def _without_duplicates(lines: list[Line], key: str) -> list[Line]:
    """Drop a line that repeats another; refuse one that contradicts another about the same device [I]."""
    names = {"iccid": "ICCID", "sim_id": "simID", "imei": "IMEI"}
    kept: dict[str, Line] = {}
    imeis: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        value, imei = line[key], line.get("imei")
        first = kept.get(value)
        if first is not None:
            if key == "imei":
                problems.append(f"line {number}: IMEI {value} appears twice")
            elif first.get("imei") != imei:
                problems.append(
                    f"line {number}: {names[key]} {value} appears with two IMEIs, {first.get('imei')} and {imei}"
                )
            continue
        if imei and imei in imeis:
            problems.append(f"line {number}: IMEI {imei} appears twice, with {names[key]} {imeis[imei]} and {value}")
            continue
        kept[value] = line
        if imei:
            imeis[imei] = value
    _refuse(problems)
    return list(kept.values())
