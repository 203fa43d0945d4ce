# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the plays of the guides to the device list, with short waits; they do what the guides say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from harness.devices import csv_of, device, fleet, pair
from harness.places import collection_root
from harness.playbooks import Playbooks, Run, activation
from harness.simulators import CORP_ID, TOKEN, Simulator
from harness.waits import with_short_waits

_BLOCKS = re.compile(r"^\.\. code-block:: yaml\+jinja\n\n((?: {3}.*\n|\n)+)", re.MULTILINE)
GUIDES = collection_root() / "docs" / "docsite" / "rst"
LISTING_GUIDE = "history_and_device_list"
ACCOUNT_GUIDE = "check_account"


def plays(guide: str) -> list[str]:
    """The plays of a guide, as text."""
    return [dedent(block) for block in _BLOCKS.findall((GUIDES / f"{guide}.rst").read_text(encoding="utf-8"))]


class Guide:
    """Runs the plays of a guide in a workspace with fleet.csv, against a simulator."""

    def __init__(self, sentinel: Simulator, playbook: Playbooks, workspace: Path) -> None:
        self._login = {"SENTINEL_API_URL": sentinel.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}
        self._playbook, self._workspace = playbook, workspace

    def __call__(self, text: str, **options: Any) -> Run:
        path = self._workspace / "guide.yml"
        path.write_text(with_short_waits(text), encoding="utf-8")
        return self._playbook(path, env=self._login, **options)


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


def test_the_guides_status_words_are_recognised(sentinel: Simulator, guide: Guide) -> None:
    words = ("In service", "Preboarded", "On vacation", "Returned")
    sentinel.list_devices(*({**pair(number), "status": word, "history": True} for number, word in enumerate(words)))
    run = guide(plays(ACCOUNT_GUIDE)[0], expect_rc=2)
    assert run["Every device in the file is active"]["summary"] == {
        "already_active": 1,
        "suspended": 2,
        "deactivated": 1,
    }
    sentinel.assert_wrote_nothing()


def documented_reasons() -> list[str]:
    """The reasons in the guide's table, with … for what differs between devices."""
    text = (GUIDES / f"{LISTING_GUIDE}.rst").read_text(encoding="utf-8")
    table = text.partition("How list and history decide together\n---")[2].partition("The partner is")[0]
    rows = re.split(r"^   \* - ", table, flags=re.MULTILINE)[2:]
    cells = [row.split("\n     - ")[4] for row in rows]
    return [quoted for cell in cells for quoted in re.findall(r"``(.+?)``", cell, re.DOTALL)]


def test_the_guides_table_quotes_real_reasons(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    result_file = tmp_path / "result.jsonl"
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
            activation("plan", devices=fleet(range(7)), result_file=str(result_file), check_mode=True),
            activation("restore", on_suspended="restore", **device(7)),
        ]
    )
    devices = [*map(json.loads, result_file.read_text(encoding="utf-8").splitlines()), *run["restore"]["devices"]]
    reasons = [entry["reason"] for entry in devices]
    documented = documented_reasons()
    assert len(documented) == 8
    for quoted in documented:
        pattern = re.escape(quoted.replace("521-267-1508", "…")).replace("…", r"[\w-]+")
        assert any(re.search(pattern, reason) for reason in reasons), "\n".join([quoted, *reasons])


# -- Seasonal suspension -----------------------------------------------------------------------------------------------

SEASON_GUIDE = "seasonal_suspension"
SEASON_TASK = "Every device but the exceptions has the status of the season"


@pytest.fixture
def listed_fleet(sentinel: Simulator, workspace: Path) -> None:
    """The guide's files, and the fleet, which is active in the account. One device is an exception."""
    (workspace / "exceptions.csv").write_text(csv_of([{"IMEI": pair(1)["imei"]}]), encoding="utf-8")
    sentinel.list_devices(*({**pair(number), "history": True} for number in range(4)))


@pytest.mark.usefixtures("listed_fleet")
def test_the_guides_play_suspends_and_restores_the_fleet_by_season(sentinel: Simulator, guide: Guide) -> None:
    season = plays(SEASON_GUIDE)[0]
    check = guide(season, check=True, diff=True)
    assert check[SEASON_TASK]["summary"] == {"would_set": 3, "excepted": 1}
    sentinel.assert_wrote_nothing()
    suspended, again = guide(season), guide(season)
    assert suspended[SEASON_TASK]["summary"] == {"set": 3, "excepted": 1}
    assert again[SEASON_TASK]["summary"] == {"excepted": 1, "unchanged": 3}
    restored = guide(season, extra_vars={"season": "active"})
    assert restored[SEASON_TASK]["summary"] == {"set": 3, "excepted": 1}
    assert [body["status"] for body in sentinel.puts()] == ["SUSPENDED", "ACTIVE"]


@pytest.mark.usefixtures("listed_fleet")
@pytest.mark.parametrize(("today", "set_now"), [("06-14", 0), ("06-15", 3), ("08-19", 3), ("08-20", 0)])
def test_the_guides_calendar_play_suspends_only_in_the_season(guide: Guide, today: str, set_now: int) -> None:
    run = guide(plays(SEASON_GUIDE)[1], extra_vars={"today": today}, check=True)
    assert run.only["summary"].get("would_set", 0) == set_now


@pytest.mark.usefixtures("listed_fleet")
def test_the_guides_activation_restores_the_fleet(guide: Guide) -> None:
    guide(plays(SEASON_GUIDE)[0])
    run = guide(plays(SEASON_GUIDE)[2])
    assert run["Every device in the file is active"]["summary"] == {"restored": 3, "already_active": 1}
