# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: names, environment, defaults, ranges."""

from __future__ import annotations

import datetime
import math

import pytest
import yaml

from ansible_collections.kajeet.sentinel.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.kajeet.sentinel.plugins.module_utils import _wire
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import (
    DEVICE_FIELDS,
    ENVIRONMENT,
    FIELDS,
    STATUS_WORDS_KEYS,
    ActivationOptions,
    ConnectionOptions,
    activation_spec,
    connection_spec,
    device_spec,
)

#: The design's table of connection options.
CONNECTION = {
    "api_url": ("SENTINEL_API_URL", "https://api.kajeet.dev/sentinel-proxy/sentinel/api"),
    "api_token": ("SENTINEL_TOKEN", None),
    "api_username": ("SENTINEL_USERNAME", None),
    "api_password": ("SENTINEL_PASSWORD", None),
    "corp_id": ("SENTINEL_CORP_ID", None),
    "validate_certs": ("SENTINEL_VALIDATE_CERTS", True),
    "ca_path": ("SENTINEL_CA_PATH", None),
    "request_timeout": ("SENTINEL_REQUEST_TIMEOUT", 30.0),
    "request_retries": ("SENTINEL_REQUEST_RETRIES", 5),
    "concurrency": ("SENTINEL_CONCURRENCY", 8),
    "requests_per_minute": ("SENTINEL_REQUESTS_PER_MINUTE", None),
    "field_names": ("SENTINEL_FIELD_NAMES", None),
    "status_words": ("SENTINEL_STATUS_WORDS", None),
    "allow_http": ("SENTINEL_ALLOW_HTTP", False),
}
#: The design's table of activation options.
ACTIVATION = {
    "src": None,
    "devices": None,
    "state": "active",
    "request_format": "single",
    "batch_size": 2000,
    "history": "full",
    "retry_failed": True,
    "on_conflict": "fail",
    "preflight": True,
    "strict": False,
    "max_new_activations": None,
    "approved_plan": None,
    "plan_file": None,
    "wait": True,
    "wait_timeout": 1800.0,
    "settle_timeout": 30.0,
    "journal": None,
    "progress_interval": 5.0,
    "on_unknown": "fail",
    "poll_interval": 2.0,
    "poll_max_interval": 60.0,
    "extra_body": None,
    "result_devices": "changed",
    "result_limit": 1000,
    "result_file": None,
}
CHOICES = {
    "state": ["active"],
    "request_format": ["single", "batch"],
    "history": ["full", "recent", "none"],
    "on_conflict": ["fail", "skip", "activate"],
    "on_unknown": ["fail", "resubmit"],
    "result_devices": ["all", "changed", "attention", "none"],
}
SECONDS = ("wait_timeout", "settle_timeout", "poll_interval", "poll_max_interval", "progress_interval")
SPEC = activation_spec(SIM.identity.identifiers, SIM.formats)


def connection(**given):
    """Connection options as a module's parameters give them."""
    values = {name: default for name, (_variable, default) in CONNECTION.items()}
    return ConnectionOptions.read({**values, "api_url": "https://h/api", **given}.get)


@pytest.mark.parametrize(("name", "documented"), CONNECTION.items())
def test_a_connection_option_has_its_variable_and_its_default(name, documented):
    spec = connection_spec()[name]
    assert (spec["fallback"][1][0], spec.get("default")) == documented
    assert SPEC[name]["fallback"][1] == spec["fallback"][1]


def test_there_are_no_other_connection_options():
    assert set(connection_spec()) == set(CONNECTION)


def test_secrets_are_marked_as_such():
    assert {name for name, spec in SPEC.items() if spec.get("no_log")} == {"api_token", "api_password"}


def test_the_activation_options_are_those_of_the_design_with_their_defaults():
    others = set(CONNECTION) | set(device_spec(SIM.identity.identifiers))
    assert {name: spec.get("default") for name, spec in SPEC.items() if name not in others} == ACTIVATION
    assert {name: spec["choices"] for name, spec in SPEC.items() if "choices" in spec} == CHOICES


