# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out the steps of CONTRIBUTING.md for an option and for an outcome, on a copy of the checkout.

With all steps, the tests pass and the addition works. With one step missing, a test fails: the page lists all places
and no more.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "CONTRIBUTING.md"
DOCUMENTATION = "tests/unit/plugins/plugin_utils/test_documentation.py"
#: Tests of the files that an addition changes. They must pass with all steps.
RELATED = {
    "Add an option": (DOCUMENTATION, "tests/unit/plugins/module_utils/test_options.py"),
    "Add an outcome": (
        DOCUMENTATION,
        "tests/unit/plugins/module_utils/test_cures.py",
        "tests/unit/plugins/module_utils/test_result.py",
        "tests/unit/plugins/plugin_utils/test_report_figures.py",
    ),
}
#: Words in the names of the tests of the documentation that must fail with a step missing.
NOTICING = {
    "Add an option": "fleet",
    "Add an outcome": "outcome",
}

#: Prints the result and the progress of a device with the new outcome.
OUTCOME = """
import json
from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.snapshot import Snapshot
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import DeviceOutcome, Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.progress import Progress
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.result import Run, make_result
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, plan_of

outcome = Outcome("replaced")
devices = fleet(2)
outcomes = [DeviceOutcome(devices[0], outcome), DeviceOutcome(devices[1], Outcome.ACTIVATED)]
result = make_result(Run(plan_of(devices), outcomes, True, False, 1.0), ActivationOptions())
snapshot = Snapshot({outcome: 1, Outcome.ACTIVATED: 1})
print(json.dumps({"result": result, "progress": Progress(lambda: 0.0).line(snapshot)}))
"""


class Step:
    """Lines to add to a file.

    Args:
        name: the file.
        hunk: the lines of a diff: " " marks existing lines, "+" added ones.
    """

    def __init__(self, name: str, hunk: list[str]) -> None:
        self.name = name
        self.before = "\n".join(line[1:] for line in hunk if line.startswith(" "))
        self.after = "\n".join(line[1:] for line in hunk)
        self.original = b""

    def apply(self, copy: Path) -> None:
        """Make the change. The existing lines must be in the file exactly once."""
        path = copy / self.name
        self.original = path.read_bytes()
        text = f"\n{self.original.decode('utf-8')}"
        place = f"\n{self.before}"
        assert text.count(place) == 1, f"CONTRIBUTING.md: {self.name} must have exactly one line {self.before!r}"
        path.write_text(text.replace(place, f"\n{self.after}")[1:], encoding="utf-8")

    def undo(self, copy: Path) -> None:
        """Undo the change."""
        (copy / self.name).write_bytes(self.original)


def steps(section: str) -> Iterator[Step]:
    """The steps in a section of the page."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    (diff,) = re.findall(r"^```diff\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for part in re.split(r"^--- a/", diff, flags=re.MULTILINE)[1:]:
        name, target, *hunk = part.splitlines()
        assert target == f"+++ b/{name}"
        yield Step(name, hunk)


def stated_number(section: str) -> int:
    """The number of places that the section states."""
    words = {"one": 1, "two": 2, "three": 3, "four": 4}
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    (match,) = re.findall(r"if one of the (\w+) is missing|: (\w+) places\. Results", text)
    return words[match[0] or match[1]]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout that can be imported."""
    place = tmp_path_factory.mktemp("copy") / "ansible_collections" / "kajeet" / "sentinel"
    subprocess.run([sys.executable, str(ROOT / "tests/tools/copy_collection.py"), str(ROOT), str(place)], check=True)
    return place


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the copy as the collection."""
    collections = str(copy.parents[2])
    env = {
        **os.environ,
        "PYTHONPATH": collections,
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=copy, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def run_tests(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run unit tests in the copy."""
    options = ("-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider", "-q", "--tb=line")
    return run(copy, "-m", "pytest", *options, *arguments)


@pytest.mark.parametrize("section", RELATED)
def test_all_steps_together_pass_the_tests_and_each_missing_step_fails_one(copy: Path, section: str) -> None:
    every = list(steps(section))
    assert len(every) == stated_number(section)
    for step in every:
        step.apply(copy)
    try:
        passed = run_tests(copy, *RELATED[section])
        assert passed.returncode == 0, passed.stdout
        for step in every:
            step.undo(copy)
            failed = run_tests(copy, DOCUMENTATION, "-k", NOTICING[section])
            assert failed.returncode == 1, f"without {step.name}: {failed.stdout}"
            assert " failed" in failed.stdout
            step.apply(copy)
        {"Add an option": assert_option, "Add an outcome": assert_outcome}[section](copy)
    finally:
        for step in every:
            step.undo(copy)


def assert_option(copy: Path) -> None:
    """The option is documented in a module, and is read with its range."""
    shown = run(copy, "-m", "ansible", "doc", "-t", "module", "--json", "kajeet.sentinel.sentinel_fleet")
    (documented,) = json.loads(shown.stdout).values()
    assert documented["doc"]["options"]["max_failures"]["type"] == "int"
    program = (
        "from ansible_collections.kajeet.sentinel.plugins.module_utils._options import *\n"
        "print(activation_spec(('imei',))['max_failures'], ActivationOptions.read({'max_failures': 3}).max_failures)\n"
        "ActivationOptions.read({'max_failures': 0})"
    )
    read = run(copy, "-c", program)
    assert read.stdout.split() == ["{'type':", "'int'}", "3"]
    assert "max_failures" in read.stderr.splitlines()[-1]


def assert_outcome(copy: Path) -> None:
    """The outcome is in the result, the message and the progress."""
    made = run(copy, "-c", OUTCOME)
    assert made.returncode == 0, made.stderr
    shown = json.loads(made.stdout)
    result = shown["result"]
    assert result["summary"] == {"replaced": 1, "activated": 1}
    assert "replaced" in [device["outcome"] for device in result["devices"]]
    assert "1 replaced" in result["msg"]
    assert "Declare the device that replaced it." in result["msg"]
    assert result["failed"]
    assert "1 replaced" in shown["progress"]
