#!/usr/bin/python
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module documentation and wiring; the work is done in module_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sentinel_login
short_description: Log in and return a token for the rest of the play
version_added: 0.1.0
description:
  - Logs in with O(api_username) and O(api_password), or as a trusted client for one of its API users, and returns the
    token.
  - The token is a secret, and the result contains it in plain text. Set C(no_log=true) on the task and register the
    result. Tasks that take the token as O(kajeet.sentinel.sentinel_carriers_info#module:api_token) mask it.
  - The other modules log in by themselves, once per task. Use this module for many tasks with one login.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection
  - kajeet.sentinel.attributes
  - kajeet.sentinel.attributes.sentinel
options:
  client_id:
    description:
      - Id of a trusted client that logs in for O(api_username), instead of O(api_password).
      - The body of this call is not published. It is an assumption.
    type: str
  client_secret:
    description:
      - Secret that goes with O(client_id).
    type: str
attributes:
  check_mode:
    support: full
    details:
      - Also logs in in check mode. This changes nothing on the service.
  diff_mode:
    support: none
    details:
      - The module changes nothing.
  idempotent:
    support: full
    details:
      - Changes nothing. Each login returns a new token.
seealso:
  - plugin: kajeet.sentinel.sentinel_token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Log in with a password
  kajeet.sentinel.sentinel_login:
    api_username: "{{ sentinel_api_username }}"
    api_password: "{{ sentinel_api_password }}"
  register: login
  no_log: true

- name: Use the token
  kajeet.sentinel.sentinel_carriers_info:
    api_token: "{{ login.token }}"
    corp_id: "{{ login.corp_id }}"

- name: Log in as a trusted client
  kajeet.sentinel.sentinel_login:
    client_id: northstar-automation
    client_secret: "{{ sentinel_client_secret }}"
    api_username: fleet@northstar.example
  register: client_login
  no_log: true
"""

RETURN = r"""
token:
  description: The token, which is a secret. Set C(no_log=true) on the task.
  returned: success
  type: str
  sample: M0nRbLhY2xw7aPq4Zt1uKc8dVf3sJg6eXo5iWy9TzQk
corp_id:
  description: The account that the login reports, otherwise O(corp_id); V(null) if neither is known.
  returned: success
  type: str
  sample: NORTHSTAR-ISD
error:
  description: The error that ended the task, with its kind, the call, and what to do about it.
  returned: when the task failed
  type: dict
  sample:
    kind: auth
    method: POST
    path: /v1.0/auth/token
    status: 401
    cure: Check both; they may have been changed or locked.
"""

from ..module_utils._options import SentinelModule, connection_spec, run_module
from ..module_utils._stories.login import login

SPEC = {"client_id": {"type": "str"}, "client_secret": {"type": "str", "no_log": True}}


def main() -> None:
    """Runs the module."""
    module = SentinelModule(
        dict(connection_spec(), **SPEC),
        supports_check_mode=True,
        required_together=[("client_id", "client_secret")],
    )
    run_module(module, lambda: login(module.params))


if __name__ == "__main__":
    main()
