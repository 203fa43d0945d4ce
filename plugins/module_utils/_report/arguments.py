# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the module sentinel_report, for the module and its action plugin."""

from __future__ import annotations

from typing import Any

#: Options that name a file to write; each is a format as well.
OUTPUTS = ("html", "csv", "xlsx", "json", "junit", "markdown")

REPORT_SPEC: dict[str, dict[str, Any]] = {
    "result_file": {"type": "path"},
    "drift": {"type": "raw"},
    "result": {"type": "dict"},
    "dest": {"type": "path"},
    **{name: {"type": "path"} for name in OUTPUTS},
    "title": {"type": "str"},
    "suite": {"type": "str", "default": "fleet"},
    "plan": {"type": "bool"},
    "directory": {"type": "path"},
    "generated": {"type": "str"},
}
REPORT_RULES: dict[str, list[Any]] = {
    "mutually_exclusive": [("result_file", "drift")],
    "required_one_of": [("result_file", "drift"), ("dest", *OUTPUTS)],
}
