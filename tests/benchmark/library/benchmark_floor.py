# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's floor: a module that only returns the fleet that it is given."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Runs the module."""
    module = AnsibleModule({"devices": {"type": "list", "elements": "dict", "required": True}})
    module.exit_json(devices=module.params["devices"])


if __name__ == "__main__":
    main()
