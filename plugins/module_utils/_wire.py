# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EVERY assumption about the shapes that the service sends and takes: names, aliases, status words, carrier rules.

The vendor publishes paths, query parameters and one request body, and no reply at all. What is inferred or assumed is
marked [I] or [A] here, is read tolerantly, and ends in an `UnexpectedAnswerError` that quotes what came where no
variant fits. Nothing outside this file names a field of the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from ._errors import UnexpectedAnswerError
from ._text import fold, unwrap

#: [I] Words for "there is nothing here".
_NOTHING = {"", "n/a", "na", "none", "null", "-", "nan"}


def clean(value: Any) -> str | None:
    """A scalar of the service as text, or None where it says nothing (empty, N/A, null …)."""
    if value is None or isinstance(value, (dict, list)):
        return None
    text = unwrap(str(value))
    return None if text.lower() in _NOTHING else text


def clean_iccid(value: Any) -> str | None:
    """An ICCID of the service without separators and filler, so that it compares with a declared one."""
    text = clean(value)
    return re.sub(r"[\s-]", "", text).rstrip("Ff") if text else None


# -- Names -----------------------------------------------------------------------------------------------------------

#: Our field → the request's field. [P] for imei, iccid, carrier and the groups, [I] for the rest.
REQUEST_NAMES: dict[str, str] = {
    "imei": "imei",
    "iccid": "iccid",
    "eid": "eid",
    "sim_id": "simID",
    "carrier": "carrier",
    "filter_group": "filterGroup",
    "device_group": "deviceGroup",
    "service_zip_code": "serviceZipCode",
    "nickname": "nickname",
    "plan_id": "planId",
    "activation_location": "activationLocation",
    "sub_type": "subType",
    "agency_end_user_name": "agencyEndUserName",
    "billing_address": "billingAddress",
    "billing_city": "billingCity",
    "billing_state": "billingState",
}
CORP_ID = "corpId"  # [P]
LINES = "activationLines"  # [I]
#: Where a SmartSIM's line says what it is to be activated for [I].
SERVICE_DETAILS, SERVICE_ADDRESS = "serviceDetails", "serviceAddress"
#: A SmartSIM's id that is shorter needs a carrier [I].
SIM_ID_WITHOUT_CARRIER = 21
#: What says in a request which devices are meant.
DEVICE_NAMES = (LINES, "imei", "iccid", "simID", "eid")
#: [I] What a request without lines is answered: with it, a `single` request says that the account wants lines.
LINES_MISSING_TEXT = "activation lines list is empty"

#: The fields of a line that tell which device it is.
IDENTIFIERS = ("iccid", "imei", "sim_id", "eid")
#: So many texts are remembered that stand where identifiers do, and are none of those wanted.
_ODD_REMEMBERED = 100_000
_TRANSACTION_ID = ("transactionid", "uniquetransactionid", "activationtransactionid")

#: Our field → the folded names under which it may come, the surest first. [I] for JSON, [I/A] for CSV headers.
_LINE_NAMES: dict[str, tuple[str, ...]] = {
    "transaction_id": _TRANSACTION_ID,
    "imei": ("imei", "imeinumber", "deviceimei"),
    "iccid": ("iccid", "iccidnumber", "simiccid", "simnumber", "sim"),
    "sim_id": ("simid", "smartsimid"),
    "eid": ("eid", "eidnumber"),
    "status": ("linestatus", "activationlinestatus", "activationstatus", "devicestatus", "status", "state"),
    "carrier": ("carrier", "carriername"),
    "device_group": ("corpid", "devicegroup", "groupid", "group"),
    "filter_group": ("filtergroup", "filter"),
    "service_zip_code": ("zipcode", "servicezipcode", "zip"),
    "mdn": ("mdn", "phonenumber", "mobilenumber", "msisdn", "phone"),
    "ip": ("ip", "ipaddress", "staticip"),
    "nickname": ("nickname", "devicename"),
    "reason": ("errormessage", "failurereason", "reason", "statusmessage", "statusdescription", "error", "message"),
    "started": ("transactionstarttimestamp", "transactionstart", "transactiondate", "starttimestamp", "starttime"),
}
_TRANSACTION_NAMES: dict[str, tuple[str, ...]] = {
    **{name: _LINE_NAMES[name] for name in ("imei", "iccid", "sim_id", "eid", "started")},
    "transaction_id": (*_TRANSACTION_ID, "id"),
    "status": ("status", "transactionstatus", "state"),
    "total": ("totallines", "total", "linecount", "lines"),
    "success": ("successlines", "success", "successfullines", "completedlines"),
    "failed": ("failedlines", "failed", "errorlines"),
    "pending": ("pendinglines", "pending"),
}
_CARRIER_NAMES = ("carrier", "carriername", "name", "displayname")


