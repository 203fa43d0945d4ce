# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of set-up on machines where something is missing. Each test has its own checkout and PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: Programs of a minimal image that the scripts use.
PROGRAMS = (
    *("bash", "cat", "chmod", "cut", "dirname", "env", "find", "grep", "head", "ln", "mkdir", "mv", "readlink", "rm"),
    *("sed", "sleep", "sort", "tail", "tr", "git"),
)
#: Acts like Python without Debian's python3-venv: prints its version, and fails to import ensurepip.
WITHOUT_ENSUREPIP = '[[ $2 != *ensurepip* ]] || exit 1; [[ $2 != *"%d.%d"* ]] || echo 3.12'
OLD = '[[ $2 != *ensurepip* ]] || exit 1; [[ $2 != *"%d.%d"* ]] || echo 3.9'


class Machine:
    """A checkout with the tools and requirements, and a folder of programs that is the whole PATH.

    Args:
        directory: where both are created.
    """

    def __init__(self, directory: Path) -> None:
        self.checkout = directory / "checkout"
        self.programs = directory / "bin"
        self.programs.mkdir()
        for name in PROGRAMS:
            found = shutil.which(name)
            assert found, name
            (self.programs / name).symlink_to(found)
        shutil.copytree(ROOT / "tests" / "tools", self.checkout / "tests" / "tools")
        shutil.copytree(ROOT / "requirements", self.checkout / "requirements")
        shutil.copy(ROOT / "requirements.txt", self.checkout)
        subprocess.run(["git", "init", "--quiet", str(self.checkout)], check=True)

    def program(self, name: str, script: str) -> None:
        """Adds a program, as a bash script."""
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of tests/tools in the checkout."""
        home = str(self.checkout.parent)
        environment = {"PATH": str(self.programs), "HOME": home, "APPLICATIONS": home, **variables}
        path = self.checkout / "tests" / "tools" / command[0]
        return subprocess.run(
            [str(path), *command[1:]],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def refuses(self, *command: str, **variables: str) -> list[str]:
        """Expects a failure before anything is installed, and returns its lines."""
        ended = self.run(*command, **variables)
        assert ended.returncode == 1, ended.stderr
        assert not (self.checkout / ".venv").exists()
        return ended.stderr.strip().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_python_says_which_one_to_install(machine: Machine) -> None:
    assert machine.refuses("setup.sh", "demo") == [
        "make: python3 was not found; Python 3.11 or later is required.",
        "  Install it, or set its path: make PYTHON=/path/to/python3.12 demo",
    ]


def test_an_old_python_is_reported_with_its_version(machine: Machine) -> None:
    machine.program("python3", OLD)
    assert machine.refuses("setup.sh", "demo")[0] == "make: python3 is Python 3.9; Python 3.11 or later is required."


def test_a_python_without_venv_is_reported_with_the_package_to_install(machine: Machine) -> None:
    machine.program("python3", WITHOUT_ENSUREPIP)
    assert machine.refuses("setup.sh", "test") == [
        "make: python3 (Python 3.12) cannot create virtual environments: its module venv or ensurepip is missing.",
        "  On Debian and Ubuntu, run: apt-get install python3-venv",
    ]


def test_a_missing_git_clone_is_reported_before_anything_is_installed(machine: Machine) -> None:
    (machine.programs / "python3").symlink_to(sys.executable)
    shutil.rmtree(machine.checkout / ".git")
    lines = machine.refuses("setup.sh", "demo", NEEDS_CLONE="1", GIT_CEILING_DIRECTORIES=str(machine.checkout.parent))
    assert len(lines) == 2
    assert "git clone" in lines[0]
    assert "not a git repository" in lines[1]


def test_a_missing_browser_is_reported_before_anything_is_installed(machine: Machine) -> None:
    (machine.programs / "python3").symlink_to(sys.executable)
    assert machine.refuses("setup.sh", "demo", NEEDS_BROWSER="1") == [
        "make: the report's tests need Chromium, and it can be downloaded automatically only on Debian and Ubuntu.",
        "  Install Chromium or Chrome, or set its path: make CHROMIUM=/path/to/chromium",
    ]


def test_a_failed_download_of_the_browser_is_reported_with_its_reason_and_log(machine: Machine) -> None:
    machine.program("apt-get", "echo 'E: Failed to fetch http://127.0.0.1/x  Connection refused'; exit 100")
    machine.program("apt-cache", "exit 100")
    machine.program("dpkg-deb", "exit 1")
    lines = machine.refuses("chromium.sh")
    assert lines[-3:] == [
        "make: could not download Chromium: Failed to fetch http://127.0.0.1/x  Connection refused",
        "  Install Chromium or Chrome, or set its path: make CHROMIUM=/path/to/chromium",
        "  Full log: .cache/logs/setup-chromium.log",
    ]


def test_the_downloaded_browser_finds_libraries_in_nested_folders(machine: Machine) -> None:
    archive = machine.checkout / ".cache" / "chromium" / "archives" / "chromium.deb"
    machine.program("apt-get", f"[[ $* != *--download-only* ]] || : >{archive}")
    machine.program("apt-cache", "")
    bash = shutil.which("bash")
    machine.program(
        "dpkg-deb",
        'cd "$3"; mkdir -p usr/lib/chromium usr/lib/x/pulseaudio; : >usr/lib/x/pulseaudio/libpulsecommon-16.1.so\n'
        f"printf '#!{bash}\\necho $LD_LIBRARY_PATH\\n' >usr/lib/chromium/chromium-headless-shell\n"
        "chmod +x usr/lib/chromium/chromium-headless-shell",
    )
    run = machine.run("chromium.sh")
    assert run.returncode == 0, run.stderr
    browser = run.stdout.strip()
    environment = {"PATH": str(machine.programs)}
    shown = subprocess.run([browser], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert str(machine.checkout / ".cache/chromium/unpacked/usr/lib/x/pulseaudio") in shown.split(":")
    # A second run does not download it again.
    machine.program("apt-get", "exit 1")
    assert machine.run("chromium.sh").stdout.strip() == browser


def test_an_unreachable_package_index_is_reported_in_two_lines(machine: Machine) -> None:
    (machine.programs / "python3").symlink_to(sys.executable)
    # Nothing listens on this port. PIP_CONFIG_FILE keeps the machine's own settings out.
    refusing = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
    ended = machine.run("setup.sh", "demo", **refusing)
    assert ended.returncode == 1
    reason, log = ended.stderr.strip().splitlines()
    assert reason.startswith("make: could not install requirements/demo.txt: pip cannot reach the package index; ")
    assert log == "  Full log: .cache/logs/setup-demo.log"
    assert "Installing requirements/demo.txt into .venv" in ended.stdout


def test_a_long_installation_reports_its_progress(machine: Machine) -> None:
    script = machine.checkout / "tests" / "tools" / "long.sh"
    script.write_text(
        f"#!{shutil.which('bash')}\nset -euo pipefail\n"
        f"source {machine.checkout}/tests/tools/env.sh\nmkdir -p $LOGS\n"
        'work() { echo "  Downloading wheel-1.0.whl (2 MB)"; sleep 3; }\nlogged "$LOGS/long.log" work\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    lines = machine.run("long.sh", PROGRESS_SECONDS="1").stdout.splitlines()
    assert lines[0].endswith("s: Downloading wheel-1.0.whl (2 MB)")
    assert lines[-1].startswith("  done in ")


def test_a_failed_command_is_not_reported_as_done(machine: Machine) -> None:
    script = machine.checkout / "tests" / "tools" / "failing.sh"
    script.write_text(
        f"#!{shutil.which('bash')}\nset -euo pipefail\nsource {machine.checkout}/tests/tools/env.sh\n"
        'mkdir -p $LOGS\nlogged "$LOGS/failing.log" bash -c "exit 7" || exit $?\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    ended = machine.run("failing.sh")
    assert (ended.returncode, ended.stdout) == (7, "")
