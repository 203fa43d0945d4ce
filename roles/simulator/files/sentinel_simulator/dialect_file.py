# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a dialect from a file or from an account's evidence file, or draw one by a seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from .dialect import Dialect, as_dialect


class DialectError(ValueError):
    """A dialect is invalid; the message names the key and what to change."""


def explain(exc: ValidationError) -> str:
    """Describe the first problem: the key, what is wrong, and what to change."""
    errors = exc.errors(include_url=False)
    error = errors[0]
    where = ".".join(str(part) for part in error["loc"])
    kind, message = error["type"], error["msg"]
    if kind in ("tuple_type", "list_type"):
        message = 'must be a list of keys, such as ["data", "items"]'
    elif kind == "literal_error":
        message = f"must be {error['ctx']['expected']}, not {error['input']!r}"
    elif kind.startswith("bool"):
        message = f"must be true or false, not {error['input']!r}"
    elif kind == "string_type":
        message = f"must be a string, not {error['input']!r}"
    elif kind == "dict_type":
        message = "must be an object of keys and values"
    elif kind == "too_short":
        message = "must not be empty"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where}: {message}{more}" if where else f"{message}{more}"


def load_dialect(given: str) -> Dialect:
    """Return the dialect of a command line argument: ``random:SEED``, or the path of a dialect or evidence file.

    Raises DialectError.
    """
    if given.startswith("random:"):
        content: Any = given
    else:
        content = _parsed(given)
    try:
        return Dialect.model_validate(as_dialect(content))
    except ValidationError as exc:
        raise DialectError(f"{given}: {explain(exc)}") from exc
    except PydanticCustomError as exc:
        raise DialectError(str(exc)) from exc


def _parsed(path: str) -> Any:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise DialectError(
            f"cannot read {path}: {exc.strerror}; give the path of a dialect or evidence file, or random:SEED"
        ) from exc
    except UnicodeDecodeError as exc:
        raise DialectError(f"{path} is not UTF-8 text; save it as JSON in UTF-8") from exc
    try:
        return json.loads(text)
    except ValueError as exc:
        # PyYAML is optional, because the role always passes JSON.
        try:
            import yaml
        except ImportError:
            raise DialectError(f"{path} is not JSON: {exc}; write JSON, or install PyYAML to read YAML") from exc
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as problem:
            first = str(problem).splitlines()[0]
            raise DialectError(f"{path} is not valid JSON or YAML: {first}; correct it") from problem
