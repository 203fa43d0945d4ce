# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dialects: each part changes only its answer, and an invalid dialect is refused with what to change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import reading
from sentinel_simulator import fixtures
from sentinel_simulator.dialect import Dialect
from sentinel_simulator.dialect_file import DialectError, load_dialect
from sentinel_simulator.formatter import IdFormat, spelled
from service import ESIM, SMARTSIM, TRANSACTION, V1, V2, Service, batch, iccid, imei, pair, single, smartsim

LOGIN = {"username": "fleet@northstar.example", "password": "simulator-password"}
EXPORT = V2 + "?export=CSV"
BASE = "/v1.0/activation/"


def use(service: Service, **parts: Any) -> None:
    """Switch to a dialect."""
    service.settings(dialect=parts)


def submit_each_kind(service: Service) -> None:
    """Submit lines of each kind, among them one that fails."""
    service.post(TRANSACTION, batch(pair(1, nickname='Bus "1", red'), pair(2, "904")))
    service.post(TRANSACTION, single(3))
    service.post(ESIM, batch({"imei": imei(4), "eid": "89049032123451234512345678901235"}))
    service.post(SMARTSIM, {"activationLines": [smartsim("891039000000150004")]})


def answers(service: Service) -> list[tuple[str, bytes]]:
    """Return every answer that a dialect can change, except a token and the reply to a submission."""
    transactions = service.get(V1, params={"limit": 100})["transactions"]
    paths = [
        *(BASE + name for name in ("carriers", "eSim/carriers", "billing-plans", "businessInternetPlans")),
        BASE + "eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T",
        "/v1.0/devices/NORTHSTAR-ISD?offset=0&limit=100&sort=MDN&sortDir=ASC",
        V1,
        V2,
        EXPORT,
        EXPORT + "&sortDir=ASC",
        *(f"{V1}/{item['transactionId']}{tail}" for item in transactions for tail in ("", "/csv")),
    ]
    replies = [service.call("GET", path) for path in paths]
    assert {reply.status_code for reply in replies} == {200}
    return [(reply.headers["content-type"].lower(), reply.content) for reply in replies]


def test_the_default_answers_can_be_written_as_a_dialect(slow: Service) -> None:
    slow.later(2)
    submit_each_kind(slow)
    for seconds in (0, 2, 20):
        slow.later(seconds)
        before = answers(slow)
        use(slow)
        spoken = answers(slow)
        slow.settings(dialect=None)
        # The clock runs, so an answer may have changed in the meantime.
        assert [[answer] for answer in spoken] == [
            [answer] if answer in either else list(either) for answer, *either in zip(spoken, before, answers(slow))
        ]


def test_tokens(service: Service) -> None:
    use(service, token={"token": ["data", "jwt"], "corp_id": ["user", "corp"]})
    reply = service.post("/v1.0/auth/token", LOGIN, token=None)
    assert reply["user"] == {"corp": "NORTHSTAR-ISD"}
    assert service.get(V1, token=reply["data"]["jwt"])
    use(service, token={"token": ["t"], "corp_id": None})
    assert list(service.post("/v1.0/auth/token", LOGIN, token=None)) == ["t"]


def test_replies_to_submissions(service: Service) -> None:
    use(service, reply={"transaction_id": ["result", "order"]})
    made = service.post(TRANSACTION, single(1))
    assert service.get(f"{V1}/{made['result']['order']}")[0]["iccid"] == iccid(1)
    use(service, reply={"bare": True}, id_format="999999", identifiers={"number": True})
    made = service.post(TRANSACTION, single(2))
    assert isinstance(made, int)
    assert service.get(f"{V1}/{made}")[0]["iccid"] == int(iccid(2))


def test_lists_of_names_and_plans(service: Service) -> None:
    use(
        service,
        carriers={"list": ["data"], "name": ["carrier", "name"]},
        esim_carriers={"list": ["names"], "name": None},
        billing_plans={"list": ["plans"], "plan_id": ["code"]},
        beside={"errors": []},
    )
    carriers = service.get(BASE + "carriers")
    assert carriers["data"][0] == {"carrier": {"name": "Verizon"}}
    assert carriers["errors"] == []
    assert service.get(BASE + "eSim/carriers") == {"names": ["Verizon", "AT&T", "T-Mobile"], "errors": []}
    plan = service.get(BASE + "billing-plans")["plans"][0]
    assert plan["code"] == "VZW-EDU-10"
    assert "planId" not in plan
    assert isinstance(service.get(BASE + "businessInternetPlans"), list)


