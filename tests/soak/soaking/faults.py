# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of a run, drawn from the seed, as the simulator's control interface takes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

Spec = dict[str, Any]
Maker = Callable[[random.Random, float], Spec]

#: Requests that faults apply to.
WRITES = {"method": "POST", "path": "^/v1.0/activation/.*transaction$"}
READS = {"method": "GET"}
HISTORY = {"method": "GET", "path": "^/v[12].0/activation/transactions$"}
LINES = {"method": "GET", "path": "^/v1.0/activation/transactions/"}
LOGINS = {"method": "POST", "path": "^/v1.0/auth/token$"}
LISTING = {"method": "GET", "call": "listing"}
LISTING_CSV = {"method": "GET", "call": "listing_csv"}
LISTING_PAGES = {"method": "GET", "call": "listing_pages"}
STATUSES = {"method": "GET", "call": "statuses"}
RESTORES = {"method": "PUT", "call": "set_status"}

#: Maximum delay between receiving a submission and carrying it out, as a share of the settle time.
_COMMITTED_LATE = 0.3


def _late(rng: random.Random, timeout: float) -> Spec:
    shortest = timeout + 0.2
    return {"kind": "delay", "delay": [shortest, shortest + 0.6], "commit": rng.random() < 0.6}


def _slow(rng: random.Random, timeout: float) -> Spec:
    return {"kind": "delay", "delay": [0.05, min(1.5, 0.5 * timeout)], "commit": rng.random() < 0.5}


def _error(rng: random.Random, _timeout: float) -> Spec:
    status = rng.choice((500, 502, 503, 504, [500, 502, 503, 504]))
    return {"kind": "status", "status": status, "commit": rng.random() < 0.6}


def _page(rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "html", "status": rng.choice((200, 500, 502, 504)), "commit": rng.random() < 0.6}


def _throttled(rng: random.Random, _timeout: float) -> Spec:
    spec: Spec = {"kind": "status", "status": 429}
    retry_after = rng.choice((1, 2, 3, "date:3", None, "1.5", "random", "random"))
    return spec if retry_after is None else {**spec, "retry_after": retry_after}


def _answer(kind: str) -> Maker:
    """A fault that spoils the answer to a request, which may or may not have been carried out."""

    def make(rng: random.Random, _timeout: float) -> Spec:
        return {"kind": kind, "commit": rng.random() < 0.6}

    return make


def _drip(_rng: random.Random, _timeout: float) -> Spec:
    # The answer arrives complete in the end. Without the commit, it would be wrong, and no client could detect that.
    return {"kind": "drip", "delay": [0.3, 2.0], "commit": True}


def _expired(_rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "expire_token"}


def _unread(_rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "reset_unread"}


def _blind(_rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "status", "status": [502, 503, 504]}


def _half(_rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "truncated"}


def _forbidden(_rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "status", "status": 403, "body": {"message": "Forbidden", "status": 403}}


def _spoiled(kind: str) -> Maker:
    """A fault that spoils the same rows of the device list each time that it is read."""

    def make(rng: random.Random, _timeout: float) -> Spec:
        spec: Spec = {"kind": kind, "share": rng.choice((0.1, 0.5, 0.9)), "total": rng.choice(("true", "rows", "more"))}
        return spec if kind != "partial" or rng.random() < 0.8 else {**spec, "share": 0.0}

    return make


def _refused(rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "refuse", "duration": [0.1, 1.0], "commit": rng.random() < 0.5}


