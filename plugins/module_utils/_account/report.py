# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account check as lines of text: the verdict, the problems with the lines to set, and a table of the calls."""

from __future__ import annotations

import textwrap
from collections import Counter

from .._text import counted, printable
from .._wire.names import BY_OPTION, BY_RULE, BY_VALUES, PUBLISHED
from .recorder import Account
from .seen import Seen
from .verdict import KINDS, Verdict

#: Columns of a line: 80 columns without the quotes and the indentation of Ansible.
WIDTH = 68
_HOW = {PUBLISHED: "published", BY_RULE: "by rule", BY_VALUES: "by values", BY_OPTION: "field_names"}
#: Difference of the clocks in seconds from which it is reported.
_CLOCK = 60


def report(account: Account, verdict: Verdict) -> list[str]:
    """Return the report as lines."""
    return [*_verdict(verdict), *_problems(verdict), *_abilities(verdict), *_calls(account), *_rest(account)]


def headline(verdict: Verdict) -> str:
    """Return the verdict in one sentence."""
    by_name = {ability.name: ability for ability in verdict.abilities}
    names = [KINDS[kind] for kind in verdict.kinds]
    missing = [name for name in names if not by_name[name].ready]
    if missing:
        return f"Not ready: {', '.join(missing)}."
    return f"Ready: {', '.join(names)}."


def _verdict(verdict: Verdict) -> list[str]:
    return _wrapped(headline(verdict))


def _problems(verdict: Verdict) -> list[str]:
    if not verdict.problems:
        return []
    lines = ["", f"{counted(len(verdict.problems), 'problem')}:"]
    for number, problem in enumerate(verdict.problems, 1):
        lines += _wrapped(problem.what, f"{number}. ", "   ")
        if problem.fix:
            lines += _line(problem.fix)
    if len(verdict.problems) > 1 and any(line not in [one.fix for one in verdict.problems] for line in verdict.lines):
        lines += ["Together:"]
        for line in verdict.lines:
            lines += _line(line)
    return lines


def _line(fix: str) -> list[str]:
    """Return a line to set. Names are not wrapped, so that the line can be copied."""
    return textwrap.wrap(
        fix,
        WIDTH,
        initial_indent="   set: ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _abilities(verdict: Verdict) -> list[str]:
    lines = ["", "What works here:"]
    for ability in verdict.abilities:
        why = f" ({ability.why})" if ability.why else ""
        lines += _wrapped(f"{ability.name}{why}", "yes  " if ability.ready else "no   ", "     ")
    return lines


def _calls(account: Account) -> list[str]:
    lines = ["", f"{'call':<24}{'HTTP':>4}{'s':>7}{'items':>8}  fields"]
    for seen in account.seen:
        status = "-" if seen.status is None else str(seen.status)
        items = "-" if seen.count is None else str(seen.count)
        seconds = "-" if seen.skipped else f"{seen.seconds:.2f}"
        row = f"{seen.name:<24}{status:>4}{seconds:>7}{items:>8}  "
        lines += _wrapped(_fields(seen), row, " " * len(row)) or [row.rstrip()]
    return lines


def _fields(seen: Seen) -> str:
    if seen.skipped:
        return "not asked"
    if seen.status is not None and seen.status >= 400:
        return "not allowed" if seen.status in (401, 403) else "refused"
    if seen.error is not None:
        return "not understood"
    how = Counter(match.how for match in seen.recognition.fields.values()) if seen.recognition else Counter()
    if seen.texts and not how:
        return "plain names"
    return ", ".join(f"{how[kind]} {words}" for kind, words in _HOW.items() if how[kind])


def _rest(account: Account) -> list[str]:
    lines: list[str] = []
    for seen in account.seen:
        ignored = [name for name, obeyed in vars(seen.paging).items() if obeyed is False] if seen.paging else []
        if ignored:
            names = " and ".join(name.replace("sort_dir", "sortDir") for name in ignored)
            lines += _wrapped(f"{seen.name}: the service ignores {names}.")
    if account.rate_limit:
        listed = ", ".join(f"{name}: {value}" for name, value in account.rate_limit.items())
        lines += _wrapped(f"Rate limit: {printable(listed)}")
    seconds = account.clock_difference
    if seconds is not None and abs(seconds) > _CLOCK:
        lines += _wrapped(f"The service's clock is {abs(seconds):.0f} s {'ahead' if seconds > 0 else 'behind'}.")
    return ["", *lines] if lines else []


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    # Ansible prints a double quote as two characters.
    text = printable(text).replace('"', "'")
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
