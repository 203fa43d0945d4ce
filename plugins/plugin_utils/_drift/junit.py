# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the account differs from the declared fleet, as JUnit XML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from ...module_utils._text import printable
from .comparison import title
from .states import State


def junit(found: Mapping[str, Any], name: str = "fleet") -> str:
    """The comparison as JUnit XML, a case a device: drift is a failure, what is tolerated is skipped."""
    devices = found["devices"]
    skipped = sum(_is_tolerated(device) for device in devices)
    totals = {
        "name": _text(name),
        "tests": str(len(devices)),
        "failures": str(found["drift"]),
        "errors": "0",
        "skipped": str(skipped),
        "time": "0",
    }
    root = ET.Element("testsuites", {key: value for key, value in totals.items() if key != "skipped"})
    suite = ET.SubElement(root, "testsuite", totals)
    for device in devices:
        place = [name, *(device[field] for field in ("carrier", "device_group") if device[field])]
        # Dots part the levels of a class name.
        classname = ".".join(_text(part).replace(".", "_") for part in place)
        case = ET.SubElement(suite, "testcase", {"classname": classname, "name": _text(title(device)), "time": "0"})
        told = _text(f"{device['state']}: {device['reason']}")
        if device["drift"]:
            failure = ET.SubElement(case, "failure", {"type": _text(device["state"]), "message": told})
            failure.text = _text(f"{device['where']}: {device['reason']}")
        elif _is_tolerated(device):
            ET.SubElement(case, "skipped", {"message": told})
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _is_tolerated(device: Mapping[str, Any]) -> bool:
    return not device["drift"] and device["state"] != State.ACTIVE


def _text(value: Any) -> str:
    """Text for people, without what XML cannot hold: that is never printable."""
    return printable(str(value))
