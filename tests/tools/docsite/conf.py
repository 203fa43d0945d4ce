# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx configuration of the documentation site that build_docs.sh builds."""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes  # type: ignore[import-untyped]  # its stubs are a separate package
from sphinx.application import Sphinx

project = "kajeet.sentinel"
copyright = "kajeet.sentinel contributors"  # noqa: A001  Sphinx's name
html_title = "kajeet.sentinel"
html_short_title = html_title

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

html_use_index = False
html_copy_source = False
html_show_sphinx = False

#: Guide that becomes the start page of this site.
_START = "docsite/start"
exclude_patterns = [f"{_START}.rst"]

#: Pages of Ansible's documentation that this site refers to. Listed here so that the build needs no network.
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
_LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
_BUILTIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)_(\w+)")

#: A section of extra-docs.yml in the collection's page, as antsibull-docs writes it.
_SECTION = re.compile(
    r"^(?P<title>[^\n]+)\n-+\n\n\.\. toctree::\n    :maxdepth: 1\n\n(?P<pages>(?:    docsite/\S+\n)+)", re.MULTILINE
)
#: A group of plugins or roles in that page: its heading, list and toctree.
_GROUP = re.compile(
    r"^(?P<heading>(?P<title>[^\n]+)\n[~-]+\n+(?:\* .*\n)+\n)"
    r"^\.\. toctree::\n    :maxdepth: 1\n    :hidden:\n\n(?P<pages>(?:    \w+\n?)+)",
    re.MULTILINE,
)
_LINKS = re.compile(r"^\.\. ansible-links::\n\n(?:  .*\n)+", re.MULTILINE)


def _ansible_url(kind: str, target: str) -> str | None:
    """The path of a target in Ansible's documentation, or None if it is not in _LABELS or a known pattern."""
    if kind == "envvar" and target.startswith("ANSIBLE_"):
        return f"reference_appendices/config.html#envvar-{target}"
    builtin = _BUILTIN.fullmatch(target)
    if builtin:
        return f"collections/ansible/builtin/{builtin[1]}_{builtin[2]}.html"
    return _LABELS.get(target)


def _link(_app: Sphinx, _env: object, node: nodes.Element, content: nodes.Element) -> nodes.Element | None:
    """A link for a reference that this site does not resolve. With None, Sphinx warns."""
    url = _ansible_url(node.get("reftype", ""), node.get("reftarget", ""))
    if url is None:
        return None
    return nodes.reference("", "", content, internal=False, refuri=_ANSIBLE + url)


def _navigation(caption: str, pages: list[str]) -> str:
    """A toctree that is shown only in the navigation."""
    entries = "".join(f"    {page}\n" for page in pages)
    return f".. toctree::\n    :maxdepth: 1\n    :hidden:\n    :caption: {caption}\n\n{entries}\n"


def _short_title(page: str) -> str:
    """A toctree entry with the plugin's name as title: `sentinel_fleet <sentinel_fleet_module>`."""
    return f"{page.rpartition('_')[0]} <{page}>"


def _start_page(generated: str, start: str) -> str:
    """The start page: the guide `start`, then the generated index of plugins and links."""
    sections = [(match["title"], match["pages"].split()) for match in _SECTION.finditer(generated)]
    guides = "".join(
        _navigation(title, [page for page in pages if page != _START]) for title, pages in sections if pages != [_START]
    )
    index = generated[generated.index(".. _plugin_index_for_") :].replace(
        "Plugin Index\n------------", "Modules and plugins\n-------------------"
    )
    index = index.replace("Role Index\n----------", "Roles\n-----").replace(
        "These are the plugins in the kajeet.sentinel collection:\n", ""
    )
    index = index.replace("These are the roles in the kajeet.sentinel collection:\n", "")
    plugins = _GROUP.sub(
        lambda match: (
            match["heading"] + _navigation(match["title"].capitalize(), list(map(_short_title, match["pages"].split())))
        ),
        index,
    )
    links = _LINKS.search(generated)
    text = start.replace("Start here\n==========", "kajeet.sentinel\n===============")
    label = generated[: generated.index("\n")]
    return "\n".join([label, text, guides, plugins, "Links\n-----\n", links[0] if links else ""])


def _replace_start_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replaces the text of the collection's page before it is parsed."""
    if docname == "index":
        start = Path(app.srcdir, f"{_START}.rst").read_text(encoding="utf-8")
        source[0] = _start_page(source[0], start)


def setup(app: Sphinx) -> None:
    """Connects the handlers."""
    app.connect("source-read", _replace_start_page)
    app.connect("missing-reference", _link)
