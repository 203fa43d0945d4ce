# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Info modules: requests, filters, and options that contradict each other."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, RefusedError, ServiceError
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories import info as _info
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, Reader, StatusWords, Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI, line

WORDS = StatusWords()


class FakeSession:
    """The part of a session that is used here."""

    concurrency = 4
    reader = Reader()

    def corp_id(self):
        """The account."""
        return "NORTHSTAR-ISD"


class FakeAPI:
    """An account with a history; `asked` has the calls."""

    def __init__(self, history=(), lines=None):
        self.session = FakeSession()
        self.reader = Reader()
        self.asked = []
        self._history = list(history)
        self._lines_of = lines or {}

    def carriers(self):
        """The carriers of SIMs."""
        return ["Verizon"]

    def esim_carriers(self):
        """The carriers of eSIMs."""
        return ["AT&T"]

    def billing_plans(self):
        """Plans: one without an id, and one twice."""
        self.asked.append("billing")
        return [{"planId": "A"}, {"name": "none"}, {"planId": "A"}]

    def business_internet_plans(self):
        """Other plans."""
        self.asked.append("business_internet")
        return [{"planId": "B"}]

    def inventory(self, carrier):
        """The stock of SIMs."""
        return {"sku": carrier, "count": 3}

    def esim_stock(self, corp_id, carrier):
        """The stock of eSIMs."""
        self.asked.append((corp_id, carrier))
        return 5, None

    def transactions(self, version):
        """The history, the oldest first."""
        self.asked.append(version)
        return iter(self._history)

    def transactions_page(self, version, sort_dir, offset, limit):
        """A page of it."""
        self.asked.append((version, sort_dir, offset, limit))
        return self._history, None

    def transaction_lines(self, transaction_id, *_how):
        """The lines of a transaction."""
        self.asked.append(transaction_id)
        found = self._lines_of.get(transaction_id)
        if found is None:
            raise RefusedError("not found", None, "GET", f"/t/{transaction_id}", 404)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def ask(monkeypatch):
    """Run a story against an API: ask(story, api, option=…) → its result."""

    def run(story, api, **params):
        monkeypatch.setattr(_info.ConnectionOptions, "read", lambda get: None)
        monkeypatch.setattr(_info, "Session", lambda options, on_secret: Closed())
        monkeypatch.setattr(_info, "SentinelAPI", lambda session: api)
        return story(params, lambda secret: None)

    return run


class Closed:
    """A session that only closes."""

    def close(self):
        """Closes it."""


def transaction(number, **fields):
    """A transaction of the history; fields override."""
    values = {"status": "COMPLETED", "started": f"03/{number:02d}/2026 08:00:00 AM", "total": 1, "success": 1}
    values.update({"failed": 0, "pending": 0}, **fields)
    return Transaction(f"T{number}", **values)


def ids(result):
    """The ids of a result."""
    return [entry["transaction_id"] for entry in result["transactions"]]


def test_carriers(ask):
    assert ask(_info.carriers, FakeAPI(), esim=False) == {"changed": False, "carriers": ["Verizon"]}
    assert ask(_info.carriers, FakeAPI(), esim=True) == {"changed": False, "carriers": ["AT&T"]}


def test_inventory(ask):
    api = FakeAPI()
    sims = ask(_info.inventory, api, carriers=["AT&T"], esim=False)["inventory"]
    assert sims == [{"carrier": "AT&T", "count": 3, "inventory": {"sku": "AT&T", "count": 3}}]
    esims = ask(_info.inventory, api, carriers=["AT&T"], esim=True)["inventory"]
    assert esims == [{"carrier": "AT&T", "available": 5, "max_per_request": None}]
    assert api.asked == [("NORTHSTAR-ISD", "AT&T")]


def test_the_inventory_needs_a_carrier(ask):
    with pytest.raises(InputError, match="at least one carrier name is required"):
        ask(_info.inventory, FakeAPI(), carriers=[], esim=False)


def test_plans_are_listed_by_kind_and_their_ids_once(ask):
    api = FakeAPI()
    found = ask(_info.plans, api, kind="all")
    assert [len(found[name]) for name in ("billing_plans", "business_internet_plans")] == [3, 1]
    assert found["plan_ids"] == ["A", "B"]
    assert "billing_plans" not in ask(_info.plans, api, kind="business_internet")
    assert api.asked == ["billing", "business_internet", "business_internet"]


