# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run writes into its journal, so that the next one knows: read back, and by what the next one does."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import JournalError, RefusedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Entry, Journal
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid, imei, line
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import remembered
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    REFUSED,
    TAKEN,
    Fate,
    KilledError,
    World,
    lost,
)


@pytest.fixture
def path(tmp_path):
    """Where the journal is."""
    return str(tmp_path / "journal")


def entries(path, count):
    """What is remembered of the first devices."""
    return remembered(path, *map(iccid, range(count)), service="https://sentinel.example")


def outcomes(found):
    """The words alone."""
    return [outcome.outcome for outcome in found]


def test_each_submission_leaves_what_became_of_it(path):
    world = World({iccid(1): [REFUSED], iccid(2): [lost(taken=False)], iccid(3): [lost(late=5)]})
    world.run(fleet(4), journal=path, wait=False, settle_timeout=30)
    *others, adopted = entries(path, 4)
    assert others == [Entry(1000.0, (), "T1", imei(0)), None, Entry(1000.0, (), None, imei(2))]
    assert adopted == Entry(adopted.at, (), "T4", imei(3))
    assert 1005 <= adopted.at < 1010


def test_a_line_without_a_transaction_leaves_none(path):
    world = World({iccid(0): [lost(taken=False)]})
    world.add(line(0, "Processing", None), Fate(late=1, seconds=9000))
    assert outcomes(world.run(fleet(1), journal=path, wait=False)) == ["pending"]
    assert entries(path, 1) == [Entry(1000.0, (), None, imei(0))]


def test_after_a_journal_that_cannot_be_written_nothing_more_is_tried(path, monkeypatch):
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
    assert found[3].reason.startswith("not submitted, as submissions fail: journal: no space")
    assert world.bodies == []
    assert not world.done.changed


def test_what_was_lost_is_looked_for_from_when_it_was_lost(path):
    """The service takes its time over a submission, and the run dies while it looks for it."""
    world = World({iccid(0): [lost(taken=False), TAKEN]})
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


def test_what_stayed_unknown_is_remembered_for_a_run_that_has_more_patience(path):
    world = World({iccid(0): [lost(late=200), TAKEN]})
    assert outcomes(world.run(fleet(1), journal=path, settle_timeout=30)) == ["unknown"]
    assert outcomes(world.run(fleet(1), journal=path, settle_timeout=300)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


def test_a_submission_that_leaves_again_is_remembered_once(path):
    world = World()
    world.turned_away = 2
    world.run(fleet(1), journal=path, wait=False)
    with open(path) as stream:
        told = stream.read()
    assert (told.count('{"intent"'), told.count('{"again"')) == (1, 2)
    assert entries(path, 1) == [Entry(1120.0, (), "T1", imei(0))]


@pytest.mark.parametrize(("retry_failed", "submissions"), [(True, 2), (False, 1)])
def test_what_failed_is_remembered_where_it_is_not_to_be_submitted_again(path, retry_failed, submissions):
    world = World({iccid(0): [Fate(ends="Failed", reason="bad ZIP"), TAKEN]})
    for _run in range(2):
        found = world.run(fleet(1), journal=path, history="none", retry_failed=retry_failed)
    assert outcomes(found) == (["activated"] if retry_failed else ["failed"])
    assert world.submissions() == {iccid(0): submissions}


def no_lines(*_call):
    """The transaction is known, and shows nothing."""
    return []


def not_known(*_call):
    """The transaction is not known."""
    raise RefusedError("not found.", None, "GET", "/x", 404)


@pytest.mark.parametrize("answer", [no_lines, not_known])
@pytest.mark.parametrize("form", ["full", "recent", "none"])
def test_what_was_taken_and_does_not_show_up_is_never_submitted_again(path, answer, form):
    world = World({iccid(0): [Fate(late=5000), TAKEN]})
    how = {"journal": path, "history": form, "settle_timeout": 3, "wait_timeout": 60}
    shown, world.transaction_lines = world.transaction_lines, answer
    for _run in range(3):
        (found,) = world.run(fleet(1), **how)
        assert (found.outcome, found.transaction_id) == ("unknown", "T1")
        assert found.reason.startswith("taken as transaction T1, which does not show it yet (")
        assert found.reason.endswith(
            "). Run again: the journal has it, so it is waited for. To give it up, set on_unknown to resubmit."
        )
        assert entries(path, 1) == [Entry(1000.0, (), "T1", imei(0))]
        world.clock.sleep(1000)
    world.transaction_lines = shown
    world.clock.sleep(5000)
    assert outcomes(world.run(fleet(1), **how)) in (["activated"], ["already_active"])
    assert world.submissions() == {iccid(0): 1}


def test_a_device_that_its_transaction_leaves_out_is_not_submitted_again_either(path):
    world = World()
    world.transaction_lines = lambda _name: [line(0, "Completed", "T1")]
    how = {"journal": path, "request_format": "batch", "history": "none", "settle_timeout": 3}
    for _run in range(2):
        found = world.run(fleet(2), **how)
        assert outcomes(found) == ["activated", "unknown"]
        assert "T1, which does not show it yet (the transaction does not show this device)." in found[1].reason
    assert world.submissions() == {iccid(0): 1, iccid(1): 1}


def test_what_never_shows_up_is_forgotten_where_the_user_gives_it_up(path):
    world = World({iccid(0): [Fate(late=99_999), TAKEN]})
    how = {"journal": path, "settle_timeout": 3}
    assert outcomes(world.run(fleet(1), **how)) == ["unknown"]
    (found,) = world.run(fleet(1), on_unknown="resubmit", **how)
    assert found.reason.endswith("Run again once the history shows it: what that does not show is submitted again.")
    assert (entries(path, 1), world.submissions()) == ([None], {iccid(0): 1})
    assert outcomes(world.run(fleet(1), **how)) == ["activated"]
    assert world.submissions() == {iccid(0): 2}


def test_without_a_journal_what_is_not_shown_may_be_submitted_again_and_that_is_told():
    world = World({iccid(0): [Fate(late=99_999)]})
    (found,) = world.run(fleet(1), settle_timeout=3)
    assert found.reason == (
        "taken as transaction T1, which does not show it yet (GET /x: not found). "
        "Run again once the history shows it: what that does not show is submitted again."
    )


def test_a_transaction_that_only_the_history_shows_is_looked_for_again(path):
    world = World()
    world.add(line(0, "Processing", "X"), Fate(seconds=9000))
    world.transaction_lines = not_known
    (found,) = world.run(fleet(1), journal=path, settle_timeout=3)
    assert (found.outcome, found.reason) == ("unknown", "GET /x: not found. Run again to look anew.")
