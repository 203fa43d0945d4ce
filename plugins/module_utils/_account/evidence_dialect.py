# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dialect of an account, for the option `--dialect` of the simulator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from .._text import word_set
from .._wire import Names
from .._wire.envelopes import has_error
from .._wire.names import Path
from .evidence_mask import Mask, structural_names
from .recorder import Account
from .seen import Seen, shape, time_format_of
from .transaction_calls import transaction_status_place

#: Fields that the simulator supports in each part.
_TRANSACTION = word_set("transaction_id status started total success failed pending imei iccid sim_id eid")
_DEVICE = word_set("mdn status carrier device_group filter_group nickname imei iccid eid sim_id ip")
_UUID = re.compile(r"[x9]{8}-[x9]{4}-[x9]{4}-[x9]{4}-[x9]{12}$")
_ID = re.compile(r"[x9_./#:-]{4,40}$")
#: Spelling of an identifier with separators and filler.
_SPELLING = re.compile(r"[9 _./:-]*9[Ff]?$")
#: Maximum number of words per state in a dialect.
_MAX_WORDS = 12
#: Minimum number of digits of an id format.
_MIN_DIGITS = 4


class Statuses(Protocol):
    """Masks status words."""

    def of(self, counts: Counter[str], of_devices: bool = False) -> dict[str, str | None]:
        """Return masked words → states."""


def dialect_of(account: Account, mask: Mask, statuses: Statuses) -> dict[str, Any]:
    """Return the dialect, without parts that the account did not show."""
    builder = _Builder(account, mask, statuses)
    return {name: part for name, part in builder.parts() if part not in (None, {})}


