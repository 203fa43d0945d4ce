# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules call each endpoint of activation, and the device list, by its exact path and query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.devices import COMMON, csv_of, device, fleet, imei
from harness.playbooks import Playbooks
from harness.simulators import ACTIVE, Simulator

ESIM = {"carrier": "AT&T", "device_group": "Field Staff", "filter_group": "Staff", "service_zip_code": "22102"}


def task(module: str, **arguments: Any) -> dict[str, Any]:
    """A task with a module of the collection, named and registered after it."""
    return {"name": module, f"kajeet.sentinel.{module}": arguments, "register": module}


def test_modules_call_all_endpoints(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(csv_of(fleet((1, 2))), encoding="utf-8")
    connection = {key: sentinel.connection[key] for key in ("api_url", "api_token", "corp_id")}
    waits = {"poll_interval": 0.05}
    run = playbook(
        [
            task("sentinel_plans_info"),
            task("sentinel_carriers_info"),
            {**task("sentinel_carriers_info", esim=True), "name": "eSIM carriers"},
            task("sentinel_inventory_info", carriers=["Verizon Priority"]),
            {**task("sentinel_inventory_info", carriers=["AT&T"], esim=True), "name": "eSIM stock"},
            task("sentinel_devices_info"),
            task("sentinel_device_status", devices=[{"imei": ACTIVE["imei"]}], state="suspended"),
            task("sentinel_device_csv_info", src=str(path)),
            task("sentinel_esim_activation", imei=imei(7), **ESIM, **waits),
            task("sentinel_smartsim_activation", sim_id="891039000000010007", **COMMON, **waits),
            task("sentinel_activation", **device(1), **waits),
            {
                **task("sentinel_transactions_export", dest=str(tmp_path / "one.csv")),
                "kajeet.sentinel.sentinel_transactions_export": {
                    "dest": str(tmp_path / "one.csv"),
                    "transaction_id": "{{ sentinel_activation.transactions[0].transaction_id }}",
                },
            },
            task("sentinel_transactions_info", version=1, offset=0, limit=5),
            {**task("sentinel_transactions_info", offset=0, limit=25), "name": "the last 180 days"},
        ],
        defaults=connection,
    )
    transaction = run["sentinel_activation"]["transactions"][0]["transaction_id"]
    assert ACTIVE["iccid"] not in (tmp_path / "one.csv").read_text(encoding="utf-8"), (
        "the export has one transaction, not all"
    )
    v1 = "/v1.0/activation"
    listed = [
        call for call in sentinel.calls() if call.startswith("GET /v1.0/devices/NORTHSTAR-ISD?export=CSV&columns=")
    ]
    # One for devices, two for the status (before and after it is set), three for activations.
    assert len(listed) == 6
    expected = {
        f"GET {v1}/billing-plans",
        f"GET {v1}/businessInternetPlans",
        f"GET {v1}/carriers",
        f"GET {v1}/eSim/carriers",
        f"GET {v1}/eSimInventoryCount/NORTHSTAR-ISD?carrier=AT%26T",
        f"POST {v1}/esim-transaction",
        f"GET {v1}/inventory?carrier=Verizon%20Priority",
        f"POST {v1}/smartsim-transaction",
        f"POST {v1}/transaction",
        f"GET {v1}/transactions?sortDir=DESC&offset=0&limit=5",
        f"GET {v1}/transactions/{transaction}",
        f"GET {v1}/transactions/{transaction}/csv",
        f"POST {v1}/uploadCSV",
        "GET /v1.0/devices/NORTHSTAR-ISD/status",
        "PUT /v1.0/devices/Transportation/status",
        "GET /v2.0/activation/transactions?sortDir=DESC&offset=0&limit=25",
        "GET /v2.0/activation/transactions?sortDir=ASC&export=CSV",
    }
    assert expected <= set(sentinel.calls()), expected - set(sentinel.calls())
