# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for transactions that were submitted earlier or elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from .._carry_out.watch import Watcher
from .._carry_out.watched import Patience, Watched
from .._decide.outcomes import Outcome, outcome_of
from .._errors import InputError
from .._options import ActivationOptions, ConnectionOptions
from .._report.result import ATTENTION, RANK, SHARES, summary_of, within
from .._service.api import SentinelAPI
from .._text import printable
from .._transport.session import Session
from .._wire import ACTIVE, FAILED, PENDING, Line, StatusWords

_LISTED = 1000
_NAMED = 20


def wait_for(params: Mapping[str, Any], check: bool, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Wait for the transactions of `transaction_ids`; return the module's result.

    Args:
        params: the module's parameters.
        check: look once, and do not wait.
        on_secret: receives each token.

    The result has `failed` if a device failed, a transaction is unknown, or one is pending after the wait. Raises
    InputError for invalid options.
    """
    started = time.monotonic()
    names = list(dict.fromkeys(name.strip() for name in params["transaction_ids"]))
    if not all(names):
        raise InputError(["transaction_ids: contains an empty id"])
    options = ConnectionOptions.read(params.get)
    ActivationOptions.read(params)  # raises for a number that is out of range
    with closing(Session(options, on_secret)) as session:
        api = SentinelAPI(session)
        words = session.reader.words
        watched = [Watched(name, expected=1) for name in names]
        # The first look finds transactions that have ended; only the rest is waited for.
        Watcher(api, words, replace(_patience(params, 0.0), grace=params["settle_timeout"])).watch(watched)
        if not check:
            Watcher(api, words, _patience(params, params["wait_timeout"])).watch(watched)
        requests = session.statistics()
    result = _result(watched, words, waited=not check)
    return {**result, "requests": requests, "elapsed": round(time.monotonic() - started, 3)}


def _patience(params: Mapping[str, Any], timeout: float) -> Patience:
    settle = params["settle_timeout"]
    return Patience(timeout, settle, params["poll_interval"], params["poll_max_interval"])


def _result(watched: Sequence[Watched], words: StatusWords, waited: bool) -> dict[str, Any]:
    entries = sorted(_entries(watched, words), key=lambda entry: RANK[entry["outcome"]])
    counts = Counter(entry["outcome"] for entry in entries)
    devices = within(entries, SHARES["devices"], _LISTED)
    transactions = within(_transactions(watched, words), SHARES["transactions"], _LISTED)
    result: dict[str, Any] = {
        "changed": False,
        "summary": summary_of(counts),
        "devices": devices,
        "devices_omitted": len(entries) - len(devices),
        "transactions": transactions,
        "transactions_omitted": len(watched) - len(transactions),
    }
    summary = ", ".join(f"{count} {outcome}" for outcome, count in result["summary"].items())
    lines = [f"{len(watched)} {'transaction' if len(watched) == 1 else 'transactions'}: {summary}"]
    failing = [outcome for outcome in ATTENTION if waited or outcome != Outcome.PENDING]
    bad = [entry for entry in entries if entry["outcome"] in failing]
    lines += [f"{_name(entry)}: {entry['outcome']}: {entry['reason']}" for entry in bad[:_NAMED]]
    if len(bad) > _NAMED:
        lines.append(f"and {len(bad) - _NAMED} more")
    if waited and counts[Outcome.PENDING]:
        lines.append("Run again to keep waiting for pending devices.")
    return {**result, "msg": "\n".join(lines), **({"failed": True} if bad else {})}


def _entries(watched: Sequence[Watched], words: StatusWords) -> Iterator[dict[str, Any]]:
    """Yield an entry for each line, and one for each transaction without known lines."""
    for item in watched:
        for line in item.lines:
            outcome = outcome_of(words.state(line.status))
            reason = None if outcome == Outcome.ACTIVATED else line.reason or f"the service reports: {line.status}"
            yield _entry(item, line, outcome, reason)
        if not item.lines:
            outcome = Outcome.UNKNOWN if item.ended else Outcome.PENDING
            yield _entry(item, Line(), outcome, item.problem or "the transaction shows no lines")


def _entry(item: Watched, line: Line, outcome: Outcome, reason: str | None) -> dict[str, Any]:
    fields = ("imei", "iccid", "sim_id", "eid", "carrier", "device_group", "mdn", "ip")
    entry = {name: getattr(line, name) for name in fields}
    reason = None if reason is None else printable(reason)
    state = {"outcome": outcome.value, "line_status": line.status, "reason": reason}
    return {"transaction_id": item.transaction_id, **entry, **state}


def _transactions(watched: Sequence[Watched], words: StatusWords) -> Iterator[dict[str, Any]]:
    for item in watched:
        states = Counter(words.state(line.status) for line in item.lines)
        running = states[PENDING] > 0 or not item.ended
        yield {
            "transaction_id": item.transaction_id,
            "status": "pending" if running else "ended",
            "success": states[ACTIVE],
            "failed": states[FAILED],
            "pending": states[PENDING],
        }


def _name(entry: Mapping[str, Any]) -> str:
    """Return the short name of a line: its transaction and its identifiers."""
    identifiers = " ".join(f"{name} {entry[name]}" for name in ("imei", "iccid", "sim_id", "eid") if entry[name])
    return f"{entry['transaction_id']} ({identifiers})" if identifiers else str(entry["transaction_id"])
