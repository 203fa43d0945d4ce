# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in the task's own process: the same arguments, the same end, and no secret in it."""

from __future__ import annotations

import contextlib
import os
import re

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AuthenticationError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import activation_spec, run_module
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._here import Ended, Machine, _surroundings

SPEC = activation_spec(SIM.identity.identifiers, SIM.formats)


def ended(arguments, story):
    """The result of a story with these arguments."""
    machine = Machine(SPEC, arguments)

    def checked():
        machine.check("sentinel_activation")
        return story(machine)

    with pytest.raises(Ended) as caught:
        run_module(machine, checked)
    return caught.value.result


def test_arguments_are_converted_and_completed_as_for_a_module(monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "tok-1")
    machine = Machine(SPEC, {"iccid": 8901, "wait": "no", "wait_timeout": "60", "src": "~/fleet.csv"})
    assert machine.params["iccid"] == "8901"
    assert machine.params["wait"] is False
    assert machine.params["wait_timeout"] == 60.0
    assert machine.params["src"] == os.path.expanduser("~/fleet.csv")
    assert machine.params["history"] == "full"
    assert machine.params["api_token"] == "tok-1"
    assert "tok-1" in machine.no_log_values


def test_a_result_ends_it_with_warnings_and_the_invocation():
    result = ended({}, lambda machine: {"changed": True, "summary": {"activated": 1}, "warnings": ["odd"]})
    assert (result["changed"], result["summary"], result["warnings"]) == (True, {"activated": 1}, ["odd"])
    assert result["invocation"]["module_args"]["history"] == "full"
    assert "failed" not in result


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"iccids": "1"}, r"^Unsupported parameters for \(sentinel_activation\) module: iccids"),
        ({"history": "all"}, "value of history must be one of: full, recent, none, got: all"),
        ({"devices": [{"imie": "1"}]}, "Unsupported parameters for"),
        ({"wait_timeout": "soon"}, "wait_timeout"),
    ],
)
def test_wrong_arguments_fail_it_before_anything_else(arguments, told):
    def story(machine):
        raise AssertionError(f"must not run: {machine}")

    result = ended(arguments, story)
    assert result["failed"]
    assert re.search(told, result["msg"])


def test_an_error_ends_it_in_words_without_secrets():
    def story(machine):
        machine.no_log_values.add("tok-new")
        raise AuthenticationError("api_token tok-old and tok-new are not accepted.", "Get a new one.")

    result = ended({"api_token": "tok-old"}, story)
    assert result["failed"]
    assert result["changed"] is False
    assert "Get a new one." in result["msg"]
    assert "tok-" not in str(result)


def test_the_directory_and_the_environment_are_those_of_a_module_and_are_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTINEL_TOKEN", "before")
    directory = os.getcwd()
    with contextlib.suppress(KeyError), _surroundings(str(tmp_path), {"SENTINEL_TOKEN": "task", "NEW": 1}):
        assert os.path.samefile(os.getcwd(), tmp_path)
        assert (os.environ["SENTINEL_TOKEN"], os.environ["NEW"]) == ("task", "1")
        raise KeyError
    assert os.getcwd() == directory
    assert os.environ["SENTINEL_TOKEN"] == "before"
    assert "NEW" not in os.environ
