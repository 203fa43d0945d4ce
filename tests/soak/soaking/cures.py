# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the message of a failed run names what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Verbs by which a sentence tells its reader to do something.
_VERBS = (
    "add|ask|check|choose|correct|declare|delete|get|give|have|install|lower|make|move|order|raise|remove|rerun|run|set|"
    "try|use|wait|write"
)
#: They begin a sentence, or follow a colon, a semicolon, a comma or a conjunction. (GET is no verb.)
_TOLD = re.compile(
    rf"(?:^|[.!?)]\s+)(?:{'|'.join(verb.capitalize() for verb in _VERBS.split('|'))})\b"
    rf"|(?:[:;,]|\b(?:and|or|then))\s+(?:{_VERBS})\s",
    re.MULTILINE,
)
#: What the service says is not ours.
_QUOTED = re.compile(r"The service says: .*?(?:\. |$)", re.MULTILINE)
_AGAIN = re.compile(r"(?i)\brun\b[^.\n]{0,60}\bagain\b")


def missing_cures(result: Mapping[str, Any], waited: bool) -> list[str]:
    """What the message of a failed run leaves its reader without.

    Args:
        waited: whether the run was to wait; where not, it is no failure that devices are pending.
    """
    message = str(result.get("msg") or "")
    problems = []
    summary = result.get("summary") or {}
    if not _TOLD.search(_QUOTED.sub("", message)):
        problems.append("names nothing to do")
    open_ends = [outcome for outcome in ("unknown", *["pending"] * waited) if summary.get(outcome)]
    if open_ends and not _AGAIN.search(message):
        problems.append(f"does not say to run again, though devices are {' and '.join(open_ends)}")
    error = result.get("error")
    if isinstance(error, Mapping) and error.get("kind") not in ("input", "preflight") and not error.get("cure"):
        problems.append(f"comes with an error ({error.get('kind')}) that has no cure")
    return problems
