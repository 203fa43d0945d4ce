# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: names, environment, defaults, ranges."""

from __future__ import annotations

import datetime
import math

import pytest

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
    DeclarationOptions,
    WaitOptions,
    activation_spec,
    connection_spec,
    secrets_of,
    wait_spec,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.declaration import options_of

SPEC = activation_spec(SIM.identity.identifiers, SIM.formats)
CONNECTION = options_of(ConnectionOptions)
LIMITED = [
    (owner, known)
    for owner in (ConnectionOptions, ActivationOptions)
    for known in options_of(owner).values()
    if known.minimum is not None
]


def connection(**given):
    """Reads connection options from a module's parameters."""
    values = {name: known.default for name, known in CONNECTION.items()}
    return ConnectionOptions.read({**values, "api_url": "https://h/api", **given}.get)


@pytest.mark.parametrize("name", CONNECTION)
def test_each_connection_option_has_an_environment_variable(name):
    assert SPEC[name] == connection_spec()[name]
    assert SPEC[name]["fallback"][1] == [ENVIRONMENT[name]]
    assert ENVIRONMENT[name].startswith("SENTINEL_")


def test_no_other_option_has_an_environment_variable():
    assert {name for name, entry in SPEC.items() if "fallback" in entry} == set(CONNECTION) == set(ENVIRONMENT)


def test_secrets_are_marked_no_log():
    assert {name for name, spec in SPEC.items() if spec.get("no_log")} == {"api_token", "api_password"}


def test_each_field_of_the_typed_options_is_an_option():
    for owner in (ConnectionOptions, ActivationOptions, DeclarationOptions):
        assert set(options_of(owner)) <= set(SPEC)
    assert set(options_of(WaitOptions)) | set(CONNECTION) == set(wait_spec())


def test_options_without_parameters_have_the_defaults_of_the_spec():
    options = ActivationOptions.read({})
    for name in options_of(ActivationOptions):
        if name != "request_format":
            assert getattr(options, name) == SPEC[name].get("default", {} if SPEC[name]["type"] == "dict" else None)


def test_a_kind_without_formats_has_no_request_format():
    assert "request_format" not in activation_spec(("sim_id",))


def test_device_fields_are_optional_strings_at_both_levels():
    expected = {name: {"type": "str"} for name in ("imei", "iccid", *DEVICE_FIELDS)}
    assert SPEC["devices"]["options"] == expected
    assert {name: SPEC[name] for name in expected} == expected


def test_connection_options_are_read_and_tidied():
    options = connection(api_url=" https://h/api// ", api_token="", corp_id="", ca_path="", api_username="u")
    assert options == ConnectionOptions("https://h/api", api_username="u")


def read_with(owner, name, value):
    """Reads typed options with one option set."""
    return connection(**{name: value}) if owner is ConnectionOptions else owner.read({name: value})


@pytest.mark.parametrize(("owner", "known"), LIMITED)
def test_a_number_below_its_range_is_refused(owner, known):
    value = known.minimum - 1
    with pytest.raises(InputError, match=f"^{known.name}: must be at least {known.minimum:g}, not {value}$"):
        read_with(owner, known.name, value)
    assert getattr(read_with(owner, known.name, known.minimum), known.name) == known.minimum


@pytest.mark.parametrize(("owner", "known"), [limited for limited in LIMITED if limited[1].maximum is not None])
@pytest.mark.parametrize("beyond", [1, math.inf])
def test_a_number_above_its_range_is_refused(owner, known, beyond):
    value = known.maximum + beyond
    with pytest.raises(InputError, match=f"^{known.name}: must be at most {known.maximum:g}, not {value}$"):
        read_with(owner, known.name, value)
    assert getattr(read_with(owner, known.name, known.maximum), known.name) == known.maximum


def test_every_number_has_a_minimum():
    numbers = {
        name
        for owner in (ConnectionOptions, ActivationOptions)
        for name, known in options_of(owner).items()
        if known.type in ("int", "float")
    }
    assert {known.name for _owner, known in LIMITED} == numbers


def test_every_number_of_seconds_has_a_maximum():
    assert all(known.maximum is not None for _owner, known in LIMITED if known.type == "float")


def test_nan_is_refused():
    with pytest.raises(InputError, match="request_timeout: is not a number"):
        connection(request_timeout=math.nan)
    with pytest.raises(InputError, match="poll_interval: is not a number"):
        ActivationOptions.read({"poll_interval": math.nan})


