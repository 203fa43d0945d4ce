# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the devices of an inventory come from: its settings, the declared file, the history, and a cache of that."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from ...module_utils._decide.kinds import Kind
from ...module_utils._errors import InputError
from ...module_utils._observe.reading import HistoryReader
from ...module_utils._options import STATUS_WORDS_KEYS, ConnectionOptions, read_lists
from ...module_utils._service.api import SentinelAPI
from ...module_utils._text import hint
from ...module_utils._transport.session import Session
from ...module_utils._wire import Line, StatusWords
from .._fleet.devices import Fleet, check_defaults, kind_of, read_fleet
from .entries import (
    Entry,
    Filters,
    declared_entries,
    merged_entries,
    observed_entries,
    selected,
    strangers,
)

DECLARED, HISTORY, MERGED = "declared", "history", "merged"


class Settings(NamedTuple):
    """What an inventory is made of. `src` is an absolute path; the rest has the options' names and meanings."""

    source: str
    src: str | None
    kind: Kind
    defaults: Mapping[str, Any]
    undeclared: bool
    words: StatusWords
    filters: Filters

    @classmethod
    def read(cls, get: Callable[[str], Any], directory: str) -> Settings:
        """Reads each option through `get`; relative paths begin at `directory`. Raises InputError with all problems."""
        src = str(get("src") or "").strip()
        src = os.path.join(directory, os.path.expanduser(src)) if src else ""
        source = get("source") or (MERGED if src else HISTORY)
        filters = Filters(*([str(wanted) for wanted in get(name) or ()] for name in Filters._fields))
        problems = []
        if source != HISTORY and not src:
            problems.append(f"src: is missing, which source: {source} needs")
        if source == HISTORY and src:
            problems.append("src: goes with source: declared or merged, not with source: history")
        if src and not os.path.isfile(src):
            problems.append(f"src: there is no file {src}: relative paths begin at the directory of the inventory file")
        if source == DECLARED and filters.statuses:
            problems.append("statuses: nothing is known of them with source: declared")
        words = read_lists("status_words", get("status_words"), STATUS_WORDS_KEYS, problems)
        if problems:
            raise InputError(problems, "The configuration")
        return cls(
            source,
            src or None,
            kind_of(get("kind")),
            check_defaults(get("defaults")),
            bool(get("undeclared")),
            StatusWords(words),
            filters,
        )


def check_options(given: Iterable[str], known: Collection[str]) -> None:
    """Raises InputError for options that there are not; Ansible itself would pass over them."""
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise InputError([f"unknown option {name!r}{hint(name, known)}" for name in unknown], "The configuration")


class Found(NamedTuple):
    """The devices that are wanted; `warnings`: what is probably a slip; `remarks`: what is odd about declared ones."""

    entries: list[Entry]
    warnings: list[str]
    remarks: list[str]


def find(settings: Settings, read_lines: Callable[[], Sequence[Line]]) -> Found:
    """The devices of an inventory.

    Args:
        settings: what it is made of.
        read_lines: the history, the oldest first. The file is read before: what is wrong there needs no request.
    """
    fleet = read_fleet(settings.src, settings.kind, settings.defaults) if settings.src else Fleet([], [])
    if settings.source == DECLARED:
        entries = declared_entries(fleet)
    elif settings.source == HISTORY:
        entries = observed_entries(read_lines(), settings.words, settings.kind)
    else:
        entries = merged_entries(fleet, read_lines(), settings.words, settings.kind, settings.undeclared)
    return Found(selected(entries, settings.filters), strangers(entries, settings.filters), fleet.warnings)


def history_lines(get: Callable[[str], Any]) -> tuple[list[Line], list[str]]:
    """The whole history, the oldest line first, and warnings of how it was read. Raises SentinelError.

    `get`: gives the connection options.
    """
    with closing(Session(ConnectionOptions.read(get))) as session:
        api = SentinelAPI(session)
        return HistoryReader(api, api.reader.words, "full").read_all()


# -- What the cache keeps ----------------------------------------------------------------------------------------------

_ACCOUNT = ("api_url", "corp_id", "api_username")


def _account(get: Callable[[str], Any]) -> list[Any]:
    """What tells an account from others: without a complete login it is the token, of which only a hash is kept."""
    known = [get(name) for name in _ACCOUNT]
    token = str(get("api_token") or "").strip()
    if token and not (get("api_username") and get("api_password")):
        known.append(hashlib.sha256(f"kajeet.sentinel inventory {token}".encode()).hexdigest())
    # Lines that were read by other names are other lines.
    return known + ([str(get("field_names"))] if get("field_names") else [])


def to_cache(lines: Iterable[Line], get: Callable[[str], Any]) -> dict[str, Any]:
    """Lines as JSON can have them, and of which account they are."""
    return {"account": _account(get), "fields": list(Line._fields), "lines": [list(line) for line in lines]}


def from_cache(kept: Any, get: Callable[[str], Any]) -> list[Line] | None:
    """The lines that `to_cache` was given; None where they are another account's, or another version kept them."""
    if not isinstance(kept, Mapping) or kept.get("fields") != list(Line._fields):
        return None
    if kept.get("account") != _account(get):
        return None
    return [Line(*values) for values in kept["lines"]]
