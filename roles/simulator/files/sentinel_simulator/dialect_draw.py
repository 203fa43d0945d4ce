# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw a dialect by a seed, as an unknown service might answer. Uses only the standard library."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from . import dialect_words as words

_ACRONYMS = frozenset({"imei", "iccid", "uicc", "eid", "mdn", "ip", "msisdn", "id", "sim", "zip", "euicc"})
_LINE = (
    "transaction_id", "imei", "iccid", "sim_id", "eid", "status", "carrier", "device_group", "filter_group",
    "service_zip_code", "mdn", "ip", "nickname", "reason",
)  # fmt: skip
_TRANSACTION = (
    "transaction_id", "status", "started", "total", "success", "failed", "pending", "imei", "iccid", "sim_id", "eid",
)  # fmt: skip
_DEVICE = ("key", "mdn", "status", "carrier", "device_group", "filter_group", "nickname", "imei", "iccid")
#: Fields that may be missing from a list.
_SPARE = frozenset({"filter_group", "service_zip_code", "mdn", "ip", "nickname", "reason", "started"})
_ID_FORMATS = (None, "xxx-9999-9999-999", "999999", "99999999", "uuid", "xx9999999", "xxx_99999999", "xx-999-9999")
_CHARSETS = (
    ("utf-8", False), ("utf-8", False), ("utf-8", True), ("utf-16", True), ("utf-16-le", False), ("utf-16-be", True),
    ("utf-32", True),
)  # fmt: skip
_IMEIS = (None, None, "99-999999-999999-9", "99 999999 999999 9", "999999-99-999999-9")
_ICCIDS = (None, None, "9999 9999 9999 9999 999F", "9999-9999-9999-9999-9999", "999999 9999 9999 9999 99")
_EIDS = (None, None, "9999 9999 9999 9999 9999 9999 9999 9999", "99999999-99999999-99999999-99999999")

Style = Callable[[str], str]


def draw(seed: int) -> dict[str, Any]:
    """Return the dialect of a seed: always the same one."""
    return _Draw(random.Random(f"{seed}/dialect")).dialect()


def _capital(word: str) -> str:
    return word.upper() if word in _ACRONYMS else word.capitalize()


def _camel(name: str) -> str:
    first, *rest = name.split()
    return first + "".join(word.capitalize() for word in rest)


#: Styles of JSON keys, and of CSV headings.
_KEY_STYLES: tuple[Style, ...] = (
    _camel,
    lambda name: name.replace(" ", "_"),
    lambda name: "".join(word.capitalize() for word in name.split()),
    lambda name: "".join(map(_capital, name.split())),
    lambda name: name.replace(" ", "-"),
    lambda name: name.replace(" ", "_").upper(),
)
_HEADING_STYLES: tuple[Style, ...] = (
    lambda name: " ".join(map(_capital, name.split())),
    lambda name: " ".join(word.upper() if word in _ACRONYMS else word for word in name.split()),
    str.upper,
    str.lower,
    _camel,
    lambda name: name.replace(" ", "_"),
    lambda name: " ".join(map(_capital, name.split())).replace("Number", "#"),
    lambda name: " ".join(map(_capital, name.split())).replace("Number", "No."),
    lambda name: ".".join(map(_capital, name.split())),
    lambda name: f"{' '.join(map(_capital, name.split()))}:",
)


