# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submits requests, each once. A request is sent again only after an answer that proves that it was not accepted."""

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
from .._wire import LINES_MISSING_TEXT, is_already_active
from .work import Work

#: Errors after which every further submission would fail the same way.
_FATAL = (AuthenticationError, JournalError, ScopeError, StoppedError, UnreachableError, ThrottledError)


class Submitter:
    """Sends the requests of a plan on several threads, and books their outcomes."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._fatal: SentinelError | None = None
        self._stopped = False

    def submit(self, requests: Sequence[Request]) -> list[Device]:
        """Send the requests; return the devices whose submission is ambiguous."""
        ambiguous: list[Device] = []
        concurrency = self._work.api.session.concurrency
        for request, is_ambiguous in in_parallel(self._send, requests, concurrency, self._stop):
            if is_ambiguous:
                ambiguous.extend(request.devices)
        return ambiguous

    def _stop(self) -> None:
        """Keep the other threads from sending anything more, because the run was interrupted."""
        self._stopped = True
        self._work.api.session.stop()

    def _send(self, request: Request) -> tuple[Request, bool]:
        """Send one request; return it, and whether its submission is ambiguous."""
        journal, ledger = self._work.journal, self._work.ledger
        if self._fatal is not None:
            self._book_refusal(request, f"not submitted, because an earlier submission failed: {self._fatal}")
            return request, False
        name = ""
        may_have_left = False

        def about_to_send() -> None:
            nonlocal name, may_have_left
            may_have_left = False  # if it was sent before, the answer proved that it was not accepted
            if name:
                journal.again(name)
            else:
                name = self._intend(request)
            self._check_owner()
            may_have_left = True

        try:
            transaction_id = self._work.api.submit(request.kind.path, request.body, about_to_send)
        except AmbiguousError as error:
            self._book_ambiguous(request, name, error)
            return request, True
        except SentinelError as error:
            journal.refused(name)
            self._refused(request, error)
        except Exception as error:  # noqa: BLE001  a bug must not hide that a submission was sent
            # An exception that is not a SentinelError does not show whether the request was accepted.
            problem = f"unexpected error: {type(error).__name__}: {error}"
            if may_have_left:
                self._book_ambiguous(request, name, AmbiguousError(problem))
                return request, True
            journal.refused(name)
            self._book_refusal(request, f"not submitted: {problem}")
        else:
            journal.accepted(name, transaction_id)
            ledger.accepted(request.devices, transaction_id)
        return request, False

    def _check_owner(self) -> None:
        """Raise StoppedError if the run was interrupted or its owner is gone."""
        if self._stopped:  # may be set while the intent was written, or while waiting for a token
            raise StoppedError("The run was interrupted.", "Run again.")
        self._work.check_owner()

    def _intend(self, request: Request) -> str:
        history = self._work.history
        return self._work.journal.intend(
            request.kind.name,
            ((device.key, device.partner, history.transaction_ids(device.pair())) for device in request.devices),
        )

    def _book_ambiguous(self, request: Request, name: str, error: AmbiguousError) -> None:
        """Book a submission that the service may have accepted."""
        self._work.journal.lost(name)
        self._work.ledger.changed = True
        reason = f"the service may have accepted it: {sentence(error)}"
        self._work.ledger.book(request.devices, Outcome.UNKNOWN, reason=reason, is_final=False)

    def _refused(self, request: Request, error: SentinelError) -> None:
        wants_lines = isinstance(error, RefusedError) and LINES_MISSING_TEXT in error.message.lower()
        if wants_lines and request.kind.formats and self._work.options.request_format != "batch":
            error.cure = "This account expects lines: set request_format to batch."
        if wants_lines or isinstance(error, _FATAL):
            with self._lock:
                self._fatal = self._fatal or error
        self._book_refusal(request, f"not submitted: {error}")

    def _book_refusal(self, request: Request, reason: str) -> None:
        """Book a submission that was not accepted. If an earlier one of the device is ambiguous, it stays unknown."""
        is_doubtful = is_already_active(reason)
        for device in request.devices:
            before = self._work.ledger[device]
            if before.outcome == Outcome.UNKNOWN and not is_doubtful:
                before.reason = f"{before.reason} Resubmission failed: {reason}"
            else:
                self._work.ledger.book([device], Outcome.FAILED, reason=reason, is_final=not is_doubtful)


def sentence(error: SentinelError) -> str:
    """Return the text of an error with a full stop, for use before another sentence."""
    text = str(error)
    return text if text.endswith((".", "!", "?")) else f"{text}."
