# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a failed task looks to people."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _failures

ROOT = Path(_failures.__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (f"{ROOT}/roles/fleet/tasks/main.yml:23", None),
        (f"{ROOT.resolve()}/playbooks/demo.yml:3", None),
        (f"{ROOT.resolve()}_of_mine/play.yml:3", "source"),
        ("/plays/play.yml:3", "source"),
        ("", "source"),
    ],
)
def test_only_the_source_of_the_collections_own_tasks_is_hidden(path, kept):
    task = SimpleNamespace(get_path=lambda: path, _ds="source")
    _failures.hide_own_source(task)
    assert task._ds == kept
