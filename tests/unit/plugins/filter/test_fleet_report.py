# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_report: formats, options and errors."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleTemplatePluginError

from ansible_collections.kajeet.sentinel.plugins.filter import fleet_report as plugin

DEVICES = [{"imei": "355737360073462", "outcome": "activated", "nickname": "<script>"}]
TIME = "2026-01-31T12:00:00Z"
report = plugin.FilterModule().filters()["fleet_report"]


def test_html_is_the_default_format():
    page = report(DEVICES, generated=TIME)
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Fleet report</title>" in page
    assert "&lt;script&gt;" in page
    assert page == report(DEVICES, "html", title="Fleet report", generated=TIME, plan=False)


def test_the_other_formats():
    assert report(DEVICES, "csv").splitlines()[1].startswith("activated,,355737360073462,")
    content = json.loads(report(DEVICES, "json", title="Lakeside", generated=TIME, plan=True))
    assert (content["title"], content["generated"], content["plan"]) == ("Lakeside", TIME, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "pdf"}, "fleet_report: format 'pdf' is not one of html, csv, json"),
        ({"generated": "noon"}, "generated: 'noon' is not a time with a zone"),
        ({"devices": [{"outcome": "lost"}]}, "device 1: unknown outcome 'lost'"),
    ],
)
def test_invalid_arguments_are_errors(arguments, message):
    with pytest.raises(AnsibleTemplatePluginError) as caught:
        report(**{"devices": DEVICES, **arguments})
    assert message in str(caught.value)


def test_the_documentation_lists_every_format():
    options = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    assert options["format"]["choices"] == list(plugin._FORMATS)
    assert set(options) == {"_input", "format", "title", "generated", "plan"}
