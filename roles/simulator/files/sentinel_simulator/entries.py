# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of the device list that a user adds: devices activated in the portal, moved, or of other users."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .account import DEFAULT_ICCID_PREFIX, FILTER_GROUPS
from .device_records import ENTRY_COLUMNS, DeviceRecords
from .fixtures import DEVICE_GROUPS
from .identifiers import make_iccid, make_imei
from .lines import mdn_and_ip
from .listed import COLUMNS
from .seeding import insert_history
from .states import DEACTIVATED, state_of
from .store import DEVICE_COLUMN, Store

Kind = Literal["sim", "smartsim", "esim"]
Word = Annotated[str, Field(min_length=1)]

#: Columns with a field of their own → that field.
_OWN = {
    "IMEI": "imei",
    "MDN": "mdn",
    "STATUS": "status",
    "NICKNAME": "nickname",
    "FILTER_GROUP": "filter_group",
    "CORP_ID": "device_group",
    "UICC": "iccid",
    "NETWORK": "carrier",
    "EID": "eid",
}
_IDENTIFIERS = ("imei", "iccid", "sim_id", "eid")
_PLACE = ("carrier", "device_group", "filter_group", "nickname")
#: First MDN of entries without one, of generated devices, and of other users' devices. They do not overlap with those
#: of activations.
_ENTRY_MDN = 5_212_000_000
_GENERATED_MDN = 3_010_000_000
_FIRST_MDN = 2_000_000_000
#: First serial numbers of generated devices: those of ``generate``, and other users' devices.
_GENERATED_SERIAL = 9_000_000_000_000
_STRANGER_SERIAL = 9_500_000_000_000
_TAC = 86_200_000


class _Body(BaseModel):
    """A body that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Past(_Body):
    """The line of an entry in the history. Fields that are not given are those of the entry."""

    imei: Optional[str] = Field(default=None, description="If it differs from the entry's, the SIM was moved")
    iccid: Optional[str] = None
    sim_id: Optional[str] = None
    eid: Optional[str] = None
    status: Literal["active", "failed", "pending"] = "active"
    days_ago: float = Field(default=30.0, ge=0)
    finishes_in: Optional[float] = None
    error: Optional[str] = None
    transaction_id: Optional[str] = None
    zip_code: Optional[str] = "30301"
    carrier: Optional[str] = None
    device_group: Optional[str] = None
    filter_group: Optional[str] = None
    nickname: Optional[str] = None


class Changes(_Body):
    """Fields of a device in the list. All can be changed later."""

    imei: Optional[str] = None
    iccid: Optional[str] = None
    sim_id: Optional[str] = None
    eid: Optional[str] = None
    mdn: Optional[str] = Field(default=None, description="Digits, with any separators")
    status: Word = Field(default="active", description="Any word, listed as given")
    reason: Optional[str] = None
    carrier: str = "Verizon"
    device_group: str = DEVICE_GROUPS[0]
    filter_group: Optional[str] = FILTER_GROUPS[0]
    nickname: Optional[str] = None
    online: Optional[bool] = Field(default=None, description="null: true if the device is active")
    columns: dict[str, Any] = Field(default_factory=dict, description='Other columns: {"SUMMER_STATUS": "Suspended"}')
    stuck: bool = Field(default=False, description="The API accepts status changes, but never carries them out")

    @field_validator("mdn")
    @classmethod
    def _digits(cls, value: Optional[str]) -> Optional[str]:
        if value is None:
            return None
        digits = re.sub(r"\D", "", value)
        if len(digits) < 10:
            raise ValueError("must have at least 10 digits, such as 521-267-1508")
        return digits

    @field_validator("columns")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name in _OWN:
                raise ValueError(f"{name} is not allowed here; use the field {_OWN[name]}")
            if name not in COLUMNS:
                raise ValueError(f"{name} is not a column: {', '.join(sorted(COLUMNS.keys() - _OWN.keys()))}")
        return value

    def more(self) -> Optional[str]:
        """Return the fields without a database column, as JSON."""
        more = {**self.columns, **({} if self.online is None else {"ONLINE": self.online})}
        return json.dumps(more) if more else None


class Entry(Changes):
    """A device in the list, with or without an activation in the history."""

    kind: Optional[Kind] = Field(default=None, description="null: smartsim with a sim_id, esim with an eid, else sim")
    history: Union[bool, Past] = Field(
        default=False, description="true: activated 30 days ago; an object: a line that differs from the entry"
    )
    listed_in: float = Field(default=0.0, ge=0, description="Seconds until the list shows the device")
    replaces: bool = Field(
        default=True, description="false: adds a second entry, and keeps the one that the list has for this SIM"
    )

    @model_validator(mode="after")
    def _has_a_name(self) -> Entry:
        if not any(getattr(self, name) for name in (*_IDENTIFIERS, "mdn")):
            raise ValueError("give at least one of imei, iccid, sim_id, eid and mdn")
        if self.kind is None:
            self.kind = "smartsim" if self.sim_id else "esim" if self.eid else "sim"
        return self

    def line(self) -> Optional[dict[str, Any]]:
        """Return its line in the history, for ``insert_history``; None if it has none."""
        if self.history is False:
            return None
        past = self.history if isinstance(self.history, Past) else Past()
        given = {name: getattr(past, name) for name in (*_IDENTIFIERS, *_PLACE)}
        return {
            **past.model_dump(),
            **{name: getattr(self, name) if value is None else value for name, value in given.items()},
            "kind": self.kind,
        }

    @property
    def key(self) -> Optional[str]:
        """The identifier of its SIM; the IMEI of an eSIM."""
        return self.imei if self.kind == "esim" else self.sim_id or self.iccid


class EntriesBody(_Body):
    """Entries, and the number of devices to generate."""

    entries: list[Entry] = Field(default_factory=list)
    generate: int = Field(default=0, ge=0, description="Number of other users' devices to generate, without a history")


def add_listing(records: DeviceRecords, store: Store, now: float, wanted: EntriesBody, seed: int) -> None:
    """Store entries, and generate devices."""
    _insert(records, store, now, wanted.entries)
    if wanted.generate:
        _generate(records, store, now, wanted.generate, seed)


def _insert(records: DeviceRecords, store: Store, now: float, entries: Sequence[Entry]) -> None:
    """Store entries, and their lines in the history."""
    lines = [line for entry in entries if (line := entry.line()) is not None]
    insert_history(store, now, lines)
    first = records.last_entry() + 1
    records.add_entries(_row(store, now, entry, first + place) for place, entry in enumerate(entries))
    for place, entry in enumerate(entries, start=first):
        if entry.stuck:
            records.set_fields([-place], {"stuck": True})
        if entry.replaces and entry.key and state_of(entry.status) == DEACTIVATED:
            records.end_earlier(entry.kind or "sim", entry.key, -place, now)


def _row(store: Store, now: float, entry: Entry, number: int) -> tuple[Any, ...]:
    known: dict[str, Any] = {
        **{name: getattr(entry, name) for name in (*_IDENTIFIERS, *_PLACE, "kind", "status", "reason")},
        "mdn": entry.mdn or _line_mdn(store, entry) or str(_ENTRY_MDN + number),
        "more": entry.more(),
        "made_at": now,
        "listed_at": now + entry.listed_in,
        "replaces": int(entry.replaces),
        "source": "seeded",
    }
    return tuple(known[name] for name in ENTRY_COLUMNS)


def _line_mdn(store: Store, entry: Entry) -> Optional[str]:
    """Return the MDN of the entry's line in the history, because a line has only one MDN."""
    line = entry.line()
    column = DEVICE_COLUMN[entry.kind or "sim"]
    if line is None or line["status"] != "active" or not entry.replaces:
        return None
    ((number,),) = store.rows(f"SELECT MAX(id) FROM lines WHERE {column} = :key", {"key": line[column]})
    return None if number is None else mdn_and_ip(number)[0]


