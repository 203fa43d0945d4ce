# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check tokens as people paste them."""

from __future__ import annotations

import re

#: A token pasted from a header or a file: "Bearer eyJ…", or in quotes.
_DRESSED_TOKEN = re.compile(r"""(?i)(?:["'`]|(?:authorization\s*:\s*)?bearer\s)""")


def is_header_safe(token: str) -> bool:
    """Whether a token can be sent in a header: it has only printable ASCII characters."""
    return token.isascii() and token.isprintable()


def token_problem(token: str) -> str | None:
    """Return the problem with a token, without showing it, or None for a valid one."""
    if _DRESSED_TOKEN.match(token):
        return 'has "Bearer" or quotes around it (not shown, because the token is secret); set the token alone'
    if not is_header_safe(token):
        return (
            "has a character that cannot be sent (not shown, because the token is secret); copy the whole token again, "
            'without an ellipsis ("…") or a line break'
        )
    return None
