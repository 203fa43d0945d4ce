# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of devices from the text of a CSV and from rows, for any fleet and CSV dialect."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import DEVICE_FIELDS
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._fleet.devices import devices_from
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import device, params

#: Text of a cell, without characters that are stripped. Dashes alone and empty brackets mean an empty cell. Braces look
#: like a template.
CELL = (
    st.text("abcXYZ019äß,;|\t\"'=&-{}% ", min_size=1, max_size=12)
    .map(lambda text: text.strip(" \n\t'=\""))
    .filter(lambda text: text.strip(" \n\t'=\"-{}"))
)
FREE = [name for name in DEVICE_FIELDS if name not in ("service_zip_code", "carrier")]
FLEET = st.lists(st.dictionaries(st.sampled_from(FREE), CELL, max_size=4), min_size=1, max_size=5)
COLUMNS = ["imei", "iccid", *DEVICE_FIELDS]
#: Spellings of a header.
SPELLINGS = st.sampled_from([str, str.upper, lambda name: name.replace("_", " ").title(), lambda name: f" {name} "])


def as_text(devices, headings, delimiter, quoting, end):
    """The devices as a CSV. `headings`: field → header."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(headings.values())
    writer.writerows([item.get(field, "") for field in headings] for item in devices)
    return stream.getvalue()


def listed(declared):
    """The devices, as a task takes them."""
    return [item.declared() for item in declared.devices]


@given(
    fields=FLEET,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    spelling=SPELLINGS,
    data=st.data(),
)
def test_text_and_rows_are_read_as_written(fields, delimiter, quoting, end, spelling, data):
    devices = [device(number, **more).declared() for number, more in enumerate(fields)]
    headings = {field: spelling(field) for field in data.draw(st.permutations(COLUMNS))}
    text = as_text(devices, headings, delimiter, quoting, end)
    assert listed(devices_from(text)) == devices
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert listed(devices_from(rows)) == devices


@given(fields=FLEET)
def test_the_modules_accept_the_devices_unchanged(fields):
    devices = [device(number, **more).declared() for number, more in enumerate(fields)]
    made = listed(devices_from(as_text(devices, dict(zip(COLUMNS, COLUMNS)), ",", csv.QUOTE_MINIMAL, "\n")))
    assert listed(load(params(devices=made), SIM.identity)) == devices
