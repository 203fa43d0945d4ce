# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the connection, which all modules, lookups and plugins have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .._errors import AuthenticationError, InputError
from .base_url import read_base_url, secrets_in_url
from .declaration import FilePath, option, options_of, out_of_range, spec_of
from .lists import FIELDS, STATUS_WORDS_KEYS, read_lists
from .tokens import token_problem
from .urls import DEFAULT_API_URL, misplaced, unencrypted

#: Maximum number of seconds of any option: ten days.
MAX_SECONDS = 864_000


@dataclass(frozen=True)
class ConnectionOptions:
    """How to reach the service. Times in seconds; `requests_per_minute`: None for no limit of our own."""

    api_url: str = field(default=DEFAULT_API_URL, metadata=option(env="SENTINEL_API_URL"))
    api_token: Optional[str] = field(default=None, repr=False, metadata=option(env="SENTINEL_TOKEN"))
    api_username: Optional[str] = field(default=None, metadata=option(env="SENTINEL_USERNAME"))
    api_password: Optional[str] = field(default=None, repr=False, metadata=option(env="SENTINEL_PASSWORD"))
    corp_id: Optional[str] = field(default=None, metadata=option(env="SENTINEL_CORP_ID"))
    validate_certs: bool = field(default=True, metadata=option(env="SENTINEL_VALIDATE_CERTS"))
    ca_path: Optional[FilePath] = field(default=None, metadata=option(env="SENTINEL_CA_PATH"))
    request_timeout: float = field(
        default=30.0, metadata=option(env="SENTINEL_REQUEST_TIMEOUT", minimum=0.001, maximum=MAX_SECONDS)
    )
    request_retries: int = field(default=5, metadata=option(env="SENTINEL_REQUEST_RETRIES", minimum=0))
    concurrency: int = field(default=8, metadata=option(env="SENTINEL_CONCURRENCY", minimum=1, maximum=256))
    requests_per_minute: Optional[int] = field(
        default=None, metadata=option(env="SENTINEL_REQUESTS_PER_MINUTE", minimum=1)
    )
    field_names: Mapping[str, list[str]] = field(default_factory=dict, metadata=option(env="SENTINEL_FIELD_NAMES"))
    status_words: Mapping[str, list[str]] = field(default_factory=dict, metadata=option(env="SENTINEL_STATUS_WORDS"))
    allow_http: bool = field(default=False, metadata=option(env="SENTINEL_ALLOW_HTTP"))

    @classmethod
    def read(cls, get: Callable[[str], Any]) -> ConnectionOptions:
        """Read each option through `get`: ``module.params.get`` or a plugin's ``get_option``.

        Raises InputError with every problem: a number out of its range, an invalid URL, token, name or word.
        """
        values = {name: get(name) for name in options_of(cls)}
        problems = out_of_range(cls, values)
        # A token from a file or a variable often ends in a line end, which a header cannot have.
        token = (values["api_token"] or "").strip()
        values["allow_http"] = bool(values["allow_http"])
        values["api_url"] = _read_url(values, problems)
        if problem := token_problem(token):
            problems.append(f"api_token: {problem}")
        for name, known in (("field_names", FIELDS), ("status_words", STATUS_WORDS_KEYS)):
            values[name] = read_lists(name, values[name], known, problems)
        if problems:
            raise InputError(problems)
        blank_is_none = ("api_username", "api_password", "corp_id", "ca_path")
        values.update({name: values[name] or None for name in blank_is_none}, api_token=token or None)
        return cls(**values)

    def require_credentials(self) -> None:
        """Raise AuthenticationError without a token and without a complete login."""
        if self.api_token or (self.api_username and self.api_password):
            return
        given = [name for name in ("api_username", "api_password") if getattr(self, name)]
        if given:
            missing = "api_password" if "api_username" in given else "api_username"
            raise AuthenticationError(
                f"{given[0]} is set without {missing}.", f"Set {missing} as well, or set api_token."
            )
        raise AuthenticationError(
            "No credentials are set.",
            "Set api_token (or the environment variable SENTINEL_TOKEN), or api_username and api_password "
            "(SENTINEL_USERNAME, SENTINEL_PASSWORD).",
        )

    def secrets(self) -> list[str]:
        """Return what must never be shown: the token, the password, and a possible password in the URL."""
        return secrets_of(lambda name: getattr(self, name))


#: Option → environment variable.
ENVIRONMENT: dict[str, str] = {name: known.env for name, known in options_of(ConnectionOptions).items() if known.env}


def connection_spec() -> dict[str, dict[str, Any]]:
    """Return the argument_spec of the connection options, each with its environment variable as fallback."""
    return spec_of(ConnectionOptions)


def secrets_of(get: Callable[[str], Any]) -> list[str]:
    """Return the secrets among connection options, even invalid ones, with and without surrounding blanks.

    Args:
        get: returns the value of an option, or None for an unknown option.
    """
    texts = [str(get(name) or "") for name, known in options_of(ConnectionOptions).items() if known.secret]
    written = [secret for text in texts for secret in (text, text.strip())] + secrets_in_url(get("api_url"))
    return [secret for secret in dict.fromkeys(written) if secret]


def _read_url(values: Mapping[str, Any], problems: list[str]) -> str:
    """Return the base URL. Problems with it, or with sending credentials to it, are added to `problems`."""
    before = len(problems)
    url = read_base_url(values["api_url"], problems)
    if len(problems) == before:
        problems += misplaced(url)
        if values["api_token"] or values["api_password"]:
            problems += unencrypted(url, values["allow_http"])
    return url
