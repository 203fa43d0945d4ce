# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The age of submissions when the clock changes, entries of other services, and invalid paths."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe import journal as _journal
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Entry, Journal, SinceBoot
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import (
    SERVICE,
    in_use,
    left_open,
    submitted,
)


@pytest.fixture
def path(tmp_path):
    """The path of the journal."""
    return tmp_path / "fleet.journal"


class Machine:
    """A machine with a clock that can be set, and one that cannot."""

    def __init__(self, wall=1000.0, boot="first", uptime=50.0):
        self.wall, self.boot, self.uptime = wall, boot, uptime

    def now(self):
        """Return the seconds of the epoch by the settable clock."""
        return self.wall

    def since_boot(self):
        """Return the moment by the clock that cannot be set."""
        return SinceBoot(self.boot, self.uptime) if self.boot else None

    def opened(self, path, service=SERVICE, kind="sim", writable=True):
        """Open a journal on this machine."""
        return in_use(Journal(str(path), service, self.now, self.since_boot), kind, writable)

    def passes(self, seconds):
        """Let time pass."""
        self.wall += seconds
        self.uptime += seconds

    def age(self, path, key="A"):
        """Return the age of the device's submission for a run now."""
        with self.opened(path, writable=False) as journal:
            return journal.age(journal.entry(key))


def sent(path, machine):
    """Write a submission without an outcome. Return its name."""
    with machine.opened(path) as journal:
        return journal.intend(submitted("A"))


@given(st.floats(-1e9, 1e9), st.floats(0, 1e6))
def test_setting_the_clock_between_two_runs_does_not_change_the_age(tmp_path_factory, jump, passed):
    path = tmp_path_factory.mktemp("journal") / "j"
    machine = Machine()
    sent(path, machine)
    machine.passes(passed)
    machine.wall += jump
    assert machine.age(path) == pytest.approx(passed)


def test_after_a_reboot_the_wall_clock_counts(path):
    sent(path, Machine())
    assert Machine(wall=1090.0, boot="second", uptime=3.0).age(path) == 90


@pytest.mark.parametrize("boot", ["second", None])
def test_a_time_in_the_future_counts_as_now(path, boot):
    sent(path, Machine())
    assert Machine(wall=10.0, boot=boot, uptime=3.0).age(path) == 0


def test_a_moment_after_the_current_uptime_counts_as_now(path):
    """This happens on a machine that was reset to a snapshot."""
    sent(path, Machine(uptime=500.0))
    assert Machine(uptime=50.0).age(path) == 0


def test_a_record_without_a_boot_is_read_by_the_wall_clock(path):
    left_open(path)
    assert "boot" not in path.read_text()
    assert Machine(wall=1030.0).age(path) == 30


def test_a_machine_without_a_boot_id_writes_only_the_wall_clock(path):
    sent(path, Machine(boot=None))
    assert "boot" not in path.read_text()
    assert Machine(wall=1030.0).age(path) == 30


@pytest.mark.parametrize("what", ["again", "lost"])
def test_a_repeat_or_a_lost_answer_counts_from_its_moment(path, what):
    machine = Machine()
    name = sent(path, machine)
    machine.passes(40)
    with machine.opened(path) as journal:
        getattr(journal, what)(name)
    machine.passes(2)
    machine.wall = 7.0
    assert machine.age(path) == 2


def test_the_moment_survives_shortening_the_file(path):
    machine = Machine()
    sent(path, machine)
    with machine.opened(path) as journal:
        journal.adopted("B", "P", "T1")
        journal.intend(submitted("C"))
        journal.forget(["C"])
    machine.passes(5)
    machine.wall = 7.0
    assert [machine.age(path, key) for key in "AB"] == [5, 5]


def test_the_default_clocks_are_those_of_the_system(path):
    journal = Journal(str(path), SERVICE)
    with journal.opened(True):
        journal.intend("sim", submitted("A"))
        age = journal.age(journal.entry(("sim", "A")))
    assert 0 <= age < 60
    assert (journal.entry(("sim", "A")).since_boot is None) == (_journal.system_since_boot() is None)


def test_the_boot_id_of_the_system_is_used_if_available(monkeypatch, tmp_path):
    (tmp_path / "boot_id").write_text("0e1f\n")
    for name, boot in (("boot_id", "0e1f"), ("gone", None)):
        monkeypatch.setattr(_journal, "_BOOT_ID", str(tmp_path / name))
        _journal._boot_id.cache_clear()
        here = _journal.system_since_boot()
        assert (here and here.boot) == boot
    _journal._boot_id.cache_clear()


@pytest.mark.parametrize(
    "fields",
    [{"boot": "b"}, {"boot": "b", "uptime": "x"}, {"boot": "b", "uptime": None}, {"at": 10**400}, {"at": [1]}],
)
def test_a_damaged_moment_is_reported(path, fields):
    left_open(path)
    record = {"found": {"A": ["P", "T1"]}, "at": 1, "service": "", "kind": "", **fields}
    with open(path, "a") as stream:
        stream.write(json.dumps(record) + "\n")
    with pytest.raises(InputError, match="line 3: is not a line of a journal"), Machine().opened(path):
        pass


def test_a_line_that_is_nested_too_deep_is_reported(path):
    left_open(path)
    with open(path, "a") as stream:
        stream.write("[" * 200_000 + "\n")
    with pytest.raises(InputError, match="line 3: is not a line of a journal"), Machine().opened(path):
        pass


# -- Another service ---------------------------------------------------------------------------------------------------

OTHER, THIRD = "https://other.example/api", "https://third.example/api"


def test_a_device_with_an_entry_at_another_service_is_found_there(path):
    left_open(path, ["A", "B"])
    with Machine().opened(path, OTHER) as journal:
        assert journal.elsewhere(["X", "B"]) == SERVICE
        assert journal.elsewhere(iter(["X"])) is None


def test_entries_of_this_service_or_of_another_kind_are_not_elsewhere(path):
    left_open(path, ["A"])
    with Machine().opened(path) as journal:
        assert journal.elsewhere(["A"]) is None
    with Machine().opened(path, OTHER, "esim") as journal:
        assert journal.elsewhere(["A"]) is None


def test_the_same_of_several_other_services_is_returned_each_time(path):
    for service in (THIRD, OTHER):
        with Machine().opened(path, service) as journal:
            journal.intend(submitted("A"))
    with Machine().opened(path) as journal:
        assert journal.elsewhere(["A"]) == OTHER


def test_without_a_journal_nothing_is_elsewhere():
    with in_use(Journal(None)) as journal:
        assert journal.elsewhere(["A"]) is None
        assert journal.age(Entry(0.0)) > 0


# -- Invalid paths of a journal ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_an_impossible_path_is_refused(tmp_path, name, writable):
    with (
        pytest.raises(InputError, match=r"journal: .* cannot be opened: the path has a character"),
        Machine().opened(f"{tmp_path}/{name}", writable=writable),
    ):
        pass


def test_a_path_is_shown_without_control_characters(tmp_path):
    with pytest.raises(InputError) as caught, Machine().opened(f"{tmp_path}/\x1b[2J\0"):
        pass
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["gone/journal", "x" * 300, "loop", ""])
def test_a_path_in_a_missing_folder_is_refused(tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=r"journal: .* cannot be opened: "), Machine().opened(f"{tmp_path}/{name}"):
        pass


@pytest.mark.parametrize("writable", [True, False])
def test_a_special_file_is_refused_at_once(tmp_path, writable):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", "/dev/null"):
        with (
            pytest.raises(InputError, match="cannot be opened: not a regular file"),
            Machine().opened(path, writable=writable),
        ):
            pass
