# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes safe and unique names of hosts and groups from text of people and the service."""

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
#: Maximum length of a host name. Files are named after hosts, and the name of a file has at most 255 bytes.
_MAX_LENGTH = 60
#: Maximum number of duplicate names in a message.
_NAMED = 10
#: Fields that hosts are grouped by.
_GROUPED = ("status", "carrier", "device_group", "filter_group")
#: Fields that are compared as written. Carriers are compared without punctuation.
_EXACT = ("device_group", "filter_group")

Render = Callable[[str, Mapping[str, Any]], Any]


def host_names(
    entries: Iterable[Entry], wanted: Sequence[str], render: Render, reserved: Collection[str]
) -> dict[str, Entry]:
    """Return the devices by host name.

    Args:
        entries: the devices.
        wanted: names of variables and templates. The first one that is not empty is the name of a device. The default
            is its identifier.
        render: renders a template with a device's variables.
        reserved: names with another meaning. Hosts get an underscore at the end instead.

    Raises InputError for the name of an unknown variable, and for two devices with the same name.
    """
    check_wanted(wanted)
    named: dict[str, Entry] = {}
    duplicates: dict[str, list[str]] = {}
    for entry in entries:
        name = _host_name(entry, wanted, render)
        if name in reserved:
            name += "_"
        first = named.setdefault(name, entry)
        if first is not entry:
            duplicates.setdefault(name, [first.where]).append(entry.where)
    if duplicates:
        shown = [f"{name}: {_listed(places)}" for name, places in list(duplicates.items())[:_NAMED]]
        shown += [f"and {len(duplicates) - _NAMED} more"] if len(duplicates) > _NAMED else []
        raise InputError(
            [
                "hostnames: several devices have the same name; make names unique, such as "
                "'{{ sentinel_nickname }}-{{ sentinel_imei[-6:] }}', or remove duplicate devices:\n" + "\n".join(shown)
            ]
        )
    return named


def check_wanted(wanted: Sequence[str]) -> None:
    """Raise InputError for a name that is neither a template nor a variable."""
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
    """Return text as the name of a host, with only letters, digits, dots, dashes and underscores. It may be empty.

    Other characters have a meaning in patterns, in addresses, or in paths of files.
    """
    return _NOT_IN_HOSTS.sub("_", text.strip()).strip("._-")[:_MAX_LENGTH]


def _listed(places: Sequence[str]) -> str:
    shown = "; ".join(places[:_NAMED])
    return f"{shown}; and {len(places) - _NAMED} more" if len(places) > _NAMED else shown


@lru_cache(maxsize=10_000)
def group_name(prefix: str, field: str, value: str) -> str:
    """Return the group for a value, such as `sentinel_carrier_at_t`. In lower case, so that case does not matter."""
    slug = _NOT_IN_GROUPS.sub("_", value.lower()).strip("_")
    return _safe_group(f"{prefix}{field}_{slug or 'other'}")


def _safe_group(name: str) -> str:
    """Return the name of a group as a safe one, whatever the configuration of Ansible."""
    safe: str = to_safe_group_name(name, force=True, silent=True)
    return safe


class Groups(NamedTuple):
    """The groups of each host, in the order of the hosts. `warnings`: groups that were split or merged."""

    names: list[list[str]]
    warnings: list[str]


def host_groups(entries: Collection[Entry], prefix: str) -> Groups:
    """Return the groups of the devices.

    Device groups and filter groups that differ by more than case never share a group, so that a run limited to one
    never submits devices of another. None of them gets the common name, whose meaning could change between runs. Each
    gets a name that depends only on its own spelling.
    """
    split: dict[tuple[str, str], str] = {}
    warnings: list[str] = []
    for field in _EXACT:
        for name, values in _by_group(entries, field, prefix).items():
            if len({value.lower() for value in values}) > 1:
                own = {value: f"{name}_{_mark(value)}" for value in sorted(values)}
                split.update({(field, value): group for value, group in own.items()})
                shown = _listed([f"{group} ({value!r})" for value, group in own.items()])
                warnings.append(f"default_groups: several values of {field} have the group name {name}; using {shown}")
            elif len(written := sorted(value for value in values if values[value])) > 1:
                shown = _listed([repr(value) for value in written])
                warnings.append(f"default_groups: {name} is the group of several spellings of one {field}: {shown}")
    return Groups([_groups_of(entry.values, prefix, split) for entry in entries], warnings)


def _by_group(entries: Iterable[Entry], field: str, prefix: str) -> dict[str, dict[str, bool]]:
    """Return the values with the same group name, by that name, each with whether it counts as a spelling.

    A value that only undeclared devices have does not, because the service may spell its groups differently.
    """
    groups: dict[str, dict[str, bool]] = {}
    for entry in entries:
        value = entry.values[PREFIX + field]
        if value is not None:
            values = groups.setdefault(group_name(prefix, field, value), {})
            values[value] = values.get(value, False) or entry.values[PREFIX + "declared"] is not False
    return groups


def _mark(value: str) -> str:
    """Return a suffix that distinguishes a value from others with the same group name."""
    return hashlib.sha256(value.lower().encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _groups_of(values: Mapping[str, Any], prefix: str, split: Mapping[tuple[str, str], str]) -> list[str]:
    """Return the groups of a host. `split`: field and value → a name that is not the usual one."""
    values_by_field = [(field, values[PREFIX + field]) for field in _GROUPED if values[PREFIX + field] is not None]
    # By the meaning of the word, because words differ between accounts. An unknown word has its own group.
    current = values[PREFIX + "device_state"] or values[PREFIX + "device_status"]
    values_by_field += [("device_status", current)] if current else []
    groups = [split.get((field, value)) or group_name(prefix, field, value) for field, value in values_by_field]
    if values[PREFIX + "declared"] is False:
        groups.append(_safe_group(f"{prefix}undeclared"))
    return groups
