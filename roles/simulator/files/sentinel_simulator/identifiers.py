# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create and check IMEIs, ICCIDs, EIDs and ZIP codes by the rules of the standards, as listed in the contract."""

from __future__ import annotations

import re

_ICCID = re.compile(r"89[0-9]{16,18}")
_IMEI = re.compile(r"[0-9]{15}")
_EID = re.compile(r"[0-9]{32}")
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_SIM_ID = re.compile(r"[0-9A-Za-z]{8,32}")

#: Maps each digit to the digit sum of its double, as characters, because summing characters is faster than numbers.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_ZERO = ord("0")


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit of ``digits``."""
    backwards = digits[::-1].encode()
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2]) - _ZERO * len(backwards)
    return str(-total % 10)


def has_valid_check_digit(digits: str) -> bool:
    """Return whether the last digit of ``digits`` is its Luhn check digit."""
    return luhn_digit(digits[:-1]) == digits[-1]


def make_iccid(prefix: str, serial: int, length: int = 20) -> str:
    """Build a valid ICCID of ``length`` digits from an issuer ``prefix`` (89…) and a serial number."""
    body = prefix + str(serial).zfill(length - 1 - len(prefix))
    return body + luhn_digit(body)


def make_imei(tac: str, serial: int) -> str:
    """Build a valid IMEI from an 8-digit type allocation code and a serial number below 1,000,000."""
    body = f"{tac}{serial:06d}"
    return body + luhn_digit(body)


def has_iccid_format(value: str) -> bool:
    """Return whether ``value`` is 18 to 20 digits that start with 89. The check digit is not required."""
    return _ICCID.fullmatch(value) is not None


def has_imei_format(value: str) -> bool:
    """Return whether ``value`` is 15 digits. The check digit is not checked."""
    return _IMEI.fullmatch(value) is not None


def has_eid_format(value: str) -> bool:
    """Return whether ``value`` is 32 digits."""
    return _EID.fullmatch(value) is not None


def is_valid_eid(value: str) -> bool:
    """Return whether ``value`` is a valid EID: 32 digits that leave 1 when divided by 97."""
    return has_eid_format(value) and int(value) % 97 == 1


def is_zip_code(value: str) -> bool:
    """Return whether ``value`` is ``12345`` or ``12345-6789``."""
    return _ZIP.fullmatch(value) is not None


def has_sim_id_format(value: str) -> bool:
    """Return whether ``value`` can be a SmartSIM id: 8 to 32 letters and digits [A]."""
    return _SIM_ID.fullmatch(value) is not None
