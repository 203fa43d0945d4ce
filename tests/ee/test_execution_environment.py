# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution environments: ansible-builder accepts the example, and the collection gets its requirements."""

from __future__ import annotations

import os
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
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def created(definition: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Create a build context with ansible-builder. Builds and downloads nothing."""
    command = ["ansible-builder", "create", "--file", str(definition), "--context", str(folder), "--verbosity", "3"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, in the same folder as the built collection, as its comment says."""
    folder = tmp_path_factory.mktemp("ee")
    source = tmp_path_factory.mktemp("source") / "sentinel"
    # A build reads all files, even those of environments.
    excluded = shutil.ignore_patterns(".git", ".venv", ".cache", "tests")
    shutil.copytree(ROOT, source, ignore=excluded)
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder)]
    subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120, check=True)
    shutil.copyfile(EXAMPLE, folder / EXAMPLE.name)
    return folder / EXAMPLE.name


@pytest.fixture(scope="module")
def context(definition: Path) -> Path:
    """The build context of the example."""
    done = created(definition, definition.parent / "context")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Complete!" in done.stdout
    return definition.parent / "context" / "_build"


def test_the_context_has_the_requirements_of_the_collection(context: Path) -> None:
    required = requirements(context / "requirements.txt")
    assert {re.split(r"[^\w-]", line)[0].lower() for line in required} == {
        *("requests", "voluptuous", "pyyaml", "openpyxl")
    }
    # With the same bounds
    assert required == requirements(ROOT / "requirements.txt")
    assert "ansible-core>=2.19,<2.23" in requirements(ROOT / "requirements" / "demo.txt")
    assert "ansible-core>=2.19,<2.23" in (context.parent / "Dockerfile").read_text(encoding="utf-8")


def test_the_context_has_the_collection(context: Path, tmp_path: Path) -> None:
    """The build runs this command in this directory. It needs no network."""
    dockerfile = (context.parent / "Dockerfile").read_text(encoding="utf-8")
    assert "ansible-galaxy collection install" in dockerfile
    assert "-r requirements.yml" in dockerfile
    (wanted,) = read(context / "requirements.yml")["collections"]
    described = read(ROOT / "galaxy.yml")
    assert wanted["name"].endswith(f"{described['namespace']}-{described['name']}-{described['version']}.tar.gz")
    command = ["ansible-galaxy", "collection", "install", "-r", "requirements.yml", "-p", str(tmp_path), "--offline"]
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    done = subprocess.run(command, cwd=context, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    installed = tmp_path / "ansible_collections" / "kajeet" / "sentinel"
    assert read(installed / "meta" / "runtime.yml") == read(ROOT / "meta" / "runtime.yml")
    assert (installed / "plugins" / "modules" / "sentinel_fleet.py").is_file()


def test_the_build_finds_the_requirements_of_the_collection(context: Path, tmp_path: Path) -> None:
    """The build runs this script of the context to collect the requirements of installed collections."""
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
    # The other requirements are those of the execution environment itself.
    assert requirements(written) == requirements(ROOT / "requirements.txt")


def test_the_files_that_the_collection_names_exist() -> None:
    described = read(ROOT / "meta" / "execution-environment.yml")["dependencies"]
    assert described["python"] == "requirements.txt"
    for name in described.values():
        assert (ROOT / name).is_file()


def test_a_definition_with_a_mistake_is_refused(definition: Path, tmp_path: Path) -> None:
    """ansible-builder validates definitions, so that the other tests prove something."""
    wrong = definition.with_name("wrong.yml")
    content = read(EXAMPLE)
    content["dependencies"]["galaxi"] = content["dependencies"].pop("galaxy")
    wrong.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = created(wrong, tmp_path / "context")
    assert done.returncode != 0
    assert "galaxi" in done.stdout + done.stderr


def test_the_guide_has_the_commands_of_the_definitions_comment() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "awx.rst").read_text(encoding="utf-8")
    section = guide.partition("\nThe execution environment\n")[2]
    block = section.partition(".. code-block:: console\n")[2].partition("\n\n``")[0]
    commands = [line.strip() for line in block.splitlines() if line.strip()]
    text = EXAMPLE.read_text(encoding="utf-8")
    assert commands == re.findall(r"^#   (.+)$", text, re.MULTILINE)
    built, _installed, image = commands
    assert built == f"ansible-galaxy collection build --output-path {EXAMPLE.parent.relative_to(ROOT)}"
    assert f"--file {EXAMPLE.relative_to(ROOT)} " in image
