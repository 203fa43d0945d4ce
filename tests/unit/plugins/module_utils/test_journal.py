# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: its entries, and the lock against a second run."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, JournalError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Entry, Journal
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import (
    SERVICE,
    in_use,
    left_open,
    opened,
    remembered,
    submitted,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return tmp_path / "fleet.journal"


def test_an_intent_without_an_outcome_is_kept_with_the_known_transactions(path):
    left_open(path, ["A", "B"], before=["T2", "T1"])
    assert remembered(path, "A", "B", "C") == [Entry(1000.0, ("T1", "T2"), None, "P")] * 2 + [None]


def test_an_accepted_submission_is_kept_with_its_transaction(path):
    with opened(path) as journal:
        journal.accepted(journal.intend([("A", "P", ["T0"]), ("B", None, [])]), "T1")
    assert remembered(path, "A", "B") == [Entry(1000.0, ("T0",), "T1", "P"), Entry(1000.0, (), "T1")]


def test_a_refused_submission_is_removed(path):
    with opened(path) as journal:
        journal.refused(journal.intend(submitted("A")))
    assert remembered(path, "A") == [None]


def test_a_lost_answer_counts_from_the_moment_of_its_loss(path):
    name = left_open(path)
    with opened(path, now=1030.0) as journal:
        journal.lost(name)
    assert remembered(path, "A") == [Entry(1030.0, (), None, "P")]


def test_a_repeated_submission_counts_from_the_repeat(path):
    name = left_open(path)
    with opened(path, now=1060.0) as journal:
        journal.again(name)
        journal.again("unheard of")
    assert remembered(path, "A") == [Entry(1060.0, (), None, "P")]


def test_a_refused_repeat_keeps_the_first_submission_with_unknown_outcome(path):
    with opened(path) as journal:
        journal.lost(journal.intend(submitted("A", before=["T0"])))
        journal.refused(journal.intend(submitted("A", before=["T0"])))
    assert remembered(path, "A") == [Entry(1000.0, ("T0",), None, "P")]


def test_adopted_transactions_are_kept_and_finished_ones_removed(path):
    left_open(path, ["A", "B"])
    with opened(path) as journal:
        journal.adopted("A", "P", "T1")
        journal.over(["B", "unheard of"])
    assert remembered(path, "A", "B") == [Entry(1000.0, (), "T1", "P"), None]


def test_each_kind_and_each_service_has_its_own_entries(path):
    left_open(path)
    with opened(path, "smartsim") as journal:
        journal.adopted("A", "P", "T1")
    with opened(path, "esim") as journal:
        journal.adopted("A", "P", "T2")
        journal.over(["A"])
    assert remembered(path, "A", kind="smartsim") == [Entry(1000.0, (), "T1", "P")]
    assert remembered(path, "A", kind="esim") == [None]
    assert remembered(path, "A", service="https://other.example/api") == [None]
    assert remembered(path, "A") == [Entry(1000.0, (), None, "P")]


def test_removed_entries_leave_the_file_and_others_stay(path):
    left_open(path, ["A", "B"], before=["T0"])
    left_open(path, ["A"], kind="esim")
    with opened(path) as journal:
        journal.accepted(journal.intend(submitted("C")), "T1")
        journal.forget(["A", "unheard of"])
        journal.intend(submitted("D"))
    assert remembered(path, "A", "B", "C", "D") == [
        None,
        Entry(1000.0, ("T0",), None, "P"),
        Entry(1000.0, (), "T1", "P"),
        Entry(1000.0, (), None, "P"),
    ]
    assert remembered(path, "A", kind="esim") == [Entry(1000.0, (), None, "P")]
    assert path.read_text().count('"A"') == 1


def test_the_file_is_short_without_entries(path):
    with opened(path) as journal:
        for number in range(100):
            journal.accepted(journal.intend(submitted(str(number))), f"T{number}")
        long = path.stat().st_size
        journal.forget(map(str, range(100)))
    assert path.stat().st_size < 100 < 5000 < long


def test_in_check_mode_the_journal_is_read_and_not_written(path):
    with opened(path, writable=False) as journal:
        assert journal.entry("A") is None
    assert not path.exists()
    left_open(path)
    content = path.read_bytes()
    with opened(path, writable=False) as journal:
        assert journal.entry("A") == Entry(1000.0, (), None, "P")
        journal.forget(["A"])
    assert path.read_bytes() == content


def test_without_a_path_there_is_no_journal():
    with in_use(Journal(None)) as journal:
        journal.accepted(journal.intend(submitted("A")), "T1")
        assert journal.entry("A") is None


def test_an_incomplete_last_line_of_a_killed_run_is_ignored(path):
    left_open(path, ["A"])
    content = path.read_bytes()
    left_open(path, ["B"])
    whole = path.read_bytes()
    for length in range(len(content), len(whole)):
        path.write_bytes(whole[:length])
        assert remembered(path, "A", "B", writable=False) == [Entry(1000.0, (), None, "P"), None]
        left_open(path, ["C"])
        assert remembered(path, "A", "B", "C") == [Entry(1000.0, (), None, "P"), None, Entry(1000.0, (), None, "P")]


@pytest.mark.parametrize(
    "text",
    [
        "imei,iccid\n",
        "imei,iccid\n1,2",
        "[]\n",
        '[{"imei": "1"}]',
        "{}\n",
        '{"journal": ',
        "null\n",
        '{"journal": "kajeet.sentinel", "format": 2}\n',
        '{"journal": "of something else", "format": 1}\n',
    ],
)
def test_a_file_that_is_not_a_journal_is_refused_and_unchanged(path, text):
    path.write_text(text)
    with (
        pytest.raises(InputError, match=r"fleet\.journal, line 1: is not a line of a journal .*; give another path"),
        opened(path),
    ):
        pass
    assert path.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        '{"taken": []}',
        '{"surprise": 1}',
        "[]",
        "7",
        "no JSON",
        "\u00e4\u00f6",
        '{"intent": "x"}',
        '{"intent": "x", "at": "now", "service": "", "kind": "", "devices": {}}',
        '{"found": {"A": "ACT-1"}, "at": 1, "service": "", "kind": ""}',
        '{"intent": "x", "at": 1, "service": "", "kind": "", "devices": ["A"]}',
    ],
)
def test_a_damaged_line_is_reported_with_its_number(path, text):
    left_open(path)
    with open(path, "a", encoding="latin-1") as stream:
        stream.write(f"{text}\n")
    with pytest.raises(InputError, match="line 3: is not a line of a journal"), opened(path):
        pass


