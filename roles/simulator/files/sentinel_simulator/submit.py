# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accept a submission: duplicates, stock, the outcome of each line, and their transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from .bodies import Line, Refused
from .chances import between, chances
from .faults import as_span
from .outcomes import ALREADY_ACTIVE, IN_PROGRESS, SUCCESS, decide
from .store import DEVICE_COLUMN, LINE_COLUMNS, StockError

if TYPE_CHECKING:
    from .simulator import Simulator

#: Carriers of SmartSIMs whose request has no carrier [A].
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
        for key, (attempts, current) in states.items()
        if current is not None
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
    """Return the rule for this duplicate."""
    rule = simulator.settings.duplicates
    if rule != "random":
        return rule
    return _DUPLICATE_RULES[int(chances(simulator.seed, "duplicate", key, attempts)[0] * len(_DUPLICATE_RULES))]


def _check_esim_stock(simulator: Simulator, lines: list[Line]) -> None:
    carrier = lines[0]["carrier"]
    available = sum(simulator.store.stock(carrier, esim=True).values())
    most = simulator.settings.esim_max
    if len(lines) > most:
        raise Refused(f"A request can have at most {most} eSIMs; this one has {len(lines)}; {available} are available")
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
    """Add the outcome to a line. ``fails``: it fails as a duplicate."""
    attempts, current = state
    duplicate = None
    if fails:
        duplicate = ALREADY_ACTIVE if current == "active" else IN_PROGRESS
    override = simulator.override_for(line) if simulator.overrides else None
    result = decide(line, key, attempts + 1, simulator.seed, simulator.settings, override, duplicate)
    line["submitted_at"] = now
    line["started_at"] = now + result.started
    line["done_at"] = None if result.done is None else now + result.done
    line["outcome"] = result.outcome
    line["error"] = result.error
    line["seeded"] = 0


def _take_stock(simulator: Simulator, kind: str, lines: list[Line]) -> None:
    """Take stock for the lines that will succeed. eSIMs get their ICCIDs from it."""
    if kind == "smartsim":
        return
    for carrier in {line["carrier"] for line in lines}:
        successful = [line for line in lines if line["carrier"] == carrier and line["outcome"] == SUCCESS]
        if not successful:
            continue
        try:
            iccids = simulator.store.take_stock(carrier, kind == "esim", len(successful))
        except StockError as exc:
            raise Refused(str(exc)) from exc
        for line, iccid in zip(successful, iccids):
            line["iccid"] = iccid
