# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kajeet.sentinel.check_account: its output, its exit code, and its guide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness.fleets import connection_env
from harness.places import collection_root
from harness.playbooks import Playbooks, Run
from harness.simulators import CORP_ID, PASSWORD, TOKEN_WITHOUT_ESIM, TOKEN_WITHOUT_SCOPES, USERNAME, Simulator

ASK, SHOW, PUBLISH, FAIL = (
    "Check the account",
    "Show the account",
    "Publish the result",
    "Fail if the account is not ready",
)
LOGIN = {"SENTINEL_TOKEN": None, "SENTINEL_CORP_ID": None, "SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}
GUIDE = collection_root() / "docs" / "docsite" / "rst" / "check_account.rst"
UNKNOWN: dict[str, Any] = {
    "history_csv": {
        "headings": {"transaction_id": "Order No.", "imei": "IMEI", "iccid": "SIM Number", "status": "Progress"}
    },
    "status_words": {"line": {"active": ["Live"], "pending": ["In progress"], "failed": ["Failed"]}},
}


@pytest.fixture
def check_account(sentinel: Simulator, tmp_path: Path) -> Callable[..., Run]:
    """Runs the playbook with a login, unless `env` says otherwise."""
    playbook = Playbooks(tmp_path)

    def start(expect_rc: int = 0, env: dict[str, Any] | None = None, check: bool = False, **variables: Any) -> Run:
        run = playbook(
            "kajeet.sentinel.check_account",
            extra_vars=variables,
            env={**connection_env(sentinel), **LOGIN, **(env or {})},
            expect_rc=expect_rc,
            check=check,
        )
        sentinel.assert_wrote_nothing()
        assert not any(outcome.changed for outcome in run)
        return run

    return start


def shown(run: Run) -> list[str]:
    """The lines that the playbook prints, without times."""
    return untimed(run[SHOW]["msg"])


def untimed(lines: list[str]) -> list[str]:
    """Lines with all seconds replaced, which differ between runs."""
    return [re.sub(r"\b\d+\.\d\d\b", "0.00", line) for line in lines]


def test_an_account_that_fits_is_ready(check_account: Callable[..., Run], tmp_path: Path) -> None:
    for check in (True, False):
        run = check_account(check=check, check_account_evidence="evidence.json")
        assert run[SHOW]["msg"][0] == "Ready: SIM activation."
        published = run[PUBLISH]["ansible_stats"]["data"]
        assert published == {"sentinel_account_ready": True, "sentinel_account_problems": []}
        assert (tmp_path / "evidence.json").exists() is not check


def test_a_required_kind_that_does_not_work_fails_the_playbook(check_account: Callable[..., Run]) -> None:
    # A token with corp_id has precedence over the login.
    token = {"SENTINEL_TOKEN": TOKEN_WITHOUT_ESIM, "SENTINEL_CORP_ID": CORP_ID}
    run = check_account(2, token, check_account_kinds="sim, esim")
    assert run[FAIL].msg == "Not ready: eSIM activation."
    assert not run[PUBLISH]["ansible_stats"]["data"]["sentinel_account_ready"]
    assert check_account(0, token)[SHOW]["msg"][0] == "Ready: SIM activation."


def test_an_unreachable_account_fails_the_playbook(check_account: Callable[..., Run]) -> None:
    run = check_account(2, {"SENTINEL_API_URL": "http://127.0.0.1:9/sentinel/api", "SENTINEL_REQUEST_RETRIES": "0"})
    assert "cannot be reached" in run[SHOW]["msg"][0] + run[FAIL].msg
    assert max(map(len, run[SHOW]["msg"])) <= 68


def guide(title: str) -> list[str]:
    """The output that the guide shows in a section."""
    text = GUIDE.read_text(encoding="utf-8")
    section = text.split(f"\n{title}\n", 1)[1]
    block = section.split(".. code-block:: text\n\n", 1)[1]
    lines = []
    for line in block.splitlines():
        if line and not line.startswith("   "):
            break
        lines.append(line[3:])
    output = "\n".join(lines).strip()
    assert max(map(len, output.splitlines())) <= 80
    return untimed(json.loads("{" + output.split("{", 1)[1])["msg"])


def test_the_guide_shows_the_output_for_a_dialect(sentinel: Simulator, check_account: Callable[..., Run]) -> None:
    sentinel.settings(dialect="random:1")
    assert shown(check_account()) == guide("Keep evidence, and rehearse")


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_accounts_with_other_dialects_fit(sentinel: Simulator, check_account: Callable[..., Run], seed: int) -> None:
    sentinel.settings(dialect=f"random:{seed}")
    assert not re.search(r"^no  ", "\n".join(shown(check_account())), re.MULTILINE)


@pytest.mark.parametrize(
    ("title", "env", "dialect"),
    [
        ("An account that fits", {}, None),
        ("A scope is missing", {"SENTINEL_TOKEN": TOKEN_WITHOUT_SCOPES, "SENTINEL_CORP_ID": CORP_ID}, None),
        ("The corp_id is wrong", {"SENTINEL_CORP_ID": "NORTHSTAR"}, None),
        ("The URL is wrong", {"SENTINEL_API_URL": "{url}/sentinel"}, None),
        ("A heading or a status word is not known", {}, UNKNOWN),
        (
            "With the lines set",
            {
                "SENTINEL_FIELD_NAMES": '{"status": "Progress"}',
                "SENTINEL_STATUS_WORDS": '{"success": ["Live"]}',
            },
            UNKNOWN,
        ),
    ],
)
def test_the_guide_shows_what_the_playbook_prints(
    sentinel: Simulator, check_account: Callable[..., Run], title: str, env: dict[str, str], dialect: Any
) -> None:
    sentinel.settings(dialect=dialect)
    sentinel.advance(60)  # the guide shows an account whose pending lines have ended
    given = {name: value.replace("{url}", sentinel.url) for name, value in env.items()}
    run = check_account(None, given)
    assert shown(run) == guide(title)
    assert run.rc == (0 if run[SHOW]["msg"][0].startswith("Ready") else 2)
