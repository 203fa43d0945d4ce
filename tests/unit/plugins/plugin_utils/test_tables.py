# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan or a drift as a table, in text and in Markdown without markup from devices."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.tables import FORMATS, plan_table
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._tables import drift_table, outcome_table


def entry(number: int, action: str = "activate", **fields: Any) -> dict[str, Any]:
    """A device of a plan."""
    known = {"iccid": f"8914{number}", "carrier": "AT&T", "device_group": "Buses", "reason": "not in the history"}
    return {**known, "action": action, **fields}


def plan(*devices: dict[str, Any]) -> dict[str, Any]:
    """A plan of these devices."""
    actions = ["activate" if device["action"] == "retry" else device["action"] for device in devices]
    counts = {action: actions.count(action) for action in ("activate", "wait", "unchanged", "conflict")}
    return {"counts": counts, "devices": list(devices), "digest": "abc123"}


SOME = plan(
    entry(1),
    entry(2, "retry", reason="failed before"),
    entry(3, "conflict", carrier="Verizon", reason="active with imei 35"),
    entry(4, "wait", reason="under way"),
    entry(5, "unchanged", reason="active"),
)


def test_text() -> None:
    assert plan_table(SOME) == [
        "carrier  device group  activate  under way  active  conflict",
        "AT&T     Buses                2          1       1         0",
        "Verizon  Buses                0          0       0         1",
        "all                           2          1       1         1",
        "to activate:",
        "  iccid 89142: retry: failed before",
        "  iccid 89141: not in the history",
        "in conflict:",
        "  iccid 89143: active with imei 35",
        "Digest: abc123",
    ]


def test_markdown() -> None:
    assert plan_table(SOME, style="markdown") == [
        "| carrier | device group | activate | under way | active | conflict |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| AT&T | Buses | 2 | 1 | 1 | 0 |",
        "| Verizon | Buses | 0 | 0 | 0 | 1 |",
        "| **all** |  | **2** | **1** | **1** | **1** |",
        "",
        "**to activate**",
        "",
        "- iccid 89142: retry: failed before",
        "- iccid 89141: not in the history",
        "",
        "**in conflict**",
        "",
        "- iccid 89143: active with imei 35",
        "",
        "Digest: `abc123`",
    ]


@pytest.mark.parametrize("style", FORMATS)
def test_the_number_of_named_devices_is_limited(style: str) -> None:
    fleet = plan(*(entry(number) for number in range(5)))
    lines = plan_table(fleet, 2, style)
    assert sum("iccid" in line for line in lines) == 2
    assert any(line.endswith("and 3 more to activate") for line in lines)
    for most in (0, -1):
        lines = plan_table(fleet, most, style)
        assert not any(word in line for line in lines for word in ("to activate:", "iccid", "more"))
    assert not any("more" in line for line in plan_table(fleet, 5, style))


@pytest.mark.parametrize("style", FORMATS)
def test_a_fleet_without_devices(style: str) -> None:
    lines = plan_table(plan(), style=style)
    assert len([line for line in lines if line]) == (3 if style == "text" else 4)
    assert "all" in lines[-2 if style == "text" else -3]


def test_a_drift_in_both_formats() -> None:
    counts = {"missing": 1, "failed": 0, "conflict": 0, "pending": 0, "undeclared": 0, "active": 3}
    device = {"state": "missing", "iccid": "1", "carrier": None, "device_group": "a|b", "reason": "no line"}
    found = {"devices": [device], "counts": counts}
    text, markdown = drift_table(found), drift_table(found, style="markdown")
    assert text[0].split() == ["carrier", "device", "group", "missing", "active"]
    assert text[1].split() == ["-", "a|b", "1", "0"]
    assert markdown[2] == r"| - | a\|b | 1 | 0 |"
    assert text[-2:] == ["missing:", "  iccid 1: no line"]
    assert markdown[-3:] == ["**missing**", "", "- iccid 1: no line"]


