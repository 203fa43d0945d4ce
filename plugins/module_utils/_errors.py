# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as types: each error says what happened, in which call, and what the user can do about it."""

from __future__ import annotations

import itertools
import re
import shlex
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ._text import printable_lines

#: The longest list of problems in a message, in characters.
_LONGEST = 150_000
#: Maximum number of problems that are shown in detail, of kinds of which the others are, and of characters of a kind.
_DETAILED, _KINDS, _LONGEST_KIND = 30, 6, 80
#: Where a problem is; the field and the value that it is about; what follows the kind of problem; numbers in it.
_PLACE = re.compile(r"[^:]*?(?:, (?:line|row|device) \d+|^(?:device|row|exception) \d+|^host \S+)[^:]*: ")
_VALUE = re.compile(r"([a-z_]+) (?!is |has |does )(?:[^:]|:(?! ))*: (.*)", re.DOTALL)
_DEPENDS = re.compile(r"[(;]|: |\?|, here ")
_NUMBERS = re.compile(r"\d+")


class SentinelError(Exception):
    """Base of every error that this collection raises on purpose.

    Its texts may quote an answer or a file: they are made printable here, for whatever shows them.

    Args:
        message: what happened, one sentence without secrets.
        cure: what the user can do about it, one sentence, or None where nothing is known to help.
        method: HTTP method of the call that failed, or None where no call was involved.
        path: path of that call below the base URL, such as ``/v1.0/activation/carriers``.
        status: HTTP status of the answer, or None where there was none.
    """

    kind = "error"

    def __init__(
        self,
        message: str,
        cure: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> None:
        self.message = printable_lines(message)
        super().__init__(self.message)
        self.cure = None if cure is None else printable_lines(cure)
        self.method = method
        self.path = None if path is None else printable_lines(path)
        self.status = status
        #: What the user has to know besides, a sentence each: a failed task must not lose it.
        self.warnings: list[str] = []

    def __str__(self) -> str:
        call = f"{self.method} {self.path}: " if self.method else ""
        if not self.cure:
            return call + self.message
        stop = "" if self.message.endswith((".", ":", "?", "\n")) else "."
        return f"{call}{self.message}{stop} {self.cure}"

    def as_failure(self) -> dict[str, Any]:
        """The keyword arguments of ``fail_json``: ``msg`` and ``error`` {kind, method, path, status, cure}."""
        error = {"kind": self.kind, "method": self.method, "path": self.path, "status": self.status, "cure": self.cure}
        return {"msg": str(self), "error": error}


class InputError(SentinelError):
    """What the user declared is wrong. Carries every problem found, one line each, in the order of the rows."""

    kind = "input"

    def __init__(self, problems: Sequence[str], what: str = "The input") -> None:
        self.problems = [printable_lines(problem) for problem in problems]
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
            return
        title = f"{what} has {len(self.problems)} errors; nothing was written:"
        super().__init__("\n".join([title, *detailed(self.problems)]))


def read_all(*reads: Callable[[], Any]) -> list[Any]:
    """Return what each part of a task's input is read as. Raises InputError with the problems of all of them."""
    errors: list[InputError] = []
    parts = []
    for read in reads:
        try:
            parts.append(read())
        except InputError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        joined = InputError([problem for error in errors for problem in error.problems], "The task")
        joined.warnings = [warning for error in errors for warning in error.warnings]
        raise joined
    return parts


#: Libraries that whatever was imported so far needs and lacks.
_LACKING: set[str] = set()


def lacking(library: str) -> str:
    """Remember that a library cannot be imported, while its ImportError is handled. Return the traceback."""
    _LACKING.add(library)
    return traceback.format_exc()


class MissingLibraryError(SentinelError):
    """Python libraries are missing on the machine that runs the code. Names all of them at once.

    Args:
        library: the name of one of them on the Python Package Index; the others are those of `lacking`.
        trace: the traceback of its failed import, for a verbose result.
    """

    kind = "missing_library"

    def __init__(self, library: str, trace: str | None) -> None:
        self.libraries = sorted({library, *_LACKING}, key=str.lower)
        self.trace = trace
        names = ", ".join(self.libraries)
        one = len(self.libraries) == 1
        message = f"The Python library {names} is missing." if one else f"Python libraries are missing: {names}."
        install = f"{shlex.quote(sys.executable or 'python3')} -m pip install {' '.join(self.libraries)}"
        super().__init__(message, f"Install {'it' if one else 'them'}: {install}")


class AuthenticationError(SentinelError):
    """No credentials, or credentials that the service does not accept (401)."""

    kind = "auth"


class ScopeError(SentinelError):
    """The credentials are valid and lack the scope that the endpoint needs (403)."""

    kind = "scope"


class UnreachableError(SentinelError):
    """No connection, or none that lasted. Nothing was taken by the service, or the call was one that only reads."""

    kind = "unreachable"


class ThrottledError(SentinelError):
    """The service went on answering 429 for longer than we are prepared to wait. Nothing was taken."""

    kind = "throttled"


class RefusedError(SentinelError):
    """The service understood the call and refused it (other 4xx). Nothing was taken."""

    kind = "refused"


class ServiceError(SentinelError):
    """The service failed (5xx) in a call that only reads."""

    kind = "service"


class UnexpectedAnswerError(SentinelError):
    """An answer came that cannot be understood: HTML, broken JSON, or a shape that no known variant covers."""

    kind = "unexpected_answer"


class AmbiguousError(SentinelError):
    """A submission went out and its answer was lost or is unreadable: nobody knows whether it was taken."""

    kind = "ambiguous"


class StoppedError(SentinelError):
    """The run was interrupted before this call left. Nothing was sent."""

    kind = "stopped"


class PreflightError(SentinelError):
    """The plan cannot succeed: an unknown carrier, an unknown plan id, too little stock. Raised before any write."""

    kind = "preflight"


class GuardError(SentinelError):
    """The plan is larger than allowed, or not the one that was approved. Raised before any write."""

    kind = "guard"


class JournalError(SentinelError):
    """The journal cannot be written. What it does not remember is not submitted."""

    kind = "journal"


def detailed(problems: Sequence[str]) -> list[str]:
    """Return the first problems of a list, and how many there are besides of each kind."""
    rest = problems[_DETAILED:]
    if not rest:
        return shown(problems)
    kinds = Counter(map(_kind_of, rest)).most_common()
    listed = [f"{number} × {kind}" for kind, number in kinds[:_KINDS]]
    others = sum(number for _kind, number in kinds[_KINDS:])
    listed += [f"{others} × something else"] if others else []
    return [*shown(problems[:_DETAILED]), f"and {len(rest)} more: {'; '.join(listed)}"]


def _kind_of(problem: str) -> str:
    """What is wrong, without the row, the value and what depends on it: "imei: has N digits"."""
    text = _PLACE.sub("", problem, 1)
    named = _VALUE.match(text)
    field, what = (f"{named[1]}: ", named[2]) if named else ("", text)
    return field + _NUMBERS.sub("N", _DEPENDS.split(what, 1)[0]).strip()[:_LONGEST_KIND]


def shown(problems: Sequence[str]) -> list[str]:
    """The problems that a message has room for, and how many there are besides.

    Controllers empty a result that is too long: ten thousand problems must still give a message.
    """
    fitting = [
        text for _length, text in itertools.takewhile(lambda told: told[0] <= _LONGEST, _running_length(problems))
    ]
    return [*fitting, f"and {len(problems) - len(fitting)} more"] if len(fitting) < len(problems) else fitting


def _running_length(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each text with the length of all up to it."""
    return zip(itertools.accumulate(map(len, texts)), texts)


def reason_of(error: OSError) -> str:
    """Return why the system refused something, for the end of a sentence: "no space left on device"."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
