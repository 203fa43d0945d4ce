# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection of plugins on the controller: the modules' options, one login and one session for all calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._errors import SentinelError
from ..module_utils._options import ENVIRONMENT, ConnectionOptions
from ..module_utils._service.api import SentinelAPI
from ..module_utils._transport.session import Session

#: The variables that options are read from, as in the documentation of the connection options.
VARIABLES = tuple(f"sentinel_{name}" for name in ENVIRONMENT)


def set_options(plugin: Any, variables: Mapping[str, Any] | None, direct: Mapping[str, Any]) -> None:
    """Sets a lookup's options from its keyword arguments, the environment and the variables.

    Ansible passes untemplated variables to a lookup, such as ``sentinel_api_url: "{{ other }}"``. The variables that
    this collection reads are templated here.
    """
    given = {name: plugin._templar.template(value) for name, value in read_variables(variables).items()}
    plugin.set_options(var_options=given, direct=direct)


def read_variables(variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the variables that options are read from."""
    return {name: variables[name] for name in VARIABLES if name in variables} if variables else {}


def names(terms: Iterable[Any]) -> list[str]:
    """Returns a lookup's terms as one list of names. A term may be a list."""
    return [str(name) for term in terms for name in (term if isinstance(term, (list, tuple)) else [term])]


@contextmanager
def connected(plugin: Any) -> Iterator[SentinelAPI]:
    """Yields the API for a plugin's options. Errors inside the block become AnsibleErrors.

    Args:
        plugin: has ``get_option`` for the connection options, after `set_options`.
    """
    try:
        with closing(Session(ConnectionOptions.read(plugin.get_option))) as session:
            yield SentinelAPI(session)
    except SentinelError as error:
        raise AnsibleError(str(error)) from None
