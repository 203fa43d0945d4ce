# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of the account's devices, and their status."""

from __future__ import annotations

from typing import Annotated, Any, Optional

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import JSONResponse, Response

from . import errors, fixtures
from .auth import Needs
from .bodies import Refused
from .corps import own_corp
from .fixtures import CORP_ID
from .lines import csv_text
from .listing import COLUMNS, PAGE_MAX, SORTS, STATUSES, Listed
from .routes_account import json_body, read_json
from .simulator import Simulator
from .speech import NONE, Speech

router = APIRouter(prefix="/v1.0/devices", tags=["devices"])

_PAGED = ("offset", "limit", "sort", "sortDir")
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **errors.RESPONSES,
    400: errors.BAD_REQUEST,
    404: {"description": "A search or an MDN that no device has: No devices found"},
}
_ANYONE = [Security(Needs(None))]
_SETTERS = [Security(Needs(*fixtures.STATUS_SCOPES))]


def _group(simulator: Simulator, corp_id: str) -> Optional[str]:
    """Return the device group that a path names; None for the account, whose list has those of all groups [I]."""
    found = own_corp(simulator.store, corp_id)
    return None if found == CORP_ID else found


@router.get("/{corpId}", summary="The list of devices", dependencies=_ANYONE, responses=_RESPONSES)
async def devices(
    request: Request,
    corpId: str,
    offset: Annotated[Optional[int], Query(ge=0, description="The position of the first device, from 0")] = None,
    limit: Annotated[Optional[int], Query(ge=1, le=PAGE_MAX, description="How many, at most 100")] = None,
    sort: Annotated[Optional[str], Query(description=f"One of {', '.join(SORTS)}")] = None,
    sortDir: Annotated[Optional[str], Query(description="ASC or DESC")] = None,
    searchValue: Annotated[Optional[str], Query(description="Part of an MDN, nickname or identifier")] = None,
    export: Annotated[Optional[str], Query(description="Only `CSV`: all devices; no other parameter is needed")] = None,
    columns: Annotated[Optional[str], Query(description="Columns of the CSV, with commas between them")] = None,
    labelIds: Annotated[Optional[str], Query(description="Ignored: the simulator has no labels")] = None,
) -> Response:
    """Those of a device group, or of the whole account, in pages or as CSV [P]."""
    simulator: Simulator = request.app.state.simulator
    group = _group(simulator, corpId)
    if export is None:
        given = dict(zip(_PAGED, (offset, limit, sort, sortDir)))
        missing = [name for name in _PAGED if given[name] is None]
        if missing:
            names = ", ".join(missing)
            raise Refused(f"Required parameter{'s' if len(missing) > 1 else ''} missing: {names}")
    elif export != "CSV":
        raise Refused(f"export {export!r} is not known: only CSV is accepted")
    _one_of("sort", sort, SORTS)
    _one_of("sortDir", sortDir, ("ASC", "DESC"))
    found = simulator.listing.find(simulator.listing_time(), group, searchValue or "", sort or "MDN", sortDir == "DESC")
    if searchValue and not found:
        return errors.answer(404, "No devices found")
    speech = simulator.speech
    if export is not None:
        return _csv(speech, found, columns)
    start = offset or 0
    page = found[start : start + (limit or PAGE_MAX)]
    return JSONResponse(speech.devices([_worded(speech, device) for device in page], len(found)))


def _one_of(name: str, value: Optional[str], valid: Any) -> None:
    if value is not None and value not in valid:
        raise Refused(f"{name} must be one of {', '.join(valid)}, not {value!r}")


def _worded(speech: Speech, device: Listed) -> dict[str, Any]:
    return {**device.record(), "status": speech.word("device", device.status, device.line) or device.status}


def _csv(speech: Speech, found: list[Listed], columns: Optional[str]) -> Response:
    """Write devices as CSV; the headings are the columns' names [A]."""
    names = [name.strip() for name in columns.split(",")] if columns else list(COLUMNS)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Refused(f"columns: {', '.join(unknown)} not known: {', '.join(COLUMNS)}")
    fields = [COLUMNS[name] or "" for name in names]
    rows: list[list[Any]] = [names]
    for device in found:
        record = _worded(speech, device)
        rows.append([_cell(speech, field, record.get(field)) for field in fields])
    headers = {"content-disposition": 'attachment; filename="devices.csv"'}
    return Response(csv_text(rows), headers=headers, media_type="text/csv; charset=UTF-8")


def _cell(speech: Speech, field: str, value: Any) -> Any:
    if value is None:
        return NONE if field else ""
    return speech.identifier(field, value) if field in ("imei", "iccid", "eid") else value


@router.get(
    "/{corpId}/status", summary="The statuses that devices may have", dependencies=_SETTERS, responses=_RESPONSES
)
async def statuses(request: Request, corpId: str) -> JSONResponse:
    """A list of words; the shape is assumed [A], the call is published [P]."""
    _group(request.app.state.simulator, corpId)
    return JSONResponse([status.upper() for status in STATUSES])


@router.put(
    "/{corpId}/status",
    summary="Set the status of devices",
    dependencies=_SETTERS,
    responses={**_RESPONSES, 409: {"description": "A deactivated device must be activated anew"}},
    openapi_extra=json_body({"mdns": ["201-555-0001"], "status": "SUSPENDED", "reason": "Summer"}),
)
async def set_status(request: Request, corpId: str) -> JSONResponse:
    """All of the devices, or none. The body is published [P], the reply is assumed [A]."""
    simulator: Simulator = request.app.state.simulator
    group = _group(simulator, corpId)
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Refused("The request body must be a JSON object")
    mdns, status, reason = body.get("mdns"), body.get("status"), body.get("reason")
    if not isinstance(mdns, list) or not mdns or not all(isinstance(mdn, str) and mdn for mdn in mdns):
        raise Refused("mdns must be a list of MDNs, such as 201-555-0001")
    if not isinstance(status, str) or status.lower() not in STATUSES:
        raise Refused(f"status must be one of {', '.join(known.upper() for known in STATUSES)}, not {status!r}")
    if reason is not None and not isinstance(reason, str):
        raise Refused("reason must be a string")
    simulator.listing.set_status(simulator.listing_time(), group, mdns, status.lower(), reason)
    return JSONResponse({"mdns": mdns, "status": status.upper()})
