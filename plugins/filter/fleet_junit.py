# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_junit
short_description: The drift of a fleet as JUnit XML
version_added: 0.1.0
description:
  - Makes a test case of each device, for pipelines that show JUnit XML. What counts as drift is a failure, and what is
    tolerated is skipped.
  - Texts of the declaration and of the service are escaped.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
options:
  _input:
    description:
      - What P(kajeet.sentinel.fleet_drift#filter) returns, or the path of a JSON file of it on the controller.
    type: raw
    required: true
  name:
    description:
      - The name of the test suite.
    type: str
    default: fleet
seealso:
  - plugin: kajeet.sentinel.fleet_drift
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Get the history
  kajeet.sentinel.sentinel_transactions_export:
    dest: history.csv
    sort_dir: ASC
    mode: "0600"

- name: Write the drift for the pipeline
  ansible.builtin.copy:
    content: "{{ drift | kajeet.sentinel.fleet_junit(name='buses') }}"
    dest: fleet.drift.xml
    mode: "0644"
  vars:
    drift: "{{ 'fleet.csv' | kajeet.sentinel.fleet_drift(history='history.csv') }}"
"""

RETURN = r"""
_value:
  description: The XML.
  type: str
  sample: '<?xml version="1.0" encoding="UTF-8"?>...'
"""

from ansible.errors import AnsibleTemplatePluginError

from ..module_utils._errors import SentinelError
from ..plugin_utils._drift.junit import junit
from ..plugin_utils._fleet.documents import read_json


def fleet_junit(document, name="fleet"):
    """The XML. Raises AnsibleTemplatePluginError for what is no drift."""
    try:
        return junit(read_json(document, "fleet_junit"), name)
    except SentinelError as error:
        raise AnsibleTemplatePluginError(str(error)) from None
    except KeyError as error:
        raise AnsibleTemplatePluginError(f"is no drift: it has no {error}") from None


class FilterModule:
    """The filter ``kajeet.sentinel.fleet_junit``."""

    def filters(self):
        """Its name and what does it."""
        return {"fleet_junit": fleet_junit}
