# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history is complete or not used: the export, else the pages of v1 with their lines."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.reading import HistoryReader
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, Odd, Reader, Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import WORDS, iccid, imei, line

WANTED = [iccid(number) for number in range(6)]


def pair(number, *statuses):
    """Return the lines of a transaction of two devices."""
    return [line(2 * number + place, status, None) for place, status in enumerate(statuses)]


class Account:
    """A history of transactions with two devices each. `asked`: the calls."""

    stop = None

    def __init__(self, problem=None, concurrency=1, size=3):
        self.session = self
        self.reader = Reader()
        self.concurrency = concurrency
        self.problem = problem
        self.asked = []
        self.shown = {
            f"T{number}": [line(2 * number, "Completed", None), line(2 * number + 1, "Failed", None)]
            for number in range(size)
        }
        self.status = "Completed"
        self.busy = threading.Barrier(concurrency, timeout=20) if concurrency > 1 else None
        self.odd = None

    def history_export(self, read, _identifiers, oddities):
        """Read the export, or raise the problem."""
        self.asked.append("export")
        if self.problem is not None:
            raise self.problem
        if self.odd:
            oddities.note(self.odd)
        return read(iter([]))

    def transactions(self, version, whole):
        """Read the pages."""
        assert whole
        self.asked.append(f"v{version}")
        return iter([Transaction(name, self.status, "03/13/2026 09:30:00 AM", total=2) for name in self.shown])

    def transaction_lines(self, transaction_id, oddities):
        """Return the lines of one transaction, with as many calls at once as there are threads."""
        self.asked.append(transaction_id)
        if self.busy:
            self.busy.wait()
        if self.odd:
            oddities.note(self.odd)
        return self.shown[transaction_id]


def outcome(history):
    """Return the states of the devices."""
    seen = [history.current("iccid", value) for value in WANTED]
    return [found.state if found else None for found in seen]


WHOLE = ["active", "failed"] * 3


@pytest.mark.parametrize(
    "problem", [RefusedError("no"), ScopeError("no"), UnexpectedAnswerError("odd"), ServiceError("out")]
)
def test_the_pages_of_v1_are_read_with_a_warning_if_the_export_is_unreadable(problem):
    account = Account(problem)
    history = HistoryReader(account, WORDS, "full").read(WANTED)
    assert account.asked == ["export", "v1", "T0", "T1", "T2"]
    assert outcome(history) == WHOLE
    (warning,) = history.warnings
    assert warning.startswith(
        "history: the CSV export cannot be read. The whole history was read from its pages instead"
    )
    assert "3 transactions" in warning
    assert str(problem) in warning


@pytest.mark.parametrize("problem", [AuthenticationError("who"), UnreachableError("gone")])
def test_the_pages_are_not_read_if_they_would_fail_too(problem):
    account = Account(problem)
    with pytest.raises(type(problem)):
        HistoryReader(account, WORDS, "full").read(WANTED)
    assert account.asked == ["export"]


def test_the_recent_history_is_read_only_from_the_pages_of_v2():
    account = Account()
    history = HistoryReader(account, WORDS, "recent").read(WANTED)
    assert account.asked == ["v2", "T0", "T1", "T2"]
    assert (outcome(history), history.warnings) == (WHOLE, ())


@pytest.mark.parametrize("form", ["full", "recent"])
def test_concurrency_limits_the_transactions_that_are_read_at_once(form):
    account = Account(RefusedError("no"), concurrency=3)
    assert outcome(HistoryReader(account, WORDS, form).read(WANTED)) == WHOLE


@pytest.mark.parametrize("form", ["full", "recent"])
def test_a_transaction_with_missing_lines_makes_the_history_an_error(form):
    account = Account(RefusedError("no"))
    account.shown["T1"] = account.shown["T1"][:1]
    expected = RefusedError if form == "full" else UnexpectedAnswerError
    with pytest.raises(expected, match="incomplete: the transaction T1 has 2 lines but lists 1"):
        HistoryReader(account, WORDS, form).read(WANTED)


@pytest.mark.parametrize("total", [None, 3])
@pytest.mark.parametrize("form", ["full", "recent"])
def test_lines_are_read_for_a_transaction_with_a_device_but_without_a_count_of_one(total, form):
    account = Account(RefusedError("no"), size=0)
    account.shown["T1"] = [line(number, "Completed", None) for number in range(3)]
    shown = Transaction("T1", "Completed", total=total, imei=imei(0), iccid=iccid(0))
    account.transactions = lambda version, whole: iter([shown])
    assert outcome(HistoryReader(account, WORDS, form).read(WANTED))[:3] == ["active"] * 3


def test_a_later_look_reads_only_changed_transactions_and_not_the_unreadable_export():
    account = Account(RefusedError("no"))
    reader = HistoryReader(account, WORDS, "full")
    reader.read(WANTED)
    account.asked.clear()
    account.shown["T3"] = pair(3, "Done", "Done")
    reader.read(WANTED)
    assert account.asked == ["v1", "T3"]
    account.asked.clear()
    account.status = "Pending"
    account.shown["T4"] = pair(4, "Done", "Done")
    reader.read(WANTED)
    reader.read(WANTED)
    assert account.asked == ["v1", "T4", "v1", "T4"]


def test_an_export_is_requested_again_after_a_temporary_failure():
    account = Account(ServiceError("out"))
    reader = HistoryReader(account, WORDS, "full")
    reader.read(WANTED)
    account.problem = None
    assert reader.read(WANTED).warnings == ()


@pytest.mark.parametrize("problem", [None, RefusedError("no")])
def test_invalid_identifiers_are_a_warning_in_both_forms(problem):
    account = Account(problem)
    account.odd = Odd("imei", imei(0)[:14], "row 4", Line())
    history = HistoryReader(account, WORDS, "full").read(WANTED)
    assert any("cannot be read as identifiers (row 4: IMEI" in warning for warning in history.warnings)
