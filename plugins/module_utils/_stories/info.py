# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of the info modules and lookups: carriers, inventory, plans, transactions. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from .._errors import InputError, RefusedError
from .._options import ConnectionOptions
from .._service.api import PAGE_SIZE, SentinelAPI
from .._service.parallel import in_parallel
from .._text import fold
from .._transport.session import Session
from .._wire import (
    ACTIVE,
    FAILED,
    PENDING,
    Line,
    StatusWords,
    Transaction,
)
from .._wire.times import start_of

Params = Mapping[str, Any]
OnSecret = Callable[[str], Any]

#: Valid values of the option `kind`, and terms of the lookup `sentinel_plans`.
PLAN_KINDS = ("billing", "business_internet", "all")
_NO_ACCOUNT = (
    "corp_id is required: the stock of eSIMs is counted per account. Set corp_id (SENTINEL_CORP_ID; for a lookup also "
    "the variable sentinel_corp_id), or api_username and api_password, whose login reports it."
)
#: Options that cannot be used with `transaction_ids`.
_OF_THE_HISTORY = ("version", "sort_dir", "offset", "limit", "since", "status")


# -- Carriers, inventory, plans ----------------------------------------------------------------------------------------


def carriers(params: Params, on_secret: OnSecret) -> dict[str, Any]:
    """Return the result of `sentinel_carriers_info`."""
    with _connected(params, on_secret) as api:
        return {"changed": False, "carriers": api.esim_carriers() if params["esim"] else api.carriers()}


def inventory(params: Params, on_secret: OnSecret) -> dict[str, Any]:
    """Return the result of `sentinel_inventory_info`."""
    if not params["carriers"]:
        raise InputError(["carriers: at least one carrier name is required; sentinel_carriers_info lists them."])
    with _connected(params, on_secret) as api:
        return {"changed": False, "inventory": inventory_of(api, params["carriers"], params["esim"])}


def plans(params: Params, on_secret: OnSecret) -> dict[str, Any]:
    """Return the result of `sentinel_plans_info`."""
    with _connected(params, on_secret) as api:
        found = plans_of(api, [params["kind"]])
        plan_ids = api.reader.plan_ids_of(plan for listed in found.values() for plan in listed)
    by_kind = {f"{kind}_plans": listed for kind, listed in found.items()}
    return {"changed": False, **by_kind, "plan_ids": list(dict.fromkeys(plan_ids))}


def inventory_of(api: SentinelAPI, names: Sequence[str], esim: bool) -> list[dict[str, Any]]:
    """Return the account's stock of each carrier. Raises InputError for eSIMs without a corp id."""
    if not esim:
        return [_sims(api, name) for name in names]
    corp_id = api.session.corp_id()
    if not corp_id:
        raise InputError([_NO_ACCOUNT])
    return [_esims(name, api.esim_stock(corp_id, name)) for name in names]