def test_settings_share_a_column() -> None:
    states = ("other_device_group", "other_filter_group", "other_nickname", "active")
    devices = [{"state": state, "iccid": "1", "carrier": "AT&T", "reason": "other"} for state in states]
    text = drift_table({"devices": devices, "counts": dict.fromkeys(states, 1)})
    assert text[0].split() == ["carrier", "device", "group", "settings", "active"]
    assert text[1].split() == ["AT&T", "-", "3", "1"]
    assert text[3::2] == [f"{state}:" for state in states[:-1]]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("*bold* _too_", r"\*bold\* \_too\_"),
        ("<img src=x>", r"\<img src=x\>"),
        ("[text](url)", r"\[text\](url)"),
        ("`code` ~~not~~", r"\`code\` \~\~not\~\~"),
        ("&lt;b&#x3e;", r"\&lt;b\&#x3e;"),
        ("&#64;org", "\\&#\u206064;org"),
        ("AT&T", "AT&T"),
        ("@org/team, (@me) a@b.example", "@\u2060org/team, (@\u2060me) a@\u2060b.example"),
        ("&commat;org @_x", "\\&commat;org @\u2060\\_x"),
        ("#123 org/repo#4 GH-5 gh-6 !7 &8", "#\u2060123 org/repo#\u20604 GH-\u20605 gh-\u20606 !\u20607 &\u20608"),
        ("https://a.example www.b.example", "https:\u2060//a.example www\u2060.b.example"),
        ("5 @ 3, # one, fine! 1:2 a//b, www", "5 @ 3, # one, fine! 1:2 a//b, www"),
        ("two\nlines\r\n\tof text", "two lines of text"),
    ],
)
def test_text_of_devices_is_not_markup(text: str, escaped: str) -> None:
    device = entry(1, carrier=text, device_group=text, nickname=text, reason=text)
    lines = plan_table(plan(device), style="markdown")
    assert lines[2] == f"| {escaped} | {escaped} | 1 | 0 | 0 | 0 |"
    assert f"- {escaped} (iccid 89141): {escaped}" in lines
    assert all("\n" not in line for line in lines)
    # The number of columns does not depend on the text.
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines if line.startswith("|")} == {7}


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_nothing_in_a_table_changes_the_terminal_or_hides_text(style: str) -> None:
    nasty = "Bus\x1b[2J\u202e\u200b\u2028\ud83d 1"
    text = "\n".join(plan_table(plan(entry(1, carrier=nasty, nickname=nasty, reason=nasty)), style=style))
    assert text.count("Bus\ufffd\ufffd\ufffd \ufffd 1") == 3
    assert text.replace("\n", "").isprintable()


def test_a_long_name_is_cut_before_it_is_escaped() -> None:
    cell = plan_table(plan(entry(1, carrier="|" * 80)), style="markdown")[2].split(" ")[1]
    assert cell == "\\|" * 58


@pytest.mark.parametrize("table", [plan_table, drift_table])
def test_another_format(table: Any) -> None:
    found = {**plan(), "counts": dict.fromkeys(("missing", "failed", "conflict", "pending", "undeclared", "active"), 0)}
    given = plan() if table is plan_table else found
    with pytest.raises(InputError, match="format: 'html' is not one of text, markdown"):
        table(given, style="html")


def test_outcomes_have_a_table_with_the_devices_that_need_attention() -> None:
    devices = [
        entry(1, outcome="already_active"),
        entry(2, outcome="failed", reason="SIM already in use", nickname="Bus 2"),
        entry(3, outcome="activated", carrier="Verizon"),
        entry(4, outcome="pending", reason=None),
    ]
    assert outcome_table(devices, digest="abc123") == [
        "carrier  device group  failed  pending  activated  already active",
        "AT&T     Buses              1        1          0               1",
        "Verizon  Buses              0        0          1               0",
        "all                         1        1          1               1",
        "failed:",
        "  Bus 2 (iccid 89142): SIM already in use",
        "pending:",
        "  iccid 89144: no reason given",
        "Digest: abc123",
    ]
