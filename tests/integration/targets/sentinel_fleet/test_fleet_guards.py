# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sentinel_fleet: plans that are refused, and files that must not be overwritten."""

from __future__ import annotations

from pathlib import Path

from harness.devices import device, fleet
from harness.fleets import csv_file, esim, mixed, posted, task
from harness.playbooks import Playbooks
from harness.simulators import Simulator


def test_max_new_activations_limits_the_whole_fleet(sentinel: Simulator, playbook: Playbooks) -> None:
    devices = [device(1), device(2), esim(3)]
    tasks = [task(f"allow {maximum}", devices=devices, max_new_activations=maximum) for maximum in (2, 0)]
    run = playbook(tasks)
    assert "The plan activates 3 devices, but max_new_activations allows 2" in run["allow 2"].msg
    assert "allows 0" in run["allow 0"].msg
    sentinel.assert_wrote_nothing()
    assert playbook(task(devices=devices, max_new_activations=3)).only["summary"] == {"activated": 3}


def test_a_plan_is_approved_by_its_digest_its_file_or_its_content(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    src = str(csv_file(tmp_path / "fleet.csv", mixed()))
    plan = tmp_path / "plan.json"
    planned = playbook(task(src=src, state="planned", plan_file=str(plan))).only
    digest = planned["plan"]["digest"]
    assert planned.changed
    sentinel.assert_wrote_nothing()

    other = str(csv_file(tmp_path / "other.csv", [*mixed(), device(20)]))
    run = playbook(
        [
            task("digest", src=other, approved_plan=digest),
            task("file", src=other, approved_plan=str(plan)),
            task("content", src=other, approved_plan=plan.read_text(encoding="utf-8")),
            task("nowhere", src=src, approved_plan="nowhere.json", directory=str(tmp_path)),
        ]
    )
    assert "The plan is not the approved one; nothing was written" in run["digest"].msg
    for name in ("file", "content"):
        assert f"{device(20)['iccid']} imei {device(20)['imei']}: is not in the approved plan" in run[name].msg
    assert f"{tmp_path}/nowhere.json is neither a digest" in run["nowhere"].msg
    sentinel.assert_wrote_nothing()

    run = playbook(
        [
            task("part", devices=mixed()[:2], approved_plan=str(plan)),
            task("whole", src=src, approved_plan="plan.json", directory=str(tmp_path)),
        ]
    )
    assert run["part"]["summary"] == {"activated": 2}
    assert run["whole"]["summary"] == {"activated": 5, "already_active": 2}
    assert sentinel.activations()["max_submitted"] == 1


def test_a_digest_also_approves_what_is_left_of_the_plan(sentinel: Simulator, playbook: Playbooks) -> None:
    digest = playbook(task(devices=mixed(), state="planned")).only["plan"]["digest"]
    run = playbook(
        [
            task("part", devices=mixed()[:3]),
            task("rest", devices=mixed(), approved_plan=digest),
            task("again", devices=mixed(), approved_plan=digest),
        ]
    )
    assert run["rest"]["summary"] == {"activated": 4, "already_active": 3}
    assert run["again"]["summary"] == {"already_active": 7}
    assert sum(posted(sentinel).values()) == 6


def test_a_plan_file_that_was_edited_is_refused(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    playbook(task(devices=fleet([1]), plan_file=str(plan)), check=True)
    plan.write_text(plan.read_text(encoding="utf-8").replace('"fingerprint": "', '"fingerprint": "f'), encoding="utf-8")
    result = playbook(task(devices=fleet([1]), approved_plan=str(plan))).only
    assert "was changed after it was written" in result.msg
    sentinel.assert_wrote_nothing()


def test_an_input_file_cannot_also_be_an_output_file(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    src = csv_file(tmp_path / "fleet.csv", fleet([1]))
    before = src.read_bytes()
    options = ("plan_file", "result_file", "journal", "approved_plan")
    result = playbook(
        task(directory=str(tmp_path), src="fleet.csv", **dict.fromkeys(options, str(src))), check=True
    ).only
    for option in options:
        assert f"{option}: {src} is also the file of src" in result.msg
    assert src.read_bytes() == before
    assert sentinel.requests() == []


def test_one_journal_has_devices_of_all_kinds(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    sentinel.faults({"kind": "reset", "commit": True, "method": "POST", "path": "transaction$"})
    given = {"devices": mixed(), "journal": "fleet.journal", "directory": str(tmp_path), "settle_timeout": 1}
    run = playbook([task("lost", **given), task("again", **given)])
    assert run["again"]["summary"] in ({"activated": 7}, {"already_active": 7})
    assert (tmp_path / "fleet.journal").exists()
    assert sentinel.activations()["max_submitted"] == 1
