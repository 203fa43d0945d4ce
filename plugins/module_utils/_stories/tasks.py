# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads an activation task: options, devices and the approved plan. Reports all errors at once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._decide.kinds import KINDS, Kind
from .._declare.devices import Declared, load
from .._declare.files import Row
from .._declare.fleet import load_fleet
from .._declare.identifiers import IdentifierError
from .._declare.rows import explained, text_of
from .._errors import InputError, read_all, reason_of
from .._options import DEVICE_FIELDS, ActivationOptions, ConnectionOptions
from .._report.files import check_writable, named_twice
from .._report.outputs import check_failed_file, check_result_file
from .._text import counted

_DIGEST = re.compile(r"^[0-9a-fA-F]{64}$")
#: Options that guard something or name a file. Blank is an error, and not the same as omitted.
_NOT_BLANK = ("approved_plan", "failed_file", "journal", "plan_file", "plan_markdown", "result_file", "src")
_GUARDS = ("approved_plan", "journal", "max_new_activations")
#: Fields that must be text. A ZIP code that was read as a number has its own check.
_TEXTS = tuple(name for name in DEVICE_FIELDS if name != "service_zip_code")
#: Options that are paths, or may be.
_PATHS = _NOT_BLANK
#: Options that name a file to write.
_WRITTEN = ("plan_file", "plan_markdown", "result_file", "failed_file", "journal")


class Subject(NamedTuple):
    """How a module declares devices. `load`: reads the devices from its parameters."""

    load: Callable[[Mapping[str, Any]], Declared]


#: Kinds of the fleet module, the identifiers of all of them, and their request formats.
FLEET_KINDS = tuple(KINDS)
FLEET_IDENTIFIERS = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.identity.identifiers))
FLEET_FORMATS = tuple(dict.fromkeys(form for kind in KINDS.values() for form in kind.formats))


def of_kind(kind: Kind) -> Subject:
    """Return the subject of the module for one kind."""
    return Subject(lambda params: load(params, kind.identity, bool(params.get("strict"))))


def of_fleet(hosts: Callable[[], Sequence[Row]] = list) -> Subject:
    """Return the subject of the fleet module. `hosts`: returns the rows of the hosts that are devices."""
    kinds = {kind.name: kind.identity for kind in KINDS.values()}
    return Subject(lambda params: load_fleet(params, kinds, hosts))


class Task(NamedTuple):
    """What the user asked for, checked as far as possible without a request.

    `approved`: digest or content of the approved plan, or None. `source`: where the devices are declared, for people.
    """

    connection: ConnectionOptions
    options: ActivationOptions
    declared: Declared
    approved: Any
    source: str = ""

    @property
    def approved_name(self) -> str:
        """The name of the approved plan in messages."""
        return _path_of(self.options.approved_plan) or "the approved plan"

    def written(self) -> list[str]:
        """Return the paths of the files that the task writes."""
        return [path for path in (getattr(self.options, name) for name in _WRITTEN) if path]


def read_task(subject: Subject, params: Mapping[str, Any]) -> Task:
    """Read options and devices. Raises InputError with every problem."""
    _check_blank(params)
    params = _with_directory(params)
    connection, options, declared, approved, _paths = read_all(
        lambda: ConnectionOptions.read(params.get),
        lambda: ActivationOptions.read(params),
        lambda: subject.load(params),
        lambda: _approved(params.get("approved_plan")),
        lambda: _check_paths(params),
    )
    return Task(connection, options, declared, approved, _source(params, declared))


def _source(params: Mapping[str, Any], declared: Declared) -> str:
    number = len(declared.devices)
    if params.get("src"):
        return str(os.path.basename(params["src"]))
    return (
        f"{counted(number, 'host')} of the play" if params.get("hosts") else f"{counted(number, 'device')} of the task"
    )


def _with_directory(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters with paths relative to the option `directory`, if the module has it."""
    directory = params.get("directory")
    if not directory:
        return params
    given = {name: params[name] for name in _PATHS if (params.get(name) or "").strip()}
    if _path_of(given.get("approved_plan")) is None:
        given.pop("approved_plan", None)
    return {**params, **{name: os.path.join(directory, path) for name, path in given.items()}}


def _check_blank(params: Mapping[str, Any]) -> None:
    problems = blank_options({name: value for name, value in params.items() if value is not None})
    if problems:
        raise InputError(problems)


def blank(name: str) -> str:
    """Return the problem of a blank option."""
    return f"{name}: must not be blank; give a value or omit {name}"


def blank_options(given: Mapping[str, Any]) -> list[str]:
    """Return problems of options that a task gives as blank, one sentence each.

    Args:
        given: the options as the task has them. Options that guard something must not be null either, because an unset
            variable must not switch them off.
    """
    blank_text = [name for name in _NOT_BLANK if isinstance(given.get(name), str) and not given[name].strip()]
    unset = [name for name in _GUARDS if name in given and given[name] in (None, "")]
    return [blank(name) for name in dict.fromkeys([*blank_text, *unset])]


def mistyped(given: Mapping[str, Any]) -> list[str]:
    """Return problems of texts that YAML has read as numbers or booleans, one sentence each.

    Args:
        given: the options as the task has them. Ansible would convert them to text: 0107 becomes 71, yes becomes True.
    """
    devices = given.get("devices")
    listed = devices if isinstance(devices, (list, tuple)) else ()
    places = [("", given), *((f"device {number}: ", device) for number, device in enumerate(listed, 1))]
    problems = []
    for where, values in places:
        for name in _TEXTS if isinstance(values, Mapping) else ():
            if isinstance(values.get(name), (bool, int, float)):
                try:
                    text_of(values[name])
                except IdentifierError as error:
                    problems.append(f"{where}{explained(name, values[name], error)}")
    return problems


def _check_paths(params: Mapping[str, Any]) -> None:
    problems = check_result_file(params.get("result_file")) + check_failed_file(params.get("failed_file"))
    for name in ("journal", "plan_file", "plan_markdown"):
        if params.get(name):
            problems += check_writable(name, params[name], regular=name == "journal")
    written = {name: params.get(name) for name in _WRITTEN}
    problems += named_twice(
        {"src": params.get("src"), "approved_plan": _path_of(params.get("approved_plan")), **written}
    )
    if problems:
        raise InputError(problems)


def _path_of(approved: str | None) -> str | None:
    """Return the expanded path of an approved plan that is a file; None for anything else."""
    text = (approved or "").strip()
    if approved is None or not text or _DIGEST.match(text) or text.startswith("{"):
        return None
    path: str = os.path.expanduser(os.path.expandvars(approved))
    return path


def _approved(approved: str | None) -> Any:
    """Return the approved plan: None, a digest, or the content of a plan file, which may itself be the value."""
    path = _path_of(approved)
    if approved is None or (path is None and not approved.strip().startswith("{")):
        return approved
    name = approved if path is not None else "the given text"
    try:
        text = approved if path is None else Path(path).read_text(encoding="utf-8")
        content = json.loads(text)
    except OSError as error:
        reason = reason_of(error)
        raise InputError(
            [f"approved_plan: {approved} is neither a digest (64 hexadecimal digits) nor a readable file: {reason}"]
        ) from None
    except ValueError:
        raise InputError([f"approved_plan: {name} is not a plan file: invalid JSON"]) from None
    if not isinstance(content, dict):  # null would mean no approval, and a text would be read as a digest
        raise InputError([f"approved_plan: {name} is not a plan file; write one with plan_file"])
    return content
