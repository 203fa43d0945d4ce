# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The FastAPI application: the API below its base path, and the control interface if it is turned on."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from . import (
    API_BASE,
    CONTROL_BASE,
    __version__,
    errors,
    routes_account,
    routes_activation,
    routes_devices,
    routes_history,
)
from .control import router as control_router
from .control_listing import router as listing_control_router
from .gate import Gate
from .simulator import Simulator

_DESCRIPTION = """
A simulator of the Kajeet Sentinel Activation API, to try playbooks and for CI. It is not the service, and makes
assumptions about everything that the service's documentation does not describe.

Log in with `POST /v1.0/auth/token` (`fleet@northstar.example`, `simulator-password`), or authorize with the fixed token
`simulator-token`. In the descriptions, P is published, C seen in public client code, I inferred, A assumed.
"""
_TAGS: list[dict[str, Any]] = [
    {"name": "auth", "description": "Tokens"},
    {"name": "activation", "description": "The 14 published endpoints, with their numbers in the contract"},
    {"name": "devices", "description": "The device list, and the status of devices"},
]
_CONTROL_TAG = {"name": "control", "description": "Not part of Sentinel: resets, faults, the clock, the request log"}


def create_app(simulator: Simulator) -> FastAPI:
    """Build the application around a simulator."""
    app = FastAPI(
        title="Kajeet Sentinel Activation API (simulator)",
        version=__version__,
        description=_DESCRIPTION,
        openapi_tags=_TAGS + ([_CONTROL_TAG] if simulator.control else []),
        redoc_url=None,
    )
    app.state.simulator = simulator
    errors.install(app)
    # Routes are tried in order, so the most frequent ones come first.
    for routes in (routes_activation, routes_history, routes_account, routes_devices):
        app.include_router(routes.router, prefix=API_BASE)
    if simulator.control:
        app.include_router(control_router, prefix=CONTROL_BASE)
        app.include_router(listing_control_router, prefix=CONTROL_BASE)
    app.add_middleware(Gate, simulator=simulator)
    return app
