# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options for waiting for transactions."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.waiting`."""

    DOCUMENTATION = r"""
options:
  wait_timeout:
    description:
      - Maximum number of seconds to wait. If devices are still pending then, the task fails. Running it again continues
        the wait.
      - Waiting for the service's rate limit (HTTP 429) also ends then.
      - All options in seconds accept at most V(864000), ten days.
    type: float
    default: 1800.0
  settle_timeout:
    description:
      - Maximum number of seconds to look in the history for a submission whose answer was lost, and for a transaction
        that the service does not show yet. Also applies to looking in the device list for a status that was set. Set it
        higher than the delay of your account's history and device list.
    type: float
    default: 30.0
  poll_interval:
    description:
      - Seconds between the first polls of pending transactions.
    type: float
    default: 2.0
  poll_max_interval:
    description:
      - Maximum number of seconds between polls. The interval grows to this while nothing changes.
    type: float
    default: 60.0
"""
