# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A comparison as JUnit XML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...module_utils._report.entries import title
from .._junit import Case, junit_xml
from .states import State


def junit(found: Mapping[str, Any], name: str = "fleet") -> str:
    """Return a comparison as JUnit XML with one test case per device. Drift fails, a tolerated state is skipped."""
    return junit_xml(name, [_case(device) for device in found["devices"]])


def _case(device: Mapping[str, Any]) -> Case:
    message = f"{device['state']}: {device['reason']}"
    is_tolerated = not device["drift"] and device["state"] != State.ACTIVE
    return Case(
        name=title(device),
        place=[device[field] for field in ("carrier", "device_group") if device[field]],
        failure=(device["state"], message, f"{device['where']}: {device['reason']}") if device["drift"] else None,
        skipped=message if is_tolerated else None,
    )
