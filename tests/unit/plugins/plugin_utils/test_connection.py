# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How plugins on the controller connect: options out of variables, errors in words."""

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
    """A lookup as far as its options are concerned."""

    def __init__(self, **options):
        self.options = params(**options)
        self.given = None
        self._templar = self

    def get_option(self, name):
        """An option's value."""
        return self.options[name]

    def set_options(self, var_options, direct):
        """Remembers what it was given."""
        self.given = (var_options, direct)

    def template(self, value):
        """Marks what was templated."""
        return f"templated {value}"


def test_the_api_is_reached_by_the_plugins_options_and_closed():
    with serving(Answer(["Verizon"])) as server:
        with connected(Plugin(api_url=server.url, api_token="tok")) as api:
            assert api.carriers() == ["Verizon"]
            session = api.session
        assert server.requests[0].headers["Authorization"] == "Bearer tok"
        assert session.statistics()["reads"] == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"api_url": "nowhere", "api_token": "t"}, "api_url: 'nowhere' is not a URL"),
        ({"api_url": "https://h"}, "No token and no login. Give api_token"),
    ],
)
def test_wrong_options_are_an_ansible_error_in_words(options, told):
    with pytest.raises(AnsibleError, match=told), connected(Plugin(**options)):
        pass


def test_whatever_the_service_refuses_is_an_ansible_error_in_words():
    plugin = Plugin(api_url="https://h", api_token="t")
    with pytest.raises(AnsibleError, match="GET /x: no scope"), connected(plugin):
        raise ScopeError("no scope", None, "GET", "/x", 403)


def test_variables_are_templated_and_only_those_that_are_read():
    plugin = Plugin()
    set_options(plugin, {"sentinel_api_url": "{{ a }}", "sentinel_unknown": "{{ b }}", "other": 1}, {"esim": True})
    assert plugin.given == ({"sentinel_api_url": "templated {{ a }}"}, {"esim": True})


def test_the_variables_are_those_that_the_documentation_names():
    """Options in the fragment of the connection, and the variables that are templated for them."""
    told = yaml.safe_load(ModuleDocFragment.PLUGIN)["options"].values()
    assert sorted(VARIABLES) == sorted(variable["name"] for option in told for variable in option["vars"])


def test_without_variables_there_are_none():
    plugin = Plugin()
    set_options(plugin, None, {})
    assert plugin.given == ({}, {})
