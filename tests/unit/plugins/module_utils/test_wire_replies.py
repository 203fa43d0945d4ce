# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies: every accepted shape, and a clear error for all others."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils import _wire
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI

READER = _wire.Reader()
BARE = (None, True, {"id": True}, "", "N/A", {}, {"status": "ok"}, [], [1], 1.5, {"id": None}, {"id": {"a": 1}})


@pytest.mark.parametrize(
    ("reply", "transaction_id"),
    [
        ({"transactionId": "ACT-2026-0313-001"}, "ACT-2026-0313-001"),
        ({"transactionId": 4711}, "4711"),
        ({"uniqueTransactionId": "ACT-1"}, "ACT-1"),
        ({"id": 5}, "5"),
        ({"ID": "5"}, "5"),
        ({"transaction_id": "a", "id": "b"}, "a"),
        ({"id": "b", "uniqueTransactionId": "u"}, "u"),
        ("ACT-1", "ACT-1"),
        (4711, "4711"),
        (" ACT-1 ", "ACT-1"),
        ({"data": {"transactionId": 5}}, "5"),
        ({"result": {"activation": {"id": "A-1"}}, "errors": []}, "A-1"),
        ({"status": "SUBMITTED", "order": {"number": 17}}, "17"),
        ([{"transactionId": 5, "imei": IMEI}, {"transactionId": 5, "imei": "x"}], "5"),
        ({"lines": [{"transactionId": 5}, {"transactionId": 5}]}, "5"),
        ({"transactionId": 5, "errors": ["line 3: bad ZIP"]}, "5"),
        ({"id": 5, "error": None, "message": "Submitted"}, "5"),
    ],
)
def test_the_transaction_id_is_read_from_a_reply(reply, transaction_id):
    assert READER.transaction_id_of(reply) == transaction_id


@pytest.mark.parametrize(
    "reply",
    [
        {"id": 5, "error": "bad carrier"},
        {"id": 5, "errorMessage": "bad carrier"},
        {"id": 5, "success": False},
        {"id": 5, "status": "FAILED"},
        {"id": "e-1", "errors": [{"message": "bad"}]},
        {"device": {"id": 5}},
        {"account": {"id": 5}, "status": "ok"},
        [{"transactionId": 1}, {"transactionId": 2}],
        {"lines": [{"id": 1}, {"id": 2}]},
        *BARE,
    ],
)
def test_a_reply_without_an_id_gives_none(reply):
    assert READER.transaction_id_of(reply) is None


def test_a_list_with_other_values_than_objects_is_refused():
    assert READER.objects_of([{"a": 1}], "GET /x") == [{"a": 1}]
    with pytest.raises(UnexpectedAnswerError, match="expected a list of objects"):
        READER.objects_of([{"a": 1}, 2], "GET /x")


@pytest.mark.parametrize(
    ("answer", "total"),
    [
        ({"totalCount": 7, "x": []}, 7),
        ({"total": "7"}, 7),
        ({"count": 7}, 7),
        ({"page": {"totalElements": 7, "totalPages": 1, "size": 20}}, 7),
        ({"meta": {"paging": {"total_records": "1,007"}}}, 1007),
        ([], None),
        ({"totalCount": "many"}, None),
    ],
)
def test_the_total_of_a_page_is_read_if_given(answer, total):
    assert READER.total_of(answer) == total


FULL = {
    "transactionId": 12,
    "imei": IMEI,
    "iccid": "8901-4103 2111 1851 0720F",
    "status": "Completed",
    "carrier": "VERIZON",
    "corpId": "Transportation",
    "corpDescription": "School buses",
    "filterGroup": "Student_K8",
    "zipCode": "02134",
    "mdn": "6175550100",
    "ip": "10.0.0.1",
    "nickname": "N/A",
}


@pytest.mark.parametrize(
    "answer",
    [
        [FULL],
        {"lines": [FULL]},
        {"data": {"lines": [FULL]}, "status": "ok"},
        FULL,
        {"errors": [], "warnings": [], "lines": [FULL]},
        {"warnings": ["slow today"], "result": {"items": [FULL]}, "links": [{"href": "/x"}]},
        {"transactions": [{"transactionId": 12, "status": "Pending", "lines": [FULL]}]},
        {"data": FULL, "status": "ok"},
        {"lines": {"1": FULL}},
        {"carriers": ["VERIZON"], "groups": [{"id": 1, "name": "x"}], "devices": [FULL]},
    ],
)
def test_lines_are_read_from_a_list_from_an_object_or_from_one_line(answer):
    expected = _wire.Line(
        transaction_id="12",
        imei=IMEI,
        iccid=ICCID,
        status="Completed",
        carrier="VERIZON",
        device_group="Transportation",
        filter_group="Student_K8",
        service_zip_code="02134",
        mdn="6175550100",
        ip="10.0.0.1",
    )
    assert READER.lines_of(answer, "GET /x") == [expected]


