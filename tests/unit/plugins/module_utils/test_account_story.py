# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account check from its options to its result and its evidence file."""

from __future__ import annotations

import json
import stat

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError, RefusedError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import ConnectionOptions
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.account import check_account
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import sender
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.dialects import Dialect
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.speaking import Service

KNOWN = ConnectionOptions("http://127.0.0.1:9/api", api_token="token-of-a-test", corp_id="NORTHSTAR-ISD")


def check(check_mode=False, **given):
    """Runs the check."""
    params = {name: getattr(KNOWN, name) for name in ConnectionOptions.__dataclass_fields__}
    return check_account({**params, "kinds": ["sim"], "request_retries": 0, **given}, check_mode, lambda secret: None)


@pytest.fixture(params=[3, 5, 8])
def service(request, monkeypatch):
    """An account with a few transactions, in one dialect or another."""
    service = Service(Dialect(request.param), "iccid")
    for number in range(4):
        service.add([{"imei": imei(number), "iccid": iccid(number)}], ("active", "failed")[number % 2])
    monkeypatch.setattr(sender, "Adapter", lambda *_given, **_how: service)
    return service


def test_the_result_says_what_works_and_nothing_is_sent_that_writes(service):
    found = check()
    assert found["ready"]
    assert found["report"][0] == found["msg"] == "Ready: SIM activation."
    assert max(map(len, found["report"])) <= 68
    assert {call["name"] for call in found["calls"]} >= {"carriers", "history_csv", "transaction_lines", "devices"}
    assert service.posts == 0
    assert "token-of-a-test" not in json.dumps(found)


def test_unknown_words_are_named_with_the_line_to_set(service):
    service.dialect.words["active"] = "Blorp"
    found = check()
    assert any("status_words: {success: [WORD]" in (line or "") for line in found["set"])
    assert any("Blorp" in line for line in found["report"])


@pytest.mark.usefixtures("service")
def test_evidence_is_written_for_its_owner_once_and_not_in_check_mode(tmp_path):
    place = tmp_path / "evidence.json"
    assert check(check_mode=True, evidence=str(place))["changed"]
    assert not place.exists()
    assert check(evidence=str(place))["changed"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert not check(evidence=str(place))["changed"]
    text = place.read_text(encoding="utf-8")
    assert json.loads(text)["format"] == 1
    assert not any(value in text for number in range(4) for value in (imei(number), iccid(number)))
    place.write_bytes(b"\xff\xfe other content")
    assert check(evidence=str(place))["changed"]
    assert list(tmp_path.iterdir()) == [place]


def test_evidence_that_cannot_be_written_is_refused_before_anything_is_asked(service, tmp_path):
    with pytest.raises(InputError, match="evidence: "):
        check(evidence=str(tmp_path))
    with pytest.raises(InputError, match="evidence: "):
        check(evidence=str(tmp_path / "none" / "file.json"))
    assert service.asked == 0


def test_a_url_that_leads_elsewhere_is_named(monkeypatch):
    class Elsewhere(Service):
        """A server that knows none of the calls."""

        def _answer(self, _request, _path, _query):
            return 404, b"{}", "application/json"

    monkeypatch.setattr(sender, "Adapter", lambda *_given, **_how: Elsewhere(Dialect(0), "iccid"))
    with pytest.raises(RefusedError, match=r"none of the \d+ calls of the check exists") as caught:
        check()
    assert "should end with /sentinel/api" in str(caught.value)
