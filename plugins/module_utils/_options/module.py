# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AnsibleModule of this collection."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .secrecy import ANSIBLE_MASKS, without_secrets


class SentinelModule(AnsibleModule):
    """An AnsibleModule without secrets in its result, in every ansible-core, even if its arguments are invalid."""

    def warn(self, warning: str) -> None:
        """Add a warning to the result."""
        # AnsibleModule removes secrets from the result, but not from warnings.
        super().warn(without_secrets(warning, self.no_log_values))

    def exit_json(self, **result: Any) -> None:
        """End the module."""
        super().exit_json(**self._clean_result(result))

    def fail_json(self, msg: str, **result: Any) -> None:
        """End the module with a failure. AnsibleModule itself calls this for invalid arguments."""
        super().fail_json(**self._clean_result({"msg": msg, "invocation": {"module_args": self.params}, **result}))

    def _clean_result(self, result: dict[str, Any]) -> dict[str, Any]:
        if not ANSIBLE_MASKS:  # then AnsibleModule does it
            return result
        cleaned: dict[str, Any] = without_secrets(result, self.no_log_values)
        return cleaned
