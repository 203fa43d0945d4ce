# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Page, CSV and JSON of a report: complete, and without markup, scripts or formulas from devices."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.entries import ATTENTION, FIELDS, LABELS
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.page import PAGE_SIZE, as_html
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.report import as_csv, as_json, make_report

TIME = "2026-01-31T12:00:00Z"
TEXTS = ("nickname", "carrier", "device_group", "reason", "transaction_id", "imei", "mdn", "ip", "kind", "line_status")


def device(outcome="activated", **values):
    """A device of a result."""
    return {"imei": "355737360073462", "iccid": "89014103211118510720", "outcome": outcome, **values}


def html(devices, title="Fleet report", plan=False):
    """The page of these devices."""
    return as_html(make_report(devices, title, TIME, plan))


class Seen(HTMLParser):
    """The tags, attributes, text and scripts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.scripts = [], [], []
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):  # noqa: ARG002
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts[-1] += data
        elif data.strip():
            self.texts.append(data.strip())

    @property
    def text(self):
        """All text of the page."""
        return " ".join(self.texts)


def test_every_outcome_has_a_label_and_a_cure_if_it_needs_attention():
    assert set(LABELS) == set(Outcome)
    assert list(LABELS) == list(Outcome)
    assert {outcome for outcome in Outcome if outcome.cure} == set(ATTENTION)


def test_the_page_has_the_outcomes():
    devices = [
        device("failed", reason="refused", nickname="Bus 7", carrier="AT&T"),
        device("already_active", carrier="AT&T"),
        device("pending"),
    ]
    seen = Seen(html(devices, "Lakeside"))
    assert "2 of 3 devices need attention." in seen.texts
    assert "Created on 2026-01-31 at 12:00:00 UTC" in seen.text
    assert seen.texts.count(Outcome.FAILED.cure) == seen.texts.count(Outcome.PENDING.cure) == 1
    assert Outcome.CONFLICT.cure not in seen.texts
    assert "Bus 7 (IMEI 355737360073462)" in seen.texts
    assert "No reason given." in seen.texts
    assert "AT&T" in seen.texts
    assert "none given" in seen.texts
    assert not any("Nothing was submitted" in text for text in seen.texts)


@pytest.mark.parametrize(
    ("outcomes", "plan", "verdict"),
    [
        ([], False, "There are no devices in this report."),
        (["failed"], False, "1 of 1 device needs attention."),
        (["failed", "activated"], False, "1 of 2 devices needs attention."),
        (["activated"], False, "The device is active."),
        (["activated", "already_active"], False, "All 2 devices are active."),
        (["would_activate", "already_active"], True, "1 of 2 devices would be activated. Nothing needs attention."),
        (["would_activate", "unknown"], True, "1 of 2 devices needs attention."),
        (["skipped", "activated"], False, "2 devices. Nothing needs attention."),
        (["activated"] * 1234, False, "All 1,234 devices are active."),
    ],
)
def test_the_verdict(outcomes, plan, verdict):
    page = html([device(outcome) for outcome in outcomes], plan=plan)
    assert verdict in Seen(page).texts
    assert ("Nothing was submitted" in page) is plan


def test_devices_that_need_attention_come_first_in_the_list():
    report = make_report([device("already_active"), device("activated"), device("unknown"), device("failed")])
    assert [entry["outcome"] for entry in report.entries] == ["failed", "unknown", "activated", "already_active"]
    assert list(report.summary()) == ["failed", "unknown", "activated", "already_active"]


def test_columns_without_a_value_are_left_out():
    assert "EID" not in Seen(html([device()])).texts
    assert "Kind" not in Seen(html([device(kind="sim"), device(kind="sim")])).texts
    seen = Seen(html([device(kind="sim"), {"eid": "8904", "kind": "esim", "outcome": "activated"}]))
    assert {"EID", "Kind", "ICCID"} <= set(seen.texts)


def test_the_page_holds_some_rows_and_its_data_all_of_them():
    seen = Seen(html([device(imei=str(n)) for n in range(PAGE_SIZE + 5)]))
    data = json.loads(seen.scripts[0])
    assert [row[1] for row in data["rows"]] == [str(n) for n in range(PAGE_SIZE + 5)]
    assert data["columns"][:2] == [["outcome", "Outcome"], ["imei", "IMEI"]]
    cells = [attributes for tag, attributes in seen.tags if tag == "td" and attributes.get("class") == "c-imei"]
    assert len(cells) == PAGE_SIZE
    assert f"Without JavaScript, only the first {PAGE_SIZE} of {PAGE_SIZE + 5} devices are shown." in seen.text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "</title></style><img src=x onerror=alert(1)>",
        '" onclick="alert(1)',
        "' onclick='alert(1)",
        "{{ 7 * 7 }}{% raw %}{# no #}",
        "&lt;b&gt;",
        "]]>",
    ],
)
def test_values_are_only_text(hostile):
    page = html([device("failed", **dict.fromkeys(TEXTS, hostile))], hostile)
    plain = Seen(html([device("failed", **dict.fromkeys(TEXTS, "plain"))], "plain"))
    seen = Seen(page)
    assert [tag for tag, dummy in seen.tags] == [tag for tag, dummy in plain.tags]
    assert [sorted(attributes) for dummy, attributes in seen.tags] == [
        sorted(attributes) for dummy, attributes in plain.tags
    ]
    assert seen.texts.count(hostile) == plain.texts.count("plain") > 10
    assert seen.scripts[1] == plain.scripts[1]
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert hostile in json.loads(data[1])["rows"][0]
    assert not set(data[1]) & set("<>&'\u2028\u2029")


@given(st.text(), st.text())
@settings(max_examples=40)
def test_any_text_keeps_the_structure_of_the_page(title, text):
    """With any text, the tags are the same, the page can be encoded, and the data has the text."""
    plain = Seen(html([device("failed", reason="x")], "x"))
    page = html([device("failed", reason="x" + text)], title)
    page.encode("utf-8")
    assert [tag for tag, dummy in Seen(page).tags] == [tag for tag, dummy in plain.tags]
    as_json(make_report([device(reason=text)], title)).encode("utf-8", "strict")


def test_only_the_script_and_style_of_the_page_are_allowed():
    page = html([device()])
    policy = next(attributes["content"] for tag, attributes in Seen(page).tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert re.search(r'(?:src|href)="(?!#|data:,)', page) is None
    assert " style=" not in page


def test_the_csv_has_every_device_and_no_formula():
    devices = [
        device("activated", seconds=12.34, nickname='a "quoted", name'),
        device("failed", nickname="=HYPERLINK(1)", reason="+1;x", mdn="+15551234567", ip="@x", carrier="a=b"),
    ]
    rows = list(csv.DictReader(io.StringIO(as_csv(make_report(devices)))))
    assert tuple(rows[0]) == FIELDS
    assert [rows[0][name] for name in ("nickname", "reason", "mdn", "ip", "carrier")] == [
        "'=HYPERLINK(1)",
        "'+1;x",
        "+15551234567",
        "'@x",
        "a=b",
    ]
    assert (rows[1]["seconds"], rows[1]["nickname"], rows[1]["eid"]) == ("12.3", 'a "quoted", name', "")


def test_the_json_has_the_figures_and_every_device():
    devices = [
        device("activated", seconds=10, carrier="Verizon"),
        device("failed", seconds="30.04", carrier="VERIZON", nickname="=x"),
    ]
    content = json.loads(as_json(make_report(devices, "Lakeside", "2026-01-31T13:00:00+01:00", plan=True)))
    devices = content.pop("devices")
    assert content == {
        "title": "Lakeside",
        "generated": TIME,
        "plan": True,
        "run": {
            "account": {"corp_id": None, "api_url": None, "simulator": None},
            "source": None,
            "digest": None,
            "started": None,
            "elapsed": None,
        },
        "bill": {"new": 1, "possible": 0, "restored": 0},
        "devices_total": 2,
        "summary": {"failed": 1, "activated": 1},
        "carriers": [
            {"name": "VERIZON", "devices": 2, "summary": {"failed": 1, "activated": 1}, "median_seconds": 10.0}
        ],
        "device_groups": [
            {"name": None, "devices": 2, "summary": {"failed": 1, "activated": 1}, "median_seconds": 10.0}
        ],
        "seconds": {"lines": 2, "percentile_50": 10.0, "percentile_90": 30.0, "slowest": 30.0},
    }
    assert (devices[0]["nickname"], devices[0]["seconds"], devices[1]["eid"]) == ("=x", 30.0, None)


def test_text_is_printable_and_can_be_encoded():
    class Marked(str):
        """A string with attributes, like Ansible's tagged strings."""

    report = make_report(
        [device(nickname=Marked("Bus"), reason="\x00\x1bcut \ud83d\u2028\u202e", mdn=6175550100, ip="  ")]
    )
    entry = report.entries[0]
    assert not isinstance(entry["nickname"], Marked)
    assert (entry["reason"], entry["mdn"], entry["ip"]) == ("\ufffd\ufffdcut \ufffd \ufffd", "6175550100", None)


