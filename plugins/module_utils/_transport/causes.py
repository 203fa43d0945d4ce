# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a connection failed, and what that proves: not sent, lost, or no TLS. Knows no HTTP library."""

from __future__ import annotations

import ssl

#: OpenSSL's reasons that mean that two sides never agreed to talk TLS.
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
    """No connection came about: the service cannot have taken anything."""


class LostError(Exception):
    """The connection broke, or no readable answer came in time: the service may have taken the request."""


class UnreadableError(Exception):
    """The answer cannot be read, and another try would not change that: it is too large, or in an unknown encoding."""


class TLSError(Exception):
    """The handshake failed: nothing was sent, and another try would fail, too."""


def causes(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: HTTP libraries keep the cause in arguments and attributes."""
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
    """Whether two sides did not agree to talk TLS, where `error` came before the request was sent.

    A connection that broke off during the handshake may succeed at the next try, and is not meant.
    """
    found = causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in found):
        return True
    return any(cause.reason in _HANDSHAKE_REASONS for cause in found if isinstance(cause, ssl.SSLError))


def root_cause(error: BaseException) -> str:
    """The innermost cause in a few words."""
    found = causes(error)
    # urllib3 before 2.0 keeps the socket's error in words alone. A context explains; it proves nothing.
    contexts = [inner for outer in found if outer.__context__ for inner in causes(outer.__context__)]
    for cause in (*found, *contexts):
        if isinstance(cause, ssl.SSLError) and cause.reason:
            verify = getattr(cause, "verify_message", "")
            return f"{cause.reason.replace('_', ' ').lower()}{': ' + verify if verify else ''}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    deepest = found[-1]
    return " ".join(str(deepest).split())[:200] or type(deepest).__name__
