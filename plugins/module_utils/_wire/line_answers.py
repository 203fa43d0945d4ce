# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads transactions, their lines, and the reply to a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._text import word_set
from . import rules
from .answers import Items, count_of, is_id
from .envelopes import flat, has_error, is_empty, lists_in, objects_in
from .identifiers import IDENTIFIERS, clean
from .masking import mask_value, secrets_in
from .messages import unexpected_answer_error
from .names import Path, words_of
from .oddities import Oddities
from .record_answers import RecordAnswers
from .records import Line, Transaction
from .statuses import FAILED

_COUNTS = ("total", "success", "failed", "pending")
#: Keys around a generic "id" in the reply to a submission with which it is still the transaction id.
_AROUND_ID = word_set("data result response payload body content element transaction request order activation")


class LineAnswers(RecordAnswers):
    """Reads transactions and lines."""

    def lines_of(self, answer: Any, call: str, oddities: Oddities | None = None) -> list[Line]:
        """Return the lines of a transaction, from a list at any depth or from the object of a single line.

        Raises UnexpectedAnswerError if no line has an identifier and a status.
        """
        items = self._best(answer, rules.LINE_RULES, _are_lines, call) or self._single_line(answer, call)
        if items is None:
            if is_empty(answer):
                return []
            expected = "lines with an identifier (imei, iccid, simID, eid) and a status"
            raise unexpected_answer_error(call, expected, answer, ("iccid", "imei", "status"))
        lines = self._lines(items, oddities, call)
        if not any(line.transaction_id for line in lines):
            outer = self._outer_transaction(answer)
            lines = [line._replace(transaction_id=outer) for line in lines]
        return lines

    def _single_line(self, answer: Any, call: str) -> Items | None:
        """Return the innermost object that is a line, or None."""
        for _path, item in objects_in(answer):
            if _are_lines(set(self._read([item], rules.LINE_RULES, call).recognition.fields)):
                return self.recognise([item], rules.LINE_RULES, call)
        return None

    def _outer_transaction(self, answer: Any) -> str | None:
        """Return the transaction id that an answer has once, outside its lines."""
        scalars = dict(flat(answer))
        found = self.names.find(list(scalars), rules.TRANSACTION_ID_RULES)
        return self._id(list(scalars.values())[found["transaction_id"].place]) if found else None

    def _id(self, value: Any) -> str | None:
        text = clean(value)
        return text and mask_value(text, self.mask)

    def _lines(self, items: Items, oddities: Oddities | None, call: str) -> list[Line]:
        cells = (items.cells(values) for values in items.flats)
        return [self.line_of(values, f"line {place}", oddities, call) for place, values in enumerate(cells, 1)]

    def line_of(self, cells: Mapping[str, Any], where: str, oddities: Oddities | None, call: str) -> Line:
        """Return the line with some values by field.

        Args:
            cells: field → raw value.
            where: the row or line, for a warning.
            oddities: collects invalid values of identifier fields.
            call: the call, for errors.

        Raises UnexpectedAnswerError for an identifier with broken characters.
        """
        return self._record(_line, cells, where, oddities, call)

    def transactions_of(self, answer: Any, call: str) -> list[Transaction]:
        """Return the transactions of a history page. Raises UnexpectedAnswerError if one has no id."""
        items = self._best(answer, rules.TRANSACTION_RULES, lambda fields: "transaction_id" in fields, call)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected_answer_error(call, "transactions with an id", answer, ("transaction_id",))
        return [self._transaction(values, items, call) for values in items.flats]

    def _transaction(self, item: Mapping[Path, Any], items: Items, call: str) -> Transaction:
        cells = items.cells(item)
        values: dict[str, Any] = {field: clean(value) for field, value in cells.items()}
        secret = secrets_in(values, self.mask, self._is_known)
        values.update(secret)
        if values.get("transaction_id") is None:
            raise unexpected_answer_error(
                call,
                "transactions with an id",
                {".".join(path): value for path, value in item.items()},
                ("transaction_id",),
            )
        for field in IDENTIFIERS:
            if values.get(field) is not None:
                values[field] = self.identifier(field, secret.get(field) or str(cells[field]), call)
        for field in _COUNTS:
            values[field] = count_of(cells.get(field))
        return Transaction(**values)

    def total_of(self, answer: Any) -> int | None:
        """Return the total number of entries that a page reports, or None."""
        return self._number(answer, rules.TOTAL_RULES, "total_count") if isinstance(answer, Mapping) else None

    def transaction_id_of(self, reply: Any) -> str | None:
        """Return the transaction id in the reply to a submission: by name at any depth, or a bare text or number.

        An id with a generic name ("id") counts only if the reply reports no failure and it does not belong to another
        object. None: no id.
        """
        if isinstance(reply, list):
            ids = {self.transaction_id_of(item) for item in reply}
            return ids.pop() if len(ids) == 1 and isinstance(reply[0], Mapping) else None
        if not isinstance(reply, Mapping):
            return self._id(reply) if is_id(reply) else None
        scalars = {path: value for path, value in _all_scalars(reply).items() if is_id(value) and clean(value)}
        found = self.names.find(list(scalars), rules.TRANSACTION_ID_RULES)
        if found:
            return self._id(list(scalars.values())[found["transaction_id"].place])
        if self._failed(reply):
            return None
        generic = [value for path, value in scalars.items() if words_of(path[-1]) == ("id",) and _is_transactions(path)]
        return self._id(generic[0]) if len(set(map(str, generic))) == 1 else None

    def _failed(self, reply: Mapping[str, Any]) -> bool:
        """Whether a reply reports a failure, by an error next to the id or by its status."""
        statuses = (str(value) for path, value in flat(reply) if "status" in words_of(path[-1]))
        return has_error(reply) or any(self.words.state(status) == FAILED for status in statuses)

    def pairs_of(self, answer: Any, call: str) -> list[dict[str, str]]:
        """Return `imei` and `iccid` of each row that the service read from a device CSV [A]."""
        items = self._best(answer, rules.LINE_RULES, lambda fields: {"imei", "iccid"} <= fields, call)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected_answer_error(call, "objects with imei and iccid", answer, ("imei", "iccid"))
        lines = self._lines(items, None, call)
        if not all(line.imei and line.iccid for line in lines):
            raise unexpected_answer_error(call, "objects with imei and iccid", answer, ("imei", "iccid"))
        return [{"imei": str(line.imei), "iccid": str(line.iccid)} for line in lines]


def _line(values: Mapping[str, str | None]) -> Line:
    return Line(**values)


def _are_lines(fields: set[str]) -> bool:
    return "status" in fields and not fields.isdisjoint(IDENTIFIERS)


def _is_transactions(path: Path) -> bool:
    """Whether a generic id with this path is the transaction id."""
    return all(word in _AROUND_ID for key in path[:-1] for word in words_of(key))


def _all_scalars(reply: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the scalars of a reply, including equal values in lists of objects."""
    scalars = dict(flat(reply))
    for path, items in lists_in(reply).items():
        for item in items:
            for name, value in flat(item):
                where = (*path, *name)
                scalars[where] = value if scalars.get(where, value) == value else None
    return scalars
