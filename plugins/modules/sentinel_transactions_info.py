#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_transactions_info
short_description: List activation transactions and their outcomes
version_added: 0.1.0
description:
  - Returns the history of transactions, or single transactions with their lines (O(transaction_ids)).
  - Reads the whole history, or one page of it with O(offset) or O(limit).
  - Pages are read oldest first, so that new transactions do not shift the others. Each transaction is returned once. If
    the service repeats a page, so that the history may be incomplete, the task fails.
  - The filters are applied by the module, after reading.
  - Automation controllers discard a result of more than 700,000 characters, which is a few thousand transactions. Use
    the filters, or M(kajeet.sentinel.sentinel_transactions_export) for the whole history.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  transaction_ids:
    description:
      - Ids of the transactions to return with their lines. An empty list returns none.
      - >-
        For a single transaction, the service returns only the lines. The counts are those of the lines.
        RV(transactions[].status) is V(null), and so is RV(transactions[].started) if no line has it.
    type: list
    elements: str
  version:
    description:
      - Version of the history to read. V(2), the default, has the last 180 days, V(1) everything.
    type: int
    choices: [1, 2]
  sort_dir:
    description:
      - Order of the transactions. V(DESC), the default, is newest first, V(ASC) oldest first.
    type: str
    choices: [ASC, DESC]
  offset:
    description:
      - Read one page, from this position in the order of O(sort_dir), starting at 0. Defaults to V(0) with O(limit).
    type: int
  limit:
    description:
      - Read one page of at most this number of transactions. The service may return fewer. Defaults to V(500) with
        O(offset).
    type: int
  lines:
    description:
      - Whether to return the lines of each transaction of the history. This takes one request per transaction that
        passes the other filters. With O(transaction_ids), lines are always returned.
    type: bool
  since:
    description:
      - Only transactions of the history that started then or later. A date or a date and time in ISO 8601, such as
        V(2026-03-01) or V(2026-03-01T08:00).
      - The service reports start times in the time zone of the user, so this takes no time zone.
      - Transactions whose start cannot be read are kept, with a warning that counts them.
    type: str
  status:
    description:
      - Only transactions of the history with one of these statuses.
      - V(active), V(pending) and V(failed) match RV(transactions[].state). These and any other words also match the
        service's own word for the transaction, without case and punctuation.
    type: list
    elements: str
  carrier:
    description:
      - Only lines of this carrier, compared without case and punctuation, and only transactions with such lines. The
        counts remain those of the whole transaction.
      - Needs O(transaction_ids) or O(lines).
    type: str
attributes:
  check_mode:
    support: full
    details:
      - Only reads, also in check mode.
  diff_mode:
    support: none
    details:
      - The module changes nothing.
  idempotent:
    support: full
    details:
      - Only reads. The result is what the service reports at that moment.
notes:
  - Automation controllers do not show a result larger than some hundred kilobytes. For a long history, use O(limit),
    O(since) or O(status).
"""

EXAMPLES = r"""
- name: List the last 180 days, newest first
  kajeet.sentinel.sentinel_transactions_info:
  register: recent

- name: Get the two newest with their lines
  kajeet.sentinel.sentinel_transactions_info:
    transaction_ids: "{{ recent.transactions[:2] | map(attribute='transaction_id') }}"

- name: List failed transactions since the start of the year, from the whole history
  kajeet.sentinel.sentinel_transactions_info:
    version: 1
    since: "2026-01-01"
    status: [failed]
    lines: true
    carrier: Verizon
  register: failed

- name: Show the reasons
  ansible.builtin.debug:
    msg: "{{ failed.transactions | map(attribute='lines') | flatten | map(attribute='reason') }}"

- name: Read one page, oldest first
  kajeet.sentinel.sentinel_transactions_info:
    sort_dir: ASC
    offset: 10
    limit: 5
