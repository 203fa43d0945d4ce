# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of the play that declare devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from ...module_utils._errors import InputError

#: Maximum number of hosts named in a message.
_NAMED = 3


def hosts_of(wanted: Any, of_play: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str] | None:
    """Return the names of the hosts that are devices, each once, or None if hosts are not devices.

    Args:
        wanted: the option `hosts`: whether the play's hosts are devices, or names of hosts, as a list or with commas.
        of_play: names of the play's hosts that have not failed.
        hostvars: the variables of each host of the inventory, by name.

    Raises InputError for anything else, and for a host that the inventory does not have.
    """
    if wanted is None or _flag(wanted) is False:
        return None
    if wants_all(wanted):
        return list(of_play)
    listed = wanted.split(",") if isinstance(wanted, str) else wanted
    if not isinstance(listed, (list, tuple)):
        raise InputError(
            [f"hosts: {wanted!r} is not a list of host names; give one, or true for the hosts of the play"]
        )
    names = list(dict.fromkeys(name for name in (str(item).strip() for item in listed) if name))
    if not names:
        raise InputError(["hosts: is blank; give true, or a list of host names, or leave hosts out"])
    unknown = [name for name in names if name not in hostvars]
    if unknown:
        raise InputError([f"hosts: {name!r} is not in the inventory" for name in unknown], "The list of hosts")
    return names


def wants_all(wanted: Any) -> bool:
    """Return whether the option `hosts` means all hosts of the play."""
    return _flag(wanted) is True


def _flag(wanted: Any) -> bool | None:
    """Return the value of a boolean or its text, or None for anything else."""
    text = wanted.strip().lower() if isinstance(wanted, str) else wanted
    if isinstance(text, (str, bool)):
        return True if text in BOOLEANS_TRUE else False if text in BOOLEANS_FALSE else None
    return None


def conditions_of(task: Any) -> list[Any]:
    """Return the conditions (`when`) of a task and of its includes that select hosts.

    Conditions of a task that runs once, and of its includes, are evaluated for one host and apply to all.
    """
    conditions: list[Any] = []
    while task is not None:
        own = [condition for condition in task.when if condition is not True]
        conditions = [] if task.run_once else conditions + own
        task = task.get_first_parent_include()
    return conditions


def check_conditions(names: Sequence[str], holds: Callable[[str], bool]) -> None:
    """Raise InputError if a condition excludes some of the hosts, because the task is for all of them.

    Args:
        names: of the play's hosts. A condition may select only the first one, which is how tasks are made to run once.
        holds: whether the conditions hold for a host.
    """
    kept = [name for name in names if holds(name)]
    if kept in (list(names), list(names[:1])):
        return
    named = ", ".join(kept[:_NAMED]) + (" …" if len(kept) > _NAMED else "")
    problem = f"hosts: a condition (when) selects only {len(kept)} of the play's {len(names)} hosts ({named})"
    cure = "use a separate play or --limit for these hosts, or list them in the option hosts"
    raise InputError([f"{problem}, but the task is for all of them; {cure}"])
