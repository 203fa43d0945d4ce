# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What make prints: its help, and the slowest tests of a run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import run_steps

ROOT = Path(__file__).resolve().parents[3]


def test_help_lists_each_target_in_a_group_within_80_columns() -> None:
    command = ["make", "--no-print-directory", "help"]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []
    groups = re.split(r"\n\n", text.strip())
    assert groups[0].startswith("Start here\n")
    listed = {line.split()[0] for group in groups for line in group.splitlines()[1:]}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    steps = re.findall(r"^(?:CHECK|LINT|STEPS) := (.*)$", makefile, re.MULTILINE)
    assert {step for line in steps for step in line.split() if not step.startswith("$")} <= listed
    assert {"demo", "check", "test"} <= listed


def test_the_slowest_tests_of_a_log_are_those_that_pytest_lists(tmp_path: Path) -> None:
    log = tmp_path / "units.log"
    log.write_text(
        "12.34s call     tests/a.py::test_slow\n2.00s setup    tests/b.py::test_b\n0.50s call     tests/c.py::test_c\n"
        "3 passed in 15.01s\n",
        encoding="utf-8",
    )
    assert run_steps.slow_tests(log) == [(12.34, "tests/a.py::test_slow"), (2.0, "tests/b.py::test_b")]
    assert run_steps.slow_tests(tmp_path / "missing.log") == []
