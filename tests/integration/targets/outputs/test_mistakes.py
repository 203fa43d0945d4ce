# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole output for mistakes in the module, the role and the playbooks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from harness.fleets import MODULE, QUICK, ROLE, connection_env
from harness.playbooks import GROUP, Playbooks
from harness.simulators import Simulator
from screens import CONFLICT, Screen, assert_for_people, files, plain, yaml_play

BLANK = "approved_plan: must not be blank; give a value or omit approved_plan"
MISSING = "Python libraries are missing: requests, voluptuous. Install them: "
#: A digest that belongs to no plan.
OTHER = "a" * 64


def cases(directory: Path) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Name of each mistake → options and messages."""
    wrong = {name: ({"src": name}, (message,)) for name, message in files(directory).items()}
    return {
        **wrong,
        "blank approval": ({"src": "good.csv", "approved_plan": ""}, (BLANK,)),
        "other plan": ({"src": "good.csv", "approved_plan": OTHER}, ("The plan is not the approved one; nothing",)),
        "conflict": ({"src": "conflict.csv"}, CONFLICT),
    }


def test_the_module_reports_mistakes_in_few_lines(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    known = cases(tmp_path)
    tasks = [{"name": name, MODULE: options, "ignore_errors": True} for name, (options, _messages) in known.items()]
    tasks.append({"name": "hosts", MODULE: {"hosts": ["bus-9"]}, "ignore_errors": True})
    play = yaml_play(tmp_path / "play.yml", tasks, {GROUP: sentinel.connection})
    screen = Screen(playbook(play, env=plain(tmp_path)).output)
    names = (*known, "hosts")
    for name, (_options, messages) in known.items():
        assert_for_people(screen.of(name, names), *messages)
    assert_for_people(screen.of("hosts", names), "hosts: 'bus-9' is not in the inventory")


def test_the_role_reports_mistakes_in_few_lines(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    known = cases(tmp_path)
    tasks = [
        {
            "name": name,
            "ansible.builtin.include_role": {"name": ROLE, "apply": {"ignore_errors": True}},
            "vars": {**QUICK, "fleet_report": "report", **{f"fleet_{key}": value for key, value in options.items()}},
        }
        for name, (options, _messages) in known.items()
    ]
    play = yaml_play(tmp_path / "play.yml", tasks, {GROUP: sentinel.connection})
    screen = Screen(playbook(play, env=plain(tmp_path)).output)
    for name, (_options, messages) in known.items():
        assert_for_people(screen.of(name, tuple(known)), *messages)


@pytest.mark.parametrize(
    ("name", "book"),
    [
        ("nowhere.csv", "plan"),
        ("column.csv", "plan"),
        ("imei.csv", "activate"),
        ("carrier.csv", "plan"),
        ("conflict", "plan"),
        ("other plan", "activate"),
        ("blank approval", "activate"),
        ("blank approval", "apply"),
    ],
)
def test_the_playbooks_report_mistakes_in_few_lines(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, name: str, book: str
) -> None:
    options, messages = cases(tmp_path)[name]
    given = {f"fleet_{key}": value for key, value in options.items() if key != "approved_plan"}
    if book != "plan":
        given["approved_plan"] = options.get("approved_plan", OTHER)
    if name == "blank approval":
        blank = "approved_plan is required; give the digest of the approved plan, or the path of its file"
        messages = ("approved_plan: must not be blank; give a digest",) if book == "apply" else (blank,)
    variables = {**QUICK, "fleet_directory": str(tmp_path), **given}
    env = {**plain(tmp_path), **connection_env(sentinel)}
    run = playbook(f"kajeet.sentinel.{book}", extra_vars=variables, env=env, defaults={}, expect_rc=2)
    assert_for_people(Screen(run.output).lines, *messages)
    sentinel.assert_wrote_nothing()


def test_missing_libraries_are_reported_with_the_command_that_installs_them(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    cases(tmp_path)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for library in ("requests", "voluptuous"):
        (hidden / f"{library}.py").write_text(f"raise ImportError('No module named {library}')\n", encoding="utf-8")
    env = {
        **plain(tmp_path),
        **connection_env(sentinel),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(hidden), os.environ.get("PYTHONPATH")])),
    }
    apply = {"name": ROLE, "apply": {"ignore_errors": True}}
    tasks: list[dict[str, Any]] = [
        {"name": "module", MODULE: {"src": "good.csv"}, "ignore_errors": True},
        {"name": "role", "ansible.builtin.include_role": apply, "vars": {"fleet_src": "good.csv"}},
    ]
    play = yaml_play(tmp_path / "play.yml", tasks, {})
    variables = {"fleet_src": "good.csv", "fleet_directory": str(tmp_path)}
    # Do not use the warm server, which has imported the libraries.
    processes = [
        playbook.start(play, env=env, defaults={})[0],
        playbook.start("kajeet.sentinel.plan", env=env, defaults={}, extra_vars=variables)[0],
    ]
    own, plan = (Screen(process.communicate(timeout=60)[0]) for process in processes)
    for lines in (own.of("module", ("role",)), own.of("role", ()), plan.lines):
        assert_for_people(lines, MISSING)
        assert any("-m pip install requests voluptuous" in line for line in lines)
    assert sentinel.requests() == []
