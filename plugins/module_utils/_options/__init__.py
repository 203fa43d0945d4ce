# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that modules and plugins share: one table gives the argument_spec, the environment and the defaults."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Protocol

from ansible.module_utils.basic import env_fallback, missing_required_lib

from .._errors import AuthenticationError, InputError, MissingLibraryError, SentinelError
from .._text import hint
from .urls import DEFAULT_API_URL, misplaced, unencrypted, url_problem

#: [I] The most lines that the service takes in one request.
MAX_BATCH_SIZE = 2000

#: What `field_names` may name: the fields of lines and transactions, and what else is read from answers.
FIELDS = (
    *(
        "imei",
        "iccid",
        "eid",
        "sim_id",
        "transaction_id",
        "status",
        "reason",
        "carrier",
        "device_group",
        "filter_group",
    ),
    *("service_zip_code", "mdn", "ip", "nickname", "started", "total", "success", "failed", "pending", "plan_id"),
    *("available", "max_per_request", "count", "total_count", "token", "corp_id"),
)
#: What `status_words` may name. The last three are for the account's list of devices.
STATUS_WORDS_KEYS = ("success", "failed", "active", "suspended", "deactivated")

#: Option → environment variable. `corp_id` and the rest keep their names; the credentials are short on purpose.
ENVIRONMENT: dict[str, str] = {
    "api_url": "SENTINEL_API_URL",
    "api_token": "SENTINEL_TOKEN",
    "api_username": "SENTINEL_USERNAME",
    "api_password": "SENTINEL_PASSWORD",
    "corp_id": "SENTINEL_CORP_ID",
    "validate_certs": "SENTINEL_VALIDATE_CERTS",
    "ca_path": "SENTINEL_CA_PATH",
    "request_timeout": "SENTINEL_REQUEST_TIMEOUT",
    "request_retries": "SENTINEL_REQUEST_RETRIES",
    "concurrency": "SENTINEL_CONCURRENCY",
    "requests_per_minute": "SENTINEL_REQUESTS_PER_MINUTE",
    "field_names": "SENTINEL_FIELD_NAMES",
    "status_words": "SENTINEL_STATUS_WORDS",
    "allow_http": "SENTINEL_ALLOW_HTTP",
}

_CONNECTION: dict[str, dict[str, Any]] = {
    "api_url": {"type": "str", "default": DEFAULT_API_URL},
    "api_token": {"type": "str", "no_log": True},
    "api_username": {"type": "str"},
    "api_password": {"type": "str", "no_log": True},
    "corp_id": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "float", "default": 30.0},
    "request_retries": {"type": "int", "default": 5},
    "concurrency": {"type": "int", "default": 8},
    "requests_per_minute": {"type": "int"},
    "field_names": {"type": "dict"},
    "status_words": {"type": "dict"},
    "allow_http": {"type": "bool", "default": False},
}

#: What a device may say besides its identifiers; at the top level of a task, the default for every device.
DEVICE_FIELDS: tuple[str, ...] = (
    "carrier",
    "device_group",
    "filter_group",
    "service_zip_code",
    "nickname",
    "plan_id",
    "activation_location",
    "sub_type",
    "agency_end_user_name",
    "billing_address",
    "billing_city",
    "billing_state",
)

