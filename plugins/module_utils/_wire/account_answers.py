# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads carriers, plans and stock of the account, and the token in a login reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import UnexpectedAnswerError
from . import rules
from .answers import Answers, are_objects, count_of, is_id
from .envelopes import flat, is_aside, is_empty, lists_in
from .identifiers import clean
from .messages import unexpected_answer_error


class AccountAnswers(Answers):
    """Reads carriers, plans, stock and tokens."""

    def carriers_of(self, answer: Any, call: str) -> list[str]:
        """Return the carrier names in a list of names, or of objects with a name."""
        best: list[str] | None = None
        for path, items in lists_in(answer).items():
            names = [self._carrier(item) for item in items]
            if items and None not in names and not is_aside(path[-1:]):
                best = best or [str(name) for name in names]
        if best is None:
            if is_empty(answer):
                return []
            raise unexpected_answer_error(call, "carrier names, or objects with a name", answer, ("carrier",))
        self._observe_carriers(answer, call)
        return best

    def _carrier(self, item: Any) -> str | None:
        if isinstance(item, Mapping):
            return self._text(item, rules.CARRIER_RULES, "carrier")
        return str(item).strip() if is_id(item) and clean(item) else None

    def _observe_carriers(self, answer: Any, call: str) -> None:
        if self.observer is not None:
            for path, items in lists_in(answer).items():
                if not is_aside(path[-1:]):
                    self.recognise([item for item in items if isinstance(item, Mapping)], rules.CARRIER_RULES, call)

    def objects_of(self, answer: Any, call: str) -> list[Mapping[str, Any]]:
        """Return the plans of an answer: the list of objects with a plan id, else the outermost list of objects."""
        lists = [plans for path, plans in lists_in(answer).items() if are_objects(plans) and not is_aside(path[-1:])]
        with_id = (plans for plans in lists if self._read(plans, rules.PLAN_RULES, call).recognition.fields)
        items = next(with_id, lists[0] if lists else None)
        if items is None:
            if is_empty(answer):
                return []
            raise unexpected_answer_error(call, "a list of objects", answer, ("plan_id",))
        if self.observer is not None:
            self.recognise(items, rules.PLAN_RULES, call)
        return items

    def plan_ids_of(self, plans: Iterable[Mapping[str, Any]]) -> list[str]:
        """Return the plan id of each plan that has one."""
        ids = (self._text(plan, rules.PLAN_RULES, "plan_id") for plan in plans)
        return [plan_id for plan_id in ids if plan_id]

    def stock_of(self, answer: Any, call: str) -> tuple[int, int | None]:
        """Return the number of available eSIMs, and the maximum number per request (None if not given)."""
        if not isinstance(answer, (Mapping, list)):
            available, most = count_of(answer), None
        else:
            one = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
            available = self._number(one, rules.STOCK_RULES, "available")
            most = self._number(one, rules.STOCK_RULES, "max_per_request")
            if self.observer is not None and isinstance(one, Mapping):
                self.recognise([one], rules.STOCK_RULES, call)
        if available is None:
            raise unexpected_answer_error(call, "totalAvailableESimCount", answer, ("available",))
        return available, most

    def inventory_count_of(self, answer: Any) -> int | None:
        """Return the total number of SIMs in an inventory answer, or None if no count is recognised."""
        lists = [items for path, items in lists_in(answer).items() if not is_aside(path[-1:]) and are_objects(items)]
        items = lists[0] if lists else [answer]
        counts = [self._number(item, rules.INVENTORY_RULES, "count") for item in items if isinstance(item, Mapping)]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def token_of(self, answer: Any) -> tuple[str, str | None]:
        """Return the token and, if given, the corp id of a login reply [C]. The error never quotes the reply."""
        scalars = dict(flat(answer)) if isinstance(answer, Mapping) else {}
        texts = {path: value for path, value in scalars.items() if isinstance(value, str) and value.strip()}
        found = self.names.find(list(texts), rules.TOKEN_RULES)
        if "token" not in found:
            raise UnexpectedAnswerError(
                "the login succeeded, but its answer has no token.",
                "Check that api_url is the base URL of the Sentinel API. If the token has another name, set "
                "field_names: {token: NAME}.",
            )
        corp = self.names.find(list(scalars), rules.CORP_RULES)
        corp_id = list(scalars.values())[corp["corp_id"].place] if corp else None
        return list(texts.values())[found["token"].place].strip(), clean(corp_id)