class _Builder:
    def __init__(self, account: Account, mask: Mask, statuses: Statuses) -> None:
        self._account = account
        self._mask = mask
        self._statuses = statuses

    def parts(self) -> Iterable[tuple[str, Any]]:
        """Yield the parts, in the order of the documentation."""
        yield "token", {name: self._mask.path(path) for name, path in self._account.login.items()}
        for name in ("carriers", "esim_carriers"):
            yield name, self._names(self._account[name])
        for name in ("billing_plans", "business_internet_plans"):
            yield name, self._plans(self._account[name])
        yield "stock", self._stock(self._account["esim_stock"])
        for name in ("transactions_v1", "transactions_v2"):
            yield name, self._items(self._account[name], _TRANSACTION)
        yield "lines", self._lines(self._account["transaction_lines"])
        for name in ("history_csv", "transaction_csv"):
            yield name, self._csv(self._account[name])
        yield "devices", self._items(self._account["devices"], _DEVICE)
        yield "beside", self._beside()
        yield "id_format", self._id_format()
        yield "identifiers", _identifiers(self._account)
        yield "status_words", self._status_words()
        yield "time_format", time_format_of(list(_every(self._account, "started")))

    # -- Parts ---------------------------------------------------------------------------------------------------------

    def _path(self, seen: Seen, place: int, certain: frozenset[Path]) -> list[str]:
        path = seen.names[place]
        return self._mask.path(path, path in certain)

    def _fields(self, seen: Seen, known: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Return the paths of the fields in the order of the answer, without paths that lead through another."""
        certain = structural_names(seen)
        matches = seen.recognition.fields if seen.recognition else {}
        fields: dict[str, list[str]] = {}
        for field, place in sorted(matches.items(), key=lambda entry: entry[1].place):
            path = self._path(seen, place.place, certain)
            if (known is None or field in known) and not any(_overlap(path, other) for other in fields.values()):
                fields[field] = path
        return fields

    def _list(self, seen: Seen) -> dict[str, Any] | None:
        if not seen.is_understood or seen.list_path is None or not seen.count:
            return None
        return {"list": self._mask.path(seen.list_path)}

    def _names(self, seen: Seen) -> dict[str, Any] | None:
        part = self._list(seen)
        if part is None:
            return None
        return {**part, "name": self._fields(seen).get("carrier")}

    def _plans(self, seen: Seen) -> dict[str, Any] | None:
        part, fields = self._list(seen), self._fields(seen)
        return {**part, **fields} if part and fields else None

    def _stock(self, seen: Seen) -> dict[str, Any] | None:
        return (self._fields(seen) or None) if seen.is_understood else None

    def _items(self, seen: Seen, known: Iterable[str] | None = None) -> dict[str, Any] | None:
        part, fields = self._list(seen), self._fields(seen, known)
        if part is None or not fields:
            return None
        total = self._mask.path(seen.total_path) if seen.total_path and seen.list_path else None
        if total is not None and not _overlap(total, part["list"]):
            part["total"] = total
        return {**part, "fields": fields}

    def _lines(self, seen: Seen) -> dict[str, Any] | None:
        part = self._items(seen)
        if part is not None and seen.outer and seen.list_path:
            part["outer"] = {name: self._mask.path(path) for name, path in seen.outer.items()}
        return part

    def _csv(self, seen: Seen) -> dict[str, Any] | None:
        form = seen.csv
        if not seen.is_understood or form is None or seen.recognition is None:
            return None
        places = {field: found.place for field, found in seen.recognition.fields.items()}
        other = transaction_status_place(Names().find, seen.recognition)
        if other is not None:
            places["transaction_status"] = other
        certain = structural_names(seen)
        headings = {
            field: self._path(seen, place, certain)[0]
            for field, place in sorted(places.items(), key=lambda entry: entry[1])
        }
        return {
            "headings": headings,
            "delimiter": form.delimiter or ",",
            "charset": form.charset,
            "bom": form.bom,
            "line_end": form.line_end if form.line_end in ("\n", "\r\n") else "\r\n",
            "final_line_end": form.final_line_end,
        }

    def _beside(self) -> dict[str, Any]:
        """Return the keys next to the lists that have no data, such as empty lists."""
        answers = [seen for seen in self._account.seen if seen.list_path and isinstance(seen.answer, Mapping)]
        taken = {
            path[0]
            for seen in self._account.seen
            for path in (seen.list_path, seen.total_path, *seen.outer.values())
            if path
        }
        beside = {
            self._mask.name(key): value
            for seen in answers
            for key, value in seen.answer.items()
            if key not in taken and (value is None or value is True or value in ([], {}))
        }
        return {} if has_error(beside) else beside

    # -- Formats -------------------------------------------------------------------------------------------------------

    def _id_format(self) -> str | None:
        forms = Counter(map(shape, _every(self._account, "transaction_id"))).most_common(1)
        if not forms:
            return None
        form = forms[0][0]
        if _UUID.match(form):
            return "uuid"
        return form if _ID.match(form) and form.count("9") >= _MIN_DIGITS else None

    def _status_words(self) -> dict[str, Any]:
        lines = Counter[str]()
        transactions = Counter[str]()
        for seen in self._account.seen:
            if not seen.name.startswith("device"):
                lines.update(seen.statuses)
                transactions.update(seen.transaction_statuses)
        found = {
            "line": _by_state(self._statuses.of(lines), "pending"),
            "transaction": _by_state(self._statuses.of(transactions), "pending"),
            "device": _by_state(self._statuses.of(self._account["devices"].statuses, True), None),
        }
        return {level: words for level, words in found.items() if words}


def _every(account: Account, field: str) -> Iterable[str]:
    return (value for seen in account.seen for value in seen.values(field))


def _identifiers(account: Account) -> dict[str, Any]:
    """Return the spelling of identifiers that are not plain digits."""
    found: dict[str, Any] = {}
    for field in ("imei", "iccid", "eid", "sim_id"):
        forms = Counter(_spelling(value) for value in _every(account, field)).most_common(1)
        form = forms[0][0] if forms else ""
        if form.strip("9") and _SPELLING.match(form):
            found[field] = form
    if any(isinstance(value, int) for value in _raw_identifiers(account)):
        found["number"] = True
    return found


def _raw_identifiers(account: Account) -> Iterable[Any]:
    for seen in account.seen:
        for field in ("imei", "iccid", "eid"):
            place = seen.place(field)
            if place is not None and seen.csv is None:
                yield from (row[place] for row in seen.rows)


def _by_state(words: Mapping[str, str | None], otherwise: str | None) -> dict[str, list[str]]:
    """Return words by state. `otherwise`: the state of unknown words, or None to leave them out."""
    found: dict[str, list[str]] = {}
    for word, state in words.items():
        of_state = found.setdefault(state or otherwise or "", [])
        if len(of_state) < _MAX_WORDS:
            of_state.append(word)
    found.pop("", None)
    return found


def _spelling(value: str) -> str:
    """Return the spelling of an identifier: digits as 9, a filler unchanged."""
    body = value[:-1] if value[-1:] in ("F", "f") else value
    return shape(body) + value[len(body) :]


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one path leads through the other."""
    size = min(len(one), len(other))
    return list(one[:size]) == list(other[:size])
