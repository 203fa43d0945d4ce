# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of answers in time and size."""

from __future__ import annotations

import gzip
import time

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    RefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import attempts, body, exchange
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.exchange import GRACE, Exchange
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, Wire

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n"
#: Messages for an answer that does not end in time.
SLOW = r"no response header within 0\.4 s|is too slow|no answer within|timed out"
#: Endless answers, one piece every 20 ms.
DRIPS = {
    "headers": ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    "one header": ("HTTP/1.1 200 OK\r\nX: ", "y"),
    "a status line": ("HTTP/1.1 200 O", "K"),
    "chunk sizes": (CHUNKED, "0"),
    "chunk extensions": (CHUNKED + "2;", "x"),
    "chunks": (CHUNKED, "1\r\n \r\n"),
    "trailers": (CHUNKED + "2\r\n{}\r\n0\r\n", "X: y\r\n"),
    "a body": (HEAD + "Content-Length: 100000\r\n\r\n", " "),
    "100 Continue": ("HTTP/1.1 100 Continue\r\n\r\n",),
    "102 Processing": ("HTTP/1.1 102 Processing\r\n\r\n",),
}
TIMEOUT = 0.1


@pytest.mark.parametrize("pieces", DRIPS.values(), ids=DRIPS.keys())
def test_a_dripping_answer_is_abandoned(serve, connect, pieces):
    server = serve(Wire(*pieces, pause=0.02, repeat=10_000))
    session = connect(server.url, request_timeout=TIMEOUT, request_retries=0)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=SLOW):
        session.get("/x")
    with pytest.raises(AmbiguousError, match=SLOW):
        session.submit("/x", {})
    # Two attempts with grace and read time; far below the 200 s of the server.
    assert time.monotonic() - began < 20


def test_a_dripping_stream_is_abandoned(serve, connect):
    wire = Wire("HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n", "a,b\n", pause=0.02, repeat=10_000)
    session = connect(serve(wire).url, request_timeout=TIMEOUT, request_retries=0)
    with pytest.raises(UnreachableError, match="is too slow"):
        session.stream("/x", None, list)


@pytest.mark.parametrize(
    "pieces",
    [
        ("HTTP/1.1 100 Continue\r\n\r\n" * 1000,),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 1000,),
        (CHUNKED + "2\r\n{}\r\n0\r\n", "X: y\r\n" * 1000),
        (CHUNKED, ("1;" + "x" * 60_000 + "\r\n \r\n") * 10),
    ],
    ids=["100 Continue", "103 Early Hints", "trailers", "chunk extensions"],
)
def test_endless_framing_is_abandoned(serve, connect, monkeypatch, pieces):
    monkeypatch.setattr(exchange, "MAX_FRAMING_BYTES", 1 << 17)
    server = serve(Wire(*pieces, repeat=3000))
    for call in (lambda session: session.get("/x"), lambda session: session.submit("/x", {})):
        with pytest.raises((UnreachableError, AmbiguousError)):
            call(connect(server.url, request_retries=0))


def test_a_header_may_arrive_within_the_grace_period():
    clock = Clock()
    late = Exchange(10, clock)
    clock.sleep(100)
    late.leave()
    clock.sleep(GRACE * 10)
    late.receive(1)
    late.head_read()
    clock.sleep(GRACE * 10)
    late.receive(2)
    clock.sleep(1)
    with pytest.raises(OSError, match="is too slow: 2 bytes in 41 s"):
        late.receive(0)
    assert late.has_left
    assert "is too slow" in (late.problem or "")


def test_an_answer_larger_than_the_memory_limit_is_an_error(serve, connect, monkeypatch):
    monkeypatch.setattr(attempts, "MAX_JSON_BYTES", 1000)
    server = serve(Answer(["x" * 2000]))
    with pytest.raises(UnexpectedAnswerError, match="cannot be read: the answer is larger than"):
        connect(server.url).get("/x")
    with pytest.raises(AmbiguousError, match="larger than"):
        connect(server.url).submit("/x", {})
    assert len(server.requests) == 2  # the next one would be as large


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_error_text_is_cut(serve, connect, monkeypatch, packed):
    monkeypatch.setattr(attempts, "MAX_ERROR_BYTES", 1000)
    page = b"<h1>No such carrier</h1>" + b" " * 10_000_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    answer = Answer(gzip.compress(page) if packed else page, 400, headers, "text/html")
    with pytest.raises(RefusedError, match="No such carrier"):
        connect(serve(answer).url).submit("/x", {})


def test_the_size_of_a_compressed_answer_is_measured_after_decompression(serve, connect, monkeypatch):
    monkeypatch.setattr(attempts, "MAX_JSON_BYTES", 100_000)
    monkeypatch.setattr(body, "MAX_STREAM_BYTES", 100_000)
    bomb = gzip.compress(b" " * 10_000_000)
    for kind in ("application/json", "text/csv"):
        session = connect(serve(Answer(bomb, headers={"Content-Encoding": "gzip"}, content_type=kind)).url)
        with pytest.raises(UnexpectedAnswerError, match="larger than"):
            session.get("/x") if "json" in kind else session.stream("/x", None, lambda lines: sum(map(len, lines)))


def test_a_line_of_a_csv_has_a_maximum_length(serve, connect, monkeypatch):
    monkeypatch.setattr(attempts, "MAX_LINE_BYTES", 100_000)
    for text in (b"a,b\n" + b"x" * 1_000_000, b"x" * 1_000_000 + b"\n1,2\n"):
        with pytest.raises(UnexpectedAnswerError, match="a line of the answer is longer than"):
            connect(serve(Answer(text)).url).stream("/x", None, list)


def test_the_documented_limits():
    assert (body.MAX_JSON_BYTES, body.MAX_ERROR_BYTES, body.MAX_LINE_BYTES) == (64 << 20, 1 << 20, 1 << 20)
    assert (body.MAX_STREAM_BYTES, exchange.MAX_FRAMING_BYTES, exchange.GRACE) == (2 << 30, 4 << 20, 4)
