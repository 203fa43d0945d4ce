#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_account_info
short_description: Check whether an account works with this collection
version_added: 0.1.0
description:
  - Checks an account before the first activation. Makes each documented call that reads, and reports how its answer was
    read, missing fields, unknown names and status words, and what the collection can do with this account.
  - Problems come with the line to set, such as C(field_names) or C(status_words).
  - Sends only GET requests and the login. A failed call does not end the check. Missing credentials, an unreachable
    service and a URL that is not a Sentinel API do.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  kinds:
    description:
      - Kinds of devices to activate. RV(ready) is V(false) if one of them does not work.
    type: list
    elements: str
    choices: [sim, smartsim, esim]
    default: [sim]
  carrier:
    description:
      - Carrier for the calls that need one, which are the inventory and the stock of eSIMs. The default is the first
        carrier of the account.
    type: str
  evidence:
    description:
      - Write the answers to this JSON file, as shapes without values. Digits become C(9) and letters C(x). Field names
        and known status words are kept. The file has no identifier, name, number or secret of the account.
      - Attach it to a bug report, or give it to the simulator to make it answer like this account.
      - Only the owner can read the file. Its directory must exist.
    type: path
attributes:
  check_mode:
    support: full
    details:
      - Makes the same calls. O(evidence) is not written.
  diff_mode:
    support: none
    details:
      - The module changes nothing in the account.
  idempotent:
    support: full
    details:
      - Only reads. O(evidence) changes if the answers of the account change.
seealso:
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
- name: Check the account
  kajeet.sentinel.sentinel_account_info:
    kinds: [sim, esim]
    evidence: evidence.json
  register: check

- name: Show the report
  ansible.builtin.debug:
    msg: "{{ check.report }}"

- name: Stop if something is missing
  ansible.builtin.assert:
    that: check.ready
    fail_msg: "{{ check.msg }}"
"""

RETURN = r"""
msg:
  description: The verdict in one sentence.
  returned: success
  type: str
  sample: "Ready: SIM activation."
ready:
  description: Whether everything that O(kinds) requires works.
  returned: success
  type: bool
  sample: true
abilities:
  description: What the collection can do with this account.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The ability.
      type: str
      sample: eSIM activation
    ready:
      description: Whether it works.
      type: bool
      sample: false
    why:
      description: What is missing, or a note.
      type: str
      sample: "esim_carriers: the credentials lack the scope aux_kemp_user"
    set:
      description: The line to set, if known.
      type: str
      sample: null
problems:
  description: Answers that could not be read and calls that are not allowed. Those that prevent something come first.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: The problem.
      type: str
      sample: >-
        The credentials lack the scope aux_kemp_user (esim_carriers). Grant it to this user or token, or use one
        that has it.
    set:
      description: The line to set, if known.
      type: str
      sample: null
set:
  description: All lines to set.
  returned: success
  type: list
  elements: str
  sample: []
account:
  description: The account that the calls are made for.
  returned: success
  type: dict
  contains:
    corp_id:
      description: The value of O(corp_id), or the account that the login reported.
      type: str
      sample: NORTHSTAR-ISD
    login_corp_id:
      description: The account that the login reported; V(null) with only O(api_token).
      type: str
      sample: NORTHSTAR-ISD
clock_difference:
  description: Seconds by which the service's clock is ahead of this machine's; V(null) if it sends no date.
  returned: success
  type: float
  sample: 0.0
rate_limit:
  description: Rate limit headers of the answers.
  returned: success
  type: dict
  sample: {}
calls:
  description: The calls, in the order in which they were made.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The call's name in this check.
      type: str
      sample: transactions_v1
    method:
      description: HTTP method.
      type: str
      sample: GET
    path:
      description: Path below O(api_url), with variable parts in braces.
      type: str
      sample: /v1.0/activation/transactions
    scope:
      description: The scope that the call needs; V(null) if none is published.
      type: str
      sample: aux_activation
    allowed:
      description: Whether the credentials allow the call; V(null) without an answer.
      type: bool
      sample: true
    status:
      description: HTTP status.
      type: int
      sample: 200
    seconds:
      description: Duration in seconds, including retries and the pages read to check paging.
      type: float
      sample: 0.021
    count:
      description: Number of items, or rows, in the answer.
      type: int
      sample: 25
    list:
      description: The keys that lead to the list; empty if the answer is the list.
      type: list
      elements: str
      sample: []
    fields:
      description: The fields that were recognised.
      type: list
      elements: dict
      contains:
        field:
          description: The field.
          type: str
          sample: transaction_id
        name:
          description: Its header or key in the answer.
          type: str
          sample: transactionId
        how:
          description: How the field was recognised.
          type: str
          sample: published
    missing:
      description: The fields that were not found.
      type: list
      elements: str
      sample: [eid]
    not_understood:
      description: Names that are not recognised as a field.
      type: list
      elements: str
      sample: []
    transaction_statuses:
      description: The status words of transactions, as in RV(calls[].statuses).
      type: list
      elements: dict
      sample: []
    statuses:
      description: The status words of lines, or of devices.
      type: list
      elements: dict
      contains:
        word:
          description: The word.
          type: str
          sample: COMPLETED
        state:
          description: Its meaning; V(null) if it is unknown and counts as pending.
          type: str
          sample: active
        count:
          description: Number of occurrences.
          type: int
          sample: 20
    formats:
      description: Formats of ids, identifiers and times, with digits as C(9) and letters as C(x).
      type: dict
      sample:
        transaction_id: [xxx-9999-9999-999]
    paging:
      description: Whether C(limit), C(offset) and C(sortDir) work; V(null) if the list is too short to check.
      type: dict
      sample:
        limit: true
        offset: true
        sort_dir: true
    skipped:
      description: Why the call was not made; V(null) if it was.
      type: str
      sample: null
    error:
      description: Why the call failed; V(null) if it did not.
      type: str
      sample: null
status_words:
  description: The status words of lines in the whole history, as in RV(calls[].statuses).
  returned: success
  type: list
  elements: dict
  sample:
    - word: COMPLETED
      state: active
      count: 20
report:
  description: The report as lines of text for people, with at most 68 characters each.
  returned: success
  type: list
  elements: str
  sample: ["Ready: SIM activation."]
evidence:
  description: Path of the file that was written, or would be in check mode.
  returned: success, with O(evidence)
  type: str
  sample: evidence.json
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: auth
    method: GET
    path: /v1.0/activation/carriers
    status: 401
    cure: "Get a new token, or set api_username and api_password: an expired token is then renewed automatically."
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module, secret_receiver
from ..module_utils._stories.account import check_account

SPEC = {
    "kinds": {"type": "list", "elements": "str", "choices": ["sim", "smartsim", "esim"], "default": ["sim"]},
    "carrier": {"type": "str"},
    "evidence": {"type": "path"},
}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(dict(connection_spec(), **SPEC), supports_check_mode=True)
    run_module(module, lambda: check_account(module.params, module.check_mode, secret_receiver(module)))


if __name__ == "__main__":
    main()
