# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the JSON answers of the service by what they mean, with the names and words that the user adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import UnexpectedAnswerError
from .._text import word_set
from . import rules
from .envelopes import flat, is_aside, is_empty, lists_in, objects_in, reports_error
from .identifiers import IDENTIFIERS, clean, is_odd, observed
from .masking import Mask, mask_value, secrets_in
from .messages import unexpected
from .names import Names, Path, words_of
from .oddities import Odd, Oddities
from .records import Line, Transaction
from .rules import Rule
from .statuses import FAILED, StatusWords
from .table import SAMPLE, Recognition, recognise_columns

#: Receives each reading: the call, how its names were read, and the items. For the account check.
Observer = Callable[[str, Recognition, Sequence[Any]], None]
_COUNTS = ("total", "success", "failed", "pending")
#: Keys around a generic "id" in the reply to a submission that leave it the transaction's.
_AROUND_ID = word_set("data result response payload body content element transaction request order activation")
#: Marks of what cannot have been text: decoded in the wrong charset, or binary.
_BROKEN = ("\x00", "\ufffd")


class Items(NamedTuple):
    """Objects of a list. `flats`: each as path → value; `found`: which path is which field."""

    found: Recognition
    flats: list[dict[Path, Any]]

    def cells(self, item: Mapping[Path, Any]) -> dict[str, Any]:
        """Return an item's values by our fields."""
        return {field: item.get(self.found.names[place.place]) for field, place in self.found.found.items()}


