# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells of lines: the cache changes no value and has a limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import cells as module
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.cells import Cells
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire.identifiers import clean

VALUES = st.one_of(
    st.sampled_from(["Done", " Done ", '="8901"', "'8901", "n/a", "N/A", "not available", "", "1", "01"]),
    st.sampled_from([1, 1.0, True, None, [], {}]),
    st.text(max_size=20),
)


@given(st.lists(st.dictionaries(st.sampled_from(["status", "carrier", "imei", "mdn"]), VALUES), max_size=20))
def test_cached_cells_are_read_like_single_ones(lines):
    cells = Cells()
    assert [cells.read(line) for line in lines] == [
        {field: clean(cell) for field, cell in line.items()} for line in lines
    ]


def test_a_repeated_value_is_in_memory_once():
    cells = Cells()
    first, second = (cells.read({"status": b"Completed in time".decode()})["status"] for _line in range(2))
    assert first is second


def test_a_field_with_too_many_values_is_not_cached(monkeypatch):
    monkeypatch.setattr(module, "_MAX_VALUES", 3)
    cells = Cells()
    assert [cells.read({"reason": f"reason {number}"})["reason"] for number in range(9)] == [
        f"reason {number}" for number in range(9)
    ]
    texts = [cells.read({"reason": b"the same".decode()})["reason"] for _line in range(2)]
    assert texts[0] == texts[1]
    assert texts[0] is not texts[1]
