# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task of activation asks for: its options, its devices, the approved plan. All errors at once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._decide.kinds import KINDS, Kind
from .._declare.devices import Declared, load
from .._declare.files import Row
from .._declare.fleet import load_fleet
from .._errors import InputError, read_all, reason_of
from .._options import ActivationOptions, ConnectionOptions
from .._report.files import check_writable, named_twice
from .._report.outputs import check_failed_file, check_result_file

_DIGEST = re.compile(r"^[0-9a-fA-F]{64}$")
#: Options that guard something, or name a file: blank is an error, and not the same as left out.
_NOT_BLANK = ("approved_plan", "failed_file", "journal", "plan_file", "result_file", "src")


class Subject(NamedTuple):
    """What a module is about: the kinds of devices that it knows, and what reads the devices from its parameters."""

    kinds: Sequence[Kind]
    load: Callable[[Mapping[str, Any]], Declared]


def of_kind(kind: Kind) -> Subject:
    """Return what the module of one kind is about."""
    return Subject([kind], lambda params: load(params, kind.identity, bool(params.get("strict"))))


def of_fleet(hosts: Sequence[Row] | None = None) -> Subject:
    """Return what the module of fleets is about. `hosts`: the rows of the hosts that are devices, if they are."""
    kinds = {kind.name: kind.identity for kind in KINDS.values()}
    return Subject(list(KINDS.values()), lambda params: load_fleet(params, kinds, hosts))


class Task(NamedTuple):
    """What the user asked for, checked as far as that needs no request."""

    connection: ConnectionOptions
    options: ActivationOptions
    declared: Declared
    approved: Any


def read_task(subject: Subject, params: Mapping[str, Any]) -> Task:
    """Reads options and devices. Raises InputError with every problem."""
    parts = read_all(
        lambda: ConnectionOptions.read(params.get),
        lambda: ActivationOptions.read(params),
        lambda: subject.load(params),
        lambda: _approved(params.get("approved_plan")),
        lambda: _check_paths(params),
        lambda: _check_blank(params),
    )
    return Task(*parts[:4])


def _check_blank(params: Mapping[str, Any]) -> None:
    problems = [blank(name) for name in _NOT_BLANK if isinstance(params.get(name), str) and not params[name].strip()]
    if problems:
        raise InputError(problems)


def blank(name: str) -> str:
    """Return what is wrong with an option that is given and blank."""
    return f"{name}: is given and blank: give a value, or leave {name} out"


def _check_paths(params: Mapping[str, Any]) -> None:
    problems = check_result_file(params.get("result_file")) + check_failed_file(params.get("failed_file"))
    for name in ("journal", "plan_file"):
        if params.get(name):
            problems += check_writable(name, params[name], regular=name == "journal")
    written = {name: params.get(name) for name in ("plan_file", "result_file", "failed_file", "journal")}
    problems += named_twice(
        {"src": params.get("src"), "approved_plan": _path_of(params.get("approved_plan")), **written}
    )
    if problems:
        raise InputError(problems)


def _path_of(approved: str | None) -> str | None:
    """The path of an approved plan that is a file, as an option for a path is read; None where it is a digest."""
    text = (approved or "").strip()
    if approved is None or not text or _DIGEST.match(text):
        return None
    return os.path.expanduser(os.path.expandvars(approved))


def _approved(approved: str | None) -> Any:
    """The approved plan: None, a digest, or the content of a plan file."""
    path = _path_of(approved)
    if path is None:
        return approved
    try:
        with open(path, encoding="utf-8") as handle:
            content = json.load(handle)
    except OSError as error:
        why = reason_of(error)
        raise InputError(
            [f"approved_plan: {approved} is neither a digest (64 hexadecimal digits) nor a readable file: {why}"]
        ) from None
    except ValueError:
        raise InputError([f"approved_plan: {approved} is no plan file: it is no JSON"]) from None
    if not isinstance(content, dict):  # null would pass for no approval at all, and text for a digest
        raise InputError([f"approved_plan: {approved} is no plan file: write one with plan_file"])
    return content
