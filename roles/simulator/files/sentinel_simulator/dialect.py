# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A dialect: the names, envelopes, formats and words of the answers. A part that it lacks keeps the usual answer.

Field names map to a path: a list of keys from the answer, or from an item of its list, downwards.
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .dialect_draw import draw
from .dialect_fields import (
    DEVICE_FIELDS,
    DEVICE_NAMES,
    HEADINGS,
    LINE_FIELDS,
    LINE_NAMES,
    TRANSACTION_FIELDS,
    Fields,
    KeyPath,
)

Words = Annotated[tuple[str, ...], Field(min_length=1)]

#: How a dialect drawn by a seed is asked for.
_RANDOM = re.compile(r"random:(-?[0-9]+)")


def _wrong(message: str) -> PydanticCustomError:
    # Braces would be taken for places of the message's values.
    return PydanticCustomError("dialect", "{message}", {"message": message})


def _known(names: Iterable[str], valid: Iterable[str], what: str) -> None:
    """Refuse a name that is not valid."""
    valid = sorted(valid)
    for name in names:
        if name not in valid:
            close = difflib.get_close_matches(str(name), valid, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise _wrong(f'unknown {what} "{name}"; {hint}Valid: {", ".join(valid)}')


def _apart(paths: dict[str, Optional[KeyPath]]) -> None:
    """Refuse paths of which one leads through the other."""
    given = [(name, path) for name, path in paths.items() if path is not None]
    for place, (name, path) in enumerate(given):
        for other, longer in given[place + 1 :]:
            size = min(len(path), len(longer))
            if path[:size] == longer[:size]:
                raise _wrong(f"{name} and {other} need paths of their own, not {list(path)} and {list(longer)}")


class _Part(BaseModel):
    """A part that refuses keys it does not know: a misspelt one would make a rehearsal prove nothing."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        if isinstance(value, dict):
            _known(value, cls.model_fields, "key")
        elif not isinstance(value, cls):
            raise _wrong("must be an object of keys and values")
        return value


class TokenPart(_Part):
    """The reply to a login."""

    token: KeyPath = ("token",)
    corp_id: Optional[KeyPath] = ("details", "corpId")

    @model_validator(mode="after")
    def _fits(self) -> TokenPart:
        _apart({"token": self.token, "corp_id": self.corp_id})
        return self


class ReplyPart(_Part):
    """The reply to a submission; ``bare``: the id alone, without an object."""

    transaction_id: KeyPath = ("transactionId",)
    bare: bool = False


class NamesPart(_Part):
    """A list of names; without ``name`` they are plain strings."""

    list: KeyPath = ()
    name: Optional[KeyPath] = None


class PlansPart(_Part):
    """A list of rate plans."""

    list: KeyPath = ()
    plan_id: Annotated[KeyPath, Field(min_length=1)] = ("planId",)


class StockPart(_Part):
    """The count of eSIMs."""

    available: KeyPath = ("totalAvailableESimCount",)
    max_per_request: KeyPath = ("maxDefaultCount",)

    @model_validator(mode="after")
    def _fits(self) -> StockPart:
        _apart({"available": self.available, "max_per_request": self.max_per_request})
        return self


class _ListPart(_Part):
    """A list of items with a total beside it. A bare list has none."""

    list: KeyPath = ()
    total: Optional[KeyPath] = None
    fields: Fields = {}

    @model_validator(mode="after")
    def _fits(self) -> _ListPart:
        if self.total is not None:
            _apart({"list": self.list, "total": self.total})
        _apart(dict(self.fields))
        return self


class TransactionsPart(_ListPart):
    """A page of transactions."""

    fields: Fields = TRANSACTION_FIELDS

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _known(value, TRANSACTION_FIELDS, "field")
        return value


class LinesPart(_ListPart):
    """The lines of a transaction; ``outer`` has what is given once, outside of the list."""

    fields: Fields = LINE_FIELDS
    outer: Fields = {}

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _known(value, LINE_NAMES, "field")
        return value

    @model_validator(mode="after")
    def _outside(self) -> LinesPart:
        _known(self.outer, ("transaction_id",), "field")
        if self.outer:
            _apart({"list": self.list, "total": self.total, **self.outer})
        return self


class DevicesPart(_ListPart):
    """A page of the list of devices."""

    fields: Fields = DEVICE_FIELDS

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _known(value, DEVICE_NAMES, "field")
        return value


class CsvPart(_Part):
    """A CSV. The order of the headings is that of the columns."""

    headings: Annotated[dict[str, str], Field(min_length=1)] = HEADINGS
    delimiter: Literal[",", ";", "\t", "|"] = ","
    charset: str = "utf-8"
    bom: bool = False
    line_end: Literal["\r\n", "\n"] = "\r\n"
    final_line_end: bool = True

    @field_validator("headings")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        _known(value, HEADINGS, "field")
        return value

    @field_validator("charset")
    @classmethod
    def _encodes(cls, value: str) -> str:
        try:
            "a".encode(value)
        except (LookupError, UnicodeError) as exc:
            raise _wrong(f'unknown charset "{value}"; use for example utf-8, utf-16, utf-16-le or utf-32') from exc
        return value

    @model_validator(mode="after")
    def _has_mark(self) -> CsvPart:
        if self.bom and not codecs.lookup(self.charset).name.startswith("utf"):
            raise _wrong(f"{self.charset} has no byte order mark; set bom to false")
        return self


class IdentifiersPart(_Part):
    """How identifiers are written: 9 takes the next digit, the last 9 all that remain."""

    imei: Optional[str] = None
    iccid: Optional[str] = None
    eid: Optional[str] = None
    sim_id: Optional[str] = None
    number: bool = False

    @field_validator("imei", "iccid", "eid", "sim_id")
    @classmethod
    def _has_digits(cls, value: Optional[str]) -> Optional[str]:
        if value is not None and "9" not in value:
            raise _wrong(f'"{value}" has no 9, which stands for a digit; write for example 99-999999-999999-9')
        return value


class LineWords(_Part):
    """Words for the states of a line or a transaction; one is drawn for each."""

    active: Optional[Words] = None
    pending: Optional[Words] = None
    failed: Optional[Words] = None


class DeviceWords(_Part):
    """Words for the states of a device in the list of devices."""

    active: Optional[Words] = None
    suspended: Optional[Words] = None
    deactivated: Optional[Words] = None


class WordsPart(_Part):
    """Status words of lines, transactions and devices."""

    line: LineWords = LineWords()
    transaction: LineWords = LineWords()
    device: DeviceWords = DeviceWords()


class Dialect(_Part):
    """All parts of a dialect."""

    token: Optional[TokenPart] = None
    reply: Optional[ReplyPart] = None
    carriers: Optional[NamesPart] = None
    esim_carriers: Optional[NamesPart] = None
    billing_plans: Optional[PlansPart] = None
    business_internet_plans: Optional[PlansPart] = None
    stock: Optional[StockPart] = None
    transactions_v1: Optional[TransactionsPart] = None
    transactions_v2: Optional[TransactionsPart] = None
    lines: Optional[LinesPart] = None
    history_csv: Optional[CsvPart] = None
    transaction_csv: Optional[CsvPart] = None
    devices: Optional[DevicesPart] = None
    device_statuses: Optional[NamesPart] = None
    beside: dict[str, Any] = {}
    id_format: Optional[str] = None
    identifiers: IdentifiersPart = IdentifiersPart()
    status_words: WordsPart = WordsPart()
    time_format: Literal["american", "iso", "iso_blank", "epoch_ms"] = "american"

    @field_validator("id_format")
    @classmethod
    def _has_room(cls, value: Optional[str]) -> Optional[str]:
        if value not in (None, "uuid") and str(value).count("9") < 4:
            raise _wrong(f'"{value}" has fewer than four 9, which stand for digits; write uuid or for example 999999')
        return value

    @model_validator(mode="after")
    def _beside_is_free(self) -> Dialect:
        lists = (
            "carriers",
            "esim_carriers",
            "transactions_v1",
            "transactions_v2",
            "lines",
            "devices",
            "device_statuses",
        )
        for name in lists:
            part = getattr(self, name)
            paths = [part.list, getattr(part, "total", None)] if part is not None else []
            taken = {path[0] for path in paths if path} & set(self.beside)
            if taken:
                raise _wrong(f'beside: key "{min(taken)}" is part of {name} already; use another key')
        return self


def as_dialect(value: Any) -> Any:
    """Turn ``random:SEED`` into the dialect of that seed, and an evidence file's content into its dialect."""
    if isinstance(value, str):
        found = _RANDOM.fullmatch(value)
        if not found:
            raise _wrong(f'"{value}" is not a dialect; give an object, or random:SEED with a whole number')
        return draw(int(found.group(1)))
    if isinstance(value, dict) and "dialect" in value:
        return value["dialect"]
    return value
