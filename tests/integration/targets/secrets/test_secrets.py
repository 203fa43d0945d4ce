# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret is shown at -vvvv, in results, diffs, files and logs, or from answers that contain it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.devices import UNKNOWN_ICCID, device
from harness.fleets import smartsim
from harness.playbooks import Playbooks, Run
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME, Simulator
from witness import Witness

PLAYBOOK = Path(__file__).resolve().parent / "tasks.yml"
LOGIN = {"api_username": USERNAME, "api_password": PASSWORD}
ENVIRONMENT = {
    "api_token": "SENTINEL_TOKEN",
    "api_username": "SENTINEL_USERNAME",
    "api_password": "SENTINEL_PASSWORD",
    "corp_id": "SENTINEL_CORP_ID",
}
CREDENTIALS = {"token": {"api_token": TOKEN, "corp_id": CORP_ID}, "login": LOGIN}
MASK = "********"
#: The fleet of the role and of sentinel_fleet, of which one device is refused.
OTHERS = [device(3, UNKNOWN_ICCID), device(4), smartsim(5)]
#: Texts with all results; the file of results; and files with the refused device of the fleet.
SHOWN = ("output", "results", "ansible.log")
KEPT = "kept.json"
OF_FLEET = (
    *("fleet.plan.json", "fleet.jsonl", "failed.csv", "drift.json"),
    *("report_of_role/result.jsonl", "report_of_role/failed.csv"),
    *(f"{folder}/report.{form}" for folder in ("report", "report_of_role") for form in ("csv", "html", "json")),
)
#: Placeholders for secret arguments, up to ansible-core 2.21 and from 2.22 on.
NO_LOGS = ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", MASK)


@pytest.fixture
def witness(sentinel: Simulator) -> Iterator[Witness]:
    """A proxy between the playbooks and the simulator."""
    with Witness(sentinel.url) as watching:
        yield watching


class Seen:
    """A run of the playbook, and all text that it has written."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run = run
        written = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "secrets.json"]
        self.texts = {"output": run.output, "results": run.raw}
        self.texts.update((str(path.relative_to(folder)), path.read_text("utf-8")) for path in written)

    def places_of(self, word: str) -> list[str]:
        """The names of the texts that contain a word."""
        return [place for place, text in self.texts.items() if word in text]


@pytest.fixture
def run_with(sentinel: Simulator, playbook: Playbooks, workspace: Path, witness: Witness, tmp_path: Path) -> Any:
    """Runs the playbook with credentials as options or in the environment."""
    # One path for all runs, because a warm server has the log open.
    log = workspace / "ansible.log"

    def go(credentials: dict[str, str], by: str) -> Seen:
        known: dict[str, Any] = {
            "url": witness.url + sentinel.api_url.removeprefix(sentinel.url),
            "fleet": [device(1), device(2, UNKNOWN_ICCID)],
            "others": OTHERS,
            "folder": str(tmp_path),
            "credentials": credentials if by == "options" else {},
        }
        known.update({f"sentinel_{name}": value for name, value in known["credentials"].items()})
        env = {ENVIRONMENT[name]: value for name, value in credentials.items()} if by == "environment" else {}
        env.update(ANSIBLE_LOG_PATH=str(log), ANSIBLE_DISPLAY_TRACEBACK="always")
        log.write_bytes(b"")
        run = playbook(PLAYBOOK, verbosity=4, extra_vars=known, env=env, expect_rc=None)
        (tmp_path / log.name).write_bytes(log.read_bytes())
        return Seen(run, tmp_path)

    return go


@pytest.mark.parametrize("by", ["options", "environment"])
@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_secret_is_shown(run_with: Any, witness: Witness, kind: str, by: str) -> None:
    seen = run_with(CREDENTIALS[kind], by)
    run = seen.run
    assert run.rc == 0, run.output
    assert not run["Plan"].failed
    assert run["Activate devices, of which one is refused"]["summary"] == {"failed": 1, "activated": 1}
    assert run["Suspend devices, of which one is not listed"]["summary"] == {"set": 1, "missing": 1}
    assert run["Declare a status wrongly"]["error"]["kind"] == "input"
    assert run["Use lookups with options"].msg.startswith("['Verizon'")
    assert run["Plan a fleet"]["summary"] == {"would_activate": len(OTHERS)}
    assert run["Activate a fleet, of which one device is refused"]["summary"] == {"failed": 1, "activated": 2}
    assert not run["Compare the fleet with the account"].failed
    assert run["Activate the fleet"]["summary"] == {"failed": 1, "already_active": 2}
    assert run["Declare a fleet wrongly"]["error"]["kind"] == "input"
    assert run["List carriers"]["carriers"]
    assert {*SHOWN, KEPT, "plan.json", "result.jsonl", *OF_FLEET} == set(seen.texts)
    # The proxy has seen all tokens that were used: the given one, or those from logins.
    assert witness.tokens
    assert (TOKEN in witness.tokens) == (kind == "token")
    for secret in {*witness.tokens, TOKEN, PASSWORD}:
        assert seen.places_of(secret) == []
    # The search works: other values are in all texts, and masks are in the places of the secrets.
    for word in (device(1)["iccid"], "sentinel_activation"):
        assert set(SHOWN) <= set(seen.places_of(word))
    assert KEPT in seen.places_of(device(1)["iccid"])
    assert {*SHOWN, "plan.json", "result.jsonl"} <= set(seen.places_of(device(1)["iccid"]))
    assert {*SHOWN, *OF_FLEET} <= set(seen.places_of(OTHERS[0]["iccid"]))
    invocation = run["Activate devices, of which one is refused"]["invocation"]["module_args"]
    given = "api_token" if kind == "token" else "api_password"
    assert invocation[given] in NO_LOGS
    assert set(SHOWN) <= set(seen.places_of(f'"{given}": "{invocation[given]}"'))


@pytest.mark.parametrize(("kind", "echoing"), [("token", "calls"), ("login", "calls"), ("login", "logins")])
def test_no_secret_is_shown_if_an_answer_contains_it(run_with: Any, witness: Witness, kind: str, echoing: str) -> None:
    witness.echoing = echoing
    seen = run_with(CREDENTIALS[kind], "options")
    for name in (
        "Plan",
        "Activate devices, of which one is refused",
        "Plan a fleet",
        "Activate a fleet, of which one device is refused",
        "Compare the fleet with the account",
        "Activate the fleet",
        "Suspend devices, of which one is not listed",
        "List carriers",
        "Use lookups with options",
        "Use a lookup with variables",
    ):
        outcome = seen.run[name]
        assert outcome.failed
        assert "Bad gateway Authorization:" in outcome.msg
        assert MASK in outcome.msg
    assert bool(witness.tokens) == (echoing == "calls")
    for secret in {*witness.tokens, TOKEN, PASSWORD}:
        assert seen.places_of(secret) == []
    assert "Traceback (most recent call last)" in seen.run.output
