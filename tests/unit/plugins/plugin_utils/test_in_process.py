# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in the task's own process: arguments, result and secrets."""

from __future__ import annotations

import contextlib
import datetime
import gc
import os
from types import SimpleNamespace

import pytest
from ansible.plugins.action.normal import ActionModule as NormalAction

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AuthenticationError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import run_module
from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _console, _in_process
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._in_process import (
    InProcessModule,
    KindAction,
    ModuleExit,
    module_environment,
)

SENT = {"sent": True}


class Action(KindAction):
    """An action of SIMs, for a task on the controller."""

    kind = SIM

    def __init__(self, arguments, **task):
        settings = {
            "get_path": lambda: "/plays/play.yml:3",
            "failed_when": [],
            "until": [],
            "check_mode": False,
            "diff": False,
            "no_log": False,
            "run_once": False,
            "async_val": 0,
            "environment": None,
            **task,
        }
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
    """The calls of the engine, which always succeeds."""
    calls = []

    def activate(subject, params, mode, _on_secret, surroundings):
        known = {"subject": subject, "params": params, "mode": mode, "surroundings": surroundings}
        calls.append(SimpleNamespace(**known, frozen=gc.get_freeze_count()))
        return {"changed": True, "plan": {}, "msg": f"attention\nused {params['api_token']}"}

    monkeypatch.setattr(_in_process, "activate", activate)
    monkeypatch.setattr(_in_process.sys, "platform", "linux")
    monkeypatch.setattr(NormalAction, "run", lambda self, tmp=None, task_vars=None: SENT)
    return calls


def ended(story, *secrets):
    """The result of a story."""
    module = InProcessModule({"history": "full"}, secrets)
    with pytest.raises(ModuleExit) as caught:
        run_module(module, lambda: story(module))
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
def test_a_task_with_wrong_arguments_is_sent_to_the_module(engine, arguments):
    assert Action(arguments).run() is SENT
    assert engine == []


def test_a_task_in_the_background_is_sent(engine):
    assert Action({}, async_val=60).run() is SENT
    assert engine == []


def test_a_task_with_no_log_shows_no_progress(engine, monkeypatch):
    intervals = []
    monkeypatch.setattr(_in_process, "reporting", lambda snapshot, say, interval, clock: intervals.append(interval))
    for no_log in (False, True):
        Action({"progress_interval": "7"}, no_log=no_log).run()
        engine[-1].surroundings.report(None)
    assert intervals == [7.0, 0.0]


@pytest.fixture
def shown(monkeypatch):
    """The lines that are shown, as kind and text."""
    lines = []
    for name in ("progress", "plan", "summary"):
        monkeypatch.setattr(
            _in_process.Console,
            name,
            lambda self, what, result=None, name=name, **_how: lines.append(
                (name, self._prefix + str(self._clean(what)))
            ),
        )
    return lines


def test_the_last_line_of_the_message_is_shown_at_the_end(engine, shown, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "tok-1")
    Action({}).run()
    assert len(engine) == 1
    assert shown == [("summary", "used ********")]


def test_without_a_plan_nothing_is_shown(engine, shown, monkeypatch):
    def refuse(*_args):
        raise AuthenticationError("not accepted")

    monkeypatch.setattr(_in_process, "activate", refuse)
    assert Action({}).run()["failed"]
    assert engine == shown == []


@pytest.mark.parametrize(
    ("hosts", "task", "prefix"),
    [
        (["localhost"], {}, ""),
        (["a", "b"], {}, "b: kajeet.sentinel.sentinel_activation: "),
        # A task that runs once is not about a single host.
        (["a", "b"], {"run_once": True}, ""),
    ],
)
def test_lines_start_with_the_host_if_the_task_runs_for_several(engine, shown, hosts, task, prefix):
    Action({}, **task).run(task_vars={"ansible_play_hosts_all": hosts, "inventory_hostname": hosts[-1]})
    engine[0].surroundings.say("waiting")
    with pytest.raises(KeyError), engine[0].surroundings.ending(lambda: "interrupted"):
        raise KeyError
    assert shown[1:] == [("progress", f"{prefix}waiting"), ("summary", f"{prefix}interrupted")]


