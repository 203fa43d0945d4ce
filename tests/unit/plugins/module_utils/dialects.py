# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a service may name, nest and spell its answers: one readable way per number."""

from __future__ import annotations

import csv
import io
import json
import random
import re

#: Field → phrases that a person would understand.
PHRASES = {
    "transaction_id": [
        "transaction id",
        "order reference",
        "unique transaction id",
        "request number",
        "txn ref",
        "activation id",
    ],
    "imei": ["imei", "device imei", "imei no", "hardware imei number", "handset's imei"],
    "iccid": ["iccid", "uicc", "sim number", "sim iccid", "sim card serial no", "icc id"],
    "eid": ["eid", "esim eid", "euicc id"],
    "sim_id": ["sim id", "smart sim id", "smartsim identifier"],
    "status": ["status", "line status", "device state", "status of line", "activation status", "sim status"],
    "carrier": ["carrier", "carrier name", "wireless carrier", "network operator"],
    "device_group": ["corp id", "device group", "group"],
    "mdn": ["mdn", "phone number", "msisdn", "device phone no"],
    "nickname": ["nickname", "device name", "friendly name"],
    "started": ["transaction start timestamp", "start time", "submitted at", "order date", "created on"],
    "total": ["total lines", "line count", "number of lines", "total devices"],
    "success": ["success lines", "successful", "completed count", "lines succeeded"],
    "failed": ["failed lines", "failures", "error count", "lines rejected"],
    "pending": ["pending lines", "in progress", "lines pending"],
}
#: Additional headers that must not be recognised as a field, and their cells.
ASIDE = [
    ("SIM type", "Standard"),
    ("IMSI", "310410123456789"),
    ("Rate plan", "Pooled 5 GB"),
    ("Order status", "Completed"),
    ("Transaction state", "Pending"),
    ("IMEI lock", "no"),
    ("Billing state", "VA"),
    ("Customer ref.", "A-17"),
    ("Notes", "see 89014"),
    ("Active users", "2"),
]
WORDS = {
    "active": ["Completed", "ACTIVE", "Success", "Completed - active", "activation_successful", "Activated", "Done."],
    "failed": [
        "Failed",
        "Failed: IMEI is blocked",
        "REJECTED",
        "Failure",
        "Rejection - unknown SIM",
        "Cancelled",
        "Error",
    ],
    "pending": [
        "Pending",
        "In Progress",
        "not active",
        "Awaiting activation",
        "inactive",
        "Submitted",
        "Lunar eclipse",
    ],
}
LISTS = [[], ["data"], ["content"], ["result", "items"], ["_embedded", "things"], ["response", "payload", "rows"]]
SPELLINGS = {
    "imei": [
        str,
        lambda text: f"{text[:2]}-{text[2:8]}-{text[8:14]}-{text[14:]}",
        lambda text: f" {text} ",
        "'{}".format,
    ],
    "iccid": [str, "{}F".format, lambda text: re.sub(r"(\d{4})", r"\1 ", text).strip(), '="{}"'.format],
    "eid": [str, lambda text: re.sub(r"(\d{4})", r"\1-", text).strip("-")],
    "sim_id": [str, str.lower],
}
CHARSETS = [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", "; charset=utf-16le"), ("utf-32", "")]


class Dialect:
    """One way to answer, the same for the same number. `keys`, `headings`: field → name."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        pick = self.random.choice
        style = pick([_camel, _snake, _pascal, _kebab, _upper, _dotted])
        self.keys = {field: style(pick(phrases)) for field, phrases in PHRASES.items()}
        self.headings = {
            field: pick([_title, _snake, _camel, _upper, _compact, _hash])(pick(PHRASES[field])) for field in PHRASES
        }
        self.nests = {
            field: pick([(), (), ("device",), ("attributes",)]) for field in ("imei", "iccid", "eid", "sim_id")
        }
        self.nests.update(status=pick([(), (), ("attributes",)]), transaction_id=pick([(), (), ("header",)]))
        self.lists = {what: pick(LISTS) for what in ("lines", "transactions", "carriers")}
        self.total = pick([None, "totalCount", "total_elements", "Total"])
        self.beside = pick([{}, {"errors": []}, {"warnings": [], "success": True}, {"error": None, "links": []}])
        self.reply = pick([[], ["data"], ["result", "transaction"]])
        self.words = {state: pick(words) for state, words in WORDS.items()}
        self.number = pick(["{}", "ACT-2026-{:04d}", "{:08d}"])
        self.spellings = {field: pick(ways) for field, ways in SPELLINGS.items()}
        self.delimiter = pick([",", ";", "\t", "|"])
        self.charset, self.declared = pick(CHARSETS)
        self.aside = self.random.sample(ASIDE, self.random.randint(0, 4))
        self.line_end = pick(["\n", "\r\n"])
        self.no_export = self.random.random() < 0.2
        self.unnamed = {field for field in ("imei", "iccid") if self.random.random() < 0.15}
        for place, field in enumerate(sorted(self.unnamed)):
            self.headings[field] = f"Column {place}"
        self.order = self.random.sample(
            ["transaction_id", "imei", "iccid", "eid", "sim_id", "status", "carrier", "nickname", "started"], 9
        )

    def item(self, values):
        """Return an item of a list: the values under their names."""
        item = {}
        for field, value in values.items():
            inner = item
            for key in self.nests.get(field, ()):
                inner = inner.setdefault(key, {})
            inner[self.keys[field]] = self.spelled(field, value)
        return item

    def spelled(self, field, value):
        """Return a value as this service writes it."""
        return self.spellings[field](value) if value is not None and field in self.spellings else value

    def answer(self, what, items, total):
        """Return a list in its envelope."""
        path = self.lists[what]
        if not path:
            return items
        answer = dict(self.beside)
        inner = answer
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = items
        if self.total:
            answer[self.total] = total
        return answer

    def submitted(self, number):
        """Return the reply to a submission."""
        reply = self.keys["transaction_id"]
        answer = {reply: number, **self.beside}
        for key in reversed(self.reply):
            answer = {key: answer}
        return answer

    def csv(self, lines, fields):
        """Return the bytes of a CSV, and its content type."""
        columns = [field for field in self.order if field in fields]
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerow([*(name for name, _cell in self.aside), *(self.headings[field] for field in columns)])
        for line in lines:
            cells = [self.spelled(field, line.get(field)) or "" for field in columns]
            writer.writerow([*(cell for _name, cell in self.aside), *cells])
        return out.getvalue().encode(self.charset), f"text/csv{self.declared}"


def as_json(answer):
    """An answer's bytes."""
    return json.dumps(answer).encode()


def _words(phrase):
    return phrase.replace("'s", "").split()


def _camel(phrase):
    first, *rest = _words(phrase)
    return first + "".join(word.title() for word in rest)


def _pascal(phrase):
    return "".join(word.title() for word in _words(phrase))


def _snake(phrase):
    return "_".join(_words(phrase))


def _kebab(phrase):
    return "-".join(_words(phrase))


def _upper(phrase):
    return "_".join(_words(phrase)).upper()


def _dotted(phrase):
    return ".".join(_words(phrase))


def _title(phrase):
    return phrase.title()


def _compact(phrase):
    return "".join(_words(phrase))


def _hash(phrase):
    return f"{phrase} (#)".upper()