def test_options_without_parameters_have_the_documented_defaults():
    options = ActivationOptions.read({})
    for name, default in ACTIVATION.items():
        if name in ActivationOptions.__dataclass_fields__ and name != "request_format":
            assert getattr(options, name) in (default, {} if default is None else default)


def test_a_kind_without_a_choice_of_formats_has_no_such_option():
    assert "request_format" not in activation_spec(("sim_id",))


def test_each_field_of_a_device_is_an_optional_string_at_the_top_level_and_in_the_list():
    expected = {name: {"type": "str"} for name in ("imei", "iccid", *DEVICE_FIELDS)}
    assert SPEC["devices"]["options"] == expected
    assert {name: SPEC[name] for name in expected} == expected


def test_connection_options_are_read_and_tidied():
    options = connection(api_url=" https://h/api// ", api_token="", corp_id="", ca_path="", api_username="u")
    assert options == ConnectionOptions("https://h/api", api_username="u")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("h/api", "'h/api' is no URL: it starts with https:// (or http://)"),
        ("", "is no URL"),
        (None, "is no URL"),
        ("ftp://h", "is no URL"),
        ("https://", "is no URL"),
        ("https://user:word@h/api", "carries credentials: give them as api_username and api_password"),
    ],
)
def test_a_wrong_url_is_named_and_never_shown_with_credentials(url, told):
    with pytest.raises(InputError) as caught:
        connection(api_url=url)
    assert str(caught.value).startswith("api_url: ")
    assert told in str(caught.value)
    assert "word@" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("request_timeout", 0, "is too small: 0.001 is the least"),
        ("request_retries", -1, "is too small: 0 is the least"),
        ("concurrency", 0, "is too small: 1 is the least"),
        ("concurrency", 257, "is too large: 256 is the most"),
        ("requests_per_minute", 0, "is too small: 1 is the least"),
        ("request_timeout", 1e12, "is too large: 864000 is the most"),
        ("request_timeout", math.inf, "is too large: 864000 is the most"),
    ],
)
def test_a_connection_number_out_of_its_range_is_named(name, value, told):
    with pytest.raises(InputError, match=f"{name}: {value} {told}"):
        connection(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("batch_size", 0, "is too small: 1 is the least"),
        ("batch_size", 2001, "is too large: 2000 is the most"),
        ("max_new_activations", -1, "is too small: 0 is the least"),
        ("wait_timeout", -1.0, "is too small: 0 is the least"),
        ("settle_timeout", -1.0, "is too small: 0 is the least"),
        ("poll_interval", 0.0, "is too small: 0.01 is the least"),
        ("poll_max_interval", 0.0, "is too small: 0.01 is the least"),
        ("result_limit", -1, "is too small: 0 is the least"),
        ("result_limit", 1001, "is too large: 1000 is the most"),
        *[(name, math.inf, "is too large: 864000 is the most") for name in SECONDS],
        *[(name, 864_001, "is too large: 864000 is the most") for name in SECONDS],
    ],
)
def test_an_activation_number_out_of_its_range_is_named(name, value, told):
    with pytest.raises(InputError, match=f"{name}: {value} {told}"):
        ActivationOptions.read({name: value})


def test_what_is_not_a_number_is_named():
    with pytest.raises(InputError, match="request_timeout: is not a number"):
        connection(request_timeout=math.nan)
    with pytest.raises(InputError, match="poll_interval: is not a number"):
        ActivationOptions.read({"poll_interval": math.nan})


@pytest.mark.parametrize(
    "token", ["tok-secret…", "tok\nsecret", "tok-secret–1", "\u201ctok-secret\u201d", "tok\0secret", "\udcff"]
)
def test_a_token_that_cannot_be_sent_is_named_and_not_shown(token):
    with pytest.raises(InputError) as caught:
        connection(api_token=token, concurrency=0)
    number, problem = caught.value.problems
    assert number.startswith("concurrency: ")
    assert problem.startswith("api_token: has a character that cannot be sent (it is not shown")
    assert "secret\n" not in str(caught.value)
    assert "tok-" not in str(caught.value)


