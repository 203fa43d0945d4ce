# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action that runs only on the controller: arguments, environment and secrets."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import connection_spec
from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _on_controller
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._on_controller import ControllerAction


class Action(ControllerAction):
    """An action with a given story, for a host that cannot be reached."""

    def __init__(self, arguments, story, environment=None, async_val=0):
        task = SimpleNamespace(
            get_path=lambda: "/plays/play.yml:3",
            args=arguments,
            action="kajeet.sentinel.sentinel_drift_info",
            environment=environment,
            async_val=async_val,
            check_mode=True,
            resolved_action="kajeet.sentinel.sentinel_drift_info",
        )
        shell = SimpleNamespace(env_prefix=lambda **variables: "", tmpdir="/nowhere")
        templar = SimpleNamespace(template=lambda value: value)
        loader = SimpleNamespace(get_basedir=lambda: "/")
        super().__init__(task, SimpleNamespace(transport="ssh", _shell=shell), None, loader, templar)
        self._story = story

    def spec(self):
        return {**connection_spec(), "number": {"type": "int", "default": 7}}

    def story(self, module, variables):
        return self._story(module, variables)


def test_the_story_has_checked_arguments_and_the_variables_of_the_task():
    seen = []
    result = Action({"concurrency": "3"}, lambda *given: seen.append(given) or {"msg": "done"}).run(None, {"a": 1})
    ((module, variables),) = seen
    assert (module.params["concurrency"], module.params["number"], variables) == (3, 7, {"a": 1})
    assert (result["msg"], result["changed"]) == ("done", False)


def test_the_story_has_the_environment_of_its_task_and_the_directory_of_the_playbook():
    seen = []
    before = os.getcwd()

    def story(*_given):
        seen.append((os.getcwd(), os.environ["SENTINEL_CORP_ID"]))
        return {}

    Action({}, story, environment=[{"SENTINEL_CORP_ID": "NORTHSTAR-ISD"}]).run()
    assert seen == [("/", "NORTHSTAR-ISD")]
    assert (os.getcwd(), os.environ.get("SENTINEL_CORP_ID")) == (before, None)


def test_an_error_is_a_result():
    def story(*_given):
        raise InputError(["src: is blank"])

    result = Action({}, story).run()
    assert (result["failed"], result["msg"], result["error"]["kind"]) == (True, "src: is blank", "input")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"numbers": 1}, "Unsupported parameters for (kajeet.sentinel.sentinel_drift_info) module: numbers."),
        ({"number": "many"}, "argument 'number' is of type str and we were unable to convert to int"),
    ],
)
def test_wrong_arguments_are_a_result_and_the_story_does_not_run(arguments, message):
    result = Action(arguments, lambda *_given: pytest.fail("the story ran")).run()
    assert result["failed"]
    assert message in result["msg"]


def test_secrets_are_masked_in_results_and_in_errors_of_arguments():
    secret = "wrong-secret-0815"
    result = Action({"api_token": secret}, lambda *_given: {"msg": f"used {secret}"}).run()
    wrong = Action({"api_token": secret, "number": secret}, lambda *_given: {}).run()
    assert wrong["failed"]
    assert secret not in str((result, wrong))


def test_a_task_in_the_background_is_refused():
    with pytest.raises(AnsibleActionFail, match="does not support async"):
        Action({}, lambda *_given: {}, async_val=60).run()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, None),
        ("darwin", {}, "localhost"),
        ("darwin", {"HTTPS_PROXY": "http://proxy.example"}, None),
        ("darwin", {"no_proxy": "*"}, "*"),
    ],
)
def test_a_forked_process_on_macos_does_not_ask_the_system_for_proxies(monkeypatch, platform, variables, expected):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(_on_controller.sys, "platform", platform)
    seen = []
    Action({}, lambda *_given: seen.append(os.environ.get("no_proxy")) or {}).run()
    assert seen == [expected]
