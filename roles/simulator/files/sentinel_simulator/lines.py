# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Format lines as JSON and as CSV rows. Plain string operations, because histories can have a million lines."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from json.encoder import encode_basestring
from typing import Any, Optional

from .clock import timestamp
from .dialect import Dialect
from .formatter import NONE, Formatter
from .profiles import Settings

SUBMITTED, IN_PROGRESS, COMPLETED, FAILED = "SUBMITTED", "IN PROGRESS", "COMPLETED", "FAILED"

#: [A]: the published page does not show a CSV.
CSV_HEADER = (
    "Transaction ID", "Transaction Status", "IMEI", "ICCID", "SIM ID", "EID", "Line Status", "Carrier", "Device Group",
    "Filter Group", "Zip Code", "MDN", "IP Address", "Nickname", "Transaction Start", "Error Message",
)  # fmt: skip

#: The columns of a line and its transaction, in the order in which the functions below unpack them.
SELECT = (
    "SELECT l.id, l.kind, l.imei, l.iccid, l.sim_id, l.eid, l.carrier, l.device_group, l.filter_group, l.zip_code, "
    "l.nickname, l.submitted_at, l.started_at, l.done_at, l.outcome, l.error, t.seq, t.id, t.total, t.visible_at "
    "FROM lines AS l JOIN transactions AS t ON t.seq = l.seq "
)
LINE_ID, SUBMITTED_AT, DONE_AT, SEQ, TOTAL, VISIBLE_AT = 0, 11, 13, 16, 18, 19

Row = tuple[Any, ...]


@dataclass(frozen=True)
class HistoryStyle:
    """The settings for the format of the history."""

    words: tuple[tuple[str, str], ...]
    utc_offset: float
    dialect: Optional[Dialect] = None

    @classmethod
    def of(cls, settings: Settings) -> HistoryStyle:
        """Return the style of the settings."""
        return cls(tuple(sorted(settings.status_words.items())), settings.utc_offset, settings.dialect)

    @cached_property
    def formatter(self) -> Optional[Formatter]:
        """Formatter of the dialect; None without a dialect."""
        return None if self.dialect is None else Formatter(self.dialect)

    def word(self, status: str) -> str:
        """Return the word for a status."""
        return dict(self.words).get(status, status)


def fetch(db: sqlite3.Connection, tail: str, values: Mapping[str, Any]) -> list[Row]:
    """Return rows of ``SELECT``; ``tail`` is the rest of the statement."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(SELECT + tail, values).fetchall()


def mdn_and_ip(number: int) -> tuple[str, str]:
    """Return the MDN and the IP address of an active line, by its row number."""
    return str(2015550000 + number), f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class LineFormatter:
    """Formats lines as they are at a time."""

    def __init__(self, style: HistoryStyle, now: float) -> None:
        self._now = now
        self._utc_offset = style.utc_offset
        self._words = [style.word(status) for status in (SUBMITTED, IN_PROGRESS, COMPLETED, FAILED)]

    def json(self, rows: Iterable[Row]) -> str:
        """Return lines as a JSON list, as in endpoint 11."""
        return f"[{','.join(map(self._object, rows))}]"

    def _object(self, row: Row) -> str:
        (
            number, kind, imei, iccid, sim_id, eid, carrier, device_group, filter_group, zip_code,
            nickname, _submitted_at, started_at, done_at, outcome, error, _seq, transaction_id, *_rest,
        ) = row  # fmt: skip
        submitted, in_progress, completed, failed = self._words
        ended = done_at is not None and done_at <= self._now
        mdn = ip = NONE
        if ended and outcome == "success":
            status = completed
            mdn, ip = mdn_and_ip(number)
        else:
            status = failed if ended else in_progress if started_at <= self._now else submitted
            # The ICCID of an eSIM is shown once it is active.
            iccid = None if kind == "esim" else iccid
        group = _json(device_group)
        more = ""
        if sim_id:
            more += f',"simID":{encode_basestring(sim_id)}'
        if eid:
            more += f',"eid":{encode_basestring(eid)}'
        if ended and outcome == "fail" and error:
            more += f',"errorMessage":{encode_basestring(error)}'
        return (
            f'{{"transactionId":{_json(transaction_id)},"imei":{_json(imei)},"iccid":{_json(iccid)},'
            f'"status":{_json(status)},"carrier":{_json(carrier)},"corpId":{group},'
            f'"corpDescription":{group.replace("-", " ").replace("_", " ")},"filterGroup":{_json(filter_group)},'
            f'"zipCode":{_json(zip_code)},"mdn":"{mdn}","ip":"{ip}","nickname":{_json(nickname)}{more}}}'
        )

    def csv(self, rows: Iterable[Row], statuses: Mapping[int, str]) -> str:
        """Return lines as CSV rows. ``statuses`` has the statuses of transactions with more than one line."""
        return "".join(self._rows(rows, statuses))

    def _rows(self, rows: Iterable[Row], statuses: Mapping[int, str]) -> Iterator[str]:
        now, utc_offset = self._now, self._utc_offset
        submitted, in_progress, completed, failed = map(_cell, self._words)
        for (
            number, kind, imei, iccid, sim_id, eid, carrier, device_group, filter_group, zip_code,
            nickname, submitted_at, started_at, done_at, outcome, error, seq, transaction_id, total, _visible_at,
        ) in rows:  # fmt: skip
            ended = done_at is not None and done_at <= now
            known, reason = _cell(iccid), NONE
            if ended and outcome == "success":
                status = completed
                mdn_ip = f"{2015550000 + number},10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            else:
                mdn_ip = "N/A,N/A"
                known = NONE if kind == "esim" else known
                if ended:
                    status = failed
                    reason = _cell(error)
                else:
                    status = in_progress if started_at <= now else submitted
            whole = status if total == 1 else _cell(statuses[seq])
            yield (
                f"{_cell(transaction_id)},{whole},{_cell(imei)},{known},{_cell(sim_id)},{_cell(eid)},{status},"
                f"{_cells((carrier, device_group, filter_group, zip_code))},{mdn_ip},{_cell(nickname)},"
                f"{timestamp(submitted_at, utc_offset)},{reason}\r\n"
            )


def _json(value: Any) -> str:
    return '"N/A"' if value is None else encode_basestring(value)


def _cell(value: Any) -> str:
    """Write a cell of a CSV."""
    if value is None:
        return NONE
    # Most values have only letters and digits.
    return value if value.isalnum() else _quoted(value)


def _quoted(value: str) -> str:
    if '"' in value or "," in value or "\n" in value or "\r" in value:
        return '"' + value.replace('"', '""') + '"'
    return value


@lru_cache(maxsize=4_096)
def _cells(values: tuple[Any, ...]) -> str:
    return ",".join(map(_cell, values))


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows of cells as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
