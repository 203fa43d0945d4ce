# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of SIMs that tests write and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import load
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei

I0, I1, I2 = map(imei, range(3))
C0, C1, C2 = map(iccid, range(3))
#: Fields of the task for all devices, which satisfy the carrier's rules.
TASK = {"carrier": "Verizon", "device_group": "Buses", "filter_group": "Staff", "service_zip_code": "20191"}
PAIRS = [(I0, C0), (I1, C1)]
ROWS = f"{I0},{C0}\n{I1},{C1}\n"


class Files:
    """Files in a directory.

    Args:
        directory: where they are written.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, content, name="fleet.csv"):
        """Write a file; return its path."""
        path = self._directory / name
        path.write_bytes(content.encode())
        return str(path)

    def read(self, content, name="fleet.csv", **given):
        """Read a file of SIMs; return pairs and warnings."""
        declared = load({"src": self.write(content, name), **TASK, **given}, SIM.identity)
        return [(device.imei, device.iccid) for device in declared.devices], declared.warnings

    def refused(self, content, name="fleet.csv", strict=False, **given):
        """Return the error of a file of SIMs."""
        with pytest.raises(InputError) as caught:
            load({"src": self.write(content, name), **TASK, **given}, SIM.identity, strict)
        return caught.value
