# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of a fleet as JUnit XML."""

from __future__ import annotations

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._report.cures import cure_of
from ...module_utils._report.entries import title
from .._junit import Case, junit_xml
from .entries import OUTCOMES, Entry
from .head import iso
from .report import Report


def as_junit(report: Report, suite: str = "fleet") -> str:
    """Return one test case per device. Devices that need attention fail, skipped ones are skipped.

    Pending devices of a plan are skipped, because a plan does not wait for them.
    """
    head = report.head
    known = {
        "corp_id": head.corp_id,
        "service": head.service,
        "source": head.source,
        "plan_digest": head.digest,
        "generated": iso(report.generated),
    }
    properties = {name: value for name, value in known.items() if value}
    return junit_xml(suite, [_case(entry, report.plan) for entry in report.entries], properties)


def _case(entry: Entry, plan: bool) -> Case:
    outcome = OUTCOMES[entry["outcome"]]
    message = f"{outcome.label}: {entry['reason']}" if entry["reason"] else outcome.label
    is_skipped = outcome == Outcome.SKIPPED or (plan and outcome == Outcome.PENDING)
    failure = None
    if outcome.needs_attention and not is_skipped:
        failure = (outcome.value, message, "\n".join(filter(None, (message, cure_of(outcome, entry["reason"])))))
    return Case(
        name=name_of(entry),
        place=[entry[field] for field in ("carrier", "device_group") if entry[field]],
        failure=failure,
        skipped=message if is_skipped else None,
        seconds=entry["seconds"] or 0.0,
    )


def name_of(entry: Entry) -> str:
    """Return the name of a device: its nickname and its identifiers."""
    return title(entry) if any(entry[field] for field in ("iccid", "sim_id", "imei", "eid", "mdn")) else "device"
