# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module: arguments and environment, result or error, and no secrets in the output."""

from __future__ import annotations

import inspect
import json

import pytest
from ansible.module_utils import basic

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    MissingLibraryError,
    ScopeError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import (
    SentinelModule,
    activation_spec,
    run_module,
    secret_receiver,
    without_secrets,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.secrecy import MASK
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import declared


def run_one(modules, story):
    """Adds a module to the list and runs a story in it."""
    modules.append(SentinelModule(activation_spec(SIM.identity.identifiers, SIM.formats), supports_check_mode=True))
    run_module(modules[-1], story)


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a story in a module with arguments: run(story, option=…) → (its parameters, its output)."""

    def run_with(story, modules=None, **arguments):
        given = {"_ansible_check_mode": False, "_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False}
        if "_ansible_inject_invocation" in inspect.getsource(basic):  # from ansible-core 2.21 on, only on request
            given["_ansible_inject_invocation"] = True
        text = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **given}})
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", text.encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        modules = [] if modules is None else modules
        with pytest.raises(SystemExit):
            run_one(modules, story)
        printed = json.loads(capsys.readouterr().out)
        # From ansible-core 2.22 on, a module registers the secrets to mask.
        printed.pop("_ansible_new_secrets", None)
        return modules[-1].params if modules else {}, printed

    return run_with


def fail_with(error):
    """A story that ends in an error."""

    def story():
        raise error

    return story


def test_a_result_is_printed_and_its_warnings_are_issued(run, monkeypatch):
    issued = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda module, text: issued.append(text))
    _params, printed = run(lambda: {"changed": True, "msg": "done", "warnings": ["odd"]})
    assert printed["changed"] is True
    assert printed["msg"] == "done"
    assert issued == ["odd"]
    assert "warnings" not in printed
    assert not printed.get("failed")


def test_a_failed_result_fails_the_module_and_keeps_all_else(run):
    _params, printed = run(lambda: {"changed": True, "failed": True, "msg": "1 failed", "devices": [1]})
    assert (printed["failed"], printed["changed"], printed["msg"], printed["devices"]) == (True, True, "1 failed", [1])


def test_an_error_is_returned_as_message_and_data(run):
    _params, printed = run(fail_with(ScopeError("no scope.", "Have it granted.", "GET", "/x", 403)))
    assert printed["failed"] is True
    assert printed["msg"] == "GET /x: no scope. Have it granted."
    assert printed["error"] == {
        "kind": "scope",
        "method": "GET",
        "path": "/x",
        "status": 403,
        "cure": "Have it granted.",
    }


def test_all_problems_of_the_input_are_returned(run):
    _params, printed = run(fail_with(InputError(["one", "two"])))
    assert printed["msg"].split("\n")[1:] == ["one", "two"]


def test_a_missing_library_is_reported_with_the_command_that_installs_it(run):
    _params, printed = run(fail_with(MissingLibraryError("voluptuous", "Traceback …")))
    assert printed["failed"] is True
    assert printed["msg"].endswith(" -m pip install voluptuous")
    assert printed["error"]["kind"] == "missing_library"


def test_warnings_are_shortened_and_limited(run, monkeypatch):
    issued = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda module, text: issued.append(text))
    run(lambda: {"warnings": ["first", "first", "x" * 5000, *(f"odd {number}" for number in range(100))]})
    assert issued[:3] == ["first", "x" * 500 + " …", "odd 0"]
    assert issued[20:] == ["and 82 more warnings"]


def test_unset_options_come_from_the_environment(run, monkeypatch):
    variables = {
        "SENTINEL_API_URL": "https://h/api",
        "SENTINEL_TOKEN": "tok-env",
        "SENTINEL_USERNAME": "u",
        "SENTINEL_PASSWORD": "pw-env",
        "SENTINEL_CORP_ID": "X",
        "SENTINEL_VALIDATE_CERTS": "no",
        "SENTINEL_CA_PATH": "/ca.pem",
        "SENTINEL_REQUEST_TIMEOUT": "7",
        "SENTINEL_REQUEST_RETRIES": "3",
        "SENTINEL_CONCURRENCY": "2",
        "SENTINEL_REQUESTS_PER_MINUTE": "60",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    params, _printed = run(dict, corp_id="task")
    assert params["corp_id"] == "task"
    assert params["api_url"] == "https://h/api"
    assert (params["api_token"], params["api_username"], params["api_password"]) == ("tok-env", "u", "pw-env")
    assert (params["validate_certs"], params["ca_path"]) == (False, "/ca.pem")
    assert (params["request_timeout"], params["request_retries"]) == (7.0, 3)
    assert (params["concurrency"], params["requests_per_minute"]) == (2, 60)


@pytest.mark.parametrize("story", [lambda: {"msg": "see tok-task"}, fail_with(ScopeError("tok-task and pw-task"))])
def test_no_secret_is_printed(run, monkeypatch, story):
    monkeypatch.setenv("SENTINEL_PASSWORD", "pw-task")
    _params, printed = run(story, api_token="tok-task")
    assert "tok-task" not in json.dumps(printed)
    assert "pw-task" not in json.dumps(printed)


def test_an_obtained_secret_is_not_printed(run):
    """Up to ansible-core 2.21, AnsibleModule removes secrets from a result. From 2.22 on, it does not."""
    modules = []

    def story():
        receive = secret_receiver(modules[-1])
        receive("tok-obtained")
        return {
            "msg": "by tok-obtained",
            "listed": ["tok-obtained", 1, None, True],
            "warnings": ["tok-obtained is odd"],
        }

    _params, printed = run(story, modules, api_token="tok-task")
    assert "tok-obtained" not in json.dumps(printed)
    assert printed["listed"][1:] == [1, None, True]
    assert printed["msg"] == f"by {MASK}"


def test_no_secret_is_printed_for_an_invalid_argument(run):
    _params, printed = run(dict, api_token="tok-misspelt", colour="blue")
    assert "Unsupported parameters" in printed["msg"]
    assert printed["invocation"]["module_args"]["colour"] == "blue"
    assert "tok-misspelt" not in json.dumps(printed)


@pytest.mark.parametrize("secret", ["tok-given", "pass word, with blanks"])
def test_secrets_are_removed_from_any_value(secret):
    value = {"a": [secret, f"see {secret}.", 7, None, False], "b": {"c": ("x", secret)}}
    found = without_secrets(value, [secret])
    assert secret not in json.dumps(found)
    assert found["a"][1:] == [f"see {MASK}.", 7, None, False]
    assert next(iter(found["b"]["c"])) == "x"


@pytest.mark.parametrize("url", ["https://me:pass-word@h/api", "me:pass-word@h", "https ://me:pass-word@h#x"])
@pytest.mark.parametrize("by", ["task", "environment"])
def test_a_password_in_the_url_is_not_printed(run, monkeypatch, url, by):
    monkeypatch.setenv("SENTINEL_API_URL", url)
    params, printed = run(lambda: {"msg": f"{url} and pass-word"}, **({"api_url": url} if by == "task" else {}))
    assert params["api_url"] == url
    assert "invocation" in printed
    assert "pass-word" not in json.dumps(printed)


def test_the_invocation_shows_only_set_fields_of_devices(run):
    _params, printed = run(dict, devices=[declared(0)])
    assert printed["invocation"]["module_args"]["devices"] == [declared(0)]
    assert printed["invocation"]["module_args"]["history"] == "full"


@pytest.mark.parametrize("story", [dict, fail_with(InputError(["one"]))])
def test_the_invocation_of_a_fleet_is_brief(run, story):
    devices = [declared(number) for number in range(2000)]
    _params, printed = run(story, devices=devices)
    assert printed["invocation"]["module_args"]["devices"] == "2000 devices"
    assert len(json.dumps(printed)) < 5_000


def test_the_invocation_shows_the_size_of_a_long_text(run):
    _params, printed = run(dict, approved_plan='{"devices": []}' + " " * 5000)
    assert printed["invocation"]["module_args"]["approved_plan"] == "5015 characters"


@pytest.mark.parametrize("value", [{str(number): "x" for number in range(1000)}, {"one": "x" * 5000}])
def test_the_invocation_shows_the_size_of_a_long_mapping(run, value):
    _params, printed = run(dict, extra_body=value)
    shown = "1 item" if len(value) == 1 else "1000 items"
    assert printed["invocation"]["module_args"]["extra_body"] == shown
