# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submits requests, each once: it is sent again only after an answer that proves that it was not taken."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from .._decide.kinds import Request
from .._decide.outcomes import Outcome
from .._declare.devices import Device
from .._errors import (
    AmbiguousError,
    AuthenticationError,
    JournalError,
    RefusedError,
    ScopeError,
    SentinelError,
    StoppedError,
    ThrottledError,
    UnreachableError,
)
from .._service.parallel import in_parallel
from .._wire import LINES_MISSING_TEXT, says_already
from .work import Work

#: Errors after which every further submission would end the same way.
_HOPELESS = (AuthenticationError, JournalError, ScopeError, StoppedError, UnreachableError, ThrottledError)


class Submitter:
    """Sends the requests of a plan on several threads, and books what became of each."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._hopeless: SentinelError | None = None
        self._stopped = False

    def submit(self, requests: Sequence[Request]) -> list[Device]:
        """Sends the requests; returns the devices of which nobody knows whether they were taken."""
        lost: list[Device] = []
        concurrency = self._work.api.session.concurrency
        for request, is_unclear in in_parallel(self._send, requests, concurrency, self._stop):
            if is_unclear:
                lost.extend(request.devices)
        return lost

    def _stop(self) -> None:
        """Has other threads send nothing more: nobody waits for what would come of it."""
        self._stopped = True
        self._work.api.session.stop()

    def _send(self, request: Request) -> tuple[Request, bool]:
        """Sends one request; returns it, and whether nobody knows what became of it."""
        journal, ledger = self._work.journal, self._work.ledger
        if self._hopeless is not None:
            self._book_refusal(request, f"not submitted, as submissions fail: {self._hopeless}")
            return request, False
        name = ""
        may_have_left = False

        def about_to_send() -> None:
            nonlocal name, may_have_left
            may_have_left = False  # where it has left before, that was proven not to be taken
            if name:
                journal.again(name)
            else:
                name = self._intend(request)
            self._check_owner()
            may_have_left = True

        try:
            transaction_id = self._work.api.submit(request.kind.path, request.body, about_to_send)
        except AmbiguousError as error:
            return self._lost(request, name, error), True
        except SentinelError as error:
            journal.refused(name)
            self._refused(request, error)
        except Exception as error:  # noqa: BLE001  a bug of ours must not hide that a submission has left
            # A bug of ours, or what nobody thought of. Whether the request was taken, it does not tell.
            problem = f"unforeseen: {type(error).__name__}: {error}"
            if may_have_left:
                return self._lost(request, name, AmbiguousError(problem)), True
            journal.refused(name)
            self._book_refusal(request, f"not submitted: {problem}")
        else:
            journal.taken(name, transaction_id)
            ledger.taken(request.devices, transaction_id)
        return request, False

    def _check_owner(self) -> None:
        """Raises StoppedError where nobody is there any more who wants the submission."""
        if self._stopped:  # while the intent was written, or before a token was there
            raise StoppedError("The run was interrupted.", "Run again.")
        self._work.check_owner()

    def _intend(self, request: Request) -> str:
        history = self._work.history
        return self._work.journal.intend(
            request.kind.name,
            ((device.key, device.partner, history.transaction_ids(device.pair())) for device in request.devices),
        )

    def _lost(self, request: Request, name: str, error: AmbiguousError) -> Request:
        """Books a submission of which nobody knows whether it was taken."""
        self._work.journal.lost(name)
        self._work.ledger.changed = True
        reason = f"nobody knows whether it was taken: {sentence(error)}"
        self._work.ledger.book(request.devices, Outcome.UNKNOWN, reason=reason, is_final=False)
        return request

    def _refused(self, request: Request, error: SentinelError) -> None:
        wants_lines = isinstance(error, RefusedError) and LINES_MISSING_TEXT in error.message.lower()
        if wants_lines and request.kind.formats and self._work.options.request_format != "batch":
            error.cure = "This account takes lines: set request_format to batch."
        if wants_lines or isinstance(error, _HOPELESS):
            with self._lock:
                self._hopeless = self._hopeless or error
        self._book_refusal(request, f"not submitted: {error}")

    def _book_refusal(self, request: Request, reason: str) -> None:
        """Books a submission that was not taken. One before it, of which nobody knows, may have been all the same."""
        is_doubtful = says_already(reason)
        for device in request.devices:
            before = self._work.ledger[device]
            if before.outcome == Outcome.UNKNOWN and not is_doubtful:
                before.reason = f"{before.reason} Submitted again: {reason}"
            else:
                self._work.ledger.book([device], Outcome.FAILED, reason=reason, is_final=not is_doubtful)


def sentence(error: SentinelError) -> str:
    """An error's words, with a full stop, as another sentence follows."""
    told = str(error)
    return told if told.endswith((".", "!", "?")) else f"{told}."
