# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account in memory for the account check. Tests can replace the answer of every read-only call."""

from __future__ import annotations

import io
import json

from ansible_collections.kajeet.sentinel.plugins.module_utils._account.calls import AccountCalls
from ansible_collections.kajeet.sentinel.plugins.module_utils._account.verdict import verdict_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.answers import Answer, Call, Redactor
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.body import text_lines
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Reader, StatusWords

CORP = "NORTHSTAR-ISD"
V1 = "/v1.0/activation"
CARRIERS, ESIM_CARRIERS = f"{V1}/carriers", f"{V1}/eSim/carriers"
PLANS, INTERNET = f"{V1}/billing-plans", f"{V1}/businessInternetPlans"
INVENTORY, STOCK = f"{V1}/inventory", f"{V1}/eSimInventoryCount/{CORP}"
PAGES_1, PAGES_2 = f"{V1}/transactions", "/v2.0/activation/transactions"
LINES, LINES_CSV = f"{V1}/transactions/T3", f"{V1}/transactions/T3/csv"
DEVICES, DEVICE_STATUSES = f"/v1.0/devices/{CORP}", f"/v1.0/devices/{CORP}/status"
EXPORT = PAGES_2 + " (CSV)"

IMEIS = ("355737361044124", "355737362273169", "351612080388272")
ICCIDS = ("89148000003100412076", "89014103277400581638", "89012600214550903348")
WORDS = ("Completed", "In progress", "Failed")


class Bytes(io.BytesIO):
    """A body that can be peeked."""

    def peek(self, size):
        """Return the next bytes."""
        place = self.tell()
        found = self.read(size)
        self.seek(place)
        return found


def csv_of(rows, delimiter=",", end="\r\n"):
    """A CSV."""
    return "".join(delimiter.join(row) + end for row in rows)


def history_rows(words=WORDS, status="Line Status"):
    """Return a history with one line per word."""
    return [
        ["Transaction ID", "IMEI", "ICCID", status, "Carrier", "Nickname"],
        *([f"T{n}", IMEIS[n % 3], ICCIDS[n % 3], word, "Verizon", f"Bus {n}"] for n, word in enumerate(words, 1)),
    ]


def lines_of(words=WORDS[-1:], **names):
    """Return the lines of a transaction. `names`: our field → the key of the service."""
    keys = {"imei": "imei", "iccid": "iccid", "status": "status", **names}
    return [{keys["imei"]: IMEIS[0], keys["iccid"]: ICCIDS[0], keys["status"]: word} for word in words]


def page_of(query, ids=("T3", "T2", "T1"), obeys=("limit", "offset", "sortDir")):
    """Return a page of the history. `obeys`: the parameters that it obeys."""
    ids = list(ids)
    if "sortDir" in obeys and query["sortDir"] == "ASC":
        ids.reverse()
    start = query["offset"] if "offset" in obeys else 0
    end = start + query["limit"] if "limit" in obeys else None
    return {
        "transactions": [{"transactionId": name, "status": "Completed", "totalLines": 1} for name in ids[start:end]],
        "totalCount": len(ids),
    }


class FakeAccount:
    """A session for the account check.

    Args:
        answers: path → the answer: JSON, an error to raise, or a function of the query. For a CSV bytes or text.
        login: the login's reply, or None for a token.
        headers: of every answer.
        field_names, status_words: the options.
    """

    concurrency = 1

    def __init__(self, answers=None, login=None, headers=None, field_names=None, status_words=None):
        self.reader = Reader(field_names, StatusWords(status_words))
        self.on_answer = None
        self.asked = []
        self.login_reply = login
        self._headers = headers or {}
        self._redactor = Redactor("tok-secret-1")
        self._answers = {
            CARRIERS: ["Verizon", "AT&T"],
            ESIM_CARRIERS: {"data": [{"name": "AT&T"}]},
            PLANS: [{"planId": "A"}],
            INTERNET: [],
            INVENTORY: {"sku": "S1", "count": 3},
            STOCK: {"totalAvailableESimCount": 7, "maxDefaultCount": 5},
            PAGES_1: page_of,
            PAGES_2: page_of,
            LINES: lines_of(),
            f"{V1}/transactions/T2": lines_of(WORDS[1:2]),
            f"{V1}/transactions/T1": lines_of(WORDS[:1]),
            EXPORT: csv_of(history_rows()),
            LINES_CSV: csv_of(history_rows(WORDS[-1:])),
            DEVICES: {"devices": [], "totalCount": 0},
            DEVICE_STATUSES: ["ACTIVE", "SUSPENDED"],
            **(answers or {}),
        }

    def get(self, path, query=None, *_scope, read=lambda data: data, **_how):
        """Return the result for a JSON answer."""
        self.asked.append((path, query))
        answer = self._answers[path]
        if isinstance(answer, Exception):
            self._note(path, answer.status)
            raise answer
        if self.on_answer is not None:
            self._note(path, 200)
        return read(answer(query) if callable(answer) else answer)

    def stream(self, path, query, read, *_scope, **_how):
        """A CSV."""
        self.asked.append((path, query))
        answer = self._answers[EXPORT if query else path]
        if isinstance(answer, Exception):
            self._note(path, answer.status)
            raise answer
        kind = "text/csv"
        if isinstance(answer, tuple):
            answer, kind = answer
        body = Bytes(answer if isinstance(answer, bytes) else answer.encode())
        self._note(path, 200, body, kind)
        return read(text_lines(body, kind))

    def _note(self, path, status, stream=None, kind="application/json"):
        headers = {**self._headers, "Content-Type": kind}
        if self.on_answer is not None:
            self.on_answer(Call("GET", path), Answer(status, headers, b"", stream))

    def login(self):
        """A new token."""
        if isinstance(self.login_reply, Exception):
            raise self.login_reply
        answer = Answer(200, self._headers, json.dumps(self.login_reply).encode())
        self.on_answer(Call("POST", "/v1.0/auth/token", login=True), answer)
        return self.reader.token_of(self.login_reply)

    def redacted(self, data):
        """Return the data without secrets."""
        return self._redactor.redact_all(data)


def check(service, corp_id=CORP, carrier=None, now=0.0):
    """Make the calls and return the account."""
    calls = AccountCalls(
        SentinelAPI(service), corp_id, service.login_reply is not None, carrier, lambda: 0.0, lambda: now
    )
    return calls.run()


def judge(service, kinds=("sim",), **how):
    """The verdict."""
    return verdict_of(check(service, **how), kinds, service.reader.is_status)
