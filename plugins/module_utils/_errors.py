# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Types of errors. Each error has what happened, in which call, and what the user can do about it."""

from __future__ import annotations

import itertools
import re
import shlex
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ._text import printable_lines, valid_names_once

#: Maximum length of the problems in a message, in characters.
_LONGEST = 150_000
#: Maximum number of problems in detail, of kinds of further problems, and of characters of a kind.
_DETAILED, _KINDS, _LONGEST_KIND = 30, 6, 80
#: Parts of a problem: its place, its field and value, the beginning of the details, and numbers.
_PLACE = re.compile(r"[^:]*?(?:, (?:line|row|device) \d+|^(?:device|row|exception) \d+|^host \S+)[^:]*: ")
_VALUE = re.compile(r"([a-z_]+) (?!is |has |does )(?:[^:]|:(?! ))*: (.*)", re.DOTALL)
_DETAILS = re.compile(r"[(;]|: |\?|, here ")
_NUMBERS = re.compile(r"\d+")


class SentinelError(Exception):
    """Base of all errors that this collection raises.

    The texts may quote an answer or a file, so they are made printable here.

    Args:
        message: what happened, one sentence without secrets.
        cure: what the user can do about it, one sentence, or None if nothing is known to help.
        method: HTTP method of the failed call, or None without a call.
        path: path of that call below the base URL, such as ``/v1.0/activation/carriers``.
        status: HTTP status of the answer, or None without an answer.
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
        #: Warnings that a failed task must still show, one sentence each.
        self.warnings: list[str] = []

    def __str__(self) -> str:
        call = f"{self.method} {self.path}: " if self.method else ""
        if not self.cure:
            return call + self.message
        stop = "" if self.message.endswith((".", ":", "?", "\n")) else "."
        return f"{call}{self.message}{stop} {self.cure}"

    def as_failure(self) -> dict[str, Any]:
        """Return the arguments of ``fail_json``: ``msg`` and ``error`` {kind, method, path, status, cure}."""
        error = {"kind": self.kind, "method": self.method, "path": self.path, "status": self.status, "cure": self.cure}
        return {"msg": str(self), "error": error}


class InputError(SentinelError):
    """The user's input is invalid. Has all problems, one line each, in the order of the rows."""

    kind = "input"

    def __init__(self, problems: Sequence[str], subject: str = "The input") -> None:
        self.problems = valid_names_once(map(printable_lines, problems))
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
            return
        title = f"{subject} has {len(self.problems)} errors; nothing was written:"
        super().__init__("\n".join([title, *detailed(self.problems)]))


def read_all(*reads: Callable[[], Any]) -> list[Any]:
    """Read all parts of a task's input and return them. Raises InputError with the problems of all parts."""
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


#: Missing libraries that the modules imported so far need.
_LACKING: set[str] = set()


def lacking(library: str) -> str:
    """Record a library as missing and return the traceback. Call it while its ImportError is handled."""
    _LACKING.add(library)
    return traceback.format_exc()


class MissingLibraryError(SentinelError):
    """Python libraries are missing on the machine that runs the code. Names all of them.

    Args:
        library: name of one of them on the Python Package Index; `lacking` has recorded the others.
        trace: traceback of its failed import, for a verbose result.
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
    """Credentials are missing, or the service does not accept them (401)."""

    kind = "auth"


class ScopeError(SentinelError):
    """The credentials are valid but lack the scope of the endpoint (403)."""

    kind = "scope"


class UnreachableError(SentinelError):
    """No connection was made, or it broke. The service accepted nothing, or the call only reads."""

    kind = "unreachable"


class ThrottledError(SentinelError):
    """The service kept rate-limiting a request (429) for longer than we wait. Nothing was accepted."""

    kind = "throttled"


class RefusedError(SentinelError):
    """The service refused the call (other 4xx). Nothing was accepted."""

    kind = "refused"


class ServiceError(SentinelError):
    """The service failed (5xx) during a call that only reads."""

    kind = "service"


class UnexpectedAnswerError(SentinelError):
    """An answer cannot be read: HTML, broken JSON, or an unknown shape."""

    kind = "unexpected_answer"


class AmbiguousError(SentinelError):
    """A submission was sent, but its answer was lost or is unreadable. The service may have accepted it."""

    kind = "ambiguous"


class StoppedError(SentinelError):
    """The run was interrupted before this call. Nothing was sent."""

    kind = "stopped"


class PreflightError(SentinelError):
    """The plan cannot succeed: unknown carrier, unknown plan id, too little stock. Raised before any write."""

    kind = "preflight"


class GuardError(SentinelError):
    """The plan is larger than allowed, or is not the approved one. Raised before any write."""

    kind = "guard"


class JournalError(SentinelError):
    """The journal cannot be written. Nothing is submitted without an entry in it."""

    kind = "journal"


def detailed(problems: Sequence[str]) -> list[str]:
    """Return the first problems of a list, and the number of further problems by kind."""
    rest = problems[_DETAILED:]
    if not rest:
        return shown(problems)
    kinds = Counter(map(_kind_of, rest)).most_common()
    listed = [f"{number} × {kind}" for kind, number in kinds[:_KINDS]]
    others = sum(number for _kind, number in kinds[_KINDS:])
    listed += [f"{others} × other problems"] if others else []
    return [*shown(problems[:_DETAILED]), f"and {len(rest)} more: {'; '.join(listed)}"]


def _kind_of(problem: str) -> str:
    """Return the kind of a problem, without the row, the value and details: "imei: has N digits"."""
    text = _PLACE.sub("", problem, 1)
    named = _VALUE.match(text)
    field, problem = (f"{named[1]}: ", named[2]) if named else ("", text)
    return field + _NUMBERS.sub("N", _DETAILS.split(problem, 1)[0]).strip()[:_LONGEST_KIND]


def shown(problems: Sequence[str]) -> list[str]:
    """Return the problems that fit into a message, and the number of the others.

    Controllers empty a result that is too long: even ten thousand problems must give a message.
    """
    fitting = [
        text for _length, text in itertools.takewhile(lambda item: item[0] <= _LONGEST, _running_length(problems))
    ]
    return [*fitting, f"and {len(problems) - len(fitting)} more"] if len(fitting) < len(problems) else fitting


def _running_length(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each text with the total length up to and including it."""
    return zip(itertools.accumulate(map(len, texts)), texts)


def reason_of(error: OSError) -> str:
    """Return the system's reason for an error, for the end of a sentence: "no space left on device"."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
