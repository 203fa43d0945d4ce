# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what shall go wrong, for which requests, how often. What each kind does is in ``fault_kinds``."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator

Kind = Literal["status", "html", "empty", "truncated", "broken", "reset", "delay", "drip", "expire_token"]


class FaultSpec(BaseModel):
    """A fault as it is asked for. It hits the requests that match ``method`` and ``path``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(
        description="status: an error answer; html: a proxy's error page; empty: no body; truncated: half of the body, "
        "in a complete HTTP answer; broken: the connection ends in the middle of the body; reset: TCP reset instead of "
        "an answer; delay: the answer comes late; drip: the body trickles; expire_token: the token expires now (401)."
    )
    method: Optional[str] = Field(default=None, description="Only for this HTTP method.")
    path: Optional[str] = Field(
        default=None, description="Only where this regular expression is in the prefix-less path."
    )
    status: Optional[int] = Field(
        default=None, ge=200, le=599, description="The answer's status. Default: status 503, html 502, empty 200."
    )
    headers: dict[str, str] = Field(default_factory=dict, description="Headers for the answer.")
    retry_after: Optional[Union[float, str]] = Field(
        default=None,
        description='Retry-After: seconds; "date:SECONDS" writes an HTTP date; any other text goes out as it is.',
    )
    body: Optional[Any] = Field(default=None, description="The answer's body: text as it is, anything else as JSON.")
    delay: float = Field(
        default=0.0, ge=0, description="Seconds before the answer (drip: over which the body is spread)."
    )
    commit: bool = Field(
        default=False, description="true: the request was carried out, only its answer suffers. false: it was not."
    )
    count: int = Field(default=1, ge=0, description="How often it strikes; 0 = always.")
    probability: float = Field(default=1.0, gt=0, le=1, description="Chance that it strikes, by the seed.")
    skip: int = Field(default=0, ge=0, description="So many matching requests are spared first.")

    @field_validator("path")
    @classmethod
    def _compiles(cls, value: Optional[str]) -> Optional[str]:
        if value is not None:
            try:
                re.compile(value)
            except re.error as exc:
                raise ValueError(f"is not a regular expression: {exc}") from exc
        return value

    @field_validator("method")
    @classmethod
    def _upper(cls, value: Optional[str]) -> Optional[str]:
        return None if value is None else value.upper()


@dataclass
class ActiveFault:
    """A fault that is set, and what it has done so far."""

    spec: FaultSpec
    rng: random.Random
    matched: int = 0
    fired: int = 0
    pattern: Optional[re.Pattern[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.spec.path) if self.spec.path else None

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether this request is hit, and count it."""
        spec = self.spec
        if spec.method not in (None, method) or (self.pattern is not None and not self.pattern.search(path)):
            return False
        self.matched += 1
        if self.matched <= spec.skip or (spec.count and self.fired >= spec.count):
            return False
        if spec.probability < 1 and self.rng.random() >= spec.probability:
            return False
        self.fired += 1
        return True


class FaultBook:
    """All faults that are set, oldest first. The first that strikes wins the request."""

    def __init__(self) -> None:
        self._faults: list[ActiveFault] = []
        self._made = 0
        self.seed = 0

    def add(self, spec: FaultSpec) -> ActiveFault:
        """Set a fault."""
        fault = ActiveFault(spec, random.Random(f"{self.seed}/fault/{self._made}"))
        self._made += 1
        self._faults.append(fault)
        return fault

    def clear(self, seed: Optional[int] = None) -> None:
        """Drop all faults; a ``seed`` makes the chances of the next ones start anew."""
        self._faults.clear()
        if seed is not None:
            self.seed, self._made = seed, 0

    def pick(self, method: str, path: str) -> Optional[FaultSpec]:
        """Return the fault that hits this request, if any."""
        for fault in self._faults:
            if fault.strikes(method, path):
                return fault.spec
        return None

    def listing(self) -> list[dict[str, Any]]:
        """Return every fault with how many requests it matched and how often it fired."""
        return [
            {**fault.spec.model_dump(exclude_defaults=True), "matched": fault.matched, "fired": fault.fired}
            for fault in self._faults
        ]
