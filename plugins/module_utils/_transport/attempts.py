# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call with its retries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from .._options import ConnectionOptions
from .answers import Answer, Call, error_text, refusal_error
from .body import MAX_ERROR_BYTES, MAX_JSON_BYTES, MAX_LINE_BYTES
from .causes import LostError
from .exchange import Exchange, exchange
from .failures import RetryError, StatusError, explain
from .pace import Pace, backoff, retry_after
from .redact import Redactor
from .sender import Sender

T = TypeVar("T")

#: Maximum number of seconds that one request waits because of 429s.
THROTTLE_PATIENCE = 900.0
#: Maximum number of token renewals per call. A submission renews a token that was never accepted only once.
_RENEWALS = 3
#: Statuses for a temporary failure of the service or a proxy. Repeatable calls are retried after them.
_MOMENTARY = (408, 502, 503, 504)
#: Header of every answer of the simulator.
_SIMULATOR_HEADER = "X-Sentinel-Simulator"


class Tokens(Protocol):
    """Source of tokens for requests."""

    def bearer(self) -> str:
        """Return the token. Log in if needed."""

    def can_renew(self) -> bool:
        """Whether a login for another token is set."""

    def renew(self, used: str | None) -> None:
        """Replace the token that was used."""


@dataclass
class Task(Generic[T]):
    """A call to be made.

    Args:
        call: properties of the request.
        url: the URL.
        receive: returns the result for a 2xx answer.
        tokens: source of the token, or None for a call without a token.
        stream: whether `receive` reads the body itself, line by line.
        about_to_send: called before each time that the request is sent.
        content: the body, as arguments for requests.
    """

    call: Call
    url: str
    receive: Callable[[Answer], T]
    tokens: Tokens | None
    stream: bool = False
    about_to_send: Callable[[], None] = lambda: None
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Course:
    """The progress of a call. Times are those of the session's clock.

    Args:
        started: when the first attempt began.
        sent_at: when the last request was sent.
        sent, failures, renewed: number of requests, of failed attempts, and of token renewals.
    """

    started: float
    sent_at: float = 0.0
    sent: int = 0
    failures: int = 0
    renewed: int = 0


