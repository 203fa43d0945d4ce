# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface: not part of Sentinel, without authentication, and only there when it was asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional, Union

from fastapi import APIRouter, Body, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from . import account
from .faults import FaultSet, FaultSpec
from .outcomes import Override
from .profiles import PROFILES, Settings
from .seeding import generate_history, insert_history
from .simulator import Simulator

router = APIRouter(tags=["control"])


class _Body(BaseModel):
    """A body that refuses fields it does not know: a misspelt one would make a test prove nothing."""

    model_config = ConfigDict(extra="forbid")


class Reset(_Body):
    """How to start afresh; what is not given stays as it was (settings: as the profile has them)."""

    seed: Optional[int] = None
    profile: Optional[str] = Field(default=None, description=f"One of {', '.join(PROFILES)}")
    settings: dict[str, Any] = Field(default_factory=dict)


class Advance(_Body):
    """By how many seconds the clock moves."""

    advance: float


class Device(_Body):
    """What will become of a device that is submitted from now on. Exactly one identifier."""

    iccid: Optional[str] = None
    imei: Optional[str] = None
    sim_id: Optional[str] = None
    outcome: Literal["success", "fail", "never"]
    reason: Optional[str] = Field(default=None, description="The error message of a failure")
    latency: Optional[float] = Field(default=None, ge=0, description="Seconds until the end; default: by the settings")

    @model_validator(mode="after")
    def _one_identifier(self) -> Device:
        if sum(value is not None for value in (self.iccid, self.imei, self.sim_id)) != 1:
            raise ValueError("give exactly one of iccid, imei and sim_id")
        return self


class HistoryLine(_Body):
    """A line of the past."""

    iccid: Optional[str] = None
    imei: Optional[str] = None
    sim_id: Optional[str] = None
    eid: Optional[str] = None
    kind: Literal["sim", "smartsim", "esim"] = "sim"
    carrier: str = "Verizon"
    status: Literal["active", "failed", "pending", "suspended", "deactivated"] = Field(
        default="active", description="suspended, deactivated: activated then, and in the list of devices since"
    )
    days_ago: float = Field(default=1.0, ge=0)
    finishes_in: Optional[float] = Field(default=None, description="When pending: seconds from now; null = never")
    error: Optional[str] = Field(default=None, description="When failed: why")
    transaction_id: Optional[str] = Field(default=None, description="Lines with the same one form a transaction")
    device_group: str = "Transportation"
    filter_group: str = "Student_K8"
    zip_code: Optional[str] = "30301"
    nickname: Optional[str] = None


class HistoryBody(_Body):
    """Lines to insert, and how many to make up besides."""

    lines: list[HistoryLine] = Field(default_factory=list)
    generate: int = Field(default=0, ge=0, description="Make so many active lines")
    days: float = Field(default=170.0, gt=0, description="... spread over so many days")
    lines_per_transaction: int = Field(default=1, ge=1)


class Stock(_Body):
    """How many SIMs a carrier has in stock."""

    carrier: str
    available: int = Field(ge=0)
    esim: bool = True


class Outage(_Body):
    """For how long connections are refused."""

    seconds: float = Field(gt=0, le=3600)


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _reasons(exc: ValidationError) -> str:
    return "; ".join(".".join(str(part) for part in error["loc"]) + f": {error['msg']}" for error in exc.errors())


@router.post("/reset", summary="Start afresh")
async def reset(request: Request, body: Optional[Reset] = None) -> JSONResponse:
    """New database with the seeded history, clock as the machine's, no faults, no logins, empty log."""
    body = body or Reset()
    if body.profile is not None and body.profile not in PROFILES:
        raise HTTPException(400, f"profile must be one of {', '.join(PROFILES)}, not {body.profile!r}")
    simulator = _simulator(request)
    try:
        simulator.reset(body.seed, body.profile, body.settings)
    except ValidationError as exc:
        raise HTTPException(400, _reasons(exc)) from exc
    return JSONResponse(
        {"seed": simulator.seed, "profile": simulator.profile, "settings": simulator.settings.model_dump()}
    )


@router.get("/requests", summary="The API requests so far")
async def requests(
    request: Request,
    bodies: Annotated[bool, Query(description="With the JSON bodies of POSTs")] = True,
    since: Annotated[int, Query(description="Only requests with a higher id")] = 0,
) -> JSONResponse:
    """In the order of their arrival; `status` is null while unanswered. Counts concern all of them."""
    log = _simulator(request).log
    return JSONResponse({"requests": log.listing(bodies, since), "counts": log.counts()})


@router.delete("/requests", summary="Empty the request log")
async def clear_requests(request: Request) -> JSONResponse:
    """Request ids go on counting."""
    log = _simulator(request).log
    log.clear()
    return JSONResponse({"requests": [], "counts": log.counts()})


@router.get("/activations", summary="Submissions and successes of each device")
async def activations(request: Request) -> JSONResponse:
    """A success counts from its submission. The seeded and inserted history does not count."""
    devices = _simulator(request).store.activations()
    return JSONResponse(
        {
            "devices": devices,
            "max_activated": max((device["activated"] for device in devices), default=0),
            "max_submitted": max((device["submitted"] for device in devices), default=0),
        }
    )


