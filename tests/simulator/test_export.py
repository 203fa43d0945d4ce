# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cached export is the same as a new one: every change is detected."""

from __future__ import annotations

import csv
import io
import random

import pytest
from sentinel_simulator import export
from sentinel_simulator.clock import Clock
from sentinel_simulator.history import History
from service import ESIM, TRANSACTION, V1, V2, Service, batch, iccid, imei, pair, single

EXPORT = V2 + "?export=CSV"


def exported(service: Service, order: str = "ASC") -> str:
    """Return the export."""
    reply = service.call("GET", f"{EXPORT}&sortDir={order}")
    assert reply.status_code == 200
    return str(reply.text)


def check(service: Service) -> str:
    """Compare the export with that of a simulator without a cache, in both orders; return it."""
    fresh = History(service.simulator.store)
    fresh.use(service.simulator.settings)
    shown = exported(service)
    assert shown == b"".join(fresh.csv_chunks(service.simulator.clock.now(), descending=False)).decode()
    header, *rows = list(csv.reader(io.StringIO(shown, newline="")))
    assert list(csv.reader(io.StringIO(exported(service, "DESC"), newline=""))) == [header, *rows[::-1]]
    return shown


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, slow: Service) -> Service:
    """A simulator whose export has blocks of seven lines. Its lines end after ten seconds of a stopped clock."""
    monkeypatch.setattr(export, "BLOCK", 7)
    begun = slow.simulator.clock.now()
    monkeypatch.setattr(Clock, "now", lambda clock: begun + clock.offset)
    # The seeded pending device has ended, so only the test's own lines change.
    slow.later(10)
    return slow


def test_lines_that_end(small: Service) -> None:
    first = check(small)
    made = small.post(TRANSACTION, batch(*(pair(number) for number in range(20))))["transactionId"]
    running = check(small)
    assert running.startswith(first)
    assert running.count(f"{made},SUBMITTED") + running.count(f"{made},IN PROGRESS") == 20
    small.later(11)
    assert check(small).count(f"{made},COMPLETED") == 20
    small.later(-11)
    assert check(small) == running


