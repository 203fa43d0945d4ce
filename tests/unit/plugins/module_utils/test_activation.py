# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation: load → observe → plan → (check mode: stop) → carry out → result."""

from __future__ import annotations

import functools
import json
import threading

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._carry_out.claims import Claims
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    GuardError,
    InputError,
    PreflightError,
    RefusedError,
    SentinelError,
    StoppedError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories import activate as story
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.activate import Mode, Surroundings, activate
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.tasks import of_kind
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Reader, StatusWords, Transaction
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    declared,
    iccid,
    imei,
    line,
    params,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import (
    FAILS,
    Fate,
    World,
)


class Account(World):
    """A service that is its own session."""

    closed = 0
    is_simulated = True

    def __call__(self, options, on_secret):
        """Return the only session."""
        self.reader = Reader(options.field_names, StatusWords(options.status_words))
        on_secret("obtained")
        return self

    def statistics(self):
        """Return the counts of requests."""
        return {"reads": sum(self.asked.values()), "writes": len(self.bodies), "retried": 0, "throttled_seconds": 0.0}

    def close(self):
        """Count the calls."""
        self.closed += 1

    def transactions(self, version, **_how):
        """The recent history."""
        assert version == 2
        self.asked["transactions"] += 1
        return iter(())


@pytest.fixture
def account():
    """An account with its own clock."""
    return Account()


@pytest.fixture
def go(account, where):
    """Run the activation."""

    def run(check=False, diff=False, secrets=None, **given):
        given = {"devices": [declared(0), declared(1)], "api_token": "t", **given}
        surroundings = Surroundings(
            account,
            claims=functools.partial(Claims, where=where),
            clock=account.clock,
            sleep=account.clock.sleep,
        )
        on_secret = (secrets if secrets is not None else []).append
        return activate(of_kind(SIM), params(**given), Mode(check, diff), on_secret, surroundings)

    return run


KEYS = {
    "changed",
    "plan",
    "summary",
    "devices",
    "devices_omitted",
    "transactions",
    "transactions_omitted",
    "msg",
    "account",
    "planned",
    "source",
    "started_at",
    "temporary_files",
}
KEYS |= {"requests", "elapsed", "warnings"}


def test_a_fleet_is_activated_and_the_second_run_changes_nothing(account, go):
    first = go(result_devices="all")
    assert first["changed"] is True
    assert first["summary"] == {"activated": 2}
    assert first["requests"]["writes"] == 2
    assert set(first) == KEYS
    account.asked.clear()
    second = go(result_devices="all")
    assert second["changed"] is False
    assert second["summary"] == {"already_active": 2}
    assert len(account.bodies) == 2
    assert account.asked == {"export": 1, "listing": 1}
    assert account.closed == 2


def test_check_mode_has_the_same_keys_and_the_same_plan_and_writes_nothing(account, go):
    account.add(line(0, "Processing", "old"), Fate(seconds=0))
    checked = go(check=True)
    assert account.bodies == []
    assert checked["changed"] is True
    assert checked["summary"] == {"would_activate": 1, "already_active": 1}
    applied = go()
    assert set(checked) == set(applied) == KEYS
    assert checked["plan"] == applied["plan"]
    again = go(check=True)
    assert again["changed"] is False
    assert len(account.bodies) == 1


@pytest.mark.usefixtures("account")
def test_the_diff_is_the_same_in_both_modes_and_only_there_on_request(go):
    checked, applied = go(check=True, diff=True), go(diff=True)
    assert checked["diff"] == applied["diff"]
    assert checked["diff"]["prepared"].count("+ iccid ") == 2
    assert checked["diff"]["prepared"].endswith(f"\nDigest: {checked['plan']['digest']}\n")
    assert "diff" not in go()


def test_the_body_has_the_account(account, go):
    go()
    assert {body["corpId"] for body in account.bodies} == {"NORTHSTAR-ISD"}


@pytest.mark.usefixtures("account")
def test_each_token_is_passed_on(go):
    secrets = []
    go(secrets=secrets)
    assert secrets == ["obtained"]


