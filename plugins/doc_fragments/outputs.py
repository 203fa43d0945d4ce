# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what a task of activation returns and writes."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.outputs`: the files of plan and result, and what the result lists."""

    DOCUMENTATION = r"""
requirements:
  - openpyxl >= 3.1, for O(result_file) and O(failed_file) in C(.xlsx)
options:
  plan_file:
    description:
      - >-
        Write the plan to this file, as JSON, in check mode, too: its digest, and each device with its action,
        reason and fingerprint.
      - Where the path is a link, the file behind it is replaced. A FIFO or a character device is written to. A new file
        has mode 0600; an old one keeps its permissions.
    type: path
  plan_markdown:
    description:
      - Write the plan to this file as a table in Markdown, for a comment on a change, in check mode, too. It has the
        devices by carrier and group, O(named) devices of each sort, and the digest.
      - Text from devices is escaped, so that it cannot become markup, a mention or a link.
      - Links, pipes and modes are handled as for O(plan_file).
    type: path
  named:
    description:
      - Maximum number of devices of each sort that the plan names, on the screen and in O(plan_markdown).
      - On the screen, a task that shows its plan and carries it out names at most 2, unless this is set.
    type: int
    default: 10
  result_devices:
    description:
      - >-
        Which devices RV(ignore:devices) lists: V(changed) is all but those that were active already, V(attention)
        those that failed, conflict, or are suspended, deactivated, unknown or pending. The summary always counts all.
      - A task that fails lists only the devices that make it fail, whatever is set here, or none with V(none).
    type: str
    choices: [all, changed, attention, none]
    default: changed
  result_limit:
    description:
      - Maximum number of devices listed, those that need attention first, from 0 to 1000.
    type: int
    default: 1000
  result_file:
    description:
      - >-
        Write what became of every device to this file, on the machine that runs the module: C(.jsonl) has one JSON
        object per line, C(.csv) has a header, C(.xlsx) is an Excel workbook with one sheet.
      - A CSV that is opened in a spreadsheet loses the last digits of an ICCID. C(.xlsx) keeps them, as its identifiers
        are text. It needs the Python library openpyxl on the machine that runs the module, and has room for 1,048,575
        devices.
      - A CSV cell that a spreadsheet would run as a formula gets an apostrophe in front. It is removed when this
        collection reads the file again.
      - Where the path is a link, the file behind it is replaced. A FIFO or a character device is written to. A new file
        has mode 0600; an old one keeps its permissions.
    type: path
  failed_file:
    description:
      - >-
        Write the devices that failed, conflict, or are suspended, deactivated or unknown to this file, on the machine
        that runs the module, in check mode, too. What is pending is not written.
      - Correct the rows and give the file as O(src). It has the columns of the CSV in O(src), or the fields of the
        devices, then C(outcome) and C(reason). Fields that come from the top level are not repeated for a CSV.
      - Where nothing failed, a file of an earlier run is left without a row, so that nobody submits its devices again.
        A run that ends before it has a result leaves the file as it is.
      - C(.csv) and C(.xlsx) have a header, C(.jsonl) has one JSON object per line. Digits, links, pipes, formulas and
        modes are handled as for O(result_file).
    type: path
"""
