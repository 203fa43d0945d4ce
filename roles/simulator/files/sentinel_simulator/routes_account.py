# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token calls, and endpoints 1 to 5 and 7: carriers, plans and stock of the account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from . import account, errors, fixtures
from .auth import RequireScopes
from .bodies import Refused
from .corps import own_corp

router = APIRouter(prefix="/v1.0")

_LOGIN_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "Wrong credentials"},
    400: errors.BAD_REQUEST,
}
_STOCK_RESPONSES: dict[int | str, dict[str, Any]] = {**errors.RESPONSES, 400: errors.BAD_REQUEST}
# The page names a scope only for some endpoints [P]. The others require any valid token.
_ANYONE = [Security(RequireScopes(None))]


def json_body(example: dict[str, Any], summary: str = "As published") -> dict[str, Any]:
    """Document a JSON body by example, because FastAPI does not validate the bodies."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "examples": {"example": {"summary": summary, "value": example}},
                }
            },
        }
    }


async def read_json(request: Request) -> Any:
    """Return the request's JSON body. Raises ``Refused`` if it is not JSON."""
    try:
        return await request.json()
    except ValueError as exc:
        raise Refused("The request body is not JSON") from exc


def _details(request: Request, token: str, username: str) -> JSONResponse:
    return JSONResponse(request.app.state.simulator.formatter.token(token, fixtures.CORP_ID, username))


def _allow_login(request: Request) -> None:
    """Refuse a way to log in that is turned off: 404, or 405 if the path has another method."""
    path = request.scope["path"].partition("/v1.0/")[2]
    ways = request.app.state.simulator.settings.login_paths
    if f"{request.method} /v1.0/{path}" not in ways:
        other = any(way.endswith(f" /v1.0/{path}") for way in ways)
        raise HTTPException(405, "Method Not Allowed") if other else HTTPException(404, "Not Found")


_LOGIN: dict[str, Any] = {
    "summary": "Exchange a user name and password for a token",
    "openapi_extra": json_body({"username": "fleet@northstar.example", "password": fixtures.PASSWORD}),
    "tags": ["auth"],
    "responses": _LOGIN_RESPONSES,
}


@router.get("/auth/token", **_LOGIN)
@router.post("/auth/login", **_LOGIN)
@router.post("/auth/token", **_LOGIN)
async def token(request: Request) -> JSONResponse:
    """The body and the reply are known from public client code [C]. The token expires if it is not used [A]."""
    _allow_login(request)
    body = await read_json(request)
    names = ("username", "password")
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in names):
        raise Refused("username and password are required")
    made = request.app.state.simulator.sessions.log_in(body["username"], body["password"])
    if made is None:
        return errors.answer(401, "Wrong username or password")
    return _details(request, made, body["username"])


@router.post(
    "/auth/clientToken",
    summary="A token for an API user of a trusted client",
    openapi_extra=json_body(
        {
            "clientId": fixtures.CLIENT_ID,
            "clientSecret": fixtures.CLIENT_SECRET,
            "username": "fleet@northstar.example",
        },
        "Assumed: the body is not published",
    ),
    tags=["auth"],
    responses=_LOGIN_RESPONSES,
)
async def client_token(request: Request) -> JSONResponse:
    """The call is published [P], its body is not [A]."""
    body = await read_json(request)
    names = ("clientId", "clientSecret")
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in names):
        raise Refused("clientId and clientSecret are required")
    username = body.get("username") or "fleet@northstar.example"
    made = request.app.state.simulator.sessions.log_in_client(body["clientId"], body["clientSecret"], str(username))
    if made is None:
        return errors.answer(401, "Wrong client id, client secret or username")
    return _details(request, made, str(username))


@router.get(
    "/activation/billing-plans",
    summary="1: billing rate plans",
    dependencies=_ANYONE,
    tags=["activation"],
    responses=errors.RESPONSES,
)
async def billing_plans(request: Request) -> JSONResponse:
    """Every rate plan of the account."""
    formatter = request.app.state.simulator.formatter
    return JSONResponse(formatter.plans(formatter.dialect.billing_plans, account.BILLING_PLANS))


@router.get(
    "/activation/businessInternetPlans",
    summary="2: Verizon business internet plans",
    dependencies=_ANYONE,
    tags=["activation"],
    responses=errors.RESPONSES,
)
async def business_internet_plans(request: Request) -> JSONResponse:
    """The plans that an activation with carrier Verizon BI can name [I]."""
    formatter = request.app.state.simulator.formatter
    return JSONResponse(formatter.plans(formatter.dialect.business_internet_plans, account.BUSINESS_INTERNET_PLANS))


@router.get(
    "/activation/carriers",
    summary="3: carriers",
    dependencies=[Security(RequireScopes(fixtures.SCOPE_ACTIVATION))],
    tags=["activation"],
    responses=errors.RESPONSES,
)
async def carriers(request: Request) -> JSONResponse:
    """The names of the carriers that devices can be activated with. Scope aux_activation [P]."""
    formatter = request.app.state.simulator.formatter
    return JSONResponse(formatter.names(formatter.dialect.carriers, account.CARRIERS))


@router.get(
    "/activation/eSim/carriers",
    summary="4: eSIM carriers",
    dependencies=[Security(RequireScopes(fixtures.SCOPE_ESIM))],
    tags=["activation"],
    responses=errors.RESPONSES,
)
async def esim_carriers(request: Request) -> JSONResponse:
    """The names of the carriers that eSIMs can be activated with. Scope aux_kemp_user [P]."""
    formatter = request.app.state.simulator.formatter
    return JSONResponse(formatter.names(formatter.dialect.esim_carriers, account.ESIM_CARRIERS))


@router.get(
    "/activation/eSimInventoryCount/{corpId}",
    summary="5: eSIMs in stock",
    dependencies=_ANYONE,
    tags=["activation"],
    responses=_STOCK_RESPONSES,
)
async def esim_inventory_count(
    request: Request,
    corpId: str,
    carrier: Annotated[str, Query(description="A carrier's name; `AT&T` travels as `AT%26T`", examples=["AT&T"])],
) -> JSONResponse:
    """The number of available eSIMs, and the maximum number per request [I]. All device groups share the stock."""
    simulator = request.app.state.simulator
    own_corp(simulator.store, corpId)
    found = account.find_carrier(carrier, esim=True)
    if found is None:
        raise Refused(f"{carrier!r} is not an eSIM carrier of this account: {', '.join(account.ESIM_CARRIERS)}")
    available = sum(simulator.store.stock(found, esim=True).values())
    return JSONResponse(simulator.formatter.stock(available, simulator.settings.esim_max))


@router.get(
    "/activation/inventory",
    summary="7: SIMs in stock",
    dependencies=_ANYONE,
    tags=["activation"],
    responses=_STOCK_RESPONSES,
)
async def inventory(
    request: Request,
    carrier: Annotated[str, Query(description="A carrier's name", examples=["Verizon Priority"])],
) -> JSONResponse:
    """The account's stock of physical SIMs for a carrier, by SKU [I]."""
    found = account.find_carrier(carrier)
    if found is None:
        raise Refused(f"{carrier!r} is not a carrier of this account: {', '.join(account.CARRIERS)}")
    counts = request.app.state.simulator.store.stock(found, esim=False)
    return JSONResponse(
        [
            {
                "sku": item.sku,
                "carrier": item.carrier,
                "planId": item.plan_id,
                "subType": item.sub_types[0],
                "subTypeList": item.sub_types,
                "count": counts[item.sku],
            }
            for item in account.STOCK
            if item.sku in counts
        ]
    )
