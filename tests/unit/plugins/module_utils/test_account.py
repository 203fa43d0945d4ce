# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account check: recorded calls, problems with the lines to set, and abilities."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._account.report import WIDTH, report
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    RefusedError,
    ScopeError,
    ServiceError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils import account_service as service
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.account_service import (
    FakeAccount,
    check,
    csv_of,
    history_rows,
    judge,
    lines_of,
    page_of,
)

KINDS = ("sim", "smartsim", "esim")


def forbidden(scope):
    """Return the error for a missing scope."""
    return ScopeError(f"the credentials lack the scope {scope} (HTTP 403).", None, "GET", "/x", 403)


def refused(status):
    """Return the error for a refused call."""
    return RefusedError(f"the service refused the request (HTTP {status}).", None, "GET", "/x", status)


def abilities(verdict):
    """Return ability → whether it is ready."""
    return {ability.name: ability.ready for ability in verdict.abilities}


def fixes(verdict):
    """Return the lines to set."""
    return [problem.fix for problem in verdict.problems]


def test_an_account_that_fits_has_no_problem():
    verdict = judge(FakeAccount(), KINDS)
    assert verdict.ready
    assert verdict.problems == []
    assert set(abilities(verdict).values()) == {True}


def test_only_reads_are_sent():
    account = FakeAccount(login={"token": "t", "details": {"corpId": service.CORP}})
    check(account)
    assert {path for path, _query in account.asked} >= {service.CARRIERS, service.STOCK, service.DEVICES}
    # FakeAccount has no way to submit, upload or set anything: an attempt would have raised.


def test_fields_are_reported_with_their_names_and_how_they_were_recognised():
    rows = history_rows(status="Status of line")
    rows = [[*row, "x"] for row in rows]
    rows[0][-1] = "Quux"
    seen = check(FakeAccount({service.EXPORT: csv_of(rows)}))["history_csv"].as_result()
    how = {entry["field"]: (entry["name"], entry["how"]) for entry in seen["fields"]}
    assert how["status"] == ("Status of line", "rule")
    assert how["imei"] == ("IMEI", "published")
    assert seen["not_understood"] == ["Quux"]
    assert "eid" in seen["missing"]
    assert seen["count"] == 3


def test_fields_recognised_by_values_or_by_field_names_are_reported_so():
    found = check(FakeAccount({service.LINES: lines_of(imei="quux", status="zork")}, field_names={"status": ["zork"]}))[
        "transaction_lines"
    ].as_result()
    how = {entry["field"]: entry["how"] for entry in found["fields"]}
    assert how == {"status": "field_names", "iccid": "published", "imei": "values"}


def test_the_list_is_found_at_any_depth():
    page = page_of({"sortDir": "DESC", "offset": 0, "limit": 9})
    deep = {"result": {"items": page["transactions"], "page": {"totalElements": 3}}, "errors": []}
    seen = check(FakeAccount({service.PAGES_1: deep}))["transactions_v1"]
    assert seen.list_path == ("result", "items")
    assert seen.total_path == ("result", "page", "totalElements")


@pytest.mark.parametrize("ignored", ["limit", "offset", "sortDir"])
def test_ignored_paging_parameters_are_reported(ignored):
    obeys = {"limit", "offset", "sortDir"} - {ignored}

    def answer(query):
        return page_of(query, [f"T{n}" for n in range(60, 0, -1)], obeys)

    account = FakeAccount({service.PAGES_2: answer, f"{service.V1}/transactions/T60": lines_of()})
    account._answers.update({f"{service.V1}/transactions/T{n}": lines_of() for n in (59, 58)})
    account._answers[f"{service.V1}/transactions/T60/csv"] = csv_of(history_rows())
    paging = vars(check(account)["transactions_v2"].paging)
    assert paging == {
        "limit": ignored != "limit",
        "offset": ignored != "offset",
        "sort_dir": ignored != "sortDir",
    }


def test_paging_of_a_short_list_is_unknown():
    account = FakeAccount({service.PAGES_2: lambda query: page_of(query, ["T3"])})
    assert set(vars(check(account)["transactions_v2"].paging).values()) == {None}