def test_a_failure_carries_the_whole_result(account, go):
    account.script(iccid(0), FAILS)
    result = go()
    assert result["failed"] is True
    assert set(result) == KEYS | {"failed"}
    assert result["summary"] == {"failed": 1, "activated": 1}
    assert "bad ZIP" in result["msg"]


def test_errors_of_options_devices_and_paths_are_reported_together(account, tmp_path, go):
    with pytest.raises(InputError) as caught:
        go(
            api_url="nowhere",
            batch_size=0,
            devices=[declared(0, imei="1")],
            approved_plan=str(tmp_path / "none.json"),
            result_file=str(tmp_path / "all.txt"),
            plan_file=str(tmp_path / "none" / "plan.json"),
        )
    problems = caught.value.problems
    beginnings = ["api_url", "batch_size", "device 1", "approved_plan", "result_file", "plan_file"]
    assert [problem.split(":")[0] for problem in problems] == beginnings
    assert account.asked == {}


def test_an_empty_list_sends_no_request(account, tmp_path, go):
    result = go(devices=[], plan_file=str(tmp_path / "plan.json"))
    assert (result["changed"], result["summary"], result["msg"]) == (False, {}, "no devices")
    assert result["requests"] == {"reads": 0, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
    assert account.asked == {}
    assert json.loads((tmp_path / "plan.json").read_text())["devices"] == []


def test_preflight_finds_an_unknown_carrier_before_the_first_write(account, go):
    with pytest.raises(PreflightError, match="nothing was written:\ndevice 1: the account has no carrier 'Verzion'"):
        go(devices=[declared(0, carrier="Verzion")])
    assert account.bodies == []
    assert account.closed == 1


def test_thousands_of_unknown_carriers_are_cut_short_and_the_valid_ones_are_listed(account, go):
    devices = [declared(number, carrier=f"Carrier {number} {'x' * 60}") for number in range(3000)]
    with pytest.raises(PreflightError) as caught:
        go(devices=devices)
    assert str(caught.value).count("the account has no carrier") == 20
    last = str(caught.value).splitlines()[-1]
    assert last == "2980 more names are not carriers of the account. Valid: Verizon"
    assert account.bodies == []


def test_preflight_sends_no_request_if_it_is_off_or_nothing_is_written(account, go):
    go(preflight=False)
    go(preflight=True)
    assert account.asked["carriers"] == 0


@pytest.mark.usefixtures("account")
def test_warnings_of_the_devices_are_in_the_result(go):
    result = go(devices=[declared(0, service_zip_code=None)])
    assert result["warnings"] == ["device 1: service_zip_code is required for VERIZON"]


@pytest.mark.parametrize("check", [True, False])
def test_a_plan_that_is_too_large_is_written_and_refused_before_the_first_write(account, tmp_path, check, go):
    path = tmp_path / "plan.json"
    with pytest.raises(GuardError, match="activates 2 devices, but max_new_activations allows 1"):
        go(check=check, max_new_activations=1, plan_file=str(path))
    assert account.bodies == []
    assert json.loads(path.read_text())["counts"]["activate"] == 2


def test_an_approved_plan_is_applied_by_digest_and_by_file(account, tmp_path, go):
    path = tmp_path / "plan.json"
    digest = go(check=True, plan_file=str(path))["plan"]["digest"]
    assert json.loads(path.read_text())["digest"] == digest
    assert go(check=True, approved_plan=digest)["changed"]
    assert go(devices=[declared(1)], approved_plan=str(path))["summary"] == {"activated": 1}
    with pytest.raises(GuardError, match="The plan is not the approved one"):
        go(devices=[declared(0), declared(5)], approved_plan=digest)
    # Approved devices that were submitted since are not a difference.
    assert go(approved_plan=digest)["summary"] == {"activated": 1, "already_active": 1}
    assert go(approved_plan=str(path))["summary"] == {"already_active": 2}
    with pytest.raises(GuardError, match="is not in the approved plan"):
        go(devices=[declared(5)], approved_plan=str(path))
    assert len(account.bodies) == 2


@pytest.mark.parametrize("content", ["null", '"' + "0" * 64 + '"', "[]", "{}", "5", "no JSON", ""])
def test_a_file_that_is_not_a_plan_approves_nothing(account, tmp_path, content, go):
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"plan\.json is not a plan file"):
        go(approved_plan=str(path))
    assert account.bodies == []


