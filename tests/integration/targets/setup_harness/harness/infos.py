# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules, called from a real playbook, and the samples that their documentation shows."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import yaml

from .places import collection_root
from .playbooks import Outcome, Playbooks
from .simulators import TOKEN, Simulator


class Infos:
    """Calls one info module several times in one playbook; each call is a task.

    Args:
        playbook: runs it.
        sentinel: what the calls reach, with a token unless they say otherwise.
        module: the module's full name.
    """

    def __init__(self, playbook: Playbooks, sentinel: Simulator, module: str) -> None:
        self._playbook = playbook
        self._sentinel = sentinel
        self._module = module

    def __call__(self, calls: Mapping[str, Mapping[str, Any]], check: bool = False) -> dict[str, Outcome]:
        """The outcome of each call. An argument that is None is left out. Nothing may be written or change."""
        known = {"api_url": self._sentinel.api_url, "api_token": TOKEN}
        tasks = [
            {
                "name": name,
                self._module: {key: value for key, value in {**known, **given}.items() if value is not None},
                "ignore_errors": True,
            }
            for name, given in calls.items()
        ]
        run = self._playbook(tasks, check=check, diff=True, defaults={})
        assert not any(outcome.changed for outcome in run)
        assert all("diff" not in outcome.data for outcome in run)
        self._sentinel.assert_wrote_nothing()
        return {name: run[name] for name in calls}

    def both(self, calls: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
        """The same; check mode returns the same and makes the same calls."""
        found, checked = self(calls), self(calls, check=True)
        for name, outcome in found.items():
            assert not outcome.failed, outcome.msg
            assert returned(checked[name]) == returned(outcome)
            # Sorted: what is asked side by side comes in any order.
            assert sorted(self._sentinel.calls(checked[name])) == sorted(self._sentinel.calls(outcome))
        return found

    def assert_fail(self, calls: Mapping[str, tuple[Mapping[str, Any], str]]) -> dict[str, Outcome]:
        """Asserts that each call fails with these words and shows no secret."""
        found = self({name: given for name, (given, words) in calls.items()})
        for name, (_given, words) in calls.items():
            assert found[name].failed, name
            assert words in found[name].msg
            assert "wrong-secret-0815" not in found[name].msg
        return found


def returned(outcome: Outcome) -> dict[str, Any]:
    """The values that a module returns, without those that Ansible adds."""
    return {name: value for name, value in outcome.data.items() if name != "invocation" and name[0] != "_"}


def documented(plugin: str, what: str) -> Any:
    """A plugin's RETURN, or another of its texts, as YAML. `plugin`: its path in plugins/, such as "modules/name"."""
    text = (collection_root() / "plugins" / f"{plugin}.py").read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == what:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{plugin} has no {what}")
