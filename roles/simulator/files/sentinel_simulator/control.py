# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface, which is not part of Sentinel. It requires no authentication, and is off by default."""

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
    """A body that refuses unknown fields, because a test with a misspelt field would prove nothing."""

    model_config = ConfigDict(extra="forbid")


class Reset(_Body):
    """What to reset to. Seed and profile stay the same if not given; settings are those of the profile."""

    seed: Optional[int] = None
    profile: Optional[str] = Field(default=None, description=f"One of {', '.join(PROFILES)}")
    settings: dict[str, Any] = Field(default_factory=dict)


class Advance(_Body):
    """Number of seconds by which to move the clock."""

    advance: float


class Device(_Body):
    """The outcome of a device that is submitted from now on. Exactly one identifier."""

    iccid: Optional[str] = None
    imei: Optional[str] = None
    sim_id: Optional[str] = None
    outcome: Literal["success", "fail", "never"]
    reason: Optional[str] = Field(default=None, description="The error message of a failure")
    latency: Optional[float] = Field(default=None, ge=0, description="Seconds until the end; default: the settings")

    @model_validator(mode="after")
    def _one_identifier(self) -> Device:
        if sum(value is not None for value in (self.iccid, self.imei, self.sim_id)) != 1:
            raise ValueError("give exactly one of iccid, imei and sim_id")
        return self


class HistoryLine(_Body):
    """A line in the history."""

    iccid: Optional[str] = None
    imei: Optional[str] = None
    sim_id: Optional[str] = None
    eid: Optional[str] = None
    kind: Literal["sim", "smartsim", "esim"] = "sim"
    carrier: str = "Verizon"
    status: Literal["active", "failed", "pending", "suspended", "deactivated"] = Field(
        default="active", description="suspended, deactivated: activated, then set to this status in the device list"
    )
    days_ago: float = Field(default=1.0, ge=0)
    finishes_in: Optional[float] = Field(default=None, description="If pending: seconds until the end; null = never")
    error: Optional[str] = Field(default=None, description="If failed: the error message")
    transaction_id: Optional[str] = Field(default=None, description="Lines with the same one form a transaction")
    device_group: str = "Transportation"
    filter_group: str = "Student_K8"
    zip_code: Optional[str] = "30301"
    nickname: Optional[str] = None


class HistoryBody(_Body):
    """Lines to insert, and the number of lines to generate."""

    lines: list[HistoryLine] = Field(default_factory=list)
    generate: int = Field(default=0, ge=0, description="Number of active lines to generate")
    days: float = Field(default=170.0, gt=0, description="Number of days to spread them over")
    lines_per_transaction: int = Field(default=1, ge=1)


class Stock(_Body):
    """Number of SIMs that a carrier has in stock."""

    carrier: str
    available: int = Field(ge=0)
    esim: bool = True


class Outage(_Body):
    """Number of seconds during which connections are refused."""

    seconds: float = Field(gt=0, le=3600)


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _reasons(exc: ValidationError) -> str:
    return "; ".join(".".join(str(part) for part in error["loc"]) + f": {error['msg']}" for error in exc.errors())


@router.post("/reset", summary="Reset the simulator")
async def reset(request: Request, body: Optional[Reset] = None) -> JSONResponse:
    """New database with the seeded history, clock of the machine, no faults, no logins, empty log."""
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
    """In order of arrival. `status` is null while a request is unanswered. `counts` covers all requests."""
    log = _simulator(request).log
    return JSONResponse({"requests": log.listing(bodies, since), "counts": log.counts()})


@router.delete("/requests", summary="Empty the request log")
async def clear_requests(request: Request) -> JSONResponse:
    """Request ids are not reset."""
    log = _simulator(request).log
    log.clear()
    return JSONResponse({"requests": [], "counts": log.counts()})


@router.get("/activations", summary="Number of submissions and activations of each device")
async def activations(request: Request) -> JSONResponse:
    """An activation counts from its submission. The seeded and inserted history does not count."""
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
    """All current settings."""
    return JSONResponse(_simulator(request).settings.model_dump())


