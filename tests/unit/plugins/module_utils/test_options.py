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
    if known.least is not None
]


def connection(**given):
    """Connection options as a module's parameters give them."""
    values = {name: known.default for name, known in CONNECTION.items()}
    return ConnectionOptions.read({**values, "api_url": "https://h/api", **given}.get)


@pytest.mark.parametrize("name", CONNECTION)
def test_a_connection_option_is_read_from_a_variable_of_the_environment(name):
    assert SPEC[name] == connection_spec()[name]
    assert SPEC[name]["fallback"][1] == [ENVIRONMENT[name]]
    assert ENVIRONMENT[name].startswith("SENTINEL_")


def test_no_other_option_is_read_from_the_environment():
    assert {name for name, entry in SPEC.items() if "fallback" in entry} == set(CONNECTION) == set(ENVIRONMENT)


def test_secrets_are_marked_as_such():
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


def test_a_kind_without_a_choice_of_formats_has_no_such_option():
    assert "request_format" not in activation_spec(("sim_id",))


def test_each_field_of_a_device_is_an_optional_string_at_the_top_level_and_in_the_list():
    expected = {name: {"type": "str"} for name in ("imei", "iccid", *DEVICE_FIELDS)}
    assert SPEC["devices"]["options"] == expected
    assert {name: SPEC[name] for name in expected} == expected


def test_connection_options_are_read_and_tidied():
    options = connection(api_url=" https://h/api// ", api_token="", corp_id="", ca_path="", api_username="u")
    assert options == ConnectionOptions("https://h/api", api_username="u")


def read_with(owner, name, value):
    """The typed options with one option."""
    return connection(**{name: value}) if owner is ConnectionOptions else owner.read({name: value})


@pytest.mark.parametrize(("owner", "known"), LIMITED)
def test_a_number_below_its_range_is_named(owner, known):
    value = known.least - 1
    with pytest.raises(InputError, match=f"^{known.name}: {value} is too small; it must be at least {known.least:g}$"):
        read_with(owner, known.name, value)
    assert getattr(read_with(owner, known.name, known.least), known.name) == known.least


@pytest.mark.parametrize(("owner", "known"), [limited for limited in LIMITED if limited[1].most is not None])
@pytest.mark.parametrize("beyond", [1, math.inf])
def test_a_number_above_its_range_is_named(owner, known, beyond):
    value = known.most + beyond
    with pytest.raises(InputError, match=f"^{known.name}: {value} is too large; it must be at most {known.most:g}$"):
        read_with(owner, known.name, value)
    assert getattr(read_with(owner, known.name, known.most), known.name) == known.most


def test_every_number_of_the_typed_options_has_a_least_value():
    numbers = {
        name
        for owner in (ConnectionOptions, ActivationOptions)
        for name, known in options_of(owner).items()
        if known.type in ("int", "float")
    }
    assert {known.name for _owner, known in LIMITED} == numbers


def test_no_number_of_seconds_is_without_an_end():
    assert all(known.most is not None for _owner, known in LIMITED if known.type == "float")


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
        ("field_names", {"icid": "Chip"}, "field_names: unknown key 'icid': did you mean iccid?"),
        ("status_words", {"sucess": ["Live"]}, "status_words: unknown key 'sucess': did you mean success?"),
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


# -- Secrets -----------------------------------------------------------------------------------------------------------


def test_the_secrets_are_token_and_password_as_they_are_used():
    options = connection(api_token=" tok-1\n", api_username="u", api_password="pw-1")
    assert options.secrets() == ["tok-1", "pw-1"]
    assert connection().secrets() == []


def test_secrets_are_known_before_the_options_are_right():
    wrong = {"api_token": " tok-1\n", "api_url": "user:pass-word@h/api", "concurrency": 0}
    secrets = secrets_of(wrong.get)
    assert {" tok-1\n", "tok-1", "user:pass-word@h/api", "pass-word"} <= set(secrets)
    assert "" not in secrets
