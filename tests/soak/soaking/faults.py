# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may go wrong in a run: each fault as the simulator's control surface takes it, drawn by the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

Spec = dict[str, Any]
Maker = Callable[[random.Random, float], Spec]

#: Where faults strike.
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

#: How much later than a submission came it may be carried out, as a share of the settle time.
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
    """A fault that spoils the answer, of a request that was carried out or was not."""

    def make(rng: random.Random, _timeout: float) -> Spec:
        return {"kind": kind, "commit": rng.random() < 0.6}

    return make


def _drip(_rng: random.Random, _timeout: float) -> Spec:
    # Such an answer is whole in the end: without the commit it would be a lie, which nobody could tell from the truth.
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
    """A fault that spoils the device list: the same rows each time that it is read."""

    def make(rng: random.Random, _timeout: float) -> Spec:
        spec: Spec = {"kind": kind, "share": rng.choice((0.1, 0.5, 0.9)), "total": rng.choice(("true", "rows", "more"))}
        return spec if kind != "partial" or rng.random() < 0.8 else {**spec, "share": 0.0}

    return make


def _refused(rng: random.Random, _timeout: float) -> Spec:
    return {"kind": "refuse", "duration": [0.1, 1.0], "commit": rng.random() < 0.5}


#: Name → what makes it, and where it may strike, as often as it stands there. `late` needs a short `request_timeout`.
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
#: What is not left to chance: a plan is made from the history, and then it cannot be read any more; or it is made from
#: half of it; what the account may not do, or its list does not show, stays so for a while.
_FIXED: dict[str, Spec] = {
    "blind": {"probability": 1.0, "count": 0, "skip": 1},
    "half": {"probability": 1.0, "count": 2, "skip": 0},
    "forbidden": {"probability": 1.0, "count": 0},
    "partial": {"probability": 1.0, "count": 0},
    "duplicates": {"probability": 1.0, "count": 0},
    "unknown_words": {"probability": 1.0, "count": 0},
}
SLOW_KINDS = ("late",)
#: Kinds that keep requests from the simulator's log.
SWALLOWING = frozenset({"refuse"})
#: What asks for a wait that nobody can mean: only for runs that are killed before long.
ABSURD: Spec = {"kind": "status", "status": 429, "retry_after": "9999999", "count": 1}

#: Taken at once and answered late: for runs that are killed in between.
UNANSWERED: Spec = {"kind": "delay", "delay": [0.3, 1.0], "commit": True, "count": 20}
#: What holds a submission back for longer than the settle time before it is sent again, and taken.
HELD: Spec = {"kind": "status", "status": 429, "retry_after": 4, "count": 1}
#: The service shows nothing of what it has taken.
HIDDEN: tuple[Spec, ...] = (
    {"kind": "status", "status": 404, "count": 0, **LINES},
    {"kind": "status", "status": 200, "body": [], "count": 0, **LINES},
)


def commits_before_it_answers(specs: Sequence[Spec]) -> bool:
    """Whether nothing that a fault strikes is taken later than its client hears of it, or gives up."""
    outages = any(spec["kind"] in SWALLOWING for spec in specs)
    writes = [spec for spec in specs if spec["method"] != "GET"]
    late = any("commit_after" in spec or (spec["kind"] == "delay" and not spec.get("commit")) for spec in writes)
    return not outages and not late


def draw_faults(rng: random.Random, names: Sequence[str], timeout: float, settle: float) -> tuple[Spec, ...]:
    """Some faults with these names, each with a place, a probability and a count.

    Args:
        timeout: the run's `request_timeout`, in seconds.
        settle: its `settle_timeout`: what was carried out late must show up before that.
    """
    specs = []
    for name in names:
        make, places = CATALOGUE[name]
        for _number in range(rng.choice((1, 1, 2))):
            spec = {**make(rng, timeout), **rng.choice(places)}
            write = spec["method"] == "PUT" or spec.get("path") == WRITES["path"]
            if write and spec.get("commit") and name not in ("slow", "drip") and rng.random() < 0.5:
                spec["commit_after"] = [0.05, _COMMITTED_LATE * settle]
            # Most runs have few submissions and many requests that read.
            spec["probability"] = rng.choice((0.1, 0.3, 0.6, 1.0) if write else (0.05, 0.1, 0.3, 1.0))
            # One that never ends must be rare, for runs to get anywhere.
            spec["count"] = 0 if spec["probability"] <= 0.1 and rng.random() < 0.5 else rng.choice((1, 1, 2, 3, 6))
            spec["skip"] = rng.choice((0, 0, 0, 1) if write else (0, 0, 0, 1, 2, 5))
            specs.append({**spec, **_FIXED.get(name, {})})
    return tuple(specs)


def draw_names(rng: random.Random) -> tuple[str, ...]:
    """The kinds of faults of a run: none at times, mostly a few, at times many."""
    count = rng.choice((0, 1, 1, 2, 2, 3, 4, 6))
    return tuple(rng.sample(sorted(CATALOGUE), count))


def draw_outages(rng: random.Random) -> tuple[tuple[float, float], ...]:
    """Times at which the port is closed: seconds after the run's start, and for how long."""
    count = rng.choice((0, 0, 0, 0, 0, 0, 1, 2))
    return tuple((rng.uniform(0.2, 3.0), rng.uniform(0.1, 1.2)) for _number in range(count))
