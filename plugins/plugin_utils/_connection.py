# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a plugin on the controller reaches the service: the modules' options, one login, one session for all calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._api import SentinelAPI
from ..module_utils._errors import SentinelError
from ..module_utils._http import Session
from ..module_utils._options import ConnectionOptions


@contextmanager
def connected(plugin: Any) -> Iterator[SentinelAPI]:
    """The API by a plugin's options; whatever goes wrong inside becomes an AnsibleError in words.

    Args:
        plugin: has ``get_option`` for the connection options, after ``set_options``.
    """
    try:
        with closing(Session(ConnectionOptions.read(plugin.get_option))) as session:
            yield SentinelAPI(session)
    except SentinelError as error:
        raise AnsibleError(str(error)) from None
