# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: which line holds for a device."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._identity import sharing
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.history import History
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.reading import HistoryReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import (
    ACTIVE,
    FAILED,
    PENDING,
    Line,
    Reader,
    StatusWords,
    Transaction,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    EID,
    WORDS,
    device,
    history,
    iccid,
    imei,
    line,
)

DONE, RUNNING, BROKEN = "Completed", "Processing", "Failed"


def state(*statuses, **fields):
    """Return the state by lines of one pair with these statuses, the oldest first."""
    lines = [line(0, status, f"T{number}", **fields) for number, status in enumerate(statuses)]
    seen = history(*lines).current("iccid", iccid(0))
    return (seen.state, seen.line.transaction_id) if seen else (None, None)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], (None, None)),
        ([DONE], (ACTIVE, "T0")),
        ([RUNNING], (PENDING, "T0")),
        ([BROKEN], (FAILED, "T0")),
        ([BROKEN, BROKEN], (FAILED, "T1")),
        ([BROKEN, RUNNING], (PENDING, "T1")),
        ([RUNNING, BROKEN], (PENDING, "T0")),
        ([BROKEN, DONE], (ACTIVE, "T1")),
        ([DONE, BROKEN], (ACTIVE, "T0")),
        ([DONE, DONE], (ACTIVE, "T1")),
        ([RUNNING, DONE], (ACTIVE, "T1")),
        ([DONE, RUNNING], (ACTIVE, "T0")),
        ([RUNNING, RUNNING], (PENDING, "T1")),
        ([DONE, BROKEN, RUNNING, BROKEN], (ACTIVE, "T0")),
        (["lunar eclipse"], (PENDING, "T0")),
    ],
)
def test_the_newest_line_without_failure_holds_and_a_repeat_does_not_end_an_active_state(statuses, expected):
    assert state(*statuses) == expected


def test_a_newer_line_with_another_partner_holds_even_while_it_runs():
    lines = [line(0, DONE, "T1"), line(0, RUNNING, "T2", imei=imei(7))]
    seen = history(*lines).current("iccid", iccid(0))
    assert (seen.state, seen.line.imei) == (PENDING, imei(7))


def test_a_pending_repeat_without_a_partner_does_not_end_an_active_state():
    seen = history(line(0, DONE, "T1"), line(0, RUNNING, "T2", imei=None)).current("iccid", iccid(0))
    assert seen.line.transaction_id == "T1"


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("03/13/2026 09:30:00 AM", "03/13/2026 01:00:00 PM"),
        ("12/31/2025 11:59:59 PM", "01/01/2026 12:00:00 AM"),
        ("2026-03-13T09:30:00", "2026-03-13T13:00:00"),
        ("2026-03-13T09:30:00Z", "2026-03-13T13:00:00Z"),
        ("03/13/2026 09:30:00 AM", "2026-03-14T09:30:00"),
    ],
)
def test_start_times_outrank_the_order_if_all_lines_have_one(older, newer):
    lines = [line(0, DONE, "new", started=newer, imei=imei(1)), line(0, DONE, "old", started=older)]
    found = history(*lines).lines("iccid", iccid(0))
    assert [seen.line.transaction_id for seen in found] == ["old", "new"]
    assert history(*lines).current("iccid", iccid(0)).line.transaction_id == "new"


@pytest.mark.parametrize("started", [None, "", "yesterday", "13/13/2026 09:30:00 AM", "03/13/2026 25:30:00 AM"])
def test_the_order_holds_if_a_line_has_no_start_time(started):
    lines = [line(0, DONE, "a", started="03/14/2026 09:30:00 AM"), line(0, DONE, "b", started=started)]
    assert history(*lines).current("iccid", iccid(0)).line.transaction_id == "b"


def test_lines_that_started_together_keep_their_order():
    lines = [line(0, DONE, name, started="03/14/2026 09:30:00 AM") for name in "abc"]
    assert [seen.line.transaction_id for seen in history(*lines).lines("imei", imei(0))] == ["a", "b", "c"]


def test_a_line_is_found_by_each_of_its_identifiers():
    seen = history(Line("T", imei(0), iccid(0), "SIM1", EID, DONE))
    for key, value in (("imei", imei(0)), ("iccid", iccid(0)), ("sim_id", "SIM1"), ("eid", EID)):
        assert seen.current(key, value).line.transaction_id == "T"
        assert seen.transaction_ids([(key, value)]) == {"T"}
    assert seen.current("imei", iccid(0)) is None
    assert seen.current("imei", None) is None
    assert seen.transaction_ids([]) == set()


