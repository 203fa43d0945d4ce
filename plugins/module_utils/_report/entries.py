# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices and transactions as entries of a result, and how many of them fit into it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from .._decide.outcomes import DeviceOutcome, Outcome
from .._text import printable
from .._wire import Record

#: Outcomes that need attention.
ATTENTION = tuple(outcome for outcome in Outcome if outcome.needs_attention)
#: Order of entries by outcome: those that need attention come first.
RANK: dict[str, int] = {outcome: rank for rank, outcome in enumerate(Outcome)}
#: Maximum number of characters per part of a result. Automation controllers empty a result of more than 700,000
#: characters, and show the task as unchanged.
SHARES = {"devices": 350_000, "transactions": 60_000, "diff": 60_000}
#: Maximum number of characters of a reason.
_LONGEST_REASON = 300


def entry_of(outcome: DeviceOutcome) -> dict[str, Any]:
    """Return a device and its outcome as an entry of `devices` in a result and in the result file."""
    device, line, listed = outcome.device, outcome.line, outcome.entry
    seen: list[Record] = [record for record in (line, listed) if record is not None]
    names = device.identity.identifiers + device.identity.assigned
    entry: dict[str, Any] = {"kind": device.identity.kind}
    entry.update((name, getattr(device, name) or _first(seen, name)) for name in names)
    entry.update(
        nickname=device.nickname or _first(seen, "nickname"),
        carrier=device.carrier,
        device_group=device.device_group,
        outcome=outcome.outcome.value,
        transaction_id=outcome.transaction_id,
        line_status=_shown(line.status) if line else None,
        device_status=_shown(listed.status) if listed else None,
        reason=shown_reason(outcome.reason, " …") if outcome.reason is not None else None,
        mdn=_first(seen, "mdn"),
        ip=_first(seen, "ip"),
        seconds=outcome.seconds,
    )
    return entry


def fields_of(outcomes: Iterable[DeviceOutcome]) -> list[str]:
    """Return the names of the fields that `entry_of` returns, for devices of several kinds."""
    identities = dict.fromkeys(outcome.device.identity for outcome in outcomes)
    names = dict.fromkeys(name for each in identities for name in (*each.identifiers, *each.assigned))
    return [
        *("kind", *names, "nickname", "carrier", "device_group", "outcome"),
        *("transaction_id", "line_status", "device_status", "reason", "mdn", "ip", "seconds"),
    ]


def _first(seen: Iterable[Record], field: str) -> str | None:
    """Return the first value of a field among the records of a device."""
    return _shown(next(filter(None, (getattr(record, field) for record in seen)), None))


def _shown(text: str | None) -> str | None:
    return None if text is None else printable(text)


def shown_reason(text: str | None, more: str = "") -> str:
    """Return a reason as safe text; `more` replaces the part that is cut off."""
    reason = printable(text or "")
    return reason if len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON] + more


def title(device: Mapping[str, Any]) -> str:
    """Return the short name of a device of a file or a result: its nickname and identifiers."""
    named = [field for field in ("iccid", "sim_id", "imei", "eid") if device.get(field)]
    names = [f"{field} {device[field]}" for field in named or ["mdn"]]
    nickname = device.get("nickname")
    return f"{nickname} ({', '.join(names)})" if nickname else ", ".join(names)


def transactions_of(outcomes: Iterable[DeviceOutcome], having: Sequence[DeviceOutcome]) -> list[dict[str, Any]]:
    """Return the transactions that were submitted, adopted or waited for, with counts of declared devices by state.

    Args:
        outcomes: of all declared devices.
        having: those whose transactions are returned.
    """
    wanted = {entry.transaction_id for entry in having}
    counts: dict[str, Counter[str]] = {}
    for entry in outcomes:
        if entry.transaction_id in wanted and entry.transaction_id and entry.outcome.transaction_state:
            counts.setdefault(entry.transaction_id, Counter())[entry.outcome.transaction_state] += 1
    return [
        {
            "transaction_id": transaction_id,
            "status": next((state for state in ("pending", "unknown") if count[state]), "ended"),
            **{state: count[state] for state in ("success", "failed", "pending")},
        }
        for transaction_id, count in counts.items()
    ]


def within(entries: Iterable[dict[str, Any]], share: int, limit: int) -> list[dict[str, Any]]:
    """Return the first entries: at most `limit`, and at most `share` characters in all. Consumes no more than that."""
    fitting: list[dict[str, Any]] = []
    for entry in islice(entries, limit):
        share -= len(json.dumps(entry)) + 2
        if share < 0:
            break
        fitting.append(entry)
    return fitting
