# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: their kind, the requests that they match, and how often they strike. ``fault_kinds`` has the effects."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Kind = Literal[
    "status", "html", "empty", "truncated", "broken", "reset", "reset_unread", "delay", "drip", "expire_token",
    "refuse", "partial", "duplicates", "unknown_words",
]  # fmt: skip
#: Names of the calls of the device list.
Call = Literal["listing", "listing_pages", "listing_csv", "statuses", "set_status"]
#: Seconds: a number, or the shortest and the longest, to draw from.
Span = tuple[float, float]
Seconds = Union[Annotated[float, Field(ge=0)], Span]
Status = Annotated[int, Field(ge=200, le=599)]
RetryAfter = Union[float, str, None]

#: The values of ``random``. There are no huge numbers, because a client that waits for them would do nothing else.
RETRY_AFTERS: tuple[RetryAfter, ...] = (1, 2, 0, "date:1", "date:2", None, None, "-5", "soon", "", "date:-86400")
#: These strike before the request's body is read.
UNREAD_KINDS = frozenset({"reset_unread"})
#: These affect only the device list.
LISTING_KINDS = frozenset({"partial", "duplicates", "unknown_words"})

_LIST = re.compile(r"/v1\.0/devices/[^/]+")
_STATUS = re.compile(r"/v1\.0/devices/[^/]+/status")
_EXPORT = re.compile(r"(^|&)export=")


def call_of(method: str, path: str, query: str) -> frozenset[str]:
    """Return the names of the call that a request makes; empty if it has none."""
    if method == "GET" and _LIST.fullmatch(path):
        return frozenset({"listing", "listing_csv" if _EXPORT.search(query) else "listing_pages"})
    if method in ("GET", "PUT") and _STATUS.fullmatch(path):
        return frozenset({"statuses" if method == "GET" else "set_status"})
    return frozenset()


def ordered(value: Any) -> Any:
    """Check that a pair is in ascending order; return other values unchanged."""
    if isinstance(value, tuple) and not 0 <= value[0] <= value[1]:
        raise ValueError("must be [shortest, longest], in ascending order and not negative")
    return value


def as_span(value: Seconds) -> Span:
    """Return a number as a pair of equal values."""
    return value if isinstance(value, tuple) else (value, value)


def drawn(rng: random.Random, value: Seconds) -> float:
    """Draw from a span; return a number unchanged."""
    return rng.uniform(*value) if isinstance(value, tuple) else value


