# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run writes into its journal: read back, and by what the next run does."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import JournalError, RefusedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Entry, Journal
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid, imei, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import remembered
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    ACCEPTED,
    REFUSED,
    Fate,
    KilledError,
    World,
    lost,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return str(tmp_path / "journal")


def entries(path, count):
    """Return the journal entries of the first devices."""
    return remembered(path, *map(iccid, range(count)), service="https://sentinel.example")


def outcomes(found):
    """Return the outcomes."""
    return [outcome.outcome for outcome in found]


def test_the_journal_has_the_outcome_of_each_submission(path):
    world = World({iccid(1): [REFUSED], iccid(2): [lost(accepted=False)], iccid(3): [lost(late=5)]})
    world.run(fleet(4), journal=path, wait=False, settle_timeout=30)
    *others, adopted = entries(path, 4)
    assert others == [Entry(1000.0, (), "T1", imei(0)), None, Entry(1000.0, (), None, imei(2))]
    assert adopted == Entry(adopted.at, (), "T4", imei(3))
    assert 1005 <= adopted.at < 1010


def test_a_line_without_a_transaction_leaves_no_journal_entry(path):
    world = World({iccid(0): [lost(accepted=False)]})
    world.add(line(0, "Processing", None), Fate(late=1, seconds=9000))
    assert outcomes(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert entries(path, 1) == [Entry(1000.0, (), None, imei(0))]


def test_once_the_journal_cannot_be_written_nothing_more_is_submitted(path, monkeypatch):
    tried = []

    def full(_journal, _kind, submitted):
        tried.extend(submitted)
        raise JournalError("journal: no space left on device", "Make room.")

    monkeypatch.setattr(Journal, "intend", full)
    world = World()
    found = world.run(fleet(4), journal=path)
    assert [key for key, _partner, _before in tried] == [iccid(0)]
    assert outcomes(found) == ["failed"] * 4
    assert found[0].reason == "not submitted: journal: no space left on device. Make room."
    assert found[3].reason.startswith("not submitted, because an earlier submission failed: journal: no space")
    assert world.bodies == []
    assert not world.done.changed


def test_the_settle_time_counts_from_when_the_answer_was_lost(path):
    """The service is slow to answer a submission, and the run dies while it looks it up."""
    world = World({iccid(0): [lost(accepted=False), ACCEPTED]})
    submit = world.submit

    def slow(*call):
        try:
            return submit(*call)
        finally:
            world.clock.sleep(60)

    def die():
        raise KilledError

    world.submit, world.on_lookup = slow, die
    with pytest.raises(KilledError):
        world.run(fleet(1), journal=path)
    world.submit, world.on_lookup = submit, lambda: None
    world.run(fleet(1), journal=path, wait=False, settle_timeout=30)
    assert world.clock.now == 1000 + 60 + 30


def test_unknown_devices_stay_in_the_journal_for_a_later_run(path):
    world = World({iccid(0): [lost(late=200), ACCEPTED]})
    assert outcomes(world.run(fleet(1), journal=path, settle_timeout=30)) == ["unknown"]
    assert outcomes(world.run(fleet(1), journal=path, settle_timeout=300)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


def test_a_submission_that_is_sent_again_has_one_intent(path):
    world = World()
    world.turned_away = 2
    world.run(fleet(1), journal=path, wait=False)
    with open(path) as stream:
        content = stream.read()
    assert (content.count('{"intent"'), content.count('{"again"')) == (1, 2)
    assert entries(path, 1) == [Entry(1120.0, (), "T1", imei(0))]


@pytest.mark.parametrize(("retry_failed", "submissions"), [(True, 2), (False, 1)])
def test_a_failure_stays_in_the_journal_unless_it_is_retried(path, retry_failed, submissions):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), ACCEPTED]})
    for _run in range(2):
        found = world.run(fleet(1), journal=path, history="none", retry_failed=retry_failed)
    assert outcomes(found) == (["activated"] if retry_failed else ["failed"])
    assert world.submissions() == {iccid(0): submissions}


def no_lines(*_call):
    """The transaction exists, but has no lines."""
    return []


def not_known(*_call):
    """The transaction is unknown."""
    raise RefusedError("not found.", None, "GET", "/x", 404)


@pytest.mark.parametrize("answer", [no_lines, not_known])
@pytest.mark.parametrize("form", ["full", "recent", "none"])
def test_an_accepted_submission_that_never_appears_is_not_submitted_again(path, answer, form):
    world = World({iccid(0): [Fate(late=5000), ACCEPTED]})
    how = {"journal": path, "history": form, "settle_timeout": 3, "wait_timeout": 60}
    shown, world.transaction_lines = world.transaction_lines, answer
    for _run in range(3):
        (found,) = world.run(fleet(1), **how)
        assert (found.outcome, found.transaction_id) == ("unknown", "T1")
        assert found.reason.startswith("accepted as transaction T1, which does not show it yet (")
        assert found.reason.endswith(
            "). Run again to keep waiting: the journal has this transaction. To give it up, set on_unknown to resubmit."
        )
        assert entries(path, 1) == [Entry(1000.0, (), "T1", imei(0))]
        world.clock.sleep(1000)
    world.transaction_lines = shown
    world.clock.sleep(5000)
    assert outcomes(world.run(fleet(1), **how)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


def test_a_device_missing_from_its_transaction_is_not_submitted_again(path):
    world = World()
    world.transaction_lines = lambda _name: [line(0, "Completed", "T1")]
    how = {"journal": path, "request_format": "batch", "history": "none", "settle_timeout": 3}
    for _run in range(2):
        found = world.run(fleet(2), **how)
        assert outcomes(found) == ["activated", "unknown"]
        assert "T1, which does not show it yet (the transaction does not show this device)." in found[1].reason
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


def test_with_resubmit_a_submission_that_never_appears_is_forgotten(path):
    world = World({iccid(0): [Fate(late=99_999), ACCEPTED]})
    how = {"journal": path, "settle_timeout": 3}
    assert outcomes(world.run(fleet(1), **how)) == ["unknown"]
    (found,) = world.run(fleet(1), on_unknown="resubmit", **how)
    advice = "Run again only once the history shows it: a device that the history does not show is submitted again."
    assert found.reason.endswith(advice)
    assert (entries(path, 1), world.submissions()) == ([None], {iccid(0): 1})
    assert outcomes(world.run(fleet(1), **how)) == ["activated"]
    assert world.submissions() == {iccid(0): 2}


def test_without_a_journal_the_reason_warns_that_a_device_may_be_submitted_again():
    world = World({iccid(0): [Fate(late=99_999)]})
    (found,) = world.run(fleet(1), settle_timeout=3)
    assert found.reason == (
        "accepted as transaction T1, which does not show it yet (GET /x: not found). "
        "Run again only once the history shows it: a device that the history does not show is submitted again."
    )


def test_a_transaction_that_only_the_history_shows_is_looked_up_again(path):
    world = World()
    world.add(line(0, "Processing", "X"), Fate(seconds=9000))
    world.transaction_lines = not_known
    (found,) = world.run(fleet(1), journal=path, settle_timeout=3)
    assert (found.outcome, found.reason) == ("unknown", "GET /x: not found. Run again to look it up again.")
