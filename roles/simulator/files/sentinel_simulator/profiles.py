# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the simulated service, and the named profiles that preset them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .dialect import Dialect, as_dialect
from .faults import FaultSpec, Seconds, Span, ordered
from .hostile import HOSTILE_FAULTS

Login = Literal["POST /v1.0/auth/token", "GET /v1.0/auth/token", "POST /v1.0/auth/login"]
#: The ways to log in with a user name and a password. The first is published [P]; for the others see contract [P2, C].
LOGINS: tuple[Login, ...] = ("POST /v1.0/auth/token", "GET /v1.0/auth/token", "POST /v1.0/auth/login")


class Settings(BaseModel):
    """Settings that can be changed while the simulator runs. Times are in seconds; a pair is [shortest, longest]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    duplicates: Literal["fail_line", "second_success", "refuse", "random"] = Field(
        default="fail_line",
        description="What to do if an active or pending device is submitted again. Its line fails, it is activated "
        "(and billed) a second time, or the request is refused with 409; random: one of these for each device.",
    )
    accept_single: bool = Field(
        default=True, description='False: refuse a body with a single device: "Activation lines list is empty".'
    )
    history_lag: Seconds = Field(
        default=0.0,
        description="Delay until a transaction appears in the history. A pair: drawn for each transaction, so that "
        "they appear in a different order.",
    )
    line_latency: Span = Field(default=(0.0, 0.0), description="Duration of a line.")
    esim_latency: Optional[Span] = Field(default=None, description="Duration of an eSIM line; null: `line_latency`.")
    late_rate: float = Field(default=0.0, ge=0, le=1, description="Share of lines that take `late_latency` longer.")
    late_latency: Span = Field(default=(30.0, 60.0), description="Additional duration of the lines of `late_rate`.")
    request_latency: Span = Field(default=(0.0, 0.0), description="Duration of each request.")
    rate_limit: float = Field(default=0.0, ge=0, description="Requests per second before 429; 0 = no limit.")
    rate_limit_retry_after: Literal["seconds", "date", "none", "random"] = Field(
        default="seconds",
        description="Form of the Retry-After header of such a 429; random: seconds, a date, none, or an invalid one.",
    )
    token_lifetime: float = Field(default=1200.0, gt=0, description="Time without use until a login's token expires.")
    token_max_age: Optional[Seconds] = Field(
        default=None, description="Time from the login until its token expires, used or not; null = never."
    )
    failure_rate: float = Field(default=0.0, ge=0, le=1, description="Share of lines that fail at random.")
    never_rate: float = Field(default=0.0, ge=0, le=1, description="Share of lines that never end.")
    esim_max: int = Field(default=100, ge=1, description="`maxDefaultCount`: maximum number of eSIM lines per request.")
    page_max: int = Field(default=500, ge=1, description="Maximum number of transactions per page, for any `limit`.")
    page_overlap: Union[Annotated[int, Field(ge=0)], tuple[int, int]] = Field(
        default=0,
        description="Number of entries of the previous page that a page repeats. A pair: drawn for each page.",
    )
    arrivals: float = Field(
        default=0.0, ge=0, le=1, description="Chance that another user's transaction arrives after a page was read."
    )
    departures: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Chance that, after a page of v2 was read, the oldest transaction drops out of the 180 days (never "
        "one of the last 30 days).",
    )
    envelope: Literal["object", "list", "no_total"] = Field(
        default="object", description="The shape of a page: {transactions, totalCount}, a list, or without total."
    )
    utc_offset: float = Field(default=0.0, ge=-14, le=14, description="The user's time zone: hours from UTC.")
    status_words: dict[str, str] = Field(
        default_factory=dict, description='Other words for the statuses, for example {"COMPLETED": "Active"}.'
    )
    dialect: Optional[Dialect] = Field(
        default=None,
        description='A dialect, the content of an evidence file, or "random:SEED"; null: the default answers.',
    )
    login_paths: tuple[Login, ...] = Field(
        default=LOGINS, description="The available ways to log in with a user name; others get 404 or 405."
    )
    withheld_scopes: tuple[str, ...] = Field(
        default=(), description="Scopes that no token has, for example aux_kemp_user. Calls that require them get 403."
    )
    rate_limit_headers: bool = Field(
        default=False, description="X-RateLimit-Limit and -Remaining in every answer, if `rate_limit` is not 0."
    )
    listing_lag: Seconds = Field(
        default=0.0,
        description="Delay until the device list shows an activated device. A pair: drawn for each device.",
    )
    status_lag: Seconds = Field(
        default=0.0,
        description="Delay until the device list shows a status that was set by PUT. A pair: drawn for each device.",
    )
    listing_overlap: Union[Annotated[int, Field(ge=0)], tuple[int, int]] = Field(
        default=0, description="`page_overlap` for the device list."
    )
    listing_arrivals: float = Field(
        default=0.0, ge=0, le=1, description="Chance that another user's device joins the list after a page was read."
    )
    listing_departures: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Chance that, after a page of the list was read, a device leaves it: one that joined it by "
        "`listing_arrivals`, or a generated one.",
    )
    hidden_groups: tuple[str, ...] = Field(
        default=(), description="Device groups that are missing from the list of the corp id, but not from their own."
    )
    keep_deactivated: bool = Field(
        default=False, description="Keep the entry of a deactivated device when the device is activated again."
    )
    device_statuses: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        default=("ACTIVE", "SUSPENDED", "DEACTIVATED"), description="The statuses that can be set, as they are listed."
    )
    status_max: int = Field(default=100, ge=1, description="Maximum number of MDNs per request that sets a status.")
    seeded_history: bool = Field(
        default=True, description="At a reset: false creates an account without history and devices."
    )
    inactive_fixtures: bool = Field(
        default=False, description="At a reset: adds a suspended and a deactivated device to the history."
    )
    pending_fixture: float = Field(
        default=8.0, ge=0, description="Time from the start or reset until the seeded pending device becomes active."
    )

    @field_validator("dialect", mode="before")
    @classmethod
    def _drawn_dialect(cls, value: Any) -> Any:
        return as_dialect(value)

    @field_validator("line_latency", "esim_latency", "late_latency", "request_latency", mode="before")
    @classmethod
    def _one_number_is_a_span(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return (value, value)
        return value

    _spans = field_validator(
        "line_latency",
        "esim_latency",
        "late_latency",
        "request_latency",
        "history_lag",
        "token_max_age",
        "page_overlap",
        "listing_lag",
        "status_lag",
        "listing_overlap",
    )(ordered)

    def merged(self, changes: dict[str, Any]) -> Settings:
        """Return these settings with ``changes`` made; raises pydantic's ValidationError."""
        return Settings.model_validate({**self.model_dump(), **changes})


