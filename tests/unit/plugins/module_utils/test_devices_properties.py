# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: properties that hold for every fleet, in every CSV dialect."""

from __future__ import annotations

import csv
import io
import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import DECLARED_FIELDS, load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import DEVICE_FIELDS
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    declared,
    device,
    iccid,
    imei,
    params,
)

#: Cells that people may type, without signs that are dropped at their ends. A line break is refused, and dashes alone
#: mean nothing.
CELL = (
    st.text("abcXYZ019äß,;|\t\"'=&- ", min_size=1, max_size=12)
    .map(lambda text: text.strip(" \t'=\""))
    .filter(lambda text: text.strip(" \t'=\"-"))
)
FREE = [name for name in DEVICE_FIELDS if name not in ("service_zip_code", "carrier")]
FLEET = st.lists(st.dictionaries(st.sampled_from(FREE), CELL, max_size=4), min_size=1, max_size=5)
BROKEN_IMEI = st.sampled_from(["", "1", "3.5E+14", "355737360073463", iccid(1)])


@given(
    fields=FLEET,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    sep=st.booleans(),
    data=st.data(),
)
def test_a_fleet_survives_a_round_trip_through_csv(fields, delimiter, quoting, end, bom, sep, data):
    devices = [device(number, **more) for number, more in enumerate(fields)]
    columns = data.draw(st.permutations(list(DECLARED_FIELDS[:2]) + list(DEVICE_FIELDS)))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writeheader()
    writer.writerows(item.declared() for item in devices)
    text = ("\ufeff" if bom else "") + (f"sep={delimiter}{end}" if sep else "") + stream.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fleet.csv")
        with open(path, "w", encoding="utf-8", newline="") as handle:
            handle.write(text)
        found = load(params(src=path), SIM.identity)
    assert [item.declared() for item in found.devices] == [item.declared() for item in devices]


@given(st.lists(st.one_of(st.none(), BROKEN_IMEI), min_size=1, max_size=12).filter(any))
def test_exactly_the_wrong_rows_are_reported_in_order(slips):
    rows = [declared(number) if slip is None else declared(number, imei=slip) for number, slip in enumerate(slips)]
    wrong = [f"device {number}" for number, slip in enumerate(slips, 1) if slip is not None]
    with pytest.raises(InputError) as caught:
        load(params(devices=rows), SIM.identity)
    assert [problem.split(":")[0] for problem in caught.value.problems] == wrong


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
def test_each_identifier_is_loaded_once(pairs):
    rows = [declared(0, imei=imei(one), iccid=iccid(other)) for one, other in pairs]
    clash = any((a == c) != (b == d) for a, b in pairs for c, d in pairs)
    try:
        found = load(params(devices=rows), SIM.identity).devices
    except InputError:
        assert clash
        return
    assert not clash
    assert {(item.imei, item.iccid) for item in found} == {(imei(one), iccid(other)) for one, other in pairs}
    assert len({item.imei for item in found}) == len({item.iccid for item in found}) == len(found)


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text()))
    )
)
def test_any_invalid_row_raises_an_input_error(row):
    with pytest.raises(InputError):
        load(params(devices=[{**row, "imei": "no imei"}]), SIM.identity)
