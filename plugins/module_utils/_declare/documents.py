# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the mappings in YAML, JSON and JSON Lines, each with its place. Scalars stay as written."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._errors import InputError, MissingLibraryError

try:
    import yaml
except ImportError:
    YAML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    YAML_IMPORT_ERROR = None

#: Maximum depth of nested lists and mappings.
MAX_DEPTH = 100
_MAPPING = "a mapping such as {imei: …, iccid: …, carrier: …}"
_EXPECTED = f"it must be a list of devices, each {_MAPPING}"
_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep; {_EXPECTED}"
_BRACKET = re.compile(r"[\[\]{}]")
#: A line of YAML that may open too many levels.
_INDENTED = re.compile(rf"^[ \t?:-]{{{2 * MAX_DEPTH}}}", re.MULTILINE)

#: The place of a mapping, and the mapping.
Item = tuple[str, Any]


def yaml_items(text: str, name: str) -> list[Item]:
    """Return the devices of a YAML text. Raises InputError, and MissingLibraryError without PyYAML."""
    if YAML_IMPORT_ERROR:
        raise MissingLibraryError("PyYAML", YAML_IMPORT_ERROR)
    try:
        if _is_deep(text):  # recursion in the parser would end the process
            raise InputError([f"{name}: {_TOO_DEEP}"])
        content, twice = _load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError([f"{name}{line}: is not valid YAML: {getattr(error, 'problem', None) or error}"]) from None
    except RecursionError:
        raise InputError([f"{name}: {_TOO_DEEP}"]) from None
    if twice:
        raise InputError([f"{name}, line {line}: {_repeated_key_problem(key)}" for line, key in sorted(twice)], name)
    return [(where, _merged(item)) for where, item in _items(content, name)]


def _merged(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mapping with the mappings that it merges (<<). Its own keys win."""
    given = item.get("<<")
    merged = given if isinstance(given, list) else [given]
    if given is None or not all(isinstance(other, Mapping) for other in merged):
        return item
    own = {key: value for key, value in item.items() if key != "<<"}
    return {**{key: value for other in reversed(merged) for key, value in _merged(other).items()}, **own}


def json_items(text: str, name: str) -> list[Item]:
    """Return the devices of a JSON text. Raises InputError."""
    try:
        return _items(_parsed(text), name)
    except ValueError as error:
        if getattr(error, "msg", "") == "Extra data":  # JSON Lines, like a result file
            return json_line_items(text, name)
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError([f"{name}{line}: is not valid JSON: {getattr(error, 'msg', error)}"]) from None
    except RecursionError:
        raise InputError([f"{name}: {_TOO_DEEP}"]) from None


def json_line_items(text: str, name: str) -> list[Item]:
    """Return the devices of JSON Lines; blank lines are ignored. Raises InputError with every problem."""
    problems: list[str] = []
    items = list(_json_lines(text, name, problems))
    if problems:
        raise InputError(problems, name)
    return _checked(items, name)


def _json_lines(text: str, name: str, problems: list[str]) -> Iterator[Item]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{name}, line {number}"
            try:
                yield where, _parsed(line)
            except ValueError as error:
                problems.append(f"{where}: is not valid JSON: {getattr(error, 'msg', error)}")
            except RecursionError:
                problems.append(f"{where}: {_TOO_DEEP}")


def _is_deep(text: str) -> bool:
    """Whether lists and mappings are more than `MAX_DEPTH` levels deep. Raises YAMLError for invalid YAML."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            break
    else:
        if not _INDENTED.search(text):
            return False
    # Brackets and dashes may be text. Only the events of the parser show that, and they need no recursion.
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return True
    return False


def _load_yaml(text: str) -> tuple[Any, list[tuple[int, str]]]:
    """Return the content of a YAML text, and each repeated key of a mapping with its line."""
    twice: list[tuple[int, str]] = []
    # BaseLoader builds only strings, lists and mappings, and keeps scalars as written: 02134 is not read as octal, and
    # 8.9E+19 can be recognised.
    base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

    class Loader(base):  # type: ignore[misc, valid-type]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[str] = set()
            for key, _value in node.value:
                if isinstance(key.value, str):
                    if key.value in seen:
                        twice.append((key.start_mark.line + 1, key.value))
                    seen.add(key.value)
            return super().construct_mapping(node, deep=deep)

    return yaml.load(text, Loader=Loader), twice  # noqa: S506  BaseLoader and its C twin make no objects


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_Object)


class _Object(dict[str, Any]):
    """An object of a JSON text that remembers its repeated keys."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _value in pairs] if len(self) < len(pairs) else []
        self.twice = sorted({key for key in keys if keys.count(key) > 1})


def _repeated_key_problem(key: str) -> str:
    return f"{key} appears twice in one mapping; start a new device here, or remove one of the two"


def _items(content: Any, name: str) -> list[Item]:
    """Return the items of a list, or of the only list of mappings in a mapping."""
    if isinstance(content, Mapping):
        lists = [value for value in content.values() if isinstance(value, list) and value and _are_mappings(value)]
        named = content.get("devices")
        if isinstance(named, list) and named:
            content = named
        elif len(lists) == 1:
            content = lists[0]
    if not isinstance(content, list):
        kind = "a mapping" if isinstance(content, Mapping) else "a single value"
        raise InputError([f"{name}: is {kind}; {_EXPECTED}"])
    if not content:
        raise InputError([f"{name}: is an empty list; {_EXPECTED}"])
    return _checked([(f"{name}, device {number}", item) for number, item in enumerate(content, 1)], name)


def _are_mappings(items: Sequence[Any]) -> bool:
    return all(isinstance(item, Mapping) for item in items)


def _checked(items: list[Item], name: str) -> list[Item]:
    problems = [
        problem
        for where, item in items
        for problem in (
            [f"{where}: {_repeated_key_problem(key)}" for key in getattr(item, "twice", ())]
            if isinstance(item, Mapping)
            else [f"{where}: is not a mapping; each device must be {_MAPPING}"]
        )
    ]
    if problems:
        raise InputError(problems, name)
    return items
