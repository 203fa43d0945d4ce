# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what shall go wrong, for which requests, how often. What each kind does is in ``fault_kinds``."""

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
#: The calls about the list of devices, by name.
Call = Literal["listing", "listing_pages", "listing_csv", "statuses", "set_status"]
#: Seconds: a number, or the shortest and the longest, between which it is drawn.
Span = tuple[float, float]
Seconds = Union[Annotated[float, Field(ge=0)], Span]
Status = Annotated[int, Field(ge=200, le=599)]
RetryAfter = Union[float, str, None]

#: What ``random`` stands for. Huge numbers are not among them: a client that waits for its cap would do nothing else.
RETRY_AFTERS: tuple[RetryAfter, ...] = (1, 2, 0, "date:1", "date:2", None, None, "-5", "soon", "", "date:-86400")
#: These strike before the request's body is read.
UNREAD_KINDS = frozenset({"reset_unread"})
#: These spoil the list of devices, and hit nothing else.
LISTING_KINDS = frozenset({"partial", "duplicates", "unknown_words"})

_LIST = re.compile(r"/v1\.0/devices/[^/]+")
_STATUS = re.compile(r"/v1\.0/devices/[^/]+/status")
_EXPORT = re.compile(r"(^|&)export=")


def call_of(method: str, path: str, query: str) -> frozenset[str]:
    """Return the names of the call that a request makes, if it has any."""
    if method == "GET" and _LIST.fullmatch(path):
        return frozenset({"listing", "listing_csv" if _EXPORT.search(query) else "listing_pages"})
    if method in ("GET", "PUT") and _STATUS.fullmatch(path):
        return frozenset({"statuses" if method == "GET" else "set_status"})
    return frozenset()


def ordered(value: Any) -> Any:
    """Check that a pair is the shortest and the longest; other values pass."""
    if isinstance(value, tuple) and not 0 <= value[0] <= value[1]:
        raise ValueError("must be [shortest, longest], not negative, the shorter first")
    return value


def as_span(value: Seconds) -> Span:
    """Return a number as a span without extent."""
    return value if isinstance(value, tuple) else (value, value)


def drawn(rng: random.Random, value: Seconds) -> float:
    """Draw from a span; a number is what it is."""
    return rng.uniform(*value) if isinstance(value, tuple) else value


