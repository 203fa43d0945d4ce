# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of options matches their declarations."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds import KINDS
from ansible_collections.kajeet.sentinel.plugins.module_utils._decide.outcomes import Outcome
from ansible_collections.kajeet.sentinel.plugins.module_utils._options import (
    ENVIRONMENT,
    FIELDS,
    STATUS_WORDS_KEYS,
    ActivationOptions,
    ConnectionOptions,
    connection_spec,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.connection import MAX_SECONDS
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.declaration import options_of
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._events.settings import argument_spec

ROOT = Path(__file__).resolve().parents[4]
COLLECTION = "ansible_collections.kajeet.sentinel.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
PLUGINS = sorted(path for kind in ("lookup", "inventory") for path in (ROOT / "plugins" / kind).glob("*.py"))
SOURCE = ROOT / "extensions/eda/plugins/event_source/transactions.py"
IDENTIFIERS = {name for kind in KINDS.values() for name in kind.identity.identifiers}
DECLARED = {**options_of(ConnectionOptions), **options_of(ActivationOptions)}


def documentation(path):
    """The documentation of a module or plugin, without fragments."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no documentation")


def fragment(name):
    """The options of a documentation fragment of this collection, or of ansible-core."""
    *package, last = name.removeprefix("kajeet.sentinel.").removeprefix("ansible.builtin.").split(".")
    module, part = (package[0], last.upper()) if package else (last, "DOCUMENTATION")
    home = COLLECTION if name.startswith("kajeet.") else "ansible.plugins"
    text = getattr(importlib.import_module(f"{home}.doc_fragments.{module}").ModuleDocFragment, part)
    return yaml.safe_load(text).get("options", {})


def documented(path):
    """All options of a module or plugin, including its fragments. The first fragment with an option counts."""
    own = documentation(path)
    merged = {name: dict(about) for name, about in own.get("options", {}).items()}
    for name in own.get("extends_documentation_fragment", []):
        for option, about in fragment(name).items():
            merged[option] = {**about, **merged.get(option, {})}
    return merged


class Built(Exception):
    """Raised instead of building a module, with its arguments."""


def arguments_of(name, monkeypatch):
    """The argument_spec of a module, and the other arguments of AnsibleModule."""

    def build(spec, **settings):
        raise Built(spec, settings)

    module = importlib.import_module(f"{COLLECTION}.modules.{name}")
    monkeypatch.setattr(module, "SentinelModule", build)
    with pytest.raises(Built) as caught:
        module.main()
    return caught.value.args


def text_of(about):
    """The description of an option as one string."""
    description = about["description"]
    return description if isinstance(description, str) else " ".join(description)


def of_documentation(options):
    """The properties of documented options that an argument_spec also has."""
    return {
        name: {
            **{key: about.get(key) for key in ("type", "default", "choices", "elements", "required")},
            "env": re.findall(r"environment variable E\((SENTINEL_\w+)\)", text_of(about)),
            "options": of_documentation(about.get("suboptions", {})),
        }
        for name, about in options.items()
    }


def of_spec(spec):
    """The same properties of an argument_spec."""
    return {
        name: {
            **{key: entry.get(key) for key in ("type", "default", "choices", "elements", "required")},
            "env": entry["fallback"][1] if "fallback" in entry else [],
            "options": of_spec(entry.get("options", {})),
        }
        for name, entry in spec.items()
    }


@pytest.mark.parametrize("name", MODULES)
def test_the_documentation_of_a_module_matches_its_argument_spec(name, monkeypatch):
    spec, settings = arguments_of(name, monkeypatch)
    options = documented(ROOT / f"plugins/modules/{name}.py")
    files = fragment("ansible.builtin.files") if settings.get("add_file_common_args") else {}
    assert of_documentation({name: about for name, about in options.items() if name not in files}) == of_spec(spec)


def test_the_documentation_of_the_event_source_matches_its_argument_spec():
    assert of_documentation(documented(SOURCE)) == of_spec(argument_spec())


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_the_documentation_of_a_plugin_matches_the_connection_options(path):
    options = documented(path)
    # ansible-core does not read JSON for a plugin's `dict`, as an environment variable has it.
    expected = {
        name: dict(about, type="raw" if about["type"] == "dict" else about["type"])
        for name, about in of_spec(connection_spec()).items()
    }
    assert of_documentation({name: options[name] for name in expected}) == expected
    for name, variable in ENVIRONMENT.items():
        assert options[name]["env"] == [{"name": variable}]
        assert options[name]["vars"] == [{"name": f"sentinel_{name}"}]


def every_option():
    """Yields module, option and description for each declared option."""
    for path in (*(ROOT / f"plugins/modules/{name}.py" for name in MODULES), SOURCE):
        options = documented(path)
        for name in DECLARED.keys() & options.keys():
            yield path.stem, name, text_of(options[name])


def test_a_range_in_the_text_matches_the_declaration():
    for where, name, text in every_option():
        known = DECLARED[name]
        limits = re.findall(r"from (\d+) to (\d+)", text)
        if known.maximum in (None, MAX_SECONDS):
            assert not limits, f"{where}: {name}"
        else:
            assert limits == [(f"{known.minimum:g}", f"{known.maximum:g}")], f"{where}: {name}"


def test_the_longest_time_is_named_with_the_first_option_that_has_it():
    for where, name, text in every_option():
        if name in ("request_timeout", "wait_timeout"):
            assert f"V({MAX_SECONDS})" in text, f"{where}: {name}"


def test_the_documentation_names_each_field_and_each_kind_of_word():
    options = fragment("kajeet.sentinel.connection")
    for option, known in (("field_names", FIELDS), ("status_words", STATUS_WORDS_KEYS)):
        assert [name for name in known if f"V({name})" not in text_of(options[option])] == []


def test_the_role_fleet_has_a_variable_for_each_option_of_its_module():
    tasks = yaml.safe_load((ROOT / "roles/fleet/tasks/main.yml").read_text(encoding="utf-8"))
    (given,) = [
        task["kajeet.sentinel.sentinel_fleet"]
        for block in tasks
        for task in block.get("block", [])
        if "kajeet.sentinel.sentinel_fleet" in task
    ]
    specs = yaml.safe_load((ROOT / "roles/fleet/meta/argument_specs.yml").read_text(encoding="utf-8"))
    described = {name.removeprefix("fleet_") for name in specs["argument_specs"]["main"]["options"]}
    # A single device is not a fleet, and the connection comes from the environment.
    of_a_device = {*IDENTIFIERS, "nickname"}
    wanted = set(documented(ROOT / "plugins/modules/sentinel_fleet.py")) - set(ENVIRONMENT) - of_a_device
    assert wanted - set(given) == set()
    assert wanted - described == set()


def test_the_reference_describes_each_outcome_and_whether_it_fails_the_task():
    text = (ROOT / "docs/docsite/rst/outcomes.rst").read_text(encoding="utf-8")
    table = text.partition("\nOutcomes\n-")[2].partition("\nActions\n-")[0]
    rows = [row.split("\n     -") for row in table.split("\n   * - ")[2:]]
    described = {row[0].strip("`"): bool(row[-1].partition("\n\n")[0].strip()) for row in rows}
    assert described == {outcome.value: outcome.needs_attention for outcome in Outcome}
