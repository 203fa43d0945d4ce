# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dialects drawn by a seed are valid, always the same, and have the content of the default answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import reading
from sentinel_simulator import dialect_words
from sentinel_simulator.dialect import Dialect
from sentinel_simulator.dialect_draw import draw
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2, Service, batch, imei, pair, smartsim

IDENTIFIERS = ("imei", "iccid", "sim_id", "eid")
LOGIN = {"username": "fleet@northstar.example", "password": "simulator-password"}


def test_every_seed_draws_a_valid_dialect() -> None:
    drawn = []
    for seed in range(500):
        dialect = draw(seed)
        assert draw(seed) == dialect
        Dialect.model_validate(json.loads(json.dumps(dialect)))
        for name in ("history_csv", "transaction_csv"):
            headings = list(dialect[name]["headings"].values())
            assert len({heading.lower() for heading in headings}) == len(headings)
        drawn.append(json.dumps(dialect))
    assert len(set(drawn)) == 500


def test_seeds_draw_every_name_and_word() -> None:
    dialects = [draw(seed) for seed in range(300)]
    forms = [dialect["history_csv"] for dialect in dialects]
    assert {form["delimiter"] for form in forms} == {",", ";", "\t", "|"}
    assert {(form["charset"], form["bom"]) for form in forms} >= {
        ("utf-8", True),
        ("utf-16", True),
        ("utf-16-le", False),
    }
    assert {dialect["time_format"] for dialect in dialects} == {"american", "iso", "iso_blank", "epoch_ms"}
    assert {dialect["reply"]["bare"] for dialect in dialects} == {True, False}
    assert {len(dialect["transactions_v1"]["list"]) for dialect in dialects} >= {0, 1, 2}
    for state, words in dialect_words.LINE_WORDS.items():
        assert {word for dialect in dialects for word in dialect["status_words"]["line"][state]} == set(words)


def submit(service: Service, dialect: dict[str, Any]) -> list[str]:
    """Submit lines of each kind; return the ids of the replies."""
    bodies = [
        (TRANSACTION, batch(pair(1, nickname="Bus; 1, | red"), pair(2, "904"), pair(3, "908"))),
        (ESIM, batch({"imei": imei(4), "eid": "89049032123451234512345678901235"})),
        (SMARTSIM, {"activationLines": [smartsim("891039000000150004")]}),
    ]
    replies = [service.post(path, body) for path, body in bodies]
    part = dialect["reply"]
    return [str(reply if part["bare"] else reading.at(reply, part["transaction_id"])) for reply in replies]


@pytest.mark.parametrize("seed", range(25))
def test_a_drawn_dialect_has_the_same_content_as_the_default_answers(service: Service, seed: int) -> None:
    usual = {
        (row["IMEI"], row["ICCID"], row["SIM ID"]): row["Line Status"]
        for row in service.table(V2 + "?export=CSV&sortDir=ASC")
    }
    service.settings(dialect=f"random:{seed}")
    dialect = draw(seed)
    token = service.post("/v1.0/auth/token", LOGIN, token=None)
    assert service.get(V1, token=reading.at(token, dialect["token"]["token"]))
    assert reading.at(token, dialect["token"]["corp_id"]) == "NORTHSTAR-ISD"

    words = {word: state for state, known in dialect["status_words"]["line"].items() for word in known}
    for row in reading.rows(dialect["history_csv"], service.call("GET", V2 + "?export=CSV&sortDir=ASC")):
        key = tuple("N/A" if row[name] == "N/A" else reading.digits(row[name]) for name in IDENTIFIERS[:3])
        states = {"COMPLETED": "active", "FAILED": "failed", "IN PROGRESS": "pending", "SUBMITTED": "pending"}
        status = usual.pop(key)
        assert status is not None
        assert words[row["status"]] == states[status]
    assert not usual

    ids = submit(service, dialect)
    page = reading.items(dialect["transactions_v1"], service.get(V1, params={"limit": 3}))
    assert [str(item["transaction_id"]) for item in page] == ids[::-1]
    first = page[-1]
    assert (first["total"], first["success"], first["failed"], first["pending"]) == (3, 1, 1, 1)
    good, bad, running = reading.items(dialect["lines"], service.get(f"{V1}/{ids[0]}"))
    assert [words[line["status"]] for line in (good, bad, running)] == ["active", "failed", "pending"]
    assert reading.digits(good["iccid"]) == pair(1)["iccid"]
    rows = reading.rows(dialect["transaction_csv"], service.call("GET", f"{V1}/{ids[0]}/csv"))
    assert [words[row["status"]] for row in rows] == ["active", "failed", "pending"]


def test_the_control_interface_shows_the_drawn_dialect(service: Service) -> None:
    service.settings(dialect="random:7")
    shown = service.control("GET", "settings")["dialect"]
    assert shown["history_csv"]["headings"] == draw(7)["history_csv"]["headings"]
    service.settings(dialect=shown)
    assert service.control("GET", "settings")["dialect"] == shown
    service.control("POST", "reset", {"settings": {"dialect": shown}})