@pytest.mark.parametrize("seconds", [None, True, "", "soon", -1, float("nan"), float("inf"), [], "1e999"])
def test_invalid_durations_are_left_out(seconds):
    assert make_report([device(seconds=seconds)]).entries[0]["seconds"] is None


def test_a_report_without_durations():
    page = html([device()])
    assert "No durations. Only a run that submits lines" in page
    assert 'class="plot"' not in page
    assert "Median time" not in page
    assert json.loads(as_json(make_report([device()])))["seconds"] is None
    assert page != html([device(seconds=1)])


def test_the_default_time_is_now():
    assert make_report([]).generated.utcoffset().total_seconds() == 0


@pytest.mark.parametrize("time", ["", "today", "2026-01-31", "2026-01-31T12:00:00"])
def test_a_time_without_a_zone_is_refused(time):
    with pytest.raises(InputError, match="is not a time with a zone"):
        make_report([], generated=time)


@pytest.mark.parametrize("devices", [None, "text", {"outcome": "failed"}, 7])
def test_a_value_that_is_not_a_list_is_refused(devices):
    with pytest.raises(InputError, match="must be a list of devices"):
        make_report(devices)


def test_all_problems_of_devices_are_reported():
    with pytest.raises(InputError) as caught:
        make_report([device("lost"), device(), "text", {}])
    message = str(caught.value)
    assert "device 1: unknown outcome 'lost'; valid outcomes: failed, " in message
    assert "device 3: must be a dictionary" in message
    assert "device 4: has no outcome" in message
    assert message.count("valid outcomes") == 1
    assert "device 2" not in message


def test_the_title_is_shown_without_control_characters():
    assert make_report([], "Bus\u202e\x1b[31m es").title == "Bus\ufffd\ufffd es"
