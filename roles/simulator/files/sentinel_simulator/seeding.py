# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history at the start, and further history on demand."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from . import fixtures
from .account import DEFAULT_ICCID_PREFIX, FILTER_GROUPS, ICCID_PREFIXES
from .clock import DAY
from .fixtures import DEVICE_GROUPS, SeededDevice
from .identifiers import make_iccid, make_imei
from .outcomes import FAIL, NEVER, REASONS, SUCCESS
from .profiles import Settings
from .states import DEACTIVATED, SUSPENDED
from .store import LINE_COLUMNS, Row, Store

_CARRIERS = ("Verizon", "AT&T", "T-Mobile")
_TACS = ("35573736", "35161208", "86723405", "35290611")
#: First serial numbers of generated devices: seeded ones, those of ``generate``, and other users' devices.
_SEEDED_SERIAL = 6_000_000_000_000
_GENERATED_SERIAL = 7_000_000_000_000
_STRANGER_SERIAL = 8_000_000_000_000
_GENERATED_TAC = 86_100_000
_LATENCY = 240.0


def history_line(seq: int, submitted_at: float, **known: Any) -> Row:
    """Return a row of the history: activated a few minutes after its submission, unless ``known`` differs."""
    line: dict[str, Any] = {
        "kind": "sim",
        "imei": None,
        "iccid": None,
        "sim_id": None,
        "eid": None,
        "carrier": "Verizon",
        "device_group": DEVICE_GROUPS[0],
        "filter_group": FILTER_GROUPS[0],
        "zip_code": "30301",
        "nickname": None,
        "submitted_at": submitted_at,
        "started_at": submitted_at + _LATENCY / 4,
        "done_at": submitted_at + _LATENCY,
        "outcome": SUCCESS,
        "error": None,
        "seeded": 1,
    }
    line.update(known)
    return (seq, *map(line.get, LINE_COLUMNS))


def seed_history(store: Store, now: float, seed: int, settings: Settings) -> None:
    """Store the seeded history: the fixed devices, a few dozen recent lines, and some older than 180 days."""
    if not settings.seeded_history:
        return
    rng = random.Random(f"{seed}/history")
    plans = [(rng.uniform(185, 900), rng.choice((1, 1, 2, 3))) for _count in range(8)]
    plans += [(rng.uniform(1, 178), rng.choice((1, 1, 1, 2, 4))) for _count in range(24)]
    todo: list[tuple[float, Optional[SeededDevice], int]] = [(days, None, size) for days, size in plans]
    fixed = (fixtures.ACTIVE, fixtures.PENDING, fixtures.OLD_ACTIVE, fixtures.FAILED, fixtures.ESIM_ACTIVE)
    todo += [(device.days_ago, device, 1) for device in (*fixed, fixtures.SMARTSIM_ACTIVE)]
    if settings.inactive_fixtures:
        todo += [(device.days_ago, device, 1) for device in (fixtures.SUSPENDED, fixtures.DEACTIVATED)]
    serial = 0
    # Oldest first, so that transaction ids increase within a day.
    for days, device, size in sorted(todo, key=lambda entry: -entry[0]):
        submitted_at = now - days * DAY
        if device is not None:
            _seed_device(store, device, submitted_at, now + settings.pending_fixture)
            continue
        seq, _id = store.add_transaction("sim", submitted_at, submitted_at, size)
        store.add_lines([_made_up(seq, submitted_at, serial + number, rng) for number in range(size)])
        serial += size
    _seed_statuses(store, now, seed)


def _seed_statuses(store: Store, now: float, seed: int) -> None:
    """Suspend and deactivate some of the generated devices; the fixed ones keep their states."""
    named = {fixtures.SUSPENDED.iccid: SUSPENDED, fixtures.DEACTIVATED.iccid: DEACTIVATED}
    rng = random.Random(f"{seed}/statuses")
    made_up = []
    for line, iccid, serial in store.rows(
        "SELECT id, iccid, substr(iccid, 7, 13) FROM lines WHERE outcome = 'success' AND done_at <= :now ORDER BY id",
        {"now": now},
    ):
        if iccid in named:
            store.set_device_status([line], named[iccid], "Seeded")
        elif serial and int(serial) // _SEEDED_SERIAL == 1:
            made_up.append(line)
    chosen = rng.sample(made_up, 5)
    store.set_device_status(chosen[:3], SUSPENDED, "Summer")
    store.set_device_status(chosen[3:], DEACTIVATED, "Lost")


def _seed_device(store: Store, device: SeededDevice, submitted_at: float, pending_until: float) -> None:
    kind = "smartsim" if device.sim_id else "esim" if device.eid else "sim"
    known: dict[str, Any] = {
        "kind": kind,
        "imei": device.imei,
        "iccid": device.iccid,
        "sim_id": device.sim_id,
        "eid": device.eid,
        "carrier": device.carrier,
    }
    if device is fixtures.PENDING:
        known.update(started_at=submitted_at, done_at=pending_until)
    if device is fixtures.FAILED:
        known.update(outcome=FAIL, error=REASONS["901"])
    seq, _id = store.add_transaction(kind, submitted_at, submitted_at, 1)
    store.add_lines([history_line(seq, submitted_at, **known)])


