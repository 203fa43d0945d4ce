# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints: called as published, with plain values as results."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    ScopeError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Line, Reader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
)


class FakeSession:
    """Answers GETs by a function of the query."""

    def __init__(self, answer):
        self.asked = []
        self.reader = Reader()
        self._answer = answer

    def get(self, path, query=None, scope=None, read=lambda data: data):
        """Return the result for the answer."""
        self.asked.append((path, scope))
        return read(self._answer(query))


PAIRS = [{"imei": IMEI, "iccid": ICCID}]

ENDPOINTS = [
    ("billing_plans", (), "GET", "/v1.0/activation/billing-plans", [{"planId": "P1"}], [{"planId": "P1"}]),
    ("business_internet_plans", (), "GET", "/v1.0/activation/businessInternetPlans", {"plans": []}, []),
    ("carriers", (), "GET", "/v1.0/activation/carriers", ["VERIZON"], ["VERIZON"]),
    ("esim_carriers", (), "GET", "/v1.0/activation/eSim/carriers", [{"name": "AT&T"}], ["AT&T"]),
    (
        "esim_stock",
        ("NORTH/ISD", "AT&T"),
        "GET",
        "/v1.0/activation/eSimInventoryCount/NORTH%2FISD?carrier=AT%26T",
        {"totalAvailableESimCount": 4, "maxDefaultCount": 2},
        (4, 2),
    ),
    ("submit", (ESIM.path, {"a": 1}), "POST", "/v1.0/activation/esim-transaction", {"transactionId": 5}, "5"),
    (
        "inventory",
        ("Verizon Priority",),
        "GET",
        "/v1.0/activation/inventory?carrier=Verizon%20Priority",
        {"sku": "A"},
        {"sku": "A"},
    ),
    ("submit", (SMARTSIM.path, {"a": 1}), "POST", "/v1.0/activation/smartsim-transaction", "ACT-1", "ACT-1"),
    ("submit", (SIM.path, {"a": 1}), "POST", "/v1.0/activation/transaction", 5, "5"),
    (
        "transaction_lines",
        ("ACT/1 2",),
        "GET",
        "/v1.0/activation/transactions/ACT%2F1%202",
        [{"imei": IMEI, "status": "Done"}],
        [Line("ACT/1 2", imei=IMEI, status="Done")],
    ),
    (
        "transactions_page",
        (1, "DESC", 500, 100),
        "GET",
        "/v1.0/activation/transactions?sortDir=DESC&offset=500&limit=100",
        {"items": [], "totalCount": 600},
        ([], 600),
    ),
    (
        "transactions_page",
        (),
        "GET",
        "/v2.0/activation/transactions?sortDir=DESC&offset=0&limit=500",
        [],
        ([], None),
    ),
    ("upload_csv", ("f.csv", b"imei\n"), "POST", "/v1.0/activation/uploadCSV", PAIRS, PAIRS),
]


@pytest.mark.parametrize(("name", "arguments", "method", "path", "reply", "value"), ENDPOINTS)
def test_an_endpoint_is_called_as_published(serve, connect, name, arguments, method, path, reply, value):
    server = serve(Answer(reply))
    assert getattr(SentinelAPI(connect(server.url)), name)(*arguments) == value
    (request,) = server.requests
    assert (request.method, request.path) == (method, f"/api{path}")
    if name.startswith("submit"):
        assert json.loads(request.body) == arguments[1]
        assert request.headers["Content-Type"] == "application/json"


def test_the_csv_endpoints_are_called_as_published(serve, connect):
    server = serve(Answer(f"IMEI,ICCID,Status\r\n{IMEI},{ICCID},Done\r\n".encode()))
    api = SentinelAPI(connect(server.url))
    assert api.transaction_csv("ACT/1", "".join).startswith("IMEI,ICCID,Status\r\n")
    assert api.history_export(list) == [Line(imei=IMEI, iccid=ICCID, status="Done")]
    assert [request.path for request in server.requests] == [
        "/api/v1.0/activation/transactions/ACT%2F1/csv",
        "/api/v2.0/activation/transactions?sortDir=ASC&export=CSV",
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "scope"),
    [
        ("carriers", (), "aux_activation"),
        ("esim_carriers", (), "aux_kemp_user"),
        ("submit", (SIM.path, {}), "aux_activation"),
        ("submit", (SMARTSIM.path, {}), "aux_activation"),
        ("submit", (ESIM.path, {}), "aux_activation"),
        ("transaction_lines", ("T",), "aux_activation"),
        ("transactions_page", (), "aux_activation"),
        ("transaction_csv", ("T", list), "aux_activation"),
        ("history_export", (list,), "aux_activation"),
    ],
)
def test_a_403_names_the_scope_that_the_endpoint_needs(serve, connect, name, arguments, scope):
    api = SentinelAPI(connect(serve(Answer({"message": "no"}, 403)).url))
    with pytest.raises(ScopeError, match=f"the scope {scope} "):
        getattr(api, name)(*arguments)


