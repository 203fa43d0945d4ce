# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Setup of all unit tests: repeatable hypothesis runs that write no files here, and an environment without Sentinel."""

from __future__ import annotations

import importlib.util
import os
import tempfile

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

# A machine that only runs modules has no Jinja, and none of the controller's code.
if importlib.util.find_spec("jinja2"):
    from ansible.utils.collection_loader import AnsibleCollectionConfig
    from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

    # Ansible finds plugins through its own importer. ansible-test installs it; plain pytest does not.
    if AnsibleCollectionConfig.collection_finder is None:
        _AnsibleCollectionFinder(paths=os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep))._install()

set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "kajeet-sentinel-hypothesis"))
hypothesis.settings.register_profile(
    "sentinel",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("TEST_EXAMPLES") or 100),
)
# TEST_EXPLORE=2000 tries 2000 random examples instead of the repeatable ones.
hypothesis.settings.register_profile(
    "explore", database=None, deadline=None, max_examples=int(os.environ.get("TEST_EXPLORE") or 100)
)
hypothesis.settings.load_profile("explore" if os.environ.get("TEST_EXPLORE") else "sentinel")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Remove options and proxies from the environment."""
    for name in list(os.environ):
        if name.startswith("SENTINEL_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
