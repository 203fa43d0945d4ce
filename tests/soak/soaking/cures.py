# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether the message of a failed run says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Imperatives of advice.
_VERBS = (
    "add|ask|check|choose|correct|declare|delete|get|give|have|install|lower|make|move|order|raise|remove|rerun|run|set|"
    "try|use|wait|write"
)
#: An imperative begins a sentence, or follows a colon, semicolon, comma or conjunction. "GET" does not count.
_ADVICE = re.compile(
    rf"(?:^|[.!?)]\s+)(?:{'|'.join(verb.capitalize() for verb in _VERBS.split('|'))})\b"
    rf"|(?:[:;,]|\b(?:and|or|then))\s+(?:{_VERBS})\s",
    re.MULTILINE,
)
#: Text from the service does not count.
_QUOTED = re.compile(r"The service says: .*?(?:\. |$)", re.MULTILINE)
_AGAIN = re.compile(r"(?i)\brun\b[^.\n]{0,60}\bagain\b")


def missing_cures(result: Mapping[str, Any], waited: bool) -> list[str]:
    """What the message of a failed run lacks.

    Args:
        waited: whether the run waits for its transactions. If not, pending devices are not a failure.
    """
    message = str(result.get("msg") or "")
    problems = []
    summary = result.get("summary") or {}
    if not _ADVICE.search(_QUOTED.sub("", message)):
        problems.append("does not say what to do")
    open_ends = [outcome for outcome in ("unknown", *["pending"] * waited) if summary.get(outcome)]
    if open_ends and not _AGAIN.search(message):
        problems.append(f"does not say to run again, although devices are {' and '.join(open_ends)}")
    error = result.get("error")
    if isinstance(error, Mapping) and error.get("kind") not in ("input", "preflight") and not error.get("cure"):
        problems.append(f"has an error ({error.get('kind')}) without a cure")
    return problems
