#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_transactions_info
short_description: Tell what became of activations
version_added: 0.1.0
description:
  - Returns single transactions with their lines (O(transaction_ids)), or the history of transactions.
  - The history is read whole, or one page of it with O(offset) or O(limit).
  - All pages are read the oldest first, so that transactions which arrive meanwhile do not move the others. Each
    transaction is told once. Where the service repeats its pages and nobody can tell whether that is all, the task
    fails.
  - The filters are applied to what was read.
  - Automation controllers empty a result of more than 700,000 characters, which a few thousand transactions exceed. Use
    the filters, or M(kajeet.sentinel.sentinel_transactions_export) for a history as a whole.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  transaction_ids:
    description:
      - Ids of transactions; each is told with its lines. An empty list gives none.
      - >-
        Of a single transaction the service tells only the lines. So the counts are those of the lines,
        RV(transactions[].status) is V(null), and so is RV(transactions[].started) where no line tells it.
    type: list
    elements: str
  version:
    description:
      - Which history to read. V(2) is the last 180 days, V(1) is everything. V(2) where it is not set.
    type: int
    choices: [1, 2]
  sort_dir:
    description:
      - V(DESC) is the newest first, V(ASC) the oldest first. V(DESC) where it is not set.
    type: str
    choices: [ASC, DESC]
  offset:
    description:
      - Read one page, from this place in the order of O(sort_dir), counted from 0. V(0) where only O(limit) is set.
    type: int
  limit:
    description:
      - Read one page of at most so many transactions; the service may give fewer. V(500) where only O(offset) is set.
    type: int
  lines:
    description:
      - Tell the lines of each transaction of the history, too. That is one request for each that the other filters
        leave. With O(transaction_ids) they are always told.
    type: bool
  since:
    description:
      - Only transactions of the history that started then or later, a date or a date and time in ISO 8601, such as
        V(2026-03-01) or V(2026-03-01T08:00).
      - It is compared with the start as the service tells it, which is in the time zone of the user. So it takes no
        time zone.
      - A transaction whose start cannot be read is not left out; a warning counts them.
    type: str
  status:
    description:
      - Only transactions of the history with one of these statuses.
      - V(active), V(pending) and V(failed) are compared with RV(transactions[].state). They and any other word are also
        compared with the service's own word for the transaction, without case and punctuation.
    type: list
    elements: str
  carrier:
    description:
      - Only lines of this carrier, compared without case and punctuation, and only transactions that have such lines.
        The counts remain those of the whole transaction.
      - Needs O(transaction_ids) or O(lines).
    type: str
attributes:
  check_mode:
    support: full
    details:
      - Only reads, in check mode, too.
  diff_mode:
    support: none
    details:
      - Nothing is changed.
  idempotent:
    support: full
    details:
      - Only reads. What it tells is what the service says at that moment.
notes:
  - Automation controllers do not show a result beyond some hundred kilobytes. A long history is better read with
    O(limit), or filtered with O(since) or O(status).
"""

EXAMPLES = r"""
- name: Read the last 180 days, the newest first
  kajeet.sentinel.sentinel_transactions_info:
  register: recent

- name: Read the two newest with their lines
  kajeet.sentinel.sentinel_transactions_info:
    transaction_ids: "{{ recent.transactions[:2] | map(attribute='transaction_id') }}"

- name: Read what failed since the start of the year, of the whole history
  kajeet.sentinel.sentinel_transactions_info:
    version: 1
    since: "2026-01-01"
    status: [failed]
    lines: true
    carrier: Verizon
  register: failed

- name: Show why
  ansible.builtin.debug:
    msg: "{{ failed.transactions | map(attribute='lines') | flatten | map(attribute='reason') }}"

- name: Read one page, the oldest first
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
      description: The service's word for its status; V(null) with O(transaction_ids).
      type: str
      sample: COMPLETED
    state:
      description:
        - V(pending) while any of its lines is under way, otherwise V(failed) where any line has failed, otherwise
          V(active). The counts outrank the word; a word that is not known counts as V(pending).
      type: str
      sample: active
    started:
      description: When it started, as the service tells it, in the time zone of the user.
      type: str
      sample: 03/13/2026 09:15:02 AM
    total_lines:
      description: How many lines it has. Like the other counts V(null) where it is not told.
      type: int
      sample: 1
    success_lines:
      description: How many of them became active.
      type: int
      sample: 1
    failed_lines:
      description: How many of them failed.
      type: int
      sample: 0
    pending_lines:
      description: How many of them are under way.
      type: int
      sample: 0
    imei:
      description: IMEI of the device; V(null) where it is not told, as for several lines.
      type: str
      sample: "355737361044124"
    iccid:
      description: ICCID of the SIM; V(null) where it is not told, as for several lines.
      type: str
      sample: "89148000003100412076"
    lines:
      description: Its lines. With O(transaction_ids) or O(lines).
      type: list
      elements: dict
      contains:
        transaction_id:
          description: The transaction.
          type: str
          sample: ACT-2026-0313-001
        imei:
          description: IMEI of the device. Like every field of a line V(null) where it is not told.
          type: str
          sample: "355737361044124"
        iccid:
          description: ICCID of the SIM.
          type: str
          sample: "89148000003100412076"
        sim_id:
          description: ID of the SmartSIM.
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
          description: V(active), V(pending) or V(failed), by the service's word.
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
          description: The ZIP code of the service.
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
          description: Why it failed, in the service's words.
          type: str
          sample: null
        started:
          description: When its transaction started, as the service tells it.
          type: str
          sample: null
total_count:
  description:
    - How many transactions the history has, before any filter.
    - Of one page it is what the service tells, V(null) where it tells none. Otherwise it is how many were read.
  returned: success, without O(transaction_ids)
  type: int
  sample: 32
error:
  description: What kind of error ended the task, in which call, and what can be done about it.
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
