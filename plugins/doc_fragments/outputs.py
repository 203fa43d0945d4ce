# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the results and files of an activation task."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.outputs`."""

    DOCUMENTATION = r"""
requirements:
  - openpyxl >= 3.1, for O(result_file) and O(failed_file) in C(.xlsx)
options:
  plan_file:
    description:
      - >-
        Write the plan to this file as JSON, with its digest and the action, reason and fingerprint of each device. It
        is also written in check mode.
      - If the path is a symbolic link, its target is replaced. A FIFO or a character device is written to. A new file
        has mode 0600; an existing one keeps its permissions.
    type: path
  plan_markdown:
    description:
      - Write the plan to this file as a Markdown table, for a comment on a change request. It has the devices by
        carrier and group, O(named) devices per action, and the digest. It is also written in check mode.
      - Text from devices is escaped, so that it cannot become markup, a mention or a link.
      - Links, pipes and modes are handled as for O(plan_file).
    type: path
  named:
    description:
      - Maximum number of devices per action that the plan names, on the screen and in O(plan_markdown).
      - On the screen, a task that also carries out its plan names at most 2, unless this is set.
    type: int
    default: 10
  result_devices:
    description:
      - >-
        Which devices to list in RV(ignore:devices). V(changed) lists all but those that were active already.
        V(attention) lists those that are failed, in conflict, suspended, deactivated, unknown or pending. The summary
        counts all.
      - A task that fails lists only the devices that make it fail, or none with V(none).
    type: str
    choices: [all, changed, attention, none]
    default: changed
  result_limit:
    description:
      - Maximum number of devices listed, from 0 to 1000. Devices that need attention come first.
    type: int
    default: 1000
  result_file:
    description:
      - >-
        Write the outcome of every device to this file on the machine that runs the module. C(.jsonl) has one JSON
        object per line, C(.csv) has a header, C(.xlsx) is an Excel workbook with one sheet.
      - A spreadsheet that opens a CSV loses the last digits of an ICCID. C(.xlsx) keeps them, because its identifiers
        are text. It needs the Python library openpyxl on the machine that runs the module, and holds up to 1,048,575
        devices.
      - A CSV cell that a spreadsheet would run as a formula gets an apostrophe in front. It is removed when this
        collection reads the file again.
      - If the path is a symbolic link, its target is replaced. A FIFO or a character device is written to. A new file
        has mode 0600; an existing one keeps its permissions.
    type: path
  failed_file:
    description:
      - >-
        Write the devices that are failed, in conflict, suspended, deactivated or unknown to this file on the machine
        that runs the module, also in check mode. Pending devices are not written.
      - To submit them again, correct the rows and give the file as O(src). It has the columns of the CSV in O(src), or
        the fields of the devices, then C(outcome) and C(reason). For a CSV, fields from the top level are not repeated.
      - If nothing failed, a file of an earlier run is emptied, so that its devices are not submitted again. A run that
        ends without a result leaves the file unchanged.
      - C(.csv) and C(.xlsx) have a header, C(.jsonl) has one JSON object per line. Digits, links, pipes, formulas and
        modes are handled as for O(result_file).
    type: path
"""
