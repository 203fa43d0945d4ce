# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carriers as people write them: the option `carrier_names`, and names that the account does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._errors import InputError
from .._text import cut_short, fold, in_yaml, shown_name
from .carrier_words import find_carrier, name_key

#: Maximum number of valid names in a message.
_NAMES = 20
#: Maximum number of unknown names with a line of their own: a wrong column may have thousands.
_DETAILED = 20


@dataclass(frozen=True)
class Carriers:
    """The carriers that the option `carrier_names` gives for names as they are written.

    `names`: name, as `name_key` returns it → carrier.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def read(cls, option: Any) -> Carriers:
        """Return the carriers of the option; None gives none. Raises InputError with every problem."""
        return cls({name_key(name): carrier for name, carrier in check_carrier_names(option).items()})

    def of(self, name: Any) -> Any:
        """Return the carrier that the option gives for a name, or else the value unchanged."""
        if not self.names or not isinstance(name, str):
            return name
        carrier = self._known.get(name)
        if carrier is None:  # thousands of rows have the same name
            carrier = self._known[name] = self.names.get(name_key(name), name)
        return carrier


def check_carrier_names(names: Any) -> dict[str, str]:
    """Return the option `carrier_names`, checked: name as written → carrier, without surrounding blanks.

    Args:
        names: value of the option; None is an empty mapping.

    Raises InputError with every problem: not a mapping, not text, blank, or one name with two carriers.
    """
    if names is None:
        return {}
    if not isinstance(names, Mapping):
        raise InputError(["carrier_names: must map names to carriers, such as {AT&T Mobility: AT&T}"])
    problems: list[str] = []
    carriers: dict[str, str] = {}
    first: dict[str, str] = {}
    for name, carrier in names.items():
        problem = _text_problem(name, "name") or _text_problem(carrier, f"carrier of {_quoted(str(name))}")
        if problem:
            problems.append(f"carrier_names: {problem}")
            continue
        written, meant = name.strip(), carrier.strip()
        other = first.setdefault(name_key(written), written)
        if carriers.setdefault(other, meant) != meant:
            same = f"{_quoted(other)} and {_quoted(written)} are the same name"
            carriers_of_both = f"{_quoted(carriers[other])} and {_quoted(meant)}"
            problems.append(f"carrier_names: {same} with different carriers, {carriers_of_both}; remove one of them")
    if problems:
        raise InputError(problems, "The option carrier_names")
    return carriers


def unknown_carriers(written: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """Return a problem for each carrier that the account does not have, with the carrier that is probably right.

    The last problem lists the account's carriers. If there are very many problems, it also has their number.

    Args:
        written: carrier as written → the rows that name it, as a text: "fleet.csv, line 2, line 3 and 5 more".
        known: the carriers of the account.
    """
    keys = {name_key(name) for name in known}
    unknown = {name: rows for name, rows in written.items() if name_key(name) not in keys}
    problems = [f"{rows}: the account has no carrier {_quoted(name)}" for name, rows in unknown.items()]
    if not known:
        return [f"{problem}; valid: none" for problem in problems]
    detailed = zip(problems[:_DETAILED], unknown)
    more = len(problems) - _DETAILED
    problems = [problem + _cure(name, find_carrier(name, known)) for problem, name in detailed]
    if more > 0:
        others = "1 more name is not a carrier" if more == 1 else f"{more} more names are not carriers"
        problems.append(f"{others} of the account")
    if problems:
        valid = sorted(map(shown_name, set(known)), key=lambda name: (fold(name), name))
        problems[-1] += f". Valid: {cut_short(valid, _NAMES)}"
    return problems


def _quoted(name: str) -> str:
    return f"'{shown_name(name)}'"


def _cure(name: str, meant: str | None) -> str:
    """Return what to write instead of a name, as the end of a sentence, or an empty text."""
    if meant is None:
        return ""
    carrier = shown_name(meant)
    cure = f"; did you mean {carrier}? Write {carrier}"
    if carrier != meant or shown_name(name) != name:  # a shortened name cannot be copied from the message
        return cure
    return f"{cure}, or set carrier_names: {{{in_yaml(name)}: {in_yaml(meant)}}}"


def _text_problem(value: Any, subject: str) -> str | None:
    """Return why a value is not a name, or None."""
    if isinstance(value, str):
        return None if value.strip() else f"the {subject} is blank"
    if value is None:
        return f"the {subject} is missing"
    if isinstance(value, (Mapping, list, tuple)):
        return f"the {subject} must be text, not a list or a mapping"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"the {subject} must be text, not {shown_name(shown)}; quote it"