def test_a_journal_in_use_is_refused(path):
    with (
        opened(path),
        pytest.raises(InputError, match="in use by another run; wait until it has ended"),
        opened(path),
    ):
        pass
    with opened(path):
        pass


def test_a_journal_in_use_may_be_read_in_check_mode(path):
    with opened(path) as journal:
        journal.intend(submitted("A"))
        assert remembered(path, "A", writable=False) == [Entry(1000.0, (), None, "P")]


def test_a_shortened_journal_stays_locked(path):
    left_open(path)
    with opened(path) as journal:
        journal.forget(["A"])
        with pytest.raises(InputError, match="in use by another run"), opened(path):
            pass


def test_a_run_that_dies_leaves_no_lock(path):
    code = (
        "import os, sys\n"
        "from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Journal\n"
        f"with Journal({str(path)!r}, {SERVICE!r}).opened(True) as journal:\n"
        "    journal.intend('sim', [('A', 'P', [])]); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    died = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert died.returncode == -9
    (entry,) = remembered(path, "A")
    assert entry.transaction_id is None


def test_nothing_is_submitted_if_the_journal_cannot_be_written(path, monkeypatch):
    def full(_file, _data):
        raise OSError(28, "No space left on device")

    with opened(path) as journal:
        name = journal.intend(submitted("A"))
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(JournalError, match="cannot be written: no space left on device"):
            journal.intend(submitted("B"))
        assert journal.entry("B") is None
        journal.accepted(name, "T1")
        assert "could not be written: no space left" in journal.problem
        monkeypatch.undo()
    assert remembered(path, "A", "B") == [Entry(1000.0, (), None, "P"), None]


def test_an_unwritable_place_is_a_clear_error(tmp_path):
    with pytest.raises(InputError, match=r"journal: .* cannot be opened: is a directory"), opened(tmp_path):
        pass


def test_other_users_cannot_read_the_journal(path):
    left_open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with opened(path) as journal:
        journal.forget(["A"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["taken", "refused", "lost", "open", "gone", "forget"]),
        st.sets(st.sampled_from("ABC"), min_size=1),
    ),
    max_size=12,
)


@given(STEPS)
def test_reading_a_journal_gives_the_written_entries(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("journal") / "j"
    with opened(path) as journal:
        for number, (what, keys) in enumerate(steps):
            if what in ("gone", "forget"):
                if what == "gone":
                    journal.over(keys)
                else:
                    journal.forget(keys)
                continue
            name = journal.intend(submitted(*keys, before=("T0",)))
            if what == "taken":
                journal.accepted(name, f"T{number}")
            elif what != "open":
                getattr(journal, what)(name)
        expected = [journal.entry(key) for key in "ABC"]
    assert [entry and entry._replace(before=()) for entry in remembered(path, *"ABC")] == [
        entry and entry._replace(before=()) for entry in expected
    ]
    for text in path.read_text().splitlines():
        assert isinstance(json.loads(text), dict)
