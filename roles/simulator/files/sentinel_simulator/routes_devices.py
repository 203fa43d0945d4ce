# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device list of the account, and the status of its devices."""

from __future__ import annotations

from typing import Annotated, Any, Optional

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import JSONResponse, Response

from . import errors, fixtures
from .auth import RequireScopes
from .bodies import Refused
from .corps import own_corp
from .fixtures import CORP_ID
from .listed import COLUMNS, PAGE_MAX, SORTS, csv_of
from .listing import View
from .listing_fault import ListingFault
from .routes_account import json_body, read_json
from .simulator import Simulator
from .states import STATUSES

router = APIRouter(prefix="/v1.0/devices", tags=["devices"])

#: A device group or None, a search, a column to sort by, and whether the order is descending.
_Wanted = tuple[Optional[str], str, str, bool]
#: Maximum number of cached exports per list.
_CACHED = 8
_PAGED = ("offset", "limit", "sort", "sortDir")
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **errors.RESPONSES,
    400: errors.BAD_REQUEST,
    404: {"description": "No device matches the search or MDN"},
}
_ANYONE = [Security(RequireScopes(None))]
_SETTERS = [Security(RequireScopes(*fixtures.STATUS_SCOPES))]


def _group(simulator: Simulator, corp_id: str) -> Optional[str]:
    """Return the device group of a path; None for the account, whose list has the devices of all groups [I]."""
    found = own_corp(simulator.store, corp_id)
    return None if found == CORP_ID else found


@router.get("/{corpId}", summary="The device list", dependencies=_ANYONE, responses=_RESPONSES)
async def devices(
    request: Request,
    corpId: str,
    offset: Annotated[Optional[int], Query(ge=0, description="The position of the first device, from 0")] = None,
    limit: Annotated[Optional[int], Query(ge=1, le=PAGE_MAX, description="Maximum number of devices")] = None,
    sort: Annotated[Optional[str], Query(description=f"One of {', '.join(SORTS)}")] = None,
    sortDir: Annotated[Optional[str], Query(description="ASC or DESC")] = None,
    searchValue: Annotated[Optional[str], Query(description="Part of an MDN, nickname or identifier")] = None,
    export: Annotated[Optional[str], Query(description="Only `CSV`: all devices; no other parameter is needed")] = None,
    columns: Annotated[Optional[str], Query(description="Columns of the CSV, separated by commas")] = None,
    labelIds: Annotated[Optional[str], Query(description="Ignored: the simulator has no labels")] = None,
) -> Response:
    """The devices of a device group, or of the whole account, in pages or as CSV [P]."""
    simulator: Simulator = request.app.state.simulator
    group = _group(simulator, corpId)
    if export is None:
        given = dict(zip(_PAGED, (offset, limit, sort, sortDir)))
        missing = [name for name in _PAGED if given[name] is None]
        if missing:
            names = ", ".join(missing)
            raise Refused(f"Required parameter{'s' if len(missing) > 1 else ''} missing: {names}")
    elif export != "CSV":
        raise Refused(f"export must be CSV, not {export!r}")
    _one_of("sort", sort, SORTS)
    _one_of("sortDir", sortDir, ("ASC", "DESC"))
    wanted = (group, searchValue or "", sort or "MDN", sortDir == "DESC")
    view, overlap = simulator.read_devices(page=export is None)
    if searchValue and not view.find(*wanted):
        return errors.answer(404, "No devices found")
    fault = ListingFault.attached_to(request.scope)
    if export is not None:
        return _csv(simulator, view, wanted, columns, fault)
    found = view.find(*wanted)
    total = len(found)
    if fault is not None:
        found = fault.rows(found)
        total = fault.total(total, len(found))
    start = max(0, (offset or 0) - overlap)
    formatter = simulator.formatter
    items = [
        {**device.record(), "status": device.dialect_status(formatter)}
        for device in found[start : start + (limit or PAGE_MAX)]
    ]
    return JSONResponse(formatter.devices(items, total))


def _one_of(name: str, value: Optional[str], valid: Any) -> None:
    if value is not None and value not in valid:
        raise Refused(f"{name} must be one of {', '.join(valid)}, not {value!r}")


def _csv(
    simulator: Simulator, view: View, wanted: _Wanted, columns: Optional[str], fault: Optional[ListingFault]
) -> Response:
    """Return devices as CSV, from the cache if possible."""
    names = tuple(name.strip() for name in columns.split(",")) if columns else tuple(COLUMNS)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Refused(f"columns: unknown {', '.join(unknown)}; valid: {', '.join(COLUMNS)}")
    formatter, key = simulator.formatter, (names, wanted, simulator.formatter)
    if fault is not None:
        content = csv_of(formatter, fault.rows(view.find(*wanted)), names)
    elif key in view.csv:
        content = view.csv[key]
    else:
        content = csv_of(formatter, view.find(*wanted), names)
        if len(view.csv) >= _CACHED:
            view.csv.clear()
        view.csv[key] = content
    headers = {"content-disposition": 'attachment; filename="devices.csv"'}
    return Response(content, headers=headers, media_type="text/csv; charset=UTF-8")


@router.get("/{corpId}/status", summary="The statuses that can be set", dependencies=_SETTERS, responses=_RESPONSES)
async def statuses(request: Request, corpId: str) -> JSONResponse:
    """A list of words; the shape is assumed [A], the call is published [P]."""
    simulator: Simulator = request.app.state.simulator
    _group(simulator, corpId)
    formatter = simulator.formatter
    return JSONResponse(formatter.names(formatter.dialect.device_statuses, simulator.settings.device_statuses))


@router.put(
    "/{corpId}/status",
    summary="Set the status of devices",
    dependencies=_SETTERS,
    responses={**_RESPONSES, 409: {"description": "A deactivated device must be activated again"}},
    openapi_extra=json_body({"mdns": ["201-555-0001"], "status": "SUSPENDED", "reason": "Summer"}),
)
async def set_status(request: Request, corpId: str) -> JSONResponse:
    """Changes all of the devices, or none. Repeating it changes nothing. At most 100 [A]: `status_max`.

    The body is published [P], the reply is assumed [A].
    """
    simulator: Simulator = request.app.state.simulator
    group = _group(simulator, corpId)
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Refused("The request body must be a JSON object")
    mdns, status, reason = body.get("mdns"), body.get("status"), body.get("reason")
    if not isinstance(mdns, list) or not mdns or not all(isinstance(mdn, str) and mdn for mdn in mdns):
        raise Refused("mdns must be a list of MDNs, such as 201-555-0001")
    most = simulator.settings.status_max
    if len(mdns) > most:
        raise Refused(f"A request can have at most {most} MDNs; this one has {len(mdns)}")
    known = {word.lower(): word for word in simulator.settings.device_statuses}
    if not isinstance(status, str) or status.lower() not in known:
        raise Refused(f"status must be one of {', '.join(known.values())}, not {status!r}")
    if reason is not None and not isinstance(reason, str):
        raise Refused("reason must be a string")
    word = known[status.lower()]
    # The list has the usual words in lower case [P].
    listed = word.lower() if word.lower() in STATUSES else word
    simulator.listing.set_status(simulator.clock.now(), group, mdns, listed, reason)
    return JSONResponse({"mdns": mdns, "status": word})
