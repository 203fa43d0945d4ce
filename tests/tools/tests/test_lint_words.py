# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The linter of words: what it refuses, what it lets pass, and that the repository has none of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[1] / "lint_words.py"

REFUSED = (
    "fleet.json is no plan file",
    "The status tells what to do",
    "def test_it_is_told():",
    "nobody knows whether it was accepted",
    "Whatever became of the request, it is in the history",
    "So many are named",
    "It waits in vain",
    "a list in the place of a file",
    "The repeat is passed over",
    "There is nothing to submit",
    "The row stands in line 8",
    "one request, a task a host",
    "What the history has read, is older",
    "1 is the least.",
    "is X meant?",
    "the id, the status and more besides.",
    "Of which none is active",
)
ALLOWED = (
    "there is no sheet 'Fleet'",
    "The account is no longer used",
    "foretold, retelling",
    "Nothing to submit",
    "fleet.json is not a plan file",
    "60 requests per minute",
    "What a plan has, in order: the devices",
    "is the most recent line",
    "It stands for one device",
)


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("phrase", REFUSED)
def test_a_phrase_that_reads_badly_is_refused_with_its_line_and_advice(tmp_path: Path, phrase: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# A page\n\n{phrase}\n", encoding="utf-8")
    done = run(path)
    assert done.returncode == 1
    assert f"{path}:3: " in done.stdout


@pytest.mark.parametrize("phrase", ALLOWED)
def test_plain_english_passes(tmp_path: Path, phrase: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"{phrase}\n", encoding="utf-8")
    done = run(path)
    assert (done.returncode, done.stdout) == (0, "")
