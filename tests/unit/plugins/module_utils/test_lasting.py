# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are gone with the job of a controller, and what is said instead of their names."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._report.lasting import temporary_files
from ansible_collections.kajeet.sentinel.plugins.module_utils._report.message import where_all_are

JOB = {"AWX_PRIVATE_DATA_DIR": "/tmp/awx_17_k2x9"}
#: What a job's container has mounted: its private directory, a volume for jobs, and the root.
MOUNTS = ("/runner", "/data", "/")


def temporary(*paths, is_job=True):
    """Those of the paths that are temporary in such a container."""
    return temporary_files(paths, JOB if is_job else {}, MOUNTS.__contains__)


@pytest.mark.parametrize(
    "path",
    ["/runner/project/fleet.plan.json", "/tmp/a.jsonl", "/home/runner/a.csv", "/tmp/awx_17_k2x9/project/a", "/a", "/"],
)
def test_what_a_job_writes_into_its_container_is_gone_with_it(path):
    assert temporary(path) == [path]
    assert temporary(path, is_job=False) == []


@pytest.mark.parametrize("path", ["/data/fleet.plan.json", "/data/deep/down/journal"])
def test_what_it_writes_to_a_volume_is_not(path):
    assert temporary(path, "/tmp/a", None) == ["/tmp/a"]


def test_a_link_is_where_it_leads_to(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/nowhere")
    kept = tmp_path / "kept"
    kept.mkdir()
    link = tmp_path / "project"
    link.symlink_to(kept)
    assert temporary_files([str(link / "a")], JOB, lambda path: path in ("/", str(kept))) == []
    assert temporary_files([str(tmp_path / "a")], JOB, lambda path: path in ("/", str(kept))) == [str(tmp_path / "a")]


def test_a_message_names_no_file_that_is_gone(monkeypatch):
    assert where_all_are(["/runner/a.jsonl", None]) == "all of them: /runner/a.jsonl"
    assert where_all_are([None, None]) == "set result_file to have all of them in a file"
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", "/runner")
    told = where_all_are(["/runner/a.jsonl", None])
    assert told == (
        "set result_file to have all of them in a file that outlives the job, on a volume that is mounted for jobs"
    )