@pytest.mark.parametrize(
    ("item", "field", "text"),
    [
        ({"simID": "S1", "status": "x"}, "sim_id", "S1"),
        ({"eid": EID, "status": "x"}, "eid", EID),
        ({"imei": int(IMEI), "status": "x"}, "imei", IMEI),
        ({"IMEI": IMEI, "LineStatus": "a", "Status": "b"}, "status", "a"),
        ({"iccid": ICCID, "status": "x", "errorMessage": "refused"}, "reason", "refused"),
        ({"iccid": ICCID, "status": "x", "transactionStartTimestamp": "03/13/2026"}, "started", "03/13/2026"),
        ({"iccid": ICCID, "status": "x", "deviceGroup": "A"}, "device_group", "A"),
    ],
)
def test_fields_of_a_line_are_recognised_by_other_names(item, field, text):
    (line,) = READER.lines_of([item], "GET /x")
    assert getattr(line, field) == text


@pytest.mark.parametrize(
    "answer",
    [{}, {"message": "no such transaction"}, [{"imei": IMEI}], [{"status": "Completed"}], "soon", {"lines": 3}],
)
def test_lines_without_identifier_or_status_are_a_clear_error(answer):
    with pytest.raises(UnexpectedAnswerError, match="GET /x: expected"):
        READER.lines_of(answer, "GET /x")


@pytest.mark.parametrize(
    "answer",
    [[], {"lines": []}, {"data": {"content": []}, "errors": [], "totalElements": 0}, {"lines": None, "totalCount": 0}],
)
def test_a_transaction_may_show_no_lines_yet(answer):
    assert READER.lines_of(answer, "GET /x") == []


@pytest.mark.parametrize(
    "answer",
    [
        {"lines": [], "error": "try again"},
        {"lines": [], "errors": ["try again"]},
        {"lines": [], "success": False},
        {"lines": None},
        {"data": {}},
    ],
)
@pytest.mark.parametrize("read", [READER.lines_of, READER.transactions_of, READER.carriers_of])
def test_an_empty_list_with_an_error_or_an_answer_without_a_list_is_an_error(answer, read):
    with pytest.raises(UnexpectedAnswerError):
        read(answer, "GET /x")


def test_a_single_transaction_id_outside_the_lines_is_used():
    answer = {"transaction": {"id": 77, "status": "Done"}, "lines": [{"imei": IMEI, "status": "Done"}]}
    assert [line.transaction_id for line in READER.lines_of(answer, "GET /x")] == ["77"]


def test_lines_in_several_adjacent_lists_are_one_transaction():
    answer = {"done": [{"imei": IMEI, "status": "Done"}], "broken": [{"imei": "355737369139090", "status": "Failed"}]}
    assert [line.status for line in READER.lines_of({"data": answer}, "GET /x")] == ["Done", "Failed"]


def test_fields_may_be_nested_in_each_line():
    item = {"device": {"imei": IMEI, "sim": {"iccid": ICCID}}, "state": {"name": "Done"}, "order": {"number": 3}}
    line = READER.lines_of({"data": [item]}, "GET /x")[0]
    assert (line.imei, line.iccid, line.status, line.transaction_id) == (IMEI, ICCID, "Done", "3")


def test_an_unreadable_answer_is_an_error_with_its_names_and_the_line_to_set():
    with pytest.raises(UnexpectedAnswerError) as caught:
        READER.lines_of({"data": [{"geraet": IMEI[:5], "lage": "fertig"}]}, "GET /x")
    assert "Names in the answer: geraet, lage." in str(caught.value)
    assert "set field_names: {iccid: NAME, imei: NAME, status: NAME}" in str(caught.value)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda items: items,
        lambda items: {"transactions": items, "totalCount": 1},
        lambda items: {"errors": [], "_embedded": {"orders": items}, "_links": {"self": {"href": "/x"}}},
        lambda items: {"data": {"content": [{**item, "lines": [{"id": 1}, {"id": 2}]} for item in items]}},
    ],
)
def test_transactions_of_the_history_have_counts_and_optionally_a_device(wrap):
    item = {
        "transactionId": 12,
        "status": "Completed",
        "transactionStartTimestamp": "03/13/2026 09:30:00 AM",
        "totalLines": "3",
        "successLines": 2,
        "failedLines": 1,
        "pendingLines": 0,
        "imei": IMEI,
        "iccid": ICCID + "F",
    }
    assert READER.transactions_of(wrap([item]), "GET /x") == [
        _wire.Transaction("12", "Completed", "03/13/2026 09:30:00 AM", 3, 2, 1, 0, IMEI, ICCID)
    ]


def test_a_transaction_without_an_id_is_a_clear_error():
    with pytest.raises(UnexpectedAnswerError, match="expected transactions with an id"):
        READER.transactions_of([{"status": "Completed"}], "GET /x")


