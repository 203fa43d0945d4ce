# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in the task's own process: the same arguments, the same end, and no secret in it."""

from __future__ import annotations

import contextlib
import datetime
import os
from types import SimpleNamespace

import pytest
from ansible.plugins.action.normal import ActionModule as NormalAction

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AuthenticationError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import run_module
from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _here
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._here import (
    Ended,
    KindAction,
    Machine,
    surroundings,
)

SENT = {"sent": True}


class Action(KindAction):
    """An action of SIMs, with a task on the controller that has no environment of its own."""

    kind = SIM

    def __init__(self, arguments, **task):
        settings = {"check_mode": False, "diff": False, "no_log": False, "async_val": 0, "environment": None, **task}
        shell = SimpleNamespace(env_prefix=lambda **environment: "")
        super().__init__(
            SimpleNamespace(args=arguments, name="", action="kajeet.sentinel.sentinel_activation", **settings),
            SimpleNamespace(transport="local", become=None, _shell=shell),
            None,
            SimpleNamespace(get_basedir=lambda: "."),
            None,
        )


@pytest.fixture
def engine(monkeypatch):
    """What the engine was given, call by call; its result is that the fleet is active."""
    calls = []

    def activate(subject, params, mode, on_secret, surroundings):
        calls.append(
            SimpleNamespace(subject=subject, params=params, mode=mode, on_secret=on_secret, report=surroundings.report)
        )
        return {"changed": True, "msg": f"used {params['api_token']}"}

    monkeypatch.setattr(_here, "activate", activate)
    monkeypatch.setattr(_here.sys, "platform", "linux")
    monkeypatch.setattr(NormalAction, "run", lambda self, tmp=None, task_vars=None: SENT)
    return calls


def ended(story, *secrets):
    """The result of a story."""
    machine = Machine({"history": "full"}, secrets)
    with pytest.raises(Ended) as caught:
        run_module(machine, lambda: story(machine))
    return caught.value.result


def test_arguments_are_converted_and_completed_as_for_a_module(engine, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "tok-1")
    arguments = {"iccid": 8901, "wait": "no", "wait_timeout": "60", "src": "~/fleet.csv"}
    result = Action({**arguments, "extra_body": {"when": datetime.date(2026, 1, 31)}}).run()
    (call,) = engine
    assert call.params["iccid"] == "8901"
    assert call.params["wait"] is False
    assert call.params["wait_timeout"] == 60.0
    assert call.params["src"] == os.path.expanduser("~/fleet.csv")
    assert call.params["history"] == "full"
    assert call.params["extra_body"] == {"when": "2026-01-31"}
    assert call.params["api_token"] == "tok-1"
    assert result["changed"]
    assert "tok-1" not in str(result)


@pytest.mark.parametrize(
    "arguments",
    [{"iccids": "1"}, {"history": "all"}, {"devices": [{"imie": "1"}]}, {"wait_timeout": "soon"}, {"devices": "x y"}],
)
def test_a_task_with_wrong_arguments_is_sent_so_that_the_module_says_what_is_wrong(engine, arguments):
    assert Action(arguments).run() is SENT
    assert engine == []


def test_a_task_in_the_background_is_sent(engine):
    assert Action({}, async_val=60).run() is SENT
    assert engine == []


def test_a_task_that_is_not_logged_reports_no_progress(engine, monkeypatch):
    intervals = []
    monkeypatch.setattr(_here, "reporting", lambda snapshot, say, interval, clock: intervals.append(interval))
    for no_log in (False, True):
        Action({"progress_interval": "7"}, no_log=no_log).run()
        engine[-1].report(None)
    assert intervals == [7.0, 0.0]


def test_a_result_ends_it_with_warnings_and_the_invocation():
    result = ended(lambda machine: {"changed": True, "summary": {"activated": 1}, "warnings": ["odd"]})
    assert (result["changed"], result["summary"], result["warnings"]) == (True, {"activated": 1}, ["odd"])
    assert result["invocation"]["module_args"]["history"] == "full"
    assert "failed" not in result


def test_an_error_ends_it_in_words_without_secrets():
    def story(machine):
        machine.no_log_values.add("tok-new")
        raise AuthenticationError("api_token tok-old and tok-new are not accepted.", "Get a new one.")

    result = ended(story, "tok-old")
    assert result["failed"]
    assert result["changed"] is False
    assert "Get a new one." in result["msg"]
    assert "tok-" not in str(result)


def test_the_directory_and_the_environment_are_those_of_a_module_and_are_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "before")
    directory = os.getcwd()
    with contextlib.suppress(KeyError), surroundings(str(tmp_path), {"SENTINEL_TOKEN": "task", "NEW": 1}):
        assert os.path.samefile(os.getcwd(), tmp_path)
        assert (os.environ["SENTINEL_TOKEN"], os.environ["NEW"]) == ("task", "1")
        raise KeyError
    assert os.getcwd() == directory
    assert os.environ["SENTINEL_TOKEN"] == "before"
    assert "NEW" not in os.environ
