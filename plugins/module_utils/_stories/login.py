# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs in for the rest of a play: a user with a password, or a trusted client for one of its API users."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, Callable

from .._errors import AuthenticationError, InputError
from .._options import ConnectionOptions
from .._options.urls import unencrypted
from .._transport.session import Session


def login(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of `sentinel_login`. The token is not masked, because it is the purpose of the task."""
    client = (params["client_id"], params["client_secret"]) if params.get("client_id") else None
    token, corp_id = log_in(params.get, client)
    return {"changed": False, "token": token, "corp_id": corp_id}


def log_in(get: Callable[[str], Any], client: tuple[str, str] | None = None) -> tuple[str, str | None]:
    """Return a new token, and the account's corp id or None.

    Args:
        get: returns the value of a connection option. A token is ignored.
        client: id and secret of a trusted client.
    """
    options = replace(ConnectionOptions.read(get), api_token=None)
    problems = unencrypted(options.api_url, options.allow_http)
    if problems:
        raise InputError(problems)
    if not options.api_username or not (options.api_password or client):
        required = "api_username" if client else "api_username and api_password (SENTINEL_USERNAME, SENTINEL_PASSWORD)"
        raise AuthenticationError("No credentials.", f"Set {required}.")
    with closing(Session(options, client=client)) as session:
        try:
            token, corp_id = session.login()
        except AuthenticationError as error:
            if client:
                names = "client_id, client_secret and api_username"
                error.message = error.message.replace("api_username and api_password", names)
                error.cure = "Check these values; they may have been changed or locked."
            raise
        return token, corp_id or options.corp_id
