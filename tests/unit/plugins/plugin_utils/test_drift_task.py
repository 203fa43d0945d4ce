# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of a comparison: its devices and files."""

from __future__ import annotations

import os

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._drift.task import Paths, Play, read_task
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import iccid, imei

VARIABLES = {
    f"bus_{number}": {"sentinel_iccid": iccid(number), "sentinel_imei": imei(number), "sentinel_carrier": "AT&T"}
    for number in range(4)
}
DEVICE = {"imei": imei(1), "iccid": iccid(1), "carrier": "Verizon"}
PLAY = Play(["bus_0", "bus_1"], VARIABLES)


def task(**params):
    """A task in a play over two of four hosts."""
    return read_task({"api_url": "https://sentinel.example", **params}, PLAY)


def places(found):
    """The places of the declared devices."""
    return [member.device.where for member in found.declared.fleet.members]


@pytest.mark.parametrize("hosts", [True, "true", " Yes "])
def test_the_hosts_of_the_play_are_the_devices(hosts):
    assert places(task(hosts=hosts)) == ["host bus_0", "host bus_1"]


@pytest.mark.parametrize("hosts", [["bus_3", "bus_1", "bus_3"], "bus_3, bus_1,"])
def test_any_hosts_of_the_inventory_can_be_named(hosts):
    assert places(task(hosts=hosts)) == ["host bus_3", "host bus_1"]


@pytest.mark.parametrize("hosts", [1, {}, 1.5])
def test_invalid_hosts_are_refused(hosts):
    with pytest.raises(InputError, match="is not a list of host names; give one, or true for the hosts of the play"):
        task(hosts=hosts)


@pytest.mark.parametrize("hosts", [False, "no", None])
def test_hosts_set_to_false_allows_another_source(hosts):
    assert places(task(hosts=hosts, devices=[DEVICE])) == ["device 1"]


def test_defaults_of_a_carrier_without_devices_are_a_warning():
    found = task(devices=[DEVICE], carrier_defaults={"AT&T": {"nickname": "Bus"}})
    assert found.declared.warnings[-1].startswith("carrier_defaults: no device has the carrier 'AT&T'")


def test_paths_are_relative_to_the_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    found = task(devices=[], drift_file="a.json", junit="../b.xml", directory="reports")
    assert found.paths == Paths(str(tmp_path / "reports" / "a.json"), str(tmp_path / "b.xml"))
    assert task(devices=[], junit="c.xml").paths == Paths(None, str(tmp_path / "c.xml"))


def test_a_file_is_not_written_over_another_with_any_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fleet.csv").write_text("iccid,imei\n", encoding="utf-8")
    os.symlink("fleet.csv", tmp_path / "link.json")
    with pytest.raises(InputError, match=r"drift_file: .*link.json is also the file of src"):
        task(src="fleet.csv", drift_file="link.json")


def test_an_invalid_path_is_refused():
    with pytest.raises(InputError, match=r"junit: .* is not a path: it contains a NUL character"):
        task(devices=[], junit="a\x00b")


def test_all_parts_of_a_task_are_checked_at_once():
    with pytest.raises(InputError) as caught:
        task(devices=[{"imei": "12"}], tolerate=["late"], junit="/nowhere/a.xml", concurrency=0)
    for part in ("concurrency", "tolerate: unknown state 'late'", "imei 12", "junit: the directory /nowhere"):
        assert any(part in problem for problem in caught.value.problems)
