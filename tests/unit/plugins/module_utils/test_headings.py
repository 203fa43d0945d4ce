# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headings as portals, MDM consoles, carriers and people write them, and the fields that they mean."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.headings import check_columns, read_header
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.sources import vocabulary
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import DEVICE_FIELDS

#: Field → headings that mean it.
MEANT = {
    "imei": [
        *("IMEI", "imei", "Imei", "I.M.E.I.", "IMEI:", "IMEI*", "* IMEI", "IMEI #", "IMEI#", "IMEI No", "IMEI No."),
        *("IMEI Nr.", "IMEI Number", "imeiNumber", "imei_number", "imeis", "IMEI (15 digits)", "IMEI* (15 digits)"),
        *("IMEI 1", "IMEI1", "Primary IMEI", "IMEI (required)", "IMEI\n(15 digits)", "IMEI/MEID", "MEID/IMEI"),
        *("ESN/MEID/IMEI", "IMEI/ESN", "IMEI or MEID", "Device ID (IMEI)", "Phone or Device ID (IMEI)"),
        *("Hardware ID [IMEI]", "Device IMEI", "device_imei", "deviceImei", "Device's IMEI", "Modem IMEI"),
        *("Router IMEI", "Handset IMEI", "Equipment IMEI", "Current IMEI", "New IMEI", "[inventory]imei"),
        *(
            "IMEI (e.g. 355737360073462)",
            "Serial Number/IMEI",
            "\ufeffIMEI",
            "IMEI\u00a0Number",
            "ＩＭＥＩ",
            "Network Reported IMEI",
        ),
    ],
    "iccid": [
        *(
            "ICCID",
            "Iccid",
            "iccid",
            "ICCID #",
            "ICCID Number",
            "ICCID No.",
            "ICC-ID",
            "ICC ID",
            "ICC",
            "CCID",
            "iccids",
        ),
        *("SIM", "SIM #", "SIM#", "SIM No.", "Sim Nr.", "SIM Number", "sim_number", "simNumber", "SIM Card"),
        *("SIM Card Number", "SIM card no.", "SIM Serial", "SIM Serial Number", "SIM Card Serial Number", "SIM S/N"),
        *("Smart Chip (SIM) Number", "SIM (ICCID)", "SIM Number (ICCID)", "SIM/ICCID", "ICCID/SIM", "ICCID (SIM)"),
        *("ICCID*", "ICCID (19-20 digits)", "ICCID\n(20 digits)", "UICC", "UICC ID", "simIccid", "SIM ICCID"),
        *(
            "ICCID, such as 89014103211118510720",
            "Current ICCID",
            "New ICCID",
            "ICCID 1",
            "SIM 1",
            "Physical SIM ICCID",
            "[sim]iccid",
        ),
    ],
    "eid": ["EID", "eid", "EID*", "EID Number", "eUICC ID", "EUICCID", "eSIM EID", "EID (eSIM)", "Device EID"],
    "sim_id": ["SIM ID", "SimID", "simId", "sim_id", "SmartSIM", "SmartSIM ID", "Smart SIM ID", "smart-sim id"],
    "carrier": [
        *("Carrier", "CARRIER*", "Carrier Name", "Wireless Carrier", "Mobile Carrier", "Cellular Carrier"),
        *("Subscriber carrier", "Current carrier network", "Home Carrier", "Carrier/Network", "Network Operator"),
        *("Mobile Operator", "Operator", "Carrier (VZW, ATT)"),
    ],
    "device_group": ["Device Group", "DeviceGroup", "device-group", "Device Groups", "Device Group Name", "Corp ID"],
    "filter_group": ["Filter Group", "filterGroup", "Filter Group Name", "Filtering Group"],
    "service_zip_code": [
        *("ZIP", "Zip", "zip*", "Zip Code", "ZIPCODE", "Zip code (5 digits)", "Service ZIP", "Service Zip Code"),
        *("Postal Code", "Postcode", "Zip/Postal Code", "ZIP+4", "Activation ZIP", "Service Address Zip"),
    ],
    "nickname": ["Nickname", "Nick Name", "Device Nickname", "Line Nickname", "Device Name", "Friendly Name"],
    "plan_id": ["Plan", "Plan ID", "plan-id", "Rate Plan ID", "Plan Code"],
    "activation_location": ["Activation Location", "activationLocation"],
    "sub_type": ["Sub Type", "SubType", "sub-type"],
    "agency_end_user_name": ["Agency End User Name", "agencyEndUserName"],
    "billing_address": ["Billing Address", "billingAddress"],
    "billing_city": ["Billing City"],
    "billing_state": ["Billing State"],
}
#: Unrelated headings: their columns are not read.
OTHERS = [
    # A former identifier, or another number.
    *("Old IMEI", "IMEI Old", "Previous IMEI", "Original IMEI", "Former IMEI", "Last IMEI", "IMEI History"),
    *("Old ICCID", "Previous SIM", "Old SIM (ICCID)", "Previous SIM (ICCID)", "Replaced Device (IMEI)"),
    *("IMEISV", "IMEI SV", "IMEI/SV", "IMEI-SV", "IMEI TAC", "IMSI", "MEID", "ESN", "MSISDN", "MAC", "Serial Number"),
    *("Device ID", "Azure AD Device ID", "SIM PIN", "SIM PUK", "SIM Phone Number", "SIM Order Number"),
    # Facts about an identifier.
    *("IMEI Status", "IMEI Locked", "IMEI Check", "IMEI Type", "IMEI match", "IMEI Date", "IMEI Count", "SIM Status"),
    *("SIM status (ICCID)", "SIM Type", "SIM Size", "SIM Form Factor", "SIM Swap Date", "SIM Provider", "SIM Plan"),
    *("SIM present", "SIM Inserted", "SIM Count", "Number of SIMs", "ICCID Status", "ICCID Check Digit"),
    *("eSIM", "Is eSIM", "eSIM capable", "eSIM Status", "eSIM Profile"),
    # Ambiguous.
    *("IMEI/ICCID", "IMEI or ICCID", "eSIM EID/ICCID"),
    # A carrier, a ZIP code or a group of something other than the device.
    *("Previous Carrier", "Old Carrier", "Former Carrier", "Carrier Status", "Carrier Plan", "Carrier Account"),
    *("Carrier Account Number", "Shipping Carrier", "Freight Carrier", "Carrier Tracking Number", "Carrier PIN"),
    *("Billing ZIP", "Billing Zip Code", "Shipping ZIP", "Ship To Zip", "Old Device Group", "Network Type"),
    *("Wi-Fi Network", "Roaming Network", "Group", "Department", "Cost Center"),
    # Other columns of a portal.
    *("Plan Name", "Rate Plan Name", "Plan Type", "Plan Description", "Plant", "Plane", "Planned", "Billing Date"),
    *("Billing Account Number", "Billing Name", "Phone Number", "Wireless Number", "User Name", "Last Name"),
    *("Wireless User Full Name", "Management name", "Model", "Make", "Status", "Line Status", "State", "City"),
    *("Address", "Location", "Tags", "Notes", "Description", "Quantity", "Price", "Date", "#", "No.", "Row", "ID"),
    *("Courier", "Acid", "MCC ID", "Compliance", "OS version", "JoinType", "Category", "設備", "Имя"),
]
#: Misspelt heading → the field that is suggested.
SLIPS = {
    "IMIE": "imei",
    "IMEII": "imei",
    "IMEEI": "imei",
    "ICCD": "iccid",
    "ICCIID": "iccid",
    "ICCDI": "iccid",
    "carier": "carrier",
    "Carreir": "carrier",
    "Nicname": "nickname",
    "Nickame": "nickname",
    "Device Gruop": "device_group",
    "Divice Group": "device_group",
    "Filter Goup": "filter_group",
    "Billing Adress": "billing_address",
    "Biling City": "billing_city",
    "Sub Tipe": "sub_type",
    "Activaton Location": "activation_location",
    "Agency End Usr Name": "agency_end_user_name",
}


