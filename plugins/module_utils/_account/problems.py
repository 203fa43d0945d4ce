# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems in the answers of an account, and the line to set for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .._errors import ScopeError, SentinelError, UnexpectedAnswerError
from .._service.api import SCOPE_ACTIVATION
from .._text import counted, cut_short, printable
from .._wire.table import shown
from .recorder import Account
from .seen import Seen

_FORBIDDEN = 403
_REFUSED = (400, _FORBIDDEN, 404)
#: Maximum number of names or words in a problem.
_MAX_NAMED = 12
#: Maximum number of distinct texts in a column of status words.
_MAX_STATUS_WORDS = 12
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
#: Texts that YAML does not read as text.
_NOT_TEXT = re.compile(r"(?i)(?:y|n|yes|no|on|off|true|false|null|nan)$")


class Problem(NamedTuple):
    """A problem, and the line to set. `needed`: whether something does not work until it is solved."""

    what: str
    fix: str | None = None
    needed: bool = True
    #: Our field → its name, for the option `field_names`, if known.
    names: Mapping[str, str] = {}


def quoted(text: str) -> str:
    """Return a text as a YAML value inside braces."""
    if _PLAIN.match(text) and not _NOT_TEXT.match(text):
        return text
    return "'" + printable(text).replace("'", "''") + "'"


def field_names_line(names: Mapping[str, str]) -> str:
    """Return the line that sets the option `field_names`."""
    return f"field_names: {{{', '.join(f'{field}: {quoted(name)}' for field, name in names.items())}}}"


def problems_of(account: Account, is_status: Callable[[str], bool]) -> list[Problem]:
    """Return the problems of an account, the needed ones first."""
    corp_id = _of_corp_id(account)
    # Calls that are refused because of a wrong corp_id do not lack a scope.
    apart = {seen.name for seen in account.seen if corp_id and "{corp_id}" in seen.path}
    others = [seen for seen in account.seen if seen.name not in apart]
    problems = [*corp_id, *_of_scopes(others)]
    problems += [problem for seen in others for problem in _of_call(seen, is_status)]
    problems += _of_words(account, is_status)
    merged: dict[tuple[str, bool], list[Problem]] = {}
    for problem in problems:
        # Problems with the same line to set are one problem.
        merged.setdefault((problem.fix or problem.what, problem.needed), []).append(problem)
    listed = [same[0]._replace(what=" ".join(dict.fromkeys(one.what for one in same))) for same in merged.values()]
    return sorted(listed, key=lambda problem: not problem.needed)


def all_names(problems: Sequence[Problem]) -> str | None:
    """Return one line with the names of several problems, or None for fewer than two."""
    named = [problem.names for problem in problems if problem.names]
    return field_names_line({field: name for names in named for field, name in names.items()}) if named[1:] else None


def reason(error: SentinelError) -> str:
    """Return a short text for the cause of an error."""
    if isinstance(error, ScopeError):
        return error.message.partition(" (HTTP")[0]
    if isinstance(error, UnexpectedAnswerError):
        return "the answer cannot be read"
    return error.message.split(" The service says:")[0].rstrip(".")


def _of_scopes(calls: Sequence[Seen]) -> list[Problem]:
    """Return a problem for each missing scope."""
    needing: dict[str | None, list[str]] = {}
    for seen in calls:
        if isinstance(seen.error, ScopeError):
            needing.setdefault(seen.scope, []).append(seen.name)
    return [
        Problem(
            f"The credentials lack {f'the scope {scope}' if scope else 'a scope, whose name is not published'} "
            f"({', '.join(names)}). Grant it to this user or token, or use one that has it.",
            None,
            scope == SCOPE_ACTIVATION,
        )
        for scope, names in needing.items()
    ]


def _of_call(seen: Seen, is_status: Callable[[str], bool]) -> list[Problem]:
    error = seen.error
    problems = []
    if (
        error is not None
        and not isinstance(error, ScopeError)
        and not (isinstance(error, UnexpectedAnswerError) and seen.missing)
    ):
        fix = _line_in(error.cure)
        words = printable(error.message).rstrip(".")
        more = f" {error.cure}" if error.cure and not fix else ""
        problems.append(Problem(f"{seen.name}: {words}.{more}", fix, isinstance(error, UnexpectedAnswerError)))
    elif seen.missing and (error is not None or seen.count):
        problems.append(_missing(seen, is_status))
    if seen.odd:
        problems.append(
            Problem(
                f"{seen.name}: {counted(seen.odd, 'value')} in identifier fields cannot be read as identifiers, such "
                "as a number that a spreadsheet rounded. A device that may belong to such a line is a conflict.",
                None,
                False,
            )
        )
    return problems


