# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headings of a file → fields: by name, by the words in them, or as the option `columns` says.

The words are those of the rules that read the service's own exports: what a portal or a spreadsheet calls an ICCID is
the same in both.
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

#: What rules find in a heading; anything else has to have the field's own name.
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
#: Points (see `_wire.rules`) of a heading that is the field's name, and of one that has the name in brackets.
_NAMED, _BRACKETED = 1000.0, 90.0
#: Points that a heading needs to mean a field that does not identify a device.
_ENOUGH = 70.0
#: A value, perhaps with a label, and not a heading: ten digits or more at its end.
_VALUE = re.compile(r"[^0-9(,]{0,24}(?:[0-9][^0-9A-Za-z]?){10,}[Ff]*\W*")
#: What a heading may call the device whose IMEI it is; alone, it is a number of another sort.
_PHONE = re.compile(r"\bphone\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
#: Characters of a name from which one slip leaves no other word, and from which two do.
_SHORTEST, _LONG = 4, 10
#: A name of four letters that no other word is near to; other names need five.
_SHORT_NAMES = word_set("imei")
#: Headings that are a letter away from a name and mean something else, folded.
_NO_SLIPS = word_set("mccid mncid")
#: Words that make a heading another one: of what was before, and for each field those that rules do not know.
_FORMER = FORMER | word_set("losing donor")
_OTHERS = {
    "imei": word_set("sv svn tac fac snr hash suffix"),
    "iccid": word_set("hash suffix"),
    "service_zip_code": word_set("billing bill shipping ship mailing mail home"),
    "carrier": word_set("account tracking shipping freight pin contact setting settings version number invoice"),
}
#: Numbers that a heading may name beside the identifier in brackets: "Phone or Device ID (IMEI)".
_BESIDE = word_set("phone mdn msisdn")
#: Maximum number of columns that a message names.
_COLUMNS_NAMED = 12
#: Columns of the files that this collection writes, folded, which declare nothing.
_WRITTEN = word_set(
    "outcome reason transactionid transactionstatus linestatus devicestatus mdn ip ipaddress seconds where state drift "
    "differences cure transactionstart transactionstarttimestamp errormessage status"
)
#: What tells these files from others, each a set of columns, folded.
_WRITTEN_HAVE = (word_set("outcome"), word_set("drift state"), word_set("transactionid linestatus"))
HISTORY_HAS = _WRITTEN_HAVE[2]
#: The column of an export that says when a transaction began, folded.
_STARTS = word_set("transactionstart transactionstarttimestamp")


class Vocabulary(NamedTuple):
    """What headings may mean.

    `names`: a heading, as it is or folded → the field that it names. `identifiers`: the fields of which a header names
    one at least.
    """

    names: Mapping[str, str]
    identifiers: frozenset[str] = IDENTIFIERS

    @property
    def fields(self) -> list[str]:
        """The fields, each once."""
        return list(dict.fromkeys(self.names.values()))


class Header(NamedTuple):
    """How a row of headings was read. `fields`: the field of each column, or None; `ignored`: headings without one."""

    cells: tuple[str, ...]
    fields: tuple[str | None, ...]
    ignored: tuple[str, ...]
    problems: tuple[str, ...]
    #: How many columns have a field, and whether one of them surely identifies a device.
    known: int
    is_sure: bool

    @property
    def is_history(self) -> bool:
        """Whether the columns are those of an export of the account's history of activations."""
        return _is_history(set(map(fold, self.cells)))


def _is_history(folded: Collection[str]) -> bool:
    """Whether headings are those of a history export. A result has the transactions of its devices, too."""
    return "outcome" not in folded and HISTORY_HAS.issubset(folded)


def read_header(
    cells: Sequence[str], vocabulary: Vocabulary, columns: Mapping[str, str] | None = None, word: str = "column"
) -> Header | None:
    """Return a row as a header; None where it names no identifier, and so is none.

    Args:
        cells: of the row, without blanks around them.
        word: what messages call a heading and what is below it.
        columns: the option of that name: then only the headings in it are read, and one of them makes a header.

    What is wrong with the headings is in `problems` of the header, a sentence each.
    """
    if columns is not None:
        return _mapped(cells, columns, word)
    if any(map(_VALUE.fullmatch, cells)):
        return None
    found = [_meaning(cell, vocabulary) if cell else _NOTHING for cell in cells]
    names = [field or slip for field, _points, slip in found]
    if vocabulary.identifiers.isdisjoint(filter(None, names)):
        return None
    fields: list[str | None] = [field for field, _points, _slip in found]
    problems = _slips(cells, found, vocabulary, word)
    problems += _one_each(cells, fields, [points for _field, points, _slip in found], word)
    folded = set(map(fold, cells))
    if _is_history(folded):
        fields = [START if fold(cell) in _STARTS else field for cell, field in zip(cells, fields)]
    ours = _WRITTEN if any(have <= folded for have in _WRITTEN_HAVE) else ()
    ignored = [
        cell
        for cell, field, (_field, _points, slip) in zip(cells, fields, found)
        if cell and field is None and slip is None and fold(cell) not in ours
    ]
    sure = any(field in vocabulary.identifiers and points >= STRICT for field, points, _slip in found)
    known = sum(field is not None for field in fields)
    return Header(tuple(cells), tuple(fields), tuple(ignored), tuple(problems), known, sure)


#: The field of a heading, the points for it, and the field that it nearly names.
_Found = tuple["str | None", float, "str | None"]
_NOTHING: _Found = (None, 0.0, None)


def _meaning(cell: str, vocabulary: Vocabulary) -> _Found:
    """Return what a heading means. Fields that the vocabulary does not have are none."""
    named = vocabulary.names.get(cell) or vocabulary.names.get(fold(cell))
    if named:
        return named, _NAMED + (fold(cell) == fold(named)), None
    bracketed = _in_brackets(cell, vocabulary)
    field, points = (bracketed, _BRACKETED) if bracketed else _by_rules(cell)
    if field in vocabulary.names.values():
        return field, points, None
    return (None, 0.0, None if field else _slip(cell, vocabulary))


def _in_brackets(cell: str, vocabulary: Vocabulary) -> str | None:
    """Return the identifier that a heading has in brackets, as in "SIM Number (ICCID)"."""
    for inner in _BRACKETS.findall(cell):
        field = vocabulary.names.get(fold(inner))
        if field in vocabulary.identifiers and field in _RULES:
            around = set(words_of(_BRACKETS.sub(" ", cell)))
            if not around & (_RULES[field].excludes - _BESIDE | _FORMER):
                return field
    return None


def is_former(heading: str) -> bool:
    """Whether a heading is of what was before: "Old SIM (ICCID)"."""
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
    return best if sure <= 1 else (None, 0.0)  # "IMEI/ICCID" is undecided


def _slip(cell: str, vocabulary: Vocabulary) -> str | None:
    """Return the field whose name a heading has with one letter wrong, two in a long one; None for another word."""
    folded = fold(cell)
    if (
        len(folded) < _SHORTEST
        or folded in _NO_SLIPS
        or all(word in VOCABULARY or word.isdigit() for word in words_of(cell))
    ):
        return None
    most = 2 if len(folded) >= _LONG else 1
    names = ((name, field) for name, field in vocabulary.names.items() if len(name) > 4 or name in _SHORT_NAMES)
    near = [(edits(folded, name, most), field) for name, field in names]
    return min(((distance, field) for distance, field in near if distance is not None), default=(0, None))[1]


def _slips(cells: Sequence[str], found: Sequence[_Found], vocabulary: Vocabulary, word: str) -> list[str]:
    """Return what is wrong with headings that nearly name a field. The valid names follow the last one."""
    slips = [(cell, slip) for cell, (_field, _points, slip) in zip(cells, found) if slip]
    texts = [f'unknown {word} "{_shown(cell)}"; did you mean {slip}?' for cell, slip in slips]
    if texts:
        texts[-1] += hint(slips[-1][1], vocabulary.fields).replace("; did you mean", "").partition("?")[2]
    return texts


def _one_each(cells: Sequence[str], fields: list[str | None], points: Sequence[float], word: str) -> list[str]:
    """Leave each field to one column; return what is wrong where that is not decided.

    A heading that is the field's name outranks one that rules have found, unless that is an identifier all the same:
    which of two IMEIs is meant, only a person knows.
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
                problems.append(f"there are two {word}s {first}: remove one of them")
                continue
            problems.append(
                f"the {word}s {first} and {second} both mean {field}: name each {word} that is to be read, such as "
                f"{as_option({**_others(cells, fields), cells[surest[0]]: field})}"
            )
    return problems


def _others(cells: Sequence[str], fields: Sequence[str | None]) -> dict[str, str]:
    """The headings of fields that have one column only."""
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
        f'columns: there is no {word} "{_shown(heading)}"{hint(heading, filter(None, cells))}' for heading in missing
    ]
    twice = [cell for place, cell in enumerate(cells) if fields[place] and fields[place] in fields[:place]]
    problems += [f'columns: there are two {word}s for "{_shown(cell)}": remove one of them' for cell in twice]
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
    problems += [f"columns: {field} is given twice" for field in dict.fromkeys(given) if given.count(field) > 1]
    if problems:
        raise InputError(problems)
    return {str(heading): str(field) for heading, field in columns.items()}


def _field_problem(field: object, known: Sequence[str]) -> str:
    if not isinstance(field, str):
        return "must be the name of a field, such as iccid"
    return f"{_shown(field)} is not a field of a device{hint(field, known)}"


def as_option(columns: Mapping[str, str]) -> str:
    """Return the option `columns` as it can be written in YAML."""
    listed = (f"{in_yaml(_shown(heading))}: {field}" for heading, field in columns.items())
    return f"columns: {{{', '.join(listed)}}}"


def named_columns(headings: Sequence[str]) -> str:
    """Return headings for a message: "Rate Plan Name, Service Type and 20 more"."""
    return cut_short([_shown(heading) for heading in headings], _COLUMNS_NAMED)


def _shown(heading: str) -> str:
    return printable(" ".join(heading.split()))[:60]
