# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a request was sent is known: every later error is ambiguous, and no earlier one is."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    RefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import session as session_
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Reset,
    Wire,
    closed_port,
)

BODY = {"imei": "1"}
REPLY = b'{"transactionId": "ACT-1"}'


def answer(*headers, body=REPLY, status="200 OK"):
    """Return the bytes of an answer with these header lines."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body


JSON = "Content-Type: application/json"
MALFORMED = {
    "two lengths": answer(JSON, "Content-Length: 26", "Content-Length: 27"),
    "two lengths in one": answer(JSON, "Content-Length: 26, 27"),
    "a header line without end": answer(JSON, "X: " + "x" * 70_000),
    "too many headers": answer(JSON, *(f"X-{number}: 1" for number in range(200))),
    "a status that is none": b"HTTP/1.1 2OO OK\r\n\r\n",
    "a status beyond all": b"HTTP/1.1 1200 OK\r\n\r\n",
    "no status line": b"hello\r\n\r\n",
    "a chunk size that is none": answer(JSON, "Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk size": answer(JSON, "Transfer-Encoding: chunked", body=b"-5\r\n{}\r\n0\r\n\r\n"),
    "a number of 5,000 digits": answer(JSON, "Connection: close", body=b'{"id": ' + b"5" * 5000 + b"}"),
    "nested 100,000 deep": answer(JSON, "Connection: close", body=b"[" * 100_000 + b"]" * 100_000),
    "nested 500 deep": answer(JSON, "Connection: close", body=b"[" * 500 + b"]" * 500),
    "an unknown encoding": answer(JSON, "Content-Encoding: br", "Connection: close"),
    "a broken charset": answer("Content-Type: application/json; charset=idna", "Connection: close", body=b"\xff\xfe"),
    "switching protocols": answer(status="101 Switching Protocols", body=b""),
}


@pytest.mark.parametrize("wire", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_answer_to_a_submission_is_ambiguous(serve, connect, wire):
    server = serve(Wire(wire))
    with pytest.raises(AmbiguousError) as caught:
        connect(server.url).submit("/x", BODY)
    assert (caught.value.method, caught.value.path) == ("POST", "/x")
    assert len(server.requests) == 1


@pytest.mark.parametrize("wire", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_answer_to_a_read_is_a_clear_error(serve, connect, wire):
    with pytest.raises((UnreachableError, UnexpectedAnswerError)):
        connect(serve(Wire(wire)).url, request_retries=0).get("/x")
    assert connect(serve(Answer({})).url).get("/x") == {}


@pytest.mark.parametrize("headers", [[f"Content-Length: {'5' * 5000}"], ["Content-Length: 26, 26"]])
def test_a_meaningless_content_length_is_ignored(serve, connect, headers):
    server = serve(Wire(answer(JSON, *headers)))
    assert connect(server.url).submit("/x", BODY) == json.loads(REPLY)


def test_a_bug_after_a_submission_was_sent_is_ambiguous(serve, connect, monkeypatch):
    class BugError(Exception):
        """An unexpected error."""

    def fail(*_given, **_how):
        raise BugError("tok-secret-1 was sent")

    for place, name in ((session_.Session, "_json"), (session_.Session, "on_answer")):
        server = serve(Answer({"transactionId": "ACT-1"}))
        session = connect(server.url)
        with monkeypatch.context() as patch:
            if name == "on_answer":
                session.on_answer = fail
            else:
                patch.setattr(place, name, fail)
                session = connect(server.url)
            with pytest.raises(AmbiguousError, match=r"cannot be read: BugError: \*+ was sent"):
                session.submit("/x", BODY)
            with pytest.raises(UnexpectedAnswerError, match="BugError"):
                session.get("/x")
        assert [request.method for request in server.requests] == ["POST", "GET"]


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep"), UnexpectedAnswerError("a strange shape")])
def test_every_error_while_reading_the_reply_to_a_submission_is_ambiguous(serve, connect, error):
    def read(_reply):
        raise error

    with pytest.raises(AmbiguousError):
        connect(serve(Answer({})).url).submit("/x", BODY, read=read)
    assert connect(serve(Answer({"a": 1})).url).submit("/x", BODY, read=lambda reply: reply["a"]) == 1


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep"), ValueError("Exceeds the limit")])
def test_every_error_while_reading_a_stream_is_reported(serve, connect, error):
    def read(_lines):
        raise error

    with pytest.raises(UnexpectedAnswerError, match=type(error).__name__):
        connect(serve(Answer(b"a,b\n")).url).stream("/x", None, read)


def test_a_full_disk_is_not_the_services_fault(serve, connect):
    def read(_lines):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        connect(serve(Answer(b"a,b\n")).url).stream("/x", None, read)


@pytest.mark.parametrize("part", ["{", '{"imei": "1"}'])
def test_a_connection_that_breaks_while_the_request_is_sent_is_ambiguous(serve, connect, monkeypatch, part):
    """The socket accepts some bytes before it fails."""
    sent = []
    real = socket.socket.sendall

    def sendall(sock, data, *flags):
        if b"POST" in bytes(data) or sent:
            sent.append(data)
            real(sock, bytes(data)[: len(part)])
            raise ConnectionResetError(104, "Connection reset by peer")
        return real(sock, data, *flags)

    server = serve(Answer({}))
    session = connect(server.url, request_timeout=0.2)
    monkeypatch.setattr(socket.socket, "sendall", sendall)
    with pytest.raises(AmbiguousError):
        session.submit("/x", BODY)
    assert sent


def test_no_error_before_sending_is_ambiguous(connect, monkeypatch):
    def fail(*_given, **_how):
        raise KeyError("a bug of the library")

    monkeypatch.setattr(socket, "create_connection", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(UnreachableError, match="nothing was sent"):
        connect("http://127.0.0.1:9/api").submit("/x", BODY)


class Proxy:
    """Answers CONNECT with these bytes."""

    def __init__(self, wire):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._wire = wire
        self.url = f"http://user:pr0xy-secret@127.0.0.1:{self._socket.getsockname()[1]}"
        self.seen = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            with connection:
                self.seen.append(connection.recv(65536))
                connection.sendall(self._wire)

    def close(self):
        """Close the proxy."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.mark.parametrize(
    "wire",
    [b"HTTP/1.1 407 No\r\n\r\n", b"HTTP/1.1 502 No\r\n\r\n", b"", b"garbage\r\n", b"HTTP/1.1 102 Wait\r\n\r\n"],
)
def test_a_connect_to_a_proxy_does_not_count_as_sent(connect, monkeypatch, wire):
    proxy = Proxy(wire)
    monkeypatch.setenv("https_proxy", proxy.url)
    try:
        with pytest.raises(UnreachableError) as caught:
            connect("https://192.0.2.1/api", request_retries=1).submit("/x", BODY)
    finally:
        proxy.close()
    assert all(seen.startswith(b"CONNECT 192.0.2.1:443") for seen in proxy.seen)
    assert "pr0xy" not in str(caught.value)