class Caller:
    """Makes calls. Thread-safe.

    Args:
        options: the connection options.
        sender: sends one request.
        redactor: masks secrets in errors.
        pace: decides when a request may be sent.
        clock: seconds that never go backwards.
    """

    def __init__(
        self, options: ConnectionOptions, sender: Sender, redactor: Redactor, pace: Pace, clock: Callable[[], float]
    ) -> None:
        self._options = options
        self._sender = sender
        self._redactor = redactor
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        #: Receives each answer before it is read.
        self.on_answer: Callable[[Call, Answer], None] | None = None
        #: Whether the simulator of this collection answered.
        self.is_simulated = False
        #: The newest token with which a submission was accepted.
        self._proven: str | None = None
        self._counts = {"reads": 0, "writes": 0, "retried": 0}

    def counts(self) -> dict[str, int]:
        """Return the number of requests without logins: `reads`, `writes`, and how many of them were `retried`."""
        with self._lock:
            return dict(self._counts)

    def make(self, task: Task[T]) -> T:
        """Make a call and return the result of its `receive`. Raises SentinelError."""
        course = _Course(self._clock())
        while True:
            course.sent_at = self._pace.wait(self._deadline_of(task.call))
            token = task.tokens.bearer() if task.tokens else None
            task.about_to_send()
            self._count(task.call, again=course.sent > 0)
            course.sent += 1
            try:
                result = self._attempt(task, token)
            except StatusError as problem:
                if self._prepare_repeat(task, problem.answer, token, course):
                    continue
                failed = self._refused(task, problem.answer)
            except RetryError as problem:
                failed = problem
            else:
                if not task.call.repeatable:
                    self._proven = token
                return result
            if course.failures >= failed.retries:
                seconds = self._clock() - course.started
                failed.error.message += f" (tried {course.sent} times in {seconds:.0f} s)" if course.sent > 1 else ""
                raise failed.error
            self._pace.pause(backoff(course.failures))
            course.failures += 1

    def _count(self, call: Call, again: bool) -> None:
        if not call.login:
            with self._lock:
                self._counts["writes" if call.writes else "reads"] += 1
                self._counts["retried"] += again

    def _attempt(self, task: Task[T], token: str | None) -> T:
        """Send a request once. Raises StatusError, RetryError, or the error that ends the call."""
        with exchange(self._options.request_timeout) as current:
            response = None
            try:
                response = self._sender.send(task.call, task.url, token, task.content)
                current.has_left = True  # an answer proves that the request was sent
                with closing(response):
                    return self._result(task, self._received(task, response, current))
            except Exception as problem:  # noqa: BLE001  a bug must not hide that a submission was sent
                cause = problem if response is not None else self._sender.failure(problem, current)
                raise explain(task.call, cause, current.has_left, self._options, self._redactor) from None

    def _result(self, task: Task[T], answer: Answer) -> T:
        if self.on_answer is not None:
            self.on_answer(task.call, answer)
        if 200 <= answer.status < 300:
            return task.receive(answer)
        raise StatusError(answer)

    def _received(self, task: Task[T], response: Any, current: Exchange) -> Answer:
        """Return the answer, with its whole body unless it is a 2xx answer to stream."""
        status = response.status_code
        self.is_simulated = self.is_simulated or _SIMULATOR_HEADER in response.headers
        if status < 200:
            raise LostError(f"the answer has the status {status}, which is not final")
        body = self._sender.body(response, current)
        if not 200 <= status < 300:
            # The status is valid even without a readable body.
            return Answer(status, response.headers, body.first(MAX_ERROR_BYTES))
        if task.stream:
            body.limit_lines(MAX_LINE_BYTES)
            return Answer(status, response.headers, stream=body)
        return Answer(status, response.headers, body.whole(MAX_JSON_BYTES), body)

    def _refused(self, task: Task[T], answer: Answer) -> RetryError:
        """Return the error for a status if a retry may help; otherwise raise it."""
        can_login = task.tokens is not None and task.tokens.can_renew()
        error = refusal_error(task.call, answer.status, error_text(answer, self._redactor), can_login)
        if answer.status not in _MOMENTARY or not task.call.repeatable:
            raise error
        return RetryError(error, self._options.request_retries)

    # -- Answers that prove that nothing was accepted ------------------------------------------------------------------

    def _prepare_repeat(self, task: Task[T], answer: Answer, token: str | None, course: _Course) -> bool:
        """Renew the token after a 401, or pause all threads after a 429. Return False if the answer is final."""
        if answer.status == 429:
            return self._waits_out(task.call, answer, course)
        # A token may expire again before a request gets its turn. A token without any accepted submission is refused,
        # not expired; a submission is then sent at most twice.
        most = _RENEWALS if task.call.repeatable or token == self._proven else 1
        if answer.status != 401 or task.tokens is None or not task.tokens.can_renew() or course.renewed >= most:
            return False
        course.renewed += 1
        task.tokens.renew(token)
        return True

    def _waits_out(self, call: Call, answer: Answer, course: _Course) -> bool:
        """Pause all threads as a 429 requests. Return False if this request has waited long enough."""
        asked = retry_after(answer.headers.get("Retry-After"))
        # A Retry-After of 0 or in the past must not cause retries without a pause.
        seconds = max(0.1, asked or backoff(course.sent))
        now = self._clock()
        if not self._options.request_retries or now - course.started + seconds > THROTTLE_PATIENCE:
            return False
        self._pace.hold(seconds, course.sent_at)
        deadline = self._deadline_of(call)
        return deadline is None or now + seconds <= deadline

    def _deadline_of(self, call: Call) -> float | None:
        """Return the moment until which a call waits because of 429s; None: no deadline."""
        return self._pace.deadline if call.repeatable and not call.login else None
