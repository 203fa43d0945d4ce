# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookups, called from a real playbook: the result of each as a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .playbooks import Outcome, Playbooks


class Lookup(NamedTuple):
    """A call. `terms`, `options`: as the user would write them; `variables`: of the task."""

    terms: tuple[str | list[str], ...] = ()
    options: Mapping[str, Any] = {}
    variables: Mapping[str, Any] = {}


class Lookups:
    """Calls one lookup plugin several times in one playbook; each call is a task that sets a fact.

    Args:
        playbook: runs it.
        plugin: the plugin's full name.
    """

    def __init__(self, playbook: Playbooks, plugin: str) -> None:
        self._playbook = playbook
        self._plugin = plugin

    def __call__(self, calls: Mapping[str, Lookup], env: Mapping[str, str] | None = None) -> dict[str, Outcome]:
        """The outcome of each call. Its value is the fact `found`: see `value_of`."""
        run = self._playbook([self._task(name, call) for name, call in calls.items()], env=env, defaults={})
        return {name: run[name] for name in calls}

    def _task(self, name: str, call: Lookup) -> dict[str, Any]:
        arguments = [json.dumps(self._plugin), *map(json.dumps, call.terms)]
        arguments += [f"{option}={json.dumps(value)}" for option, value in call.options.items()]
        return {
            "name": name,
            "ansible.builtin.set_fact": {"found": f"{{{{ query({', '.join(arguments)}) }}}}"},
            "vars": dict(call.variables),
            "ignore_errors": True,
        }


def value_of(outcome: Outcome) -> Any:
    """What a call returned."""
    assert not outcome.failed, outcome.msg
    return outcome["ansible_facts"]["found"]
