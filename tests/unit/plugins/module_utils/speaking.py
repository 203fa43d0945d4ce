# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service in memory with a dialect, as a transport adapter of the HTTP library instead of the network."""

from __future__ import annotations

import io
import json
from collections import Counter
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from urllib3 import HTTPResponse

from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.dialects import as_json

#: Number of requests after the first submission until a submission has ended.
_SLOW = 8


class Service(requests.adapters.BaseAdapter):
    """Answers requests like an account. `accepted`: identifier → number of its transactions by submission.

    Args:
        dialect: how it answers.
        key: the field that identifies its devices.
    """

    def __init__(self, dialect, key):
        super().__init__()
        self.dialect = dialect
        self.key = key
        self.transactions = []
        self.accepted = Counter()
        self.asked = 0
        self.posts = 0

    def add(self, lines, state, due=None):
        """Add a transaction. `state`: of its lines, once `due` requests have come since the first submission."""
        number = self.dialect.number.format(len(self.transactions) + 1)
        self.transactions.append((number, lines, state, due))
        return number

    def close(self):
        """Nothing to close."""

    def send(self, request, **_how):
        """Answer a request."""
        self.asked += bool(self.posts)
        url = urlsplit(request.url)
        path = unquote(url.path).partition("/api/")[2]
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        status, body, kind = self._answer(request, path, query)
        raw = HTTPResponse(
            io.BytesIO(body), {"Content-Type": kind, "Content-Length": str(len(body))}, status, preload_content=False
        )
        response = requests.Response()
        response.status_code, response.raw, response.request, response.url = status, raw, request, request.url
        response.headers.update(raw.headers)
        return response

    def _answer(self, request, path, query):
        if request.method == "POST":
            return self._submitted(json.loads(request.body))
        if path.endswith("carriers"):
            carriers = [self.dialect.item({"carrier": name}) for name in ("VERIZON", "AT&T")]
            return self._json(self.dialect.answer("carriers", carriers, 2))
        if "eSimInventoryCount" in path:
            return self._json({"totalAvailableESimCount": 100})
        if path.endswith("activation/transactions") and query.get("export"):
            return self._export()
        if path.endswith("activation/transactions"):
            return self._page(query)
        number = path.rpartition("/")[2]
        lines = [line for line in self._lines() if line["transaction_id"] == number]
        if not lines:
            return 404, as_json({"message": "not found"}), "application/json"
        return self._json(self.dialect.answer("lines", list(map(self.dialect.item, lines)), len(lines)))

    @staticmethod
    def _json(answer):
        return 200, as_json(answer), "application/json"

    def _submitted(self, body):
        self.posts += 1
        devices = body.get("activationLines", [body])
        lines = []
        for device in devices:
            line = {"imei": device.get("imei"), "iccid": device.get("iccid"), "eid": device.get("eid")}
            line["sim_id"] = device.get("simID")
            lines.append(line)
            self.accepted[line[self.key]] += 1
        return self._json(self.dialect.submitted(self.add(lines, "active", self.asked + _SLOW)))

    def _states(self):
        for number, lines, state, due in self.transactions:
            yield number, lines, "pending" if due is not None and self.asked < due else state

    def _lines(self):
        for place, (number, lines, state) in enumerate(self._states()):
            for line in lines:
                yield {
                    "transaction_id": number,
                    **{field: value for field, value in line.items() if value is not None},
                    "status": self.dialect.words[state],
                    "carrier": "VERIZON",
                    "nickname": "Bus 1",
                    "started": f"03/13/2026 09:{place:02d}:00 AM",
                }

    def _page(self, query):
        items = []
        for place, (number, lines, state) in enumerate(self._states()):
            counts = {
                name: len(lines) * (state == kind)
                for name, kind in (("success", "active"), ("failed", "failed"), ("pending", "pending"))
            }
            values = {"transaction_id": number, "status": self.dialect.words[state], "total": len(lines), **counts}
            items.append(
                {
                    self.dialect.keys[name]: value
                    for name, value in {**values, "started": f"03/13/2026 09:{place:02d}:00 AM"}.items()
                }
            )
        if query["sortDir"] == "DESC":
            items.reverse()
        start = int(query["offset"])
        return self._json(self.dialect.answer("transactions", items[start : start + int(query["limit"])], len(items)))

    def _export(self):
        if self.dialect.no_export:
            return 403, as_json({"error": "no export for this account"}), "application/json"
        lines = list(self._lines())
        fields = {field for line in lines for field in line}
        content, kind = self.dialect.csv(lines, fields)
        return 200, content, kind
