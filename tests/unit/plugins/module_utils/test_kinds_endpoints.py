# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind is submitted to its own endpoint."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM, Terms
from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.devices import Device
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ActivationOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._service.api import SentinelAPI
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer


@pytest.mark.parametrize(
    ("kind", "identifiers", "path"),
    [
        (SIM, {"iccid": iccid(0), "imei": imei(0)}, "transaction"),
        (SMARTSIM, {"sim_id": "891039000100000701"}, "smartsim-transaction"),
        (ESIM, {"imei": imei(0)}, "esim-transaction"),
    ],
)
def test_each_kind_has_its_own_endpoint(connect, serve, kind, identifiers, path):
    server = serve(Answer({"transactionId": "T1"}))
    api = SentinelAPI(connect(server.url))
    device = Device("device 1", kind.identity, carrier="AT&T", **identifiers)
    (request,) = kind.requests([device], Terms(ActivationOptions(), "NORTHSTAR-ISD", {}))
    about_to_send = []
    assert api.submit(kind.path, request.body, lambda: about_to_send.append(len(server.requests))) == "T1"
    (sent,) = server.requests
    assert (sent.method, sent.path) == ("POST", f"/api/v1.0/activation/{path}")
    # The callback runs before the request is sent. Journals rely on that.
    assert about_to_send == [0]
