# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collects invalid values of identifier fields and the declared identifiers that they may be."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from .._text import counted, printable
from .identifiers import EXPONENT, is_digits, normalise
from .records import identifiers

#: Maximum number of values in a warning.
_MAX_NAMED = 5
#: Minimum number of digits at the start or the end of an identifier by which it may be recognised.
_MIN_DIGITS = 10
#: Minimum number of visible digits of a masked identifier ("***********3462").
_MIN_VISIBLE = 4
#: Significant digits of a number in a spreadsheet.
_SPREADSHEET_DIGITS = 15
_MASKED = re.compile(r"[*xX?#.\u2022\u2026]")
_NAMES = {"imei": "IMEI", "iccid": "ICCID", "eid": "EID", "sim_id": "SIM id"}


class Odd(NamedTuple):
    """An invalid value of an identifier field. `where`: such as "row 17"; `line`: its Line or Entry."""

    field: str
    text: str
    where: str
    line: Any

    def __str__(self) -> str:
        return f"{self.where}: {_NAMES[self.field]} {printable(self.text)!r}"


class Oddities:
    """Collects invalid values, and the wanted identifiers that they may be.

    Args:
        wanted: identifiers of the declared devices, of every kind.
    """

    def __init__(self, wanted: Iterable[str] = ()) -> None:
        self._wanted = frozenset(wanted)
        self._by_digits: dict[tuple[int, str], dict[str, list[str]]] = {}
        self._seen: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Remove all values, because the answer is read again."""
        self.count = 0
        self.named: list[Odd] = []
        self._suspects: dict[str, list[Odd]] = defaultdict(list)

    def close(self) -> None:
        """Keep the collected values and free the memory for collecting more."""
        self._wanted = frozenset()
        self._by_digits = {}
        self._seen = {}

    def note(self, odd: Odd) -> None:
        """Add a value. Thread-safe."""
        with self._lock:
            self._note(odd)

    def _note(self, odd: Odd) -> None:
        self.count += 1
        if len(self.named) < _MAX_NAMED:
            self.named.append(odd)
        # A line with an identifier of a declared device belongs to that device.
        if not self._wanted or not self._wanted.isdisjoint(identifiers(odd.line)):
            return
        if odd.text not in self._seen:
            self._seen[odd.text] = self.may_be(odd.field, odd.text)
        for value in self._seen[odd.text]:
            self._suspects[value].append(odd)

    def suspects(self, value: str | None) -> list[Odd]:
        """Return the values that may be this identifier."""
        return self._suspects.get(value or "", [])

    def warnings(self, call: str) -> list[str]:
        """Return the warning as a list, empty without a warning."""
        warning = self.warning(call)
        return [warning] if warning else []

    def warning(self, call: str) -> str | None:
        """Return a warning about all values, or None without values. `call`: the call."""
        if not self.count:
            return None
        more = f" and {self.count - len(self.named)} more" if self.count > len(self.named) else ""
        return (
            f"{call}: {counted(self.count, 'value')} in identifier fields cannot be read as identifiers ("
            f"{'; '.join(map(str, self.named))}{more}). These lines are matched by their other identifiers only. A "
            "declared device that may belong to such a line is a conflict instead of a new activation."
        )

    def may_be(self, field: str, text: str) -> list[str]:
        """Return the wanted identifiers that a text may be.

        Covers exponents (8.90141E+19), digits cut off at either end, lost leading zeros, an IMEI with a software
        version or without its check digit, an ICCID that a spreadsheet rounded, and masked digits.
        """
        text = normalise(field, text)
        if EXPONENT.match(text):
            return self._rounded(*_mantissa(text))
        if _MASKED.search(text):
            return self._masked(text)
        digits = re.sub(r"\D", "", text.partition(".")[0])
        if not is_digits(digits):
            return []
        found = [
            value
            for zeros in range(1, 4)
            for value in (digits.rjust(len(digits) + zeros, "0"),)
            if value in self._wanted
        ]
        found += [digits[:length] for length in (15, 18, 19, 20, 32) if digits[:length] in self._wanted]
        if field == "imei" and len(digits) == 16:
            found += self._alike("head", digits[:14])
        if len(digits) >= _MIN_DIGITS:
            found += self._alike("head", digits) + self._alike("tail", digits)
        if len(digits.rstrip("0")) <= 17 < len(digits):
            found += self._rounded(digits.rstrip("0").ljust(15, "0"), len(digits))
        return list(dict.fromkeys(found))

    def _alike(self, end: str, digits: str) -> list[str]:
        return self._groups(len(digits), end).get(digits, [])

    def _groups(self, size: int, end: str) -> dict[str, list[str]]:
        """Return the wanted identifiers by their first or last `size` digits."""
        groups = self._by_digits.get((size, end))
        if groups is None:
            groups = self._by_digits[size, end] = defaultdict(list)
            for value in self._wanted:
                if len(value) > size:
                    groups[value[:size] if end == "head" else value[-size:]].append(value)
        return groups

    def _rounded(self, digits: str, length: int) -> list[str]:
        """Return the wanted identifiers of this length that have these first digits, rounded or cut off."""
        if len(digits) >= length:
            return [digits[:length]] if digits[:length] in self._wanted else []
        # Digits beyond the precision of a spreadsheet are not reliable.
        exact = len(digits) <= _SPREADSHEET_DIGITS
        digits = digits[:_SPREADSHEET_DIGITS]
        size, unit = len(digits), 10 ** (length - len(digits))
        groups = self._groups(size, "head")
        near = [value for shift in (0, -1, 1) for value in groups.get(str(int(digits) + shift).rjust(size, "0"), [])]
        most = unit // 2 if exact else unit
        return [
            value
            for value in near
            if len(value) == length
            and is_digits(value)
            and (value.startswith(digits) or abs(int(value) - int(digits) * unit) <= most)
        ]

    def _masked(self, text: str) -> list[str]:
        visible = re.sub(r"^.*[^0-9]", "", text)
        if len(visible) < _MIN_VISIBLE:
            return []
        return [
            value
            for value in self._groups(len(visible), "tail").get(visible, [])
            if len(value) != len(text) or all(not is_digits(mine) or mine == other for mine, other in zip(text, value))
        ]


def _mantissa(text: str) -> tuple[str, int]:
    """Return the significant digits of a number with an exponent, and the length of the whole number."""
    number, _e, exponent = text.lower().lstrip("+-").partition("e")
    digits = re.sub(r"\D", "", number)
    whole = len(re.split(r"[.,]", number)[0])
    try:
        return digits, whole + min(int(exponent), 99)
    except ValueError:
        return digits, 0
