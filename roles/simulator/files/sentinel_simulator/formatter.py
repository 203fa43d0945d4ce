# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Format answers in a dialect."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from itertools import cycle
from typing import Any, Optional

from .clock import timestamp
from .dialect import CsvPart, DevicesPart, Dialect, LinesPart, NamesPart, PlansPart, TransactionsPart
from .dialect_csv import csv_text
from .dialect_fields import TRANSACTION_FIELDS, Fields, KeyPath

Record = Mapping[str, Any]

NONE = "N/A"
#: Fields that an item omits if they have no value. Others are "N/A".
_OPTIONAL = frozenset({"sim_id", "eid", "reason"})
_IDENTIFIERS = ("imei", "iccid", "eid", "sim_id")

_TRANSACTIONS = TransactionsPart(list=("transactions",), total=("totalCount",))
_LINES = LinesPart()
_DEVICES = DevicesPart(list=("devices",), total=("totalCount",))
_CSV = CsvPart()


def dumps(value: Any) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def nested(pairs: Iterable[tuple[KeyPath, Any]]) -> Any:
    """Return an object with each value at its path. A value at the empty path is the whole object."""
    whole: dict[str, Any] = {}
    for path, value in pairs:
        if not path:
            return value
        place = whole
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return whole


def spelled(pattern: str, value: str) -> str:
    """Insert digits in a pattern: each 9 is replaced by the next digit, the last 9 by all remaining digits."""
    last = pattern.rindex("9")
    digits = list(value)
    shown = ""
    for place, character in enumerate(pattern):
        if character == "9":
            if not digits:
                continue
            shown += "".join(digits) if place == last else digits.pop(0)
        elif digits or place > last:
            shown += character
    return shown


class IdFormat:
    """Converts row numbers to transaction ids, and back."""

    def __init__(self, pattern: str) -> None:
        self._uuid = pattern == "uuid"
        letters = cycle("ACT")
        self._pattern = "".join(next(letters) if character == "x" else character for character in pattern)
        self._digits = pattern.count("9")
        # The first 9 takes the extra digits of long numbers.
        parts = [re.escape(part) for part in self._pattern.split("9")]
        self._expression = re.compile(parts[0] + "([0-9]+)" + "([0-9])".join(parts[1:]))

    def shown(self, seq: int) -> str:
        """Return the id of a transaction."""
        if self._uuid:
            digest = blake2b(str(seq).encode(), digest_size=8).hexdigest()
            return f"{digest[:8]}-{digest[8:12]}-4{digest[12:15]}-a{digest[13:16]}-{seq:012x}"
        # Without leading zeros, because an id can be a JSON number.
        digits = str(10 ** (self._digits - 1) + seq)
        rest = iter(digits[len(digits) - self._digits + 1 :])
        first = True
        text = ""
        for character in self._pattern:
            if character != "9":
                text += character
            elif first:
                text += digits[: len(digits) - self._digits + 1]
                first = False
            else:
                text += next(rest)
        return text

    def seq(self, text: str) -> Optional[int]:
        """Return the row number of an id; None if it is not an id."""
        if self._uuid:
            tail = text[-12:]
            seq = int(tail, 16) if len(tail) == 12 and set(tail) <= set(string.hexdigits) else 0
        else:
            found = self._expression.fullmatch(text)
            seq = int("".join(found.groups())) - 10 ** (self._digits - 1) if found else 0
        return seq if 0 < seq < 2**62 and self.shown(seq) == text else None


