# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and one call; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel_token
short_description: Log in and return a token
version_added: 0.1.0
description:
  - Logs in with O(api_username) and O(api_password), and returns the token, which is a secret.
  - O(api_token), its environment variable and its variable are ignored.
  - Logs in once per task, also in a loop. To use one login for several tasks, keep the token in a fact, or use
    M(kajeet.sentinel.sentinel_login).
  - Takes no terms.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
seealso:
  - module: kajeet.sentinel.sentinel_login
"""

EXAMPLES = r"""
- name: Log in once
  ansible.builtin.set_fact:
    sentinel_session: "{{ lookup('kajeet.sentinel.sentinel_token') }}"
  no_log: true

- name: Use the token
  kajeet.sentinel.sentinel_carriers_info:
    api_token: "{{ sentinel_session }}"
"""

RETURN = r"""
_raw:
  description: The token, as a list with one item.
  type: list
  elements: str
  sample: [M0nRbLhY2xw7aPq4Zt1uKc8dVf3sJg6eXo5iWy9TzQk]
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..module_utils._errors import SentinelError
from ..module_utils._stories.login import log_in
from ..plugin_utils._connection import set_options

#: URL, user, password → token, for the lifetime of the process.
_TOKENS: dict[tuple[str, str, str], str] = {}


class LookupModule(LookupBase):
    """The lookup ``kajeet.sentinel.sentinel_token``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """Returns the token. Raises AnsibleError."""
        if terms:
            raise AnsibleError("sentinel_token takes no terms; give the login as options")
        # The variable of the token may itself use this lookup, and reading it would never end.
        known = {name: value for name, value in (variables or {}).items() if name != "sentinel_api_token"}
        set_options(self, known, kwargs)
        names = ("api_url", "api_username", "api_password")
        url, username, password = (str(self.get_option(name)) for name in names)
        key = (url, username, password)
        if key not in _TOKENS:
            try:
                _TOKENS[key] = log_in(self.get_option)[0]
            except SentinelError as error:
                raise AnsibleError(str(error)) from None
        return [_TOKENS[key]]
