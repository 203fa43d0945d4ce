# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes of a failed connection: not sent, lost, or TLS failed. Independent of the HTTP library."""

from __future__ import annotations

import ssl

#: Reasons of OpenSSL for a failed handshake.
_HANDSHAKE_REASONS = {
    "HTTP_REQUEST",
    "NO_PROTOCOLS_AVAILABLE",
    "RECORD_LAYER_FAILURE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "UNKNOWN_PROTOCOL",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}


class NotSentError(Exception):
    """The connection failed. The service cannot have accepted anything."""


class LostError(Exception):
    """The connection broke, or no readable answer came in time. The service may have accepted the request."""


class UnreadableError(Exception):
    """The answer cannot be read, and a retry would not help: it is too large, or has an unknown encoding."""


class TLSError(Exception):
    """The TLS handshake failed. Nothing was sent, and a retry would fail as well."""


def causes(error: BaseException) -> list[BaseException]:
    """Return an error and the errors that it wraps. HTTP libraries keep causes in arguments and attributes."""
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            kept = (getattr(cause, name, None) for name in ("reason", "original_error", "__cause__"))
            queue.extend((*cause.args, *kept))
    return seen


def is_handshake_failure(error: BaseException) -> bool:
    """Whether an error before the request was sent is a failed TLS handshake.

    A connection that breaks off during the handshake does not count, because a retry may succeed.
    """
    found = causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in found):
        return True
    return any(cause.reason in _HANDSHAKE_REASONS for cause in found if isinstance(cause, ssl.SSLError))


def root_cause(error: BaseException) -> str:
    """Return the innermost cause as a short text."""
    found = causes(error)
    # urllib3 before 2.0 keeps only the text of the socket's error. A context is an explanation, not a proof.
    contexts = [inner for outer in found if outer.__context__ for inner in causes(outer.__context__)]
    for cause in (*found, *contexts):
        if isinstance(cause, ssl.SSLError) and cause.reason:
            verify = getattr(cause, "verify_message", "")
            return f"{cause.reason.replace('_', ' ').lower()}{': ' + verify if verify else ''}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    deepest = found[-1]
    return " ".join(str(deepest).split())[:200] or type(deepest).__name__
