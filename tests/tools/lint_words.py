# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses turns of phrase that read badly: lint_words.py [FILE...]; without a file, all text files that git tracks.

Each match is one line on standard output: file, line, the words, and what to write instead. Exit code 1 if there are
any. The patterns are few on purpose: they hold what a pass over all texts has mended.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
#: Files whose words are not ours, or which are about these patterns.
EXEMPT = re.compile(
    r"(^|/)(LICENSES/|COPYING$|CHANGELOG\.md$|\.gitignore$)"
    r"|^tests/tools/(lint_words|tests/test_lint_words)\.py$"
    r"|\.(png|svg|xlsx|gz|zip|ico|json|jsonl|csv|lock)$"
)


class Pattern(NamedTuple):
    """Words to avoid, and what to write instead."""

    regex: re.Pattern[str]
    advice: str


def _pattern(regex: str, advice: str) -> Pattern:
    return Pattern(re.compile(regex, re.IGNORECASE), advice)


PATTERNS = (
    _pattern(r"(?<!there )\b(?:is|are|was|were) no (?!longer|more|such|need)", "is not a ..."),
    _pattern(
        r"(?<![a-z])(?:tells|told)(?![a-z])|(?<![a-z.])tell(?![a-z(])",
        "reports, says, shows; given, status, text",
    ),
    _pattern(r"\bnobody knows\b|\bwhat(?:ever)? became\b", "unknown outcome, or the outcome of ..."),
    _pattern(r"\bso (?:many|often) (?:are|is|as|times|of)\b|\bso.?manieth\b", "maximum number of ..., every n-th"),
    _pattern(r"\bin vain\b|\bat the least\b|\bin the place of\b", "without success; at least; instead of"),
    _pattern(r"\bpassed over\b|\bhitherto\b|\bthereof\b|\bwhereof\b", "ignored; so far; of it"),
    _pattern(r"\bthere is nothing to\b", "nothing to ..."),
    _pattern(r"\bstands? (?:in|there|beside|on|at|behind|before)\b", "is, appears"),
    _pattern(
        r"\ba [a-z]+ an? (?:device|host|line|request|row|file|kind|test|run|case|task|playbook|call|job|slice)\b",
        "one ... per ...",
    ),
    _pattern(
        r"(?<!\w)(?:what|who) (?!if\b|about\b)[^.?!,:;()`\"']{3,80}, (?:is|are|was|were|has|have) ",
        "start with the subject",
    ),
    _pattern(
        r"\b(?:is|are) the (?:least|most)\b(?! [a-z])|\bis (?:\w+ )?meant\?|\bknown are\b",
        "must be at least ...; did you mean ...?",
    ),
    _pattern(r"\bbesides[.,;:]", "also, as well"),
    _pattern(r"\bof which nobody\b|(?:^|[.!?] )of which\b", "start with the subject"),
)


class Match(NamedTuple):
    """Words that a pattern matched in a line."""

    line: int
    words: str
    advice: str


def matches(text: str) -> Iterator[Match]:
    """Yields what the patterns match in a text, in the order of its lines."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in PATTERNS:
            for found in pattern.regex.finditer(line):
                yield Match(number, found.group().strip(), pattern.advice)


def tracked_files() -> list[Path]:
    """Returns the text files that git tracks, or would, without those that are exempt."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and not EXEMPT.search(name) and (ROOT / name).is_file()]


def main(paths: Iterable[str]) -> int:
    """Prints each match; returns the exit code."""
    count = 0
    for path in [Path(path) for path in paths] or tracked_files():
        for match in matches(path.read_text(encoding="utf-8", errors="replace")):
            count += 1
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            print(f"{name}:{match.line}: {match.words!r}: {match.advice}")
    if count:
        print(f"{count} phrases to reword; why: CONTRIBUTING.md, Words")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
