#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_transactions_export
short_description: Export a transaction, or the whole history, as a CSV file
version_added: 0.1.0
description:
  - Writes the CSV of one transaction, or of the account's whole history, to a file on the machine that runs the module.
  - The CSV is saved as the service sends it, byte by byte, in UTF-8 without a byte order mark. It is streamed, so that
    its size is limited only by the disk.
  - Cells that a spreadsheet would run as a formula are not changed. Import the file as text. Alternatively, use the
    files that the other modules and filters of this collection write, which put an apostrophe in front of such cells.
  - The file is replaced atomically. A failed download leaves the existing file unchanged.
  - Without O(mode), only the owner can read a new file, because it names devices. An existing file keeps its
    permissions, except for setuid, setgid and sticky bits.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
  - ansible.builtin.files
options:
  dest:
    description:
      - Path of a regular file. Its directory must exist. If it is a symbolic link, its target is replaced.
    type: path
    required: true
  transaction_id:
    description:
      - The transaction to export. By default, the whole history is exported, including everything older than the 180
        days of M(kajeet.sentinel.sentinel_transactions_info).
    type: str
  sort_dir:
    description:
      - Order of the history. V(DESC), the default, has the newest transaction first, V(ASC) the oldest.
      - Mutually exclusive with O(transaction_id).
    type: str
    choices: [ASC, DESC]
  backup:
    description:
      - Whether to keep a copy of the old file if it changes, with the date in its name.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - Downloads the CSV to compare it with the file, and writes nothing.
  diff_mode:
    support: none
    details:
      - The history of a fleet is too long to be shown.
  idempotent:
    support: full
    details:
      - Changes nothing if the service sends the same CSV.
seealso:
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
- name: Export the whole history, newest first
  kajeet.sentinel.sentinel_transactions_export:
    dest: history.csv
    mode: "0640"
    backup: true

- name: Get the last transaction
  kajeet.sentinel.sentinel_transactions_info:
    limit: 1
  register: last

- name: Export that transaction
  kajeet.sentinel.sentinel_transactions_export:
    transaction_id: "{{ last.transactions[0].transaction_id }}"
    dest: last-transaction.csv
"""

RETURN = r"""
dest:
  description: Path of the file, with links resolved.
  returned: success
  type: str
  sample: /srv/reports/history.csv
lines:
  description: Number of lines in the CSV below its header, one per device.
  returned: success
  type: int
  sample: 65
size:
  description: Size in bytes. In check mode, that of the existing file, if there is one.
  returned: success
  type: int
  sample: 11687
checksum:
  description: SHA-256 of the CSV.
  returned: success
  type: str
  sample: 0bf4c1cab97cd70e4c3721577e40fcdc7e284cb8651f26cc5628de602e2968cb
backup_file:
  description: Path of the copy of the old file.
  returned: when O(backup=true) and the file changed, not in check mode
  type: str
  sample: /srv/reports/history.csv.4711.2026-03-13@09:15:02~
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: refused
    method: GET
    path: /v1.0/activation/transactions/ACT-0000-0000-000/csv
    status: 404
    cure: Check the id, and that it is a transaction of this account; sentinel_transactions_info lists them.
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module
from ..module_utils._stories.export import export

SPEC = {
    "dest": {"type": "path", "required": True},
    "transaction_id": {"type": "str"},
    "sort_dir": {"type": "str", "choices": ["ASC", "DESC"]},
    "backup": {"type": "bool", "default": False},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(
        dict(connection_spec(), **SPEC),
        supports_check_mode=True,
        add_file_common_args=True,
        mutually_exclusive=[("transaction_id", "sort_dir")],
    )
    run_module(module, lambda: export(module))


if __name__ == "__main__":
    main()