@pytest.mark.parametrize(
    "token", ["tok-secret…", "tok\nsecret", "tok-secret–1", "\u201ctok-secret\u201d", "tok\0secret", "\udcff"]
)
def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(token):
    with pytest.raises(InputError) as caught:
        connection(api_token=token, concurrency=0)
    number, problem = caught.value.problems
    assert number.startswith("concurrency: ")
    assert problem.startswith("api_token: has a character that cannot be sent (not shown")
    assert "secret\n" not in str(caught.value)
    assert "tok-" not in str(caught.value)


def test_a_login_may_have_any_characters():
    options = connection(api_username="schön…", api_password="pässwörd…")
    assert options.api_password == "pässwörd…"


@pytest.mark.parametrize(
    "value", [{"x": math.nan}, {"x": [{"y": -math.inf}]}, {"x": datetime.date(2026, 1, 31)}, {("x",): 1}]
)
def test_a_body_that_cannot_be_sent_as_json_is_refused(value):
    with pytest.raises(InputError, match=r"^extra_body: cannot be sent as JSON: "):
        ActivationOptions.read({"extra_body": value})


def test_a_body_that_can_be_sent_as_json_is_accepted():
    body = {"x": [1, 2.5, None, True, "…"], "y": {"z": {}}}
    assert ActivationOptions.read({"extra_body": body}).extra_body == body


def test_all_numbers_out_of_range_are_reported_at_once():
    with pytest.raises(InputError) as caught:
        ActivationOptions.read({"batch_size": 0, "result_limit": 5000, "wait_timeout": -1})
    names = {problem.split(":")[0] for problem in caught.value.problems}
    assert names == {"batch_size", "result_limit", "wait_timeout"}


# -- Names, words, and where credentials go ----------------------------------------------------------------------------


def problems_of(**given):
    """Returns the problems of connection options."""
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
def test_names_and_words_are_mappings_or_json(option, value, read):
    assert getattr(connection(**{option: value}), option) == read


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("field_names", {"icid": "Chip"}, "field_names: unknown key 'icid'; did you mean iccid?"),
        ("status_words", {"sucess": ["Live"]}, "status_words: unknown key 'sucess'; did you mean success?"),
        ("field_names", ["Chip"], "field_names: must be a mapping"),
        ("field_names", "[1]", "field_names: must be a mapping"),
        ("field_names", "iccid=Chip", "field_names: is not valid JSON ("),
        ("status_words", "{'success': []}", "status_words: is not valid JSON ("),
        ("field_names", {"iccid": {"name": "Chip"}}, "field_names: iccid must be a string or a list of strings"),
        ("field_names", {"iccid": [["Chip"]]}, "field_names: iccid must be a string or a list of strings"),
        ("status_words", {"success": True}, "status_words: success must be a string or a list of strings"),
    ],
)
def test_invalid_names_and_words_are_refused(option, value, problem):
    (found,) = problems_of(**{option: value})
    assert found.startswith(problem)


def test_an_unknown_key_is_reported_with_the_valid_keys():
    (problem,) = problems_of(status_words={"good": ["Live"]})
    assert all(key in problem for key in STATUS_WORDS_KEYS)


def test_all_connection_problems_are_reported_at_once():
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


def test_every_field_of_answers_can_be_renamed():
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
def test_a_version_after_the_base_url_is_refused_with_the_url_to_set(end):
    base = "https://h.example/sentinel/api"
    (problem,) = problems_of(api_url=base + end)
    assert problem.startswith(f"api_url: ends with {end.rstrip('/')}")
    assert problem.endswith(f"set api_url: {base}")


@pytest.mark.parametrize(
    "token",
    ["Bearer tok-secret", "bearer  tok-secret", "Authorization: Bearer tok-secret", '"tok-secret"', "'tok-secret'"],
)
def test_a_token_with_bearer_or_quotes_is_refused_without_being_shown(token):
    (problem,) = problems_of(api_token=token)
    assert problem.startswith('api_token: has "Bearer" or quotes around it')
    assert "tok-" not in problem


def test_a_token_that_only_starts_with_bearer_is_accepted():
    assert connection(api_token="bearertok").api_token == "bearertok"


# -- Secrets -----------------------------------------------------------------------------------------------------------


def test_the_secrets_are_the_stripped_token_and_the_password():
    options = connection(api_token=" tok-1\n", api_username="u", api_password="pw-1")
    assert options.secrets() == ["tok-1", "pw-1"]
    assert connection().secrets() == []


def test_secrets_are_collected_from_invalid_options():
    wrong = {"api_token": " tok-1\n", "api_url": "user:pass-word@h/api", "concurrency": 0}
    secrets = secrets_of(wrong.get)
    assert {" tok-1\n", "tok-1", "user:pass-word@h/api", "pass-word"} <= set(secrets)
    assert "" not in secrets
