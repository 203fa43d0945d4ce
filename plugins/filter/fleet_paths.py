# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_paths
short_description: The files that variables name, none of them twice
version_added: 0.1.0
description:
  - Returns absolute paths, and fails where two variables name one file, so that a result cannot overwrite what it was
    made of, nor a plan the one that was approved.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - Paths by the names of the variables that have them. Those without a value are left out. The digest of a plan is
        no path and stays as it is.
    type: dict
    required: true
  directory:
    description:
      - Where relative paths begin, on the controller. C(~) is the home directory of the user.
    type: path
    required: true
seealso:
  - plugin: kajeet.sentinel.fleet_objections
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show where the files are
  ansible.builtin.debug:
    msg: "{{ {'fleet': 'fleet.csv', 'result': 'result.csv'} | kajeet.sentinel.fleet_paths(playbook_dir) }}"
"""

RETURN = r"""
_value:
  description: Absolute paths by the names of the variables.
  type: dict
  sample:
    fleet: /srv/fleets/fleet.csv
    result: /srv/fleets/result.csv
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._fleet.paths import resolved


def fleet_paths(paths, directory):
    """The paths. Raises AnsibleTemplatePluginError where two are the same file."""
    try:
        return resolved(paths, str(directory))
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_paths``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_paths": fleet_paths}
