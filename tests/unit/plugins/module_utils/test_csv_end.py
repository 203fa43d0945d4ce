# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a CSV without a last line end is complete: its end is compared with the start of the other direction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._service import csv_end as _csv_end
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.csv_end import CsvEnd
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer

HEADER = "Transaction ID,IMEI,ICCID,Status,Nickname"
#: How a service may reverse a history: its transactions, all lines, or only transactions with different starts.
MIRROR, TRANSACTIONS, TIED = "mirror", "transactions", "tied"


def rows_of(sizes):
    """Return the lines of transactions of these sizes, by transaction."""
    number = 0
    history = []
    for transaction, size in enumerate(sizes):
        history.append([f"T{transaction},{1000 + number + row},8914{number + row},Done,Bus" for row in range(size)])
        number += size
    return history


def turned(history, how, tied=1):
    """Return the same history with the newest first."""
    if how == MIRROR:
        return [line for rows in reversed(history) for line in reversed(rows)]
    groups = [history[-tied:], *([rows] for rows in reversed(history[:-tied]))] if how == TIED else history[::-1]
    if how == TIED:
        return [line for group in groups for rows in group for line in rows]
    return [line for rows in groups for line in rows]


def is_whole(text, other):
    """Return whether a text is complete, given the text in the other direction."""
    end = CsvEnd()
    list(end.remembering(iter(text.splitlines(keepends=True))))
    return end.begins(iter(other.splitlines(keepends=True)))


SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=6)
HOW = st.sampled_from([MIRROR, TRANSACTIONS, TIED])


@given(SIZES, HOW, st.integers(1, 3), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_complete_history_is_recognised_in_any_order(sizes, how, tied, end, ends):
    history = rows_of(sizes)
    text = end.join([HEADER, *(line for rows in history for line in rows)])
    other = end.join([HEADER, *turned(history, how, min(tied, len(history)))]) + (end if ends else "")
    # The same order in both directions proves nothing: both may be cut off at the same place.
    assert is_whole(text, other) == (text.splitlines()[1] != other.splitlines()[1])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_a_service_that_ignores_the_direction_proves_nothing(sizes):
    text = "\n".join([HEADER, *(line for rows in rows_of(sizes) for line in rows)])
    first = text.index("\n", len(HEADER) + 1) if text.count("\n") > 1 else len(text)
    assert not any(is_whole(text[:end], text[:end]) for end in range(first, len(text) + 1))


@given(SIZES, st.sampled_from([MIRROR, TRANSACTIONS]), st.data())
def test_a_history_that_is_cut_off_anywhere_is_not_accepted(sizes, how, data):
    history = rows_of(sizes)
    text = "\n".join([HEADER, *(line for rows in history for line in rows)])
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    assert not is_whole(cut, "\n".join([HEADER, *turned(history, how)]))


def test_cells_with_line_breaks_are_compared_line_by_line():
    rows = ['T1,1,2,Done,"Bus\n\n1"', 'T2,3,4,Done,"Bus\n2"', 'T2,5,6,Done,"Bus\r\n3"']
    text = "\n".join([HEADER, *rows])
    other = "\n".join([HEADER, rows[1], rows[2], rows[0]])
    assert is_whole(text, other)
    assert not is_whole(text[:-4], other)


def test_without_transaction_ids_the_last_line_must_be_first_in_the_other_direction():
    assert is_whole("IMEI,Status\n1,Done\n2,Done", "IMEI,Status\n2,Done\n1,Done")
    assert is_whole("a,b\n1,2\n3,4", "a,b\n3,4\n1,2")
    assert not is_whole("IMEI,Status\n1,Done\n2,Do", "IMEI,Status\n2,Done\n1,Done")


@pytest.mark.parametrize("other", ["", HEADER, HEADER + "\n", HEADER + '\n"' + "x" * 200_000])
def test_an_unreadable_other_direction_proves_nothing(other):
    assert not is_whole(f"{HEADER}\nT1,1,2,Done,Bus", other)
    assert not is_whole("", other)


@pytest.mark.parametrize("text", [HEADER, "[]", '"' + "x" * 200_000])
def test_a_header_alone_is_complete(text):
    assert is_whole(text, text)


def test_only_the_last_lines_are_kept(monkeypatch):
    monkeypatch.setattr(_csv_end, "_MAX_REMEMBERED", 3)
    history = rows_of([2, 2, 2])
    text = "\n".join([HEADER, *(line for rows in history for line in rows)])
    assert is_whole(text, "\n".join([HEADER, *turned(history, TRANSACTIONS)]))
    history = rows_of([2, 4])
    text = "\n".join([HEADER, *(line for rows in history for line in rows)])
    assert not is_whole(text, "\n".join([HEADER, *turned(history, TRANSACTIONS)]))


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_the_lines_of_a_transaction_may_keep_their_order(serve, connect, direction):
    history = rows_of([1, 3])
    texts = {"ASC": [line for rows in history for line in rows], "DESC": turned(history, TRANSACTIONS)}

    def answer(request):
        return Answer("\n".join([HEADER, *texts["DESC" if "sortDir=DESC" in request.path else "ASC"]]).encode())

    server = serve(answer)
    read = SentinelAPI(connect(server.url)).history_csv(direction, "".join)
    assert read.splitlines()[1:] == texts[direction]
    assert len(server.requests) == 2
