# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options of everything that waits for transactions."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.waiting`: how long and how often."""

    DOCUMENTATION = r"""
options:
  wait_timeout:
    description:
      - Maximum seconds to wait. What is pending then makes the task fail; run again, it goes on waiting.
      - A 429 during the wait is not waited out for longer than this.
      - Neither this nor any other number of seconds may be more than V(864000), ten days.
    type: float
    default: 1800.0
  settle_timeout:
    description:
      - Seconds to look in the history for a submission whose answer was lost, and for a transaction that the service
        does not know yet. Also how long to look in the device list for what was set there. Set it above the time by
        which the history and the list of your account are late.
    type: float
    default: 30.0
  poll_interval:
    description:
      - Seconds between the first looks at what is under way.
    type: float
    default: 2.0
  poll_max_interval:
    description:
      - Seconds between looks when nothing has happened for long; pauses grow to this.
    type: float
    default: 60.0
"""
