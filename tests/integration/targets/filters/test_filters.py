# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters and Jinja tests in playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from harness.devices import csv_of, device, iccid, imei
from harness.playbooks import Outcome, Playbooks
from harness.simulators import Simulator

#: Expression with full names → value.
EXPRESSIONS = {
    "'8901 4103-2111 1851 0720 F' | kajeet.sentinel.normalize_iccid": "89014103211118510720",
    "89014103211118510720 | kajeet.sentinel.normalize_iccid": "89014103211118510720",
    "['89-014103211118510720'] | map('kajeet.sentinel.normalize_iccid') | first": "89014103211118510720",
    "'35573736007346' | kajeet.sentinel.luhn_check_digit": "2",
    "'355737360073462' is kajeet.sentinel.imei": True,
    "'35-573736-007346-2' is kajeet.sentinel.imei": True,
    "355737360073462 is kajeet.sentinel.imei": True,
    "'355737360073463' is kajeet.sentinel.imei": False,
    "none is kajeet.sentinel.imei": False,
    "'89014103211118510720' is kajeet.sentinel.iccid": True,
    "'89014103211118510721' is kajeet.sentinel.iccid": True,
    "'89014103211118510721' is kajeet.sentinel.iccid(strict=true)": False,
    "8.90141e19 is kajeet.sentinel.iccid": False,
    "'89049032123451234512345678901235' is kajeet.sentinel.eid": True,
    "'89049032123451234512345678901236' is not kajeet.sentinel.eid": True,
    "['355737360073462', 'x'] | reject('kajeet.sentinel.imei')": ["x"],
    "[{'imei': '355737360073462'}, {'imei': ''}] | selectattr('imei', 'kajeet.sentinel.imei') | length": 1,
}


def evaluated(playbook: Playbooks, expressions: list[str], **variables: Any) -> list[Outcome]:
    """The outcome of each expression. Its value is the fact `value`."""
    tasks = [
        {
            "name": expression,
            "ansible.builtin.set_fact": {"value": f"{{{{ {expression} }}}}"},
            "ignore_errors": True,
        }
        for expression in expressions
    ]
    run = playbook(tasks, defaults={}, extra_vars=variables)
    return [run[expression] for expression in expressions]


def test_filters_and_tests_by_their_full_names(playbook: Playbooks) -> None:
    outcomes = evaluated(playbook, list(EXPRESSIONS))
    assert {outcome.name: outcome["ansible_facts"]["value"] for outcome in outcomes} == EXPRESSIONS


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "'355737360073462' | kajeet.sentinel.normalize_iccid",
            "looks like an IMEI; iccid and imei are probably swapp",
        ),
        ("'3557 37' | kajeet.sentinel.luhn_check_digit", "'3557 37' is not a string of digits"),
        ("'' | kajeet.sentinel.devices_from_csv", "CSV: is empty; it must declare at least one device"),
        ("'imei,icid' | kajeet.sentinel.devices_from_csv", 'CSV, line 1: unknown column "icid"; did you mean iccid?'),
        ("[] | kajeet.sentinel.devices_from_csv(kind='radio')", "'radio' is not a kind of device"),
        ("nowhere is kajeet.sentinel.imei", "'nowhere' is undefined"),
    ],
)
def test_errors_say_what_is_wrong(playbook: Playbooks, expression: str, message: str) -> None:
    outcome = evaluated(playbook, [expression])[0]
    assert outcome.failed
    assert message in outcome.msg


def test_devices_of_a_csv_text_and_of_its_file_make_the_same_plan(
    sentinel: Simulator, playbook: Playbooks, workspace: Any
) -> None:
    text = csv_of([device(number, nickname=f"Bus {number}") for number in range(1, 6)])
    text = text.replace("iccid", "ICCID #").replace("service_zip_code", "ZIP")
    (workspace / "fleet.csv").write_text(text, encoding="utf-8")
    rows = "text | kajeet.sentinel.devices_from_csv"
    tasks = [
        {"name": "file", "kajeet.sentinel.sentinel_activation": {"src": "fleet.csv"}},
        {"name": "text", "kajeet.sentinel.sentinel_activation": {"devices": f"{{{{ {rows} }}}}"}},
    ]
    run = playbook(tasks, check=True, extra_vars={"text": text})
    assert run["text"]["plan"] == run["file"]["plan"]
    assert run["text"]["summary"] == {"would_activate": 5}
    sentinel.assert_wrote_nothing()


def test_all_errors_of_a_csv_text_are_reported_at_once_as_for_a_file(playbook: Playbooks, workspace: Any) -> None:
    text = f"imei,iccid\n{iccid(1)},{imei(1)}\n{imei(2)}1,{iccid(2)}\n"
    (workspace / "wrong.csv").write_text(text, encoding="utf-8")
    tasks = [
        {
            "name": "file",
            "kajeet.sentinel.sentinel_activation": {"src": "wrong.csv", "carrier": "Verizon"},
            "ignore_errors": True,
        },
    ]
    by_file = playbook(tasks, check=True)["file"].msg.replace("wrong.csv, ", "CSV, ")
    expression = "text | kajeet.sentinel.devices_from_csv(defaults={'carrier': 'Verizon'})"
    by_text = evaluated(playbook, [expression], text=text)[0].msg
    assert by_file.count("\n") == 3
    assert by_text.endswith(by_file)


def test_a_missing_field_is_reported_as_a_warning(playbook: Playbooks) -> None:
    text = csv_of([device(1, service_zip_code=None)])
    run = playbook(
        {
            "name": "odd",
            "ansible.builtin.debug": {"msg": "{{ text | kajeet.sentinel.devices_from_csv }}"},
        },
        extra_vars={"text": text},
    )
    assert "CSV, line 2: service_zip_code is required for Verizon" in run.output
    assert run.only["msg"] == [device(1, service_zip_code=None)]


def test_cells_that_look_like_templates_stay_text(playbook: Playbooks, tmp_path: Any) -> None:
    marker = tmp_path / "evaluated"
    evil = f"{{{{ lookup('pipe', 'touch {marker}') }}}}"
    file = tmp_path / "evil.csv"
    file.write_text(f'imei,iccid,carrier,nickname\n{imei(1)},{iccid(1)},AT&T,"{evil}"\n', encoding="utf-8")
    expression = "lookup('ansible.builtin.file', file) | kajeet.sentinel.devices_from_csv | first"
    outcome = evaluated(playbook, [expression], file=str(file))[0]
    assert outcome["ansible_facts"]["value"]["nickname"] == evil
    task = {"name": "use", "ansible.builtin.debug": {"msg": f"{{{{ ({expression}).nickname }}}}"}}
    assert playbook(task, extra_vars={"file": str(file)}).only["msg"] == evil
    assert not marker.exists()
