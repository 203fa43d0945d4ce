# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masks secrets in answers while they are read, so that files and reports need no masking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

#: Masks secrets with a minimum number of characters in a text.
Mask = Callable[[str, int], str]
#: Minimum number of characters of a secret that is masked in free text …
_MIN_SECRET_IN_TEXT = 4
#: … and in values that are compared, where a chance hit would change the identity of a device.
MIN_SECRET_IN_VALUES = 6
_TEXT_FIELDS = ("reason", "nickname")


def secrets_in(values: Mapping[str, str | None], mask: Mask, is_known: Callable[[str, str], bool]) -> dict[str, str]:
    """Return the values with secrets by field, masked.

    Args:
        values: field → text.
        mask: masks secrets.
        is_known: whether a value of a field is expected, and therefore not a secret.
    """
    if not has_secret([value for value in values.values() if value], mask):
        return {}
    found = {}
    for field, value in values.items():
        if value is not None and not is_known(field, value):
            text = mask_value(value, mask, _MIN_SECRET_IN_TEXT if field in _TEXT_FIELDS else MIN_SECRET_IN_VALUES)
            if text != value:
                found[field] = text
    return found


def has_secret(values: Iterable[str], mask: Mask) -> bool:
    """Whether any of the values has a secret. One check for all values: secrets are rare."""
    joined = "\x00".join(values)  # No secret has a NUL.
    return mask(joined, _MIN_SECRET_IN_TEXT) != joined


def mask_value(value: str, mask: Mask, min_length: int = MIN_SECRET_IN_VALUES) -> str:
    """Return a value with secrets masked. Numbers are returned unchanged."""
    return value if value.isdigit() else mask(value, min_length)
