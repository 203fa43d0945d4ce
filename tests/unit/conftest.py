# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every unit test has: repeatable hypothesis runs that write nothing here, and an environment without Sentinel."""

from __future__ import annotations

import os
import tempfile

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "kajeet-sentinel-hypothesis"))
hypothesis.settings.register_profile(
    "sentinel",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("SENTINEL_EXAMPLES") or 100),
)
# SENTINEL_EXPLORE=2000 looks for more than a repeatable run finds.
hypothesis.settings.register_profile(
    "explore", database=None, deadline=None, max_examples=int(os.environ.get("SENTINEL_EXPLORE") or 100)
)
hypothesis.settings.load_profile("explore" if os.environ.get("SENTINEL_EXPLORE") else "sentinel")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """No option from the environment, and no proxy between a test and its server."""
    for name in list(os.environ):
        if name.startswith("SENTINEL_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