@pytest.mark.parametrize("reply", [{}, None, True, {"status": "accepted"}, [], ""])
def test_a_submission_whose_reply_has_no_id_is_ambiguous(serve, connect, reply):
    server = serve(Answer(reply))
    with pytest.raises(AmbiguousError, match="expected a transaction id; received: ") as caught:
        SentinelAPI(connect(server.url)).submit(SIM.path, {"imei": IMEI})
    assert (caught.value.method, caught.value.status) == ("POST", 200)
    assert len(server.requests) == 1


def test_an_unknown_shape_is_reported_with_the_call_and_an_excerpt(serve, connect):
    with pytest.raises(
        UnexpectedAnswerError, match=r"GET /v1\.0/activation/carriers: expected carrier names.*received: \{'a': 1\}"
    ):
        SentinelAPI(connect(serve(Answer({"a": 1})).url)).carriers()


def pages(total, cap, reported_total=None):
    """Return a history of `total` transactions with pages of at most `cap`."""

    def answer(query):
        assert query["sortDir"] == "ASC"
        items = [{"transactionId": number} for number in range(total)]
        page = items[query["offset"] :][: min(cap, query["limit"])]
        return {"transactions": page, "totalCount": reported_total} if reported_total is not None else page

    return answer


@given(st.integers(0, 60), st.integers(1, 25), st.one_of(st.none(), st.integers(0, 90)))
def test_the_history_is_read_to_its_end_for_any_page_size_and_total(total, cap, reported_total):
    found = SentinelAPI(FakeSession(pages(total, cap, reported_total))).transactions()
    assert [item.transaction_id for item in found] == [str(number) for number in range(total)]


def test_a_server_that_ignores_the_offset_may_have_more_transactions():
    session = FakeSession(lambda query: [{"transactionId": 1}, {"transactionId": 2}])
    with pytest.raises(
        UnexpectedAnswerError, match=r"GET /v1\.0/activation/transactions: the service returns the same pages"
    ):
        list(SentinelAPI(session).transactions(1))
    assert set(session.asked) == {("/v1.0/activation/transactions", "aux_activation")}


def test_a_server_that_ignores_the_offset_is_complete_with_its_total():
    session = FakeSession(lambda query: {"items": [{"transactionId": 1}, {"transactionId": 2}], "totalCount": 2})
    assert [item.transaction_id for item in SentinelAPI(session).transactions(1)] == ["1", "2"]


def test_a_transaction_that_moves_to_the_next_page_is_returned_once():
    answers = [[{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}], [{"id": 3}]]
    found = SentinelAPI(FakeSession(lambda query: answers.pop(0))).transactions()
    assert [item.transaction_id for item in found] == ["1", "2", "3"]


def export(serve, connect, *answers, **options):
    """Return the lines of the full history."""
    return SentinelAPI(connect(serve(*answers).url, **options)).history_export(list)


def test_an_account_without_a_history_has_an_empty_export(serve, connect):
    assert export(serve, connect, Answer(b""), Answer([])) == []
    assert export(serve, connect, Answer(b"\r\n"), Answer({"transactions": [], "totalCount": 0})) == []
    assert export(serve, connect, Answer(b"IMEI,ICCID,Status\r\n"), Answer([])) == []


def test_an_export_without_its_rows_is_an_error(serve, connect):
    listed = Answer([{"transactionId": 1, "status": "Completed"}])
    with pytest.raises(UnexpectedAnswerError, match="the answer is empty, but the account has a history"):
        export(serve, connect, Answer(b"IMEI,ICCID,Status\r\n"), listed)


def test_an_empty_export_of_an_account_with_a_history_is_an_error(serve, connect):
    page = [{"transactionId": "ACT-2026-0313-001", "status": "COMPLETED"}]
    with pytest.raises(UnexpectedAnswerError, match="the answer is empty, but the account has a history"):
        export(serve, connect, Answer(b""), Answer(page))


def test_an_unbalanced_quote_in_the_export_hides_no_line(serve, connect):
    text = f'IMEI,ICCID,Status,Nickname\r\n{IMEI},{ICCID},Done,"Bus\r\n{IMEI},{ICCID},Done,Car\r\n'.encode()
    with pytest.raises(UnexpectedAnswerError, match="is not a CSV"):
        export(serve, connect, Answer(text))


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_blank_lines_do_not_hide_the_history(serve, connect, before):
    text = before + f"IMEI,ICCID,Status\r\n\r\n{IMEI},{ICCID},Done\r\n\r\n".encode()
    assert export(serve, connect, Answer(text)) == [Line(imei=IMEI, iccid=ICCID, status="Done")]


