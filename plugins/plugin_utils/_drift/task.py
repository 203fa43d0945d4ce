# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of a comparison, read and checked without requests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import Kind
from ...module_utils._errors import InputError, read_all
from ...module_utils._options import ConnectionOptions
from ...module_utils._options.drift import SOURCES, DriftOptions
from ...module_utils._report.files import check_writable, named_twice
from ...module_utils._text import path_problem
from .._fleet.declaration import Declaration
from .._fleet.devices import NAMES, Fleet
from .._fleet.play import hosts_of
from .states import check_states

_ONE_SOURCE = f"give exactly one of {', '.join(SOURCES[:-1])} and {SOURCES[-1]}"


class Play(NamedTuple):
    """The play. `hosts`: those that have not failed. `hostvars`: the variables of each host of the inventory."""

    hosts: Sequence[str]
    hostvars: Mapping[str, Mapping[str, Any]]


class Declared(NamedTuple):
    """The declared fleet. `kind`: of the devices that are not declared. `warnings`: sentences for the user."""

    fleet: Fleet
    kind: Kind
    warnings: list[str]


class Paths(NamedTuple):
    """Absolute paths of the files to write, or None."""

    drift_file: str | None
    junit: str | None


class Task(NamedTuple):
    """A checked task. `tolerated`: states that do not count as drift."""

    connection: ConnectionOptions
    options: DriftOptions
    tolerated: frozenset[str]
    declared: Declared
    paths: Paths


def read_task(params: Mapping[str, Any], play: Play) -> Task:
    """Return the task for checked parameters. Raises InputError with every problem of options, files and devices."""
    options = DriftOptions.read(params)
    connection, tolerated, declared, paths = read_all(
        lambda: ConnectionOptions.read(params.get),
        lambda: check_states("tolerate", ",".join(params.get("tolerate") or [])),
        lambda: _declared(params, options, play),
        lambda: _paths(options),
    )
    return Task(connection, options, tolerated, declared, paths)


def _declared(params: Mapping[str, Any], options: DriftOptions, play: Play) -> Declared:
    hosts = hosts_of(params.get("hosts"), play.hosts, play.hostvars)
    sources = {**params, "hosts": hosts}
    given = [name for name in SOURCES if sources.get(name) is not None]
    if len(given) != 1:
        raise InputError([f"{' and '.join(given) if given else 'no device is declared'}: {_ONE_SOURCE}"])
    content, hostvars = sources[given[0]], None
    if options.src is not None:
        content = _absolute(options.src, options)
    elif given == ["hosts"]:
        hostvars = play.hostvars
    defaults = (options.defaults, options.carrier_defaults, options.group_defaults)
    names = {name: getattr(options, name) for name in NAMES}
    declaration = Declaration.read(content, options.kind, *defaults, options.strict, hostvars, names)
    fleet = declaration.fleet()
    return Declared(fleet, declaration.kind, fleet.warnings)


def _paths(options: DriftOptions) -> Paths:
    """Return the paths to write. Raises InputError if one is not writable, or if a file would replace another."""
    written = {name: path for name in Paths._fields if (path := getattr(options, name)) is not None}
    found = {name: _absolute(path, options) for name, path in written.items()}
    problems = [problem for name, path in found.items() for problem in check_writable(name, path)]
    src = {} if options.src is None else {"src": _absolute(options.src, options)}
    problems += named_twice({**src, **found})
    if problems:
        raise InputError(problems)
    return Paths(found.get("drift_file"), found.get("junit"))


def _absolute(path: str, options: DriftOptions) -> str:
    """Return a path relative to `directory` as an absolute one. A value that is not a path is returned unchanged."""
    return path if path_problem(path) else os.path.abspath(os.path.join(options.directory or "", path))
