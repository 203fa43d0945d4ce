# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: untrusted servers get no request, and a later broken connection is not a failed handshake."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AmbiguousError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import (
    Answer,
    Garbage,
    Reset,
    closed_port,
)


def test_an_unknown_ca_is_refused_before_anything_is_sent(serve, connect, tls_files):
    server = serve(Answer([]), tls_files=tls_files)
    session = connect(server.url)
    for call in (lambda: session.get("/x"), lambda: session.submit("/x", {})):
        with pytest.raises(UnreachableError) as caught:
            call()
        assert "TLS failed: certificate verify failed: self-signed" in str(caught.value).replace(
            "self signed", "self-signed"
        )
        assert "Set ca_path to the PEM file of the CA that signed it" in str(caught.value)
    assert server.requests == []


def test_a_failed_handshake_is_not_retried(serve, connect, clock, tls_files):
    with pytest.raises(UnreachableError):
        connect(serve(Answer([]), tls_files=tls_files).url).get("/x")
    assert clock.slept == []


def test_a_server_is_trusted_with_its_ca(serve, connect, tls_files):
    server = serve(Answer({"ok": True}), tls_files=tls_files)
    assert connect(server.url, ca_path=str(tls_files[0])).get("/x") == {"ok": True}


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_checks_can_be_switched_off(serve, connect, tls_files):
    server = serve(Answer({"ok": True}), tls_files=tls_files)
    assert connect(server.url, validate_certs=False).get("/x") == {"ok": True}


def test_the_environment_cannot_replace_ca_path(serve, connect, tls_files, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    server = serve(Answer({"ok": True}), tls_files=tls_files)
    assert connect(server.url, ca_path=str(tls_files[0])).get("/x") == {"ok": True}


def test_the_ca_may_come_from_the_environment(serve, connect, tls_files, monkeypatch):
    server = serve(Answer({"ok": True}), tls_files=tls_files)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls_files[0]))
    assert connect(server.url).get("/x") == {"ok": True}


def test_a_server_without_tls_is_reported(serve, connect):
    server = serve(Answer([]))
    with pytest.raises(UnreachableError, match="does not use TLS at this address: check the port, or use http://"):
        connect(server.url.replace("http://", "https://")).get("/x")
    assert server.requests == []


def test_a_missing_ca_path_is_reported(connect):
    with pytest.raises(UnreachableError, match=r"/nowhere/ca\.pem.*Check api_url and ca_path"):
        connect("https://127.0.0.1:1/api", ca_path="/nowhere/ca.pem").get("/x")


@pytest.mark.parametrize("answer", [Garbage(), Reset()], ids=["no TLS any more", "reset"])
def test_a_submission_that_was_sent_before_tls_broke_is_ambiguous(serve, connect, tls_files, answer):
    server = serve(answer, tls_files=tls_files)
    with pytest.raises(AmbiguousError):
        connect(server.url, ca_path=str(tls_files[0])).submit("/x", {"imei": "1"})
    assert len(server.requests) == 1


def test_a_certificate_for_another_host_is_refused(serve, connect, tls_files, monkeypatch):
    server = serve(Answer([]), tls_files=tls_files)
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *given, **how: real("127.0.0.1", *given, **how))
    for name, fits in (("sentinel.example", False), ("localhost", True)):
        session = connect(server.url.replace("127.0.0.1", name), ca_path=str(tls_files[0]), request_retries=0)
        for call in (lambda session: session.get("/x"), lambda session: session.submit("/x", {})):
            if fits:
                assert call(session) == []
            else:
                with pytest.raises(UnreachableError, match="TLS failed"):
                    call(session)
    assert len(server.requests) == 2


def test_ca_certificates_are_read_once_for_all_connections(serve, connect, tls_files, monkeypatch):
    """Reading them takes longer than a request, and each submission has its own connection."""
    read = []
    real = ssl.SSLContext.load_verify_locations

    def load(context, *given, **how):
        read.append(how or given)
        return real(context, *given, **how)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    session = connect(serve(Answer({}), tls_files=tls_files).url, ca_path=str(tls_files[0]))
    for _number in range(4):
        session.submit("/x", {})
        session.get("/x")
    assert len(read) == 1


def test_ca_certificates_are_not_read_for_plain_http(serve, connect):
    assert connect(serve(Answer({})).url, ca_path="/nowhere/ca.pem").get("/x") == {}


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_unreadable_ca_certificates_are_reported_before_anything_is_sent(connect, tmp_path, content):
    place = tmp_path / "ca.pem"
    if content is not None:
        place.write_text(content)
    for call in (lambda session: session.get("/x"), lambda session: session.submit("/x", {})):
        with pytest.raises(UnreachableError, match=r"ca\.pem cannot be read.*Check api_url and ca_path"):
            call(connect(f"https://127.0.0.1:{closed_port()}/api", ca_path=str(place)))


def pump(source, target):
    """Forward bytes until the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def tunnel(listener, seen):
    """Run a proxy that connects its clients with the requested hosts."""
    with contextlib.suppress(OSError):
        while True:
            client = listener.accept()[0]
            head = client.recv(65536).decode()
            seen.append(head.splitlines()[0])
            host, _colon, port = head.split()[1].rpartition(":")
            server = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for ends in ((client, server), (server, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()


@pytest.mark.parametrize("answer", [Answer({"ok": True}), Reset()], ids=["answered", "reset"])
def test_through_a_tunnel_only_the_request_counts_as_sent(serve, connect, tls_files, monkeypatch, answer):
    server, seen = serve(answer, tls_files=tls_files), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=tunnel, args=(listener, seen), daemon=True).start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        session = connect(server.url, ca_path=str(tls_files[0]), request_retries=0, request_timeout=1.0)
        for _number in range(2):
            if isinstance(answer, Reset):
                with pytest.raises(AmbiguousError):
                    session.submit("/x", {})
            else:
                assert session.submit("/x", {}) == session.get("/x") == {"ok": True}
        with pytest.raises(UnreachableError, match="TLS failed"):
            connect(server.url).submit("/x", {})
        listener.shutdown(socket.SHUT_RDWR)
    assert [request.method for request in server.requests] == (
        ["POST"] * 2 if isinstance(answer, Reset) else ["POST", "GET"] * 2
    )
    # Each submission has its own tunnel; reads share one.
    assert len(seen) == (3 if isinstance(answer, Reset) else 4)
