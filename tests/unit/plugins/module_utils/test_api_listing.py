# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of the device list: made as published, complete or an error, with repeatable status changes."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    RefusedError,
    ScopeError,
    ServiceError,
    UnexpectedAnswerError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import Entry
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, Broken

CORP = "NORTH/ISD"
PATH = "/api/v1.0/devices/NORTH%2FISD"
NOTHING = Answer({"message": "No devices found"}, 404)


def mdn(number):
    """Return the MDN of a number."""
    return f"201-555-{number:04d}"


def csv_of(count, end="\r\n"):
    """Return the CSV of `count` devices."""
    rows = [f"{mdn(number)},{imei(number)},{iccid(number)},active" for number in range(count)]
    return (end.join(["MDN,IMEI,UICC,STATUS", *rows]) + end).encode()


def page_of(count, request):
    """Return the requested page of a list of `count` devices."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    offset, limit = int(query["offset"]), int(query["limit"])
    shown = range(count)[offset : offset + limit]
    return Answer({"totalCount": count, "devices": [{"mdn": mdn(number), "status": "active"} for number in shown]})


def test_the_csv_is_one_request_with_the_needed_columns(serve, connect):
    server = serve(Answer(csv_of(2)))
    found = SentinelAPI(connect(server.url)).listing_export(CORP, list, ("mdn", "iccid", "online"))
    assert found == [Entry(mdn(n), imei(n), iccid(n), status="active") for n in range(2)]
    assert [request.path for request in server.requests] == [f"{PATH}?export=CSV&columns=MDN%2CUICC"]


def test_the_service_searches_and_only_wanted_entries_are_read(serve, connect):
    server = serve(Answer(csv_of(50)))
    api = SentinelAPI(connect(server.url))
    found = api.listing_export(CORP, list, search="bus 7", wanted=[imei(3)], mdns=[mdn(7)])
    assert [entry.mdn for entry in found] == [mdn(3), mdn(7)]
    assert server.requests[0].path.endswith("&searchValue=bus%207")


@pytest.mark.parametrize("answer", [NOTHING, Answer({"error": "No Devices Found."}, 500)])
def test_no_devices_found_is_an_empty_list(serve, connect, answer):
    api = SentinelAPI(connect(serve(answer).url))
    assert api.listing_export(CORP, list) == []
    assert api.listing_page(CORP) == ([], None)
    assert api.listing_pages(CORP, list) == []


@pytest.mark.parametrize("body", [b"", b"\r\n", b"MDN,IMEI,UICC,STATUS\r\n"])
def test_an_export_without_entries_is_accepted_if_a_page_is_empty_too(serve, connect, body):
    assert SentinelAPI(connect(serve(Answer(body), NOTHING).url)).listing_export(CORP, list) == []
    lost = serve(Answer(body), lambda request: page_of(3, request))
    with pytest.raises(UnexpectedAnswerError, match="the answer is empty, but the account has devices"):
        SentinelAPI(connect(lost.url)).listing_export(CORP, list)


def test_a_download_that_breaks_off_is_read_again(serve, connect):
    whole = Answer(csv_of(3))
    found = SentinelAPI(connect(serve(Broken(csv_of(2)), whole).url)).listing_export(CORP, list)
    assert len(found) == 3
    cut = serve(Answer(csv_of(3)[:-40]), lambda request: page_of(3, request), whole)
    assert len(SentinelAPI(connect(cut.url)).listing_export(CORP, list)) == 3


def in_turn(csv, count):
    """Answer each export with a CSV, and each page with a list of `count` devices."""
    return lambda request: Answer(csv) if "export=CSV" in request.path else page_of(count, request)


@pytest.mark.parametrize("cut", [20, 40, 80])
def test_a_download_that_is_always_cut_off_at_the_same_place_is_an_error(serve, connect, cut):
    server = serve(in_turn(csv_of(3)[:-cut], 3))
    with pytest.raises(UnexpectedAnswerError, match="each download ends in the middle of a line"):
        SentinelAPI(connect(server.url)).listing_export(CORP, list)


def test_a_last_line_without_a_line_end_is_accepted_if_the_pages_count_as_many(serve, connect):
    server = serve(in_turn(csv_of(3)[:-2], 3))
    assert len(SentinelAPI(connect(server.url)).listing_export(CORP, list)) == 3
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(Answer({}, 400), RefusedError), (Answer({}, 403), ScopeError), (Answer({}, 500), ServiceError)],
)
def test_refusals_of_the_service_are_errors(serve, connect, answer, kind):
    api = SentinelAPI(connect(serve(answer).url))
    for call in (lambda: api.listing_export(CORP, list), lambda: api.listing_pages(CORP, list)):
        with pytest.raises(kind):
            call()


def test_an_export_that_is_not_a_device_list_is_a_clear_error(serve, connect):
    with pytest.raises(UnexpectedAnswerError, match=r"GET /v1\.0/devices/\{corpId\} \(CSV\): expected a CSV"):
        SentinelAPI(connect(serve(Answer(b"a,b\r\n1,2\r\n")).url)).listing_export(CORP, list)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_pages_are_sorted_and_of_at_most_a_hundred(serve, connect, concurrency):
    server = serve(lambda request: page_of(730, request))
    found = SentinelAPI(connect(server.url, concurrency=concurrency)).listing_pages(CORP, list)
    assert [entry.mdn for entry in found] == [mdn(number) for number in range(730)]
    asked = [request.path for request in server.requests]
    assert asked[0] == f"{PATH}?offset=0&limit=100&sort=MDN&sortDir=ASC"
    assert len(asked) == len(set(asked)) == 9


def test_an_incomplete_list_is_read_once_more_and_then_an_error(serve, connect):
    counts = []

    def read(entries):
        counts.append(0)
        return list(entries)

    short = {"totalCount": 9, "devices": [{"mdn": mdn(1), "status": "active"}]}
    with pytest.raises(UnexpectedAnswerError, match="the service reports 9 entries but lists 1"):
        SentinelAPI(connect(serve(Answer(short)).url)).listing_pages(CORP, read)
    assert len(counts) == 2


def test_the_possible_statuses_are_read(serve, connect):
    server = serve(Answer(["ACTIVE", "SUSPENDED"]), Answer({}, 403))
    api = SentinelAPI(connect(server.url))
    assert api.device_statuses(CORP) == ["ACTIVE", "SUSPENDED"]
    assert server.requests[0].path == f"{PATH}/status"
    with pytest.raises(ScopeError, match="org_super, org_tech"):
        api.device_statuses(CORP)


@pytest.mark.parametrize(("reason", "more"), [(None, {}), ("Summer", {"reason": "Summer"})])
def test_a_status_is_set_as_published(serve, connect, reason, more):
    server = serve(Answer({}, 503), Answer(b"", 204))
    SentinelAPI(connect(server.url)).set_device_status(CORP, (mdn(1), mdn(2)), "SUSPENDED", reason)
    assert [(request.method, request.path) for request in server.requests] == [("PUT", f"{PATH}/status")] * 2
    assert json.loads(server.requests[1].body) == {"mdns": [mdn(1), mdn(2)], "status": "SUSPENDED", **more}
