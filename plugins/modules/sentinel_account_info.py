#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_account_info
short_description: Check whether an account fits, before the first activation
version_added: 0.1.0
description:
  - Makes each documented call that reads, and reports how its answer was read, which fields were not found, which names
    and status words are not known, and what the collection can do with this account.
  - For each problem there is the line to set, such as C(field_names) or C(status_words).
  - Sends GET requests and the login only. A call that fails does not end the check. Missing credentials, an unreachable
    service and a URL that leads to something else do.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  kinds:
    description:
      - Kinds of activation that the account is wanted for. RV(ready) is V(false) where one of them does not work.
    type: list
    elements: str
    choices: [sim, smartsim, esim]
    default: [sim]
  carrier:
    description:
      - Carrier for the calls that need one, the inventory and the stock of eSIMs. Without it, the first carrier that
        the account has is used.
    type: str
  evidence:
    description:
      - Path of a JSON file to write what was seen to, as shapes without values. Digits become C(9) and letters C(x).
        Names of fields and known status words are kept. It has no identifier, name, number or secret of the account.
      - Attach it to a bug report, or give it to the simulator, which then answers like this account.
      - Only the owner may read the file. Its directory must exist.
    type: path
attributes:
  check_mode:
    support: full
    details:
      - Makes the same calls. The file of O(evidence) is not written.
  diff_mode:
    support: none
    details:
      - Nothing of the account is changed.
  idempotent:
    support: full
    details:
      - Only reads. The file of O(evidence) changes where the account answers in another way.
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

- name: Stop where something is missing
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
  description: Whether everything that O(kinds) need works.
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
      description: What can be done.
      type: str
      sample: eSIM activation
    ready:
      description: Whether it works.
      type: bool
      sample: false
    why:
      description: What is missing, or what to know of it.
      type: str
      sample: "esim_carriers: the credentials lack the scope aux_kemp_user"
    set:
      description: The line to set, where one is known.
      type: str
      sample: null
problems:
  description: What could not be read or is not allowed, those first that stop something.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: The problem.
      type: str
      sample: >-
        The credentials lack the scope aux_kemp_user (esim_carriers). Have it granted to this user or token, or use one
        that has it.
    set:
      description: The line to set, where one is known.
      type: str
      sample: null
set:
  description: The lines to set for all problems together.
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
      description: The O(corp_id), or the one that the login reported.
      type: str
      sample: NORTHSTAR-ISD
    login_corp_id:
      description: The one that the login reported; V(null) with O(api_token) alone.
      type: str
      sample: NORTHSTAR-ISD
clock_difference:
  description: Seconds that the service's clock is ahead of this machine's; V(null) where it sends no date.
  returned: success
  type: float
  sample: 0.0
rate_limit:
  description: Headers of the answers about the rate limit.
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
      description: Path below O(api_url). Names in braces stand for what differs.
      type: str
      sample: /v1.0/activation/transactions
    scope:
      description: The scope that it needs; V(null) where none is published.
      type: str
      sample: aux_activation
    allowed:
      description: Whether the credentials may make it; V(null) where no answer came.
      type: bool
      sample: true
    status:
      description: HTTP status.
      type: int
      sample: 200
    seconds:
      description: Seconds that the call took, with its repeats and the pages that show how it pages.
      type: float
      sample: 0.021
    count:
      description: Number of items, or rows, in the answer.
      type: int
      sample: 25
    list:
      description: The keys that lead to the list; empty where the answer is the list.
      type: list
      elements: str
      sample: []
    fields:
      description: The fields that were found.
      type: list
      elements: dict
      contains:
        field:
          description: The field.
          type: str
          sample: transaction_id
        name:
          description: The heading or key that it came under.
          type: str
          sample: transactionId
        how:
          description: How it was recognised.
          type: str
          sample: published
    missing:
      description: The fields that were not found.
      type: list
      elements: str
      sample: [eid]
    not_understood:
      description: The names that are none of the fields.
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
          description: How it is read; V(null) where it is not known and counts as pending.
          type: str
          sample: active
        count:
          description: How often it came.
          type: int
          sample: 20
    formats:
      description: How ids, identifiers and times are written, digits as C(9) and letters as C(x).
      type: dict
      sample:
        transaction_id: [xxx-9999-9999-999]
    paging:
      description: Whether C(limit), C(offset) and C(sortDir) are obeyed; V(null) where the list is too short to tell.
      type: dict
      sample:
        limit: true
        offset: true
        sort_dir: true
    skipped:
      description: Why the call was not made; V(null) where it was.
      type: str
      sample: null
    error:
      description: Why the call failed; V(null) where it did not.
      type: str
      sample: null
status_words:
  description: The status words of lines, as in RV(calls[].statuses), of the whole history.
  returned: success
  type: list
  elements: dict
  sample:
    - word: COMPLETED
      state: active
      count: 20
report:
  description: All of it as lines of text for people, at most 68 characters each.
  returned: success
  type: list
  elements: str
  sample: ["Ready: SIM activation."]
evidence:
  description: The file that was written, or would be in check mode.
  returned: success, with O(evidence)
  type: str
  sample: evidence.json
error:
  description: What kind of error ended the task, in which call, and what can be done about it.
  returned: when the task failed
  type: dict
  sample:
    kind: auth
    method: GET
    path: /v1.0/activation/carriers
    status: 401
    cure: "Get a new token, or give api_username and api_password: then an expired token is renewed by itself."
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
