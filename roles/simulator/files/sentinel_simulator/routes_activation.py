# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints 6, 8, 9 and 13: submit activations, and read a device CSV."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Security
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from . import errors, fixtures
from .auth import RequireScopes
from .bodies import Line, Refused, parse_esim, parse_sim, parse_smartsim
from .corps import check_body
from .routes_account import json_body, read_json
from .simulator import Simulator
from .submit import submit
from .upload import read_pairs

router = APIRouter(
    prefix="/v1.0/activation",
    tags=["activation"],
    dependencies=[Security(RequireScopes(fixtures.SCOPE_ACTIVATION))],
)

_MAX_UPLOAD = 10_000_000  # bytes [A]
_REPLY = {"transactionId": "ACT-2026-0313-001", "status": "SUBMITTED", "totalLines": 1}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **errors.RESPONSES,
    200: {"description": "Accepted; the lines end one by one", "content": {"application/json": {"example": _REPLY}}},
    400: errors.BAD_REQUEST,
    409: {"description": "A device is active or in progress (only with `duplicates` set to `refuse`)"},
}
_SINGLE = {
    "corpId": "NORTHSTAR-ISD",
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
    "carrier": "VERIZON",
    "filterGroup": "Student_K8",
    "deviceGroup": "Transportation",
}
_SMARTSIM_LINE = {
    "simID": "891039000000150004",
    "imei": "355737360073462",
    "serviceDetails": {
        "carrier": "T-Mobile",
        "deviceGroup": "Transportation",
        "filterGroup": "Fleet",
        "serviceAddress": {"serviceZipCode": "30301"},
    },
}
_ESIM = {
    "carrier": "AT&T",
    "deviceGroup": "Transportation",
    "filterGroup": "Student_K8",
    "activationLines": [{"imei": "355737360073462", "eid": "89049032123451234512345678901235"}],
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


async def _read_own(request: Request) -> Any:
    """Read the body of a submission. Raises ``Refused`` if it is for another account."""
    body = await read_json(request)
    check_body(request.app.state.simulator.store, body)
    return body


def _submitted(simulator: Simulator, kind: str, lines: list[Line]) -> JSONResponse:
    seq, transaction_id = submit(simulator, kind, lines)
    formatter = simulator.formatter
    return JSONResponse(formatter.reply(formatter.transaction_id(seq, transaction_id), len(lines)))


@router.post(
    "/transaction",
    summary="9: activate SIMs",
    responses=_RESPONSES,
    openapi_extra=json_body(_SINGLE, "One device, as published; or common fields and `activationLines`"),
)
async def transaction(request: Request) -> JSONResponse:
    """One device at the top level [P], or up to 2,000 `activationLines` [I]. Scope aux_activation [P]."""
    simulator = request.app.state.simulator
    lines = parse_sim(await _read_own(request), simulator.settings.accept_single)
    return _submitted(simulator, "sim", lines)


@router.post(
    "/smartsim-transaction",
    summary="8: activate SmartSIMs",
    responses=_RESPONSES,
    openapi_extra=json_body({"activationLines": [_SMARTSIM_LINE]}, "Inferred"),
)
async def smartsim_transaction(request: Request) -> JSONResponse:
    """`activationLines`, each with its `simID` and its own `serviceDetails` [I]. Scope aux_activation [P]."""
    lines = parse_smartsim(await _read_own(request))
    return _submitted(request.app.state.simulator, "smartsim", lines)


@router.post(
    "/esim-transaction",
    summary="6: activate eSIMs",
    responses=_RESPONSES,
    openapi_extra=json_body(_ESIM, "Inferred"),
)
async def esim_transaction(request: Request) -> JSONResponse:
    """`activationLines` without ICCIDs, which come from the stock [I]. Scope aux_activation [P]."""
    lines = parse_esim(await _read_own(request))
    return _submitted(request.app.state.simulator, "esim", lines)


@router.post(
    "/uploadCSV",
    summary="13: read a device CSV",
    responses={
        **errors.RESPONSES,
        200: {
            "description": "The pairs of the file, in the same order",
            "content": {
                "application/json": {"example": [{"imei": "355737360073462", "iccid": "89014103211118510720"}]}
            },
        },
        400: errors.BAD_REQUEST,
        415: {"description": "The body is not form data"},
    },
    openapi_extra=_UPLOAD,
)
async def upload_csv(request: Request) -> JSONResponse:
    """Form field `file` [P]: a CSV with a header that has IMEI and ICCID. Activates nothing [P].

    The account's Activation Tab is assumed to be the scope aux_activation [A].
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "multipart/form-data":
        raise HTTPException(415, f"Send the file as form data, not as {content_type or 'unknown content'}")
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Refused("The form field 'file' is missing or is not a file")
            content = await file.read(_MAX_UPLOAD + 1)
    except HTTPException as exc:
        raise Refused(f"The form data cannot be read: {exc.detail}") from exc
    if len(content) > _MAX_UPLOAD:
        raise HTTPException(413, f"The file is larger than {_MAX_UPLOAD} bytes")
    return JSONResponse(read_pairs(content))
