# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are removed with the job of a controller, and what messages say instead of their names."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._report.lasting import temporary_files
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.message import where_all_are

JOB = {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_17_k2x9"}
#: Mounts in a job's container: its private directory, a volume for jobs, and the root.
MOUNTS = ("/runner", "/data", "/")


def temporary(*paths, is_job=True):
    """Return the paths that are temporary in such a container."""
    return temporary_files(paths, JOB if is_job else {}, MOUNTS.__contains__)


@pytest.mark.parametrize(
    "path",
    ["/runner/project/fleet.plan.json", "/tmp/a.jsonl", "/home/runner/a.csv", "/tmp/awx_17_k2x9/project/a", "/a", "/"],
)
def test_files_in_the_container_of_a_job_are_temporary(path):
    assert temporary(path) == [path]
    assert temporary(path, is_job=False) == []


@pytest.mark.parametrize("path", ["/data/fleet.plan.json", "/data/deep/down/journal"])
def test_files_on_a_volume_are_not_temporary(path):
    assert temporary(path, "/tmp/a", None) == ["/tmp/a"]


def test_a_link_is_judged_by_its_target(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/nowhere")
    kept = tmp_path / "kept"
    kept.mkdir()
    link = tmp_path / "project"
    link.symlink_to(kept)
    assert temporary_files([str(link / "a")], JOB, lambda path: path in ("/", str(kept))) == []
    assert temporary_files([str(tmp_path / "a")], JOB, lambda path: path in ("/", str(kept))) == [str(tmp_path / "a")]


def test_a_message_names_no_temporary_file(monkeypatch):
    assert where_all_are(["/runner/a.jsonl", None]) == "all of them are in /runner/a.jsonl"
    assert where_all_are([None, None]) == "set result_file to list all of them in a file"
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", "/runner")
    place = where_all_are(["/runner/a.jsonl", None])
    assert place == ("set result_file to list all of them in a file on a volume that is mounted for jobs")
