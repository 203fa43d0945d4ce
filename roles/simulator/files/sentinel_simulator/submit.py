# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a submission: duplicates, stock, the fate of each line, and the transaction that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from .bodies import Line, Refused
from .chances import between, chances
from .faults import as_span
from .outcomes import ALREADY_ACTIVE, IN_PROGRESS, SUCCESS, decide
from .store import DEVICE_COLUMN, LINE_COLUMNS, StockError

if TYPE_CHECKING:
    from .simulator import Simulator

#: SmartSIMs whose request names no carrier end on one of these [A].
_SMARTSIM_CARRIERS = ("Verizon", "AT&T", "T-Mobile")
_DUPLICATE_RULES = ("fail_line", "second_success", "refuse")


def submit(simulator: Simulator, kind: str, lines: list[Line]) -> tuple[int, str]:
    """Store a transaction with these lines; return its row number and id. Raises ``Refused``, having stored nothing."""
    now = simulator.clock.now()
    if kind == "esim":
        _check_esim_stock(simulator, lines)
    key_column = DEVICE_COLUMN[kind]
    store = simulator.store
    states = store.device_states(kind, [line[key_column] for line in lines], now)
    rules = {
        key: _duplicate_rule(simulator, key, attempts)
        for key, (attempts, standing) in states.items()
        if standing is not None
    }
    _refuse_duplicates(kind, {key: states[key][1] for key, rule in rules.items() if rule == "refuse"})
    for line in lines:
        key = line[key_column]
        if line["carrier"] is None:
            line["carrier"] = _SMARTSIM_CARRIERS[sum(key.encode()) % len(_SMARTSIM_CARRIERS)]
        _decide(simulator, line, key, states[key], rules.get(key) == "fail_line", now)
    first = lines[0][key_column]
    lag = between(chances(simulator.seed, "lag", first, states[first][0])[0], as_span(simulator.settings.history_lag))
    with store.change():
        seq, transaction_id = store.add_transaction(kind, now, now + lag, len(lines))
        _take_stock(simulator, kind, lines)
        store.add_lines([(seq, *map(line.get, LINE_COLUMNS)) for line in lines])
    return seq, transaction_id


def _duplicate_rule(simulator: Simulator, key: str, attempts: int) -> str:
    """Return what the service does about this duplicate."""
    rule = simulator.settings.duplicates
    if rule != "random":
        return rule
    return _DUPLICATE_RULES[int(chances(simulator.seed, "duplicate", key, attempts)[0] * len(_DUPLICATE_RULES))]


def _check_esim_stock(simulator: Simulator, lines: list[Line]) -> None:
    carrier = lines[0]["carrier"]
    available = sum(simulator.store.stock(carrier, esim=True).values())
    most = simulator.settings.esim_max
    if len(lines) > most:
        raise Refused(f"{len(lines)} eSIMs requested: a request may ask for at most {most}; {available} are available")
    if len(lines) > available:
        raise Refused(f"{len(lines)} eSIMs requested, but only {available} are available for {carrier}")


def _refuse_duplicates(kind: str, states: dict[str, Optional[str]]) -> None:
    name = {"sim": "ICCID", "smartsim": "simID", "esim": "IMEI"}[kind]
    problems = [
        f"{name} {key} is already active" if state == "active" else f"{name} {key}: activation in progress"
        for key, state in states.items()
    ]
    if problems:
        raise Refused("; ".join(problems[:10]), problems, status=409)


def _decide(
    simulator: Simulator, line: Line, key: str, state: tuple[int, Optional[str]], fails: bool, now: float
) -> None:
    """Complete a line with its fate. ``fails``: it fails as a duplicate."""
    attempts, standing = state
    duplicate = None
    if fails:
        duplicate = ALREADY_ACTIVE if standing == "active" else IN_PROGRESS
    override = simulator.override_for(line) if simulator.overrides else None
    fate = decide(line, key, attempts + 1, simulator.seed, simulator.settings, override, duplicate)
    line["submitted_at"] = now
    line["started_at"] = now + fate.started
    line["done_at"] = None if fate.done is None else now + fate.done
    line["outcome"] = fate.outcome
    line["error"] = fate.error
    line["seeded"] = 0


def _take_stock(simulator: Simulator, kind: str, lines: list[Line]) -> None:
    """Let the lines that will succeed use up the stock; eSIMs get their ICCIDs from it."""
    if kind == "smartsim":
        return
    for carrier in {line["carrier"] for line in lines}:
        winners = [line for line in lines if line["carrier"] == carrier and line["outcome"] == SUCCESS]
        if not winners:
            continue
        try:
            iccids = simulator.store.take_stock(carrier, kind == "esim", len(winners))
        except StockError as exc:
            raise Refused(str(exc)) from exc
        for line, iccid in zip(winners, iccids):
            line["iccid"] = iccid
