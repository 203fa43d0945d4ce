# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts and groups, made of what people and the service wrote: safe, and told apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ansible.inventory.group import to_safe_group_name

from ...module_utils._errors import InputError
from ...module_utils._text import hint
from .entries import PREFIX, VARIABLES, Entry

_NOT_IN_HOSTS = re.compile(r"[^\w.-]+")
_NOT_IN_GROUPS = re.compile(r"\W+")
#: Files are named after hosts, and the name of a file has 255 bytes.
_LONGEST = 60
#: So many names that stand for two devices are told in a message.
_NAMED = 10
#: What hosts are grouped by.
_GROUPED = ("status", "carrier", "device_group", "filter_group")
#: What of it is compared as it is written. Carriers are compared without punctuation, here as everywhere.
_EXACT = ("device_group", "filter_group")

Render = Callable[[str, Mapping[str, Any]], Any]


def host_names(
    entries: Iterable[Entry], wanted: Sequence[str], render: Render, reserved: Collection[str]
) -> dict[str, Entry]:
    """The name of each device.

    Args:
        entries: the devices.
        wanted: names of variables, and templates: the first that has something to say names a device; where none has,
            its identifier does.
        render: a template's text for a device's variables.
        reserved: names that mean something else; they get an underscore at the end.

    Raises InputError where a name is not that of a variable, where all devices would get one name, or two do.
    """
    check_wanted(wanted)
    named: dict[str, Entry] = {}
    doubles: dict[str, list[str]] = {}
    for entry in entries:
        name = _host_name(entry, wanted, render)
        if name in reserved:
            name += "_"
        first = named.setdefault(name, entry)
        if first is not entry:
            doubles.setdefault(name, [first.where]).append(entry.where)
    if doubles:
        told = [f"{name}: {_listed(places)}" for name, places in list(doubles.items())[:_NAMED]]
        told += [f"and {len(doubles) - _NAMED} more"] if len(doubles) > _NAMED else []
        raise InputError(
            [
                "hostnames: a name must stand for one device. Say more in it, such as "
                "'{{ sentinel_nickname }}-{{ sentinel_imei[-6:] }}', or leave out what there is twice. "
                "These stand for several:\n" + "\n".join(told)
            ]
        )
    return named


def check_wanted(wanted: Sequence[str]) -> None:
    """Raises InputError for a name that is neither a template nor a variable's."""
    unknown = [text for text in wanted if not _is_template(text) and text not in VARIABLES]
    if unknown:
        problems = [
            f"hostnames: {text!r} is neither a template nor a variable{hint(text, VARIABLES)}" for text in unknown
        ]
        raise InputError(problems)


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _host_name(entry: Entry, wanted: Sequence[str], render: Render) -> str:
    for text in wanted:
        value = render(text, entry.values) if _is_template(text) else entry.values[text]
        name = "" if value is None else host_name(str(value))
        if name:
            return name
    return entry.key


def host_name(text: str) -> str:
    """The text as the name of a host: letters, digits, dots, dashes and underscores. Empty where none are left.

    What else there is has a meaning in patterns, in addresses, or in paths of files.
    """
    return _NOT_IN_HOSTS.sub("_", text.strip()).strip("._-")[:_LONGEST]


def _listed(places: Sequence[str]) -> str:
    shown = "; ".join(places[:_NAMED])
    return f"{shown}; and {len(places) - _NAMED} more" if len(places) > _NAMED else shown


@lru_cache(maxsize=10_000)
def group_name(prefix: str, field: str, value: str) -> str:
    """The group of what has this value: `sentinel_carrier_at_t`. Lower case: VERIZON and Verizon are one carrier."""
    slug = _NOT_IN_GROUPS.sub("_", value.lower()).strip("_")
    return _safe_group(f"{prefix}{field}_{slug or 'other'}")


def _safe_group(name: str) -> str:
    """What Ansible makes of the name of a group, whatever is configured."""
    safe: str = to_safe_group_name(name, force=True, silent=True)
    return safe


class Groups(NamedTuple):
    """The groups of each host, in the order of the hosts; `warnings`: what was told apart, and what was not."""

    names: list[list[str]]
    warnings: list[str]


def host_groups(entries: Collection[Entry], prefix: str) -> Groups:
    """The groups of the devices.

    Device groups and filter groups that differ by more than case never share a group: whoever limits a run to one must
    not submit the devices of another. None of them gets the name that they have in common, lest it mean one of them
    today and another tomorrow; each gets a name that hangs on nothing but its own spelling.
    """
    apart: dict[tuple[str, str], str] = {}
    warnings: list[str] = []
    for field in _EXACT:
        for name, values in _by_group(entries, field, prefix).items():
            if len({value.lower() for value in values}) > 1:
                own = {value: f"{name}_{_mark(value)}" for value in sorted(values)}
                apart.update({(field, value): group for value, group in own.items()})
                told = _listed([f"{group} ({value!r})" for value, group in own.items()])
                warnings.append(f"default_groups: for several of {field} the group would be {name}. They are {told}")
            elif len(written := sorted(value for value in values if values[value])) > 1:
                told = _listed([repr(value) for value in written])
                warnings.append(f"default_groups: {name} is the group for several spellings of one {field}: {told}")
    return Groups([_groups_of(entry.values, prefix, apart) for entry in entries], warnings)


def _by_group(entries: Iterable[Entry], field: str, prefix: str) -> dict[str, dict[str, bool]]:
    """Group → the values that make its name, and of each whether it counts as somebody's spelling.

    It does not where only devices have it that are not declared: the service may write its groups otherwise.
    """
    found: dict[str, dict[str, bool]] = {}
    for entry in entries:
        value = entry.values[PREFIX + field]
        if value is not None:
            values = found.setdefault(group_name(prefix, field, value), {})
            values[value] = values.get(value, False) or entry.values[PREFIX + "declared"] is not False
    return found


def _mark(value: str) -> str:
    """What tells a value from those that a group's name cannot tell it from."""
    return hashlib.sha256(value.lower().encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _groups_of(values: Mapping[str, Any], prefix: str, apart: Mapping[tuple[str, str], str]) -> list[str]:
    """The groups of a host with these variables. `apart`: field and value → a name that is not the usual one."""
    said = [(field, values[PREFIX + field]) for field in _GROUPED if values[PREFIX + field] is not None]
    # By what the word means: accounts have words of their own. One that nobody knows is its own group.
    present = values[PREFIX + "device_state"] or values[PREFIX + "device_status"]
    said += [("device_status", present)] if present else []
    found = [apart.get((field, value)) or group_name(prefix, field, value) for field, value in said]
    if values[PREFIX + "declared"] is False:
        found.append(_safe_group(f"{prefix}undeclared"))
    return found
