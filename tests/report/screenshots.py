# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the screenshots of the report for the documentation: screenshots.py DIRECTORY."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browser import Page
from fleets import RESULT, fleet

from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.page import as_html
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._report.report import make_report

HEIGHTS = {40: 2400, 10_000: 2400}


def main(target: Path) -> None:
    """Makes light and dark screenshots of a small and a large fleet."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Page(Path(name)) as page:
        path = Path(name) / "report.html"
        for size, height in HEIGHTS.items():
            devices = fleet(size, groups=20 if size > 1000 else 0)
            report = make_report(devices, "Lakeside School District", "2026-01-31T12:00:00Z", result=RESULT)
            path.write_text(as_html(report), encoding="utf-8")
            for scheme in ("light", "dark"):
                page.open(path, scheme)
                page.picture(target / f"report-{scheme}-{size}.png", height)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
