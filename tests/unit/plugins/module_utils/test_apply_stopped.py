# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interrupted run: submissions that were about to be sent are not sent, and the journal says so."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import StoppedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.session import Session
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import fleet, iccid
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.journals import remembered
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.world import KilledError, World


@pytest.mark.parametrize("turned_away", [0, 1])
@pytest.mark.parametrize("single", [True, False])
def test_waiting_submissions_are_not_sent_after_an_interruption(tmp_path, turned_away, single):
    """The run is interrupted during the first submission; the others wait, some after a 429."""
    path = str(tmp_path / "journal")
    world = World(concurrency=4)
    stopped = threading.Event()
    world.stop = stopped.set
    waiting = threading.Semaphore(0)

    def submit(_path, body, about_to_send):
        if body["iccid"] == iccid(0):
            for _other in range(3):
                waiting.acquire()
            raise KilledError
        for _again in range(turned_away):
            about_to_send()
        waiting.release()
        # Without the stop, a submission would be sent late.
        stopped.wait(3)
        about_to_send()
        world.bodies.append(body)
        return "T"

    world.submit = submit
    with pytest.raises(KilledError):
        world.run(fleet(4 if single else 20), journal=path)
    assert stopped.is_set()
    assert world.bodies == []
    keys = map(iccid, range(20))
    assert remembered(path, *keys, service="https://sentinel.example") == [None] * 20


def test_a_stopped_session_does_not_wait(serve):
    server = serve(Answer({}, 429, {"Retry-After": "200"}))
    session = Session(ConnectionOptions(server.url, api_token="tok-secret-1"))
    found = []

    def ask():
        try:
            session.submit("/x", {})
        except StoppedError as error:
            found.append(error)

    threads = [threading.Thread(target=ask) for _number in range(3)]
    for thread in threads:
        thread.start()
    patience = time.monotonic() + 20
    while not server.requests and time.monotonic() < patience:
        time.sleep(0.01)
    session.stop()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    session.close()
    assert len(found) == 3
    sent = len(server.requests)
    with pytest.raises(StoppedError):
        session.get("/x")
    assert len(server.requests) == sent