def _generate(records: DeviceRecords, store: Store, now: float, count: int, seed: int) -> None:
    """Store other users' devices, activated in the portal: nine in ten active, the rest suspended or deactivated."""
    start = int(store.meta("generated_entries"))
    store.set_meta("generated_entries", start + count)
    records.add_entries(_generated(now, start, count, random.Random(f"{seed}/entries/{start}")))


def _generated(now: float, start: int, count: int, rng: random.Random) -> Iterator[tuple[Any, ...]]:
    chance, groups = rng.random, len(DEVICE_GROUPS)
    for number in range(start, start + count):
        drawn = chance()
        status = "active" if drawn < 0.9 else "suspended" if drawn < 0.98 else "deactivated"
        yield _made_up(
            number,
            _GENERATED_SERIAL,
            0,
            DEVICE_GROUPS[int(chance() * groups)],
            status,
            str(_GENERATED_MDN + number),
            now,
        )


def add_listed_stranger(records: DeviceRecords, store: Store, now: float, rng: random.Random) -> None:
    """Store another user's device, at a random position in the list."""
    serial = int(store.meta("list_strangers"))
    store.set_meta("list_strangers", serial + 1)
    # Half of them come first, and shift all others on every page.
    mdn = _FIRST_MDN + serial if rng.random() < 0.5 else _FIRST_MDN + int(rng.random() * 8_000_000_000)
    records.add_entries([_made_up(serial, _STRANGER_SERIAL, 50, rng.choice(DEVICE_GROUPS), "active", str(mdn), now)])


def _made_up(number: int, serials: int, tacs: int, group: str, status: str, mdn: str, now: float) -> tuple[Any, ...]:
    millions, rest = divmod(number, 1_000_000)
    imei, iccid = make_imei(str(_TAC + tacs + millions), rest), make_iccid(DEFAULT_ICCID_PREFIX, serials + number)
    place = ("Verizon", group, FILTER_GROUPS[0], None)
    return ("sim", imei, iccid, None, None, *place, status, None, mdn, None, now, now, 1, "made up")
