# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices that Sentinel reads from a device CSV, which can be activated unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.devices import COMMON, fleet, pair
from harness.playbooks import Playbooks, activation
from harness.simulators import Simulator

MODULE = "kajeet.sentinel.sentinel_device_csv_info"
UPLOAD = "POST /v1.0/activation/uploadCSV"
#: A CSV as spreadsheets write it: byte order mark, semicolons, CRLF, quotes, a header in any case, a blank line.
MESSY = "\ufeff" + "\r\n".join(
    ["imei;Iccid;Note", *(f'"{pair(number)["imei"]}";{pair(number)["iccid"]};x' for number in (1, 2)), ";;", ""]
)


def task(name: str, path: Path, **more: Any) -> dict[str, Any]:
    """A task that reads the file."""
    return {**activation(name, module=MODULE, src=str(path), **more), "register": "read"}


def test_devices_of_a_csv_can_be_activated(sentinel: Simulator, playbook: Playbooks, tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_bytes(MESSY.encode())
    arguments = {key: sentinel.connection[key] for key in ("api_url", "api_token", "corp_id")}
    activate = activation("activate", ignore=False, devices="{{ read.devices }}", **sentinel.connection, **COMMON)
    check = task("check", path, check_mode=True, **arguments)
    run = playbook([check, task("apply", path, **arguments), task("again", path, **arguments), activate], defaults={})
    for name in ("check", "apply", "again"):
        assert run[name]["devices"] == [pair(1), pair(2)]
        assert not run[name].changed
        assert sentinel.calls(run[name]) == [UPLOAD]
        assert sentinel.writes(run[name]) == []
    assert run["activate"]["summary"] == {"activated": 2}
    sentinel.assert_each_once(fleet((1, 2)))


def test_local_reading_is_compared_and_wrong_files_are_refused(
    sentinel: Simulator, playbook: Playbooks, tmp_path: Path
) -> None:
    arguments = {key: sentinel.connection[key] for key in ("api_url", "api_token")}
    good, extra, bad = tmp_path / "good.csv", tmp_path / "extra.csv", tmp_path / "bad.csv"
    lines = ["IMEI,ICCID", *(f"{pair(number)['imei']},{pair(number)['iccid']}" for number in (1, 2))]
    good.write_text("\n".join(lines), encoding="utf-8")
    extra.write_bytes(MESSY.encode())
    bad.write_text("\n".join([*lines, "12,34", "56,78"]), encoding="utf-8")
    run = playbook(
        [
            task("same", good, compare_local=True, **arguments),
            task("a column", extra, compare_local=True, **arguments),
            task("bad", bad, **arguments),
            task("missing", tmp_path / "nowhere.csv", **arguments),
        ],
        defaults={},
    )
    assert run["same"]["differences"] == run["same"]["local_problems"] == []
    assert run["a column"]["differences"] == run["a column"]["local_problems"] == []
    assert run["bad"].failed
    assert "4" in run["bad"].msg
    assert "5" in run["bad"].msg
    assert "HTTP 400" in run["bad"].msg
    assert "no such file" in run["missing"].msg
    assert sentinel.calls(run["missing"]) == []
