# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker of a task: garbage collection, and its end without ansible-playbook."""

from __future__ import annotations

import contextlib
import gc
import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _worker
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._worker import ending_with_ansible, older_objects_kept

PACKAGE = "ansible_collections.kajeet.sentinel.plugins"
ACTIONS = Path(_worker.__file__).parent.parent / "action"


class EndedError(BaseException):
    """Replaces the end of the process."""


@pytest.fixture
def process(monkeypatch):
    """A function that sets whether this process is a worker, and whether its owner lives."""

    def end(_code):
        raise EndedError

    def become(is_worker, is_owned):
        owner = SimpleNamespace(is_alive=lambda: is_owned)
        monkeypatch.setattr(_worker.Owner, "of_this_process", lambda: owner)
        monkeypatch.setattr(_worker.multiprocessing, "parent_process", lambda: owner if is_worker else None)

    monkeypatch.setattr(_worker.os, "_exit", end)
    return become


@ending_with_ansible()
def task(error=None):
    """Return a result, or raise an error."""
    if error:
        raise error
    return "result"


@pytest.mark.parametrize("error", [None, ValueError("an error of the task")])
def test_a_worker_ends_if_ansible_playbook_has_ended(process, error):
    process(is_worker=True, is_owned=False)
    with pytest.raises(EndedError):
        task(error)


@pytest.mark.parametrize("name", sorted(path.stem for path in ACTIONS.glob("sentinel_*.py")))
def test_each_action_ends_with_ansible_playbook(name):
    action = importlib.import_module(f"{PACKAGE}.action.{name}").ActionModule
    own = [
        vars(part)["run"]
        for part in action.__mro__
        if part.__module__.startswith("ansible_collections.") and "run" in vars(part)
    ]
    assert any(hasattr(run, "__wrapped__") for run in own)


@pytest.mark.parametrize(("is_worker", "is_owned"), [(True, True), (False, True), (False, False)])
def test_any_other_process_returns_the_result(process, is_worker, is_owned):
    """A process that is not a worker may have a reader although its parent has ended."""
    process(is_worker, is_owned)
    assert task() == "result"


def test_older_objects_are_collected_again_after_an_error():
    with contextlib.suppress(RuntimeError), older_objects_kept():
        raise RuntimeError
    assert gc.get_freeze_count() == 0
