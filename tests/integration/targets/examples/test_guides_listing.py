# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays of the guides to the device list run as they stand there, and do what the guides say."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from harness.devices import csv_of, device, fleet, pair
from harness.places import collection_root
from harness.playbooks import Playbooks, Run, activation
from harness.simulators import CORP_ID, TOKEN, Simulator

_BLOCKS = re.compile(r"^\.\. code-block:: yaml\+jinja\n\n((?: {3}.*\n|\n)+)", re.MULTILINE)
GUIDES = collection_root() / "docs" / "docsite" / "rst"
LISTING_GUIDE = "what_is_and_what_was"


def plays(guide: str) -> list[str]:
    """The plays of a guide, as text."""
    found = _BLOCKS.findall((GUIDES / f"{guide}.rst").read_text(encoding="utf-8"))
    return [dedent(block) for block in found]


class Guide:
    """Runs the plays of a guide in a workspace with fleet.csv, against a simulator."""

    def __init__(self, sentinel: Simulator, playbook: Playbooks, workspace: Path) -> None:
        self._login = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}
        self._playbook, self._workspace = playbook, workspace

    def __call__(self, text: str, **how: Any) -> Run:
        path = self._workspace / "guide.yml"
        path.write_text(text, encoding="utf-8")
        return self._playbook(path, env=self._login, **how)


@pytest.fixture
def guide(sentinel: Simulator, playbook: Playbooks, workspace: Path) -> Guide:
    (workspace / "fleet.csv").write_text(csv_of(fleet(range(4))), encoding="utf-8")
    return Guide(sentinel, playbook, workspace)


def test_the_options_of_the_guide_restore_and_skip(sentinel: Simulator, guide: Guide) -> None:
    sentinel.list_devices(
        {**pair(0), "status": "suspended", "history": True}, {**pair(1), "status": "deactivated", "history": True}
    )
    run = guide(plays(LISTING_GUIDE)[0])
    assert run["Restore what is suspended, and leave alone what was deactivated"]["summary"] == {
        "activated": 2,
        "restored": 1,
        "skipped": 1,
    }


def test_the_guides_status_words_are_obeyed(sentinel: Simulator, guide: Guide) -> None:
    words = ("In service", "Preboarded", "On vacation", "Returned")
    sentinel.list_devices(*({**pair(number), "status": word, "history": True} for number, word in enumerate(words)))
    run = guide(plays(LISTING_GUIDE)[1], expect_rc=2)
    assert run["Every device in the file is active"]["summary"] == {
        "already_active": 1,
        "suspended": 2,
        "deactivated": 1,
    }
    sentinel.assert_wrote_nothing()


def documented_reasons() -> list[str]:
    """The reasons that the guide's table quotes, with … for what differs from device to device."""
    text = (GUIDES / f"{LISTING_GUIDE}.rst").read_text(encoding="utf-8")
    table = text.partition("How list and history decide together\n---")[2].partition("The partner is")[0]
    rows = re.split(r"^   \* - ", table, flags=re.MULTILINE)[2:]
    cells = [row.split("\n     - ")[4] for row in rows]
    return [quoted for cell in cells for quoted in re.findall(r"``(.+?)``", cell, re.DOTALL)]


def test_the_reasons_of_the_guides_table_are_those_of_the_code(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.list_devices(
        {**pair(0), "history": {"status": "pending", "finishes_in": 600}},
        {**pair(1)},
        {**pair(2), "imei": pair(90)["imei"]},
        {**pair(3), "status": "suspended", "history": True},
        {**pair(4), "status": "deactivated", "history": True},
        {**pair(5), "status": "deactivated"},
        {**pair(6), "status": "Preboarded"},
        {**pair(7), "status": "suspended", "history": True},
    )
    run = playbook(
        [
            activation("plan", devices=fleet(range(7)), result_devices="all", check_mode=True),
            activation("restore", on_suspended="restore", **device(7)),
        ]
    )
    reasons = [entry["reason"] for name in ("plan", "restore") for entry in run[name]["devices"]]
    documented = documented_reasons()
    assert len(documented) == 8
    for quoted in documented:
        pattern = re.escape(quoted.replace("521-267-1508", "…")).replace("…", r"[\w-]+")
        assert any(re.search(pattern, reason) for reason in reasons), (quoted, reasons)