def plans_of(api: SentinelAPI, kinds: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the plans of each requested kind, as received. Raises InputError for an unknown kind."""
    unknown = [kind for kind in kinds if kind not in PLAN_KINDS]
    if unknown:
        valid = ", ".join(PLAN_KINDS)
        raise InputError([f"{kind!r} is not a kind of plan; valid kinds: {valid}" for kind in unknown], "The call")
    readers = {"billing": api.billing_plans, "business_internet": api.business_internet_plans}
    wanted = dict.fromkeys(kind for asked in kinds for kind in (readers if asked == "all" else [asked]))
    return {kind: readers[kind]() for kind in wanted}


def _sims(api: SentinelAPI, name: str) -> dict[str, Any]:
    answer = api.inventory(name)
    return {"carrier": name, "count": api.reader.inventory_count_of(answer), "inventory": answer}


def _esims(name: str, stock: tuple[int, int | None]) -> dict[str, Any]:
    return {"carrier": name, "available": stock[0], "max_per_request": stock[1]}


# -- Transactions ------------------------------------------------------------------------------------------------------


def transactions(params: Params, on_secret: OnSecret) -> dict[str, Any]:
    """Return the result of `sentinel_transactions_info`. Raises InputError for options that contradict each other."""
    problems = _contradictions(params)
    since = _moment(params.get("since"), problems)
    if problems:
        raise InputError(problems)
    with _connected(params, on_secret) as api:
        words = api.reader.words
        if params.get("transaction_ids") is None:
            return _history(api, params, since, words)
        wanted = list(dict.fromkeys(name.strip() for name in params["transaction_ids"]))
        found = [_by_lines(name, lines, words) for name, lines in zip(wanted, _lines(api, wanted))]
        return {"changed": False, "transactions": _of_carrier(found, params.get("carrier"))}


def _moment(text: str | None, problems: list[str]) -> tuple[int, ...] | None:
    """Return the option `since` as numbers that compare with those of a start. Adds its errors to `problems`."""
    if text is None:
        return None
    iso = text.strip()
    try:
        # Python before 3.11 does not accept Z.
        moment = datetime.fromisoformat(iso[:-1] + "+00:00" if iso.endswith("Z") else iso)
    except ValueError:
        problems.append(f"since: {text} is not a date; use the form 2026-03-01 or 2026-03-01T08:00")
        return None
    if moment.tzinfo is not None:
        problems.append(
            f"since: {text} has a time zone, but the service's times have none; give the time as Sentinel shows it, "
            "such as 2026-03-01T08:00"
        )
    return moment.timetuple()[:6]


def state_of(transaction: Transaction, words: StatusWords) -> str:
    """Return the state of a whole transaction, as in results."""
    return words.of_transaction(transaction).value


def _contradictions(params: Params) -> list[str]:
    problems = []
    if params.get("transaction_ids") is not None:
        given = [name for name in _OF_THE_HISTORY if params.get(name) is not None]
        problems += [f"{name} cannot be used with transaction_ids" for name in given]
        if params.get("lines") is False:
            problems.append("lines: false cannot be used with transaction_ids")
        if not all(name.strip() for name in params["transaction_ids"]):
            problems.append("transaction_ids: contains an empty id")
    elif params.get("carrier") is not None and not params.get("lines"):
        problems.append("carrier requires lines=true or transaction_ids")
    problems += [f"status: {word!r} has no letter or digit" for word in params.get("status") or [] if not fold(word)]
    if (params.get("offset") or 0) < 0:
        problems.append(f"offset: must be at least 0, not {params['offset']}")
    if params.get("limit") is not None and params["limit"] < 1:
        problems.append(f"limit: must be at least 1, not {params['limit']}")
    return problems


def _history(api: SentinelAPI, params: Params, since: tuple[int, ...] | None, words: StatusWords) -> dict[str, Any]:
    """Return the filtered history: one page of it with `offset` or `limit`, otherwise all of it."""
    version = params.get("version") or 2
    sort_dir = params.get("sort_dir") or "DESC"
    if params.get("offset") is None and params.get("limit") is None:
        # Always read the oldest first, so that new transactions do not shift the pages.
        items = list(api.transactions(version))
        total: int | None = len(items)
        if sort_dir == "DESC":
            items.reverse()
    else:
        limit = PAGE_SIZE if params.get("limit") is None else params["limit"]
        items, total = api.transactions_page(version, sort_dir, params.get("offset") or 0, limit)
    undated = 0
    if since is not None:
        starts = [start_of(item.started) for item in items]
        undated = starts.count(None)
        items = [item for item, start in zip(items, starts) if start is None or start >= since]
    if params.get("status"):
        wanted = set(map(fold, params["status"]))
        items = [item for item in items if wanted & {state_of(item, words), fold(item.status or "")}]
    found = [_entry(item, state_of(item, words)) for item in items]
    if params.get("lines"):
        for entry, lines in zip(found, _lines(api, [entry["transaction_id"] for entry in found])):
            entry["lines"] = [_line_entry(line, words) for line in lines]
        found = _of_carrier(found, params.get("carrier"))
    result: dict[str, Any] = {"changed": False, "transactions": found, "total_count": total}
    if undated:
        result["warnings"] = [f"since: {undated} transactions have no readable start time and are included"]
    return result


def _lines(api: SentinelAPI, transaction_ids: Sequence[str]) -> Iterator[list[Line]]:
    """Return the lines of each transaction. Raises RefusedError with all ids that the service does not know."""

    def read(transaction_id: str) -> list[Line] | RefusedError:
        try:
            return api.transaction_lines(transaction_id)
        except RefusedError as error:
            if error.status != 404:
                raise
            return error

    answers = list(in_parallel(read, transaction_ids, api.session.concurrency))
    unknown = [name for name, answer in zip(transaction_ids, answers) if isinstance(answer, RefusedError)]
    errors = [answer for answer in answers if isinstance(answer, RefusedError)]
    if errors:
        raise RefusedError(
            f"the service does not know transaction{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}",
            "Check the id, and that it is a transaction of this account; sentinel_transactions_info without "
            "transaction_ids lists all of them.",
            errors[0].method,
            errors[0].path,
            404,
        )
    return (answer for answer in answers if isinstance(answer, list))


def _by_lines(transaction_id: str, lines: Sequence[Line], words: StatusWords) -> dict[str, Any]:
    """Return the entry of a transaction by its lines alone."""
    counts = Counter(words.state(line.status) for line in lines)
    only = lines[0] if len(lines) == 1 else Line()
    item = Transaction(
        transaction_id,
        started=next((line.started for line in lines if line.started), None),
        total=len(lines),
        success=counts[ACTIVE],
        failed=counts[FAILED],
        pending=counts[PENDING],
        imei=only.imei,
        iccid=only.iccid,
    )
    # A transaction without lines is pending.
    state = state_of(item, words) if lines else PENDING.value
    return {**_entry(item, state), "lines": [_line_entry(line, words) for line in lines]}


def _entry(item: Transaction, state: str) -> dict[str, Any]:
    return {
        "transaction_id": item.transaction_id,
        "status": item.status,
        "state": state,
        "started": item.started,
        "total_lines": item.total,
        "success_lines": item.success,
        "failed_lines": item.failed,
        "pending_lines": item.pending,
        "imei": item.imei,
        "iccid": item.iccid,
    }


def _line_entry(line: Line, words: StatusWords) -> dict[str, Any]:
    return {**line._asdict(), "state": words.state(line.status).value}


def _of_carrier(found: list[dict[str, Any]], carrier: str | None) -> list[dict[str, Any]]:
    """Return the transactions with lines of a carrier, each with only these lines."""
    if carrier is None:
        return found
    wanted = fold(carrier)
    kept = []
    for entry in found:
        lines = [line for line in entry["lines"] if fold(line["carrier"] or "") == wanted]
        if lines:
            kept.append({**entry, "lines": lines})
    return kept


@contextmanager
def _connected(params: Params, on_secret: OnSecret) -> Iterator[SentinelAPI]:
    with closing(Session(ConnectionOptions.read(params.get), on_secret)) as session:
        yield SentinelAPI(session)