_ACTIVATION: dict[str, dict[str, Any]] = {
    "src": {"type": "path"},
    "state": {"type": "str", "choices": ["active"], "default": "active"},
    "batch_size": {"type": "int", "default": MAX_BATCH_SIZE},
    "history": {"type": "str", "choices": ["full", "recent", "none"], "default": "full"},
    "retry_failed": {"type": "bool", "default": True},
    "on_conflict": {"type": "str", "choices": ["fail", "skip", "activate"], "default": "fail"},
    "preflight": {"type": "bool", "default": True},
    "strict": {"type": "bool", "default": False},
    "max_new_activations": {"type": "int"},
    "approved_plan": {"type": "str"},
    "plan_file": {"type": "path"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "settle_timeout": {"type": "float", "default": 30.0},
    "journal": {"type": "path"},
    "on_unknown": {"type": "str", "choices": ["fail", "resubmit"], "default": "fail"},
    "poll_interval": {"type": "float", "default": 2.0},
    "poll_max_interval": {"type": "float", "default": 60.0},
    "progress_interval": {"type": "float", "default": 5.0},
    "extra_body": {"type": "dict"},
    "result_devices": {"type": "str", "choices": ["all", "changed", "attention", "none"], "default": "changed"},
    "result_limit": {"type": "int", "default": 1000},
    "result_file": {"type": "path"},
}

#: The smallest value that makes sense, for each number among the options.
_MINIMUM: dict[str, float] = {
    "request_timeout": 0.001,
    "request_retries": 0,
    "concurrency": 1,
    "requests_per_minute": 1,
    "batch_size": 1,
    "max_new_activations": 0,
    "wait_timeout": 0,
    "settle_timeout": 0,
    "poll_interval": 0.01,
    "poll_max_interval": 0.01,
    "progress_interval": 0,
    "result_limit": 0,
}
#: Ten days: what is asked of a system's clock in one go has an end.
_LONGEST = 864_000
_MAXIMUM: dict[str, float] = {
    "concurrency": 256,
    "batch_size": MAX_BATCH_SIZE,
    "result_limit": 1000,
    "request_timeout": _LONGEST,
    "wait_timeout": _LONGEST,
    "settle_timeout": _LONGEST,
    "poll_interval": _LONGEST,
    "poll_max_interval": _LONGEST,
    "progress_interval": _LONGEST,
}


def connection_spec() -> dict[str, dict[str, Any]]:
    """The argument_spec of the connection options, each with its environment variable as fallback."""
    return {name: dict(spec, fallback=(env_fallback, [ENVIRONMENT[name]])) for name, spec in _CONNECTION.items()}


def activation_spec(identity: tuple[str, ...], formats: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """The argument_spec of an activation module.

    Args:
        identity: the options that identify a device, such as ``("imei", "iccid")``.
        formats: the values of ``request_format``, the default first; empty where a kind has no choice.

    Fields of a device are optional strings here on purpose: the device schema finds all that is missing or wrong in
    one go, the same way for a list, a file and a single device.
    """
    spec = dict(connection_spec(), **_ACTIVATION)
    spec.update(device_spec(identity))
    spec["devices"] = {"type": "list", "elements": "dict", "options": device_spec(identity)}
    if formats:
        spec["request_format"] = {"type": "str", "choices": list(formats), "default": formats[0]}
    return spec


#: How to wait for transactions; shared by all that wait.
_WAITING = ("wait_timeout", "settle_timeout", "poll_interval", "poll_max_interval")


def wait_spec() -> dict[str, dict[str, Any]]:
    """The argument_spec of a module that waits and does not submit: the connection, and how to wait."""
    return {**connection_spec(), **{name: _ACTIVATION[name] for name in _WAITING}}


def device_spec(identity: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The argument_spec of one device: its identifiers and the fields that every kind knows."""
    return {name: {"type": "str"} for name in identity + DEVICE_FIELDS}


@dataclass(frozen=True)
class ConnectionOptions:
    """How to reach the service. Times in seconds; `requests_per_minute` None: no limit of ours."""

    api_url: str
    api_token: str | None = field(default=None, repr=False)
    api_username: str | None = None
    api_password: str | None = field(default=None, repr=False)
    corp_id: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    request_timeout: float = 30.0
    request_retries: int = 5
    concurrency: int = 8
    requests_per_minute: int | None = None
    field_names: Mapping[str, list[str]] = field(default_factory=dict)
    status_words: Mapping[str, list[str]] = field(default_factory=dict)
    allow_http: bool = False

    @classmethod
    def read(cls, get: Callable[[str], Any]) -> ConnectionOptions:
        """Reads each option through `get`: ``module.params.get`` or a plugin's ``get_option``.

        Raises InputError where a number is out of its range or the URL is none.
        """
        values = {name: get(name) for name in _CONNECTION}
        problems = _out_of_range(values)
        url = str(values["api_url"] or "").strip().rstrip("/")
        if not url.startswith(("http://", "https://")):
            problems.append(f"api_url: {url!r} is no URL: it starts with https:// (or http://)")
        elif url_problem(url):
            problems.append(f"api_url: {url!r} is no URL: {url_problem(url)}")
        elif "@" in url.split("/")[2]:
            problems.append("api_url: carries credentials: give them as api_username and api_password, or as api_token")
        else:
            has_secret = values["api_token"] or values["api_password"]
            problems += misplaced(url) + (unencrypted(url, bool(values["allow_http"])) if has_secret else [])
        # A line end that a file or a variable brings along cannot travel in a header.
        token = (values["api_token"] or "").strip()
        if _DRESSED_TOKEN.match(token):
            problems.append(
                'api_token: has the word "Bearer", or quotes, around it (it is not shown, as the token is '
                "secret): give the token alone"
            )
        elif not fits_header(token):
            problems.append(
                "api_token: has a character that cannot be sent (it is not shown, as the token is secret): copy the "
                'token anew, whole, and without an ellipsis ("…") or a line break in it'
            )
        names = read_lists("field_names", values["field_names"], FIELDS, problems)
        words = read_lists("status_words", values["status_words"], STATUS_WORDS_KEYS, problems)
        if problems:
            raise InputError(problems)
        blank_is_none = ("api_username", "api_password", "corp_id", "ca_path")
        values.update({name: values[name] or None for name in blank_is_none}, api_url=url, api_token=token or None)
        values.update(field_names=names, status_words=words, allow_http=bool(values["allow_http"]))
        return cls(**values)

    def require_credentials(self) -> None:
        """Raises AuthenticationError where there is neither a token nor a whole login."""
        if self.api_token or (self.api_username and self.api_password):
            return
        given = [name for name in ("api_username", "api_password") if getattr(self, name)]
        if given:
            missing = "api_password" if "api_username" in given else "api_username"
            raise AuthenticationError(f"{given[0]} is given without {missing}.", f"Give {missing}, too, or api_token.")
        raise AuthenticationError(
            "No token and no login.",
            "Give api_token (or the environment variable SENTINEL_TOKEN), or api_username and api_password "
            "(SENTINEL_USERNAME, SENTINEL_PASSWORD).",
        )


@dataclass(frozen=True)
class ActivationOptions:
    """How a fleet is to be activated; the names are the options' own. Times in seconds."""

    request_format: str | None = None
    batch_size: int = MAX_BATCH_SIZE
    history: str = "full"
    retry_failed: bool = True
    on_conflict: str = "fail"
    preflight: bool = True
    strict: bool = False
    max_new_activations: int | None = None
    approved_plan: str | None = None
    plan_file: str | None = None
    wait: bool = True
    wait_timeout: float = 1800.0
    settle_timeout: float = 30.0
    journal: str | None = None
    on_unknown: str = "fail"
    poll_interval: float = 2.0
    poll_max_interval: float = 60.0
    progress_interval: float = 5.0
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    result_devices: str = "changed"
    result_limit: int = 1000
    result_file: str | None = None

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> ActivationOptions:
        """From a module's parameters. Raises InputError where a number is out of its range, or no JSON can be made."""
        values = {name: params[name] for name in cls.__dataclass_fields__ if params.get(name) is not None}
        problems = _out_of_range(values)
        try:
            json.dumps(values.get("extra_body"), allow_nan=False)
        except (TypeError, ValueError) as error:
            problems.append(f"extra_body: cannot be sent as JSON: {error}")
        if problems:
            raise InputError(problems)
        return cls(**values)


#: A token as it is pasted from a header or a file: "Bearer eyJ…", or in quotes.
_DRESSED_TOKEN = re.compile(r"""(?i)(?:["'`]|(?:authorization\s*:\s*)?bearer\s)""")


def read_lists(option: str, value: Any, known: Sequence[str], problems: list[str]) -> dict[str, list[str]]:
    """Return a mapping of lists, given as such or as JSON; a single text is a list of one.

    What is wrong with it is added to `problems`.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except ValueError as error:
            problems.append(f"{option}: is not JSON: {error}; write it like {{{known[0]!r}: [...]}} with double quotes")
            return {}
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{option}: must be a mapping of names to lists")
        return {}
    read: dict[str, list[str]] = {}
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        problems += [f"{option}: unknown key {name!r}{hint(name, known)}" for name in unknown]
    for name, listed in value.items():
        texts = [listed] if isinstance(listed, (str, int, float)) and not isinstance(listed, bool) else listed or []
        if not isinstance(texts, (list, tuple)) or any(isinstance(text, (dict, list, tuple)) for text in texts):
            problems.append(f"{option}: {name} must be a text or a list of texts")
        elif str(name) in known:
            read[str(name)] = [str(text) for text in texts]
    return read


def fits_header(token: str) -> bool:
    """Whether a token can be sent. Tokens have none but printable characters of ASCII."""
    return token.isascii() and token.isprintable()


def _out_of_range(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for name, value in values.items():
        if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if name in _MINIMUM and value < _MINIMUM[name]:
            problems.append(f"{name}: {value} is too small: {_MINIMUM[name]:g} is the least")
        if name in _MAXIMUM and value > _MAXIMUM[name]:
            problems.append(f"{name}: {value} is too large: {_MAXIMUM[name]:g} is the most")
        if math.isnan(value):  # neither too small nor too large
            problems.append(f"{name}: is not a number")
    return problems


class Module(Protocol):
    """What a story's module must be able to do: an AnsibleModule is one."""

    params: dict[str, Any]

    def warn(self, warning: str) -> None:
        """Adds a warning to the result."""

    def exit_json(self, **result: Any) -> None:
        """Ends the module."""

    def fail_json(self, msg: str, **result: Any) -> None:
        """Ends the module with a failure."""


def run_module(module: Module, story: Callable[[], dict[str, Any]]) -> None:
    """Runs a module's story and ends the module with its result, or with its error in words.

    Args:
        module: the module.
        story: returns the module's result. ``warnings`` in it are issued; ``failed`` makes it a failure.
    """
    # Thousands of devices echoed in the invocation would push the result over a controller's limit for one event.
    outcome: dict[str, Any] = {"invocation": {"module_args": _brief(module.params)}}
    try:
        outcome.update(story())
    except MissingLibraryError as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.trace, **outcome)
    except SentinelError as error:
        module.fail_json(**error.as_failure(), **outcome)
    for warning in outcome.pop("warnings", []):
        module.warn(warning)
    if outcome.pop("failed", False):
        module.fail_json(**outcome)
    module.exit_json(**outcome)


def _brief(params: Mapping[str, Any], limit: int = 20_000) -> dict[str, Any]:
    """The parameters without what devices do not set, and without the devices where they exceed `limit` characters."""
    brief = dict(params)
    if brief.get("devices"):
        set_only = ({key: text for key, text in device.items() if text is not None} for device in brief["devices"])
        brief["devices"] = list(set_only)
        if len(json.dumps(brief["devices"])) > limit:
            brief["devices"] = f"{len(brief['devices'])} devices"
    return brief
