# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of a failed attempt, and whether the request may be sent again."""

from __future__ import annotations

from typing import Any

from .._errors import AmbiguousError, SentinelError
from .._options import ConnectionOptions
from .answers import (
    Answer,
    Call,
    lost_answer_error,
    not_sent_error,
    tls_error,
    unexpected_content_error,
    unreachable_error,
    unreadable_answer_error,
)
from .causes import LostError, NotSentError, TLSError, UnreadableError
from .redact import Redactor

#: Maximum number of retries after a 2xx answer without the expected data.
_UNEXPECTED_CONTENT_RETRIES = 2


class UnexpectedContentError(Exception):
    """The answer is 2xx but does not have the expected data."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.status = answer.status
        self.text = answer.text  # read here: the connection is gone later


class StatusError(Exception):
    """The answer has a status other than 2xx."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class RetryError(Exception):
    """An attempt failed, and a retry may help. `error` is final after `retries` retries."""

    def __init__(self, error: SentinelError, retries: int) -> None:
        super().__init__()
        self.error = error
        self.retries = retries


def json_of(answer: Answer, redactor: Redactor) -> Any:
    """Return the JSON of a 2xx answer.

    Raises LostError if it is incomplete, UnexpectedContentError if it is not JSON.
    """
    try:
        return answer.json()
    except ValueError:
        if "json" in answer.kind:
            words = redactor.excerpt(answer.text) or "it is empty"
            raise LostError(f"the answer is not valid JSON: {words}") from None
        raise UnexpectedContentError(answer) from None


def reject_html(answer: Answer) -> None:
    """Raise UnexpectedContentError for an HTML page instead of data."""
    if "html" in answer.kind:
        raise UnexpectedContentError(answer)


def explain(
    call: Call, problem: Exception, has_left: bool, options: ConnectionOptions, redactor: Redactor
) -> Exception:
    """Return the error for a failed attempt. Every error after a submission was sent is ambiguous.

    Args:
        call: the call.
        problem: the exception.
        has_left: whether bytes of the request were passed to the socket.
        options: the connection options.
        redactor: masks secrets.

    Returns a RetryError if the request may be sent again, a StatusError unchanged, and otherwise a SentinelError. An
    OSError of the code that consumes the content, such as a full disk, is returned unchanged.
    """
    service, words, retries = options.api_url, redactor.redact(str(problem)), options.request_retries
    if isinstance(problem, StatusError):
        return problem
    if isinstance(problem, SentinelError):
        of_reader = has_left and not call.repeatable and not isinstance(problem, AmbiguousError)
        return unreadable_answer_error(call, words) if of_reader else problem
    if isinstance(problem, TLSError):
        return tls_error(call, service, words)
    if isinstance(problem, NotSentError):
        return RetryError(unreachable_error(call, service, words), retries)
    if isinstance(problem, LostError):
        return _unless_written(call, lost_answer_error(call, service, words), retries)
    if isinstance(problem, UnexpectedContentError):
        # A proxy page or an empty answer may be temporary; a wrong URL is not.
        error = unexpected_content_error(call, problem.status, problem.text, redactor)
        return _unless_written(call, error, min(retries, _UNEXPECTED_CONTENT_RETRIES))
    if isinstance(problem, UnreadableError):
        return unreadable_answer_error(call, words)
    if not has_left:
        return not_sent_error(call, words)
    if call.repeatable and isinstance(problem, OSError):
        return problem
    return unreadable_answer_error(call, f"{type(problem).__name__}: {words}")


def _unless_written(call: Call, error: SentinelError, retries: int) -> Exception:
    return RetryError(error, retries) if call.repeatable else error
