# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures and drawings of the report: they add up and show everything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Outcome
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.entries import entries_of
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.figures import breakdown, causes_of, segments
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.times import (
    HEIGHT,
    WIDTH,
    distribution,
    in_words,
    percentile,
    statistics,
)


def entries(*devices):
    """Devices, each from its outcome and other values."""
    return entries_of([{"outcome": "activated", **device} for device in devices])


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 100_000)))
def test_a_bar_is_complete_and_shows_every_outcome(counts):
    parts = segments(counts)
    assert {part.outcome: part.count for part in parts} == {name: count for name, count in counts.items() if count}
    assert [part.outcome for part in parts] == [outcome for outcome in Outcome if counts.get(outcome)]
    assert all(part.length >= 1 for part in parts)
    if parts:
        assert parts[0].start == 0
        assert parts[-1].start + parts[-1].length == pytest.approx(100, abs=0.1)
        assert all(b.start == pytest.approx(a.start + a.length, abs=0.02) for a, b in zip(parts, parts[1:]))


def test_the_largest_group_is_first_and_the_rest_is_combined():
    devices = [{"device_group": f"g{n:02}"} for n in range(20) for dummy in range(20 - n)]
    groups = breakdown(entries(*devices), "device_group")
    assert [group.name for group in groups] == [f"g{n:02}" for n in range(11)] + [None]
    assert [group.total for group in groups] == [*range(20, 9, -1), 45]
    assert [group.merged for group in groups] == [0] * 11 + [9]
    assert len(breakdown(entries(*devices), "device_group", limit=None)) == 20
    assert len(breakdown(entries(*devices), "device_group", limit=20)) == 20


def test_carriers_are_grouped_without_case():
    devices = entries({"carrier": "Verizon"}, {"carrier": "VERIZON"}, {"carrier": "Verizon"}, {}, {"carrier": "AT&T"})
    assert [(group.name, group.total) for group in breakdown(devices, "carrier")] == [
        ("Verizon", 3),
        (None, 1),
        ("AT&T", 1),
    ]
    named = entries({"device_group": "Bus"}, {"device_group": "BUS"})
    assert [group.name for group in breakdown(named, "device_group")] == ["BUS", "Bus"]


def test_a_group_has_its_median_and_its_devices_that_need_attention():
    devices = entries({"outcome": "failed"}, {"seconds": 5}, {"seconds": 1, "outcome": "unknown"}, {"seconds": 9})
    (group,) = breakdown(devices, "carrier")
    assert (group.median, group.attention, dict(group.counts)) == (5, 2, {"failed": 1, "unknown": 1, "activated": 2})
    assert breakdown(entries({}), "carrier")[0].median is None


def test_reasons_that_differ_by_an_identifier_are_one_cause():
    devices = entries(
        {"reason": "IMEI is active with ICCID 89014103211118510720", "iccid": "1"},
        {"reason": "refused", "imei": "2", "nickname": "Bus 2"},
        {"reason": "IMEI is active with ICCID 89014103211118510738", "sim_id": "3"},
        {},
    )
    causes, omitted = causes_of(devices)
    assert [(cause.reason, cause.count, cause.examples) for cause in causes] == [
        ("IMEI is active with ICCID …", 2, ["ICCID 1", "SIM ID 3"]),
        ("refused", 1, ["Bus 2 (IMEI 2)"]),
        ("No reason given.", 1, ["without an identifier"]),
    ]
    assert omitted == 0
    assert causes_of(devices[:1])[0][0].reason == "IMEI is active with ICCID 89014103211118510720"


def test_the_most_frequent_causes_come_first():
    devices = entries(*({"reason": f"reason {n}", "imei": str(n)} for n in range(12) for dummy in range(n + 1)))
    causes, omitted = causes_of(devices)
    assert [cause.reason for cause in causes] == [f"reason {n}" for n in range(11, 3, -1)]
    assert [len(cause.examples) for cause in causes] == [3] * 8
    assert omitted == 1 + 2 + 3 + 4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (42.4, "42 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (3_600_000, "1,000 h"),
    ],
)
def test_durations_in_words(seconds, words):
    assert in_words(seconds) == words


def test_percentiles_are_values_that_occurred():
    assert [percentile([1, 2, 3, 4], percent) for percent in (1, 50, 51, 90, 100)] == [1, 2, 3, 4, 4]


def test_without_durations_nothing_is_drawn():
    assert distribution([None, None]) is None
    assert statistics([]) is None


def counted(column):
    """The number of lines in the label of a bar."""
    return int(re.search(r": ([\d,]+) line", column.label)[1].replace(",", ""))


@given(st.lists(st.floats(0, 10_000_000).map(lambda value: round(value, 1)), min_size=1, max_size=60))
def test_the_drawings_include_every_line(seconds):
    times = distribution(seconds)
    assert sum(counted(column) for column in times.bars) + times.beyond == times.count == len(seconds)
    assert times.beyond == sum(value > times.until for value in seconds)
    assert times.slowest == max(seconds)
    assert max(counted(column) for column in times.bars) == times.highest
    assert all(column.x >= 0 and column.x + column.width <= WIDTH and column.width > 5 for column in times.bars)
    assert all(column.y >= 0 and column.y + column.height == pytest.approx(HEIGHT, abs=0.2) for column in times.bars)
    assert [tick.place for tick in times.ticks] == sorted({tick.place for tick in times.ticks})
    assert (times.ticks[0].place, times.ticks[-1].place) == (0, WIDTH)
    assert 2 <= len(times.ticks) <= 8
    heights = [float(y) for y in re.findall(r"V([\d.]+)", times.curve)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == pytest.approx(HEIGHT * times.beyond / times.count, abs=0.1)


def test_a_few_slow_lines_do_not_flatten_the_drawing():
    times = distribution([10] * 98 + [20, 3600])
    assert times.until <= 60
    assert times.beyond == 1
    assert (times.percentiles, times.slowest) == ([10, 10], 3600)


def test_labels_of_bars_and_axes():
    times = distribution([0, 0.5, 1, 2])
    assert [tick.text for tick in times.ticks] == ["0 s", "0.5 s", "1 s", "1.5 s", "2 s"]
    assert times.bars[0].label == "0 s to 0.1 s: 1 line"
    assert [mark.text for mark in times.marks] == ["50 %", "90 %"]
    assert distribution([300]).ticks[-1].text == "5 min"
    assert distribution([36000]).ticks[-1].text == "10 h"
