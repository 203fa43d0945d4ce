# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Jinja tests accept the same values as the modules."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.test import eid, iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI

STRANGE = [None, True, False, "", "x", [], {}, [ICCID], 1.5, "8.9E+19", b"1", "١" * 15]
STRANGE.append(pytest.param(10**5000, id="far too long"))


def of(module):
    """The test of a plugin, as Ansible loads it."""
    name = module.__name__.rpartition(".")[2]
    found = module.TestModule().tests()
    assert list(found) == [name]
    return found[name]


@pytest.mark.parametrize(
    ("module", "written"),
    [
        (imei, IMEI),
        (imei, int(IMEI)),
        (imei, f"{IMEI[:2]}-{IMEI[2:8]} {IMEI[8:]}"),
        (iccid, ICCID),
        (iccid, int(ICCID)),
        (iccid, f"{ICCID}F"),
        (iccid, ICCID[:-1] + "1"),
        (iccid, ICCID[:-2]),
        (eid, EID),
        (eid, f"{EID[:8]} {EID[8:]}"),
    ],
)
def test_values_that_the_modules_accept_pass(module, written):
    assert of(module)(written) is True


@pytest.mark.parametrize(
    ("module", "written"),
    [
        (imei, IMEI[:-1] + "3"),
        (imei, IMEI[:-1]),
        (imei, ICCID),
        (iccid, IMEI),
        (iccid, ICCID[:-3]),
        (iccid, ICCID + "0"),
        (eid, ICCID),
        (eid, EID[:-1] + "6"),
    ],
)
def test_other_values_do_not_pass(module, written):
    assert of(module)(written) is False


@pytest.mark.parametrize("module", [imei, iccid, eid])
@pytest.mark.parametrize("written", STRANGE)
def test_values_that_are_not_strings_do_not_pass(module, written):
    assert of(module)(written) is False


@pytest.mark.parametrize(("written", "passes"), [(ICCID, True), (ICCID[:-1] + "1", False), (ICCID[:-2], False)])
def test_a_strict_iccid_ends_in_its_check_digit(written, passes):
    assert of(iccid)(written, strict=True) is passes