def test_the_stock(service: Service) -> None:
    use(service, stock={"available": ["esim", "left"], "max_per_request": ["esim", "most"]})
    found = service.get(BASE + "eSimInventoryCount/Transportation?carrier=AT%26T")
    assert found == {"esim": {"left": 250, "most": 100}}


def test_each_version_has_its_own_page(service: Service) -> None:
    fields = {"transaction_id": ["order", "id"], "total": ["counts", "all"], "failed": ["counts", "bad"]}
    use(service, transactions_v2={"list": ["_embedded", "orders"], "total": ["page", "of"], "fields": fields})
    usual = service.get(V1, params={"limit": 3})
    spoken = service.get(V2, params={"limit": 3})
    assert spoken["page"]["of"] > 20
    first = spoken["_embedded"]["orders"][0]
    assert first == {"order": {"id": usual["transactions"][0]["transactionId"]}, "counts": {"all": 1, "bad": 0}}
    use(service, transactions_v1={"list": [], "total": None})
    assert service.get(V1, params={"limit": 3}) == usual["transactions"]


def test_lines_with_their_transaction_outside(service: Service) -> None:
    made = service.post(TRANSACTION, batch(pair(1), pair(2, "904")))["transactionId"]
    part = {
        "list": ["result", "lines"],
        "fields": {"imei": ["device", "imei"], "status": ["state"], "transaction_status": ["whole"], "reason": ["why"]},
        "outer": {"transaction_id": ["order"]},
    }
    use(service, lines=part)
    found = service.get(f"{V1}/{made}")
    assert found["order"] == made
    good, bad = found["result"]["lines"]
    assert good == {"device": {"imei": imei(1)}, "state": "COMPLETED", "whole": "COMPLETED"}
    assert (bad["state"], bad["whole"], "block list" in bad["why"]) == ("FAILED", "COMPLETED", True)


@pytest.mark.parametrize(
    ("charset", "bom"),
    [("utf-8", False), ("utf-8", True), ("utf-16", True), ("utf-16-le", False), ("utf-16-be", True), ("utf-32", True)],
)
@pytest.mark.parametrize("final_line_end", [True, False])
def test_charsets_and_line_ends(service: Service, charset: str, bom: bool, final_line_end: bool) -> None:
    part = {
        "headings": {"nickname": "Name; of device", "iccid": "SIM serial no.", "status": "Line status"},
        "delimiter": ";",
        "charset": charset,
        "bom": bom,
        "line_end": "\n",
        "final_line_end": final_line_end,
    }
    names = ['Straße "7"; rot', "two\nlines", "plain"]
    made = service.post(TRANSACTION, batch(*(pair(number, nickname=name) for number, name in enumerate(names))))
    use(service, history_csv=part, transaction_csv=part)
    newest = reading.rows(part, service.call("GET", EXPORT))
    oldest = reading.rows(part, service.call("GET", EXPORT + "&sortDir=ASC"))
    assert newest == oldest[::-1]
    assert [row["nickname"] for row in oldest[-3:]] == names
    assert reading.rows(part, service.call("GET", f"{V1}/{made['transactionId']}/csv")) == oldest[-3:]


def test_one_csv_does_not_change_the_other(service: Service) -> None:
    made = service.post(TRANSACTION, single(1))["transactionId"]
    usual = service.call("GET", f"{V1}/{made}/csv").content
    use(service, history_csv={"headings": {"imei": "IMEI #"}})
    assert service.call("GET", f"{V1}/{made}/csv").content == usual
    assert service.call("GET", EXPORT).text.startswith("IMEI #\r\n")


@pytest.mark.parametrize("pattern", ["xxx-9999-9999-999", "999999", "uuid", "ACT_9999", "9999-xx"])
def test_ids(service: Service, pattern: str) -> None:
    made = service.post(TRANSACTION, single(1))["transactionId"]
    use(service, id_format=pattern)
    shown = [item["transactionId"] for item in service.get(V1, params={"limit": 100})["transactions"]]
    assert len(set(shown)) == len(shown) > 30
    shape = ("-".join("x" * size for size in (8, 4, 4, 4, 12))) if pattern == "uuid" else pattern
    assert {len(found) for found in shown} == {len(shape)}
    for tail in ("", "/csv"):
        assert iccid(1) in service.call("GET", f"{V1}/{shown[0]}{tail}").text
        # An id that was saved before the dialect changed can still be read.
        assert iccid(1) in service.call("GET", f"{V1}/{made}{tail}").text
    service.get(f"{V1}/{shown[0]}0", status=404)


