# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files from portals, spreadsheets and exports as `src` of modules, role, drift and inventory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from harness.devices import COMMON, device, fleet, iccid, imei
from harness.fleets import connection_env, csv_file, mixed, result, role
from harness.inventories import Inventories
from harness.playbooks import Playbooks, activation
from harness.simulators import Simulator

#: Options for short waits.
QUICK_TASK = {"request_format": "batch", "poll_interval": 0.05, "poll_max_interval": 0.2}
PASSWORD = b"a-password-of-the-vault"
HEADINGS = {"iccid": "Smart Chip (SIM) Number", "imei": "Phone or Device ID (IMEI)", "nickname": "Nickname"}


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook with notes in the first sheet and these rows in the second one."""
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["Devices of the north"])
    sheet = book.create_sheet("Devices")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def portal(path: Path, numbers: Sequence[int]) -> Path:
    """Write a portal's export: with a title, unused columns, semicolons, UTF-16 and a total."""
    lines = ["Device report;;;;", ";".join(["Account", *HEADINGS.values(), "Rate Plan Name"])]
    lines += [f"0123;{iccid(number)};{imei(number)};Bus {number};DATA 5GB" for number in numbers]
    path.write_text("\r\n".join([*lines, f"Total;{len(numbers)};;;"]), encoding="utf-16")
    return path


def submitted(simulator: Simulator) -> list[dict[str, str]]:
    """The lines that were submitted."""
    return [
        line for request in simulator.writes() for line in request["body"].get("activationLines", [request["body"]])
    ]


def test_a_portals_export_is_activated_with_one_warning(
    sentinel: Simulator, playbook: Playbooks, workspace: Path
) -> None:
    portal(workspace / "export.txt", [1, 2])
    for _where in ("here", "again"):
        run = playbook(activation("Activate", src="export.txt", **COMMON, request_format="batch"))
        (warning,) = run.only.warnings
        assert warning == (
            "export.txt: ignored: line 1 (above the header); line 5 (no device); 2 columns (Account, Rate Plan Name)"
        )
    assert [line["iccid"] for line in submitted(sentinel)] == [iccid(1), iccid(2)]


def test_strict_makes_the_warning_an_error(sentinel: Simulator, playbook: Playbooks, workspace: Path) -> None:
    portal(workspace / "export.txt", [1])
    run = playbook(activation("Activate", src="export.txt", strict=True, **COMMON))
    assert "ignored: line 1 (above the header)" in run.only.msg
    assert "an error because strict is set" in run.only.msg
    sentinel.assert_wrote_nothing()


def test_the_role_reads_a_workbook_and_the_workbook_of_its_own_result(
    sentinel: Simulator, tmp_path: Path, playbook: Playbooks
) -> None:
    heads = ["iccid", "imei", "nickname", *COMMON]
    rows = [[str(entry[name]) for name in heads] for entry in fleet([1, 2], nickname="=Bus")]
    workbook(tmp_path / "fleet.xlsx", [heads, *rows])
    env = connection_env(sentinel)
    run = playbook([role(src=str(tmp_path / "fleet.xlsx"), result_file=str(tmp_path / "result.xlsx"))], env=env)
    assert result(run)["summary"] == {"activated": 2}
    again = playbook([role(src=str(tmp_path / "result.xlsx"), **COMMON)], env=env)
    assert result(again)["summary"] == {"already_active": 2}
    assert not result(again).get("warnings")
    wrong = playbook([role(src=str(tmp_path / "fleet.xlsx"), sheet="Device")], env=env, expect_rc=2)
    assert "has no sheet 'Device'; did you mean Devices? Sheets: Notes, Devices" in result(wrong)["msg"]


def test_identifiers_that_a_workbook_rounded_are_refused(
    sentinel: Simulator, playbook: Playbooks, workspace: Path
) -> None:
    rows = [[int(iccid(number)), int(imei(number))] for number in (1, 2)]
    workbook(workspace / "fleet.xlsx", [["ICCID", "IMEI"], *rows])
    run = playbook(activation("Activate", src="fleet.xlsx", **COMMON))
    assert run.only.msg.count("rounded") == 2
    assert "fleet.xlsx, row 2: iccid " in run.only.msg
    assert ": imei " not in run.only.msg
    sentinel.assert_wrote_nothing()


def test_columns_and_carrier_names_resolve_what_a_file_leaves_open(
    sentinel: Simulator, playbook: Playbooks, workspace: Path
) -> None:
    text = f"ICCID,IMEI1,IMEI2,Carrier\n{iccid(1)},{imei(2)},{imei(1)},AT&T Mobility\n"
    (workspace / "fleet.csv").write_text(text, encoding="utf-8")
    known = {name: value for name, value in COMMON.items() if name != "carrier"}
    undecided = playbook(activation("Activate", src="fleet.csv", **known))
    assert 'the columns "IMEI1" and "IMEI2" both mean imei' in undecided.only.msg
    columns = {"ICCID": "iccid", "imei 2": "imei", "Carrier": "carrier"}
    unknown = playbook(activation("Activate", src="fleet.csv", columns=columns, **known))
    assert "did you mean AT&T? Write AT&T, or set carrier_names: {AT&T Mobility: AT&T}" in unknown.only.msg
    sentinel.assert_wrote_nothing()
    names = {"AT&T Mobility": "AT&T"}
    playbook(activation("Activate", src="fleet.csv", columns=columns, carrier_names=names, **known))
    (line,) = submitted(sentinel)
    assert (line["imei"], line["carrier"]) == (imei(1), "AT&T")


