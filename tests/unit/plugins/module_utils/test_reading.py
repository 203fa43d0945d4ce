# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history is whole or it is not used: the export, else the pages of v1 with their lines."""

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
    """The lines of a transaction of two devices."""
    return [line(2 * number + place, status, None) for place, status in enumerate(statuses)]


class Account:
    """A history of transactions of two devices each; `asked`: what was asked for."""

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
        """The export, where it can be had."""
        self.asked.append("export")
        if self.problem is not None:
            raise self.problem
        if self.odd:
            oddities.note(self.odd)
        return read(iter([]))

    def transactions(self, version, whole):
        """The pages."""
        assert whole
        self.asked.append(f"v{version}")
        return iter([Transaction(name, self.status, "03/13/2026 09:30:00 AM", total=2) for name in self.shown])

    def transaction_lines(self, transaction_id, oddities):
        """The lines of one transaction; with several threads, as many at once."""
        self.asked.append(transaction_id)
        if self.busy:
            self.busy.wait()
        if self.odd:
            oddities.note(self.odd)
        return self.shown[transaction_id]


def outcome(history):
    """The states of the devices."""
    seen = [history.current("iccid", value) for value in WANTED]
    return [found.state if found else None for found in seen]


WHOLE = ["active", "failed"] * 3


@pytest.mark.parametrize(
    "problem", [RefusedError("no"), ScopeError("no"), UnexpectedAnswerError("odd"), ServiceError("out")]
)
def test_where_the_export_cannot_be_had_the_pages_of_v1_are_read_and_a_warning_says_so(problem):
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
def test_where_nothing_else_could_be_read_either_it_is_not_tried(problem):
    account = Account(problem)
    with pytest.raises(type(problem)):
        HistoryReader(account, WORDS, "full").read(WANTED)
    assert account.asked == ["export"]


def test_the_recent_history_is_the_pages_of_v2_and_never_asked_for_in_another_form():
    account = Account()
    history = HistoryReader(account, WORDS, "recent").read(WANTED)
    assert account.asked == ["v2", "T0", "T1", "T2"]
    assert (outcome(history), history.warnings) == (WHOLE, ())


@pytest.mark.parametrize("form", ["full", "recent"])
def test_as_many_transactions_are_read_at_once_as_the_user_allows(form):
    account = Account(RefusedError("no"), concurrency=3)
    assert outcome(HistoryReader(account, WORDS, form).read(WANTED)) == WHOLE


@pytest.mark.parametrize("form", ["full", "recent"])
def test_a_transaction_that_does_not_show_all_of_its_lines_makes_the_history_of_no_use(form):
    account = Account(RefusedError("no"))
    account.shown["T1"] = account.shown["T1"][:1]
    expected = RefusedError if form == "full" else UnexpectedAnswerError
    with pytest.raises(expected, match="not whole: the transaction T1 has 2 lines and shows 1"):
        HistoryReader(account, WORDS, form).read(WANTED)


@pytest.mark.parametrize("total", [None, 3])
@pytest.mark.parametrize("form", ["full", "recent"])
def test_a_transaction_that_shows_its_first_device_and_no_count_of_one_is_asked_for_its_lines(total, form):
    account = Account(RefusedError("no"), size=0)
    account.shown["T1"] = [line(number, "Completed", None) for number in range(3)]
    shown = Transaction("T1", "Completed", total=total, imei=imei(0), iccid=iccid(0))
    account.transactions = lambda version, whole: iter([shown])
    assert outcome(HistoryReader(account, WORDS, form).read(WANTED))[:3] == ["active"] * 3


def test_a_later_look_asks_for_what_may_have_changed_only_and_not_for_an_export_of_no_use():
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


def test_an_export_of_a_service_that_was_out_of_order_is_asked_for_again():
    account = Account(ServiceError("out"))
    reader = HistoryReader(account, WORDS, "full")
    reader.read(WANTED)
    account.problem = None
    assert reader.read(WANTED).warnings == ()


@pytest.mark.parametrize("problem", [None, RefusedError("no")])
def test_odd_identifiers_are_named_in_a_warning_in_both_forms(problem):
    account = Account(problem)
    account.odd = Odd("imei", imei(0)[:14], "row 4", Line())
    history = HistoryReader(account, WORDS, "full").read(WANTED)
    assert any("cannot be read as identifiers (row 4: IMEI" in warning for warning in history.warnings)