def test_a_login_may_have_any_characters():
    options = connection(api_username="schön…", api_password="pässwörd…")
    assert options.api_password == "pässwörd…"


@pytest.mark.parametrize(
    "value", [{"x": math.nan}, {"x": [{"y": -math.inf}]}, {"x": datetime.date(2026, 1, 31)}, {("x",): 1}]
)
def test_what_cannot_be_sent_as_json_is_named(value):
    with pytest.raises(InputError, match=r"^extra_body: cannot be sent as JSON: "):
        ActivationOptions.read({"extra_body": value})


def test_what_can_be_sent_as_json_is_taken():
    body = {"x": [1, 2.5, None, True, "…"], "y": {"z": {}}}
    assert ActivationOptions.read({"extra_body": body}).extra_body == body


def test_the_ends_of_the_ranges_are_within_them():
    ends = {"batch_size": 2000, "max_new_activations": 0, "wait_timeout": 0.0, "poll_interval": 0.01, "result_limit": 0}
    options = ActivationOptions.read(ends)
    assert {name: getattr(options, name) for name in ends} == ends
    assert connection(concurrency=256, request_retries=0).concurrency == 256


def test_all_numbers_out_of_range_are_named_at_once():
    with pytest.raises(InputError) as caught:
        ActivationOptions.read({"batch_size": 0, "result_limit": 5000, "wait_timeout": -1})
    told = {problem.split(":")[0] for problem in caught.value.problems}
    assert told == {"batch_size", "result_limit", "wait_timeout"}


# -- Names, words, and where credentials go ----------------------------------------------------------------------------


def problems_of(**given):
    """What is wrong with connection options."""
    with pytest.raises(InputError) as caught:
        connection(**given)
    return caught.value.problems


@pytest.mark.parametrize(
    ("option", "value", "read"),
    [
        ("field_names", None, {}),
        ("field_names", "", {}),
        ("field_names", {}, {}),
        ("field_names", {"iccid": "Chip"}, {"iccid": ["Chip"]}),
        ("field_names", {"iccid": ["Chip", "Card"], "imei": ("Unit",)}, {"iccid": ["Chip", "Card"], "imei": ["Unit"]}),
        ("field_names", '{"iccid": "Chip", "status": ["Outcome"]}', {"iccid": ["Chip"], "status": ["Outcome"]}),
        ("status_words", {"success": ["Live"], "failed": None}, {"success": ["Live"], "failed": []}),
        ("status_words", {"failed": 7}, {"failed": ["7"]}),
        ("status_words", ' {"suspended": ["Paused"]} ', {"suspended": ["Paused"]}),
    ],
)
def test_names_and_words_are_lists_given_as_mapping_or_json(option, value, read):
    assert getattr(connection(**{option: value}), option) == read


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("field_names", {"icid": "Chip"}, "field_names: unknown key 'icid': is iccid meant?"),
        ("status_words", {"sucess": ["Live"]}, "status_words: unknown key 'sucess': is success meant?"),
        ("field_names", ["Chip"], "field_names: must be a mapping"),
        ("field_names", "[1]", "field_names: must be a mapping"),
        ("field_names", "iccid=Chip", "field_names: is not JSON: "),
        ("status_words", "{'success': []}", "status_words: is not JSON: "),
        ("field_names", {"iccid": {"name": "Chip"}}, "field_names: iccid must be a text or a list of texts"),
        ("field_names", {"iccid": [["Chip"]]}, "field_names: iccid must be a text or a list of texts"),
        ("status_words", {"success": True}, "status_words: success must be a text or a list of texts"),
    ],
)
def test_what_is_wrong_with_names_and_words_is_named(option, value, problem):
    (found,) = problems_of(**{option: value})
    assert found.startswith(problem)


def test_an_unknown_field_names_the_known_ones():
    (problem,) = problems_of(status_words={"good": ["Live"]})
    assert all(key in problem for key in STATUS_WORDS_KEYS)


