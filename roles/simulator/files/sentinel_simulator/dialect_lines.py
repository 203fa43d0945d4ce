# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Format lines in a dialect: like ``lines.LineFormatter``, but slower and in any shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .dialect import CsvPart
from .formatter import Formatter
from .lines import COMPLETED, FAILED, IN_PROGRESS, SUBMITTED, HistoryStyle, Row, mdn_and_ip

#: A status → the name of that state in a dialect.
STATES = {SUBMITTED: "pending", IN_PROGRESS: "pending", COMPLETED: "active", FAILED: "failed"}


def status_word(style: HistoryStyle, formatter: Formatter, level: str, status: str, number: int) -> str:
    """Return the word for a status. The setting ``status_words`` takes precedence over the dialect."""
    word = style.word(status)
    return word if word != status else formatter.word(level, STATES[status], number) or status


class DialectLineFormatter:
    """Formats lines as they are at a time, in a dialect."""

    def __init__(self, style: HistoryStyle, formatter: Formatter, now: float) -> None:
        self._style = style
        self._formatter = formatter
        self._now = now

    def json(self, rows: Iterable[Row], statuses: Mapping[int, str]) -> str:
        """Return the lines of one transaction as JSON, as in endpoint 11."""
        records = [self._record(row, statuses) for row in rows]
        return self._formatter.lines(records, records[0]["transaction_id"] if records else "")

    def csv(self, part: CsvPart, rows: Iterable[Row], statuses: Mapping[int, str]) -> str:
        """Return lines as CSV rows. ``statuses`` has the statuses of transactions with more than one line."""
        return self._formatter.csv_rows(part, (self._record(row, statuses) for row in rows))

    def _record(self, row: Row, statuses: Mapping[int, str]) -> dict[str, Any]:
        (
            number, kind, imei, iccid, sim_id, eid, carrier, device_group, filter_group, zip_code,
            nickname, submitted_at, started_at, done_at, outcome, error, seq, transaction_id, _total, _visible_at,
        ) = row  # fmt: skip
        ended = done_at is not None and done_at <= self._now
        active = ended and outcome == "success"
        status = COMPLETED if active else FAILED if ended else IN_PROGRESS if started_at <= self._now else SUBMITTED
        mdn, ip = mdn_and_ip(number) if active else (None, None)
        # A transaction with a single line has the status of that line.
        whole = statuses.get(seq, status)
        return {
            "transaction_id": self._formatter.transaction_id(seq, transaction_id),
            "transaction_status": status_word(self._style, self._formatter, "transaction", whole, seq),
            "imei": imei,
            # The ICCID of an eSIM is shown once it is active.
            "iccid": iccid if active or kind != "esim" else None,
            "sim_id": sim_id,
            "eid": eid,
            "status": status_word(self._style, self._formatter, "line", status, number),
            "carrier": carrier,
            "device_group": device_group,
            "corp_description": device_group and device_group.replace("-", " ").replace("_", " "),
            "filter_group": filter_group,
            "service_zip_code": zip_code,
            "mdn": mdn,
            "ip": ip,
            "nickname": nickname,
            "started": self._formatter.time(submitted_at, self._style.utc_offset),
            "reason": error if ended and outcome == "fail" else None,
        }