@pytest.mark.parametrize("pattern", ["9999", "x9-99.9+9", "uuid"])
@pytest.mark.parametrize("seq", [1, 9, 8_999, 9_000, 123_456_789])
def test_ids_can_be_read_back(pattern: str, seq: int) -> None:
    ids = IdFormat(pattern)
    assert ids.seq(ids.shown(seq)) == seq
    assert ids.seq("nothing") is None


@pytest.mark.parametrize(
    ("pattern", "value", "wanted"),
    [
        ("99-999999-999999-9", "355737361044124", "35-573736-104412-4"),
        ("9999 9999 9999 9999 999F", "8914800000310041207", "8914 8000 0031 0041 207F"),
        ("9999 9999 9999 9999 999F", "89148000003100412076", "8914 8000 0031 0041 2076F"),
        ("9999-9999-9999-9999-9999", "891480000031004120", "8914-8000-0031-0041-20"),
        ("#9", "123", "#123"),
    ],
)
def test_digits_are_inserted_in_a_pattern(pattern: str, value: str, wanted: str) -> None:
    assert spelled(pattern, value) == wanted


def test_identifiers(service: Service) -> None:
    device = fixtures.ACTIVE
    use(service, identifiers={"imei": "99-999999-999999-9", "number": True})
    item = next(
        found
        for found in service.get(V1, params={"limit": 100})["transactions"]
        if found.get("iccid") == int(device.iccid or "")
    )
    assert item["imei"] == "35-573736-104412-4"
    row = next(row for row in service.table(EXPORT) if row["ICCID"] == device.iccid)
    assert row["IMEI"] == "35-573736-104412-4"


def test_status_words(slow: Service) -> None:
    words = {
        "line": {"active": ["Done", "Line active"], "pending": ["Queued"], "failed": ["Rejection"]},
        "transaction": {"active": ["Closed well"]},
    }
    use(slow, status_words=words)
    made = slow.post(TRANSACTION, batch(*(pair(number) for number in range(10)), pair(11, "904")))
    assert {line["status"] for line in slow.lines(made)} == {"Queued"}
    # Without a word in the dialect, the transaction keeps the default word.
    assert slow.get(V1, params={"limit": 1})["transactions"][0]["status"] == "SUBMITTED"
    slow.later(11)
    found = [line["status"] for line in slow.lines(made)]
    assert set(found) == {"Done", "Line active", "Rejection"}
    rows = [row for row in slow.table(EXPORT + "&sortDir=ASC") if row["Transaction ID"] == made["transactionId"]]
    assert [row["Line Status"] for row in rows] == found
    assert {row["Transaction Status"] for row in rows} == {"Closed well"}
    slow.settings(status_words={"COMPLETED": "Mine"})
    assert "Mine" in {line["status"] for line in slow.lines(made)}


@pytest.mark.parametrize(
    ("form", "offset", "wanted"),
    [
        ("american", -5, "01/02/2026 10:04:05 PM"),
        ("iso", 0, "2026-01-03T03:04:05Z"),
        ("iso", 2, "2026-01-03T05:04:05+02:00"),
        ("iso_blank", 2, "2026-01-03 05:04:05"),
        ("epoch_ms", 2, 1767409445000),
    ],
)
def test_times(service: Service, form: str, offset: float, wanted: Any) -> None:
    now = service.simulator.clock.now()
    service.control("POST", "history", [{**pair(1), "transaction_id": "T", "days_ago": (now - 1767409445.5) / 86_400}])
    service.settings(dialect={"time_format": form}, utc_offset=offset)
    pages = service.get(V1, params={"limit": 100})["transactions"]
    assert [item["transactionStartTimestamp"] for item in pages if item["transactionId"] == "T"] == [wanted]
    rows = [row for row in service.table(EXPORT) if row["Transaction ID"] == "T"]
    assert [row["Transaction Start"] for row in rows] == [str(wanted)]