def test_all_that_is_wrong_with_the_connection_is_named_at_once():
    problems = problems_of(
        api_url="http://h.example/api",
        api_token="Bearer tok",
        concurrency=0,
        field_names={"icid": "Chip", "color": "Colour"},
        status_words="{",
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "concurrency",
        "api_url",
        "api_token",
        "field_names",
        "field_names",
        "status_words",
    ]


def test_every_field_that_is_read_from_answers_can_be_named():
    assert set(FIELDS) == set(_wire.FIELDS)


@pytest.mark.parametrize("secret", [{"api_token": "t"}, {"api_username": "u", "api_password": "p"}])
@pytest.mark.parametrize("host", ["sentinel.example", "10.0.0.1", "[2001:db8::1]", "localhost.example", "127.0.0.1.x"])
def test_credentials_are_not_sent_over_http_to_another_machine(secret, host):
    url = f"http://{host}/api"
    (problem,) = problems_of(api_url=url, **secret)
    assert problem.startswith("api_url: is plain http")
    assert "allow_http: true" in problem
    assert connection(api_url=url, allow_http=True, **secret).allow_http
    assert connection(api_url=url.replace("http", "https"), **secret)


def test_http_to_another_machine_is_allowed_without_credentials():
    assert connection(api_url="http://sentinel.example/api", api_username="u").api_url == "http://sentinel.example/api"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1:8642", "[::1]", "[::1]:8642", "localhost", "LOCALHOST:8642"])
def test_http_to_this_machine_is_allowed_with_credentials(host):
    assert connection(api_url=f"http://{host}/api", api_token="t").api_token == "t"


@pytest.mark.parametrize(
    "end", ["/v1.0", "/v2.0/", "/V1", "/v1.0/activation/carriers", "/v2.0/activation/transactions/7/csv"]
)
def test_a_version_or_an_endpoint_behind_the_base_url_is_named_with_the_url_to_set(end):
    base = "https://h.example/sentinel/api"
    (problem,) = problems_of(api_url=base + end)
    assert problem.startswith(f"api_url: ends with {end.rstrip('/')}")
    assert problem.endswith(f"set api_url: {base}")


@pytest.mark.parametrize(
    "token",
    ["Bearer tok-secret", "bearer  tok-secret", "Authorization: Bearer tok-secret", '"tok-secret"', "'tok-secret'"],
)
def test_a_token_with_bearer_or_quotes_around_it_is_named_and_not_shown(token):
    (problem,) = problems_of(api_token=token)
    assert problem.startswith('api_token: has the word "Bearer", or quotes, around it')
    assert "tok-" not in problem


def test_a_token_that_only_begins_like_the_word_is_taken():
    assert connection(api_token="bearertok").api_token == "bearertok"


def documented(kind):
    """The options of the documentation fragment for modules or plugins."""
    return yaml.safe_load(getattr(ModuleDocFragment, kind))["options"]


def test_the_documentation_has_each_connection_option_with_its_variable_and_default():
    options = documented("DOCUMENTATION")
    assert {name: option.get("default") for name, option in options.items()} == {
        name: default for name, (_variable, default) in CONNECTION.items()
    }
    assert {name: option["type"] for name, option in options.items()} == {
        name: spec["type"] for name, spec in connection_spec().items()
    }
    for name, variable in ENVIRONMENT.items():
        assert f"E({variable})" in " ".join(options[name]["description"])


def test_plugins_read_each_option_from_its_environment_variable_and_from_a_variable():
    assert {name: (option["env"], option["vars"]) for name, option in documented("PLUGIN").items()} == {
        name: ([{"name": variable}], [{"name": f"sentinel_{name}"}]) for name, variable in ENVIRONMENT.items()
    }


def test_the_documentation_names_each_field_and_each_kind_of_word():
    options = documented("DOCUMENTATION")
    for option, known in (("field_names", FIELDS), ("status_words", STATUS_WORDS_KEYS)):
        text = " ".join(options[option]["description"])
        assert [name for name in known if f"V({name})" not in text] == []
