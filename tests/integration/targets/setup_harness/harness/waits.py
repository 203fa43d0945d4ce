# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short waits for examples and plays of guides, which have the intervals for the service."""

from __future__ import annotations

import json
import re
from typing import Any

#: Seconds between polls. The simulator needs less than a tenth of a second.
POLL_INTERVAL = 0.05
_POLLING = ("activation", "smartsim_activation", "esim_activation", "fleet", "transaction_wait")
#: Defaults of the modules that poll, for a play.
DEFAULTS: dict[str, dict[str, Any]] = {
    f"kajeet.sentinel.sentinel_{name}": {"poll_interval": POLL_INTERVAL} for name in _POLLING
}
_HOSTS = re.compile(r"^(?:- |  )hosts: .*$", re.MULTILINE)
_OWN_DEFAULTS = re.compile(r"^  module_defaults:$", re.MULTILINE)


def with_short_waits(plays: str) -> str:
    """The text of plays, with a short poll interval among the defaults of their modules."""
    added = "".join(f"\n    {name}: {json.dumps(options)}" for name, options in DEFAULTS.items())
    if _OWN_DEFAULTS.search(plays):
        return _OWN_DEFAULTS.sub(rf"\g<0>{added}", plays)
    return _HOSTS.sub(rf"\g<0>\n  module_defaults:{added}", plays)