class FaultSpec(BaseModel):
    """The definition of a fault. It applies to requests that match ``call``, ``method``, ``path`` and ``query``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(
        description="status: an error answer; html: a proxy's error page; empty: no body; truncated: half of the body, "
        "in a complete HTTP answer; broken: the connection ends in the middle of the body; reset: TCP reset instead of "
        "an answer; reset_unread: TCP reset before the body is read; delay: the answer comes late; drip: the body "
        "comes slowly; expire_token: the token expires now (401); refuse: TCP reset, then the port refuses "
        "connections. Only for the device list: partial: some rows are missing; duplicates: some rows appear twice; "
        "unknown_words: some status words are unknown."
    )
    call: Optional[Call] = Field(
        default=None,
        description="Only this call: listing (listing_pages or listing_csv), statuses (reading them) or set_status.",
    )
    method: Optional[str] = Field(default=None, description="Only this HTTP method.")
    path: Optional[str] = Field(
        default=None, description="Only if this regular expression matches in the path below the API's base path."
    )
    query: Optional[str] = Field(default=None, description="Only if this regular expression matches in the query.")
    status: Optional[Union[Status, Annotated[list[Status], Field(min_length=1)]]] = Field(
        default=None,
        description="Status of the answer, or several to draw from. Default: status 503, html 502, empty 200.",
    )
    headers: dict[str, str] = Field(default_factory=dict, description="Headers of the answer.")
    retry_after: Union[RetryAfter, Annotated[list[RetryAfter], Field(min_length=1)]] = Field(
        default=None,
        description='Retry-After: seconds, "date:SECONDS" for an HTTP date, or any other text. Drawn if it is a list, '
        'where null means no header. "random" draws from all of these.',
    )
    body: Optional[Any] = Field(default=None, description="Body of the answer: text unchanged, other values as JSON.")
    delay: Seconds = Field(
        default=0.0,
        description="Seconds before the answer (drip: duration of the body). Drawn if it is a pair.",
    )
    commit: bool = Field(default=False, description="true: the request is carried out and only its answer is affected.")
    commit_after: Optional[Seconds] = Field(
        default=None,
        description="With `commit`: seconds until the request is carried out, whether or not the client is still "
        "connected. Drawn if it is a pair.",
    )
    duration: Seconds = Field(
        default=1.0, description="refuse: seconds during which connections are refused. Drawn if it is a pair."
    )
    share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of the rows that partial keeps, duplicates repeats and unknown_words renames.",
    )
    total: Literal["true", "rows", "more"] = Field(
        default="true",
        description="The total next to such a list: of all devices, of the rows in it, or more than there are.",
    )
    words: Annotated[list[str], Field(min_length=1)] = Field(
        default=["PORT_PENDING", "On hold", "Unknown (7)"], description="unknown_words: the words."
    )
    count: int = Field(default=1, ge=0, description="Maximum number of times it strikes; 0 = always.")
    probability: float = Field(default=1.0, gt=0, le=1, description="Chance that it strikes.")
    skip: int = Field(default=0, ge=0, description="Number of matching requests to skip first.")
    seed: Optional[int] = Field(
        default=None, description="Seed of its random choices. Default: the simulator's seed and the fault's number."
    )

    @field_validator("path", "query")
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

    _spans = field_validator("delay", "commit_after", "duration")(ordered)

    @model_validator(mode="after")
    def _fits(self) -> FaultSpec:
        if self.commit_after is not None and not self.commit:
            raise ValueError("commit_after requires commit: true")
        if self.commit_after is not None and self.kind == "expire_token":
            raise ValueError(
                "commit_after cannot be used with expire_token, because the token would no longer be valid"
            )
        if self.commit and self.kind in UNREAD_KINDS:
            raise ValueError(f"commit cannot be used with {self.kind}, because the body is not read")
        if self.kind in LISTING_KINDS and self.call in ("statuses", "set_status"):
            raise ValueError(
                f"{self.kind} affects only the device list; call must be listing, listing_pages or listing_csv"
            )
        return self


class FaultSet(BaseModel):
    """Faults with a seed of their own, independent of earlier faults."""

    model_config = ConfigDict(extra="forbid")

    seed: Optional[int] = None
    faults: list[FaultSpec]


@dataclass(frozen=True)
class Strike:
    """A fault that strikes a request, with its random values drawn. Times are in seconds.

    ``chances``: key for further random choices, the same for each request.
    """

    spec: FaultSpec
    status: Optional[int]
    retry_after: RetryAfter
    delay: float
    commit_after: Optional[float]
    duration: float
    chances: str = ""


class ActiveFault:
    """A fault that is set, and its counts."""

    def __init__(self, spec: FaultSpec, chances: str) -> None:
        self.spec = spec
        self.matched = 0
        self.fired = 0
        self.early = spec.kind in UNREAD_KINDS
        self.reseed(chances)
        self._path = re.compile(spec.path) if spec.path else None
        self._query = re.compile(spec.query) if spec.query else None

    def strike(self, method: str, path: str, query: str) -> Optional[Strike]:
        """Return the strike if the fault strikes this request, and count it."""
        spec = self.spec
        if (spec.call is not None or spec.kind in LISTING_KINDS) and (spec.call or "listing") not in call_of(
            method, path, query
        ):
            return None
        if spec.method not in (None, method) or (self._path is not None and not self._path.search(path)):
            return None
        if self._query is not None and not self._query.search(query):
            return None
        self.matched += 1
        if self.matched <= spec.skip or (spec.count and self.fired >= spec.count):
            return None
        if spec.probability < 1 and self._rng.random() >= spec.probability:
            return None
        self.fired += 1
        return self._drawn()

    def reseed(self, chances: str) -> None:
        """Use another seed for its random choices."""
        self._chances, self._rng = chances, random.Random(chances)

    def _drawn(self) -> Strike:
        spec, rng = self.spec, self._rng
        status, retry_after = spec.status, spec.retry_after
        if retry_after == "random":
            retry_after = list(RETRY_AFTERS)
        return Strike(
            spec,
            rng.choice(status) if isinstance(status, list) else status,
            rng.choice(retry_after) if isinstance(retry_after, list) else retry_after,
            drawn(rng, spec.delay),
            None if spec.commit_after is None else drawn(rng, spec.commit_after),
            drawn(rng, spec.duration),
            self._chances,
        )


class FaultRegistry:
    """All faults that are set, oldest first. Only the first that strikes a request applies."""

    def __init__(self) -> None:
        self._faults: list[ActiveFault] = []
        self._made = 0
        self.seed = 0

    def add(self, spec: FaultSpec) -> ActiveFault:
        """Set a fault."""
        chances = f"{self.seed}/fault/{self._made}" if spec.seed is None else f"{spec.seed}/fault"
        fault = ActiveFault(spec, chances)
        self._made += 1
        self._faults.append(fault)
        return fault

    def add_set(self, wanted: FaultSet) -> None:
        """Set several faults, with the set's seed if it has one."""
        for number, spec in enumerate(wanted.faults):
            fault = self.add(spec)
            if wanted.seed is not None and spec.seed is None:
                fault.reseed(f"{wanted.seed}/fault/{number}")

    def clear(self, seed: Optional[int] = None) -> None:
        """Remove all faults; a ``seed`` restarts the random choices of the next ones."""
        self._faults.clear()
        if seed is not None:
            self.seed, self._made = seed, 0

    def pick(self, method: str, path: str, query: str = "", early: bool = False) -> Optional[Strike]:
        """Return the strike for this request, if any. ``early``: only faults that strike before its body is read."""
        for fault in self._faults:
            if fault.early == early:
                strike = fault.strike(method, path, query)
                if strike is not None:
                    return strike
        return None

    def listing(self) -> list[dict[str, Any]]:
        """Return every fault with the number of requests that it matched and struck."""
        return [
            {**fault.spec.model_dump(exclude_defaults=True), "matched": fault.matched, "fired": fault.fired}
            for fault in self._faults
        ]
