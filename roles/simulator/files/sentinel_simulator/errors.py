# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error answers of the service: JSON with a message and the status [A]."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from .bodies import Refused

#: Error answers in the documentation of the endpoints.
RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {
        "description": "The token is missing, not valid or expired",
        "content": {"application/json": {"example": {"message": "Unauthorized: no bearer token", "status": 401}}},
    },
    403: {
        "description": "The token lacks the scope",
        "content": {
            "application/json": {
                "example": {
                    "message": "Forbidden: this endpoint can only be accessed by scope aux_activation",
                    "status": 403,
                }
            }
        },
    },
}
BAD_REQUEST: dict[str, Any] = {
    "description": "The request was refused; nothing was done",
    "content": {"application/json": {"example": {"message": "Activation lines list is empty", "status": 400}}},
}
NOT_FOUND: dict[str, Any] = {
    "description": "The transaction does not exist",
    "content": {
        "application/json": {"example": {"message": "Transaction ACT-2026-0313-001 was not found", "status": 404}}
    },
}


def answer(status: int, message: str, errors: list[str] | None = None) -> JSONResponse:
    """Return an error answer."""
    body: dict[str, Any] = {"message": message, "status": status}
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status)


def install(app: FastAPI) -> None:
    """Make the application answer with these errors."""

    @app.exception_handler(HTTPException)
    async def _http(request: Request, exc: HTTPException) -> JSONResponse:
        return answer(exc.status_code, str(exc.detail))

    @app.exception_handler(Refused)
    async def _refused(request: Request, exc: Refused) -> JSONResponse:
        return answer(exc.status, exc.message, exc.errors)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        problems = [
            ".".join(str(part) for part in error["loc"][1:] or error["loc"]) + f": {error['msg']}"
            for error in exc.errors()
        ]
        return answer(400, "; ".join(problems), problems)
