# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All assumptions about the requests and answers of the service.

The vendor publishes paths, query parameters and one request body, but no reply. Inferred and assumed facts are marked
[I] or [A] in the files of this room. Answers are read by meaning. An answer that cannot be read raises an
`UnexpectedAnswerError` with the names in the answer and the option to set. No other room names a field of the service.

    identifiers   normalisation, check digits, recognition by value
    rules, names  headers and keys → our fields, by the words in them
    table         columns → our fields, by name, then by value
    envelopes     lists and objects in a JSON answer
    statuses      words and phrases → active, pending, failed
    oddities      invalid values in identifier columns
    reader        JSON answers → lines, transactions, entries, carriers, plans, stock, token
    devices       the device list: columns, status words
    values        MDNs, amounts, booleans, labels
    csv_lines     history and device list as CSV → lines, entries
    columns       many rows of a CSV at once
    messages      error answers
    requests      request bodies
"""

from __future__ import annotations

from .csv_lines import (
    EntryReader,
    LineReader,
    Table,
    csv_delimiter,
    csv_table,
    read_table,
    readable,
    transaction_place,
)
from .devices import DeviceStatuses
from .identifiers import IDENTIFIERS, clean
from .messages import message_of, unexpected_answer_error
from .names import Names
from .oddities import Odd, Oddities
from .reader import Reader
from .records import Entry, Line, Record, Transaction, all_identifiers, identifiers
from .requests import (
    CORP_ID,
    DEVICE_NAMES,
    LINES,
    LINES_MISSING_TEXT,
    REQUEST_NAMES,
    SERVICE_ADDRESS,
    SERVICE_DETAILS,
    carrier_advice,
    client_login_body,
    is_business_internet_carrier,
    status_body,
)
from .rules import FIELDS
from .statuses import ACTIVE, FAILED, PENDING, LineState, StatusWords, Word, is_already_active
from .values import mdn_of

__all__ = [
    "ACTIVE",
    "CORP_ID",
    "DEVICE_NAMES",
    "FAILED",
    "FIELDS",
    "IDENTIFIERS",
    "LINES",
    "LINES_MISSING_TEXT",
    "PENDING",
    "REQUEST_NAMES",
    "SERVICE_ADDRESS",
    "SERVICE_DETAILS",
    "DeviceStatuses",
    "Entry",
    "EntryReader",
    "Line",
    "LineReader",
    "LineState",
    "Names",
    "Odd",
    "Oddities",
    "Reader",
    "Record",
    "StatusWords",
    "Table",
    "Transaction",
    "Word",
    "all_identifiers",
    "carrier_advice",
    "clean",
    "client_login_body",
    "csv_delimiter",
    "csv_table",
    "identifiers",
    "is_already_active",
    "is_business_internet_carrier",
    "mdn_of",
    "message_of",
    "read_table",
    "readable",
    "status_body",
    "transaction_place",
    "unexpected_answer_error",
]
