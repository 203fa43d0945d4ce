# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of module attributes."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.attributes` is for every module; `….sentinel` for those that reach the service."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and reports what it would change, without changing anything.
  diff_mode:
    description: Returns what is changed, or would be changed in check mode, when in diff mode.
  idempotent:
    description: Running it again with the same parameters changes nothing and reports C(changed=false).
"""

    SENTINEL = r"""
options: {}
attributes:
  action_group:
    description: Belongs to the action group C(group/kajeet.sentinel.sentinel), for C(module_defaults).
    support: full
    membership:
      - kajeet.sentinel.sentinel
  platform:
    description: Platforms that the module runs on. It needs a route to the service, and usually runs on the controller.
    support: full
    platforms: posix
"""