class FaultSpec(BaseModel):
    """A fault as it is asked for. It hits the requests that match ``call``, ``method``, ``path`` and ``query``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(
        description="status: an error answer; html: a proxy's error page; empty: no body; truncated: half of the body, "
        "in a complete HTTP answer; broken: the connection ends in the middle of the body; reset: TCP reset instead of "
        "an answer; reset_unread: TCP reset before the body is read; delay: the answer comes late; drip: the body "
        "trickles; expire_token: the token expires now (401); refuse: TCP reset, then the port refuses connections. Of "
        "the list of devices alone: partial: it has only some rows; duplicates: some rows come twice; unknown_words: "
        "some status words are unknown."
    )
    call: Optional[Call] = Field(
        default=None,
        description="Only this call: listing (listing_pages or listing_csv), statuses (those there are) or set_status.",
    )
    method: Optional[str] = Field(default=None, description="Only for this HTTP method.")
    path: Optional[str] = Field(
        default=None, description="Only where this regular expression is in the prefix-less path."
    )
    query: Optional[str] = Field(default=None, description="Only where this regular expression is in the query string.")
    status: Optional[Union[Status, Annotated[list[Status], Field(min_length=1)]]] = Field(
        default=None,
        description="The answer's status, or several to draw from. Default: status 503, html 502, empty 200.",
    )
    headers: dict[str, str] = Field(default_factory=dict, description="Headers for the answer.")
    retry_after: Union[RetryAfter, Annotated[list[RetryAfter], Field(min_length=1)]] = Field(
        default=None,
        description='Retry-After: seconds; "date:SECONDS" writes an HTTP date; any other text goes out as it is. A '
        'list is drawn from (null: no header); "random" stands for one with all sorts.',
    )
    body: Optional[Any] = Field(default=None, description="The answer's body: text as it is, anything else as JSON.")
    delay: Seconds = Field(
        default=0.0,
        description="Seconds before the answer (drip: over which the body comes); a pair is drawn from.",
    )
    commit: bool = Field(
        default=False, description="true: the request was carried out, only its answer suffers. false: it was not."
    )
    commit_after: Optional[Seconds] = Field(
        default=None,
        description="With `commit`: carried out only so many seconds after it came, whether or not the client is still "
        "there; a pair is drawn from.",
    )
    duration: Seconds = Field(
        default=1.0, description="refuse: for so many seconds connections are refused; a pair is drawn from."
    )
    share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Of the list's rows: partial keeps so many, duplicates repeats them, unknown_words renames them.",
    )
    total: Literal["true", "rows", "more"] = Field(
        default="true",
        description="The total beside such a list: that of all devices, of the rows it has, or more than there are.",
    )
    words: Annotated[list[str], Field(min_length=1)] = Field(
        default=["PORT_PENDING", "On hold", "Unknown (7)"], description="unknown_words: the words."
    )
    count: int = Field(default=1, ge=0, description="How often it strikes; 0 = always.")
    probability: float = Field(default=1.0, gt=0, le=1, description="Chance that it strikes, by the seed.")
    skip: int = Field(default=0, ge=0, description="So many matching requests are spared first.")
    seed: Optional[int] = Field(
        default=None, description="What its chances follow. Default: the simulator's seed and the fault's number."
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
            raise ValueError("commit_after needs commit: true")
        if self.commit_after is not None and self.kind == "expire_token":
            raise ValueError("expire_token cannot be carried out later: its token would not be valid any more")
        if self.commit and self.kind in UNREAD_KINDS:
            raise ValueError(f"{self.kind} cannot be carried out: its body is not read")
        if self.kind in LISTING_KINDS and self.call in ("statuses", "set_status"):
            raise ValueError(f"{self.kind} spoils the list of devices alone: call must be listing, or one of its two")
        return self


class FaultSet(BaseModel):
    """Faults whose chances follow a seed of their own, whatever was set before."""

    model_config = ConfigDict(extra="forbid")

    seed: Optional[int] = None
    faults: list[FaultSpec]


@dataclass(frozen=True)
class Strike:
    """A fault that hits a request, with all that was left to chance drawn. Times are in seconds.

    ``chances``: what may still be drawn by chance follows this, and is the same for each request.
    """

    spec: FaultSpec
    status: Optional[int]
    retry_after: RetryAfter
    delay: float
    commit_after: Optional[float]
    duration: float
    chances: str = ""


class ActiveFault:
    """A fault that is set, and what it has done so far."""

    def __init__(self, spec: FaultSpec, chances: str) -> None:
        self.spec = spec
        self.matched = 0
        self.fired = 0
        self.early = spec.kind in UNREAD_KINDS
        self.reseed(chances)
        self._path = re.compile(spec.path) if spec.path else None
        self._query = re.compile(spec.query) if spec.query else None

    def strike(self, method: str, path: str, query: str) -> Optional[Strike]:
        """Return what hits this request, if it does, and count it."""
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
        """Let its chances follow another seed."""
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


class FaultBook:
    """All faults that are set, oldest first. The first that strikes wins the request."""

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
        """Set several faults; their chances follow the set's seed, if it has one."""
        for number, spec in enumerate(wanted.faults):
            fault = self.add(spec)
            if wanted.seed is not None and spec.seed is None:
                fault.reseed(f"{wanted.seed}/fault/{number}")

    def clear(self, seed: Optional[int] = None) -> None:
        """Drop all faults; a ``seed`` makes the chances of the next ones start anew."""
        self._faults.clear()
        if seed is not None:
            self.seed, self._made = seed, 0

    def pick(self, method: str, path: str, query: str = "", early: bool = False) -> Optional[Strike]:
        """Return the fault that hits this request, if any. ``early``: of those that strike before its body is read."""
        for fault in self._faults:
            if fault.early == early:
                strike = fault.strike(method, path, query)
                if strike is not None:
                    return strike
        return None

    def listing(self) -> list[dict[str, Any]]:
        """Return every fault with how many requests it matched and how often it fired."""
        return [
            {**fault.spec.model_dump(exclude_defaults=True), "matched": fault.matched, "fired": fault.fired}
            for fault in self._faults
        ]
