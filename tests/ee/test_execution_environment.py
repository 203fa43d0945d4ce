# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution environments: ansible-builder takes the worked example, and the collection gets what it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "execution-environment" / "execution-environment.yml"


def requirements(path: Path) -> set[str]:
    """The requirements in a file, without comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line and not line.startswith("-r")}


def read(path: Path) -> Any:
    """A YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build context of the worked example. Nothing is built, and nothing fetched."""
    folder = tmp_path_factory.mktemp("ee") / "context"
    command = ["ansible-builder", "create", "--file", str(EXAMPLE), "--context", str(folder), "--verbosity", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Complete!" in done.stdout
    return folder / "_build"


def test_the_context_has_what_the_plugins_import(context: Path) -> None:
    asked = requirements(context / "requirements.txt")
    assert {re.split(r"[^\w-]", line)[0].lower() for line in asked} == {
        *("requests", "voluptuous", "pyyaml", "openpyxl")
    }
    # The same bounds as everywhere.
    assert asked == requirements(ROOT / "requirements.txt")
    assert "ansible-core>=2.19,<2.22" in requirements(ROOT / "requirements" / "demo.txt")
    assert "ansible-core>=2.19,<2.22" in (context.parent / "Dockerfile").read_text(encoding="utf-8")


def test_the_context_has_the_collection(context: Path) -> None:
    wanted = read(context / "requirements.yml")["collections"]
    assert [entry["name"] for entry in wanted] == [read(ROOT / "galaxy.yml")["repository"]]


def test_the_build_can_fetch_the_collection(context: Path) -> None:
    """The stage that installs collections begins with the base image, which has no git."""
    lines = (context.parent / "Dockerfile").read_text(encoding="utf-8").splitlines()
    stage = lines[lines.index("FROM base AS galaxy") :]
    steps = [line for line in stage[: stage.index("FROM base AS builder")] if line.startswith("RUN ")]
    (fetched,) = (number for number, line in enumerate(steps) if "ansible-galaxy collection install" in line)
    assert [entry["type"] for entry in read(context / "requirements.yml")["collections"]] == ["git"]
    assert any(re.search(r"\$PKGMGR install\b.* git-core\b", line) for line in steps[:fetched])


def test_what_the_collection_asks_for_is_found_in_the_build(context: Path, tmp_path: Path) -> None:
    """The build asks each installed collection, with this script of the context."""
    installed = tmp_path / "ansible_collections" / "kajeet" / "sentinel"
    for name in ("galaxy.yml", "requirements.txt", "meta/execution-environment.yml"):
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, installed / name)
    written = tmp_path / "all.txt"
    command = [sys.executable, str(context / "scripts" / "introspect.py"), "introspect", str(tmp_path)]
    command += [f"--user-pip={context / 'requirements.txt'}", f"--write-pip={written}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = written.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("requests") and line.endswith("from collection kajeet.sentinel") for line in lines)
    # What it takes from no collection comes from the execution environment itself.
    assert requirements(written) == requirements(ROOT / "requirements.txt")


def test_the_collection_names_files_that_there_are() -> None:
    described = read(ROOT / "meta" / "execution-environment.yml")["dependencies"]
    assert described["python"] == "requirements.txt"
    for name in described.values():
        assert (ROOT / name).is_file()


def test_a_definition_with_a_mistake_is_noticed(tmp_path: Path) -> None:
    """ansible-builder checks what it reads: that the example passes means something."""
    wrong = tmp_path / "execution-environment.yml"
    definition = read(EXAMPLE)
    definition["dependencies"]["galaxi"] = definition["dependencies"].pop("galaxy")
    wrong.write_text(yaml.safe_dump(definition), encoding="utf-8")
    command = ["ansible-builder", "create", "--file", str(wrong), "--context", str(tmp_path / "context")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "galaxi" in done.stdout + done.stderr
