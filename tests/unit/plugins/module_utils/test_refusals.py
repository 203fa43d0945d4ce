# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Impossible tasks are refused with clear messages, without unnecessary requests."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import AuthenticationError, InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.info import inventory_of, plans_of
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.login import login
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.test_info import FakeAPI

FIELDS = ConnectionOptions.__dataclass_fields__
NOBODY = {name: getattr(ConnectionOptions("http://127.0.0.1:1/api"), name) for name in FIELDS}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "api_username and api_password (SENTINEL_USERNAME, SENTINEL_PASSWORD)"),
        ({"api_username": "u"}, "api_username and api_password (SENTINEL_USERNAME, SENTINEL_PASSWORD)"),
        ({"api_token": "not used by a login"}, "api_username and api_password"),
        ({"client_id": "c", "client_secret": "client-secret-1"}, "Set api_username."),
    ],
)
def test_a_login_without_credentials_names_the_missing_options(given, wanted):
    with pytest.raises(AuthenticationError) as caught:
        login({**NOBODY, **given})
    assert wanted in str(caught.value)
    assert "client-secret-1" not in str(caught.value)


def test_counting_esims_needs_an_account(monkeypatch):
    api = FakeAPI()
    monkeypatch.setattr(api.session, "corp_id", lambda: None)
    with pytest.raises(InputError, match="corp_id"):
        inventory_of(api, ["AT&T"], esim=True)
    assert api.asked == []
    assert inventory_of(api, ["AT&T"], esim=False)


def test_an_unknown_kind_of_plan_is_an_error_with_the_valid_kinds():
    api = FakeAPI()
    with pytest.raises(InputError, match=r"'rate' is not a kind of plan; .*billing"):
        plans_of(api, ["billing", "rate"])
    assert api.asked == []
