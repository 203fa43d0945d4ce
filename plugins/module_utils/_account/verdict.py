# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict of the account check: the available abilities, and the causes of missing ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .._text import counted
from .problems import Problem, all_names, problems_of, reason, unknown_words, words_of
from .recorder import Account

#: Kind of activation → name of its ability.
KINDS = {"sim": "SIM activation", "smartsim": "SmartSIM activation", "esim": "eSIM activation"}
_NO_TRANSACTION = "not checked: the account has no transactions yet"


class Ability(NamedTuple):
    """Something that works with an account, or does not. `why`: the cause or a remark."""

    name: str
    ready: bool
    why: str | None = None
    fix: str | None = None


class Verdict(NamedTuple):
    """The verdict. `ready`: whether everything works that the wanted kinds need."""

    ready: bool
    kinds: Sequence[str]
    abilities: list[Ability]
    problems: list[Problem]

    def as_result(self) -> dict[str, Any]:
        """Return the verdict for the result of the module."""
        return {
            "ready": self.ready,
            "abilities": [
                {"name": one.name, "ready": one.ready, "why": one.why, "set": one.fix} for one in self.abilities
            ],
            "problems": [{"what": one.what, "set": one.fix} for one in self.problems],
            "set": self.lines,
        }

    @property
    def lines(self) -> list[str]:
        """The lines to set, each once, with all names in one `field_names`."""
        together = all_names(self.problems)
        single = [one.fix for one in self.problems if one.fix and not (together and one.names)]
        return list(dict.fromkeys([*([together] if together else []), *single]))


def verdict_of(account: Account, kinds: Sequence[str], is_status: Callable[[str], bool]) -> Verdict:
    """Judge an account.

    Args:
        account: the recorded calls.
        kinds: the wanted kinds of activation, of `KINDS`.
        is_status: whether a status word is known.
    """
    problems = problems_of(account, is_status)
    judge = _Judge(account, problems, is_status)
    abilities = judge.abilities()
    by_name = {ability.name: ability for ability in abilities}
    ready = all(by_name[KINDS[kind]].ready for kind in kinds)
    return Verdict(ready, list(kinds), abilities, problems)


class _Judge:
    def __init__(self, account: Account, problems: Sequence[Problem], is_status: Callable[[str], bool]) -> None:
        self._account = account
        self._problems = problems
        self._is_status = is_status

    def abilities(self) -> list[Ability]:
        """Return all abilities in the order of the report."""
        history = self._history()
        account = self._corp_id()
        return [
            self._of("SIM activation", ["carriers"], [account, history]),
            self._of("SmartSIM activation", ["carriers"], [history]),
            self._of("eSIM activation", ["esim_carriers", "esim_stock"], [account, history]),
            history,
            self._waiting(),
            Ability("drift", True) if history.ready else history._replace(name="drift"),
            self._of("plans", ["billing_plans", "business_internet_plans"]),
            self._of("stock of SIMs", ["inventory"]),
            self._of("list of devices", ["devices"]),
        ]

    def _of(self, name: str, calls: Sequence[str], needed: Sequence[Ability | None] = ()) -> Ability:
        """Return an ability that needs some calls and other abilities. corp_id is checked first."""
        others = [other for other in needed if other is not None and not other.ready]
        if others and others[0].name == "corp_id":
            return Ability(name, False, f"corp_id: {others[0].why}", others[0].fix)
        for call in calls:
            failed = self._failed(call)
            if failed is not None:
                return Ability(name, False, *failed)
        for other in others:
            return Ability(name, False, f"{other.name}: {other.why}", other.fix)
        return Ability(name, True)

    def _failed(self, call: str) -> tuple[str, str | None] | None:
        """Return why a call is unusable, and the line to set; None for a usable call."""
        seen = self._account[call]
        if seen.skipped:
            return f"{call}: {seen.skipped}", None
        fix = next((one.fix for one in self._problems if f"{call}: " in one.what), None)
        if seen.error is not None:
            return f"{call}: {reason(seen.error)}", fix
        if seen.missing and seen.count and call not in ("billing_plans", "business_internet_plans", "inventory"):
            return f"{call}: found no name for {' or '.join(seen.missing)}", fix
        return None

    def _corp_id(self) -> Ability | None:
        problem = next((one for one in self._problems if one.what.startswith("corp_id") and one.needed), None)
        if problem is None:
            return None
        why = problem.what.partition(": ")[2].split(" (HTTP")[0] or "it is not known"
        return Ability("corp_id", False, why, problem.fix)

    def _history(self) -> Ability:
        export, pages = self._failed("history_csv"), self._failed("transactions_v1") or self._lines()
        if export and pages:
            return Ability("history", False, *export)
        unknown, every = unknown_words(self._account, self._is_status), words_of(self._account)
        fix = next((one.fix for one in self._problems if one.what.startswith("history: ")), None)
        if unknown:
            are = "is" if len(unknown) == 1 else "are"
            why = f"{len(unknown)} of {counted(len(every), 'status word')} {are} not known"
            return Ability("history", len(unknown) < len(every), why, fix)
        if export:
            return Ability("history", True, f"read from its pages, which takes longer; {export[0]}", export[1])
        return Ability("history", True)

    def _lines(self) -> tuple[str, str | None] | None:
        """Return why the lines of a transaction are unusable; None if they are usable, or without a transaction."""
        return None if self._account["transaction_lines"].skipped else self._failed("transaction_lines")

    def _waiting(self) -> Ability:
        if self._account["transaction_lines"].skipped:
            failed = self._failed("transactions_v2")
            return Ability("waiting", False, *failed) if failed else Ability("waiting", True, _NO_TRANSACTION)
        return self._of("waiting", ["transaction_lines"])