def test_a_kind_that_is_requested_twice_is_read_once():
    api = FakeAPI()
    assert list(_info.plans_of(api, ["business_internet", "all", "billing"])) == ["business_internet", "billing"]
    assert api.asked == ["business_internet", "billing"]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "COMPLETED"}, "active"),
        ({"status": "Rejected"}, "failed"),
        ({"status": "whatever"}, "pending"),
        ({}, "pending"),
        ({"status": "COMPLETED", "pending": 1}, "pending"),
        ({"status": "whatever", "pending": 0, "success": 1, "failed": 2}, "failed"),
        ({"status": "COMPLETED", "pending": 0, "success": 0, "failed": 2}, "failed"),
        ({"status": "FAILED", "pending": 0}, "failed"),
        ({"status": "x", "total": 2, "success": 1, "failed": 1}, "failed"),
        ({"status": "x", "total": 2, "success": 1, "failed": 0}, "pending"),
    ],
)
def test_the_state_of_a_transaction(fields, state):
    assert _info.state_of(Transaction("T", **fields), WORDS) == state


def test_the_whole_history_is_counted_and_put_in_order(ask):
    api = FakeAPI([transaction(number) for number in (1, 2, 3)])
    found = ask(_info.transactions, api)
    assert (ids(found), found["total_count"]) == (["T3", "T2", "T1"], 3)
    assert ids(ask(_info.transactions, api, sort_dir="ASC", version=1)) == ["T1", "T2", "T3"]
    assert api.asked == [2, 1]


def test_a_page_is_as_the_service_returns_it(ask):
    api = FakeAPI([transaction(2), transaction(1)])
    found = ask(_info.transactions, api, offset=0, sort_dir="ASC")
    assert (ids(found), found["total_count"]) == (["T2", "T1"], None)
    ask(_info.transactions, api, limit=7, version=1)
    assert api.asked == [(2, "ASC", 0, 500), (1, "DESC", 0, 7)]


@pytest.mark.parametrize(
    ("since", "wanted"),
    [
        ("2026-03-02", ["T3", "T2"]),
        (" 2026-03-02T08:00 ", ["T3", "T2"]),
        ("2026-03-02 08:00:00", ["T3", "T2"]),
        ("2026-03-02T08:00:01", ["T3"]),
        ("2027-01-01", []),
    ],
)
def test_since(ask, since, wanted):
    found = ask(_info.transactions, FakeAPI([transaction(number) for number in (1, 2, 3)]), since=since)
    assert ids(found) == wanted
    assert "warnings" not in found


def test_a_transaction_with_an_unreadable_start_is_included(ask):
    api = FakeAPI([transaction(1), transaction(2, started=None), transaction(3, started="last week")])
    found = ask(_info.transactions, api, since="2026-04-01")
    assert ids(found) == ["T3", "T2"]
    assert found["warnings"] == ["since: 2 transactions have no readable start time and are included"]


@pytest.mark.parametrize(
    "since", ["2026-03-01T08:00Z", "2026-03-01T08:00:00+01:00", "2026-03-01 08:00-05:00", "2026-03-01 08:00:00+00:00"]
)
def test_since_takes_no_time_zone(ask, since):
    with pytest.raises(InputError, match="has a time zone"):
        ask(_info.transactions, FakeAPI(), since=since)


@pytest.mark.parametrize("since", ["", "yesterday", "03/01/2026", "2026-13-01", "2026-02-30", "2026-03-01T25:00"])
def test_since_must_be_a_date(ask, since):
    with pytest.raises(InputError, match="is not a date"):
        ask(_info.transactions, FakeAPI(), since=since)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (["active"], ["T1"]),
        (["Pending"], ["T3", "T4"]),
        (["failed", "active"], ["T1", "T2"]),
        (["in progress"], ["T3"]),
        (["On-Hold"], ["T4"]),
        (["never heard"], []),
        ([], ["T1", "T2", "T3", "T4"]),
    ],
)
def test_status(ask, status, wanted):
    history = [
        transaction(1),
        transaction(2, status="Declined", success=0, failed=1),
        transaction(3, status="IN_PROGRESS", success=0, pending=1),
        transaction(4, status="on hold", total=None, success=None, failed=None, pending=None),
    ]
    assert ids(ask(_info.transactions, FakeAPI(history), status=status, sort_dir="ASC")) == wanted


def test_more_status_words(ask):
    api = FakeAPI([Transaction("T1", status="Fertig")], {"T1": [line(status="Fertig")]})
    api.reader = Reader(words=StatusWords({"success": ["fertig"]}))
    assert ids(ask(_info.transactions, api, status=["active"])) == ["T1"]
    (entry,) = ask(_info.transactions, api, transaction_ids=["T1"])["transactions"]
    assert (entry["state"], entry["success_lines"], entry["lines"][0]["state"]) == ("active", 1, "active")


