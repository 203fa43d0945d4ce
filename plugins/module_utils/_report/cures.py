# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a device: by the carrier's reason if it is a known one, otherwise by the outcome."""

from __future__ import annotations

import re

from .._decide.outcomes import Outcome

#: Reasons of carriers and the service for a device that they do not activate, and what to do. The first match counts.
_KNOWN = (
    (
        r"check digit|(?:invalid|malformed) imei",
        "Read the IMEI from the device again (label, or dial *#06#) and correct it.",
    ),
    (
        r"imei.*\b(?:block|black|deny)|(?:lost|stolen)",
        "Ask the carrier why it blocks the device, or use another device.",
    ),
    (
        r"(?:imei|device).*\b(?:compatible|certified|supported|approved|eligible)|incompatible",
        "Use a device model that this carrier has certified, or another carrier.",
    ),
    (
        r"imei.*\b(?:unknown|not (?:known|found|valid|recogni[sz]ed))|unknown imei",
        "Compare the IMEI with the device. If it is right, ask the carrier to add it, or use another carrier.",
    ),
    (
        r"already active",
        "Find out in the portal which SIM and device are active together, and correct the row.",
    ),
    (
        r"already in progress|already pending",
        "Run the task again: it waits for the activation that is under way.",
    ),
    (
        r"\b(?:sim|iccid)\b.*\b(?:another account|other account|wrong account|belongs|not provisioned|this account)\b",
        "Use a SIM of this account, or ask support to move the SIM to it.",
    ),
    (
        r"\b(?:sim|iccid)\b.*\b(?:already|in use|assigned|another line)\b",
        "Compare the ICCID with the SIM. If it is right, deactivate its other line, or use another SIM.",
    ),
    (
        r"\besims?\b.*\b(?:stock|available|inventory|exhausted)\b",
        "Order more eSIMs of this carrier. The module sentinel_inventory_info shows the stock.",
    ),
    (
        (
            r"\b(?:sim|iccid)\b.*\b(?:unknown|not (?:known|found|valid|recogni[sz]ed)|invalid)\b"
            r"|(?:unknown|invalid) (?:sim|iccid)\b"
        ),
        "Compare the ICCID with the SIM, and check that the SIM is of this carrier.",
    ),
    (
        r"\bzip\b|zip_?code|postal code",
        "Set service_zip_code to a ZIP code where this carrier has service.",
    ),
    (
        r"\bplan(?:_?id)?\b",
        "Set plan_id to a plan of this carrier. The module sentinel_plans_info lists them.",
    ),
    (
        r"filter_?\s?group",
        "Set filter_group to a filter group of this account.",
    ),
    (
        r"device_?\s?group|\bcorp(?:oration)?(?: |_)?id\b",
        "Set device_group to a device group of this account.",
    ),
    (
        r"(?:unknown|invalid|unsupported) carrier|carrier.*\bnot (?:found|known|valid|supported)\b",
        "Set carrier to a carrier of this account. The module sentinel_carriers_info lists them.",
    ),
    (
        r"activation lines list is empty",
        "Set request_format to batch.",
    ),
    (
        r"could not complete|try again|time[d -]*out|temporar|unavailable|internal error",
        "Run the same task again: the carrier may accept the device next time.",
    ),
)
_RULES = tuple((re.compile(words, re.IGNORECASE), cure) for words, cure in _KNOWN)


def known_cure(reason: str | None) -> str | None:
    """Return what to do about a known reason of the carrier or the service, or None."""
    return next((cure for words, cure in _RULES if words.search(reason or "")), None)


def cure_of(outcome: Outcome, reason: str | None) -> str | None:
    """Return what to do about a device with this outcome; None if nothing has to be done.

    Only a failed device has a reason of the carrier. The reasons of other outcomes are the collection's own.
    """
    known = known_cure(reason) if outcome == Outcome.FAILED else None
    return known or outcome.cure
