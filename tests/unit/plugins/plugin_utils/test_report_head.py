# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The head of a report: the run and the bill."""

from __future__ import annotations

import json

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.head import Bill, Head
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.headline import drift_headline, headline
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.page import as_html
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.report import as_json, make_report

URL = "https://sentinel.example/api"
RESULT = {
    "changed": True,
    "account": {"corp_id": "NORTHSTAR-ISD", "api_url": URL, "simulator": False},
    "source": "fleet.csv",
    "plan": {"activate": 2, "digest": "5c1f9a2b" * 8},
    "started_at": "2026-01-31T12:58:12.345+01:00",
    "elapsed": 41.04,
}


def report(*outcomes, **more):
    """A report of devices with these outcomes."""
    return make_report([{"outcome": outcome} for outcome in outcomes], **more)


def account(**values):
    """The head of a run with this account."""
    return Head.of({"account": {**RESULT["account"], **values}})


def test_the_page_has_the_head():
    page = as_html(report("activated", result=RESULT))
    for text in ("NORTHSTAR-ISD", f"Live ({URL})", "fleet.csv", "5c1f9a2b" * 8, "2026-01-31 at 11:58:12 UTC", "41 s"):
        assert f">{text}<" in page
    assert "Simulator" not in page


def test_the_json_has_the_head():
    run = json.loads(as_json(report("activated", result=RESULT)))["run"]
    assert run == {
        "account": RESULT["account"],
        "source": "fleet.csv",
        "digest": "5c1f9a2b" * 8,
        "started": "2026-01-31T11:58:12Z",
        "elapsed": 41.0,
    }


def test_a_page_without_a_head_has_no_empty_lines():
    page = as_html(report("activated"))
    for name in ("Account", "Service", "Fleet", "Plan", "Started", "Duration"):
        assert f"<dt>{name}</dt>" not in page
    assert "<dt>New on the bill</dt>" in page


@pytest.mark.parametrize(
    ("simulator", "service", "notice"),
    [(True, f"Simulator ({URL})", True), (False, f"Live ({URL})", False), (None, URL, False), ("yes", URL, False)],
)
def test_the_service_is_called_live_or_simulator_only_if_known(simulator, service, notice):
    result = {"account": {**RESULT["account"], "simulator": simulator}}
    assert account(simulator=simulator).service == service
    page = as_html(report("activated", result=result))
    assert ("No real device was activated" in page) is notice
    assert (service in page) is True


def test_a_password_in_the_url_is_left_out():
    shown = account(api_url="https://user:secret@sentinel.example:8443/api").as_json()
    assert shown["account"]["api_url"] == "https://sentinel.example:8443/api"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"account": "NORTHSTAR-ISD"}, "result.account: NORTHSTAR-ISD is not a dictionary"),
        ({"plan": "5c1f"}, "result.plan: 5c1f is not a dictionary"),
        ({"started_at": "noon"}, "result.started_at: 'noon' is not a time with a zone"),
        ({"started_at": "2026-01-31T12:00:00"}, "result.started_at: '2026-01-31T12:00:00' is not a time with a zone"),
    ],
)
def test_an_invalid_result_is_refused(result, words):
    with pytest.raises(InputError) as caught:
        report("activated", result=result)
    assert words in str(caught.value)


def test_only_activated_devices_are_new_on_the_bill():
    outcomes = ["activated", "already_active", "restored", "pending", "unknown", "failed", "skipped", "activated"]
    assert Bill.of(report(*outcomes).summary()) == Bill(new=2, possible=2, restored=1)
    assert Bill.of(report("would_activate", "would_restore").summary()) == Bill(new=1, possible=0, restored=1)


def test_the_page_shows_restored_devices_separately_from_new_ones():
    page = as_html(report("activated", "restored", "restored", "pending"))
    assert "<strong>1 device</strong> and up to 1 more, which is pending or unknown" in page
    assert "<dt>Restored</dt><dd>2 devices, not counted as new</dd>" in page
    plan = as_html(report("would_activate", "would_restore", plan=True))
    assert "<dt>Would be new on the bill</dt>" in plan
    assert "<dt>Would be restored</dt><dd>1 device, not counted as new</dd>" in plan


@pytest.mark.parametrize(
    ("outcomes", "result", "line"),
    [
        (["failed", "activated", "already_active", "activated"], {}, "2 activated, 1 already active, 1 failed"),
        (["conflict", "skipped"], {"elapsed": 200}, "1 skipped, 1 in conflict in 3 min 20 s"),
        (["would_activate"], {"account": {"simulator": True}}, "1 would be activated (simulator)"),
        ([], {}, "no devices"),
    ],
)
def test_the_headline_ends_with_the_devices_that_need_attention(outcomes, result, line):
    assert headline(report(*outcomes, result=result)) == line


def drift(*states):
    """A drift with these states. Those with a question mark are tolerated."""
    devices = [{"state": state.strip("?"), "drift": state[-1] != "?" and state != "active"} for state in states]
    return {"devices": devices, "counts": {"active": states.count("active")}}


@pytest.mark.parametrize(
    ("states", "line"),
    [
        (
            ["missing", "other_nickname", "missing", "active"],
            "3 devices differ: 2 missing, 1 other nickname; 1 as declared",
        ),
        (["conflict"], "1 device differs: 1 conflict; 0 as declared"),
        (["active", "active", "pending?"], "no drift; 2 as declared; 1 tolerated"),
    ],
)
def test_the_headline_of_a_drift(states, line):
    assert drift_headline(drift(*states)) == line
