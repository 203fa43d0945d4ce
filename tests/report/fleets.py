# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Realistic fleets for reports, the same each time."""

from __future__ import annotations

import random
from typing import Any

CARRIERS = (("AT&T", 46), ("Verizon", 30), ("T-Mobile", 20), ("FirstNet", 4))
GROUPS = ("Transportation", "Students K-8", "Students 9-12", "Libraries", "Fleet North", "Fleet South", "Kiosks")
OUTCOMES = (
    ("activated", 780),
    ("already_active", 170),
    ("failed", 14),
    ("pending", 20),
    ("conflict", 8),
    ("unknown", 3),
    ("skipped", 5),
)
FAILURES = (
    ("the carrier refused the line: SIM is not provisioned for this account", 6),
    ("the carrier refused the line: IMEI is not certified", 3),
    ("service_zip_code 99999 is not covered", 1),
)
REASONS = {
    "pending": "still in progress when the wait ended",
    "unknown": "the answer to its submission was lost, and it is not in the history",
    "skipped": "active with another ICCID, and on_conflict is skip",
}


#: The result of a task that activates such a fleet.
RESULT: dict[str, Any] = {
    "account": {"corp_id": "NORTHSTAR-ISD", "api_url": "https://sentinel.example/api", "simulator": False},
    "source": "fleet.csv",
    "plan": {"digest": "5c1f9a2b" * 8},
    "started_at": "2026-01-31T11:58:12Z",
    "elapsed": 108.3,
}


def _drawn(chance: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return chance.choices([value for value, dummy in weighted], [weight for dummy, weight in weighted])[0]


def fleet(size: int, seed: int = 7, groups: int = 0) -> list[dict[str, Any]]:
    """Outcomes of `size` devices. `groups`: number of additional device groups."""
    chance = random.Random(seed)
    names = GROUPS + tuple(f"School {number:03}" for number in range(1, groups + 1))
    devices: list[dict[str, Any]] = []
    for number in range(size):
        # A small fleet also has each outcome.
        outcome = OUTCOMES[number][0] if number < len(OUTCOMES) else _drawn(chance, OUTCOMES)
        ended = outcome in ("activated", "failed")
        iccid = f"890141032111{number:08}"
        reason = REASONS.get(outcome)
        if outcome == "failed":
            reason = _drawn(chance, FAILURES)
        elif outcome == "conflict":
            reason = f"IMEI is active with ICCID 89014103211200{number:06}"
        has_line = outcome in ("activated", "already_active")
        devices.append(
            {
                "imei": f"35573736{number:07}",
                "iccid": iccid,
                "nickname": f"Bus {number}" if number % 3 == 0 else None,
                "carrier": _drawn(chance, CARRIERS),
                "device_group": chance.choice(names),
                "outcome": outcome,
                "transaction_id": f"TX-{40000 + number // 50}" if ended or outcome == "pending" else None,
                "line_status": {"activated": "Success", "failed": "Failed", "pending": "In Progress"}.get(outcome),
                "reason": reason,
                "mdn": f"617555{number:04}"[:10] if has_line else None,
                "ip": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}" if has_line else None,
                "seconds": round(chance.lognormvariate(3.6, 0.45), 1) if ended else None,
            }
        )
    return devices


def mixed_fleet(size: int) -> list[dict[str, Any]]:
    """Devices of all kinds and with every outcome, for the maximum number of columns."""
    devices = fleet(size)
    for number, device in enumerate(devices):
        device["kind"] = ("sim", "smartsim", "esim")[number % 3]
        if device["kind"] == "smartsim":
            device["sim_id"] = device.pop("iccid")
        if device["kind"] == "esim":
            device["eid"] = "89049032123451234512345678901235"
    more = ("would_activate", "would_restore", "restored", "suspended", "deactivated")
    return [*devices, *({"imei": f"3557373600734{number}", "outcome": outcome} for number, outcome in enumerate(more))]
