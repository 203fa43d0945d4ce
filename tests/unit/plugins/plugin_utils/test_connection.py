# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection of plugins on the controller: options from variables, and errors."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleError

from ansible_collections.kajeet.sentinel.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import ScopeError
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._connection import VARIABLES, connected, set_options
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import params
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.loopback import Answer, serving


class Plugin:
    """The options of a lookup."""

    def __init__(self, **options):
        self.options = params(**options)
        self.given = None
        self._templar = self

    def get_option(self, name):
        """An option's value."""
        return self.options[name]

    def set_options(self, var_options, direct):
        """Remembers its arguments."""
        self.given = (var_options, direct)

    def template(self, value):
        """Marks a value as templated."""
        return f"templated {value}"


def test_the_session_uses_the_options_of_the_plugin_and_is_closed():
    with serving(Answer(["Verizon"])) as server:
        with connected(Plugin(api_url=server.url, api_token="tok")) as api:
            assert api.carriers() == ["Verizon"]
            session = api.session
        assert server.requests[0].headers["Authorization"] == "Bearer tok"
        assert session.statistics()["reads"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_url": "nowhere", "api_token": "t"}, "api_url: 'nowhere' is not a URL"),
        ({"api_url": "https://h"}, "No credentials are set. Set api_token"),
    ],
)
def test_wrong_options_are_an_ansible_error(options, message):
    with pytest.raises(AnsibleError, match=message), connected(Plugin(**options)):
        pass


def test_errors_of_the_service_are_ansible_errors():
    plugin = Plugin(api_url="https://h", api_token="t")
    with pytest.raises(AnsibleError, match="GET /x: no scope"), connected(plugin):
        raise ScopeError("no scope", None, "GET", "/x", 403)


def test_only_variables_of_options_are_templated():
    plugin = Plugin()
    set_options(plugin, {"sentinel_api_url": "{{ a }}", "sentinel_unknown": "{{ b }}", "other": 1}, {"esim": True})
    assert plugin.given == ({"sentinel_api_url": "templated {{ a }}"}, {"esim": True})


def test_the_variables_are_those_in_the_documentation():
    """Options in the fragment of the connection, and the variables that are templated for them."""
    options = yaml.safe_load(ModuleDocFragment.PLUGIN)["options"].values()
    assert sorted(VARIABLES) == sorted(variable["name"] for option in options for variable in option["vars"])


def test_without_variables_there_are_none():
    plugin = Plugin()
    set_options(plugin, None, {})
    assert plugin.given == ({}, {})
