# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options for reading a file of devices."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.source` is the columns and the sheet; `….carriers` the names of carriers."""

    DOCUMENTATION = r"""
requirements:
  - openpyxl >= 3.1, for O(src) in C(.xlsx)
options:
  columns:
    description:
      - >-
        The columns to read. Maps a header to a field, such as C({Smart Chip (SIM) Number: iccid, IMEI1: imei}). Headers
        are compared without case, blanks and punctuation.
      - Only these columns are read. Without this option, headers are recognised by their words.
    type: dict
  sheet:
    description:
      - Name of the sheet with the devices, in a workbook. The default is the first sheet with a header.
    type: str
"""

    CARRIERS = r"""
options:
  carrier_names:
    description:
      - >-
        Maps names of carriers in the declaration to the account's names, such as C({AT&T Mobility: AT&T}). Names are
        compared without case and blanks.
      - A carrier that neither the account nor this option has is an error.
    type: dict
"""