class Formatter:
    """Formats answers in a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._ids = None if dialect.id_format is None else IdFormat(dialect.id_format)
        self._patterns = {name: getattr(dialect.identifiers, name) for name in _IDENTIFIERS}

    # -- values --

    def transaction_id(self, seq: int, stored: str) -> str:
        """Return the id of a transaction."""
        return stored if self._ids is None else self._ids.shown(seq)

    def seq_of(self, text: str) -> Optional[int]:
        """Return the row number of an id; None if the dialect has no format for ids, or the text is not an id."""
        return None if self._ids is None else self._ids.seq(text)

    def number(self, text: str) -> Any:
        """Return digits as a JSON number if the dialect has identifiers as numbers."""
        return int(text) if self.dialect.identifiers.number and text.isdecimal() and text[0] != "0" else text

    def identifier(self, name: str, value: Optional[str]) -> Optional[str]:
        """Format an identifier."""
        pattern = self._patterns[name]
        if pattern is None or not value or not value.isdecimal():
            return value
        return spelled(pattern, value)

    def time(self, seconds: float, utc_offset: float) -> Any:
        """Format a time; ``utc_offset`` is the user's time zone in hours."""
        form = self.dialect.time_format
        if form == "american":
            return timestamp(seconds, utc_offset)
        if form == "epoch_ms":
            return int(seconds) * 1000
        moment = datetime.fromtimestamp(int(seconds), tz=timezone(timedelta(hours=utc_offset)))
        if form == "iso_blank":
            return moment.strftime("%Y-%m-%d %H:%M:%S")
        return moment.isoformat().replace("+00:00", "Z")

    def word(self, level: str, state: str, number: int) -> Optional[str]:
        """Return the word for a state (active, pending, failed …) of one line, transaction or device."""
        words = getattr(getattr(self.dialect.status_words, level), state)
        # Always the same word for the same line, transaction or device.
        return words[(number * 7919 + len(state)) % len(words)] if words else None

    # -- answers --

    def token(self, token: str, corp_id: str, username: str) -> Any:
        """Return the reply to a login."""
        part = self.dialect.token
        if part is None:
            return {"token": token, "details": {"corpId": corp_id, "username": username}}
        pairs = [(part.token, token)]
        if part.corp_id is not None:
            pairs.append((part.corp_id, corp_id))
        return nested(pairs)

    def reply(self, transaction_id: str, total: int) -> Any:
        """Return the reply to a submission."""
        part, shown = self.dialect.reply, self.number(transaction_id)
        if part is None:
            return {"transactionId": shown, "status": "SUBMITTED", "totalLines": total}
        return shown if part.bare else nested([(part.transaction_id, shown)])

    def names(self, part: Optional[NamesPart], names: Sequence[str]) -> Any:
        """Return a list of names."""
        if part is None:
            return names
        items = names if part.name is None else [nested([(part.name, name)]) for name in names]
        return self._enveloped([(part.list, items)])

    def plans(self, part: Optional[PlansPart], plans: Sequence[Mapping[str, Any]]) -> Any:
        """Return a list of rate plans."""
        if part is None:
            return plans
        items = []
        for plan in plans:
            others = {name: value for name, value in plan.items() if name not in ("planId", part.plan_id[0])}
            items.append({**nested([(part.plan_id, plan["planId"])]), **others})
        return self._enveloped([(part.list, items)])

    def stock(self, available: int, most: int) -> Any:
        """Return the stock of eSIMs."""
        part = self.dialect.stock
        if part is None:
            return {"totalAvailableESimCount": available, "maxDefaultCount": most}
        return nested([(part.available, available), (part.max_per_request, most)])

    def page(self, version: int, items: str, total: int) -> Optional[str]:
        """Return transactions, a JSON list, in the envelope of that version; None if it is the default one."""
        part = self.dialect.transactions_v1 if version == 1 else self.dialect.transactions_v2
        if part is None:
            return None
        # Insert the list as text, because it is already JSON and long.
        return _spliced(self._enveloped([(part.list, _HOLE), *_total(part.total, total)]), items)

    def transaction(self, version: int, record: Record) -> str:
        """Return an item of a page as JSON."""
        part = self.dialect.transactions_v1 if version == 1 else self.dialect.transactions_v2
        fields = TRANSACTION_FIELDS if part is None else part.fields
        return dumps(self._item(fields, record, frozenset(TRANSACTION_FIELDS)))

    def lines(self, records: Sequence[Record], transaction_id: str) -> str:
        """Return the lines of a transaction as JSON."""
        part = self.dialect.lines or _LINES
        items = [self._item(part.fields, record, _OPTIONAL) for record in records]
        outer = [(path, self.number(transaction_id)) for path in part.outer.values()]
        return dumps(self._enveloped([*outer, (part.list, items), *_total(part.total, len(items))]))

    def devices(self, records: Sequence[Record], total: int) -> Any:
        """Return a page of devices."""
        part = self.dialect.devices or _DEVICES
        items = [self._item(part.fields, record, frozenset(part.fields)) for record in records]
        return self._enveloped([(part.list, items), *_total(part.total, total)])

    def _item(self, fields: Fields, record: Record, optional: frozenset[str]) -> Any:
        pairs = []
        for name, path in fields.items():
            value = record.get(name)
            if value is None:
                if name in optional:
                    continue
                value = NONE
            elif name == "transaction_id":
                value = self.number(value)
            elif name in self._patterns:
                value = self.number(self.identifier(name, value) or "")
            pairs.append((path, value))
        return nested(pairs)

    def _enveloped(self, pairs: list[tuple[KeyPath, Any]]) -> Any:
        answer = nested(pairs)
        if isinstance(answer, dict) and self.dialect.beside:
            return {**answer, **self.dialect.beside}
        return answer

    # -- CSV --

    def csv_part(self, whole: bool) -> CsvPart:
        """Return the format of the export of the whole history, or of one transaction."""
        return (self.dialect.history_csv if whole else self.dialect.transaction_csv) or _CSV

    def csv_rows(self, part: CsvPart, records: Iterable[Record]) -> str:
        """Return records as CSV rows."""
        return csv_text(part, (self._row(part, record) for record in records))

    def _row(self, part: CsvPart, record: Record) -> list[Any]:
        return [
            NONE if record.get(name) is None
            else self.identifier(name, record[name]) if name in self._patterns
            else record[name]
            for name in part.headings
        ]  # fmt: skip


_HOLE = "\0"


def _spliced(answer: Any, items: str) -> str:
    """Return an answer as JSON, with the list's text in place of ``_HOLE``."""
    return dumps(answer).replace('"\\u0000"', items, 1)


def _total(path: Optional[KeyPath], total: int) -> list[tuple[KeyPath, Any]]:
    return [] if path is None else [(path, total)]