def test_a_dialect_can_change_between_two_exports(service: Service) -> None:
    usual = service.call("GET", EXPORT).content
    use(service, id_format="999999")
    spoken = service.call("GET", EXPORT).content
    assert spoken != usual
    service.settings(dialect=None)
    assert service.call("GET", EXPORT).content == usual


def test_a_reset_keeps_the_dialect_of_the_command_line_only() -> None:
    with Service(dialect=Dialect.model_validate({"id_format": "999999"})) as service:
        service.settings(dialect=None)
        service.control("POST", "reset")
        assert service.control("GET", "settings")["dialect"]["id_format"] == "999999"


@pytest.mark.parametrize(
    ("dialect", "said"),
    [
        ({"tokn": {}}, 'unknown key "tokn"; did you mean token? Valid: beside, '),
        ({"transactions_v1": {"lst": []}}, 'transactions_v1: unknown key "lst"; did you mean list?'),
        ({"transactions_v1": {"list": "data"}}, 'transactions_v1.list: must be a list of keys, such as ["data"'),
        ({"lines": {"fields": {"imie": ["i"]}}}, 'lines.fields: unknown field "imie"; did you mean imei?'),
        ({"lines": {"fields": {"imei": ["a"], "eid": ["a", "b"]}}}, "lines: imei and eid must have separate paths"),
        ({"transactions_v2": {"list": [], "total": ["n"]}}, "transactions_v2: list and total must have separate paths"),
        ({"history_csv": {"headings": {"IMEI": "x"}}}, 'history_csv.headings: unknown field "IMEI"'),
        ({"history_csv": {"charset": "utf-99"}}, 'history_csv.charset: unknown charset "utf-99"; use one such as'),
        ({"history_csv": {"charset": "latin-1", "bom": True}}, "latin-1 has no byte order mark; set bom to false"),
        ({"history_csv": {"delimiter": "::"}}, "history_csv.delimiter: must be ',', ';'"),
        ({"id_format": "x-99"}, 'id_format: "x-99" has fewer than four 9'),
        ({"identifiers": {"imei": "digits"}}, 'identifiers.imei: "digits" has no 9'),
        ({"status_words": {"line": {"active": []}}}, "status_words.line.active: must not be empty"),
        ({"time_format": "unix"}, "time_format: must be 'american', 'iso', 'iso_blank' or 'epoch_ms', not 'unix'"),
        ({"carriers": []}, "carriers: must be an object of keys and values"),
        ({"carriers": {"list": ["a"]}, "beside": {"a": 1}}, 'beside: key "a" is already part of carriers'),
        ([], "must be an object of keys and values"),
        ({"reply": {"bare": "perhaps"}}, "reply.bare: must be true or false, not 'perhaps'"),
    ],
)
def test_an_invalid_dialect_is_refused(tmp_path: Path, dialect: Any, said: str) -> None:
    path = tmp_path / "dialect.json"
    path.write_text(json.dumps(dialect))
    with pytest.raises(DialectError) as refusal:
        load_dialect(str(path))
    assert str(refusal.value).startswith(f"{path}: ")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [b", "is not valid JSON or YAML: "),
        ("\ufeff{", "is not valid JSON or YAML: "),
        ('"word"', "is not a dialect"),
    ],
)
def test_a_file_without_a_dialect_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "dialect.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DialectError, match=said):
        load_dialect(str(path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DialectError, match=r"cannot read .*nothing: No such file.*; give the path of a dialect"):
        load_dialect(str(tmp_path / "nothing"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DialectError, match="is not UTF-8 text; save it as JSON"):
        load_dialect(str(tmp_path / "binary"))
    with pytest.raises(DialectError, match="random:SEED with a whole number"):
        load_dialect("random:soon")


def test_evidence_and_yaml(tmp_path: Path) -> None:
    path = tmp_path / "evidence"
    path.write_text("format: 1\nchecks: [{name: carriers}]\ndialect:\n  id_format: '999999'\n")
    assert load_dialect(str(path)) == Dialect(id_format="999999")
    path.write_text(json.dumps({"format": 1, "dialect": {"time_format": "iso"}}))
    assert load_dialect(str(path)) == Dialect(time_format="iso")


def test_a_wrong_setting_changes_nothing(service: Service) -> None:
    before = service.control("GET", "settings")
    for wrong in ({"tokn": {}}, "random:x", 5):
        refusal = service.control("PUT", "settings", {"dialect": wrong}, status=400)
        assert "dialect" in refusal["message"]
    assert service.control("GET", "settings") == before
