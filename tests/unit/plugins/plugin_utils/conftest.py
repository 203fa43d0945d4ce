# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of plugin_utils."""

from __future__ import annotations

import pytest


@pytest.fixture
def logged(caplog):
    """Returns the messages that the event source has logged."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "kajeet.sentinel.transactions"]
