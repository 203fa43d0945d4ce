# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans that are refused: because of their size, or because they were not approved."""

from __future__ import annotations

import json
from pathlib import Path

from harness.devices import device, iccid
from harness.playbooks import Playbooks, activation
from harness.simulators import Simulator

FLEET = [device(number) for number in range(1, 6)]
RENAMED = [*FLEET[:4], {**FLEET[4], "device_group": "High-Schools"}]


def test_a_plan_with_too_many_activations_is_refused(sentinel: Simulator, playbook: Playbooks) -> None:
    run = playbook(
        [
            activation("too large", devices=FLEET, max_new_activations=4),
            activation("too large in check mode", devices=FLEET, max_new_activations=4, check_mode=True),
            activation("none at all", devices=FLEET, max_new_activations=0),
            activation("just right", devices=FLEET, max_new_activations=5, ignore=False),
            activation("nothing new", devices=FLEET, max_new_activations=0, ignore=False),
        ]
    )
    for name, maximum in {"too large": 4, "too large in check mode": 4, "none at all": 0}.items():
        assert run[name].failed
        assert f"activates 5 devices, but max_new_activations allows {maximum}" in run[name].msg
        assert run[name]["error"]["kind"] == "guard"
        sentinel.assert_wrote_nothing(run[name])
    assert run["just right"]["summary"] == {"activated": 5}
    assert run["nothing new"]["summary"] == {"already_active": 5}


def test_a_digest_approves_only_the_same_plan(sentinel: Simulator, playbook: Playbooks) -> None:
    digest = playbook(activation("plan", devices=FLEET), check=True).only["plan"]["digest"]
    run = playbook(
        [
            activation("another field", devices=RENAMED, approved_plan=digest),
            activation("fewer", devices=FLEET[:4], approved_plan=digest),
            activation("another account", devices=FLEET, approved_plan=digest, corp_id="SOUTHSTAR-ISD"),
            activation("another body", devices=FLEET, approved_plan=digest, extra_body={"note": "x"}),
            activation("in check mode", devices=RENAMED, approved_plan=digest, check_mode=True),
            activation("approved", devices=list(reversed(FLEET)), approved_plan=digest.upper(), ignore=False),
        ]
    )
    for name in ("another field", "fewer", "another account", "another body", "in check mode"):
        assert run[name].failed, name
        assert "nothing was written" in run[name].msg
        assert f"Approved: {digest}; now: " in run[name].msg
        sentinel.assert_wrote_nothing(run[name])
    assert run["approved"]["plan"]["digest"] == digest
    sentinel.assert_each_once(FLEET)


def test_a_plan_file_approves_only_its_devices(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    plan, tampered, other = (tmp_path / name for name in ("plan.json", "tampered.json", "other.json"))
    playbook(activation("plan", devices=FLEET, plan_file=str(plan)), check=True)
    content = json.loads(plan.read_text(encoding="utf-8"))
    content["devices"].append({**content["devices"][0], "iccid": iccid(6), "fingerprint": "0" * 32})
    tampered.write_text(json.dumps(content), encoding="utf-8")
    other.write_text("[]", encoding="utf-8")
    run = playbook(
        [
            activation("another field", devices=RENAMED, approved_plan=str(plan)),
            activation("one more", devices=[*FLEET, device(6)], approved_plan=str(plan)),
            activation("tampered", devices=FLEET, approved_plan=str(tampered)),
            activation("no plan", devices=FLEET, approved_plan=str(other)),
            activation("missing", devices=FLEET, approved_plan=str(tmp_path / "missing.json")),
            activation("a part", devices=FLEET[1:3], approved_plan=str(plan), ignore=False),
            activation("the rest", devices=FLEET, approved_plan=str(plan), ignore=False),
        ]
    )
    wanted = {
        "another field": ["device 5", FLEET[4]["iccid"], "device_group Transportation is now High-Schools"],
        "one more": ["device 6", iccid(6), "is not in the approved plan"],
        "tampered": ["tampered.json was changed after it was written"],
        "no plan": ["other.json is not a plan file", "plan_file"],
        "missing": ["missing.json", "no such file"],
    }
    for name, words in wanted.items():
        assert run[name].failed, name
        assert all(word in run[name].msg for word in words), run[name].msg
        sentinel.assert_wrote_nothing(run[name])
    assert run["a part"]["summary"] == {"activated": 2}
    assert run["the rest"]["summary"] == {"activated": 3, "already_active": 2}
    sentinel.assert_each_once(FLEET)
