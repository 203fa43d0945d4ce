# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module has to show: check mode tells the truth and writes nothing, and a second run changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .playbooks import Outcome, Playbooks, activation
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

    def __call__(self, arguments: Mapping[str, Any], devices: list[dict[str, Any]]) -> Four:
        """Runs the task four times.

        Args:
            arguments: of the task; none of the devices may be active yet, and all must succeed.
            devices: that it declares.
        """
        sentinel = self._sentinel
        check = self._playbook(activation("check", ignore=False, **arguments), check=True, diff=True).only
        assert check.changed
        assert check["summary"] == {"would_activate": len(devices)}
        sentinel.assert_wrote_nothing()

        tasks = [activation(name, ignore=False, **arguments) for name in ("apply", "again")]
        run = self._playbook([*tasks, activation("check again", ignore=False, check_mode=True, **arguments)], diff=True)
        apply, again, check_again = run["apply"], run["again"], run["check again"]
        assert apply.changed
        assert apply["plan"] == check["plan"], "what check mode said is not what was done"
        assert apply["diff"] == check["diff"]
        assert apply["summary"] == {"activated": len(devices)}
        sentinel.assert_each_once(devices)

        for outcome in (again, check_again):
            assert not outcome.changed
            assert outcome["summary"] == {"already_active": len(devices)}
            assert outcome["diff"] == {"before": "", "after": ""}
            sentinel.assert_wrote_nothing(outcome)
        return Four(check, apply, again, check_again)