def test_a_request_through_a_proxy_counts_as_sent(serve, connect, monkeypatch):
    proxy = serve(Reset())
    monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/api"))
    with pytest.raises(AmbiguousError):
        connect("http://192.0.2.1/api").submit("/x", BODY)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(UnreachableError):
        connect("http://192.0.2.1/api", request_retries=0).submit("/x", BODY)


def test_each_submission_has_its_own_connection(serve, connect):
    server = serve(Answer({"a": 1}))
    session = connect(server.url)
    for _number in range(3):
        session.get("/x")
        session.submit("/x", BODY)
    ports = dict(zip(server.peers, server.requests))
    assert len(ports) == 4
    posts = [request.headers["Connection"] for request in server.requests if request.method == "POST"]
    assert posts == ["close"] * 3


def test_a_closed_idle_connection_does_not_affect_submissions(serve, connect):
    """The server announces a kept connection and closes it when the next request arrives."""
    kept = Answer({"a": 1})
    server = serve(kept, kept, kept)
    session = connect(server.url)
    session.get("/x")
    server._script = [lambda request: kept if server.peers.count(server.peers[-1]) == 1 else Reset()]
    assert session.submit("/x", BODY) == {"a": 1}
    assert session.submit("/x", BODY) == {"a": 1}


INTERIM = {
    "102": b"HTTP/1.1 102 Processing\r\n\r\n",
    "103": b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
    "100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "several": b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + b"HTTP/1.1 100 Continue\r\n\r\n" * 2,
}


def number_of(request):
    """Return an answer with the number of its request, after interim answers."""
    body = json.dumps({"for": request.path}).encode()
    return answer(JSON, f"Content-Length: {len(body)}", body=body)


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM.keys())
def test_an_answer_is_never_assigned_to_another_request(serve, connect, interim):
    server = serve(lambda request: Wire(interim, number_of(request), keep=True))
    session = connect(server.url, request_retries=0)
    for number in range(3):
        assert session.get(f"/{number}") == {"for": f"/api/{number}"}
        assert session.submit(f"/p{number}", BODY) == {"for": f"/api/p{number}"}


@pytest.mark.parametrize("size", [10, 100_000])
def test_bytes_after_an_answer_are_not_read_as_the_next_answer(serve, connect, size):
    """A proxy that answers twice, or a body that is longer than its length says."""
    extra = answer(JSON, f"Content-Length: {size + 2}", body=b'"' + b"x" * size + b'"')
    server = serve(lambda request: Wire(number_of(request) + extra, keep=True))
    session = connect(server.url)
    for number in range(5):
        assert session.get(f"/{number}") == {"for": f"/api/{number}"}
        assert session.submit(f"/p{number}", BODY) == {"for": f"/api/p{number}"}


def test_a_submission_with_only_an_interim_answer_is_ambiguous(serve, connect):
    with pytest.raises(AmbiguousError):
        connect(serve(Wire(INTERIM["102"])).url).submit("/x", BODY)


def test_a_switch_of_protocols_ends_the_connection(serve, connect):
    switch = Wire(
        answer(status="101 Switching Protocols", body=b""), answer(JSON, "Content-Length: 2", body=b"{}"), keep=True
    )
    server = serve(switch, lambda request: Wire(number_of(request)))
    assert connect(server.url).get("/1") == {"for": "/api/1"}
    assert len(set(server.peers)) == 2


def test_a_refusal_with_an_unknown_encoding_is_still_a_refusal(serve, connect):
    wire = answer(JSON, "Content-Encoding: br", "Content-Length: 2", status="400 Bad Request", body=b"\x00\x01")
    with pytest.raises(RefusedError):
        connect(serve(Wire(wire)).url).submit("/x", BODY)
