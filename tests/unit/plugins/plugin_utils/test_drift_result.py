# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a comparison: one sentence, a limited list of devices, and a file with all."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.files import json_parts, write_files
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.result import MAX_DEVICES, make_result, sentence
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.states import State
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.task import Paths

NOWHERE = Paths(None, None)


def found_of(*devices):
    """A comparison with these devices, as state and drift."""
    counts = Counter(state for state, _drift in devices)
    return {
        "drift": sum(drift for _state, drift in devices),
        "listing": True,
        "counts": {state.value: counts[state] for state in State},
        "devices": [{"state": state, "drift": drift, "nickname": "Büs \u20ac"} for state, drift in devices],
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("states", "tolerated", "text"),
    [
        (("suspended", "missing", "suspended"), (), "3 devices are not as declared: 1 missing, 2 suspended"),
        (("missing", "active"), (), "1 device is not as declared: 1 missing"),
        (("missing", "suspended"), ("suspended",), "1 device is not as declared: 1 missing"),
        (("active",), (), "no drift: 1 device is as declared"),
        (
            ("active", "pending", "suspended", "active"),
            ("suspended", "pending"),
            "no drift: 2 devices are as declared; tolerated: 1 suspended, 1 pending",
        ),
        ((), (), "no drift: 0 devices are as declared"),
    ],
)
def test_the_result_is_one_sentence(states, tolerated, text):
    count = sum(state not in ("active", *tolerated) for state in states)
    assert sentence(count, Counter(states), tolerated) == text


def test_a_result_lists_only_devices_that_are_not_as_declared():
    found = found_of(("missing", True), ("suspended", False), ("active", False))
    result = make_result(found, {"suspended"}, NOWHERE)
    assert [entry["state"] for entry in result["devices"]] == ["missing"]
    assert (result["drift"], result["devices_omitted"], result["counts"]["suspended"]) == (1, 0, 1)


def test_a_result_lists_a_limited_number_of_devices():
    result = make_result(found_of(*[("missing", True)] * (MAX_DEVICES + 5)), (), NOWHERE)
    assert (len(result["devices"]), result["devices_omitted"]) == (MAX_DEVICES, 5)


def test_a_result_has_the_paths_of_written_files():
    result = make_result(found_of(), (), Paths("/a.json", None))
    assert result["drift_file"] == "/a.json"
    assert "junit" not in result


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_file_has_the_comparison_with_one_line_per_device(count):
    found = found_of(*[("missing", True)] * count)
    text = "".join(json_parts(found))
    assert json.loads(text) == found
    assert sum('"nickname": "Büs €"' in line for line in text.splitlines()) == count


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"junit: .*/gone/a.xml cannot be written: no such file or directory"):
        write_files(Paths(None, str(tmp_path / "gone" / "a.xml")), {**found_of(), "devices": []}, "fleet")
