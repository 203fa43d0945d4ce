# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JUnit XML with one test case per device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from ..module_utils._text import printable


class Case(NamedTuple):
    """A test case.

    `place`: the levels of its class name, such as carrier and device group. `failure`: type, message and details, if it
    failed. `skipped`: the reason, if it was skipped. `seconds`: its duration.
    """

    name: str
    place: Sequence[str]
    failure: tuple[str, str, str] | None = None
    skipped: str | None = None
    seconds: float = 0.0


def junit_xml(suite: str, cases: Sequence[Case], properties: Mapping[str, str] | None = None) -> str:
    """Return a JUnit document with one suite.

    Args:
        suite: name of the suite, and first level of the class names.
        cases: in their order.
        properties: of the suite.
    """
    totals = {
        "name": _text(suite),
        "tests": str(len(cases)),
        "failures": str(sum(case.failure is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.skipped is not None for case in cases)),
        "time": _seconds(case.seconds for case in cases),
    }
    root = ET.Element("testsuites", {key: value for key, value in totals.items() if key != "skipped"})
    element = ET.SubElement(root, "testsuite", totals)
    if properties:
        listed = ET.SubElement(element, "properties")
        for name, value in properties.items():
            ET.SubElement(listed, "property", {"name": name, "value": _text(value)})
    for case in cases:
        _add(element, suite, case)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(element: ET.Element, suite: str, case: Case) -> None:
    # Dots separate the levels of a class name.
    classname = ".".join(_text(part).replace(".", "_") for part in (suite, *case.place))
    named = {"classname": classname, "name": _text(case.name), "time": _seconds([case.seconds])}
    added = ET.SubElement(element, "testcase", named)
    if case.failure is not None:
        kind, message, details = map(_text, case.failure)
        ET.SubElement(added, "failure", {"type": kind, "message": message}).text = details
    elif case.skipped is not None:
        ET.SubElement(added, "skipped", {"message": _text(case.skipped)})


def _seconds(parts: Iterable[float]) -> str:
    return f"{round(sum(parts), 1):g}"


def _text(value: Any) -> str:
    """Return text without the characters that XML does not allow, none of which is printable."""
    return printable(str(value))
