# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A dialect: the names, envelopes, formats and words of the answers. Missing parts keep their default form.

Field names map to a path, a list of keys that starts at the answer or at an item of its list.
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

#: Matches a request for a dialect drawn by a seed.
_RANDOM = re.compile(r"random:(-?[0-9]+)")


def _dialect_error(message: str) -> PydanticCustomError:
    # Passed as a value, because pydantic would read braces in the message as placeholders.
    return PydanticCustomError("dialect", "{message}", {"message": message})


def _check_names(names: Iterable[str], valid: Iterable[str], noun: str) -> None:
    """Refuse an unknown name."""
    valid = sorted(valid)
    for name in names:
        if name not in valid:
            close = difflib.get_close_matches(str(name), valid, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise _dialect_error(f'unknown {noun} "{name}"; {hint}Valid: {", ".join(valid)}')


def _check_paths_differ(paths: dict[str, Optional[KeyPath]]) -> None:
    """Refuse paths if one is the start of another."""
    given = [(name, path) for name, path in paths.items() if path is not None]
    for place, (name, path) in enumerate(given):
        for other, longer in given[place + 1 :]:
            size = min(len(path), len(longer))
            if path[:size] == longer[:size]:
                raise _dialect_error(
                    f"{name} and {other} must have separate paths, not {list(path)} and {list(longer)}"
                )


class _Part(BaseModel):
    """A part that refuses unknown keys, because a test with a misspelt key would prove nothing."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        if isinstance(value, dict):
            _check_names(value, cls.model_fields, "key")
        elif not isinstance(value, cls):
            raise _dialect_error("must be an object of keys and values")
        return value


class TokenPart(_Part):
    """The reply to a login."""

    token: KeyPath = ("token",)
    corp_id: Optional[KeyPath] = ("details", "corpId")

    @model_validator(mode="after")
    def _fits(self) -> TokenPart:
        _check_paths_differ({"token": self.token, "corp_id": self.corp_id})
        return self


class ReplyPart(_Part):
    """The reply to a submission; ``bare``: only the id, without an object."""

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
    """The stock of eSIMs."""

    available: KeyPath = ("totalAvailableESimCount",)
    max_per_request: KeyPath = ("maxDefaultCount",)

    @model_validator(mode="after")
    def _fits(self) -> StockPart:
        _check_paths_differ({"available": self.available, "max_per_request": self.max_per_request})
        return self


class _ListPart(_Part):
    """A list of items with a total. A bare list has no total."""

    list: KeyPath = ()
    total: Optional[KeyPath] = None
    fields: Fields = {}

    @model_validator(mode="after")
    def _fits(self) -> _ListPart:
        if self.total is not None:
            _check_paths_differ({"list": self.list, "total": self.total})
        _check_paths_differ(dict(self.fields))
        return self


class TransactionsPart(_ListPart):
    """A page of transactions."""

    fields: Fields = TRANSACTION_FIELDS

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _check_names(value, TRANSACTION_FIELDS, "field")
        return value


class LinesPart(_ListPart):
    """The lines of a transaction; ``outer`` has the fields that appear once, outside the list."""

    fields: Fields = LINE_FIELDS
    outer: Fields = {}

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _check_names(value, LINE_NAMES, "field")
        return value

    @model_validator(mode="after")
    def _outside(self) -> LinesPart:
        _check_names(self.outer, ("transaction_id",), "field")
        if self.outer:
            _check_paths_differ({"list": self.list, "total": self.total, **self.outer})
        return self


class DevicesPart(_ListPart):
    """A page of the device list."""

    fields: Fields = DEVICE_FIELDS

    @field_validator("fields")
    @classmethod
    def _names(cls, value: Fields) -> Fields:
        _check_names(value, DEVICE_NAMES, "field")
        return value


class CsvPart(_Part):
    """A CSV. Its columns have the order of the headings."""

    headings: Annotated[dict[str, str], Field(min_length=1)] = HEADINGS
    delimiter: Literal[",", ";", "\t", "|"] = ","
    charset: str = "utf-8"
    bom: bool = False
    line_end: Literal["\r\n", "\n"] = "\r\n"
    final_line_end: bool = True

    @field_validator("headings")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        _check_names(value, HEADINGS, "field")
        return value

    @field_validator("charset")
    @classmethod
    def _encodes(cls, value: str) -> str:
        try:
            "a".encode(value)
        except (LookupError, UnicodeError) as exc:
            raise _dialect_error(
                f'unknown charset "{value}"; use one such as utf-8, utf-16, utf-16-le or utf-32'
            ) from exc
        return value

    @model_validator(mode="after")
    def _has_mark(self) -> CsvPart:
        if self.bom and not codecs.lookup(self.charset).name.startswith("utf"):
            raise _dialect_error(f"{self.charset} has no byte order mark; set bom to false")
        return self


class IdentifiersPart(_Part):
    """Patterns of identifiers: each 9 is replaced by the next digit, the last 9 by all remaining digits."""

    imei: Optional[str] = None
    iccid: Optional[str] = None
    eid: Optional[str] = None
    sim_id: Optional[str] = None
    number: bool = False

    @field_validator("imei", "iccid", "eid", "sim_id")
    @classmethod
    def _has_digits(cls, value: Optional[str]) -> Optional[str]:
        if value is not None and "9" not in value:
            raise _dialect_error(f'"{value}" has no 9 for the digits; use a pattern such as 99-999999-999999-9')
        return value


class LineWords(_Part):
    """Words for the states of a line or a transaction; one is drawn for each."""

    active: Optional[Words] = None
    pending: Optional[Words] = None
    failed: Optional[Words] = None


class DeviceWords(_Part):
    """Words for the states of a device in the device list."""

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
            raise _dialect_error(
                f'"{value}" has fewer than four 9s for the digits; use uuid, or a pattern such as 999999'
            )
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
                raise _dialect_error(f'beside: key "{min(taken)}" is already part of {name}; use another key')
        return self


def as_dialect(value: Any) -> Any:
    """Turn ``random:SEED`` into the dialect of that seed, and an evidence file's content into its dialect."""
    if isinstance(value, str):
        found = _RANDOM.fullmatch(value)
        if not found:
            raise _dialect_error(f'"{value}" is not a dialect; use an object, or random:SEED with a whole number')
        return draw(int(found.group(1)))
    if isinstance(value, dict) and "dialect" in value:
        return value["dialect"]
    return value
