# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making and checking IMEI, ICCID, EID and ZIP: the standards' rules, as the contract's table lists them."""

from __future__ import annotations

import re

_ICCID = re.compile(r"89[0-9]{16,18}")
_IMEI = re.compile(r"[0-9]{15}")
_EID = re.compile(r"[0-9]{32}")
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_SIM_ID = re.compile(r"[0-9A-Za-z]{8,32}")

#: Digits → the cross sum of twice the digit, as characters; a string's characters add up faster than its numbers.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_ZERO = ord("0")


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit that belongs behind ``digits``."""
    backwards = digits[::-1].encode()
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2]) - _ZERO * len(backwards)
    return str(-total % 10)


def luhn_ok(digits: str) -> bool:
    """Tell whether the last digit of ``digits`` is its Luhn check digit."""
    return luhn_digit(digits[:-1]) == digits[-1]


def make_iccid(prefix: str, serial: int, length: int = 20) -> str:
    """Build a valid ICCID of ``length`` digits from an issuer ``prefix`` (89…) and a serial number."""
    body = prefix + str(serial).zfill(length - 1 - len(prefix))
    return body + luhn_digit(body)


def make_imei(tac: str, serial: int) -> str:
    """Build a valid IMEI from an 8-digit type allocation code and a serial number below 1,000,000."""
    body = f"{tac}{serial:06d}"
    return body + luhn_digit(body)


def iccid_shaped(value: str) -> bool:
    """Tell whether ``value`` is 18 to 20 digits that start with 89; the check digit may be absent."""
    return _ICCID.fullmatch(value) is not None


def imei_shaped(value: str) -> bool:
    """Tell whether ``value`` is 15 digits, whatever the last one."""
    return _IMEI.fullmatch(value) is not None


def eid_shaped(value: str) -> bool:
    """Tell whether ``value`` is 32 digits."""
    return _EID.fullmatch(value) is not None


def eid_ok(value: str) -> bool:
    """Tell whether ``value`` is a valid EID: 32 digits that leave 1 when divided by 97."""
    return eid_shaped(value) and int(value) % 97 == 1


def zip_ok(value: str) -> bool:
    """Tell whether ``value`` is ``12345`` or ``12345-6789``."""
    return _ZIP.fullmatch(value) is not None


def sim_id_shaped(value: str) -> bool:
    """Tell whether ``value`` can be a SmartSIM id: 8 to 32 letters and digits [A]."""
    return _SIM_ID.fullmatch(value) is not None
