# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_drift
short_description: Compare a declared fleet with exports of the account
version_added: 0.1.0
description:
  - Compares a declared fleet with the whole history of activations, oldest line first, as
    M(kajeet.sentinel.sentinel_transactions_export) writes it, and with the account's device list, as
    M(kajeet.sentinel.sentinel_devices_info) returns it.
  - The state of a declared device is the one that the activation modules would plan with. It is V(active), V(pending),
    V(failed), V(missing), V(suspended), V(deactivated), or V(conflict) if it is active or pending with another partner.
  - A device is V(unlisted) if the history shows it as active but the device list does not have it. It is V(unrecorded)
    if it is listed as active but the history has no activation of it.
  - A device that is active, pending or suspended as declared has the state V(other_device_group),
    V(other_filter_group) or V(other_nickname) if the list has a different value. A device group is compared with the id
    and the name of the listed one. Groups are compared without case and punctuation. Values that are not declared or
    not listed are not compared.
  - A device that is not declared is V(undeclared) if the history shows it as active or pending. It is V(listed_only) if
    only the device list has it, and not as deactivated.
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
  listing:
    description:
      - The whole device list. Either the path of a file on the controller that
        O(kajeet.sentinel.sentinel_devices_info#module:result_file) wrote as JSON lines, or
        RV(kajeet.sentinel.sentinel_devices_info#module:devices) itself.
      - Without it, the history alone decides.
    type: raw
  tolerate:
    description:
      - States that do not count as drift. They are still shown. A device that differs in several ways has the first of
        its states that is not tolerated.
    type: list
    elements: str
    choices:
      - missing
      - failed
      - conflict
      - suspended
      - deactivated
      - pending
      - unlisted
      - unrecorded
      - other_device_group
      - other_filter_group
      - other_nickname
      - undeclared
      - listed_only
    default: []
  undeclared:
    description:
      - Whether to report devices that are not declared. Set it to V(false) if the account also has other fleets.
    type: bool
    default: true
  field_names:
    description:
      - >-
        Names in the history that the collection does not recognise. Maps a field to a header or a list of them, as in
        the modules, such as C({iccid: Chip}).
    type: dict
    default: {}
  status_words:
    description:
      - >-
        Status words that the collection does not know. Maps V(success) and V(failed), and for the device list
        V(active), V(suspended) and V(deactivated), to a word or a list of them, as in the modules.
    type: dict
    default: {}
seealso:
  - module: kajeet.sentinel.sentinel_drift_info
    description: The same comparison, with the account itself, in one task.
  - module: kajeet.sentinel.sentinel_transactions_export
  - module: kajeet.sentinel.sentinel_devices_info
  - plugin: kajeet.sentinel.fleet_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Get the history
  kajeet.sentinel.sentinel_transactions_export:
    dest: history.csv
    sort_dir: ASC
    mode: "0600"

- name: Get the device list
  kajeet.sentinel.sentinel_devices_info:
    corp_id: NORTHSTAR-ISD
    result_file: devices.jsonl
    limit: 1

- name: Show the number of devices that are not as declared
  ansible.builtin.debug:
    msg: "{{ compared.drift }}"
  vars:
    compared: >-
      {{ 'fleet.csv'
         | kajeet.sentinel.fleet_drift(history='history.csv', listing='devices.jsonl', tolerate=['pending']) }}
"""

RETURN = r"""
_value:
  description:
    - The comparison, with C(drift), the number of devices that differ; C(listing), whether a device list was compared;
      C(counts), the number of devices by state; C(devices), those that differ first; and C(warnings), which are also
      shown.
    - Each device has its C(state), whether that counts as C(drift), the C(reason), its C(differences), which are
      settings with another value in the list, as C(field), C(declared) and C(listed), and its identifiers and fields.
  type: dict
  sample:
    drift: 1
    listing: true
    counts:
      missing: 1
      failed: 0
      conflict: 0
      suspended: 0
      deactivated: 0
      pending: 0
      unlisted: 0
      unrecorded: 0
      other_device_group: 0
      other_filter_group: 0
      other_nickname: 0
      undeclared: 0
      listed_only: 0
      active: 39
    devices: []
    warnings: []
"""

from ansible.errors import AnsibleTemplatePluginError
from ansible.utils.display import Display

from ..module_utils._errors import InputError, SentinelError
from ..module_utils._options import FIELDS, STATUS_WORDS_KEYS, read_lists
from ..module_utils._wire import DeviceStatuses, StatusWords
from ..plugin_utils._console import signals_held_back
from ..plugin_utils._drift.account import Account
from ..plugin_utils._drift.comparison import drift
from ..plugin_utils._drift.reading import read_history, read_listing
from ..plugin_utils._drift.states import check_states
from ..plugin_utils._fleet.declaration import Declaration

display = Display()


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
    listing=None,
):
    """Returns the comparison. Raises AnsibleTemplatePluginError with every problem."""
    try:
        tolerated = check_states("tolerate", tolerate)
        declared = Declaration.read(content, kind, defaults, carrier_defaults, group_defaults, hostvars=hostvars)
        problems: list[str] = []
        names = read_lists("field_names", field_names, FIELDS, problems)
        words = read_lists("status_words", status_words, STATUS_WORDS_KEYS, problems)
        if problems:
            raise InputError(problems)
        fleet, sorted_by = declared.fleet(), StatusWords(words)
        lines = read_history(history, names, sorted_by)
        account = Account(lines, sorted_by, read_listing(listing), DeviceStatuses(words))
        found = drift(fleet, account, tolerated, undeclared, declared.kind)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None
    with signals_held_back():
        for warning in found["warnings"]:
            display.warning(warning)
    return found


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_drift``."""

    def filters(self):
        """Returns the filters of this plugin."""
        return {"fleet_drift": fleet_drift}
