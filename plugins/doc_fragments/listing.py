# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the filters of the device list."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.listing`."""

    DOCUMENTATION = r"""
options:
  statuses:
    description:
      - Only devices with one of these statuses.
      - V(active), V(suspended) and V(deactivated) match the meaning of the service's word, which is returned as
        C(state). These and any other words also match the service's word itself, without case and punctuation.
    type: list
    elements: str
  carriers:
    description:
      - Only devices of one of these carriers, compared without case and punctuation.
    type: list
    elements: str
  device_groups:
    description:
      - Only devices of one of these device groups, by id or name, compared without case and punctuation.
    type: list
    elements: str
"""