#: Name → function that draws the fault, and requests that it may apply to; repeated ones are drawn more often.
#: `late` needs a short `request_timeout`.
CATALOGUE: dict[str, tuple[Maker, Sequence[Spec]]] = {
    "late": (_late, (WRITES, WRITES, WRITES, LINES, HISTORY, LISTING, RESTORES)),
    "slow": (_slow, (WRITES, READS, LISTING, RESTORES)),
    "error": (_error, (WRITES, WRITES, WRITES, WRITES, READS, HISTORY, LINES, LOGINS, LISTING_CSV, STATUSES, RESTORES)),
    "page": (_page, (WRITES, WRITES, WRITES, READS, LOGINS, LISTING, LISTING_CSV, RESTORES)),
    "throttled": (_throttled, (WRITES, READS, LISTING, RESTORES)),
    "reset": (_answer("reset"), (WRITES, WRITES, WRITES, READS, HISTORY, LISTING, RESTORES)),
    "unread": (_unread, (WRITES, READS, LOGINS, RESTORES)),
    "refused": (_refused, (WRITES, READS, LOGINS, RESTORES)),
    "broken": (_answer("broken"), (WRITES, WRITES, READS, HISTORY, LISTING, RESTORES)),
    "truncated": (_answer("truncated"), (WRITES, WRITES, READS, HISTORY, LINES, LISTING, LISTING_CSV, RESTORES)),
    "empty": (_answer("empty"), (WRITES, READS, HISTORY, LINES, LISTING, LISTING_CSV, RESTORES)),
    "drip": (_drip, (WRITES, READS, LISTING)),
    "expired": (_expired, (WRITES, READS, RESTORES)),
    "blind": (_blind, (HISTORY,)),
    "half": (_half, (HISTORY,)),
    "forbidden": (_forbidden, (LISTING, LISTING_CSV, LISTING_CSV, LISTING_PAGES, STATUSES, RESTORES)),
    "partial": (_spoiled("partial"), (LISTING, LISTING_CSV, LISTING_PAGES)),
    "duplicates": (_spoiled("duplicates"), (LISTING, LISTING_CSV, LISTING_PAGES)),
    "unknown_words": (_spoiled("unknown_words"), (LISTING, LISTING_CSV)),
}
#: Values that are not drawn. `blind`: the history can be read once, for the plan, and not after that. `half`: the plan
#: is made from half of the history. Others: permissions and the content of the device list do not change in a run.
_FIXED: dict[str, Spec] = {
    "blind": {"probability": 1.0, "count": 0, "skip": 1},
    "half": {"probability": 1.0, "count": 2, "skip": 0},
    "forbidden": {"probability": 1.0, "count": 0},
    "partial": {"probability": 1.0, "count": 0},
    "duplicates": {"probability": 1.0, "count": 0},
    "unknown_words": {"probability": 1.0, "count": 0},
}
SLOW_KINDS = ("late",)
#: Kinds whose requests do not reach the simulator's log.
SWALLOWING = frozenset({"refuse"})
#: Asks for an absurd wait. Only for runs that are killed soon.
ABSURD: Spec = {"kind": "status", "status": 429, "retry_after": "9999999", "count": 1}

#: Accepted immediately and answered late. For runs that are killed in between.
UNANSWERED: Spec = {"kind": "delay", "delay": [0.3, 1.0], "commit": True, "count": 20}
#: Delays a submission by more than the settle time, before it is sent again and accepted.
HELD: Spec = {"kind": "status", "status": 429, "retry_after": 4, "count": 1}
#: The service does not show the lines that it has accepted.
HIDDEN: tuple[Spec, ...] = (
    {"kind": "status", "status": 404, "count": 0, **LINES},
    {"kind": "status", "status": 200, "body": [], "count": 0, **LINES},
)


def commits_before_it_answers(specs: Sequence[Spec]) -> bool:
    """Whether no request is accepted after its client has got an answer or has given up."""
    outages = any(spec["kind"] in SWALLOWING for spec in specs)
    writes = [spec for spec in specs if spec["method"] != "GET"]
    late = any("commit_after" in spec or (spec["kind"] == "delay" and not spec.get("commit")) for spec in writes)
    return not outages and not late


def draw_faults(rng: random.Random, names: Sequence[str], timeout: float, settle: float) -> tuple[Spec, ...]:
    """Draw faults with these names, each with a kind of request, a probability and a count.

    Args:
        timeout: the run's `request_timeout`, in seconds.
        settle: its `settle_timeout`, in seconds. Requests that are carried out late must be visible before that.
    """
    specs = []
    for name in names:
        make, places = CATALOGUE[name]
        for _number in range(rng.choice((1, 1, 2))):
            spec = {**make(rng, timeout), **rng.choice(places)}
            write = spec["method"] == "PUT" or spec.get("path") == WRITES["path"]
            if write and spec.get("commit") and name not in ("slow", "drip") and rng.random() < 0.5:
                spec["commit_after"] = [0.05, _COMMITTED_LATE * settle]
            # Most runs have few submissions and many reads.
            spec["probability"] = rng.choice((0.1, 0.3, 0.6, 1.0) if write else (0.05, 0.1, 0.3, 1.0))
            # Faults without an end must be rare, or runs would make no progress.
            spec["count"] = 0 if spec["probability"] <= 0.1 and rng.random() < 0.5 else rng.choice((1, 1, 2, 3, 6))
            spec["skip"] = rng.choice((0, 0, 0, 1) if write else (0, 0, 0, 1, 2, 5))
            specs.append({**spec, **_FIXED.get(name, {})})
    return tuple(specs)


def draw_names(rng: random.Random) -> tuple[str, ...]:
    """Draw the names of a run's faults: mostly a few, sometimes none or many."""
    count = rng.choice((0, 1, 1, 2, 2, 3, 4, 6))
    return tuple(rng.sample(sorted(CATALOGUE), count))


def draw_outages(rng: random.Random) -> tuple[tuple[float, float], ...]:
    """Draw outages: (seconds after the run's start, seconds that the port is closed)."""
    count = rng.choice((0, 0, 0, 0, 0, 0, 1, 2))
    return tuple((rng.uniform(0.2, 3.0), rng.uniform(0.1, 1.2)) for _number in range(count))