@router.put("/settings", summary="Change settings", response_model=Settings)
async def change_settings(
    request: Request, changes: Annotated[dict[str, Any], Body(examples=[{"duplicates": "refuse"}])]
) -> JSONResponse:
    """Changes the given settings. Lines that are already submitted keep their outcome."""
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
    """One, a list, or a set with its own seed. If several faults match a request, the oldest strikes."""
    simulator = _simulator(request)
    if isinstance(body, FaultSpec):
        body = [body]
    simulator.faults.add_set(body if isinstance(body, FaultSet) else FaultSet(faults=body))
    return _faults(simulator)


@router.get("/faults", summary="The faults that are set")
async def list_faults(request: Request) -> JSONResponse:
    """Each with the number of requests it matched and struck (`fired`). `late`: requests still to be carried out."""
    return _faults(_simulator(request))


@router.delete("/faults", summary="Remove all faults")
async def clear_faults(request: Request) -> JSONResponse:
    """Requests that a fault has delayed are still carried out."""
    simulator = _simulator(request)
    simulator.faults.clear()
    return _faults(simulator)


@router.get("/clock", summary="The simulator's clock")
async def clock(request: Request) -> JSONResponse:
    """Seconds since the epoch, and the offset from the machine's clock in seconds."""
    simulated = _simulator(request).clock
    return JSONResponse({"now": simulated.now(), "offset": simulated.offset})


@router.post("/clock", summary="Move the clock")
async def advance_clock(request: Request, body: Advance) -> JSONResponse:
    """Lines end, tokens expire and the history ages accordingly."""
    simulator = _simulator(request)
    simulator.advance_clock(body.advance)
    return JSONResponse({"now": simulator.clock.now(), "offset": simulator.clock.offset})


@router.post("/devices", summary="Set the outcome of a device")
async def decide_device(request: Request, body: Union[list[Device], Device]) -> JSONResponse:
    """One or a list. Takes precedence over digits, plan and rates, but not over the rule for duplicates."""
    overrides = _simulator(request).overrides
    for device in body if isinstance(body, list) else [body]:
        key = device.iccid or device.imei or device.sim_id or ""
        overrides[key] = Override(device.outcome, device.reason, device.latency)
    return JSONResponse({"devices": len(overrides)})


@router.get("/devices", summary="The device list")
async def list_devices(request: Request) -> JSONResponse:
    """Without delays, and in no dialect. `changes` is the number of times the status was set."""
    simulator = _simulator(request)
    devices = simulator.listing.all(simulator.clock.now())
    return JSONResponse({"devices": [{**device._asdict(), "mdn": device.mdn} for device in devices]})


@router.post("/history", summary="Insert history")
async def add_history(request: Request, body: Union[list[HistoryLine], HistoryBody]) -> JSONResponse:
    """A list of lines, or an object that can also generate active lines. All or nothing."""
    simulator = _simulator(request)
    wanted = HistoryBody(lines=body) if isinstance(body, list) else body
    now, count = simulator.clock.now(), 0
    for line in wanted.lines:
        taken = line.transaction_id and simulator.history.transaction(line.transaction_id)
        if taken:
            raise HTTPException(400, f"transaction {line.transaction_id} already exists")
    with simulator.store.change():
        count += insert_history(simulator.store, now, [line.model_dump() for line in wanted.lines])
        if wanted.generate:
            count += generate_history(
                simulator.store, now, wanted.generate, wanted.days, wanted.lines_per_transaction, simulator.seed
            )
    if wanted.generate:
        simulator.history.prepare_export(now)
    return JSONResponse({"inserted": count})


@router.put("/stock", summary="Set a carrier's stock")
async def set_stock(request: Request, body: Stock) -> JSONResponse:
    """The stock of eSIMs (default) or of physical SIMs."""
    carrier = account.find_carrier(body.carrier, esim=body.esim)
    if carrier is None:
        raise HTTPException(400, f"{body.carrier!r} is not a carrier of this account")
    store = _simulator(request).store
    store.set_stock(carrier, body.esim, body.available)
    return JSONResponse({"carrier": carrier, "esim": body.esim, "stock": store.stock(carrier, body.esim)})


@router.post("/outage", summary="Refuse connections for a while", status_code=202)
async def outage(request: Request, body: Outage) -> JSONResponse:
    """Closes the port for a while and resets connections of the API, but not those of the control interface."""
    close_port = _simulator(request).connections.close_port
    if close_port is None:
        raise HTTPException(501, "an outage requires the simulator's own server")
    close_port(body.seconds)
    return JSONResponse({"seconds": body.seconds}, 202)