def test_history_none_requests_no_history_and_recent_requests_the_pages(account, go):
    account.add(line(0, "Processing", "old"), Fate(seconds=0))
    go(check=True, history="recent")
    assert (account.asked["transactions"], account.asked["export"]) == (1, 0)
    result = go(check=True, history="none")
    assert result["summary"] == {"would_activate": 2}
    assert account.asked["export"] == 0


@pytest.mark.parametrize("problem", [UnexpectedAnswerError, RefusedError])
@pytest.mark.parametrize("history", ["full", "recent"])
def test_an_unreadable_history_stops_the_run_with_advice(account, monkeypatch, history, problem, go):
    def fail(*_args, **_how):
        raise problem("strange columns")

    monkeypatch.setattr(account, "transactions", fail)
    monkeypatch.setattr(account, "history_export", fail)
    with pytest.raises(problem, match=r"strange columns.*kajeet\.sentinel\.check_account: it names the option to set"):
        go(history=history)
    assert account.bodies == []


def test_if_the_export_is_refused_the_history_is_read_from_the_pages_of_v1_with_a_warning(account, monkeypatch, go):
    account.add(line(0, "Processing", "old"), Fate(seconds=0))
    monkeypatch.setattr(account, "history_export", refuse)
    listed = [Transaction("old", "Completed", total=1, imei=imei(0), iccid=iccid(0))]
    monkeypatch.setattr(account, "transactions", lambda version, whole: iter(listed if version == 1 else []))
    result = go(check=True, result_devices="all")
    assert result["summary"] == {"already_active": 1, "would_activate": 1}
    assert [warning for warning in result["warnings"] if "The whole history was read from its pages instead" in warning]


def refuse(*_args, **_how):
    """Refuse an export."""
    raise RefusedError("no export here", None, "GET", "/x", 403)


def test_the_users_status_words_end_the_wait(account, go):
    account.script(iccid(0), Fate(ends="In Service"))
    result = go(devices=[declared(0)], status_words={"success": ["in service"], "failed": []})
    assert result["summary"] == {"activated": 1}


def test_the_policy_comes_from_the_task(account, go):
    account.add(line(0, "Processing", "old"), Fate(seconds=0, ends="Failed"))
    account.add(line(1, "Processing", "other", imei=imei(9)), Fate(seconds=0))
    result = go(check=True, retry_failed=False, on_conflict="skip")
    assert result["summary"] == {"failed": 1, "skipped": 1}
    assert result["failed"] is True
    assert result["changed"] is False


def test_an_orphaned_run_that_waits_for_a_429_releases_its_devices(account, where, monkeypatch):
    monkeypatch.setattr(story, "_OWNER_INTERVAL", 0.01)
    throttled = threading.Event()
    account.stop = throttled.set

    def submit(_path, _body, _about_to_send):
        assert throttled.wait(5), "it waits for the rate limit"
        raise StoppedError("Stopped.")

    account.submit = submit
    claims = functools.partial(Claims, where=where)
    surroundings = Surroundings(
        account, claims=claims, is_owned=lambda: False, clock=account.clock, sleep=account.clock.sleep
    )
    found = activate(
        of_kind(SIM), params(devices=[declared(0)], api_token="t"), Mode(), lambda secret: None, surroundings
    )
    assert throttled.is_set()
    assert found["summary"] == {"failed": 1}
    with claims("https://sentinel.example", SIM.name).held([iccid(0)]) as claimed:
        assert claimed.waited_seconds < 1


@pytest.mark.parametrize("why", ["the plan is refused", "the journal is invalid"])
def test_a_refused_task_keeps_its_warnings(go, tmp_path, why):
    odd = {**declared(0), "device_group": None}
    (tmp_path / "journal").write_text("no journal\n")
    refusal = {"max_new_activations": 0} if why == "the plan is refused" else {"journal": str(tmp_path / "journal")}
    with pytest.raises(SentinelError) as caught:
        go(devices=[odd], **refusal)
    assert any("device_group is required" in warning for warning in caught.value.warnings)
