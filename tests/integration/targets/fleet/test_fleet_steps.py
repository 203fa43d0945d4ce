# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role fleet: guards, approval, and tags."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.devices import device, fleet
from harness.fleets import csv_file, esim, mixed, names, posted, result, role
from harness.playbooks import Playbooks
from harness.simulators import Simulator

REFUSED = "Compare the plan with what was allowed"


def test_the_limit_is_that_of_the_whole_fleet(sentinel: Simulator, playbook: Playbooks) -> None:
    devices = [device(1), device(2), esim(3)]
    run = playbook(role(devices=devices, max_new_activations=2), expect_rc=2)
    assert "The plan activates 3 devices, and fleet_max_new_activations allows 2" in run[REFUSED].msg
    run = playbook(role(devices=devices, max_new_activations=0), expect_rc=2)
    assert "allows 0" in run[REFUSED].msg
    sentinel.assert_wrote_nothing()
    assert result(playbook(role(devices=devices, max_new_activations=3)))["summary"] == {"activated": 3}


def test_an_approved_plan_by_digest_and_by_file(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    src = str(csv_file(tmp_path / "fleet.csv", mixed()))
    plan = str(tmp_path / "plan.json")
    digest = result(playbook(role(src=src, state="planned", plan_file=plan)))["plan"]["digest"]
    sentinel.assert_wrote_nothing()

    other = str(csv_file(tmp_path / "other.csv", [*mixed(), device(20)]))
    run = playbook(role(src=other, approved_plan=digest), expect_rc=2)
    assert "The plan is not the approved one; nothing was written" in run[REFUSED].msg
    run = playbook(role(src=other, approved_plan=plan), expect_rc=2)
    assert f"{device(20)['iccid']} imei {device(20)['imei']}: is not in the approved plan" in run[REFUSED].msg
    run = playbook(role(src=src, approved_plan="nowhere.json", directory=str(tmp_path)), expect_rc=2)
    assert f"{tmp_path}/nowhere.json cannot be read" in run[REFUSED].msg
    sentinel.assert_wrote_nothing()

    part = playbook(role(devices=mixed()[:2], approved_plan=plan))
    assert result(part)["summary"] == {"activated": 2}
    whole = playbook(role(src=src, approved_plan="plan.json", directory=str(tmp_path)))
    assert result(whole)["summary"] == {"activated": 5, "already_active": 2}
    assert sentinel.activations()["max_submitted"] == 1


def test_the_digest_passes(sentinel: Simulator, playbook: Playbooks) -> None:
    digest = result(playbook(role(devices=mixed(), state="planned")))["plan"]["digest"]
    assert result(playbook(role(devices=mixed(), approved_plan=digest)))["summary"] == {"activated": 7}
    assert sum(posted(sentinel).values()) == 3


def test_what_was_approved_cannot_be_changed_by_hand(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    playbook(role(devices=fleet([1]), state="planned", plan_file=str(plan)))
    plan.write_text(plan.read_text(encoding="utf-8").replace('"fingerprint": "', '"fingerprint": "f'), encoding="utf-8")
    run = playbook(role(devices=fleet([1]), approved_plan=str(plan)), expect_rc=2)
    assert "was changed after it was written" in run[REFUSED].msg
    sentinel.assert_wrote_nothing()


VALIDATED, PLANNED, GUARDED = "Remember it", "Remember the plan", "Clear the plan"
ACTIVATED, REPORTED = "Fleet, SIMs: activate", "Write the report"


@pytest.mark.parametrize(
    ("tags", "skipped", "done"),
    [
        ("validate", "", [VALIDATED]),
        ("plan", "", [VALIDATED, PLANNED]),
        ("guard", "", [VALIDATED, PLANNED, GUARDED]),
        ("activate", "", [VALIDATED, PLANNED, GUARDED, ACTIVATED]),
        ("report", "", [VALIDATED, PLANNED, REPORTED]),
        ("other", "", []),
        ("", "report", [VALIDATED, PLANNED, GUARDED, ACTIVATED]),
        ("", "activate", [VALIDATED, PLANNED, REPORTED]),
        ("", "guard", [VALIDATED, PLANNED, REPORTED]),
        ("", "validate", [VALIDATED, PLANNED, REPORTED]),
        ("", "", [VALIDATED, PLANNED, GUARDED, ACTIVATED, REPORTED]),
    ],
)
def test_tags(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, tags: str, skipped: str, done: list[str]
) -> None:
    play = {
        "name": "Test",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/kajeet.sentinel.sentinel": sentinel.connection},
        "vars": {"fleet_devices": [device(1)], "fleet_report": str(tmp_path / "report")},
        "roles": ["kajeet.sentinel.fleet"],
    }
    path = tmp_path / "play.yml"
    path.write_text(f"[{play}]", encoding="utf-8")
    env = {"ANSIBLE_RUN_TAGS": tags or "all", **({"ANSIBLE_SKIP_TAGS": skipped} if skipped else {})}
    run = playbook(path, env=env)
    steps = [name for name in names(run) if name in (VALIDATED, PLANNED, GUARDED, ACTIVATED, REPORTED)]
    assert steps == done
    assert posted(sentinel) == ({"sim": 1} if ACTIVATED in done else {})
    assert (tmp_path / "report" / "report.html").exists() == (REPORTED in done)
    if VALIDATED in done and PLANNED not in done:
        assert sentinel.requests() == []


def test_a_second_use_with_a_tag_has_a_plan_of_its_own(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    uses = [
        {**role(devices=[device(number)], report=str(tmp_path / str(number))), "tags": ["always"]} for number in (1, 2)
    ]
    playbook(uses, env={"ANSIBLE_RUN_TAGS": "report"})
    for number in (1, 2):
        assert device(number)["imei"] in (tmp_path / str(number) / "report.csv").read_text(encoding="utf-8")
    sentinel.assert_wrote_nothing()
