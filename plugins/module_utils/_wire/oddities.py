# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What should be an identifier and is not a whole one: counted, and matched with what it may have been."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from .._text import counted, printable
from .identifiers import EXPONENT, is_digits, normalise
from .records import identifiers

#: Maximum number of odd values that a warning names.
_MAX_NAMED = 5
#: Fewest digits at the beginning or the end of an identifier by which it may be recognised.
_MIN_DIGITS = 10
#: Fewest visible digits of a masked identifier ("***********3462").
_MIN_VISIBLE = 4
#: Significant digits that spreadsheets keep of a number.
_SPREADSHEET_DIGITS = 15
_MASKED = re.compile(r"[*xX?#.\u2022\u2026]")
_NAMES = {"imei": "IMEI", "iccid": "ICCID", "eid": "EID", "sim_id": "SIM id"}


class Odd(NamedTuple):
    """A value that should be an identifier. `where`: such as "row 17"; `line`: the Line or Entry that has it."""

    field: str
    text: str
    where: str
    line: Any

    def __str__(self) -> str:
        return f"{self.where}: {_NAMES[self.field]} {printable(self.text)!r}"


class Oddities:
    """Collects odd values, and which wanted identifiers they may have been before digits were lost.

    Args:
        wanted: identifiers of the declared devices, of any kind.
    """

    def __init__(self, wanted: Iterable[str] = ()) -> None:
        self._wanted = frozenset(wanted)
        self._by_digits: dict[tuple[int, str], dict[str, list[str]]] = {}
        self._seen: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything: the answer is read anew."""
        self.count = 0
        self.named: list[Odd] = []
        self._suspects: dict[str, list[Odd]] = defaultdict(list)

    def close(self) -> None:
        """Keep what was found, and forget what finding more takes."""
        self._wanted = frozenset()
        self._by_digits = {}
        self._seen = {}

    def note(self, odd: Odd) -> None:
        """Take over an odd value; for several threads."""
        with self._lock:
            self._note(odd)

    def _note(self, odd: Odd) -> None:
        self.count += 1
        if len(self.named) < _MAX_NAMED:
            self.named.append(odd)
        # A line that another identifier gives to a declared device is that device's.
        if not self._wanted or not self._wanted.isdisjoint(identifiers(odd.line)):
            return
        if odd.text not in self._seen:
            self._seen[odd.text] = self.may_be(odd.field, odd.text)
        for value in self._seen[odd.text]:
            self._suspects[value].append(odd)

    def suspects(self, value: str | None) -> list[Odd]:
        """Return the odd values that may be this identifier."""
        return self._suspects.get(value or "", [])

    def warnings(self, call: str) -> list[str]:
        """Return the warning in a list, empty where there is none."""
        warning = self.warning(call)
        return [warning] if warning else []

    def warning(self, call: str) -> str | None:
        """Return one sentence about all of them, or None where there are none. `call`: the call."""
        if not self.count:
            return None
        more = f" and {self.count - len(self.named)} more" if self.count > len(self.named) else ""
        return (
            f"{call}: {counted(self.count, 'value')} in identifier fields cannot be read as identifiers ("
            f"{'; '.join(map(str, self.named))}{more}). Those lines count by their other identifiers only; a declared "
            "device that such a line may belong to is a conflict instead of a new activation."
        )

    def may_be(self, field: str, text: str) -> list[str]:
        """Return the wanted identifiers that the text may have been.

        Covered: an exponent (8.90141E+19), digits cut off at either end, lost leading zeros, an IMEI with a software
        version or without its check digit, an ICCID that a spreadsheet rounded, masked digits.
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
        """Return the wanted identifiers of that length whose first digits, rounded or cut off, are these."""
        if len(digits) >= length:
            return [digits[:length]] if digits[:length] in self._wanted else []
        # What a machine writes beyond the digits that it keeps is not to be trusted.
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
    """Return the significant digits of a number with an exponent, and how many digits the whole number has."""
    number, _e, exponent = text.lower().lstrip("+-").partition("e")
    digits = re.sub(r"\D", "", number)
    whole = len(re.split(r"[.,]", number)[0])
    try:
        return digits, whole + min(int(exponent), 99)
    except ValueError:
        return digits, 0
