# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base of the endpoints: paths and scopes [P], and reading of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .._errors import UnexpectedAnswerError
from .._transport.session import Session

T = TypeVar("T")

ACTIVATION = "/v1.0/activation"
HISTORY = "/v2.0/activation/transactions"

#: [P] Published scopes. None is published for the plans, the inventory, the eSIM stock and the upload.
SCOPE_ACTIVATION = "aux_activation"
SCOPE_ESIM_CARRIERS = "aux_kemp_user"


class Calls:
    """Base of the endpoints, by topic.

    Args:
        session: the connection. The caller closes it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        #: Reads the answers.
        self.reader = session.reader

    def _objects(self, path: str) -> list[Mapping[str, Any]]:
        return self._parse(self.reader.objects_of, self.session.get(path), f"GET {path}")

    def _parse(self, parse: Callable[[Any, str], T], answer: Any, call: str) -> T:
        """Return the result of `parse` for an answer. Its errors quote the answer without secrets."""
        try:
            return parse(answer, call)
        except UnexpectedAnswerError:
            return parse(self.session.redacted(answer), call)