@router.get("/settings", summary="The settings", response_model=Settings)
async def settings(request: Request) -> JSONResponse:
    """All of them, as they are now."""
    return JSONResponse(_simulator(request).settings.model_dump())


@router.put("/settings", summary="Change settings", response_model=Settings)
async def change_settings(
    request: Request, changes: Annotated[dict[str, Any], Body(examples=[{"duplicates": "refuse"}])]
) -> JSONResponse:
    """Those that are given; the others stay. Lines that were submitted before keep their fate."""
    simulator = _simulator(request)
    try:
        simulator.settings = simulator.settings.merged(changes)
    except ValidationError as exc:
        raise HTTPException(400, _reasons(exc)) from exc
    return JSONResponse(simulator.settings.model_dump())


def _faults(simulator: Simulator) -> JSONResponse:
    return JSONResponse({"faults": simulator.faults.listing(), "late": len(simulator.late)})


@router.post("/faults", summary="Set faults")
async def add_faults(request: Request, body: Union[list[FaultSpec], FaultSpec, FaultSet]) -> JSONResponse:
    """One, a list, or a set with a seed of its own. The oldest that strikes wins a request."""
    simulator = _simulator(request)
    if isinstance(body, FaultSpec):
        body = [body]
    simulator.faults.add_set(body if isinstance(body, FaultSet) else FaultSet(faults=body))
    return _faults(simulator)


@router.get("/faults", summary="The faults that are set")
async def list_faults(request: Request) -> JSONResponse:
    """Each with how many requests it matched, and how often it fired; `late`: requests still to be carried out late."""
    return _faults(_simulator(request))


@router.delete("/faults", summary="Drop all faults")
async def clear_faults(request: Request) -> JSONResponse:
    """From now on everything goes well; but what was hit before may still be carried out late."""
    simulator = _simulator(request)
    simulator.faults.clear()
    return _faults(simulator)


@router.get("/clock", summary="The simulator's clock")
async def clock(request: Request) -> JSONResponse:
    """Seconds since the epoch, and by how many the machine's clock is left behind."""
    simulated = _simulator(request).clock
    return JSONResponse({"now": simulated.now(), "offset": simulated.offset})


@router.post("/clock", summary="Move the clock")
async def advance_clock(request: Request, body: Advance) -> JSONResponse:
    """Lines end, tokens expire and history ages accordingly."""
    simulator = _simulator(request)
    simulator.advance_clock(body.advance)
    return JSONResponse({"now": simulator.clock.now(), "offset": simulator.clock.offset})


@router.post("/devices", summary="Decide what becomes of a device")
async def decide_device(request: Request, body: Union[list[Device], Device]) -> JSONResponse:
    """One or a list. Outranks the digits, the plan and the rates, but not the rule for duplicates."""
    overrides = _simulator(request).overrides
    for device in body if isinstance(body, list) else [body]:
        key = device.iccid or device.imei or device.sim_id or ""
        overrides[key] = Override(device.outcome, device.reason, device.latency)
    return JSONResponse({"devices": len(overrides)})


@router.get("/devices", summary="The list of devices")
async def list_devices(request: Request) -> JSONResponse:
    """As it is at once; `changes` is how often the status was set. No dialect changes this answer."""
    simulator = _simulator(request)
    devices = simulator.listing.all(simulator.clock.now())
    return JSONResponse({"devices": [{**device._asdict(), "mdn": device.mdn} for device in devices]})


@router.post("/history", summary="Insert history")
async def add_history(request: Request, body: Union[list[HistoryLine], HistoryBody]) -> JSONResponse:
    """A list of lines, or an object that can also make up any number of active ones. All or nothing."""
    simulator = _simulator(request)
    wanted = HistoryBody(lines=body) if isinstance(body, list) else body
    now, count = simulator.clock.now(), 0
    for line in wanted.lines:
        taken = line.transaction_id and simulator.history.transaction(line.transaction_id)
        if taken:
            raise HTTPException(400, f"transaction {line.transaction_id} exists already")
    with simulator.store.change():
        count += insert_history(simulator.store, now, [line.model_dump() for line in wanted.lines])
        if wanted.generate:
            count += generate_history(
                simulator.store, now, wanted.generate, wanted.days, wanted.lines_per_transaction, simulator.seed
            )
    if wanted.generate:
        simulator.history.word_export(now)
    return JSONResponse({"inserted": count})


@router.put("/stock", summary="Set a carrier's stock")
async def set_stock(request: Request, body: Stock) -> JSONResponse:
    """Of eSIMs (default) or of physical SIMs."""
    carrier = account.find_carrier(body.carrier, esim=body.esim)
    if carrier is None:
        raise HTTPException(400, f"{body.carrier!r} is not a carrier of this account")
    store = _simulator(request).store
    store.set_stock(carrier, body.esim, body.available)
    return JSONResponse({"carrier": carrier, "esim": body.esim, "stock": store.stock(carrier, body.esim)})


@router.post("/outage", summary="Refuse connections for a while", status_code=202)
async def outage(request: Request, body: Outage) -> JSONResponse:
    """The port is closed and connections of the API are reset, those of the control surface not; it opens by itself."""
    close_port = _simulator(request).connections.close_port
    if close_port is None:
        raise HTTPException(501, "an outage needs the simulator's own server")
    close_port(body.seconds)
    return JSONResponse({"seconds": body.seconds}, 202)