def _line_in(cure: str | None) -> str | None:
    """Return the line to set at the end of an error, or None if it is incomplete."""
    found = re.search(r"(?:field_names|status_words): \{[^}]*\}", cure or "")
    return found[0] if found and "NAME" not in found[0] else None


def _missing(seen: Seen, is_status: Callable[[str], bool]) -> Problem:
    """Return the problem for an answer without needed fields, with likely names for them."""
    places = seen.not_understood()
    names = {
        field: shown(seen.names[place])
        for field in seen.missing
        if (place := _likely(seen, field, is_status)) is not None
    }
    listed = cut_short([f'"{shown(seen.names[place])}"' for place in places], _MAX_NAMED) or "none"
    groups = [group for group in seen.needed if set(group) <= set(seen.missing)]
    wanted = " and ".join(" or ".join(group) for group in groups)
    fix = field_names_line(names or {group[0]: "NAME" for group in groups})
    return Problem(f"{seen.name}: found no name for {wanted}; not understood: {listed}.", fix, True, names)


def _likely(seen: Seen, field: str, is_status: Callable[[str], bool]) -> int | None:
    """Return the place of the only name with suitable values for a field, or None."""
    columns = {place: seen.column(place) for place in seen.not_understood()}
    if field == "status":
        likely = [place for place, texts in columns.items() if texts and any(map(is_status, texts))]
        few = [place for place, texts in columns.items() if _has_words(texts, len(seen.rows))]
        return _only(likely) if likely else _only(few)
    if field == "transaction_id":
        return _only([place for place, texts in columns.items() if _is_distinct(texts, len(seen.rows))])
    return None


def _only(places: Sequence[int]) -> int | None:
    return places[0] if len(places) == 1 else None


def _has_words(texts: Sequence[str], rows: int) -> bool:
    """Whether a column has a few repeated words."""
    return (
        len(texts) == rows
        and len(set(texts)) <= min(_MAX_STATUS_WORDS, max(1, rows // 2))
        and not any(any(character.isdigit() for character in text) for text in texts)
    )


def _is_distinct(texts: Sequence[str], rows: int) -> bool:
    """Whether a column has a different text with digits in each row."""
    return len(texts) == rows == len(set(texts)) and all(any(map(str.isdigit, text)) for text in texts)


def _of_corp_id(account: Account) -> list[Problem]:
    """Return the problem of a corp_id that is missing or that the service refuses."""
    if not account.corp_id:
        return [Problem("corp_id is not known; SIM and eSIM activations need it.", "corp_id: ID")]
    calls = [seen for seen in account.seen if "{corp_id}" in seen.path and not seen.skipped]
    refused = [seen for seen in calls if seen.status in _REFUSED]
    lines = [account[name] for name in ("history_csv", "transaction_lines", "transaction_csv")]
    if len(refused) < len(calls) or not calls or any(account.corp_id in seen.values("device_group") for seen in lines):
        return []
    what = f'corp_id: every call for "{printable(account.corp_id)}" is refused (HTTP {refused[0].status}).'
    if account.login_corp_id and account.login_corp_id != account.corp_id:
        other = account.login_corp_id
        return [Problem(f'{what} The account of this login is "{printable(other)}".', f"corp_id: {quoted(other)}")]
    # The credentials may lack the scopes of all these calls instead.
    certain = any(seen.status != _FORBIDDEN for seen in refused)
    return [Problem(f"{what} Check that it is the id of this account.", "corp_id: ID", certain)]


def words_of(account: Account) -> Counter[str]:
    """Return the status words of lines and their frequencies."""
    return sum((account[name].statuses for name in ("history_csv", "transaction_lines")), Counter[str]())


def unknown_words(account: Account, is_status: Callable[[str], bool]) -> list[str]:
    """Return the unknown status words of lines, the most frequent first."""
    return [word for word, _times in words_of(account).most_common() if not is_status(word)]


def _of_words(account: Account, is_status: Callable[[str], bool]) -> list[Problem]:
    unknown, every = unknown_words(account, is_status), words_of(account)
    if not unknown:
        return []
    listed = cut_short([f'"{printable(word)}"' for word in unknown], _MAX_NAMED)
    what = (
        f"history: {len(unknown)} of {counted(len(every), 'status word')} {'is' if len(unknown) == 1 else 'are'} not "
        f"known and {'counts' if len(unknown) == 1 else 'count'} as pending: {listed}. Add each word for a final "
        "status to one of the two lists."
    )
    return [Problem(what, "status_words: {success: [WORD], failed: [WORD]}", len(unknown) == len(every))]
