# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a submission: duplicates, stock, the fate of each line, and the transaction that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .bodies import Line, Refused
from .outcomes import ALREADY_ACTIVE, IN_PROGRESS, SUCCESS, decide
from .store import DEVICE_COLUMN, LINE_COLUMNS, StockError

if TYPE_CHECKING:
    from .simulator import Simulator

#: SmartSIMs whose request names no carrier end on one of these [A].
_SMARTSIM_CARRIERS = ("Verizon", "AT&T", "T-Mobile")


def submit(simulator: Simulator, kind: str, lines: list[Line]) -> dict[str, Any]:
    """Store a transaction with these lines; return the reply [I]. Raises ``Refused``, having stored nothing."""
    now = simulator.clock.now()
    if kind == "esim":
        _check_esim_stock(simulator, lines)
    key_column = DEVICE_COLUMN[kind]
    states = {line[key_column]: simulator.store.device_state(kind, line[key_column], now) for line in lines}
    if simulator.settings.duplicates == "refuse":
        _refuse_duplicates(kind, states)
    with simulator.store.change():
        visible_at = now + simulator.settings.history_lag
        seq, transaction_id = simulator.store.add_transaction(kind, now, visible_at, len(lines))
        rows = [_row(simulator, line, line[key_column], states[line[key_column]], seq, now) for line in lines]
        _take_stock(simulator, kind, rows)
        simulator.store.add_lines(rows)
    return {"transactionId": transaction_id, "status": "SUBMITTED", "totalLines": len(rows)}


def _check_esim_stock(simulator: Simulator, lines: list[Line]) -> None:
    carrier = lines[0]["carrier"]
    available = sum(simulator.store.stock(carrier, esim=True).values())
    most = simulator.settings.esim_max
    if len(lines) > most:
        raise Refused(f"{len(lines)} eSIMs requested: a request may ask for at most {most}; {available} are available")
    if len(lines) > available:
        raise Refused(f"{len(lines)} eSIMs requested, but only {available} are available for {carrier}")


def _refuse_duplicates(kind: str, states: dict[str, tuple[int, Optional[str]]]) -> None:
    name = {"sim": "ICCID", "smartsim": "simID", "esim": "IMEI"}[kind]
    problems = [
        f"{name} {key} is already active" if state == "active" else f"{name} {key}: activation in progress"
        for key, (_attempts, state) in states.items()
        if state is not None
    ]
    if problems:
        raise Refused("; ".join(problems[:10]), problems, status=409)


def _row(
    simulator: Simulator, line: Line, key: str, state: tuple[int, Optional[str]], seq: int, now: float
) -> dict[str, Any]:
    attempts, standing = state
    duplicate = None
    if standing is not None and simulator.settings.duplicates == "fail_line":
        duplicate = ALREADY_ACTIVE if standing == "active" else IN_PROGRESS
    if line["carrier"] is None:
        line["carrier"] = _SMARTSIM_CARRIERS[sum(key.encode()) % len(_SMARTSIM_CARRIERS)]
    fate = decide(line, key, attempts + 1, simulator.seed, simulator.settings, simulator.override_for(line), duplicate)
    row = {name: line.get(name) for name in LINE_COLUMNS}
    row.update(
        seq=seq,
        submitted_at=now,
        started_at=now + fate.started,
        done_at=None if fate.done is None else now + fate.done,
        outcome=fate.outcome,
        error=fate.error,
        seeded=0,
    )
    return row


def _take_stock(simulator: Simulator, kind: str, rows: list[dict[str, Any]]) -> None:
    """Let the lines that will succeed use up the stock; eSIMs get their ICCIDs from it."""
    if kind == "smartsim":
        return
    for carrier in {row["carrier"] for row in rows}:
        winners = [row for row in rows if row["carrier"] == carrier and row["outcome"] == SUCCESS]
        if not winners:
            continue
        try:
            iccids = simulator.store.take_stock(carrier, kind == "esim", len(winners))
        except StockError as exc:
            raise Refused(str(exc)) from exc
        for row, iccid in zip(winners, iccids):
            row["iccid"] = iccid