class _Draw:
    """Draws the parts of one dialect; its keys and its headings each have one style."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._key = rng.choice(_KEY_STYLES)
        self._names = self._chosen()

    def _chosen(self) -> dict[str, str]:
        """Choose the names of this service; the same in all its answers."""
        return {field: self._rng.choice(names) for field, names in words.NAMES.items()}

    def dialect(self) -> dict[str, Any]:
        """Draw all parts."""
        rng = self._rng
        history = self._csv()
        identifiers = {"imei": rng.choice(_IMEIS), "iccid": rng.choice(_ICCIDS), "eid": rng.choice(_EIDS)}
        return {
            "token": self._token(),
            "reply": {"transaction_id": self._path(rng.choice(words.REPLIES), "transaction_id"), "bare": self._odds(5)},
            "carriers": self._carriers(),
            "esim_carriers": self._carriers(),
            "billing_plans": self._plans(),
            "business_internet_plans": self._plans(),
            "stock": self._stock(),
            "transactions_v1": self._transactions(),
            "transactions_v2": self._transactions(),
            "lines": self._lines(),
            "history_csv": history,
            "transaction_csv": self._csv() if self._odds(3) else history,
            "devices": self._devices(),
            "beside": dict(rng.choice(words.BESIDE)),
            "id_format": rng.choice(_ID_FORMATS),
            "identifiers": {**{key: value for key, value in identifiers.items() if value}, "number": self._odds(5)},
            "status_words": {
                "line": self._words(words.LINE_WORDS),
                "transaction": self._words(words.TRANSACTION_WORDS),
                "device": self._words(words.DEVICE_WORDS),
            },
            "time_format": rng.choice(("american", "iso", "iso_blank", "epoch_ms")),
            "device_statuses": self._statuses(),
        }

    def _odds(self, one_in: int) -> bool:
        return self._rng.randrange(one_in) == 0

    def _words(self, vocabulary: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        return {state: self._rng.sample(known, self._rng.randint(1, 4)) for state, known in vocabulary.items()}

    def _path(self, path: Sequence[str], field: str = "", noun: str = "") -> list[str]:
        """Write a path in the style of the keys; ``{}`` stands for the field's name, or for a noun."""
        name = noun or self._names.get(field, "")
        return [key if key.startswith("_") else self._key(key.format(name)) for key in path]

    def _list(self, noun: str) -> list[str]:
        return [] if self._odds(3) else self._path(self._rng.choice(words.LISTS), noun=noun)

    def _paged(self, noun: str, must: bool = False) -> dict[str, Any]:
        """Draw a list and a path for its total that does not overlap with it. ``must``: the list has a total."""
        found = self._list(noun)
        while must and not found:
            found = self._list(noun)
        total: Optional[list[str]] = None
        while found and total is None:
            total = self._path(self._rng.choice(words.TOTALS))
            if total[0] == found[0]:
                total = None
            elif not must and self._odds(4):
                return {"list": found, "total": None}
        return {"list": found, "total": total}

    def _token(self) -> dict[str, Any]:
        return {
            "token": self._path(self._rng.choice(words.TOKENS)),
            "corp_id": self._path(self._rng.choice(words.CORPS)),
        }

    def _carriers(self) -> dict[str, Any]:
        plain = self._odds(2)
        name = None if plain else [self._key(self._rng.choice(words.CARRIER_NAMES))]
        return {"list": self._list("carriers"), "name": name}

    def _statuses(self) -> dict[str, Any]:
        name = None if self._odds(2) else [self._key(self._rng.choice(words.STATUS_NAMES))]
        return {"list": self._list("statuses"), "name": name}

    def _plans(self) -> dict[str, Any]:
        return {"list": self._list("plans"), "plan_id": [self._key(self._rng.choice(words.PLAN_IDS))]}

    def _stock(self) -> dict[str, Any]:
        place = self._rng.choice(((), ("data",), ("result", "stock")))
        return {
            "available": self._path((*place, self._rng.choice(words.AVAILABLE))),
            "max_per_request": self._path((*place, self._rng.choice(words.MAXIMA))),
        }

    def _transactions(self) -> dict[str, Any]:
        status = self._rng.choice((*words.ONE_STATUS, *words.NAMES["transaction_status"]))
        return {**self._paged("transactions"), "fields": self._fields(_TRANSACTION, {"status": status})}

    def _lines(self) -> dict[str, Any]:
        both = self._odds(3)
        status = self._names["status"] if both else self._rng.choice((*words.ONE_STATUS, *words.NAMES["status"]))
        fields = self._fields((*_LINE, "transaction_status") if both else _LINE, {"status": status})
        part: dict[str, Any] = {"list": self._list("lines"), "fields": fields}
        outer = self._path(("{}",), "transaction_id")
        if part["list"] and part["list"][0] != outer[0] and self._odds(3):
            part["outer"] = {"transaction_id": outer}
            del fields["transaction_id"]
        return part

    def _devices(self) -> dict[str, Any]:
        names = {
            "status": self._rng.choice(words.DEVICE_STATUSES),
            "carrier": self._rng.choice(words.DEVICE_NETWORKS),
            "key": "key",
        }
        return {**self._paged("devices", must=True), "fields": self._fields(_DEVICE, names)}

    def _fields(self, fields: Sequence[str], own: Mapping[str, str]) -> dict[str, list[str]]:
        """Draw the paths of an item's fields; some are nested."""
        rng = self._rng
        kept = [field for field in fields if field not in _SPARE or not self._odds(5)]
        rng.shuffle(kept)
        nests = [] if self._odds(2) else rng.sample(words.NESTS, 3)
        paths: dict[str, list[str]] = {}
        for field in kept:
            nest = next((name for name, members in nests if field in members), None)
            name = own.get(field, self._names.get(field, field))
            paths[field] = self._path((name,) if nest is None else (nest, name))
        taken = {path[0] for path in paths.values() if len(path) == 1}
        # A key has a value or an object, not both.
        return {field: path if len(path) == 1 or path[0] not in taken else path[1:] for field, path in paths.items()}

    def _csv(self) -> dict[str, Any]:
        rng = self._rng
        style = rng.choice(_HEADING_STYLES)
        names = self._chosen() if self._odds(2) else self._names
        fields = (*_LINE, "started", "transaction_status")
        kept = [field for field in fields if field not in _SPARE or not self._odds(5)]
        one_status = self._odds(4)
        if one_status:
            kept.remove("transaction_status")
        rng.shuffle(kept)
        headings = {field: style(names[field]) for field in kept}
        if one_status and self._odds(2):
            headings["status"] = style(rng.choice(words.ONE_STATUS))
        charset, bom = rng.choice(_CHARSETS)
        return {
            "headings": headings,
            "delimiter": rng.choice((",", ",", ";", "\t", "|")),
            "charset": charset,
            "bom": bom,
            "line_end": rng.choice(("\r\n", "\n")),
            "final_line_end": not self._odds(4),
        }
