# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module has to show: check mode is right and writes nothing, and a second run changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .playbooks import MODULE, Outcome, Playbooks, activation
from .simulators import Simulator


class Four(NamedTuple):
    """The outcomes of the four runs."""

    check: Outcome
    apply: Outcome
    again: Outcome
    check_again: Outcome


class CheckApplyApplyCheck:
    """Check (changed, nothing written) → apply (changed, by the same plan) → apply (not changed, no POST) → check."""

    def __init__(self, sentinel: Simulator, playbook: Playbooks) -> None:
        self._sentinel = sentinel
        self._playbook = playbook

    def __call__(
        self, arguments: Mapping[str, Any], devices: list[dict[str, Any]], module: str = MODULE, key: str = "iccid"
    ) -> Four:
        """Runs the task four times.

        Args:
            arguments: of the task; none of the devices may be active yet, and all must succeed.
            devices: that it declares.
            module: the task's module.
            key: the identifier of its devices.
        """
        sentinel = self._sentinel

        def task(name: str, **more: Any) -> dict[str, Any]:
            return activation(name, ignore=False, module=module, **more, **arguments)

        check = self._playbook(task("check"), check=True, diff=True).only
        assert check.changed
        assert check["summary"] == {"would_activate": len(devices)}
        sentinel.assert_wrote_nothing()

        run = self._playbook([task("apply"), task("again"), task("check again", check_mode=True)], diff=True)
        apply, again, check_again = run["apply"], run["again"], run["check again"]
        assert apply.changed
        assert apply["plan"] == check["plan"], "what check mode said is not what was done"
        assert apply["diff"] == check["diff"]
        assert apply["summary"] == {"activated": len(devices)}
        sentinel.assert_each_once(devices, key)

        for outcome in (again, check_again):
            assert not outcome.changed
            assert outcome["summary"] == {"already_active": len(devices)}
            assert outcome["diff"]["prepared"].startswith(f"Plan: nothing to do, {len(devices)} active.\n")
            sentinel.assert_wrote_nothing(outcome)
        return Four(check, apply, again, check_again)