@pytest.mark.parametrize(
    ("task", "hosts", "is_shown"),
    [
        ({"check_mode": True}, ["a"], True),
        ({"check_mode": True, "diff": True}, ["a"], False),
        ({"check_mode": True}, ["a", "b"], False),
        ({"check_mode": True, "run_once": True}, ["a", "b"], True),
        ({}, ["a"], False),
    ],
)
def test_the_plan_is_shown_in_check_mode_without_diff_and_for_one_host(engine, shown, task, hosts, is_shown):
    Action({}, **task).run(task_vars={"ansible_play_hosts_all": hosts})
    engine[0].surroundings.show_plan("the plan")
    assert (("plan", "the plan") in shown) is is_shown


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("task", "callback", "is_shown"),
    [
        ({}, "default", False),
        ({"no_log": True}, "default", True),
        ({"failed_when": ["odd"]}, "default", True),
        ({}, "ansible.posix.json", True),
    ],
)
def test_the_last_line_of_a_failure_is_shown_if_ansible_does_not_show_it(shown, monkeypatch, task, callback, is_shown):
    def fail(*_arguments):
        return {"failed": True, "plan": {}, "msg": "attention\n1 failed"}

    monkeypatch.setattr(_in_process, "activate", fail)
    monkeypatch.setattr(_console.C, "DEFAULT_STDOUT_CALLBACK", callback)
    Action({}, **task).run()
    assert (("summary", "1 failed") in shown) is is_shown


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("2.17.5", "kajeet.sentinel needs ansible-core 2.19 or later; this is 2.17.5."),
        ("2.9.27", "kajeet.sentinel needs ansible-core 2.19 or later; this is 2.9.27."),
        ("2.19.0b1", None),
        ("2.22.0.dev0", None),
        ("3.0.0", None),
    ],
)
def test_an_unsupported_ansible_core_is_reported_first(engine, monkeypatch, version, problem):
    monkeypatch.setattr(_in_process, "ANSIBLE_VERSION", version)
    result = Action({}).run()
    if problem:
        assert (result["failed"], result["changed"], result["msg"]) == (True, False, problem)
    assert len(engine) == (0 if problem else 1)


def test_a_result_has_warnings_and_the_invocation():
    result = ended(lambda module: {"changed": True, "summary": {"activated": 1}, "warnings": ["odd"]})
    assert (result["changed"], result["summary"], result["warnings"]) == (True, {"activated": 1}, ["odd"])
    assert result["invocation"]["module_args"]["history"] == "full"
    assert "failed" not in result


def test_an_error_is_a_result_without_secrets():
    def story(module):
        module.no_log_values.add("tok-new")
        raise AuthenticationError("api_token tok-old and tok-new are not accepted.", "Get a new one.")

    result = ended(story, "tok-old")
    assert result["failed"]
    assert result["changed"] is False
    assert "Get a new one." in result["msg"]
    assert "tok-" not in str(result)


def test_directory_and_environment_are_set_and_restored(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "before")
    directory = os.getcwd()
    with contextlib.suppress(KeyError), module_environment(str(tmp_path), {"SENTINEL_TOKEN": "task", "NEW": 1}):
        assert os.path.samefile(os.getcwd(), tmp_path)
        assert (os.environ["SENTINEL_TOKEN"], os.environ["NEW"]) == ("task", "1")
        raise KeyError
    assert os.getcwd() == directory
    assert os.environ["SENTINEL_TOKEN"] == "before"
    assert "NEW" not in os.environ


def test_older_objects_are_left_out_of_garbage_collection_until_the_task_ends(engine):
    Action({"iccid": "8901"}).run()
    assert engine[0].frozen > 0
    assert gc.get_freeze_count() == 0
