# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streamed downloads: read line by line, and again from the start if they break off."""

from __future__ import annotations

import gzip

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    RefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import ICCID, IMEI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Broken,
    Reset,
)

TEXT = "imei,status\n1,Done\n2,Größe\n".encode()


def test_a_stream_passes_lines_with_line_ends_and_returns_the_result(serve, connect):
    session = connect(serve(Answer(b"\xef\xbb\xbf" + TEXT)).url)
    assert session.stream("/x", None, list) == ["imei,status\n", "1,Done\n", "2,Größe\n"]
    assert session.stream("/x", {"export": "CSV"}, lambda lines: sum(1 for line in lines)) == 3


CHARSETS = [
    ("utf-8-sig", ""),
    ("utf-16", ""),
    ("utf-32", ""),
    ("utf-16-le", "; charset=UTF-16LE"),
    ("utf-16-be", '; charset="utf-16be"'),
    ("utf-16-le", "; charset=utf-16"),
    ("utf-16-be", "; charset=utf-16"),
    ("utf-32-le", "; charset=utf-32"),
    ("cp1252", "; Charset = windows-1252"),
    ("utf-8", "; charset=who-knows"),
]


@pytest.mark.parametrize(("charset", "declared"), CHARSETS)
def test_a_byte_order_mark_or_the_declared_charset_is_used(serve, connect, charset, declared):
    content = TEXT.decode().encode(charset)
    session = connect(serve(Answer(content, content_type=f"text/csv{declared}")).url)
    assert session.stream("/x", None, list) == ["imei,status\n", "1,Done\n", "2,Größe\n"]


@pytest.mark.parametrize(("charset", "declared"), CHARSETS)
def test_json_is_read_in_any_charset_too(serve, connect, charset, declared):
    content = '{"größe": "ü"}'.encode(charset)
    session = connect(serve(Answer(content, content_type=f"application/json{declared}")).url)
    assert session.get("/x") == {"größe": "ü"}


def test_a_history_in_an_undeclared_charset_is_an_unexpected_answer_and_never_an_empty_history(serve, connect):
    text = f"IMEI,ICCID,Status\n{IMEI},{ICCID},Done\n"
    for charset in ("utf-16-le", "utf-16-be", "utf-32-le"):
        api = SentinelAPI(connect(serve(Answer(text.encode(charset)), Answer([])).url))
        with pytest.raises(UnexpectedAnswerError, match="in the charset that the answer declares"):
            api.history_export(list, identifiers=[IMEI])


def test_line_ends_in_cells_are_kept(serve, connect):
    session = connect(serve(Answer(b'a,"b\r\nc"\r\n')).url)
    assert session.stream("/x", None, "".join) == 'a,"b\r\nc"\r\n'


def test_a_compressed_download_is_read_too(serve, connect):
    session = connect(serve(Answer(gzip.compress(TEXT), headers={"Content-Encoding": "gzip"})).url)
    assert session.stream("/x", None, "".join) == TEXT.decode()


@pytest.mark.parametrize(
    "broken", [Broken(TEXT), Broken(TEXT[:20]), Reset(), Answer(b"", 503)], ids=["end", "middle", "reset", "503"]
)
def test_a_download_that_breaks_off_is_read_from_its_start(serve, connect, broken):
    read = []

    def reader(lines):
        read.append([])
        for line in lines:
            read[-1].append(line)
        return len(read[-1])

    server = serve(broken, broken, Answer(TEXT))
    session = connect(server.url)
    assert session.stream("/x", None, reader) == 3
    assert "".join(read[-1]) == TEXT.decode()
    assert len(server.requests) == 3
    assert session.statistics()["retried"] == 2


@pytest.mark.usefixtures("careless_library")
def test_a_short_download_is_detected(serve, connect):
    server = serve(Broken(TEXT), Answer(TEXT))
    assert len(connect(server.url).stream("/x", None, list)) == 3
    assert len(server.requests) == 2


def test_a_download_that_always_breaks_off_is_an_error(serve, connect):
    server = serve(Broken(TEXT))
    with pytest.raises(UnreachableError, match=r"the answer broke off.*\(tried 3 times"):
        connect(server.url, request_retries=2).stream("/x", None, list)
    assert len(server.requests) == 3


def test_broken_compression_is_a_broken_download(serve, connect):
    session = connect(serve(Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"})).url, request_retries=0)
    with pytest.raises(UnreachableError, match="broke off"):
        session.stream("/x", None, list)


def test_an_html_page_instead_of_a_download_is_quoted(serve, connect):
    answer = Answer(b"<html><body>Sign in</body></html>", content_type="text/html; charset=utf-8")
    with pytest.raises(UnexpectedAnswerError, match="the answer is HTML instead of data: Sign in"):
        connect(serve(answer).url).stream("/x", None, list)


def test_a_refused_download_has_the_message_of_the_service(serve, connect):
    with pytest.raises(RefusedError, match="no such transaction"):
        connect(serve(Answer({"message": "no such transaction"}, 404)).url).stream("/x", None, list)


def test_a_reader_that_stops_early_leaves_the_session_usable(serve, connect):
    session = connect(serve(Answer(TEXT * 5000)).url)
    assert session.stream("/x", None, next) == "imei,status\n"
    assert session.stream("/x", None, next) == "imei,status\n"


def test_an_error_of_the_reader_is_not_a_broken_download(serve, connect):
    server = serve(Answer(TEXT))

    def reader(_lines):
        raise UnexpectedAnswerError("strange columns")

    with pytest.raises(UnexpectedAnswerError, match="strange columns"):
        connect(server.url).stream("/x", None, reader)
    assert len(server.requests) == 1
