# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A target that is this machine and does not say so: what runs there has to be sent, as to any other machine."""

from __future__ import annotations

DOCUMENTATION = """
name: elsewhere
short_description: This machine, as if it were another one
description: For tests of what is sent to a target.
author: kajeet.sentinel contributors
options: {}
"""

from ansible.plugins.connection.local import Connection as LocalConnection  # noqa: E402  documentation comes first


class Connection(LocalConnection):
    """Like ``local``, under another name."""

    transport = "elsewhere"
