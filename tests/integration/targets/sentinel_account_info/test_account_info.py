# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module sentinel_account_info in playbooks, and evidence as a dialect of the simulator."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from harness.infos import Infos, documented, returned
from harness.playbooks import Outcome, Playbooks
from harness.simulators import CORP_ID, PASSWORD, TOKEN, TOKEN_WITHOUT_ESIM, USERNAME, Simulator

PLUGIN = "modules/sentinel_account_info"
LOGIN = {"api_token": None, "api_username": USERNAME, "api_password": PASSWORD}
KINDS = ["sim", "smartsim", "esim"]
TIMES = ("seconds", "clock_difference", "report")


@pytest.fixture
def info(playbook: Playbooks, sentinel: Simulator) -> Infos:
    """Calls the module."""
    sentinel.reset_unchanging()
    return Infos(playbook, sentinel, "kajeet.sentinel.sentinel_account_info")


def timeless(value: Any) -> Any:
    """A result without values that differ between runs."""
    if isinstance(value, dict):
        return {name: timeless(entry) for name, entry in value.items() if name not in TIMES}
    return [timeless(entry) for entry in value] if isinstance(value, list) else value


def recognised(outcome: Outcome) -> dict[str, Any]:
    """Name of each call → what was recognised in its answer."""
    kept = ("status", "list", "count", "fields", "missing", "formats", "paging", "error")
    return {call["name"]: {name: call[name] for name in kept} for call in outcome["calls"]}


def test_an_account_that_fits_is_ready_in_check_mode_as_well(sentinel: Simulator, info: Infos) -> None:
    calls = {"account": {**LOGIN, "kinds": KINDS}}
    result, checked = info(calls)["account"], info(calls, check=True)["account"]
    assert timeless(returned(checked)) == timeless(returned(result))
    assert result["ready"]
    assert result["problems"] == result["set"] == []
    assert result["account"] == {"corp_id": CORP_ID, "login_corp_id": CORP_ID}
    assert abs(result["clock_difference"]) < 60
    assert {call["status"] for call in result["calls"]} == {200}
    assert sentinel.logins(result) == 1
    samples = documented(PLUGIN, "RETURN")
    assert set(result["calls"][0]) == set(samples["calls"]["contains"])
    assert set(returned(result)) - {"changed", "failed"} == set(samples) - {"evidence", "error"}
    assert set(result["abilities"][0]) == set(samples["abilities"]["contains"])
    assert samples["msg"]["sample"] == info({"sim": {"corp_id": CORP_ID}})["sim"].msg


def test_missing_abilities_and_a_wrong_corp_id_are_reported(info: Infos) -> None:
    wrong = {**LOGIN, "corp_id": "SOMEONE-ELSE"}
    result = info({"scope": {"api_token": TOKEN_WITHOUT_ESIM, "corp_id": CORP_ID, "kinds": ["esim"]}, "corp_id": wrong})
    assert not result["scope"]["ready"]
    sample = documented(PLUGIN, "RETURN")
    abilities = {ability["name"]: ability for ability in result["scope"]["abilities"]}
    contains = sample["abilities"]["contains"]
    assert abilities["eSIM activation"] == {name: contains[name]["sample"] for name in contains}
    assert sample["problems"]["contains"]["what"]["sample"] in [one["what"] for one in result["scope"]["problems"]]
    assert result["corp_id"]["set"] == [f"corp_id: {CORP_ID}"]
    assert not result["corp_id"]["ready"]


def test_errors_say_what_is_wrong_without_secrets(sentinel: Simulator, info: Infos, tmp_path: Path) -> None:
    base = sentinel.url
    result = info.assert_fail(
        {
            "wrong token": ({"api_token": "wrong-secret-0815"}, "api_token is not accepted (HTTP 401)"),
            "wrong path": ({"api_url": f"{base}/sentinel"}, "should end with /sentinel/api"),
            "wrong path of the login": ({**LOGIN, "api_url": f"{base}/sentinel"}, "should end with /sentinel/api"),
            "a directory": ({"evidence": str(tmp_path)}, "evidence:"),
            "no directory": ({"evidence": str(tmp_path / "no" / "file.json")}, "does not exist"),
            "unknown kind": ({"kinds": ["phone"]}, "kinds"),
        }
    )
    assert result["wrong token"]["error"] == documented(PLUGIN, "RETURN")["error"]["sample"]


def test_the_lines_to_set_make_the_account_ready(sentinel: Simulator, info: Infos) -> None:
    headings = {"transaction_id": "Transaction ID", "iccid": "ICCID", "imei": "IMEI", "status": "Zorp"}
    words = {"active": ["Frob"], "pending": ["Quux"], "failed": ["Blip"]}
    sentinel.reset(settings={"pending_fixture": 3600})
    sentinel.settings(dialect={"history_csv": {"headings": headings}, "status_words": {"line": words}})
    account = {"corp_id": CORP_ID}
    result = info({"before": account})["before"]
    assert not result["ready"]
    assert "field_names: {status: Zorp}" in result["set"]
    own = {"field_names": {"status": "Zorp"}, "status_words": {"success": ["Frob"], "failed": ["Blip"]}}
    after = info({"after": {**account, **own}})["after"]
    assert after["ready"]
    # The word of a pending line stays unknown, which does no harm.
    assert [one["set"] for one in after["problems"]] == ["status_words: {success: [WORD], failed: [WORD]}"]


def test_evidence_is_readable_by_its_owner_and_has_no_data_of_the_account(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    sentinel.reset_unchanging()
    place = tmp_path / "evidence.json"
    connection = {"api_url": sentinel.api_url, "api_token": TOKEN, "corp_id": CORP_ID}
    task = {"name": "Check", "kajeet.sentinel.sentinel_account_info": {**connection, "evidence": str(place)}}
    assert playbook(task, check=True, defaults={}).only.changed
    assert not place.exists()
    assert playbook(task, defaults={}).only.changed
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]
    assert not playbook(task, defaults={}).only.changed
    sentinel.assert_wrote_nothing()
    text = place.read_text(encoding="utf-8")
    assert json.loads(text)["format"] == 1
    for known in ("Northstar", CORP_ID, USERNAME, "Verizon", "Transportation", "355737", "8914800000"):
        assert known.lower() not in text.lower()


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_simulator_reproduces_a_dialect_from_its_evidence(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path, seed: int
) -> None:
    place = tmp_path / "evidence.json"
    login = {"api_url": sentinel.api_url, "api_username": USERNAME, "api_password": PASSWORD}
    task = {
        "name": "Check",
        "kajeet.sentinel.sentinel_account_info": {**login, "kinds": KINDS, "evidence": str(place)},
    }
    sentinel.settings(dialect=f"random:{seed}")
    drawn = playbook(task, defaults={}).only
    assert drawn["ready"]
    assert drawn["problems"] == []
    sentinel.settings(dialect=json.loads(place.read_text(encoding="utf-8")))
    assert recognised(playbook(task, defaults={}).only) == recognised(drawn)