def header_of(*cells, columns=None):
    """Reads a row as a header for devices of any kind."""
    return read_header(cells, vocabulary(), columns)


def read_beside_an_identifier(heading):
    """Reads a header with this heading and one of another field."""
    other = "SIM ID" if heading in MEANT["eid"] or "EID" in heading else "EID"
    header = header_of(heading, other)
    assert header is not None
    return header


@pytest.mark.parametrize(("field", "heading"), [(field, heading) for field in MEANT for heading in MEANT[field]])
def test_a_heading_means_what_people_expect(field, heading):
    header = read_beside_an_identifier(heading)
    assert (header.fields[0], header.ignored, header.problems) == (field, (), ())


@pytest.mark.parametrize("heading", OTHERS)
def test_an_unrelated_heading_is_not_read(heading):
    header = read_beside_an_identifier(heading)
    assert (header.fields[0], header.ignored, header.problems) == (None, (heading,), ())


@pytest.mark.parametrize(("heading", "field"), SLIPS.items())
def test_a_misspelt_heading_is_an_error_with_the_right_name(heading, field):
    header = read_beside_an_identifier(heading)
    (problem,) = header.problems
    assert problem.startswith(f'unknown column "{heading}"; did you mean {field}? Valid: {field}, ')
    assert header.fields[0] is None


def test_every_field_of_a_device_is_a_valid_heading():
    header = header_of("iccid", "imei", *DEVICE_FIELDS)
    assert header.fields == ("iccid", "imei", *DEVICE_FIELDS)


