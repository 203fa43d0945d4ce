# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints 10, 11, 12 and 14: the activation history and single transactions, as JSON and as CSV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal, Optional

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from . import errors, fixtures
from .auth import RequireScopes
from .simulator import Simulator

router = APIRouter(
    tags=["activation"],
    dependencies=[Security(RequireScopes(fixtures.SCOPE_ACTIVATION))],
)

_ITEM = {
    "transactionId": "ACT-2026-0313-001",
    "status": "COMPLETED",
    "transactionStartTimestamp": "03/13/2026 09:15:02 AM",
    "totalLines": 1,
    "successLines": 1,
    "failedLines": 0,
    "pendingLines": 0,
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
}
_LINE = {
    "transactionId": "ACT-2026-0313-001",
    "imei": "355737360073462",
    "iccid": "89014103211118510720",
    "status": "COMPLETED",
    "carrier": "Verizon",
    "corpId": "Transportation",
    "corpDescription": "Transportation",
    "filterGroup": "Student_K8",
    "zipCode": "30301",
    "mdn": "2015550001",
    "ip": "10.0.0.1",
    "nickname": "N/A",
}


def _ok(description: str, example: Any) -> dict[int | str, dict[str, Any]]:
    shown = {"description": description, "content": {"application/json": {"example": example}}}
    return {**errors.RESPONSES, 200: shown, 400: errors.BAD_REQUEST}


SortDir = Annotated[Literal["ASC", "DESC"], Query(description="By start time: oldest or newest first")]
Offset = Annotated[int, Query(ge=0, description="The position of the first transaction, from 0")]
Limit = Annotated[int, Query(ge=1, description="Maximum number of transactions, at most 500 [A]")]
_PAGE = _ok("A page of transactions", {"transactions": [_ITEM], "totalCount": 1})


def _page(simulator: Simulator, sort_dir: str, offset: int, limit: int, recent: bool) -> Response:
    items, total = simulator.read_page(sort_dir == "DESC", offset, limit, recent)
    formatter = simulator.history.formatter
    text = None if formatter is None else formatter.page(2 if recent else 1, items, total)
    if text is not None:
        return _json(text)
    envelope = simulator.settings.envelope
    if envelope == "list":
        return _json(items)
    if envelope == "no_total":
        return _json(f'{{"transactions":{items}}}')
    return _json(f'{{"transactions":{items},"totalCount":{total}}}')


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


@router.get("/v1.0/activation/transactions", summary="10: the history", responses=_PAGE)
async def transactions_v1(
    request: Request, sortDir: SortDir = "DESC", offset: Offset = 0, limit: Limit = 25
) -> Response:
    """Every transaction of the account, in pages. Scope aux_activation [P]."""
    return _page(request.app.state.simulator, sortDir, offset, limit, recent=False)


@router.get("/v2.0/activation/transactions", summary="14: the history, or its export", responses=_PAGE)
async def transactions_v2(
    request: Request,
    sortDir: SortDir = "DESC",
    offset: Offset = 0,
    limit: Limit = 25,
    export: Annotated[Optional[str], Query(description="Only `CSV`: the full history, one row per line")] = None,
) -> Response:
    """The last 180 days, in pages; with `export`, the full history as CSV [P]. Scope aux_activation [P].

    An export is always complete and ignores `offset` and `limit` [A].
    """
    simulator: Simulator = request.app.state.simulator
    if export is None:
        return _page(simulator, sortDir, offset, limit, recent=True)
    if export != "CSV":
        raise HTTPException(400, f"export must be CSV, not {export!r}")
    chunks = simulator.history.csv_chunks(simulator.clock.now(), sortDir == "DESC")
    return StreamingResponse(
        _streamed(chunks), headers=_attachment("activation-transactions.csv", simulator.history.csv_type(whole=True))
    )


@router.get(
    "/v1.0/activation/transactions/{uniqueTransactionId}",
    summary="11: a transaction's lines",
    responses={**_ok("Its lines", [_LINE]), 404: errors.NOT_FOUND},
)
async def transaction_lines(request: Request, uniqueTransactionId: str) -> Response:
    """Each line with its status. `corpId` is the device group [I]. Scope aux_activation [P]."""
    simulator: Simulator = request.app.state.simulator
    seq = _found(simulator.history.transaction(uniqueTransactionId), uniqueTransactionId)
    return _json(simulator.history.lines(simulator.clock.now(), seq))


@router.get(
    "/v1.0/activation/transactions/{uniqueTransactionId}/csv",
    summary="12: a transaction as CSV",
    responses={**errors.RESPONSES, 404: errors.NOT_FOUND},
)
async def transaction_csv(request: Request, uniqueTransactionId: str) -> Response:
    """The same columns as the export of endpoint 14 [A]. Scope aux_activation [P]."""
    simulator: Simulator = request.app.state.simulator
    seq = _found(simulator.history.transaction(uniqueTransactionId), uniqueTransactionId)
    content = simulator.history.csv_of(simulator.clock.now(), seq)
    return Response(content, headers=_attachment("activation-transaction.csv", simulator.history.csv_type(whole=False)))


def _found(row: Any, transaction_id: str) -> int:
    if row is None:
        raise HTTPException(404, f"Transaction {transaction_id} was not found")
    return int(row["seq"])


def _attachment(name: str, content_type: str) -> dict[str, str]:
    # Set as a header, because starlette adds a charset to a media type.
    return {"content-disposition": f'attachment; filename="{name}"', "content-type": content_type}


async def _streamed(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        if chunk:
            yield chunk
        # Let other requests run during an export of a million lines.
        await asyncio.sleep(0)
