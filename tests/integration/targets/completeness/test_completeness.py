# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every public module, plugin, role and playbook has a target."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.places import collection_root
from register import gaps, problems_of, public

TARGETS = collection_root() / "tests" / "integration" / "targets"


def test_everything_public_has_a_target() -> None:
    assert gaps(collection_root()) == []


def test_public_parts_are_listed_with_their_targets() -> None:
    targets = public(collection_root())
    assert (
        targets.items()
        >= {
            "plugins/modules/sentinel_activation.py": "sentinel_activation",
            "plugins/lookup/sentinel_carriers.py": "lookup_sentinel_carriers",
            "plugins/inventory/sentinel.py": "inventory_sentinel",
            "plugins/filter/normalize_iccid.py": "filters",
            "plugins/test/imei.py": "filters",
            "roles/simulator": "simulator",
        }.items()
    )
    assert not any("_utils" in path or "doc_fragments" in path for path in targets)


@pytest.mark.parametrize("target", sorted(path.parent.name for path in TARGETS.glob("*/runme.sh")))
def test_ansible_test_runs_each_target(target: str) -> None:
    assert problems_of(TARGETS / target) == []


def make(path: Path, text: str = "") -> Path:
    """Write a file and create its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("plugins/modules/sentinel_new.py", "sentinel_new"),
        ("plugins/action/sentinel_new.py", "sentinel_new"),
        ("plugins/lookup/new.py", "lookup_new"),
        ("plugins/inventory/new.py", "inventory_new"),
        ("roles/new/meta/main.yml", "new"),
        ("playbooks/new.yml", "playbook_new"),
    ],
)
def test_a_missing_target_is_reported(tmp_path: Path, file: str, target: str) -> None:
    make(tmp_path / file)
    path = next(iter(public(tmp_path)))
    folder = tmp_path / "tests" / "integration" / "targets" / target
    assert gaps(tmp_path) == [f"{path}: there is no target {target}"]
    make(folder / "aliases", "disabled\n")
    assert gaps(tmp_path) == [
        f"{path}: {target}: aliases lacks context/controller",
        f"{path}: {target}: is not run (disabled)",
        f"{path}: {target}: has no executable runme.sh",
        f"{path}: {target}: has no test",
    ]
    make(folder / "aliases", "context/controller\n")
    make(folder / "runme.sh").chmod(0o755)
    make(folder / "test_new.py", "def test_it() -> None: ...\n")
    assert gaps(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "used", "not_used"),
    [
        ("plugins/filter/new.py", "'{{ x | kajeet.sentinel.new }}'", "'{{ x is kajeet.sentinel.new }}'"),
        ("plugins/filter/new.py", "\"map('kajeet.sentinel.new')\"", "'{{ x | kajeet.sentinel.newer }}'"),
        ("plugins/test/new.py", "'{{ x is not kajeet.sentinel.new(strict=true) }}'", "'{{ x | kajeet.sentinel.new }}'"),
    ],
)
def test_a_filter_that_the_shared_target_does_not_use_is_reported(
    tmp_path: Path, file: str, used: str, not_used: str
) -> None:
    make(tmp_path / file)
    folder = tmp_path / "tests" / "integration" / "targets" / "filters"
    assert gaps(tmp_path) == [f"{file}: there is no target filters"]
    make(folder / "aliases", "context/controller\n")
    make(folder / "runme.sh").chmod(0o755)
    make(folder / "test_filters.py", f"def test_it() -> None:\n    assert {not_used}\n")
    assert gaps(tmp_path) == [f"{file}: filters: does not use kajeet.sentinel.new"]
    make(folder / "test_filters.py", f"def test_it() -> None:\n    assert {used}\n")
    assert gaps(tmp_path) == []