def encrypted(path: Path) -> Path:
    """Encrypt the file with ansible-vault."""
    vault = VaultLib([("default", VaultSecret(PASSWORD))])
    path.write_bytes(vault.encrypt(path.read_bytes()))
    return path


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.xlsx"])
def test_an_encrypted_file_is_decrypted_if_ansible_has_the_password(
    sentinel: Simulator, playbook: Playbooks, workspace: Path, tmp_path: Path, name: str
) -> None:
    if name.endswith("xlsx"):
        workbook(workspace / name, [["ICCID", "IMEI"], [iccid(1), imei(1)]])
    else:
        csv_file(workspace / name, [device(1)])
    encrypted(workspace / name)
    (tmp_path / "password").write_bytes(PASSWORD)
    env = {"ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "password")}
    run = playbook(activation("Activate", src=name, **COMMON), env=env)
    assert run.only["summary"] == {"activated": 1}
    without = playbook(activation("Activate", src=name, **COMMON))
    assert f"{name}: is encrypted with ansible-vault, and no vault password of this run decrypts it" in without.only.msg
    assert len(submitted(sentinel)) == 1


def test_an_encrypted_file_on_a_remote_machine_is_refused(sentinel: Simulator, tmp_path: Path) -> None:
    encrypted(csv_file(tmp_path / "fleet.csv", [device(1)]))
    sent = Playbooks(tmp_path, sentinel.connection, "elsewhere")
    run = sent(activation("Activate", src=str(tmp_path / "fleet.csv"), **COMMON))
    assert "is encrypted with ansible-vault, which only the controller can decrypt; run the task there" in run.only.msg
    sentinel.assert_wrote_nothing()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"nickname": 107}, "device 2: nickname 107: is a number, not text; quote it"),
        (
            {"device_group": True},
            "device 2: device_group true: is a boolean (YAML reads yes, no, on, off and true as one)",
        ),
    ],
)
def test_an_unquoted_number_or_boolean_of_yaml_is_refused(
    sentinel: Simulator, playbook: Playbooks, fields: dict[str, Any], message: str
) -> None:
    devices = [device(1), {**device(2), **fields}]
    for module in ("sentinel_activation", "sentinel_fleet"):
        task = {"name": "Activate", f"kajeet.sentinel.{module}": {"devices": devices}}
        assert message in playbook(task, expect_rc=2).only.msg
    sentinel.assert_wrote_nothing()


def test_an_exported_history_can_be_declared_as_a_fleet(sentinel: Simulator, playbook: Playbooks) -> None:
    sentinel.reset(settings={"seeded_history": False})
    run = playbook(
        [
            {"name": "Activate", "kajeet.sentinel.sentinel_fleet": {"devices": mixed(), **QUICK_TASK}},
            {"name": "Export", "kajeet.sentinel.sentinel_transactions_export": {"dest": "history.csv"}},
            {
                "name": "Declare",
                "kajeet.sentinel.sentinel_fleet": {"src": "history.csv", "state": "planned", "retry_failed": False},
            },
        ],
        env=connection_env(sentinel),
        defaults={},
    )
    declared = run["Declare"]
    assert declared["plan"]["activate"] == 0
    assert declared["plan"]["conflict"] == 0
    assert declared["plan"]["unchanged"] >= len(mixed())


def test_drift_and_inventory_read_the_same_files(
    sentinel: Simulator, playbook: Playbooks, workspace: Path, tmp_path: Path
) -> None:
    workbook(workspace / "fleet.xlsx", [["SIM", "IMEI No."], [iccid(1), imei(1)]])
    drift = {"src": "fleet.xlsx", "defaults": COMMON, "undeclared": False}
    run = playbook(
        {"name": "Compare", "kajeet.sentinel.sentinel_drift_info": drift}, env=connection_env(sentinel), defaults={}
    )
    assert run.only["counts"]["missing"] == 1
    source = {
        "plugin": "kajeet.sentinel.sentinel",
        "source": "declared",
        "src": str(workspace / "fleet.xlsx"),
        "columns": {"SIM": "iccid", "IMEI No.": "imei"},
        "defaults": COMMON,
    }
    (variables,) = Inventories(tmp_path, connection_env(sentinel))(source).hosts.values()
    assert imei(1) in str(variables["sentinel_imei"])


def test_a_device_csv_is_made_from_a_workbook(sentinel: Simulator, playbook: Playbooks, workspace: Path) -> None:
    workbook(workspace / "fleet.xlsx", [["SIM", "IMEI No."], [iccid(1), imei(1)]])
    csv_info = {"src": "fleet.xlsx", "dest": "upload.csv", "compare_local": True}
    connection = {name: sentinel.connection[name] for name in ("api_url", "api_token", "corp_id")}
    run = playbook(
        {"name": "Upload", "kajeet.sentinel.sentinel_device_csv_info": {**connection, **csv_info}}, defaults={}
    )
    assert run.only["devices"] == [{"imei": imei(1), "iccid": iccid(1)}]
    assert run.only["differences"] == []
    assert not run.only.changed