class Reader:
    """Reads answers.

    Args:
        field_names: the option of that name: our field → the service's name, or names of it.
        words: sorts status words.
    """

    def __init__(
        self, field_names: Mapping[str, str | Sequence[str]] | None = None, words: StatusWords | None = None
    ) -> None:
        self.names = Names(field_names)
        self.words = words or StatusWords()
        self.observer: Observer | None = None
        #: Masks secrets in what an error quotes.
        self.redact: Callable[[Any], Any] = lambda data: data
        #: Masks secrets in what is read.
        self.mask: Mask = lambda text, shortest: text
        self._spellings: dict[str, str] = {}

    def know(self, values: Iterable[str]) -> None:
        """Remember identifiers with letters as they were declared: the service may write them in another case."""
        self._spellings.update((value.upper(), value) for value in values if not value.isdigit())

    # -- Tables --------------------------------------------------------------------------------------------------------

    def recognise(self, items: Sequence[Mapping[str, Any]], table: Mapping[str, Rule], what: str) -> Items:
        """Return the items flat, and which key is which field. Raises UnexpectedAnswerError where that is undecided."""
        read = self._read(items, table, what)
        if self.observer is not None:
            self.observer(what, read.found, read.flats)
        return read

    def _read(self, items: Sequence[Mapping[str, Any]], table: Mapping[str, Rule], what: str) -> Items:
        flats = [dict(flat(item)) for item in items]
        names = list(dict.fromkeys(path for entry in flats for path in entry))

        def sample() -> Iterable[Sequence[Any]]:
            return ([entry.get(name) for name in names] for entry in flats[:SAMPLE])

        return Items(recognise_columns(names, table, self.names, sample, self.is_status, what), flats)

    def is_status(self, text: str) -> bool:
        """Whether a text is a status that is known."""
        return self.words.read(text) is not None

    def _best(
        self, answer: Any, table: Mapping[str, Rule], needed: Callable[[set[str]], bool], what: str
    ) -> Items | None:
        """Return the list whose items have what is needed: the one with most fields, then the outermost.

        Lists side by side with the same fields, as of what succeeded and what failed, are one.
        """
        best: list[tuple[Path, Items]] = []
        for path, items in lists_in(answer).items():
            if not _are_objects(items) or is_aside(path[-1:]):
                continue
            read = self._read(items, table, what)
            fields = set(read.found.found)
            if not needed(fields):
                continue
            if not best or len(fields) > len(best[0][1].found.found):
                best = [(path, read)]
            elif path[:-1] == best[0][0][:-1] and fields == set(best[0][1].found.found):
                best.append((path, read))
        if not best:
            return None
        if len(best) > 1:
            found = [items for path, items in lists_in(answer).items() if path in {path for path, _read in best}]
            return self.recognise([item for items in found for item in items], table, what)
        if self.observer is not None:
            self.observer(what, best[0][1].found, best[0][1].flats)
        return best[0][1]

    # -- Lines and transactions ----------------------------------------------------------------------------------------

    def lines_of(self, answer: Any, what: str, oddities: Oddities | None = None) -> list[Line]:
        """Return the lines of a transaction: of a list however deep, or of a single line's object.

        Raises UnexpectedAnswerError where there is neither, or no line has an identifier and a status.
        """
        items = self._best(answer, rules.LINE_RULES, _are_lines, what) or self._single_line(answer, what)
        if items is None:
            if is_empty(answer):
                return []
            expected = "lines with an identifier (imei, iccid, simID, eid) and a status"
            raise unexpected(what, expected, answer, ("iccid", "imei", "status"))
        lines = self._lines(items, oddities, what)
        if not any(line.transaction_id for line in lines):
            outer = self._outer_transaction(answer)
            lines = [line._replace(transaction_id=outer) for line in lines]
        return lines

    def _single_line(self, answer: Any, what: str) -> Items | None:
        """Return the innermost object that is a line by itself; None where none is."""
        for _path, item in objects_in(answer):
            if _are_lines(set(self._read([item], rules.LINE_RULES, what).found.found)):
                return self.recognise([item], rules.LINE_RULES, what)
        return None

    def _outer_transaction(self, answer: Any) -> str | None:
        """Return the transaction's id where an answer names it once, outside of its lines."""
        scalars = dict(flat(answer))
        found = self.names.find(list(scalars), rules.TRANSACTION_ID_RULES)
        return self._id(list(scalars.values())[found["transaction_id"].place]) if found else None

    def _id(self, value: Any) -> str | None:
        text = clean(value)
        return text and mask_value(text, self.mask)

    def _lines(self, items: Items, oddities: Oddities | None, what: str) -> list[Line]:
        cells = (items.cells(values) for values in items.flats)
        return [self.line_of(values, f"line {place}", oddities, what) for place, values in enumerate(cells, 1)]

    def line_of(self, cells: Mapping[str, Any], where: str, oddities: Oddities | None, what: str) -> Line:
        """Return the line of some values by our fields.

        Args:
            cells: field → value as it came.
            where: which row or line it is, for a warning.
            oddities: collects values of identifier fields that are not whole identifiers.
            what: the call, for the error. Raises UnexpectedAnswerError for an identifier that cannot have been text.
        """
        values = {field: clean(value) for field, value in cells.items()}
        secret = secrets_in(values, self.mask, self._is_known)
        values.update(secret)
        odd = []
        for field in IDENTIFIERS:
            if values.get(field) is not None:
                text = secret.get(field) or str(cells[field])
                values[field] = self.identifier(field, text, what)
                if values[field] is None and oddities is not None and is_odd(field, text):
                    odd.append((field, text))
        line = Line(**values)
        for field, text in odd:
            if oddities is not None:
                oddities.note(Odd(field, text.strip(), where, line))
        return line

    def _is_known(self, field: str, text: str) -> bool:
        """Whether a value is a whole identifier of digits, one that was declared, or a known status."""
        if field == "status":
            return self.is_status(text)
        value = observed(field, text) if field in IDENTIFIERS else None
        return value is not None and (field != "sim_id" or value.upper() in self._spellings)

    def identifier(self, field: str, text: str, what: str) -> str | None:
        """Return an identifier as declared ones are written, or None. Raises UnexpectedAnswerError for broken text."""
        if any(mark in text for mark in _BROKEN):
            raise UnexpectedAnswerError(
                f"{what}: a value of the {field} has characters that no charset explains",
                "Run again; if it stays so, the service sends its answer in a charset that it does not name.",
            )
        value = observed(field, text)
        return self._spellings.get(value.upper(), value) if value and not value.isdigit() else value

    def transactions_of(self, answer: Any, what: str) -> list[Transaction]:
        """Return the transactions of a history page. Raises UnexpectedAnswerError where one has no id."""
        items = self._best(answer, rules.TRANSACTION_RULES, lambda fields: "transaction_id" in fields, what)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected(what, "transactions with an id", answer, ("transaction_id",))
        return [self._transaction(values, items, what) for values in items.flats]

    def _transaction(self, item: Mapping[Path, Any], items: Items, what: str) -> Transaction:
        cells = items.cells(item)
        values: dict[str, Any] = {field: clean(value) for field, value in cells.items()}
        secret = secrets_in(values, self.mask, self._is_known)
        values.update(secret)
        if values.get("transaction_id") is None:
            raise unexpected(
                what,
                "transactions with an id",
                {".".join(path): value for path, value in item.items()},
                ("transaction_id",),
            )
        for field in IDENTIFIERS:
            if values.get(field) is not None:
                values[field] = self.identifier(field, secret.get(field) or str(cells[field]), what)
        for field in _COUNTS:
            values[field] = count_of(cells.get(field))
        return Transaction(**values)

    def total_of(self, answer: Any) -> int | None:
        """Return the total of a page's envelope, or None where it is not given."""
        return self._number(answer, rules.TOTAL_RULES, "total_count") if isinstance(answer, Mapping) else None

    def transaction_id_of(self, reply: Any) -> str | None:
        """Return the id in the reply to a submission: under one of its names, however deep, or the bare text or number.

        An id under a generic name ("id") counts where nothing says that the submission failed, and where it is not
        another object's. None: no id.
        """
        if isinstance(reply, list):
            ids = {self.transaction_id_of(item) for item in reply}
            return ids.pop() if len(ids) == 1 and isinstance(reply[0], Mapping) else None
        if not isinstance(reply, Mapping):
            return self._id(reply) if _is_id(reply) else None
        scalars = {path: value for path, value in _all_scalars(reply).items() if _is_id(value) and clean(value)}
        found = self.names.find(list(scalars), rules.TRANSACTION_ID_RULES)
        if found:
            return self._id(list(scalars.values())[found["transaction_id"].place])
        if self._failed(reply):
            return None
        generic = [value for path, value in scalars.items() if words_of(path[-1]) == ("id",) and _is_transactions(path)]
        return self._id(generic[0]) if len(set(map(str, generic))) == 1 else None

    def _failed(self, reply: Mapping[str, Any]) -> bool:
        """Whether a reply says that something failed: by an error beside the id, or by its status."""
        statuses = (str(value) for path, value in flat(reply) if "status" in words_of(path[-1]))
        return reports_error(reply) or any(self.words.state(status) == FAILED for status in statuses)

    def pairs_of(self, answer: Any, what: str) -> list[dict[str, str]]:
        """Return what the service read from a device CSV [A]: `imei` and `iccid` of each row."""
        items = self._best(answer, rules.LINE_RULES, lambda fields: {"imei", "iccid"} <= fields, what)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected(what, "objects with imei and iccid", answer, ("imei", "iccid"))
        lines = self._lines(items, None, what)
        if not all(line.imei and line.iccid for line in lines):
            raise unexpected(what, "objects with imei and iccid", answer, ("imei", "iccid"))
        return [{"imei": str(line.imei), "iccid": str(line.iccid)} for line in lines]

    # -- What the account has ------------------------------------------------------------------------------------------

    def carriers_of(self, answer: Any, what: str) -> list[str]:
        """Return carrier names: a list of them, or of objects with a name."""
        best: list[str] | None = None
        for path, items in lists_in(answer).items():
            names = [self._carrier(item) for item in items]
            if items and None not in names and not is_aside(path[-1:]):
                best = best or [str(name) for name in names]
        if best is None:
            if is_empty(answer):
                return []
            raise unexpected(what, "carrier names, or objects with a name", answer, ("carrier",))
        self._observe_carriers(answer, what)
        return best

    def _carrier(self, item: Any) -> str | None:
        if isinstance(item, Mapping):
            return self._text(item, rules.CARRIER_RULES, "carrier")
        return str(item).strip() if _is_id(item) and clean(item) else None

    def _observe_carriers(self, answer: Any, what: str) -> None:
        if self.observer is not None:
            for path, items in lists_in(answer).items():
                if not is_aside(path[-1:]):
                    self.recognise([item for item in items if isinstance(item, Mapping)], rules.CARRIER_RULES, what)

    def objects_of(self, answer: Any, what: str) -> list[Mapping[str, Any]]:
        """Return the plans of an answer: the list of objects with a plan id, else the outermost list of objects."""
        lists = [found for path, found in lists_in(answer).items() if _are_objects(found) and not is_aside(path[-1:])]
        with_id = (found for found in lists if self._read(found, rules.PLAN_RULES, what).found.found)
        items = next(with_id, lists[0] if lists else None)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected(what, "a list of objects", answer, ("plan_id",))
        if self.observer is not None:
            self.recognise(items, rules.PLAN_RULES, what)
        return items

    def plan_ids_of(self, plans: Iterable[Mapping[str, Any]]) -> list[str]:
        """Return the plan id of each plan that has one."""
        found = (self._text(plan, rules.PLAN_RULES, "plan_id") for plan in plans)
        return [plan_id for plan_id in found if plan_id]

    def stock_of(self, answer: Any, what: str) -> tuple[int, int | None]:
        """Return how many eSIMs are available, and the most that one request may ask for (None where not given)."""
        if not isinstance(answer, (Mapping, list)):
            available, most = count_of(answer), None
        else:
            one = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
            available = self._number(one, rules.STOCK_RULES, "available")
            most = self._number(one, rules.STOCK_RULES, "max_per_request")
            if self.observer is not None and isinstance(one, Mapping):
                self.recognise([one], rules.STOCK_RULES, what)
        if available is None:
            raise unexpected(what, "totalAvailableESimCount", answer, ("available",))
        return available, most

    def inventory_count_of(self, answer: Any) -> int | None:
        """Return how many SIMs an inventory answer counts in all, or None where no count is recognised."""
        lists = [items for path, items in lists_in(answer).items() if not is_aside(path[-1:]) and _are_objects(items)]
        items = lists[0] if lists else [answer]
        counts = [self._number(item, rules.INVENTORY_RULES, "count") for item in items if isinstance(item, Mapping)]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def token_of(self, answer: Any) -> tuple[str, str | None]:
        """Return the token and, where it is given, the corp id of a login's reply [C]. The error never quotes it."""
        scalars = dict(flat(answer)) if isinstance(answer, Mapping) else {}
        texts = {path: value for path, value in scalars.items() if isinstance(value, str) and value.strip()}
        found = self.names.find(list(texts), rules.TOKEN_RULES)
        if "token" not in found:
            raise UnexpectedAnswerError(
                "the login succeeded and its answer has no token.",
                "Check that api_url is the base of the Sentinel API. If the token comes under another name, set "
                "field_names: {token: NAME}.",
            )
        corp = self.names.find(list(scalars), rules.CORP_RULES)
        corp_id = list(scalars.values())[corp["corp_id"].place] if corp else None
        return list(texts.values())[found["token"].place].strip(), clean(corp_id)

    def _text(self, item: Mapping[str, Any], table: Mapping[str, Rule], field: str) -> str | None:
        scalars = {path: value for path, value in flat(item) if clean(value) is not None}
        found = self.names.find(list(scalars), table)
        return clean(list(scalars.values())[found[field].place]) if field in found else None

    def _number(self, item: Any, table: Mapping[str, Rule], field: str) -> int | None:
        scalars = {path: value for path, value in flat(item) if count_of(value) is not None}
        found = self.names.find(list(scalars), table)
        return count_of(list(scalars.values())[found[field].place]) if field in found else None


def count_of(value: Any) -> int | None:
    """Return a number of things, or None for what is not one."""
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    try:
        return int(value.replace(",", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError):  # JSON as Python reads it knows Infinity
        return None


def _are_objects(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(item, Mapping) for item in items)


def _are_lines(fields: set[str]) -> bool:
    return "status" in fields and not fields.isdisjoint(IDENTIFIERS)


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _is_transactions(path: Path) -> bool:
    """Whether the keys around a generic id leave it the transaction's."""
    return all(word in _AROUND_ID for key in path[:-1] for word in words_of(key))


def _all_scalars(reply: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the scalars of a reply, those in lists of objects included where they agree."""
    scalars = dict(flat(reply))
    for path, items in lists_in(reply).items():
        for item in items:
            for name, value in flat(item):
                where = (*path, *name)
                scalars[where] = value if scalars.get(where, value) == value else None
    return scalars