def _made_up(seq: int, submitted_at: float, serial: int, rng: random.Random) -> Row:
    carrier = rng.choice(_CARRIERS)
    # One in eight failed, for a random carrier reason.
    error = REASONS[rng.choice(sorted(REASONS))] if rng.random() < 0.125 else None
    prefix = ICCID_PREFIXES.get(carrier, DEFAULT_ICCID_PREFIX)
    latency = rng.uniform(30, 900)
    return history_line(
        seq,
        submitted_at,
        imei=make_imei(rng.choice(_TACS), 900_000 + serial),
        iccid=make_iccid(prefix, _SEEDED_SERIAL + serial * 17),
        carrier=carrier,
        device_group=rng.choice(DEVICE_GROUPS),
        filter_group=rng.choice(FILTER_GROUPS),
        zip_code=f"303{rng.randrange(1, 60):02d}",
        nickname=f"Bus {serial + 1}" if rng.random() < 0.4 else None,
        done_at=submitted_at + latency,
        outcome=SUCCESS if error is None else FAIL,
        error=error,
    )


def insert_history(store: Store, now: float, items: Iterable[dict[str, Any]]) -> int:
    """Store history lines; return their number. Lines with the same ``transaction_id`` form one transaction."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for number, item in enumerate(items):
        groups.setdefault(item.get("transaction_id") or number, []).append(item)
    count = 0
    for group in groups.values():
        submitted_at = now - max(item["days_ago"] for item in group) * DAY
        kinds = {item["kind"] for item in group}
        kind = kinds.pop() if len(kinds) == 1 else "sim"
        seq, _id = store.add_transaction(kind, submitted_at, submitted_at, len(group), group[0].get("transaction_id"))
        store.add_lines([_inserted(seq, submitted_at, now, item) for item in group])
        for number, item in zip(store.line_numbers(seq), group):
            if item["status"] in (SUSPENDED, DEACTIVATED):
                store.set_device_status([number], item["status"], item.get("error"))
        count += len(group)
    return count


def _inserted(seq: int, submitted_at: float, now: float, item: dict[str, Any]) -> Row:
    fields = (
        "kind",
        "imei",
        "iccid",
        "sim_id",
        "eid",
        "carrier",
        "device_group",
        "filter_group",
        "zip_code",
        "nickname",
    )
    known = {name: item[name] for name in fields}
    status, finishes_in = item["status"], item.get("finishes_in")
    if status == "pending":
        known.update(started_at=submitted_at, done_at=None if finishes_in is None else now + finishes_in)
        known["outcome"] = NEVER if finishes_in is None else SUCCESS
    else:
        # The line has ended, even if it was submitted a moment ago.
        known.update(started_at=submitted_at, done_at=min(now, submitted_at + _LATENCY))
        known["outcome"] = FAIL if status == "failed" else SUCCESS
    if status == "failed":
        known["error"] = item.get("error") or REASONS["901"]
    return history_line(seq, submitted_at, **known)


def generate_history(store: Store, now: float, count: int, days: float, per_transaction: int, seed: int) -> int:
    """Store ``count`` generated active lines, spread evenly over the last ``days``; return their number."""
    start = int(store.meta("generated"))
    rng = random.Random(f"{seed}/generate/{start}")
    store.set_meta("generated", start + count)
    wanted = [
        (now - _LATENCY - days * DAY * (1 - first / count), min(per_transaction, count - first))
        for first in range(0, count, per_transaction)
    ]
    store.add_lines(_generated(store.add_transactions("sim", wanted), wanted, start, rng))
    return count


def _generated(seqs: range, wanted: list[tuple[float, int]], serial: int, rng: random.Random) -> Iterator[Row]:
    """Yield the rows of transactions, in the order of ``LINE_COLUMNS``. Fast enough for a million rows."""
    chance, groups = rng.random, len(DEVICE_GROUPS)
    places = [("Verizon", group, FILTER_GROUPS[0], "30301", None) for group in DEVICE_GROUPS]
    for seq, (submitted_at, total) in zip(seqs, wanted):
        times = (submitted_at, submitted_at + _LATENCY / 4, submitted_at + _LATENCY, SUCCESS, None, 1)
        for number in range(serial, serial + total):
            millions, rest = divmod(number, 1_000_000)
            imei = make_imei(str(_GENERATED_TAC + millions), rest)
            iccid = make_iccid(DEFAULT_ICCID_PREFIX, _GENERATED_SERIAL + number)
            yield (seq, "sim", imei, iccid, None, None, *places[int(chance() * groups)], *times)
        serial += total


def add_stranger(store: Store, now: float, latency: float, rng: random.Random) -> None:
    """Store another user's transaction. Like all generated history, it does not count as an activation."""
    serial = int(store.meta("strangers"))
    with store.change():
        store.set_meta("strangers", serial + 1)
        seq, _id = store.add_transaction("sim", now, now, 1)
        line = history_line(
            seq,
            now,
            imei=make_imei(_TACS[0], 800_000 + serial % 100_000),
            iccid=make_iccid(DEFAULT_ICCID_PREFIX, _STRANGER_SERIAL + serial),
            device_group=rng.choice(DEVICE_GROUPS),
            started_at=now + latency / 4,
            done_at=now + latency,
        )
        store.add_lines([line])
