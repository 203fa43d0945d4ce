# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulated service behaves: its settings, and the named profiles that preset them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .faults import FaultSpec

Span = tuple[float, float]


class Settings(BaseModel):
    """Everything that can be changed while the simulator runs. Times are in seconds; a pair is [shortest, longest]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    duplicates: Literal["fail_line", "second_success", "refuse"] = Field(
        default="fail_line",
        description="What happens when an active or pending device is submitted again: its line fails, it is activated "
        "(and paid) a second time, or the request is refused with 409.",
    )
    accept_single: bool = Field(
        default=True, description='False: a body with one device at its top level: "Activation lines list is empty".'
    )
    history_lag: float = Field(default=0.0, ge=0, description="A transaction is in the histories only after so long.")
    line_latency: Span = Field(default=(0.0, 0.0), description="How long a line takes to end. A number: exactly that.")
    esim_latency: Optional[Span] = Field(default=None, description="The same for eSIM lines; null: as `line_latency`.")
    request_latency: Span = Field(default=(0.0, 0.0), description="How long each request takes, whatever it does.")
    rate_limit: float = Field(default=0.0, ge=0, description="Requests per second before 429; 0 = no limit.")
    rate_limit_retry_after: Literal["seconds", "date", "none"] = Field(
        default="seconds", description="The form of the Retry-After header of such a 429."
    )
    token_lifetime: float = Field(default=1200.0, gt=0, description="A token that is idle for this long expires.")
    failure_rate: float = Field(default=0.0, ge=0, le=1, description="Share of lines that fail at random, by the seed.")
    never_rate: float = Field(default=0.0, ge=0, le=1, description="Share of lines that never end, by the seed.")
    esim_max: int = Field(default=100, ge=1, description="`maxDefaultCount`: the most eSIM lines of one request.")
    page_max: int = Field(default=500, ge=1, description="The most transactions of one page, whatever the `limit`.")
    page_overlap: int = Field(
        default=0, ge=0, description="Each page but the first repeats so many entries of the last one."
    )
    envelope: Literal["object", "list", "no_total"] = Field(
        default="object", description="The shape of a page: {transactions, totalCount}, a list, or without total."
    )
    utc_offset: float = Field(default=0.0, ge=-14, le=14, description="The user's time zone: hours from UTC.")
    status_words: dict[str, str] = Field(
        default_factory=dict, description='Other words for the statuses, for example {"COMPLETED": "Active"}.'
    )
    pending_fixture: float = Field(
        default=8.0, ge=0, description="The seeded pending device becomes active this long after the start or reset."
    )

    @field_validator("line_latency", "esim_latency", "request_latency", mode="before")
    @classmethod
    def _one_number_is_a_span(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return (value, value)
        return value

    @field_validator("line_latency", "esim_latency", "request_latency")
    @classmethod
    def _ordered(cls, value: Optional[Span]) -> Optional[Span]:
        if value is not None and not 0 <= value[0] <= value[1]:
            raise ValueError("must be [shortest, longest], not negative, the shorter first")
        return value

    def merged(self, changes: dict[str, Any]) -> Settings:
        """Return these settings with ``changes`` made; raises pydantic's ValidationError."""
        return Settings.model_validate({**self.model_dump(), **changes})


@dataclass(frozen=True)
class Profile:
    """A named preset: settings, and faults that are active from the start."""

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
            "answers at once; lines are done within a tenth of a second",
            Settings(line_latency=(0.0, 0.1), pending_fixture=1.0),
        ),
        Profile(
            "demo",
            "answers in 10 to 30 ms; lines are done in 1 to 6 seconds",
            Settings(line_latency=(1.0, 6.0), request_latency=(0.01, 0.03)),
        ),
        Profile(
            "realistic",
            "SIM lines take 20 s to 15 min, eSIM lines 3 to 10 min; more than 10 requests a second are turned away",
            Settings(
                line_latency=(20.0, 900.0),
                esim_latency=(180.0, 600.0),
                request_latency=(0.05, 0.4),
                rate_limit=10.0,
                pending_fixture=240.0,
            ),
        ),
    )
}
