# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a play that a task for a whole fleet is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS, boolean

from ...module_utils._errors import InputError

#: Maximum number of hosts named in a message.
_NAMED = 3


def hosts_of(wanted: Any, variables: Mapping[str, Any]) -> list[str] | None:
    """Return the names of the hosts that are devices; None where the task says that none are.

    Args:
        wanted: the option `hosts`: whether the play's hosts are devices, or their names, as a list or with commas.
        variables: of the task. `ansible_play_batch` has the hosts of the play that have not failed.

    Raises InputError for anything else, and for a host that the inventory does not have.
    """
    if wanted is None:
        return None
    if isinstance(wanted, bool) or (isinstance(wanted, str) and wanted.strip().lower() in BOOLEANS):
        return list(variables["ansible_play_batch"]) if boolean(wanted) else None
    if isinstance(wanted, str):
        wanted = [name.strip() for name in wanted.split(",") if name.strip()]
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise InputError(["hosts: must be true, or names of hosts"])
    unknown = [str(name) for name in wanted if name not in variables["hostvars"]]
    if unknown:
        raise InputError([f"hosts: {name}: the inventory has no such host" for name in unknown], "The list of hosts")
    return [str(name) for name in wanted]


def conditions_of(task: Any) -> list[Any]:
    """Return the conditions (`when`) of a task and of what includes it, up to what runs once for all hosts."""
    conditions: list[Any] = []
    while task is not None and not task.run_once:
        conditions += [condition for condition in task.when if condition is not True]
        task = task.get_first_parent_include()
    return conditions


def check_conditions(names: Sequence[str], holds: Callable[[str], bool]) -> None:
    """Raise InputError where a condition leaves out some of the hosts: it is not clear which ones are meant.

    Args:
        names: of the play's hosts. The first one may stand for all: that is how a task is made to run once.
        holds: whether the conditions hold for a host.
    """
    kept = [name for name in names if holds(name)]
    if kept in (list(names), list(names[:1])):
        return
    named = ", ".join(kept[:_NAMED]) + (" …" if len(kept) > _NAMED else "")
    problem = f"hosts: a condition (when) leaves {len(kept)} of the play's {len(names)} hosts ({named})"
    cure = "Give these hosts a play of their own (hosts:, or --limit), or name them in the option hosts."
    raise InputError([f"{problem}, and the task is for all of them. {cure}"])