def test_lines_are_read_only_for_filtered_transactions_and_filtered_by_carrier(ask):
    lines = {
        "T1": [line(carrier="AT&T"), line(1, carrier="Verizon")],
        "T2": [line(2, carrier=None)],
        "T3": [line(3, carrier="Verizon")],
    }
    api = FakeAPI([transaction(number) for number in (1, 2, 3)], lines)
    found = ask(_info.transactions, api, lines=True, since="2026-03-01", sort_dir="ASC", carrier="at & t")
    assert ids(found) == ["T1"]
    assert [line["carrier"] for line in found["transactions"][0]["lines"]] == ["AT&T"]
    assert sorted(api.asked[1:]) == ["T1", "T2", "T3"]
    api.asked.clear()
    assert len(ask(_info.transactions, api, lines=True, since="2026-03-03")["transactions"][0]["lines"]) == 1
    assert api.asked == [2, "T3"]


def test_transactions_by_id_are_read_by_their_lines(ask):
    one = Line(imei=IMEI, iccid=ICCID, status="Done", started="03/01/2026 08:00:00 AM")
    mixed = [line(status="Failed"), line(1, status="Queued")]
    api = FakeAPI(lines={"A": [one], "B": mixed, "C": []})
    found = ask(_info.transactions, api, transaction_ids=["B", " A", "C", "A"])
    assert ids(found) == ["B", "A", "C"]
    assert "total_count" not in found
    both, single, empty = found["transactions"]
    assert {name: single[name] for name in ("imei", "iccid", "started", "status", "state")} == {
        "imei": IMEI,
        "iccid": ICCID,
        "started": "03/01/2026 08:00:00 AM",
        "status": None,
        "state": "active",
    }
    counts = ("total_lines", "success_lines", "failed_lines", "pending_lines")
    assert [both[name] for name in counts] == [2, 0, 1, 1]
    assert (both["state"], both["imei"]) == ("pending", None)
    assert (empty["state"], empty["total_lines"], empty["lines"]) == ("pending", 0, [])
    assert sorted(api.asked) == ["A", "B", "C"]


def test_an_empty_list_of_ids_is_not_the_whole_history(ask):
    api = FakeAPI([transaction(1)])
    assert ask(_info.transactions, api, transaction_ids=[])["transactions"] == []
    assert api.asked == []


def test_all_unknown_ids_are_named(ask):
    with pytest.raises(RefusedError, match=r"does not know transactions X, Y\. Check the id") as caught:
        ask(_info.transactions, FakeAPI(lines={"A": []}), transaction_ids=["X", "A", "Y"])
    assert (caught.value.status, caught.value.path) == (404, "/t/X")
    with pytest.raises(RefusedError, match=r"does not know transaction X\."):
        ask(_info.transactions, FakeAPI(), transaction_ids=["X"])


@pytest.mark.parametrize(
    "error", [RefusedError("bad id", None, "GET", "/t/A", 400), ServiceError("broken", None, "GET", "/t/A", 500)]
)
def test_other_errors_are_not_changed(ask, error):
    with pytest.raises(type(error)) as caught:
        ask(_info.transactions, FakeAPI(lines={"A": error, "B": []}), transaction_ids=["A", "B"])
    assert caught.value is error


@pytest.mark.parametrize(
    ("params", "words"),
    [
        *(
            ({"transaction_ids": ["A"], name: value}, f"{name} cannot be used with transaction_ids")
            for name, value in {
                "version": 2,
                "sort_dir": "ASC",
                "offset": 0,
                "limit": 1,
                "since": "2026-01-01",
                "status": ["failed"],
            }.items()
        ),
        ({"transaction_ids": [], "lines": False}, "lines: false cannot be used"),
        ({"transaction_ids": ["A", " "]}, "contains an empty id"),
        ({"carrier": "AT&T"}, "carrier requires lines=true"),
        ({"carrier": "AT&T", "lines": False}, "carrier requires lines=true"),
        ({"status": ["active", "--"]}, "status: '--' has no letter or digit"),
        ({"offset": -1}, "offset: must be at least 0, not -1"),
        ({"limit": 0}, "limit: must be at least 1, not 0"),
    ],
)
def test_options_that_contradict_each_other_or_make_no_sense(ask, params, words):
    api = FakeAPI()
    with pytest.raises(InputError, match=words):
        ask(_info.transactions, api, **params)
    assert api.asked == []


def test_all_problems_are_reported_at_once(ask):
    with pytest.raises(InputError) as caught:
        ask(_info.transactions, FakeAPI(), offset=-1, limit=0, since="x", carrier="AT&T")
    assert len(caught.value.problems) == 4
