# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep secrets out of what Ansible shows and stores, in every release.

Up to ansible-core 2.21, a module knows its secrets (`no_log_values`) and removes them from its result. From 2.22 on,
Ansible masks registered secrets in all output, but leaves them in results, which a task may write to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable, Protocol

from ansible.module_utils.common import parameters

try:
    from ansible.module_utils.secrets import mask_secrets, register_secrets

    #: Whether Ansible masks secrets itself.
    ANSIBLE_MASKS = True
except ImportError:  # ansible-core before 2.22
    ANSIBLE_MASKS = False

#: Text instead of a secret.
MASK = "********"


class Keeper(Protocol):
    """An object that knows secrets, such as an AnsibleModule."""

    no_log_values: set[str]


def keep_secrets(keeper: Keeper, secrets: Iterable[str]) -> None:
    """Hide these secrets in all output of Ansible."""
    known = set(filter(None, secrets))
    keeper.no_log_values.update(known)
    if ANSIBLE_MASKS:
        register_secrets(known)


def secret_receiver(keeper: Keeper) -> Callable[[str], None]:
    """Return a function to call with each secret that a run obtains, such as a token."""
    return lambda secret: keep_secrets(keeper, [secret])


def without_secrets(value: Any, secrets: Iterable[str]) -> Any:
    """Return a value of a result, or a text, without secrets.

    Args:
        value: a string, number, boolean or None, or a list or mapping of these.
        secrets: secrets to remove. From ansible-core 2.22 on, all registered secrets are removed as well.
    """
    if not ANSIBLE_MASKS:
        # Deprecated from 2.22 on.
        return parameters.remove_values(value, set(secrets))
    register_secrets(secrets)
    return _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_secrets(value, mask_placeholder=MASK)
    if isinstance(value, Mapping):
        return {_masked(key): _masked(element) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(element) for element in value]
    return value