def test_final_lines_are_formatted_once(small: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check(small)
    asked = []
    fetch = export.fetch
    monkeypatch.setattr(export, "fetch", lambda *args: asked.append(1) or fetch(*args))
    assert exported(small) == exported(small) == whole
    # Only the last lines, which do not fill a block.
    assert len(asked) == 2


def test_a_transaction_that_spans_blocks(small: Service) -> None:
    lines = [pair(number) for number in range(30)]
    small.control("POST", "devices", {"iccid": lines[29]["iccid"], "outcome": "success", "latency": 60})
    made = small.post(TRANSACTION, batch(*lines))["transactionId"]
    small.later(20)
    # All lines of the first blocks have ended, but the status of their transaction can still change.
    assert check(small).count(f"{made},IN PROGRESS") == 30
    small.later(60)
    assert check(small).count(f"{made},COMPLETED") == 30


def test_lines_that_never_end_or_fail(small: Service) -> None:
    lines = [pair(number, "908" if number % 5 == 0 else "904" if number % 3 == 0 else "000") for number in range(40)]
    refused = exported(small).count("block list")
    for line in lines:
        small.post(TRANSACTION, batch(line))
    for _round in range(3):
        small.later(6)
        check(small)
    assert exported(small).count("block list") - refused == sum(line["iccid"][-4:-1] == "904" for line in lines) > 0


def test_history_that_is_inserted_at_any_time(small: Service) -> None:
    check(small)
    for number, days in enumerate((400, 0, 90, 3000, 0.0001)):
        small.control("POST", "history", [{**pair(number), "days_ago": days, "transaction_id": f"ACT-X-{number}"}])
        assert f"ACT-X-{number}" in check(small)
    small.control("POST", "history", {"generate": 60, "lines_per_transaction": 4})
    check(small)
    small.control("POST", "history", [{**pair(7), "status": "pending", "days_ago": 100, "finishes_in": 30}])
    check(small)
    small.later(40)
    assert "IN PROGRESS" not in check(small)


def test_history_that_is_late(small: Service) -> None:
    check(small)
    small.settings(history_lag=[0, 60], line_latency=1)
    for number in range(30):
        small.post(TRANSACTION, single(number))
    seen = []
    for _round in range(5):
        seen.append(sum(iccid(number) in check(small) for number in range(30)))
        small.later(15)
    assert seen == sorted(set(seen))
    assert seen[::4] == [0, 30]


def test_settings_that_change_words(small: Service) -> None:
    check(small)
    small.settings(status_words={"COMPLETED": "Active, at last", "FAILED": 'said "no"'})
    assert '"Active, at last"' in check(small)
    small.settings(utc_offset=-5.5)
    check(small)
    small.settings(status_words={}, utc_offset=0)
    assert "Active, at last" not in check(small)


def test_a_reset(small: Service) -> None:
    small.post(TRANSACTION, single(1))
    before = check(small)
    small.get(V1, params={"limit": 500})
    small.control("POST", "reset", {"seed": 5})
    small.later(10)
    assert check(small) != before
    assert iccid(1) not in exported(small)
    for item in small.get(V1, params={"limit": 500})["transactions"]:
        assert item.get("iccid", "") in exported(small)


def test_names_that_csv_must_quote(small: Service) -> None:
    names = ['Bus "1", red', "two\r\nlines", "one\nline", "Straße 7", "-", "N/A", " blank "]
    small.post(TRANSACTION, batch(*(pair(number, nickname=name) for number, name in enumerate(names))))
    small.post(TRANSACTION, batch(pair(50), deviceGroup='East, "A"'))
    small.later(20)
    rows = list(csv.DictReader(io.StringIO(check(small), newline="")))
    assert [row["Nickname"] for row in rows][-8:-1] == names
    assert rows[-1]["Device Group"] == 'East, "A"'


def test_an_esim_has_its_iccid_once_it_is_active(small: Service) -> None:
    made = small.post(ESIM, batch({"imei": imei(1)}, {"imei": imei(2)}))["transactionId"]
    rows = [row for row in small.table(EXPORT) if row["Transaction ID"] == made]
    assert {row["ICCID"] for row in rows} == {"N/A"}
    small.later(11)
    rows = [row for row in small.table(EXPORT) if row["Transaction ID"] == made]
    assert len({row["ICCID"] for row in rows} - {"N/A"}) == 2
    check(small)


@pytest.mark.parametrize("seed", range(4))
def test_random_changes(small: Service, seed: int) -> None:
    rng = random.Random(seed)
    small.settings(history_lag=[0, 8], line_latency=[0, 20], never_rate=0.05, failure_rate=0.1)
    for step in range(40):
        what = rng.randrange(6)
        if what == 0:
            small.later(rng.uniform(-10, 20))
        elif what == 1:
            small.control("POST", "history", [{**pair(9000 + step), "days_ago": rng.choice((0, 1, 50, 200))}])
        elif what == 2:
            small.settings(utc_offset=rng.choice((0, 2)))
        else:
            lines = [pair(100 * step + number) for number in range(rng.choice((1, 1, 3, 25)))]
            small.post(TRANSACTION, batch(*lines))
        if rng.random() < 0.5:
            check(small)
    shown = check(small)
    rows = list(csv.DictReader(io.StringIO(shown, newline="")))
    exported_ids = list(dict.fromkeys(row["Transaction ID"] for row in rows))
    for order, wanted in (("ASC", exported_ids), ("DESC", exported_ids[::-1])):
        pages = [
            small.get(V1, params={"sortDir": order, "limit": 9, "offset": offset})["transactions"]
            for offset in range(0, len(wanted) + 9, 9)
        ]
        assert [item["transactionId"] for page in pages for item in page] == wanted
    for item in small.get(V1, params={"limit": 500})["transactions"]:
        statuses = {row["Transaction Status"] for row in rows if row["Transaction ID"] == item["transactionId"]}
        assert statuses == {item["status"]}
