# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A caller can use only the account's corp id and its device groups."""

from __future__ import annotations

from typing import Any

import pytest
from service import ESIM, SMARTSIM, TRANSACTION, Service, batch, imei, pair, single, smartsim

STOCK = "/v1.0/activation/eSimInventoryCount/{}?carrier=AT%26T"
OTHER = "SOUTHSTAR-ISD"


def bodies(corp_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Make submissions with a corp id in each possible place."""
    line = smartsim("891039000000150004")
    line["serviceDetails"]["corpId"] = corp_id
    return [
        (TRANSACTION, single(1, corpId=corp_id)),
        (TRANSACTION, batch(pair(2), corpId=corp_id)),
        (ESIM, batch({"imei": imei(3)}, corpId=corp_id)),
        (SMARTSIM, {"activationLines": [line]}),
    ]


@pytest.mark.parametrize("corp_id", ["NORTHSTAR-ISD", "northstar-isd", "Transportation", "Elementary-Schools"])
def test_own_corp_id_and_groups_are_accepted(service: Service, corp_id: str) -> None:
    service.get(STOCK.format(corp_id))
    for path, body in bodies(corp_id):
        service.post(path, body)


@pytest.mark.parametrize("place", range(4))
def test_another_account_is_refused(service: Service, place: int) -> None:
    path, body = bodies(OTHER)[place]
    refusal = service.post(path, body, status=403)
    assert refusal["message"] == (
        "Forbidden: corpId 'SOUTHSTAR-ISD' is neither this account's corp id nor one of its device groups"
    )
    assert service.control("GET", "activations")["devices"] == []


def test_a_path_of_another_account_is_refused(service: Service) -> None:
    assert OTHER in service.get(STOCK.format(OTHER), status=403)["message"]


def test_a_group_with_an_activated_device_is_accepted(service: Service) -> None:
    service.get(STOCK.format("Library"), status=403)
    service.post(TRANSACTION, single(1, deviceGroup="Library"))
    service.get(STOCK.format("Library"))
    service.post(TRANSACTION, single(2, corpId="Library"))
