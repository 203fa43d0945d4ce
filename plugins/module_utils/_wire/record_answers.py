# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads records with identifiers and a status: lines, and entries of the device list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .._errors import UnexpectedAnswerError
from .answers import Answers
from .identifiers import IDENTIFIERS, is_odd, observed
from .masking import secrets_in
from .oddities import Odd, Oddities
from .records import Record

R = TypeVar("R", bound=Record)

#: Characters of broken text: decoded in the wrong charset, or binary.
_BROKEN = ("\x00", "\ufffd")


class RecordAnswers(Answers):
    """Reads the values of one line or entry."""

    def _record(
        self,
        make: Callable[[dict[str, str | None]], R],
        cells: Mapping[str, Any],
        where: str,
        oddities: Oddities | None,
        call: str,
    ) -> R:
        """Return the record that `make` builds from texts by field: identifiers normalised, secrets masked."""
        values = self._cells.read(cells)
        values.update(secret := secrets_in(values, self.mask, self._is_known))
        odd = []
        for field in IDENTIFIERS:
            if values.get(field) is not None:
                text = secret.get(field) or str(cells[field])
                values[field] = self.identifier(field, text, call)
                if values[field] is None and oddities is not None and is_odd(field, text):
                    odd.append((field, text))
        record = make(values)
        for field, text in odd:
            if oddities is not None:
                oddities.note(Odd(field, text.strip(), where, record))
        return record

    def _is_known(self, field: str, text: str) -> bool:
        """Whether a value is a complete identifier of digits, a declared identifier, or a known status."""
        if field == "status":
            return self.is_status(text) or self.is_device_status(text)
        value = observed(field, text) if field in IDENTIFIERS else None
        return value is not None and (field != "sim_id" or value.upper() in self._spellings)

    def identifier(self, field: str, text: str, call: str) -> str | None:
        """Return a normalised identifier in its declared spelling, or None.

        Raises UnexpectedAnswerError for broken text.
        """
        if any(mark in text for mark in _BROKEN):
            raise UnexpectedAnswerError(
                f"{call}: a value of {field} has broken characters",
                "Run again. If the error remains, the service sends a charset that it does not declare.",
            )
        value = observed(field, text)
        return self._spellings.get(value.upper(), value) if value and not value.isdigit() else value