def test_valid_names_are_listed_once_after_the_last_slip():
    problems = header_of("imei", "carier", "Nicname").problems
    assert [problem.count("Valid:") for problem in problems] == [0, 1]
    assert problems[0] == 'unknown column "carier"; did you mean carrier?'


# -- A header or not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        ("Device Inventory Report", "", ""),
        ("Generated:", "11/23/2026 03:10 PM"),
        ("Carrier", "Nickname", "ZIP"),
        ("355737360073462", "89014103211118510720"),
        ("IMEI", "355737360073462"),
        ("IMEI: 355737360073462", "ICCID: 89014103211118510720"),
        ("", ""),
        (),
    ],
)
def test_a_row_without_identifier_names_or_with_values_is_not_a_header(cells):
    assert header_of(*cells) is None


@pytest.mark.parametrize(("cells", "is_sure"), [(("SIM", "Count"), False), (("SIM", "IMEI"), True), (("ICCID",), True)])
def test_a_header_is_sure_if_one_heading_certainly_names_an_identifier(cells, is_sure):
    assert header_of(*cells).is_sure is is_sure


def test_a_number_in_a_heading_does_not_affect_the_others():
    header = header_of("IMEI", "ICCID", "Call 8005551234 for help")
    assert (header.fields, header.ignored) == (("imei", "iccid", None), ("Call 8005551234 for help",))


def test_blank_headings_are_not_reported_as_ignored():
    header = header_of("", "IMEI", "", "Colour", "")
    assert (header.fields, header.ignored, header.known) == ((None, "imei", None, None, None), ("Colour",), 1)


# -- Two columns for one field -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("IMEI1", "IMEI2", "imei"),
        ("IMEI 1", "IMEI 2", "imei"),
        ("SIM Number", "ICCID", "iccid"),
        ("EID", "eUICC ID", "eid"),
    ],
)
def test_two_columns_for_an_identifier_are_an_error_with_both_and_the_option(first, second, field):
    (problem,) = header_of(first, "Nickname", second).problems
    assert problem.startswith(f'the columns "{first}" and "{second}" both mean {field}; ')
    assert "columns: {" in problem
    assert f"{first}: {field}" in problem


def test_a_repeated_heading_is_an_error():
    assert header_of("IMEI", "imei").problems == ('there are two columns "IMEI"; remove one of them',)


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        (("IMEI", "Carrier Name", "Carrier"), ("imei", None, "carrier")),
        (("IMEI", "Nickname", "Device Name"), ("imei", "nickname", None)),
        (("IMEI", "Service Zip Code", "Postal Code"), ("imei", "service_zip_code", None)),
        (("IMEI", "Service ZIP", "Billing ZIP"), ("imei", "service_zip_code", None)),
        (("IMEI", "Carrier", "Previous Carrier"), ("imei", "carrier", None)),
        (("IMEI", "IMEI SV", "Old IMEI"), ("imei", None, None)),
        (("SIM", "ICCID", "SIM Status"), (None, "iccid", None)),
        (("IMEI", "Plan", "Plan ID"), ("imei", None, "plan_id")),
    ],
)
def test_a_fields_own_name_outranks_a_similar_heading(cells, fields):
    header = header_of(*cells)
    assert (header.fields, header.problems) == (fields, ())


# -- The option columns ------------------------------------------------------------------------------------------------


def test_only_columns_are_read_if_set():
    header = header_of("IMEI 1", "IMEI 2", "ICCID", "Carrier", columns={"IMEI 2": "imei", "ICCID": "iccid"})
    assert header.fields == (None, "imei", "iccid", None)
    assert (header.ignored, header.problems) == ((), ())


def test_columns_match_in_any_case_and_punctuation():
    header = header_of("Smart Chip (SIM) Number", columns={"smart chip sim number": "iccid"})
    assert header.fields == ("iccid",)


def test_a_missing_heading_of_columns_is_reported():
    (problem,) = header_of("IMEI", "ICCID", columns={"IMEI": "imei", "ICCD": "iccid"}).problems
    assert problem == 'columns: the file has no column "ICCD"; did you mean ICCID? Valid: ICCID, IMEI'


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({}, "columns: must map headings of the file to fields, such as {SIM Number: iccid}"),
        ("IMEI", "columns: must map headings of the file to fields, such as {SIM Number: iccid}"),
        ({"A": "imie"}, "columns: A: imie is not a field of a device; did you mean imei? Valid: imei"),
        ({"A": None}, "columns: A: "),
        ({"A": ["imei"]}, "columns: A: "),
        ({"A": "imei", "B": "imei"}, "columns: imei has two headings"),
    ],
)
def test_invalid_columns_are_refused(columns, problem):
    with pytest.raises(InputError) as caught:
        check_columns(columns, ["imei", "iccid"])
    assert caught.value.problems[0].startswith(problem)
