# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters: results and errors."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleTemplatePluginError

from ansible_collections.kajeet.sentinel.plugins.filter import devices_from_csv, luhn_check_digit, normalize_iccid
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI, check_digit, iccid

TEXT = f"ICCID,IMEI,Carrier,Zip\n{ICCID},{IMEI},AT&T,02134\n"
DEVICE = {"iccid": ICCID, "imei": IMEI, "carrier": "AT&T", "service_zip_code": "02134"}


def of(module):
    """The filter of a plugin, as Ansible loads it."""
    name = module.__name__.rpartition(".")[2]
    found = module.FilterModule().filters()
    assert list(found) == [name]
    return found[name]


@pytest.mark.parametrize("written", [ICCID, int(ICCID), f" {ICCID[:4]} {ICCID[4:9]}-{ICCID[9:]}F", iccid(1)])
def test_an_iccid_is_normalized(written):
    assert of(normalize_iccid)(written) in (ICCID, iccid(1))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (IMEI, f"{IMEI}: looks like an IMEI; iccid and imei are probably swapped"),
        ("8.90141E+19", "with an exponent"),
        (None, "is not text"),
        (int(IMEI), "looks like an IMEI"),
        (["8901"], "quote the value"),
        pytest.param(10**5000, "far too many digits", id="far too long"),
        ("", "is empty"),
    ],
)
def test_a_value_that_cannot_be_an_iccid_is_refused(written, message):
    with pytest.raises(AnsibleTemplatePluginError) as caught:
        of(normalize_iccid)(written)
    assert message in str(caught.value)


@pytest.mark.parametrize("digits", ["35573736007346", "0", 8901410321111851072, "00000000"])
def test_the_check_digit_is_luhns(digits):
    assert of(luhn_check_digit)(digits) == check_digit(str(digits))


@pytest.mark.parametrize("digits", ["", "35-57", "x", None, True, 1.5, "١٢٣"])
def test_only_digits_have_a_check_digit(digits):
    with pytest.raises(AnsibleTemplatePluginError, match="is not a string of digits"):
        of(luhn_check_digit)(digits)


def test_a_csv_becomes_devices():
    assert of(devices_from_csv)(TEXT) == [DEVICE]


@pytest.fixture
def warnings(monkeypatch):
    """The warnings."""
    warnings = []
    monkeypatch.setattr(devices_from_csv.Display, "warning", lambda self, message: warnings.append(message))
    return warnings


def test_unusual_identifiers_are_a_warning_or_an_error(warnings):
    defaults = {"device_group": "Transportation", "filter_group": "Student_K8"}
    odd = TEXT.replace(ICCID, ICCID[:-1] + "1")
    assert of(devices_from_csv)(odd, defaults=defaults)[0]["iccid"] == ICCID[:-1] + "1"
    assert len(warnings) == 1
    assert warnings[0].startswith(
        f"devices_from_csv: CSV, line 2 ({ICCID[:-1]}1): iccid does not end in its check digit"
    )
    with pytest.raises(AnsibleTemplatePluginError, match="an error because strict is set"):
        of(devices_from_csv)(odd, "sim", defaults, strict=True)


def test_usual_identifiers_have_no_warning(warnings):
    of(devices_from_csv)(TEXT, defaults={"device_group": "Transportation", "filter_group": "Student_K8"}, strict=True)
    assert warnings == []


def test_all_errors_are_reported_at_once():
    text = f"ICCID,IMEI,Carrier\n{IMEI},{ICCID},AT&T\n\n{ICCID},,Verizon\n"
    with pytest.raises(AnsibleTemplatePluginError) as caught:
        of(devices_from_csv)(text)
    lines = str(caught.value).splitlines()
    assert lines[0] == "The list of devices has 3 errors; nothing was written:"
    assert lines[1].startswith(f"CSV, line 2: imei {ICCID}: looks like an ICCID")
    assert lines[2].startswith(f"CSV, line 2: iccid {IMEI}: looks like an IMEI")
    assert lines[3] == "CSV, line 4: imei is required"
