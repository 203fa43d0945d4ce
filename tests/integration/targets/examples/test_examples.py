# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every EXAMPLES block runs as it stands in the documentation, against the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.devices import csv_of, fleet
from harness.places import collection_root
from harness.playbooks import Playbooks
from harness.simulators import PASSWORD, USERNAME, Simulator


def documented() -> list[str]:
    """The modules and lookups of the collection, as paths below plugins/."""
    plugins = collection_root() / "plugins"
    return sorted(
        path.relative_to(plugins).as_posix()
        for folder in ("modules", "lookup")
        for path in (plugins / folder).glob("sentinel_*.py")
    )


def examples(name: str) -> list[dict[str, Any]]:
    """The tasks of a plugin's EXAMPLES."""
    text = (collection_root() / "plugins" / name).read_text(encoding="utf-8")
    block = text.split('EXAMPLES = r"""', 1)[1].split('"""', 1)[0]
    tasks: list[dict[str, Any]] = yaml.safe_load(block)
    return tasks


@pytest.mark.parametrize("name", documented())
def test_examples_run(sentinel: Simulator, playbook: Playbooks, workspace: Path, name: str) -> None:
    # What the examples read: the fleet that they name, in the directory in which they run.
    (workspace / "fleet.csv").write_text(csv_of(fleet(range(1, 4))), encoding="utf-8")
    connection = {option: sentinel.connection[option] for option in ("api_url", "api_token", "corp_id")}
    variables = {f"sentinel_{option}": value for option, value in connection.items()}
    # What the examples of logins read; elsewhere the token outranks them.
    variables.update(sentinel_api_username=USERNAME, sentinel_api_password=PASSWORD)
    variables.update(sentinel_client_secret="simulator-client-secret")
    tasks = examples(name)
    run = playbook(tasks, extra_vars=variables, defaults=connection)
    assert [outcome.name for outcome in run if outcome.status != "skipped"]
    assert {outcome.name for outcome in run} == {task["name"] for task in tasks}
