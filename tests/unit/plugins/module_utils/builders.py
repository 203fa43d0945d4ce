# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builders for tests: identifiers, devices, lines, options, and a test clock."""

from __future__ import annotations

import threading

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.by_history import Policy
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.deciding import make_plan
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import SIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.history import History
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import Listing
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.observed import Observed, active_lines
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import activation_spec
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Line, StatusWords

#: [P] The pair on the vendor's page.
IMEI, ICCID = "355737360073462", "89014103211118510720"
EID = "89049032123451234512345678901235"
WORDS = StatusWords()
CONTEXT = {"kind": "sim", "corp_id": "NORTHSTAR-ISD", "extra_body": {}}


def check_digit(digits):
    """Return the Luhn check digit, computed differently from the code under test."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    total = sum(doubled[int(digit)] for digit in digits[-1::-2]) + sum(int(digit) for digit in digits[-2::-2])
    return str((10 - total % 10) % 10)


def imei(number):
    """A valid IMEI for each number."""
    digits = f"35573736{number:06d}"
    return digits + check_digit(digits)


def iccid(number):
    """A valid ICCID of 20 digits for each number."""
    digits = f"890141{number:06d}1032117"  # no zeros at the end, which would look like a rounded number
    return digits + check_digit(digits)


def device(number=0, **fields):
    """A device of the fleet; fields override."""
    values = {
        "where": f"device {number + 1}",
        "identity": SIM.identity,
        "imei": imei(number),
        "iccid": iccid(number),
        "carrier": "VERIZON",
        "device_group": "Transportation",
        "filter_group": "Student_K8",
        "service_zip_code": "02134",
    }
    values.update(fields)
    return Device(**values)


def fleet(count):
    """So many devices."""
    return [device(number) for number in range(count)]


def line(number=0, status="Completed", transaction_id="T1", **fields):
    """A line of the history for the device of that number; fields override."""
    values = {"transaction_id": transaction_id, "imei": imei(number), "iccid": iccid(number), "status": status}
    values.update(fields)
    return Line(**values)


def history(*lines, words=WORDS):
    """A history with these lines, the oldest first."""
    wanted = {value for seen in lines for value in seen[1:5] if value}
    return History(lines, wanted, words)


def mdn(number):
    """A phone number for each number, as the device list has it."""
    return f"521-267-{number:04d}"


def entry(number=0, status="active", **fields):
    """An entry of the device list for the device of that number; fields override."""
    values = {"mdn": mdn(number), "imei": imei(number), "iccid": iccid(number), "status": status, "carrier": "Verizon"}
    values.update(fields)
    return Entry(**values)


def listing(*entries, oddities=None, words=None):
    """A device list with these entries."""
    wanted = {value for seen in entries for value in seen[:5] if value}
    return Listing(entries, wanted, DeviceStatuses(words), oddities)


def plan_of(devices, seen=None, context=None, identity=None, listed=None, **policy):
    """Return a plan; without `listed`, by the history alone. `identity`: replaces that of the devices."""
    seen = seen or history()
    devices = [each._replace(identity=identity) if identity else each for each in devices]
    observed = Observed.by_history(seen)
    if listed is not None:
        observed = Observed.of(devices, seen, active_lines(devices, seen), listed)
    return make_plan(devices, observed, Policy(**policy), {each.identity.kind: context or CONTEXT for each in devices})


def params(**given):
    """A module's parameters as AnsibleModule hands them over: each option, with its default or None."""
    spec = activation_spec(SIM.identity.identifiers, SIM.formats)
    return {**{name: option.get("default") for name, option in spec.items()}, **given}


def declared(number, **fields):
    """A device as a task's list has it."""
    return {**device(number).declared(), **fields}


class Clock:
    """A clock that only sleeping advances; records each sleep."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []
        self._lock = threading.Lock()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        """Advance the clock at once."""
        assert seconds >= 0
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds
