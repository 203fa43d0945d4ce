# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of the Kajeet Sentinel Activation API.

It shares only the API's contract with the collection. Docstrings mark the source of each fact, as the contract does:
P = published page, C = seen in public client code, I = inferred, A = our assumption.
"""

from __future__ import annotations

__version__ = "0.1.0"

#: Base path of the API [P: the path of the published base URL].
API_BASE = "/sentinel-proxy/sentinel/api"

#: Base path of the control interface, which is not part of Sentinel.
CONTROL_BASE = "/_simulator"