def test_a_missing_scope_is_reported_once_with_its_calls():
    verdict = judge(FakeAccount({service.ESIM_CARRIERS: forbidden("aux_kemp_user")}), KINDS)
    assert not verdict.ready
    assert abilities(verdict)["SIM activation"]
    esim = next(one for one in verdict.abilities if one.name == "eSIM activation")
    assert esim.why == "esim_carriers: the credentials lack the scope aux_kemp_user"
    assert "aux_kemp_user (esim_carriers)" in verdict.problems[0].what


def test_unwanted_kinds_do_not_affect_readiness():
    assert judge(FakeAccount({service.ESIM_CARRIERS: forbidden("aux_kemp_user")})).ready


def test_an_unknown_header_is_reported_with_the_line_to_set():
    rows = history_rows(("Completed", "Quux", "Completed", "Quux"), status="Zork")
    verdict = judge(FakeAccount({service.EXPORT: csv_of(rows)}))
    assert fixes(verdict) == ["field_names: {status: Zork}"]
    history = next(one for one in verdict.abilities if one.name == "history")
    assert history.ready, "the pages can be read"
    assert abilities(verdict)["drift"]
    assert judge(FakeAccount({service.EXPORT: csv_of(rows)}, field_names={"status": ["Zork"]})).ready


def test_names_are_quoted_where_yaml_needs_it():
    rows = history_rows(("Completed", "Quux", "Completed", "Quux"), status="Zork's: #1")
    verdict = judge(FakeAccount({service.EXPORT: csv_of(rows)}))
    assert fixes(verdict) == ["field_names: {status: 'Zork''s: #1'}"]


def test_an_unknown_key_of_lines_is_reported_with_the_line_to_set():
    lines = lines_of(("Quux", "Quux"), status="zork")
    answers = dict.fromkeys((f"{service.V1}/transactions/T{n}" for n in (1, 2, 3)), lines)
    verdict = judge(FakeAccount(answers))
    assert fixes(verdict) == ["field_names: {status: zork}"]
    assert not abilities(verdict)["waiting"]


def test_names_of_several_problems_are_combined_in_one_line():
    rows = history_rows(("Completed", "Quux", "Completed", "Quux"), status="Zork")
    pages = {"transactions": [{"frob": f"T-{n}", "x": "A"} for n in range(4)]}
    verdict = judge(FakeAccount({service.EXPORT: csv_of(rows), service.PAGES_1: pages}))
    assert "field_names: {transaction_id: frob, status: Zork}" in verdict.lines


def test_some_unknown_status_words_are_reported_and_the_account_is_ready():
    rows = history_rows(("Completed", "Quux", "Frobbed"))
    verdict = judge(FakeAccount({service.EXPORT: csv_of(rows)}))
    assert verdict.ready
    (problem,) = verdict.problems
    assert '"Quux", "Frobbed"' in problem.what
    assert problem.fix == "status_words: {success: [WORD], failed: [WORD]}"
    history = next(one for one in verdict.abilities if one.name == "history")
    assert "2 of" in history.why


def test_an_account_whose_status_words_are_all_unknown_is_not_ready():
    words = ("Quux", "Frobbed", "Zork")
    answers = {service.EXPORT: csv_of(history_rows(words))}
    answers.update({f"{service.V1}/transactions/T{n}": lines_of(["Quux"]) for n in (1, 2, 3)})
    assert not judge(FakeAccount(answers)).ready
    own = {"success": ["quux"], "failed": ["zork"]}
    assert judge(FakeAccount(answers, status_words=own)).ready


def test_a_wrong_corp_id_is_recognised_by_the_corp_id_of_the_login():
    wrong = "/v1.0/devices/WRONG"
    answers = {path: refused(404) for path in (wrong, wrong + "/status", f"{service.V1}/eSimInventoryCount/WRONG")}
    account = FakeAccount(answers, login={"token": "t", "details": {"corpId": service.CORP}})
    verdict = judge(account, corp_id="WRONG")
    assert not verdict.ready
    assert fixes(verdict) == ["corp_id: NORTHSTAR-ISD"]


@pytest.mark.parametrize(("status", "ready"), [(404, False), (403, True)])
def test_a_wrong_corp_id_is_suspected_without_a_login(status, ready):
    error = refused(404) if status == 404 else forbidden("x")
    answers = {service.DEVICES: error, service.DEVICE_STATUSES: error, service.STOCK: error}
    verdict = judge(FakeAccount(answers))
    assert fixes(verdict) == ["corp_id: ID"]
    assert verdict.ready is ready


