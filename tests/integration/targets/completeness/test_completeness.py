# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything public has a target: a module, plugin, role or playbook without one fails here."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.places import collection_root
from register import gaps, problems_of, public

TARGETS = collection_root() / "tests" / "integration" / "targets"


def test_everything_public_has_a_target() -> None:
    assert gaps(collection_root()) == []


def test_what_is_public_is_found() -> None:
    found = public(collection_root())
    assert (
        found.items()
        >= {
            "plugins/modules/sentinel_activation.py": "sentinel_activation",
            "plugins/lookup/sentinel_carriers.py": "lookup_sentinel_carriers",
            "plugins/inventory/sentinel.py": "inventory_sentinel",
            "plugins/filter/normalize_iccid.py": "filters",
            "plugins/test/imei.py": "filters",
            "roles/simulator": "simulator",
        }.items()
    )
    assert not any("_utils" in what or "doc_fragments" in what for what in found)


@pytest.mark.parametrize("target", sorted(path.parent.name for path in TARGETS.glob("*/runme.sh")))
def test_each_target_is_run(target: str) -> None:
    assert problems_of(TARGETS / target) == []


def make(path: Path, text: str = "") -> Path:
    """A file with all its directories."""
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
def test_a_missing_target_is_noticed(tmp_path: Path, file: str, target: str) -> None:
    make(tmp_path / file)
    what = next(iter(public(tmp_path)))
    folder = tmp_path / "tests" / "integration" / "targets" / target
    assert gaps(tmp_path) == [f"{what}: there is no target {target}"]
    make(folder / "aliases", "disabled\n")
    assert gaps(tmp_path) == [
        f"{what}: {target}: its aliases lack context/controller",
        f"{what}: {target}: is not run (disabled)",
        f"{what}: {target}: has no runme.sh that can be run",
        f"{what}: {target}: has no test",
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
def test_a_filter_that_the_shared_target_does_not_use_is_noticed(
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
