# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet: what it publishes, whatever became of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness.devices import device, fleet, iccid
from harness.fleets import QUICK, ROLE, esim, result, role
from harness.playbooks import Playbooks, Run
from harness.simulators import Simulator

SHOW = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ fleet_result }}"}}


def rescued(playbook: Playbooks, *uses: dict[str, Any]) -> dict[str, Any]:
    """What the role has published where its failure is rescued."""
    shown: dict[str, Any] = playbook([*uses[:-1], {"name": "Try", "block": [uses[-1]], "rescue": [SHOW]}])["Show"][
        "msg"
    ]
    return shown


def test_a_refused_plan_is_a_failure(sentinel: Simulator, playbook: Playbooks) -> None:
    found = rescued(playbook, role(devices=fleet([1, 2]), max_new_activations=1))
    assert (found["failed"], found["changed"]) == (True, False)
    assert "The plan activates 2 devices, and fleet_max_new_activations allows 1" in found["msg"]
    assert found["plan"]["activate"] == 2
    sentinel.assert_wrote_nothing()


def test_a_fleet_without_a_plan_has_not_the_result_of_another(playbook: Playbooks) -> None:
    for wrong, told in (
        (role(src="/nowhere.csv"), "The fleet has no plan yet"),
        (role(devices=[device(2, carrier="Verizn")]), "the account has no carrier 'Verizn'"),
    ):
        found = rescued(playbook, role(devices=fleet([1])), wrong)
        assert (found["failed"], found["changed"], found["summary"]) == (True, False, {})
        assert told in found["msg"]


def test_all_requests_are_counted(sentinel: Simulator, playbook: Playbooks) -> None:
    """Those of the plan, too."""
    run = playbook(role(devices=[*fleet([1, 2]), esim(3)]))
    sent = result(run)["requests"]
    seen = [request for request in sentinel.requests() if "/auth/" not in request["path"]]
    assert sent["writes"] == len([request for request in seen if request["method"] == "POST"])
    assert sent["reads"] == len([request for request in seen if request["method"] == "GET"])


def play(playbook: Playbooks, sentinel: Simulator, path: Path, keywords: dict[str, Any], **options: Any) -> Run:
    """Runs the role in a play with these keywords."""
    content = {
        "name": "Test",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/kajeet.sentinel.sentinel": sentinel.connection},
        "vars": {**QUICK, "fleet_directory": str(path)},
        "roles": [ROLE],
        **keywords,
    }
    (path / "play.yml").write_text(json.dumps([content]), encoding="utf-8")
    return playbook(path / "play.yml", **options)


def test_false_on_the_command_line_is_false(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    """There, each value is a text. An odd ICCID is only a warning, and nobody waits."""
    odd = iccid(1)[:-1] + str((int(iccid(1)[-1]) + 1) % 10)
    texts = {"fleet_wait": "false", "fleet_strict": "false", "fleet_devices": [device(1, iccid=odd)]}
    run = play(playbook, sentinel, tmp_path, {}, extra_vars={**texts, "fleet_history": "none"})
    assert not result(run)["failed"]
    assert result(run)["summary"] == {"pending": 1}


@pytest.mark.parametrize("by_command", [True, False])
def test_check_mode_of_a_play(sentinel: Simulator, playbook: Playbooks, tmp_path: Path, by_command: bool) -> None:
    """What is under way is no failure in check mode, whoever has asked for that."""
    playbook(role(devices=fleet([1]), wait=False))
    declared = {"fleet_devices": fleet([1, 2]), "fleet_report": "report"}
    written = len(sentinel.writes())
    run = play(
        playbook,
        sentinel,
        tmp_path,
        {} if by_command else {"check_mode": True},
        extra_vars=declared,
        check=by_command,
    )
    found = result(run)
    assert (found["failed"], found["summary"]["would_activate"]) == (False, 1)
    assert found["changed"]
    assert json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))["plan"] is True
    assert len(sentinel.writes()) == written


def test_no_slice_sends_more_than_its_share(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(role(devices=fleet([1]), requests_per_minute=3, slices=4), expect_rc=2)
    assert "Take fewer slices" in run["Refuse more slices than requests"].msg
    assert sentinel.requests() == []