@dataclass(frozen=True)
class Profile:
    """A named preset of settings, and of faults that are active at the start."""

    name: str
    summary: str
    settings: Settings
    faults: tuple[FaultSpec, ...] = field(default=())


# The figures of `realistic` are those that the contract lists for Sentinel's peers [A for Sentinel itself].
PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "instant",
            "answers immediately; lines are done within 0.1 seconds",
            Settings(line_latency=(0.0, 0.1), pending_fixture=1.0),
        ),
        Profile(
            "demo",
            "answers in 10 to 30 ms; lines are done in 1 to 6 seconds",
            Settings(
                line_latency=(1.0, 6.0), request_latency=(0.01, 0.03), listing_lag=(0.1, 0.5), status_lag=(0.1, 0.5)
            ),
        ),
        Profile(
            "realistic",
            "SIM lines take 20 s to 15 min, eSIM lines 3 to 10 min; more than 10 requests per second are refused",
            Settings(
                line_latency=(20.0, 900.0),
                esim_latency=(180.0, 600.0),
                request_latency=(0.05, 0.4),
                rate_limit=10.0,
                pending_fixture=240.0,
                listing_lag=(5.0, 60.0),
                status_lag=(2.0, 20.0),
            ),
        ),
        Profile(
            "hostile",
            "everything fails at times: all kinds of faults, late history, shifting pages, lines that never end",
            Settings(
                duplicates="random",
                history_lag=(0.0, 3.0),
                line_latency=(0.0, 3.0),
                late_rate=0.02,
                late_latency=(4.0, 12.0),
                request_latency=(0.002, 0.04),
                rate_limit=60.0,
                rate_limit_retry_after="random",
                token_max_age=(10.0, 60.0),
                failure_rate=0.01,
                never_rate=0.003,
                page_max=100,
                page_overlap=(0, 3),
                arrivals=0.05,
                departures=0.05,
                pending_fixture=4.0,
                listing_lag=(0.0, 3.0),
                status_lag=(0.0, 3.0),
                listing_overlap=(0, 3),
                listing_arrivals=0.05,
                listing_departures=0.05,
            ),
            HOSTILE_FAULTS,
        ),
    )
}
