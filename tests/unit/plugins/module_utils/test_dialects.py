# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First contact: under any names of an account, the plan of a fleet is right and each device is activated once."""

from __future__ import annotations

import hypothesis
import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import ESIM, SIM, SMARTSIM
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import activation_spec
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.activate import Mode, activate
from ansible_collections.kajeet.sentinel.plugins.module_utils._stories.tasks import of_kind
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport import sender
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.dialects import Dialect
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.speaking import Service

#: Five per example of a property.
DIALECTS = 5 * hypothesis.settings.default.max_examples
PARTS = 20
KINDS = (SIM, SIM, SMARTSIM, ESIM)
COMMON = {
    "carrier": "VERIZON",
    "device_group": "Transportation",
    "filter_group": "Student_K8",
    "service_zip_code": "02134",
}


def eid(number):
    """Return a valid EID for a number."""
    digits = f"8904903212345{number:017d}"
    return f"{digits}{98 - int(digits + '00') % 97:02d}"


def identifiers_of(kind, number):
    """Return the identifiers of a device of this kind."""
    if kind is SIM:
        return {"imei": imei(number), "iccid": iccid(number)}
    return {"imei": imei(number), **({"eid": eid(number)} if kind is ESIM else {"sim_id": f"SM{number:018d}X"})}


def run(kind, fleet, check=False, **given):
    """Run the engine on a fleet."""
    spec = activation_spec(kind.identity.identifiers, kind.formats)
    params = {name: option.get("default") for name, option in spec.items()}
    params.update(api_url="http://127.0.0.1:9/api", api_token="token-of-a-test", corp_id="NORTHSTAR-ISD", devices=fleet)
    params.update(poll_interval=0.01, poll_max_interval=0.01, settle_timeout=0.5, wait_timeout=20.0, concurrency=1)
    params.update(result_devices="all", **given)
    return activate(of_kind(kind), params, Mode(check), lambda secret: None)


def account(monkeypatch, dialect, kind):
    """Return an account with a dialect, and a fleet: two active, one pending, one failed and two new devices."""
    service = Service(dialect, kind.identity.key)
    monkeypatch.setattr(sender, "Adapter", lambda *_given, **_how: service)
    lines = [identifiers_of(kind, number) for number in range(6)]
    service.add(lines[:2], "active")
    service.add([identifiers_of(kind, 77)], "failed")
    service.add(lines[2:3], "failed")
    service.add(lines[3:4], "active", due=6)
    return service, [{**line, **COMMON} for line in lines]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_fleet_is_activated_exactly_once_in_any_dialect(monkeypatch, part):
    for seed in range(part, DIALECTS, PARTS):
        dialect = Dialect(seed)
        kind = KINDS[seed % len(KINDS)]
        service, fleet = account(monkeypatch, dialect, kind)
        about = f"dialect {seed}: {vars(dialect)}"
        plan = run(kind, fleet, check=True)
        assert {name: plan["plan"][name] for name in ("activate", "wait", "unchanged", "conflict")} == {
            "activate": 3,
            "wait": 1,
            "unchanged": 2,
            "conflict": 0,
        }, about
        assert service.posts == 0, about
        first = run(kind, fleet)
        assert first["summary"] == {"activated": 4, "already_active": 2}, about
        assert sorted(service.accepted) == sorted(device[kind.identity.key] for device in (fleet[2], *fleet[4:])), about
        assert set(service.accepted.values()) == {1}, about
        second = run(kind, fleet)
        assert (second["changed"], second["summary"]) == (False, {"already_active": 6}), about
        assert set(service.accepted.values()) == {1}, about


MADE_UP = {
    "transaction_id": "Vorgang",
    "imei": "Geraet",
    "iccid": "Karte",
    "status": "Zustand",
    "carrier": "Netz",
    "nickname": "Spitzname",
    "started": "Beginn",
    "total": "Summe",
    "success": "Gut",
    "failed": "Schlecht",
    "pending": "Offen",
}


def test_unknown_names_work_with_field_names_and_status_words_alone(monkeypatch):
    dialect = Dialect(0)
    dialect.keys.update(MADE_UP)
    dialect.headings.update(MADE_UP)
    dialect.nests.clear()
    dialect.words.update(active="fertig", failed="geplatzt", pending="laeuft")
    dialect.no_export = False
    service, fleet = account(monkeypatch, dialect, SIM)
    bend = {"field_names": MADE_UP, "status_words": {"success": ["Fertig"], "failed": ["geplatzt"]}}
    assert run(SIM, fleet, check=True, **bend)["plan"]["activate"] == 3
    assert run(SIM, fleet, **bend)["summary"] == {"activated": 4, "already_active": 2}
    dialect.no_export = True
    assert run(SIM, fleet, **bend)["summary"] == {"already_active": 6}
    assert set(service.accepted.values()) == {1}
