# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface of the device list: add, change and remove entries, and show status changes."""

from __future__ import annotations

from typing import Annotated, Any, Union

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .entries import Changes, EntriesBody, Entry, add_listing
from .listed import Listed
from .simulator import Simulator

router = APIRouter(tags=["control"])

#: Fields with a database column.
_COLUMNS = ("imei", "iccid", "sim_id", "eid", "carrier", "device_group", "filter_group", "nickname", "stuck")


class Change(BaseModel):
    """A change in the portal. An identifier that is set to null is no longer listed."""

    model_config = ConfigDict(extra="forbid")

    device: str = Field(min_length=1, description="Current MDN, IMEI, ICCID, SIM id or EID of the device")
    set: Changes = Field(description="The fields to change")
    listed_in: float = Field(default=0.0, ge=0, description="Seconds until the list shows the status")


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _shown(device: Listed) -> dict[str, Any]:
    return {**device._asdict(), "mdn": device.mdn, "more": device.extras}


@router.get("/listing", summary="The devices, and the status that the list shows")
async def show(request: Request) -> JSONResponse:
    """Every device, without delays. `listed` is the status in the list, null if the device is not listed yet."""
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
    """One entry, a list, or an object that can also generate other users' devices. All or nothing.

    An entry replaces the one that the list has for its SIM, unless `replaces` is false.
    """
    simulator = _simulator(request)
    entries = [body] if isinstance(body, Entry) else body
    wanted = EntriesBody(entries=entries) if isinstance(entries, list) else entries
    now = simulator.clock.now()
    with simulator.store.change():
        add_listing(simulator.listing.records, simulator.store, now, wanted, simulator.seed)
    if wanted.generate:
        # Prepare the list now, so that the next page is fast.
        simulator.listing.shown(now).find(None, "", "MDN", descending=False)
    return JSONResponse({"inserted": len(wanted.entries) + wanted.generate})


@router.put("/listing", summary="Change devices of the list")
async def change(request: Request, body: Union[list[Change], Change]) -> JSONResponse:
    """One or a list, as in the portal: a status, another SIM or IMEI, another group. All or nothing.

    A status can be any word, and a deactivated device can become active.
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
                listing.records.set_fields([device.line], fields)
            if "status" in given:
                listing.change_status(now, device, given["status"], given.get("reason"), wanted.listed_in)
            simulator.store.version += 1
    return JSONResponse({"changed": len(changes)})


@router.delete("/listing", summary="Empty the list")
async def clear(request: Request) -> JSONResponse:
    """Removes all devices. The history does not change. Devices that are activated from now on are listed."""
    return _removed(_simulator(request), None)


@router.delete("/listing/{device}", summary="Remove a device from the list")
async def remove(request: Request, device: str) -> JSONResponse:
    """By its MDN, IMEI, ICCID, SIM id or EID. It keeps its line, so activating it again is a duplicate."""
    return _removed(_simulator(request), device)


def _removed(simulator: Simulator, name: str | None) -> JSONResponse:
    listing, now = simulator.listing, simulator.clock.now()
    devices = listing.all(now) if name is None else [listing.find_one(now, name)]
    with simulator.store.change():
        listing.records.remove([device.line for device in devices])
    return JSONResponse({"removed": len(devices)})


@router.get("/status_changes", summary="Status changes, by device and by request")
async def status_changes(request: Request) -> JSONResponse:
    """`puts`: the logged requests that set a status. `devices`: the status changes, by the API and in the portal.

    Counts include only the API: `set` is the number of times a status was set, `changed` those that changed it.
    """
    simulator = _simulator(request)
    current = {device.line: device for device in simulator.listing.all(simulator.clock.now())}
    devices = simulator.listing.records.history()
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
