# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Map headings of a file to fields: by name, by the words in them, or by the option `columns`.

The words are those of the rules for the service's own exports: portals and spreadsheets use the same names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .._errors import InputError
from .._text import cut_short, edits, fold, hint, in_yaml, printable, word_set
from .._wire.names import score, words_of
from .._wire.rules import DETAIL_RULES, FORMER, LINE_RULES, STRICT, VOCABULARY, Rule
from .history_rows import START

#: Fields that rules recognise in a heading. All other fields need a heading with their own name.
_RULES: dict[str, Rule] = {
    **{
        field: LINE_RULES[field]
        for field in (
            *("iccid", "imei", "eid", "sim_id", "carrier", "device_group"),
            *("filter_group", "service_zip_code", "mdn", "nickname"),
        )
    },
    "plan_id": DETAIL_RULES["plan_id"],
}
#: Fields that identify a device or a SIM.
IDENTIFIERS = frozenset(("iccid", "imei", "eid", "sim_id"))
#: Points (see `_wire.rules`) for a heading that is the field's name, and for one with the name in brackets.
_NAMED, _BRACKETED = 1000.0, 90.0
#: Minimum points of a heading for a field that does not identify a device.
_ENOUGH = 70.0
#: A value instead of a heading: it ends in at least ten digits, perhaps after a label.
_VALUE = re.compile(r"[^0-9(,]{0,24}(?:[0-9][^0-9A-Za-z]?){10,}[Ff]*\W*")
#: A word for the device in the heading of an IMEI. Alone, it means a phone number.
_PHONE = re.compile(r"\bphone\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
#: Minimum number of characters of a name for one slip, and for two.
_SHORTEST, _LONG = 4, 10
#: Names of four letters that are like no other word. All other names need five.
_SHORT_NAMES = word_set("imei")
#: Headings that differ from a name by one letter but mean something else, folded.
_NO_SLIPS = word_set("mccid mncid")
#: Words that change the meaning of a heading: to a former value, and, by field, to something that rules do not know.
_FORMER = FORMER | word_set("losing donor")
_OTHERS = {
    "imei": word_set("sv svn tac fac snr hash suffix"),
    "iccid": word_set("hash suffix"),
    "service_zip_code": word_set("billing bill shipping ship mailing mail home"),
    "carrier": word_set("account tracking shipping freight pin contact setting settings version number invoice"),
}
#: Other numbers that a heading may name before the identifier in brackets: "Phone or Device ID (IMEI)".
_BESIDE = word_set("phone mdn msisdn")
#: Maximum number of columns that a message names.
_COLUMNS_NAMED = 12
#: Columns of files that this collection writes, folded. They declare nothing.
_WRITTEN = word_set(
    "outcome reason transactionid transactionstatus linestatus devicestatus mdn ip ipaddress seconds where state drift "
    "differences cure transactionstart transactionstarttimestamp errormessage status"
)
#: Sets of columns by which these files are recognised, folded.
_WRITTEN_HAVE = (word_set("outcome"), word_set("drift state"), word_set("transactionid linestatus"))
HISTORY_HAS = _WRITTEN_HAVE[2]
#: Columns of an export with the start of a transaction, folded.
_STARTS = word_set("transactionstart transactionstarttimestamp")


class Vocabulary(NamedTuple):
    """What headings may mean.

    `names`: heading, as written or folded → field. `identifiers`: fields of which a header has at least one.
    """

    names: Mapping[str, str]
    identifiers: frozenset[str] = IDENTIFIERS

    @property
    def fields(self) -> list[str]:
        """The fields, each once."""
        return list(dict.fromkeys(self.names.values()))


class Header(NamedTuple):
    """A row of headings as read. `fields`: field of each column, or None; `ignored`: headings without a field."""

    cells: tuple[str, ...]
    fields: tuple[str | None, ...]
    ignored: tuple[str, ...]
    problems: tuple[str, ...]
    #: Number of columns with a field, and whether one of them certainly identifies a device.
    known: int
    is_sure: bool

    @property
    def is_history(self) -> bool:
        """Whether the columns are those of an export of the account's history."""
        return _is_history(set(map(fold, self.cells)))


def _is_history(folded: Collection[str]) -> bool:
    """Whether headings are those of a history export. A result has transactions as well, but also outcomes."""
    return "outcome" not in folded and HISTORY_HAS.issubset(folded)


def read_header(
    cells: Sequence[str], vocabulary: Vocabulary, columns: Mapping[str, str] | None = None, word: str = "column"
) -> Header | None:
    """Return a row as a header, or None if it is not one because it names no identifier.

    Args:
        cells: cells of the row, without surrounding blanks.
        vocabulary: what the headings may mean.
        columns: the option with this name. If set, only its headings are read, and any of them makes a header.
        word: name of a column in messages.

    The header has the problems with its headings, one sentence each.
    """
    if columns is not None:
        return _mapped(cells, columns, word)
    if any(map(_VALUE.fullmatch, cells)):
        return None
    meanings = [_meaning(cell, vocabulary) if cell else _NOTHING for cell in cells]
    names = [field or slip for field, _points, slip in meanings]
    if vocabulary.identifiers.isdisjoint(filter(None, names)):
        return None
    fields: list[str | None] = [field for field, _points, _slip in meanings]
    problems = _slips(cells, meanings, vocabulary, word)
    problems += _resolve_duplicates(cells, fields, [points for _field, points, _slip in meanings], word)
    folded = set(map(fold, cells))
    if _is_history(folded):
        fields = [START if fold(cell) in _STARTS else field for cell, field in zip(cells, fields)]
    ours = _WRITTEN if any(have <= folded for have in _WRITTEN_HAVE) else ()
    ignored = [
        cell
        for cell, field, (_field, _points, slip) in zip(cells, fields, meanings)
        if cell and field is None and slip is None and fold(cell) not in ours
    ]
    sure = any(field in vocabulary.identifiers and points >= STRICT for field, points, _slip in meanings)
    known = sum(field is not None for field in fields)
    return Header(tuple(cells), tuple(fields), tuple(ignored), tuple(problems), known, sure)


#: The field of a heading, its points, and the field that the heading nearly names.
_Meaning = tuple["str | None", float, "str | None"]
_NOTHING: _Meaning = (None, 0.0, None)


def _meaning(cell: str, vocabulary: Vocabulary) -> _Meaning:
    """Return what a heading means. Fields outside the vocabulary do not count."""
    named = vocabulary.names.get(cell) or vocabulary.names.get(fold(cell))
    if named:
        return named, _NAMED + (fold(cell) == fold(named)), None
    bracketed = _in_brackets(cell, vocabulary)
    field, points = (bracketed, _BRACKETED) if bracketed else _by_rules(cell)
    if field in vocabulary.names.values():
        return field, points, None
    return (None, 0.0, None if field else _slip(cell, vocabulary))


def _in_brackets(cell: str, vocabulary: Vocabulary) -> str | None:
    """Return the identifier in the brackets of a heading, as in "SIM Number (ICCID)"."""
    for inner in _BRACKETS.findall(cell):
        field = vocabulary.names.get(fold(inner))
        if field in vocabulary.identifiers and field in _RULES:
            around = set(words_of(_BRACKETS.sub(" ", cell)))
            if not around & (_RULES[field].excludes - _BESIDE | _FORMER):
                return field
    return None


def is_former(heading: str) -> bool:
    """Whether a heading means a former value, as in "Old SIM (ICCID)"."""
    return not _FORMER.isdisjoint(words_of(heading))


@lru_cache(maxsize=4096)
def _by_rules(cell: str) -> tuple[str | None, float]:
    words = set(words_of(cell))
    if is_former(cell):
        return None, 0.0
    if "imei" in words:
        cell = _PHONE.sub("", cell)
    best: tuple[str | None, float] = (None, 0.0)
    sure = 0
    for field, rule in _RULES.items():
        points = 0.0 if words & _OTHERS.get(field, frozenset()) else score((cell,), field, rule) or 0.0
        sure += points >= STRICT and field in IDENTIFIERS
        if points > best[1] and (field in IDENTIFIERS or points >= _ENOUGH):
            best = field, points
    return best if sure <= 1 else (None, 0.0)  # "IMEI/ICCID" is ambiguous


def _slip(cell: str, vocabulary: Vocabulary) -> str | None:
    """Return the field whose name differs from a heading by one letter, or by two if it is long, or None."""
    folded = fold(cell)
    if (
        len(folded) < _SHORTEST
        or folded in _NO_SLIPS
        or all(word in VOCABULARY or word.isdigit() for word in words_of(cell))
    ):
        return None
    limit = 2 if len(folded) >= _LONG else 1
    names = ((name, field) for name, field in vocabulary.names.items() if len(name) > 4 or name in _SHORT_NAMES)
    near = [(edits(folded, name, limit), field) for name, field in names]
    return min(((distance, field) for distance, field in near if distance is not None), default=(0, None))[1]


def _slips(cells: Sequence[str], meanings: Sequence[_Meaning], vocabulary: Vocabulary, word: str) -> list[str]:
    """Return the problems of headings that nearly name a field. The last one lists the valid names."""
    slips = [(cell, slip) for cell, (_field, _points, slip) in zip(cells, meanings) if slip]
    texts = [f'unknown {word} "{_shown(cell)}"; did you mean {slip}?' for cell, slip in slips]
    if texts:
        texts[-1] += hint(slips[-1][1], vocabulary.fields).replace("; did you mean", "").partition("?")[2]
    return texts


def _resolve_duplicates(
    cells: Sequence[str], fields: list[str | None], points: Sequence[float], word: str
) -> list[str]:
    """Leave each field to one column, and return a problem for each field where that is not certain.

    A heading with the field's own name outranks one that rules recognised. Two identifiers are always a problem: only
    the user knows which of two IMEIs is the right one.
    """
    problems = []
    for field in dict.fromkeys(filter(None, fields)):
        places = [place for place, name in enumerate(fields) if name == field]
        enough = STRICT if field in IDENTIFIERS else max(points[place] for place in places)
        surest = [place for place in places if points[place] >= enough] or places
        if len(places) > 1 and len(surest) == 1:
            for place in places:
                fields[place] = field if place == surest[0] else None
        elif len(places) > 1:
            first, second = (f'"{_shown(cells[place])}"' for place in surest[:2])
            if fold(cells[surest[0]]) == fold(cells[surest[1]]):
                problems.append(f"there are two {word}s {first}; remove one of them")
                continue
            problems.append(
                f"the {word}s {first} and {second} both mean {field}; name the {word}s to read, such as "
                f"{as_option({**_others(cells, fields), cells[surest[0]]: field})}"
            )
    return problems


def _others(cells: Sequence[str], fields: Sequence[str | None]) -> dict[str, str]:
    """Return the headings of fields with only one column."""
    known = [field for field in fields if field]
    return {cell: field for cell, field in zip(cells, fields) if field and known.count(field) == 1}


def _mapped(cells: Sequence[str], columns: Mapping[str, str], word: str) -> Header | None:
    wanted = {fold(heading): field for heading, field in columns.items()}
    fields = [columns.get(cell) or wanted.get(fold(cell)) if cell else None for cell in cells]
    if not any(fields):
        return None
    known = set(map(fold, cells))
    missing = [heading for heading in columns if fold(heading) not in known]
    problems = [
        f'columns: the file has no {word} "{_shown(heading)}"{hint(heading, filter(None, cells))}'
        for heading in missing
    ]
    twice = [cell for place, cell in enumerate(cells) if fields[place] and fields[place] in fields[:place]]
    problems += [f'columns: there are two {word}s for "{_shown(cell)}"; remove one of them' for cell in twice]
    wants = IDENTIFIERS.union(("mdn",)).intersection(columns.values())
    sure = not wants or not wants.isdisjoint(filter(None, fields))
    return Header(tuple(cells), tuple(fields), (), tuple(problems), sum(map(bool, fields)), sure)


def check_columns(columns: object, fields: Iterable[str]) -> dict[str, str]:
    """Return the option `columns`, checked. Raises InputError with every problem."""
    known = list(fields)
    if not isinstance(columns, Mapping) or not columns:
        raise InputError(["columns: must map headings of the file to fields, such as {SIM Number: iccid}"])
    problems = [
        f"columns: {_shown(str(heading))}: {_field_problem(field, known)}"
        for heading, field in columns.items()
        if field not in known
    ]
    given = [field for field in columns.values() if isinstance(field, str)]
    problems += [
        f"columns: {field} has two headings; remove one of them"
        for field in dict.fromkeys(given)
        if given.count(field) > 1
    ]
    if problems:
        raise InputError(problems)
    return {str(heading): str(field) for heading, field in columns.items()}


def _field_problem(field: object, known: Sequence[str]) -> str:
    if not isinstance(field, str):
        return "must be the name of a field, such as iccid"
    return f"{_shown(field)} is not a field of a device{hint(field, known)}"


def as_option(columns: Mapping[str, str]) -> str:
    """Return the option `columns` in YAML."""
    listed = (f"{in_yaml(_shown(heading))}: {field}" for heading, field in columns.items())
    return f"columns: {{{', '.join(listed)}}}"


def named_columns(headings: Sequence[str]) -> str:
    """Return headings for a message: "Rate Plan Name, Service Type and 20 more"."""
    return cut_short([_shown(heading) for heading in headings], _COLUMNS_NAMED)


def _shown(heading: str) -> str:
    return printable(" ".join(heading.split()))[:60]
