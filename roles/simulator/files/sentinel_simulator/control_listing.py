# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface of the list of devices: entries of any kind, what became of them, and who has set a status."""

from __future__ import annotations

from typing import Annotated, Any, Union

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .entries import Changes, EntriesBody, Entry, add_listing
from .listed import Listed
from .simulator import Simulator

router = APIRouter(tags=["control"])

#: Fields that the table of devices has columns for; others are kept as they are.
_COLUMNS = ("imei", "iccid", "sim_id", "eid", "carrier", "device_group", "filter_group", "nickname", "stuck")


class Change(BaseModel):
    """What someone changes in the portal. An identifier that is set to null is no longer listed."""

    model_config = ConfigDict(extra="forbid")

    device: str = Field(min_length=1, description="Its MDN, IMEI, ICCID, SIM id or EID, as it is now")
    set: Changes = Field(description="The fields to change; the others stay")
    listed_in: float = Field(default=0.0, ge=0, description="The list shows a status only after so many seconds")


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _shown(device: Listed) -> dict[str, Any]:
    return {**device._asdict(), "mdn": device.mdn, "more": device.extras}


@router.get("/listing", summary="The list of devices, as it is and as it is shown")
async def show(request: Request) -> JSONResponse:
    """Every device at once; `listed` is the status that the list shows by now, null while it lacks the device."""
    simulator = _simulator(request)
    now = simulator.clock.now()
    listed = {device.line: device.status for device in simulator.listing.shown(now).devices}
    devices = simulator.listing.all(now)
    return JSONResponse({"devices": [{**_shown(device), "listed": listed.get(device.line)} for device in devices]})


@router.post("/listing", summary="Add devices to the list")
async def add(
    request: Request,
    body: Annotated[
        Union[list[Entry], Entry, EntriesBody],
        Body(examples=[[{"iccid": "89148000003100412076", "imei": "355737361044124", "status": "suspended"}]]),
    ],
) -> JSONResponse:
    """A list of entries, one, or an object that can also make up any number of other people's. All or nothing.

    An entry takes the place of what the list has for its SIM, unless `replaces` is false.
    """
    simulator = _simulator(request)
    entries = [body] if isinstance(body, Entry) else body
    wanted = EntriesBody(entries=entries) if isinstance(entries, list) else entries
    now = simulator.clock.now()
    with simulator.store.change():
        add_listing(simulator.listing.books, simulator.store, now, wanted, simulator.seed)
    if wanted.generate:
        # Worked out now, so that the next page has only to be sent.
        simulator.listing.shown(now).find(None, "", "MDN", descending=False)
    return JSONResponse({"inserted": len(wanted.entries) + wanted.generate})


@router.put("/listing", summary="Change devices of the list")
async def change(request: Request, body: Union[list[Change], Change]) -> JSONResponse:
    """One or a list, as someone does in the portal: a status, another SIM or IMEI, another group. All or nothing.

    A status may be any word, and a deactivated device may become active.
    """
    simulator = _simulator(request)
    listing, now = simulator.listing, simulator.clock.now()
    changes = body if isinstance(body, list) else [body]
    with simulator.store.change():
        for wanted in changes:
            device = listing.find_one(now, wanted.device)
            given = wanted.set.model_dump(exclude_unset=True)
            fields = {name: value for name, value in given.items() if name in _COLUMNS}
            if given.get("mdn") is not None:
                fields["number"] = given["mdn"]
            if given.keys() & {"online", "columns"}:
                fields["more"] = wanted.set.more()
            if fields:
                listing.books.set_fields([device.line], fields)
            if "status" in given:
                listing.change_status(now, device, given["status"], given.get("reason"), wanted.listed_in)
            simulator.store.version += 1
    return JSONResponse({"changed": len(changes)})


@router.delete("/listing", summary="Empty the list")
async def clear(request: Request) -> JSONResponse:
    """No device is listed any more, although the history is as it was. What is activated from now on is listed."""
    return _removed(_simulator(request), None)


@router.delete("/listing/{device}", summary="Take a device off the list")
async def remove(request: Request, device: str) -> JSONResponse:
    """By its MDN, IMEI, ICCID, SIM id or EID. It keeps its line: activating it again is a duplicate."""
    return _removed(_simulator(request), device)


def _removed(simulator: Simulator, name: str | None) -> JSONResponse:
    listing, now = simulator.listing, simulator.clock.now()
    devices = listing.all(now) if name is None else [listing.find_one(now, name)]
    with simulator.store.change():
        listing.books.remove([device.line for device in devices])
    return JSONResponse({"removed": len(devices)})


@router.get("/status_changes", summary="Statuses that were set, by device and by request")
async def status_changes(request: Request) -> JSONResponse:
    """`puts`: the requests of the log that set a status. `devices`: what came of them, and of changes in the portal.

    Counts concern the API: `set` is how often a status was set, `changed` how often it became another one.
    """
    simulator = _simulator(request)
    current = {device.line: device for device in simulator.listing.all(simulator.clock.now())}
    devices = simulator.listing.books.history()
    for shown in devices:
        device = current.get(shown["line"])
        shown["mdn"] = None if device is None else device.mdn
        shown["status"] = shown["changes"][-1]["after"]
    return JSONResponse(
        {
            "devices": devices,
            "puts": simulator.log.puts(),
            "max_set": max((device["set"] for device in devices), default=0),
            "max_restored": max((device["restored"] for device in devices), default=0),
        }
    )
