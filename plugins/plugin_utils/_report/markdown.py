# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as Markdown, for a comment on a change request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...module_utils._report.tables import MARKDOWN, escaped
from .._tables import drift_table, outcome_table
from .headline import drift_headline, headline
from .report import Report


def as_markdown(report: Report) -> str:
    """Return title, headline, head, and a table of outcomes with the devices that need attention."""
    head = report.head
    facts = {"account": head.corp_id, "service": head.service, "fleet": head.source}
    run = ", ".join(f"{name} {escaped(value)}" for name, value in facts.items() if value)
    notes = ["Plan: nothing was submitted."] if report.plan else []
    notes += ["Simulator: no real device was activated."] if head.simulator else []
    lines = [f"### {escaped(report.title)}", "", escaped(headline(report))]
    for text in (*notes, run):
        lines += ["", text] if text else []
    return "\n".join([*lines, "", *outcome_table(report.entries, style=MARKDOWN, digest=head.digest), ""])


def drift_as_markdown(found: Mapping[str, Any], title: str) -> str:
    """Return title, headline, and a table of states with the devices that are not as declared."""
    lines = [f"### {escaped(title)}", "", escaped(drift_headline(found)), "", *drift_table(found, style=MARKDOWN), ""]
    return "\n".join(lines)
