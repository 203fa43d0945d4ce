# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes of errors: found in every attribute, and a failed handshake only for errors of TLS."""

from __future__ import annotations

import ssl

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.causes import (
    causes,
    is_handshake_failure,
    root_cause,
)


class LibraryError(Exception):
    """An error of a library, with its cause in an attribute."""

    def __init__(self, *arguments, **attributes):
        super().__init__(*arguments)
        for name, value in attributes.items():
            setattr(self, name, value)


def tls(reason):
    """Return an error of OpenSSL."""
    error = ssl.SSLError(1, f"[SSL: {reason}] in words (_ssl.c:1006)")
    error.reason = reason
    return error


ROOT = OSError(111, "Connection refused")


@pytest.mark.parametrize(
    "error",
    [
        ROOT,
        LibraryError("pool", ROOT),
        LibraryError("reason", reason=ROOT),
        LibraryError("original", original_error=ROOT),
        LibraryError("cause", __cause__=ROOT),
        LibraryError(LibraryError("deeper", reason=LibraryError(ROOT))),
    ],
)
def test_a_cause_is_found_in_every_attribute(error):
    assert ROOT in causes(error)
    assert root_cause(error) == "connection refused"


def test_cyclic_causes_end():
    one = LibraryError("one")
    other = LibraryError("other", reason=one)
    one.reason = other
    assert causes(one) == [one, other]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LibraryError("outer", LibraryError("the  innermost\n says it")), "the innermost says it"),
        (LibraryError("x" * 500), "x" * 200),
        (LibraryError(), "LibraryError"),
        (LibraryError("outer", TimeoutError()), "TimeoutError"),
        (LibraryError("outer", tls("WRONG_VERSION_NUMBER")), "wrong version number"),
    ],
)
def test_the_root_cause_is_a_short_text(error, text):
    assert root_cause(error) == text


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (ssl.SSLCertVerificationError(1, "self-signed"), True),
        (tls("WRONG_VERSION_NUMBER"), True),
        (tls("UNEXPECTED_EOF_WHILE_READING"), False),
        (tls("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), False),
        (ROOT, False),
    ],
)
def test_a_connection_that_breaks_off_is_not_a_failed_handshake(error, failed, wrapped):
    error = LibraryError("wrapped", reason=error) if wrapped else error
    assert is_handshake_failure(error) is failed