def test_a_device_group_of_the_account_is_not_a_wrong_corp_id():
    error = refused(404)
    lines = [{**line, "corpId": service.CORP} for line in lines_of()]
    answers = {service.DEVICES: error, service.DEVICE_STATUSES: error, service.STOCK: error, service.LINES: lines}
    assert "corp_id: ID" not in fixes(judge(FakeAccount(answers)))


def test_calls_that_need_corp_id_are_skipped_without_it():
    account = FakeAccount()
    verdict = judge(account, corp_id=None)
    assert "corp_id: ID" in fixes(verdict)
    assert not verdict.ready
    assert not any(service.CORP in path for path, _query in account.asked)


@pytest.mark.parametrize("error", [ServiceError("out of order", None, "GET", "/x", 500), refused(400)])
def test_a_failed_call_does_not_end_the_check(error):
    found = check(FakeAccount({service.PLANS: error}))
    assert found["billing_plans"].error is error
    assert found["devices"].status == 200


@pytest.mark.parametrize("error", [AuthenticationError("no", None, "GET", "/x", 401), UnreachableError("no")])
def test_the_check_ends_without_credentials_or_connection(error):
    with pytest.raises(type(error)):
        check(FakeAccount({service.CARRIERS: error}))
    assert check(FakeAccount({service.PLANS: error}))["billing_plans"].error is error


def test_an_account_without_a_history_is_ready():
    nothing = {"transactions": [], "totalCount": 0}
    answers = {service.PAGES_1: nothing, service.PAGES_2: nothing, service.EXPORT: csv_of(history_rows(()))}
    verdict = judge(FakeAccount(answers))
    assert verdict.ready
    waiting = next(one for one in verdict.abilities if one.name == "waiting")
    assert "no transaction" in waiting.why


def test_clock_difference_and_rate_limit_are_recorded():
    headers = {"Date": "Thu, 01 Jan 1970 00:02:10 GMT", "X-RateLimit-Limit": "60", "Server": "x"}
    account = check(FakeAccount(headers=headers), now=10.0)
    assert account.clock_difference == 120.0
    assert account.rate_limit == {"X-RateLimit-Limit": "60"}


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Jan 1970"])
def test_an_invalid_date_is_ignored(date):
    assert check(FakeAccount(headers={"Date": date})).clock_difference is None


@pytest.mark.parametrize(
    ("encode", "kind", "charset", "bom"),
    [
        ("utf-8", "text/csv", "utf-8", False),
        ("utf-8-sig", "text/csv", "utf-8", True),
        ("utf-16", "text/csv", "utf-16", True),
        ("utf-16-le", "text/csv; charset=utf-16-le", "utf-16-le", False),
    ],
)
def test_the_format_of_a_csv_is_recorded(encode, kind, charset, bom):
    text = csv_of(history_rows(), ";", "\n")
    form = check(FakeAccount({service.EXPORT: (text.encode(encode), kind)}))["history_csv"].csv
    assert (form.charset, form.bom, form.delimiter, form.line_end) == (charset, bom, ";", "\n")
    assert form.final_line_end


def test_broken_identifiers_are_counted():
    rows = history_rows()
    rows[1][2] = "8.91480E+19"
    verdict = judge(FakeAccount({service.EXPORT: csv_of(rows)}))
    assert "1 value in identifier fields" in verdict.problems[0].what


@pytest.mark.parametrize(
    "answers", [{}, {service.ESIM_CARRIERS: forbidden("aux_kemp_user"), service.PLANS: refused(400)}]
)
def test_the_report_fits_its_width_and_starts_with_the_verdict(answers):
    account = FakeAccount(answers, headers={"X-RateLimit-Limit": "60" * 40, "Date": "Thu, 01 Jan 1970 01:00:00 GMT"})
    found = check(account)
    lines = report(found, judge(account, KINDS))
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].startswith("Not ready: eSIM activation." if answers else "Ready: ")
    assert any(line.startswith("The service's clock is 3600 s ahead") for line in lines)


def test_no_secret_is_in_the_result():
    echo = refused(400)
    echo.message += " tok-secret-1"
    verdict = judge(FakeAccount({service.PLANS: echo}))
    assert "tok-secret-1" not in str(verdict)
