# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of how a file of devices is read."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.source`: which columns and which sheet; `….carriers`: names of carriers."""

    DOCUMENTATION = r"""
requirements:
  - openpyxl >= 3.1, for O(src) in C(.xlsx)
options:
  columns:
    description:
      - >-
        The field of each column that is to be read, by its heading, such as C({Smart Chip (SIM) Number: iccid, IMEI1:
        imei}). Case, blanks and punctuation of a heading do not matter.
      - With it, no other column of the file is read. Without it, the headings are understood by their words.
    type: dict
  sheet:
    description:
      - The name of the sheet of a workbook that has the devices. The default is the first one with a header.
    type: str
"""

    CARRIERS = r"""
options:
  carrier_names:
    description:
      - >-
        The account's name of a carrier, by the name that the devices have, such as C({AT&T Mobility: AT&T}). Case and
        blanks do not matter.
      - A name that the account does not know, and that is not in here, is an error.
    type: dict
"""
