# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired state: devices whose status is declared, and exceptions. Reports all errors at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import InputError
from .._options import DEVICE_FIELDS
from .._options.device_status import TARGET_FIELDS
from .._text import fold, hint, printable
from .._wire import Entry
from .._wire.devices import COLUMNS
from .files import Row, Source, read_rows, warnings_of, with_warnings
from .headings import Vocabulary, check_columns
from .identifiers import Checked, IdentifierError
from .rows import CHECKS, Place, column_names, explained, filled, group_warnings, text_of

#: Fields that identify a device of the list, in the order of messages.
NAMES = tuple(field for field in TARGET_FIELDS if field in CHECKS)
#: Fields of the activation modules and of listed devices that are ignored here.
_IGNORED = frozenset((*DEVICE_FIELDS, *Entry._fields, "kind", "state")).difference(TARGET_FIELDS)
#: What headings may mean, including those of the account's own device list.
_VOCABULARY = Vocabulary(
    {
        **{fold(column): field for field, column in COLUMNS.items()},
        **column_names((*TARGET_FIELDS, *sorted(_IGNORED))),
    },
    frozenset(NAMES),
)


class Target(NamedTuple):
    """A declared device. `where`: the row that declares it. All other fields are text, or None if not given."""

    where: str
    mdn: str | None = None
    imei: str | None = None
    iccid: str | None = None
    eid: str | None = None
    nickname: str | None = None

    def named(self) -> str:
        """Return the row and its device for a message: "fleet.csv, line 2 (Bus 12, iccid 8901…)"."""
        names = [f"{name} {value}" for name in NAMES if (value := getattr(self, name))]
        nickname = [printable(self.nickname)] if self.nickname else []
        return f"{self.where} ({', '.join(nickname + names)})"


class Targets(NamedTuple):
    """The declared devices in the order of their rows, the exceptions, and warnings."""

    devices: list[Target]
    exceptions: list[Target]
    warnings: list[str]


def load_targets(params: Mapping[str, Any]) -> Targets:
    """Return the devices that a task's parameters declare.

    Args:
        params: `devices` or `src`; `except_devices` and `except_src`.

    Raises InputError with every problem, in the order of the rows.
    """
    check = _Check()
    problems: list[str] = []
    ignored: list[str] = []

    def read(*options: tuple[str, str]) -> list[Target]:
        targets: list[Target] = []
        for option, word in options:
            try:
                rows = _rows(params, option, word)
                targets += check.targets(with_warnings(rows))
                ignored.extend(warnings_of(rows))
            except InputError as error:
                problems.extend(error.problems)
        return targets

    given = [name for name in ("devices", "src") if params.get(name) is not None]
    if len(given) != 1:
        problem = f"{' and '.join(given)} cannot be used together" if given else "No devices are declared"
        problems.append(f"{problem}; set exactly one of devices and src")
    devices = read(("devices", "device"), ("src", ""))
    exceptions = read(("except_devices", "exception"), ("except_src", ""))
    problems += [f"{place.where}: {text}" for place, text in check.problems]
    if problems:
        raise InputError(problems, "The list of devices")
    return Targets(devices, exceptions, [*ignored, *group_warnings(check.oddities)])


def _rows(params: Mapping[str, Any], option: str, word: str) -> Iterable[Row]:
    """Return the rows of an option that is a list or a path. `word`: name of an item of the list in messages."""
    given = params.get(option)
    if given is None:
        return []
    if isinstance(given, str):
        if not given.strip():
            raise InputError([f"{option}: is blank; give the path of a file, or leave {option} out"])
        return read_rows(given, _source(params))
    return [Row(f"{word} {number}", device) for number, device in enumerate(given, 1)]


def _source(params: Mapping[str, Any]) -> Source:
    columns = params.get("columns")
    given = None if columns is None else check_columns(columns, TARGET_FIELDS)
    return Source(_VOCABULARY, columns=given, sheet=params.get("sheet"))


class _Check:
    """Checks rows and gathers problems and warnings, each with its row."""

    def __init__(self) -> None:
        self.problems: list[tuple[Place, str]] = []
        self.oddities: list[tuple[Place, str]] = []

    def targets(self, rows: Iterable[Row]) -> list[Target]:
        """Return the devices of the valid rows."""
        return [target for row in rows if (target := self._target(row)) is not None]

    def _target(self, row: Row) -> Target | None:
        place = Place(0, row.where)
        before = len(self.problems)
        values = filled(row.values)
        for name in values:
            if name not in TARGET_FIELDS and name not in _IGNORED:
                self.problems.append((place, f'unknown field "{name}"{hint(name, TARGET_FIELDS)}'))
        checked: dict[str, Checked] = {}
        for name in TARGET_FIELDS:
            if name in values:
                try:
                    checked[name] = CHECKS.get(name, text_of)(values[name])
                except IdentifierError as error:
                    self.problems.append((place, explained(name, values[name], error)))
        if len(self.problems) > before:
            return None
        if checked.keys().isdisjoint(NAMES):
            self.problems.append((place, f"identifies no device; give {', '.join(NAMES[:-1])} or {NAMES[-1]}"))
            return None
        for name, item in checked.items():
            if item.warning:
                self.oddities.append((Place(0, f"{row.where} ({item.value})"), f"{name} {item.warning}"))
        return Target(row.where, **{name: item.value for name, item in checked.items()})
