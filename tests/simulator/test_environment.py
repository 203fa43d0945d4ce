# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's virtual environment: created once, recreated if its Python is gone, cleared only by its owner."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import FILES

#: The packages of the import check. One empty wheel contains all of them.
NAMES = ("fastapi", "httptools", "pydantic", "starlette", "uvicorn")
OURS, INSTALLED = ".sentinel-simulator-made", ".sentinel-simulator-requirements"


@pytest.fixture(scope="module")
def requirements(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Requirements that pip installs quickly and without an index."""
    wheel = tmp_path_factory.mktemp("wheels") / "standin-1-py3-none-any.whl"
    files = {f"{name}.py": "" for name in NAMES}
    files["standin-1.dist-info/METADATA"] = "Metadata-Version: 2.1\nName: standin\nVersion: 1\n"
    files["standin-1.dist-info/WHEEL"] = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "standin-1.dist-info/RECORD"
    files[record] = "".join(f"{name},,\n" for name in (*files, record))
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"# What is needed\n{wheel}\n"


class Venv:
    """An environment to create."""

    def __init__(self, path: Path, requirements: str) -> None:
        self.path = path
        self.requirements = requirements

    def ensure(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Run the program like the role."""
        command = [sys.executable, str(FILES / "environment.py"), str(self.path), *arguments]
        done = subprocess.run(
            command, input=self.requirements, capture_output=True, text=True, check=False, timeout=120
        )
        assert (done.returncode, done.stderr) == (status, "")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def works(self) -> bool:
        """Return whether its Python has the packages."""
        code = f"import {', '.join(NAMES)}"
        return subprocess.run([self.path / "bin/python", "-I", "-c", code], check=False).returncode == 0

    def lose_python(self) -> None:
        """Remove its Python."""
        for link in (self.path / "bin").glob("python*"):
            link.unlink()
            link.symlink_to("/nowhere/bin/python3")

    def change_python(self) -> None:
        """Change its Python to another minor version."""
        (library,) = (self.path / "lib").glob("python3.*")
        library.rename(library.with_name("python3.1"))


@pytest.fixture
def venv(tmp_path: Path, requirements: str) -> Venv:
    """An environment that does not exist yet."""
    return Venv(tmp_path / "some/venv", requirements)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory, requirements: str) -> Venv:
    """A created environment to copy, because creating one takes seconds."""
    made = Venv(tmp_path_factory.mktemp("pattern") / "some/venv", requirements)
    assert made.ensure("--check") == {"changed": True}
    assert not made.path.parent.exists()
    assert made.ensure() == {"changed": True}
    return made


@pytest.fixture
def made(venv: Venv, pattern: Venv) -> Venv:
    """A created environment of the test's own."""
    shutil.copytree(pattern.path, venv.path, symlinks=True)
    return venv


def test_an_environment_is_created_once(made: Venv) -> None:
    assert made.works()
    assert made.ensure() == made.ensure("--check") == {"changed": False}


@pytest.mark.parametrize("breaking", [Venv.lose_python, Venv.change_python])
def test_an_environment_without_its_python_is_recreated(made: Venv, breaking: Any) -> None:
    breaking(made)
    assert made.ensure("--check") == {"changed": True}
    assert made.ensure() == {"changed": True}
    assert made.works()
    assert made.ensure() == {"changed": False}


def test_changed_requirements_are_installed(made: Venv) -> None:
    (made.path / "kept").touch()
    made.requirements += "# and no more\n"
    assert made.ensure() == {"changed": True}
    assert (made.path / "kept").exists()
    assert made.ensure() == {"changed": False}


def test_an_environment_whose_packages_are_missing_is_recreated(made: Venv) -> None:
    next(made.path.glob("lib/*/site-packages/pydantic.py")).unlink()
    assert made.ensure() == {"changed": True}
    assert made.works()


def test_an_interrupted_environment_is_recreated(venv: Venv) -> None:
    venv.requirements = "/nowhere/absent-1-py3-none-any.whl\n"
    assert "absent-1" in venv.ensure(status=1)["error"]
    assert (venv.path / OURS).exists()
    assert not (venv.path / INSTALLED).exists()


def test_an_environment_of_the_user_is_used_and_never_cleared(made: Venv) -> None:
    for name in (OURS, INSTALLED):
        (made.path / name).unlink()
    (made.path / "theirs").touch()
    assert made.ensure() == {"changed": True}
    assert made.ensure() == {"changed": False}
    for breaking in (made.change_python, made.lose_python):
        breaking()
        assert made.ensure(status=1)["error"] == (
            "its Python does not run or has no pip, and this role did not create it; remove it"
        )
        assert (made.path / "theirs").exists()


def test_two_runs_at_once_create_one_environment(venv: Venv) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _number: venv.ensure()["changed"], range(2)))
    assert sorted(made) == [False, True]
    assert venv.works()


def test_a_path_that_cannot_be_created_is_an_error(venv: Venv) -> None:
    venv.path.parent.write_text("a file")
    assert "some" in venv.ensure(status=1)["error"]
