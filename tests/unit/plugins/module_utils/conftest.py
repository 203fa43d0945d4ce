# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared fixtures."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.session import Session
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils import loopback
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock


@pytest.fixture
def clock():
    """A clock that only sleeping advances."""
    return Clock()


@pytest.fixture
def serve():
    """Start servers: serve(answer, …) → Server. They end with the test."""
    servers = []

    def start(*script, **how):
        servers.append(loopback.Server(*script, **how))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect(clock):
    """Open sessions: connect(url, option=…) → Session with a token. They are closed with the test."""
    sessions = []

    def open_session(url, on_secret=lambda secret: None, sleep=None, **options):
        if "api_username" not in options:
            options.setdefault("api_token", "tok-secret-1")
        options.setdefault("request_timeout", 5.0)
        session = Session(ConnectionOptions(url, **options), on_secret, clock, sleep or clock.sleep)
        sessions.append(session)
        return session

    yield open_session
    for session in sessions:
        session.close()


@pytest.fixture
def careless_library(monkeypatch):
    """Make the HTTP library ignore an answer that is shorter than announced, as older releases do."""
    from urllib3.response import HTTPResponse

    monkeypatch.setattr(HTTPResponse, "_init_length", lambda response, method: None)


@pytest.fixture
def tls_files(tmp_path):
    """A certificate and its key, as files."""
    files = (tmp_path / "server.pem", tmp_path / "server.key")
    files[0].write_text(loopback.CERTIFICATE)
    files[1].write_text(loopback.KEY)
    return files


@pytest.fixture
def where(tmp_path):
    """A runtime directory, for claims."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder
