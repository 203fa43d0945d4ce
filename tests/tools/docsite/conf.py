# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the documentation site: see build_docs.sh."""

from __future__ import annotations

import re

from docutils import nodes  # type: ignore[import-untyped]  # its stubs are a package of their own
from sphinx.application import Sphinx

project = "kajeet.sentinel"
copyright = "kajeet.sentinel contributors"  # noqa: A001  Sphinx names it
html_title = "kajeet.sentinel"
html_short_title = html_title

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

html_use_index = False
html_copy_source = False
html_show_sphinx = False

#: Where the pages of this site point into Ansible's own documentation. Known here, so that building needs no network.
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
_LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
_BUILTIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)_(\w+)")


def _place(kind: str, target: str) -> str | None:
    """The page of Ansible's documentation that tells of a target; None where it is none of those."""
    if kind == "envvar" and target.startswith("ANSIBLE_"):
        return f"reference_appendices/config.html#envvar-{target}"
    builtin = _BUILTIN.fullmatch(target)
    if builtin:
        return f"collections/ansible/builtin/{builtin[1]}_{builtin[2]}.html"
    return _LABELS.get(target)


def _link(_app: Sphinx, _env: object, node: nodes.Element, content: nodes.Element) -> nodes.Element | None:
    """A link for a reference that this site does not resolve; None leaves it a warning."""
    place = _place(node.get("reftype", ""), node.get("reftarget", ""))
    if place is None:
        return None
    return nodes.reference("", "", content, internal=False, refuri=_ANSIBLE + place)


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("missing-reference", _link)