def test_a_history_that_breaks_off_is_read_again_and_counted_once(serve, connect):
    text = f"IMEI,Status\r\n{IMEI},Done\r\n".encode()
    assert len(export(serve, connect, Broken(text), Answer(text))) == 1


@pytest.mark.parametrize(
    "content",
    [b"[]", b'{"message": "no export today"}', b"<p>Sign in</p>", b"IMEI,ICCID\r\n1,2\r\n", b"Status\r\nDone\r\n"],
)
def test_an_export_that_is_not_a_history_is_a_clear_error_and_never_empty(serve, connect, content):
    with pytest.raises(UnexpectedAnswerError, match="expected a CSV with a status column"):
        export(serve, connect, Answer(content))


def test_an_extremely_long_cell_is_a_clear_error(serve, connect):
    text = b'IMEI,Status,Nickname\r\n1,Done,"' + b"x" * 200_000
    with pytest.raises(UnexpectedAnswerError, match="the answer is not a CSV: field larger than"):
        export(serve, connect, Answer(text))


def test_queries_have_only_published_parameters(serve, connect):
    server = serve(Answer([]))
    list(SentinelAPI(connect(server.url)).transactions(1))
    url = urlsplit(server.requests[0].path)
    assert url.path == "/api/v1.0/activation/transactions"
    assert parse_qs(url.query) == {"sortDir": ["ASC"], "offset": ["0"], "limit": ["500"]}


WHOLE = "IMEI,ICCID,Status,Nickname\r\n" + "".join(f"{IMEI},{ICCID},Done,{row}\r\n" for row in range(20))


def history_server(serve, text, cuts):
    """Serve the history cut at these lengths in turn, then complete; or in the other direction."""
    lengths = list(cuts)
    header, *rows = text.splitlines()
    turned = "\r\n".join([header, *reversed(rows)])

    def answer(request):
        if "sortDir=DESC" in request.path:
            return Answer(turned.encode())
        return Answer(text[: lengths.pop(0) if lengths else None].encode())

    return serve(answer)


@pytest.mark.parametrize("length", [17, 40, 100, len(WHOLE) - 3, len(WHOLE) - 6, len(WHOLE) - 30])
@pytest.mark.parametrize("times", [1, 3])
def test_a_history_that_is_cut_off_is_read_again(serve, connect, length, times):
    server = history_server(serve, WHOLE, [length] * times)
    found = SentinelAPI(connect(server.url)).history_export(list)
    assert [seen.nickname for seen in found] == [str(row) for row in range(20)]
    assert sum("ASC" in request.path for request in server.requests) == times + 1


def test_a_history_that_is_cut_off_in_a_quoted_cell_is_read_again(serve, connect):
    text = f'IMEI,Status,Nickname\n{IMEI},Done,"Bus 7"\n'
    server = history_server(serve, text, [len(text) - 4])
    assert len(SentinelAPI(connect(server.url)).history_export(list)) == 1


def test_a_last_line_without_a_line_end_is_accepted_if_it_is_first_in_the_other_direction(serve, connect):
    server = history_server(serve, WHOLE.rstrip(), [])
    assert len(SentinelAPI(connect(server.url)).history_export(list)) == 20
    assert len(server.requests) == 2


def test_a_history_that_is_cut_off_each_time_is_an_error(serve, connect):
    server = history_server(serve, WHOLE, [70] * 10)
    with pytest.raises(UnexpectedAnswerError, match="each download ends in the middle of a line"):
        SentinelAPI(connect(server.url)).history_export(list)


def test_the_csv_of_a_transaction_without_a_last_line_end_is_accepted_if_it_repeats(serve, connect):
    server = serve(Answer(WHOLE[:100].encode()), Answer(WHOLE.rstrip().encode()))
    text = SentinelAPI(connect(server.url)).transaction_csv("T1", "".join)
    assert text == WHOLE.rstrip()
    assert len(server.requests) == 3


def test_only_wanted_lines_are_built(serve, connect):
    rows = "".join(f"T{number},{imei(number)},Done\n" for number in range(5))
    api = SentinelAPI(connect(serve(Answer(f"Transaction ID,IMEI,Status\n{rows}".encode())).url))
    two = [imei(1), imei(3)]
    assert [line.imei for line in api.history_export(list, identifiers=two)] == two
    assert [line.imei for line in api.history_export(list, transactions=["T0"])] == [imei(0)]
    assert api.history_export(list, identifiers=[]) == []
    assert len(api.history_export(list)) == 5