class Line(NamedTuple):
    """A device in a transaction, as the service reports it. Every field is text, or None where nothing was said."""

    transaction_id: str | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None
    status: str | None = None
    carrier: str | None = None
    device_group: str | None = None
    filter_group: str | None = None
    service_zip_code: str | None = None
    mdn: str | None = None
    ip: str | None = None
    nickname: str | None = None
    reason: str | None = None
    started: str | None = None


class Transaction(NamedTuple):
    """A request as the history lists it. Counts are lines, None where the service did not count."""

    transaction_id: str | None = None
    status: str | None = None
    started: str | None = None
    total: int | None = None
    success: int | None = None
    failed: int | None = None
    pending: int | None = None
    imei: str | None = None
    iccid: str | None = None
    sim_id: str | None = None
    eid: str | None = None


# -- Replies ---------------------------------------------------------------------------------------------------------


def transaction_id_of(reply: Any) -> str | None:
    """The id in the reply to a submission: under one of its names, or the bare string or number. None: no id."""
    found = _pick(_folded(reply), (*_TRANSACTION_ID, "id")) if isinstance(reply, Mapping) else reply
    return clean(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else None


def items_of(answer: Any, what: str) -> list[Any]:
    """The list in an answer: the answer itself, or the one list among an object's values ("data", "transactions", …).

    Raises UnexpectedAnswerError, quoting the answer's start, where there is none or more than one.
    """
    if isinstance(answer, list):
        return answer
    if isinstance(answer, Mapping):
        lists = [value for value in answer.values() if isinstance(value, list)]
        if len(lists) == 1:
            return list(lists[0])
        nested = [value for value in answer.values() if isinstance(value, Mapping)]
        if not lists and len(nested) == 1:
            return items_of(nested[0], what)
    raise unexpected(what, "a list, or an object that holds one list", answer)


def total_of(answer: Any) -> int | None:
    """`totalCount` of a history page's envelope, or None."""
    return _count(_pick(_folded(answer), ("totalcount", "total", "count"))) if isinstance(answer, Mapping) else None


def objects_of(answer: Any, what: str) -> list[Mapping[str, Any]]:
    """Like `items_of`, each of them an object."""
    items = items_of(answer, what)
    for item in items:
        if not isinstance(item, Mapping):
            raise unexpected(what, "a list of objects", answer)
    return items


def lines_of(answer: Any, what: str) -> list[Line]:
    """The lines of a transaction: a list of them, an object that holds one, or a single line's object."""
    if isinstance(answer, Mapping) and not any(isinstance(value, (list, Mapping)) for value in answer.values()):
        answer = [answer]
    lines = [_line(item) for item in objects_of(answer, what)]
    if lines and not any(identifiers(line) and line.status for line in lines):
        raise unexpected(what, "lines with an identifier (imei, iccid, simID, eid) and a status", answer)
    return lines


def pairs_of(answer: Any, what: str) -> list[dict[str, str]]:
    """What the service read from a device CSV [A]: `imei` and `iccid` of each row."""
    pairs = []
    for item in objects_of(answer, what):
        line = _line(item)
        if not (line.imei and line.iccid):
            raise unexpected(what, "objects with imei and iccid", answer)
        pairs.append({"imei": line.imei, "iccid": line.iccid})
    return pairs


def transactions_of(answer: Any, what: str) -> list[Transaction]:
    """The transactions of a history page. Raises UnexpectedAnswerError where one has no id."""
    transactions = []
    for item in objects_of(answer, what):
        names = _folded(item)
        values: dict[str, Any] = {field: clean(_pick(names, aliases)) for field, aliases in _TRANSACTION_NAMES.items()}
        if values["transaction_id"] is None:
            raise unexpected(what, "transactions with an id", item)
        values["iccid"] = clean_iccid(values["iccid"])
        for field in ("total", "success", "failed", "pending"):
            values[field] = _count(values[field])
        transactions.append(Transaction(**values))
    return transactions


def carriers_of(answer: Any, what: str) -> list[str]:
    """Carrier names: a list of them, or of objects with a name."""
    names = []
    for item in items_of(answer, what):
        name = _pick(_folded(item), _CARRIER_NAMES) if isinstance(item, Mapping) else item
        if clean(name) is None:
            raise unexpected(what, "carrier names, or objects with a name", answer)
        names.append(str(name).strip())
    return names


def plan_ids_of(plans: Iterable[Mapping[str, Any]]) -> list[str]:
    """The `planId` of each plan that has one."""
    found = (clean(_pick(_folded(plan), ("planid", "id"))) for plan in plans)
    return [plan_id for plan_id in found if plan_id]


def stock_of(answer: Any, what: str) -> tuple[int, int | None]:
    """eSIM stock: how many are available, and the most that one request may ask for (None where it is not said)."""
    names = _folded(answer) if isinstance(answer, Mapping) else {"availablecount": answer}
    available = _count(_pick(names, ("totalavailableesimcount", "availableesimcount", "availablecount", "count")))
    if available is None:
        raise unexpected(what, "totalAvailableESimCount", answer)
    return available, _count(_pick(names, ("maxdefaultcount", "maxcount")))


def inventory_count_of(answer: Any) -> int | None:
    """How many SIMs an inventory answer counts in all, or None where no count is recognised."""
    items = answer if isinstance(answer, list) else [answer]
    counts = [
        _count(_pick(_folded(item), ("availablecount", "available", "count", "quantity", "totalavailablecount")))
        for item in items
        if isinstance(item, Mapping)
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


class LineReader:
    """Reads the rows of a history CSV: finds each field's column by its header, without case and punctuation.

    Args:
        header: the first row.
        what: the call, for the error. Raises UnexpectedAnswerError where no identifier or no status is among them.
    """

    def __init__(self, header: Sequence[str], what: str) -> None:
        columns = {fold(name): index for index, name in reversed(list(enumerate(header)))}
        places = {field: _pick(columns, aliases) for field, aliases in _LINE_NAMES.items()}
        known = any(places[field] is not None for field in IDENTIFIERS)
        if not known or places["status"] is None:
            raise unexpected(what, "a CSV with a status column and one of IMEI, ICCID, SIM ID, EID", ",".join(header))
        self.places: dict[str, int] = {field: place for field, place in places.items() if place is not None}

    def line(self, row: Sequence[str]) -> Line:
        """The line of one row; a row that is too short lacks its last fields."""
        width = len(row)
        return _tidy({field: row[place] for field, place in self.places.items() if place < width})

    def lines_with(self, wanted: frozenset[str], rows: Iterable[Sequence[str]]) -> Iterator[Line]:
        """The lines that carry a wanted identifier, of a history that may be a thousand times longer.

        So nothing is made of a row but a comparison, unless an identifier in it is written in an odd way.
        """
        places = [self.places[field] for field in IDENTIFIERS if field in self.places]
        pick = itemgetter(*places, *places[:1])  # a tuple for one place, too
        without = wanted.isdisjoint
        known = {""}
        for row in rows:
            try:
                values = pick(row)
            except IndexError:  # a row that is too short
                values = tuple(row[place] for place in places if place < len(row))
            if not without(values):
                yield self.line(row)
            elif not "".join(values).replace("N/A", "").isdigit():
                odd = [value for value in values if not value.isdigit() and value not in known]
                if not without(map(clean, odd)) or not without(map(clean_iccid, odd)):
                    yield self.line(row)
                elif len(known) < _ODD_REMEMBERED:
                    known.update(odd)

    def lines_of(self, transactions: frozenset[str], rows: Iterable[Sequence[str]]) -> Iterator[Line]:
        """The lines of some transactions. None where the history has no column for their ids."""
        place = self.places.get("transaction_id")
        if place is not None:
            yield from (self.line(row) for row in rows if len(row) > place and clean(row[place]) in transactions)


def message_of(answer: Any) -> str | None:
    """The service's own words in an error answer, or None."""
    if isinstance(answer, str):
        return clean(answer)
    if isinstance(answer, list):
        return "; ".join(filter(None, map(message_of, answer))) or None
    if isinstance(answer, Mapping):
        for name in ("message", "errorMessage", "error", "detail", "errors"):
            text = message_of(answer.get(name))
            if text:
                more = message_of(answer.get("errors")) if name != "errors" else None
                return f"{text}: {more}" if more and more != text else text
    return None


def client_login_body(client_id: str, client_secret: str, username: str | None) -> dict[str, str | None]:
    """The body of the login of a trusted client for one of its API users. [A] It is published nowhere."""
    return {"clientId": client_id, "clientSecret": client_secret, "username": username}


def token_of(answer: Any) -> tuple[str, str | None]:
    """The token and, where it is said, the corp id of a login's reply [C]. The error never quotes such a reply."""
    token = answer.get("token") if isinstance(answer, Mapping) else None
    if not isinstance(token, str) or not token.strip():
        raise UnexpectedAnswerError(
            "the login succeeded and its answer has no token.", "Check that api_url is the base of the Sentinel API."
        )
    details = answer.get("details")
    return token.strip(), clean(details.get(CORP_ID)) if isinstance(details, Mapping) else None


def unexpected(what: str, expected: str, received: Any) -> UnexpectedAnswerError:
    """The error for a shape that no variant covers, with the first words of what came."""
    text = received if isinstance(received, str) else repr(received)
    return UnexpectedAnswerError(f"{what}: expected {expected}; received: {text[:200]}")


# -- Status ----------------------------------------------------------------------------------------------------------

ACTIVE, PENDING, FAILED = "active", "pending", "failed"

#: [A] Words are published nowhere. What is in neither list is still running: an unknown word must not end a wait.
_SUCCESS_WORDS = {"complete", "completed", "success", "successful", "active", "activated", "done"}
_FAILED_WORDS = {"fail", "failed", "error", "rejected", "cancelled", "canceled", "cancel", "declined"}
#: [A] How a refusal may say that a device is active or under way already.
_ALREADY = re.compile(r"(?i)already\s+(?:been\s+)?(?:active|activated|pending|submitted)|in progress")


class StatusWords:
    """Sorts status words into active, pending and failed; `more` is the option `status_words` {success, failed}."""

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        more = more or {}
        self._states = dict.fromkeys(_FAILED_WORDS, FAILED)
        self._states.update(dict.fromkeys(_SUCCESS_WORDS, ACTIVE))
        for name, state in (("failed", FAILED), ("success", ACTIVE)):
            self._states.update(dict.fromkeys(map(fold, more.get(name) or ()), state))

    def state(self, word: str | None) -> str:
        """`ACTIVE`, `FAILED`, or `PENDING` for every other word and for none."""
        return self._states.get(fold(word), PENDING) if word else PENDING

    def ended(self, transaction: Transaction) -> bool:
        """Whether every line of a transaction has ended: by its counts where present, otherwise by its word."""
        if transaction.pending is not None:
            return transaction.pending == 0
        if None not in (transaction.total, transaction.success, transaction.failed):
            return (transaction.success or 0) + (transaction.failed or 0) >= (transaction.total or 0) > 0
        return self.state(transaction.status) != PENDING


def says_already(text: str | None) -> bool:
    """Whether a refusal, or a failed line's reason, says that the device is active or under way already."""
    return bool(text and _ALREADY.search(text))


# -- Carrier rules ---------------------------------------------------------------------------------------------------

_ZIP_CARRIERS = {"verizon", "tmobile", "verizonpriority", "verizonbi", "firstnetextendedprimary"}
_FIRSTNET_FIELDS = ("agency_end_user_name", "billing_address", "billing_city", "billing_state", "sub_type")
_FIRSTNET_LONGEST = 50
#: Carriers whose plan ids are those of the business internet plans (endpoint 2).
_BUSINESS_INTERNET = {"verizonbi"}


def carrier_advice(fields: Mapping[str, str | None]) -> list[str]:
    """What the rules known of a device's carrier [I] find wanting, one sentence each. The service is the judge."""
    carrier = fields.get("carrier") or ""
    folded = fold(carrier)
    needed = ["device_group", "filter_group"]  # [P] Both are in the published body.
    if folded in _ZIP_CARRIERS:
        needed.append("service_zip_code")
    if folded.startswith("firstnet"):
        needed.extend(_FIRSTNET_FIELDS)
    if folded in _BUSINESS_INTERNET:
        needed.append("plan_id")
    advice = [f"{field} is missing, which {carrier or 'a request'} needs" for field in needed if not fields.get(field)]
    if not carrier and len(fields.get("sim_id") or "") < SIM_ID_WITHOUT_CARRIER:
        advice.append(f"carrier is missing, which a sim_id of less than {SIM_ID_WITHOUT_CARRIER} characters needs")
    if folded.startswith("firstnet"):
        long = [field for field in _FIRSTNET_FIELDS if len(fields.get(field) or "") > _FIRSTNET_LONGEST]
        advice.extend(
            f"{field} is longer than the {_FIRSTNET_LONGEST} characters that {carrier} takes" for field in long
        )
    location = fields.get("activation_location")
    if location and fold(location) not in ("east", "west"):
        advice.append(f"activation_location is {location}: East or West is expected")
    return advice


def takes_business_plan(carrier: str | None) -> bool:
    """Whether the carrier's `plan_id` must be one of the business internet plans."""
    return fold(carrier or "") in _BUSINESS_INTERNET


# -- Helpers ---------------------------------------------------------------------------------------------------------


def identifiers(line: Line) -> tuple[str, ...]:
    """The identifiers that a line carries."""
    return tuple(value for value in (line.iccid, line.imei, line.sim_id, line.eid) if value)


def _line(item: Mapping[str, Any]) -> Line:
    names = _folded(item)
    return _tidy({field: _pick(names, aliases) for field, aliases in _LINE_NAMES.items()})


def _tidy(values: Mapping[str, Any]) -> Line:
    tidy = {field: clean(value) for field, value in values.items()}
    if "iccid" in tidy:
        tidy["iccid"] = clean_iccid(tidy["iccid"])
    return Line(**tidy)


def _folded(item: Mapping[str, Any]) -> dict[str, Any]:
    return {fold(name): value for name, value in item.items()}


def _pick(names: Mapping[str, Any], aliases: Iterable[str]) -> Any:
    for alias in aliases:
        if names.get(alias) is not None:
            return names[alias]
    return None


def _count(value: Any) -> int | None:
    try:
        return None if value is None or isinstance(value, (bool, dict, list)) else int(value)
    except (ValueError, OverflowError):  # JSON as Python reads it knows Infinity
        return None
