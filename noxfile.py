# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.0.0"]
# ///
"""For those who work with antsibull-nox: its sessions, as antsibull-nox.toml has them. make needs neither."""

from __future__ import annotations

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("Install antsibull-nox in the same environment as nox.")
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()

# So that "nox" alone and "python noxfile.py" do the same
if __name__ == "__main__":
    nox.main()
