# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a browser, and reports to open in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".cache" / "collections"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from browser import Page  # noqa: E402

from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.page import as_html  # noqa: E402
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.report import make_report  # noqa: E402

GENERATED = "2026-01-31T12:00:00Z"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests, in which each opens its own page."""
    with Page(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a report of these devices, and returns the path."""

    def writer(
        devices: list[dict[str, Any]],
        title: str = "Fleet report",
        plan: bool = False,
        result: dict[str, Any] | None = None,
    ) -> Path:
        path = tmp_path / "report.html"
        path.write_text(as_html(make_report(devices, title, GENERATED, plan, result)), encoding="utf-8")
        return path

    return writer
