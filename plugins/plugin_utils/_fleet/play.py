# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a play that a task for a whole fleet is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from ...module_utils._errors import InputError

#: Maximum number of hosts named in a message.
_NAMED = 3


def hosts_of(wanted: Any, of_play: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str] | None:
    """Return the names of the hosts that are devices, each once; None where the task says that none are.

    Args:
        wanted: the option `hosts`: whether the play's hosts are devices, or their names, as a list or with commas.
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
    """Return whether the option `hosts` is for all hosts of the play."""
    return _flag(wanted) is True


def _flag(wanted: Any) -> bool | None:
    """Return what a boolean, or its text, says; None for anything else."""
    text = wanted.strip().lower() if isinstance(wanted, str) else wanted
    if isinstance(text, (str, bool)):
        return True if text in BOOLEANS_TRUE else False if text in BOOLEANS_FALSE else None
    return None


def conditions_of(task: Any) -> list[Any]:
    """Return the conditions (`when`) of a task and of what includes it that choose among the hosts.

    Those of what runs once, and of what is included by it, are evaluated for one host, which stands for all.
    """
    conditions: list[Any] = []
    while task is not None:
        own = [condition for condition in task.when if condition is not True]
        conditions = [] if task.run_once else conditions + own
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
