# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens as they are pasted, and what keeps one from being sent."""

from __future__ import annotations

import re

#: A token as it is pasted from a header or a file: "Bearer eyJ…", or in quotes.
_DRESSED_TOKEN = re.compile(r"""(?i)(?:["'`]|(?:authorization\s*:\s*)?bearer\s)""")


def fits_header(token: str) -> bool:
    """Whether a token can be sent: it has printable ASCII characters only."""
    return token.isascii() and token.isprintable()


def token_problem(token: str) -> str | None:
    """Return what is wrong with a token, without showing it; None for one that can be sent."""
    if _DRESSED_TOKEN.match(token):
        return 'has the word "Bearer", or quotes, around it (it is not shown, as the token is secret): give it alone'
    if not fits_header(token):
        return (
            "has a character that cannot be sent (it is not shown, as the token is secret): copy the token anew, "
            'whole, and without an ellipsis ("…") or a line break in it'
        )
    return None
