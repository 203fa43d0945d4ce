# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's picture of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "tests" / "tools" / "run_picture.py"
OUTPUT = """TASK [Show the mistakes] ****
demo_mistakes.csv, line 2: imei 355737369139091: its check digit is wrong
demo_mistakes.csv, line 3: imei 89148000004960308248: looks like an ICCID; imei and iccid are probably swapped

TASK [Plan the fleet] ****
+ Bus 05 (iccid 89148000004786579758 imei 355737364323194),
    AT&T / Transportation
~ Bus 02 (iccid 89148000004661318603 imei 355737369139090),
    Verizon / Transportation: suspended in the account
Plan: 35 to activate, 3 to restore.
changed: [localhost]

TASK [Activate] ****
4 of 40 done after 2 s: 36 pending
15 of 40 done after 4 s: 25 pending; 5.5/s, about 5 s left
34 activated, 2 failed in 7 s

TASK [Again] ****
Plan: nothing to do, 38 active.
3 devices are not as declared: 2 failed
34 activated, 2 failed in 7 s (simulator); report: ./report.html
"""


def texts(svg: str) -> list[str]:
    """The lines of text in a picture."""
    return [element.text or "" for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def picture(output: str) -> subprocess.CompletedProcess[str]:
    """Runs the program."""
    return subprocess.run([sys.executable, str(PROGRAM)], input=output, capture_output=True, text=True, check=False)


def test_a_picture_shows_the_selected_lines_of_a_run() -> None:
    shown = texts(picture(OUTPUT).stdout)
    assert shown[:2] == ["$ make demo", "TASK [Show the mistakes]"]
    assert "Plan: 35 to activate, 3 to restore." in shown
    assert not any("check digit" in line for line in shown)
    assert "355737364323194), AT&T / Transportation" in shown
    assert shown.count("…") == 0


def test_a_line_that_is_missing_in_the_output_is_reported() -> None:
    failed = picture(OUTPUT.replace("report.html", "page.html"))
    assert failed.returncode == 1
    assert "report" in failed.stderr


def test_the_readmes_picture_shows_a_run_and_is_readable_on_a_phone() -> None:
    svg = (ROOT / "docs" / "images" / "run.svg").read_text(encoding="utf-8")
    shown = texts(svg)
    assert any(line.startswith("Plan: nothing to do") for line in shown)
    assert len([line for line in shown if line.startswith("TASK [")]) >= 5
    # A page on a phone is 340 pixels wide, and a character must be at least 6 pixels wide.
    assert max(map(len, shown)) * 6 <= 340