def test_only_wanted_lines_are_kept():
    kept = History([line(0), line(1), Line("T3", imei(0), iccid(9), status=DONE)], {imei(0)}, WORDS)
    assert kept.current("imei", imei(0)).line.transaction_id == "T3"
    assert kept.current("iccid", iccid(0)) is None
    assert kept.current("imei", imei(1)) is None


def test_transactions_without_an_id_are_not_counted():
    assert history(line(0, transaction_id=None), line(0, transaction_id="T")).transaction_ids([("imei", imei(0))]) == {
        "T"
    }


@given(st.lists(st.sampled_from([DONE, RUNNING, BROKEN]), min_size=1, max_size=8))
def test_the_state_is_active_if_any_line_is_and_failed_only_if_all_are(statuses):
    found, _transaction = state(*statuses)
    assert (found == ACTIVE) == (DONE in statuses)
    assert (found == FAILED) == (set(statuses) == {BROKEN})


class FakeAPI:
    """A history of transactions and lines that counts the requests."""

    concurrency = 1

    def __init__(self, transactions, lines):
        self.asked = []
        self.session = self
        self.stop = None
        self.reader = Reader()
        self._transactions = transactions
        self._lines = lines

    def transactions(self, version, whole):
        """Return the transactions, the oldest first."""
        assert whole
        self.asked.append(f"transactions v{version}")
        yield from self._transactions

    def transaction_lines(self, transaction_id, *_how):
        """Return the lines of one transaction."""
        self.asked.append(transaction_id)
        return self._lines[transaction_id]

    def history_export(self, read, identifiers, **_how):
        """Read all lines, in a download that breaks off once."""
        self.asked.append("export")
        assert identifiers == frozenset(WANTED)
        read(iter([line(0, BROKEN, "T0")]))
        return read(line for lines in self._lines.values() for line in lines)


LISTED = [
    Transaction("T1", DONE, "03/13/2026 09:30:00 AM", total=1, imei=imei(0), iccid=iccid(0)),
    Transaction("T2", DONE, "03/13/2026 09:31:00 AM", imei=imei(1), iccid=iccid(1)),
    Transaction("T3", RUNNING, "03/13/2026 09:32:00 AM", total=2, imei=imei(2), iccid=iccid(2)),
    Transaction("T4", DONE, "03/13/2026 09:33:00 AM", total=1),
]
LINES = {
    "T2": [line(1, DONE, None)],
    "T3": [line(2, DONE, None), line(3, BROKEN, None)],
    "T4": [line(4, DONE, "other", started="03/13/2026 09:34:00 AM")],
}
WANTED = [iccid(number) for number in range(5)]


def test_the_recent_history_reads_lines_only_of_transactions_without_a_device():
    api = FakeAPI(LISTED, LINES)
    found = HistoryReader(api, WORDS, "recent").read(WANTED)
    assert api.asked == ["transactions v2", "T2", "T3", "T4"]
    states = [found.current("iccid", value) for value in WANTED]
    assert [(seen.state, seen.line.transaction_id) for seen in states] == [
        (ACTIVE, "T1"),
        (ACTIVE, "T2"),
        (ACTIVE, "T3"),
        (FAILED, "T3"),
        (ACTIVE, "T4"),
    ]
    assert states[2].line.started == "03/13/2026 09:32:00 AM"
    assert states[4].line.started == "03/13/2026 09:34:00 AM"


def test_the_full_history_is_one_request_and_drops_lines_of_a_broken_download():
    api = FakeAPI([], LINES)
    found = HistoryReader(api, WORDS, "full").read(WANTED)
    assert api.asked == ["export"]
    assert found.current("iccid", iccid(0)) is None
    assert found.current("iccid", iccid(2)).state == ACTIVE


def test_the_users_status_words_decide():
    words = StatusWords({"success": ["In Service"]})
    assert history(line(0, "IN SERVICE"), words=words).current("iccid", iccid(0)).state == ACTIVE


def test_a_line_shares_texts_with_its_device():
    seen = line(0, imei="".join(imei(0)), sim_id="8" * 21)
    own = device(0, sim_id=None)
    kept = sharing(seen, own)
    assert kept == seen
    assert (kept.imei is own.imei, kept.iccid is own.iccid) == (True, True)
    assert sharing(line(1), own) == line(1)
