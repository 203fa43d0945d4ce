# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_drift
short_description: Where the account differs from a declared fleet
version_added: 0.1.0
description:
  - Compares a declared fleet with the whole history, as M(kajeet.sentinel.sentinel_transactions_export) writes it to a
    file, the oldest line first.
  - A declared device is V(active), V(pending), V(failed), V(missing), or in V(conflict) where it is active or pending
    with another partner. The planner of the activation modules decides which.
  - A device that is active or pending, and not declared, is V(undeclared).
author:
  - kajeet.sentinel contributors (!UNKNOWN)
requirements:
  - voluptuous >= 0.13
extends_documentation_fragment:
  - kajeet.sentinel.declaration
options:
  history:
    description:
      - Path of the history on the controller.
    type: str
    required: true
  tolerate:
    description:
      - These states are shown and do not count as drift.
    type: list
    elements: str
    choices: [missing, failed, conflict, pending, undeclared]
    default: []
  undeclared:
    description:
      - Whether to look for devices that are not declared, which is wrong where the account has other fleets as well.
    type: bool
    default: true
  field_names:
    description:
      - >-
        Names in the history that the collection does not recognise. A mapping of a field to the heading of a column, or
        to a list of them, as the modules take it. For example C({iccid: Chip}).
    type: dict
    default: {}
  status_words:
    description:
      - >-
        Status words that the collection does not know. A mapping of V(success) and V(failed) to a word, or a list of
        them, as the modules take it.
    type: dict
    default: {}
seealso:
  - module: kajeet.sentinel.sentinel_transactions_export
  - plugin: kajeet.sentinel.fleet_junit
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Get the history
  kajeet.sentinel.sentinel_transactions_export:
    dest: history.csv
    sort_dir: ASC
    mode: "0600"

- name: Show how many devices are not as declared
  ansible.builtin.debug:
    msg: "{{ ('fleet.csv' | kajeet.sentinel.fleet_drift(history='history.csv', tolerate=['pending'])).drift }}"
"""

RETURN = r"""
_value:
  description:
    - C(drift), how many devices differ; C(counts), devices by state; and C(devices), each with C(state), whether that
      is a C(drift), the C(reason), and what is known of it. Those that differ are first.
  type: dict
  sample:
    drift: 1
    counts: {missing: 1, failed: 0, conflict: 0, pending: 0, undeclared: 0, active: 39}
    devices: []
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import InputError, SentinelError
from ..module_utils._options import FIELDS, STATUS_WORDS_KEYS, read_lists
from ..module_utils._wire import StatusWords
from ..plugin_utils._drift.comparison import check_states, drift, read_history
from ..plugin_utils._fleet.declaration import Declaration


def fleet_drift(
    content,
    history,
    kind="sim",
    defaults=None,
    carrier_defaults=None,
    group_defaults=None,
    hostvars=None,
    tolerate=(),
    undeclared=True,
    field_names=None,
    status_words=None,
):
    """The comparison. Raises AnsibleTemplatePluginError with every problem."""
    try:
        tolerated = check_states("tolerate", tolerate)
        declared = Declaration.read(content, kind, defaults, carrier_defaults, group_defaults, hostvars=hostvars)
        problems: list[str] = []
        names = read_lists("field_names", field_names, FIELDS, problems)
        words = read_lists("status_words", status_words, STATUS_WORDS_KEYS, problems)
        if problems:
            raise InputError(problems)
        sorted_by = StatusWords(words)
        lines = read_history(history, names, sorted_by)
        return drift(declared.fleet(), lines, sorted_by, tolerated, undeclared, declared.kind)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_drift``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_drift": fleet_drift}