def test_counts_that_are_not_numbers_are_none():
    (item,) = READER.transactions_of([{"id": 1, "totalLines": "some", "failedLines": float("inf")}], "GET /x")
    assert (item.total, item.success, item.failed, item.pending) == (None, None, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        ["VERIZON", " AT&T "],
        {"carriers": ["VERIZON", "AT&T"]},
        [{"carrier": "VERIZON"}, {"carrierName": "AT&T"}],
        [{"name": "VERIZON", "id": 1}, {"displayName": "AT&T"}],
        {
            "warnings": ["none of yours"],
            "data": {"carriers": [{"carrier": {"name": "VERIZON"}}, {"carrier": {"name": "AT&T"}}]},
        },
        {"result": {"list": ["VERIZON", "AT&T"]}, "errors": []},
    ],
)
def test_carriers_are_names_or_objects_with_a_name(answer):
    assert READER.carriers_of(answer, "GET /x") == ["VERIZON", "AT&T"]


@pytest.mark.parametrize("answer", [[{"id": 1}], [None], ["VERIZON", ""], {"message": "none"}, [["VERIZON"]]])
def test_carriers_without_a_name_are_a_clear_error(answer):
    with pytest.raises(UnexpectedAnswerError, match="GET /x: expected"):
        READER.carriers_of(answer, "GET /x")


def test_plan_ids_are_read_from_plans_with_an_id():
    plans = [{"planId": "BI-1", "whPlanId": 3}, {"PlanID": 2}, {"planDescription": "none"}, {"id": "X"}]
    assert READER.plan_ids_of(plans) == ["BI-1", "2", "X"]


@pytest.mark.parametrize(
    ("answer", "stock"),
    [
        ({"totalAvailableESimCount": 40, "maxDefaultCount": 25}, (40, 25)),
        ({"totalAvailableESimCount": "40"}, (40, None)),
        ({"availableCount": 0}, (0, None)),
        (40, (40, None)),
    ],
)
def test_esim_stock_is_a_count_and_optionally_a_maximum(answer, stock):
    assert READER.stock_of(answer, "GET /x") == stock


@pytest.mark.parametrize("answer", [{}, {"count": "many"}, [], None, "none", {"count": float("inf")}, {"count": True}])
def test_stock_without_a_count_is_a_clear_error(answer):
    with pytest.raises(UnexpectedAnswerError, match="totalAvailableESimCount"):
        READER.stock_of(answer, "GET /x")


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ([{"sku": "A", "availableCount": 2}, {"sku": "B", "quantity": "3"}, {"sku": "C"}], 5),
        ({"count": 4}, 4),
        ({"sku": "A"}, None),
        (["A"], None),
    ],
)
def test_the_count_of_an_inventory_is_returned_if_recognised(answer, count):
    assert READER.inventory_count_of(answer) == count


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"message": "bad carrier"}, "bad carrier"),
        ({"error": "bad carrier"}, "bad carrier"),
        ({"errorMessage": "bad carrier"}, "bad carrier"),
        ({"detail": "bad carrier"}, "bad carrier"),
        ({"errors": ["bad carrier", {"message": "bad zip"}]}, "bad carrier; bad zip"),
        ({"message": "invalid", "errors": ["bad carrier"]}, "invalid: bad carrier"),
        ({"error": {"message": "deep"}}, "deep"),
        ({"status": 400}, None),
        ({"message": None, "error": ""}, None),
        ([], None),
        ("bad carrier", "bad carrier"),
        (None, None),
    ],
)
def test_the_message_of_an_error_answer_is_read(answer, message):
    assert _wire.message_of(answer) == message


@pytest.mark.parametrize(
    ("answer", "token"),
    [
        ({"token": "abc", "details": {"corpId": "NORTHSTAR-ISD"}}, ("abc", "NORTHSTAR-ISD")),
        ({"token": " abc "}, ("abc", None)),
        ({"token": "abc", "details": None}, ("abc", None)),
        ({"token": "abc", "details": {"corpId": 7}}, ("abc", "7")),
        ({"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}, ("abc", None)),
        ({"data": {"jwt": "abc", "account": {"corp_id": "N"}}}, ("abc", "N")),
    ],
)
def test_a_login_reply_has_the_token_and_optionally_the_corp_id(answer, token):
    assert READER.token_of(answer) == token


@pytest.mark.parametrize(
    "answer", [{}, [], "secret-in-a-string", {"token": ""}, {"token": 5}, {"Zugangsmarke": "secret-elsewhere"}, None]
)
def test_a_login_without_a_token_is_an_error_that_never_quotes_the_reply(answer):
    with pytest.raises(UnexpectedAnswerError, match="has no token") as caught:
        READER.token_of(answer)
    assert "secret" not in str(caught.value)
