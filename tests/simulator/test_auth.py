# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins, tokens, scopes, and the format of errors."""

from __future__ import annotations

import pytest
from sentinel_simulator import fixtures
from service import ESIM, SMARTSIM, TRANSACTION, UPLOAD, V1, V2, Service, single

LOGIN = {"username": "fleet@northstar.example", "password": "simulator-password"}
CARRIERS = "/v1.0/activation/carriers"

#: Endpoint → the scope that it requires (None: any valid token).
NEEDS = {
    ("GET", "/v1.0/activation/billing-plans"): None,
    ("GET", "/v1.0/activation/businessInternetPlans"): None,
    ("GET", CARRIERS): "aux_activation",
    ("GET", "/v1.0/activation/eSim/carriers"): "aux_kemp_user",
    ("GET", "/v1.0/activation/eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T"): None,
    ("POST", ESIM): "aux_activation",
    ("GET", "/v1.0/activation/inventory?carrier=Verizon"): None,
    ("POST", SMARTSIM): "aux_activation",
    ("POST", TRANSACTION): "aux_activation",
    ("GET", V1): "aux_activation",
    ("GET", f"{V1}/ACT-2026-0313-001"): "aux_activation",
    ("GET", f"{V1}/ACT-2026-0313-001/csv"): "aux_activation",
    ("POST", UPLOAD): "aux_activation",
    ("GET", V2): "aux_activation",
}


def test_a_login_gives_a_token_and_the_corp(service: Service) -> None:
    reply = service.post("/v1.0/auth/token", LOGIN, token=None)
    assert reply["details"]["corpId"] == "NORTHSTAR-ISD"
    assert service.get(CARRIERS, token=reply["token"])
    assert service.post("/v1.0/auth/token", LOGIN, token=None)["token"] != reply["token"]


@pytest.mark.parametrize("change", [{"password": "x"}, {"username": "nobody@northstar.example"}])
def test_wrong_credentials(service: Service, change: dict[str, str]) -> None:
    reply = service.post("/v1.0/auth/token", {**LOGIN, **change}, status=401, token=None)
    assert reply == {"message": "Wrong username or password", "status": 401}


@pytest.mark.parametrize("body", [{}, {"username": "fleet@northstar.example"}, [], {"username": 1, "password": 2}])
def test_a_login_without_credentials(service: Service, body: object) -> None:
    assert "required" in service.post("/v1.0/auth/token", body, status=400, token=None)["message"]
    assert "required" in service.post("/v1.0/auth/clientToken", body, status=400, token=None)["message"]


def test_client_token(service: Service) -> None:
    body = {"clientId": fixtures.CLIENT_ID, "clientSecret": fixtures.CLIENT_SECRET}
    token = service.post("/v1.0/auth/clientToken", body, token=None)["token"]
    assert service.get(CARRIERS, token=token)
    viewer = service.post("/v1.0/auth/clientToken", {**body, "username": "viewer@northstar.example"}, token=None)
    service.get(CARRIERS, status=403, token=viewer["token"])
    service.post("/v1.0/auth/clientToken", {**body, "clientSecret": "x"}, status=401, token=None)
    service.post("/v1.0/auth/clientToken", {**body, "username": "nobody"}, status=401, token=None)


@pytest.mark.parametrize(("method", "path"), sorted(NEEDS))
def test_each_endpoint_requires_a_token_and_its_scope(service: Service, method: str, path: str) -> None:
    scope = NEEDS[method, path]
    for token in (None, "wrong"):
        reply = service.call(method, path, token=token)
        assert (reply.status_code, reply.json()["status"]) == (401, 401)
    allowed = {
        "simulator-token": True,
        "simulator-token-activation": scope in (None, "aux_activation"),
        "simulator-token-viewer": scope is None,
    }
    for token, right in allowed.items():
        reply = service.call(method, path, token=token)
        assert (reply.status_code != 403) == right, (token, reply.text)
        assert reply.status_code != 401
        if not right:
            assert scope
            assert scope in reply.json()["message"]


def test_other_authorization_schemes_are_refused(service: Service) -> None:
    service.get(CARRIERS, status=401, token=None, headers={"authorization": "Basic simulator-token"})
    service.get(CARRIERS, status=401, token=None, headers={"authorization": "Bearer "})


def test_a_token_expires_unless_it_is_used(service: Service) -> None:
    service.settings(token_lifetime=100)
    token = service.post("/v1.0/auth/token", LOGIN, token=None)["token"]
    for _round in range(3):
        service.later(60)
        service.get(CARRIERS, token=token)
    service.later(101)
    assert "expired" in service.get(CARRIERS, status=401, token=token)["message"]
    service.later(100_000)
    service.get(CARRIERS, token="simulator-token")


def test_unknown_paths_and_methods_are_json(service: Service) -> None:
    assert service.get("/v1.0/activation/nothing", status=404) == {"message": "Not Found", "status": 404}
    assert service.call("DELETE", CARRIERS).json()["status"] == 405


def test_a_body_that_is_not_json(service: Service) -> None:
    for path in (TRANSACTION, SMARTSIM, ESIM):
        reply = service.call("POST", path, content=b"{", headers={"content-type": "application/json"})
        assert reply.status_code == 400
        assert reply.json()["message"] == "The request body is not JSON"
        assert service.post(path, ["x"], status=400)["message"] == "The request body must be a JSON object"


def test_a_refused_submission_does_nothing(service: Service) -> None:
    service.post(TRANSACTION, single(1), status=403, token="simulator-token-viewer")
    assert service.control("GET", "activations")["devices"] == []