"""

RETURN = r"""
transactions:
  description: The transactions, in the order of O(transaction_ids) or O(sort_dir).
  returned: success
  type: list
  elements: dict
  contains:
    transaction_id:
      description: The transaction.
      type: str
      sample: ACT-2026-0313-001
    status:
      description: The service's word for the status; V(null) with O(transaction_ids).
      type: str
      sample: COMPLETED
    state:
      description:
        - V(pending) if any line is pending, else V(failed) if any line has failed, otherwise V(active). The counts take
          precedence over the word. An unknown word counts as V(pending).
      type: str
      sample: active
    started:
      description: Start time as the service reports it, in the time zone of the user.
      type: str
      sample: 03/13/2026 09:15:02 AM
    total_lines:
      description: Number of lines. Like the other counts, V(null) if not reported.
      type: int
      sample: 1
    success_lines:
      description: Number of lines that became active.
      type: int
      sample: 1
    failed_lines:
      description: Number of lines that failed.
      type: int
      sample: 0
    pending_lines:
      description: Number of lines that are pending.
      type: int
      sample: 0
    imei:
      description: IMEI of the device; V(null) if not reported, as for several lines.
      type: str
      sample: "355737361044124"
    iccid:
      description: ICCID of the SIM; V(null) if not reported, as for several lines.
      type: str
      sample: "89148000003100412076"
    lines:
      description: The lines. With O(transaction_ids) or O(lines).
      type: list
      elements: dict
      contains:
        transaction_id:
          description: The transaction.
          type: str
          sample: ACT-2026-0313-001
        imei:
          description: IMEI of the device. Like every field of a line, V(null) if not reported.
          type: str
          sample: "355737361044124"
        iccid:
          description: ICCID of the SIM.
          type: str
          sample: "89148000003100412076"
        sim_id:
          description: Id of the SmartSIM.
          type: str
          sample: "891039000000142007"
        eid:
          description: EID of the eSIM.
          type: str
          sample: "89049032000010000000051200447166"
        status:
          description: The service's word for the line's status.
          type: str
          sample: COMPLETED
        state:
          description: Meaning of that word, V(active), V(pending) or V(failed).
          type: str
          sample: active
        carrier:
          description: The carrier.
          type: str
          sample: Verizon
        device_group:
          description: The device group.
          type: str
          sample: Transportation
        filter_group:
          description: The filter group.
          type: str
          sample: Student_K8
        service_zip_code:
          description: ZIP code of the place of use.
          type: str
          sample: "30301"
        mdn:
          description: The phone number that the carrier assigned.
          type: str
          sample: "2015550001"
        ip:
          description: The IP address that the carrier assigned.
          type: str
          sample: 10.0.0.1
        nickname:
          description: The device's nickname.
          type: str
          sample: Bus 1
        reason:
          description: Reason for a failure, in the service's words.
          type: str
          sample: null
        started:
          description: Start time of the transaction, as the service reports it.
          type: str
          sample: null
total_count:
  description:
    - Number of transactions in the history, before filtering.
    - For one page, the number that the service reports, or V(null) without one. Otherwise, the number that was read.
  returned: success, without O(transaction_ids)
  type: int
  sample: 32
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: refused
    method: GET
    path: /v1.0/activation/transactions/ACT-2026-0313-999
    status: 404
    cure: "Check the id, and that it is a transaction of this account."
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.info import transactions

SPEC = {
    "transaction_ids": {"type": "list", "elements": "str"},
    "version": {"type": "int", "choices": [1, 2]},
    "sort_dir": {"type": "str", "choices": ["ASC", "DESC"]},
    "offset": {"type": "int"},
    "limit": {"type": "int"},
    "lines": {"type": "bool"},
    "since": {"type": "str"},
    "status": {"type": "list", "elements": "str"},
    "carrier": {"type": "str"},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: transactions(module.params, secret_receiver(module)))


if __name__ == "__main__":
    main()
