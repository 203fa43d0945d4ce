# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.0.0"]
# ///
"""Sessions of antsibull-nox, as configured in antsibull-nox.toml. make needs neither."""

from __future__ import annotations

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("noxfile.py: antsibull-nox is not installed; install it in the same environment as nox.")
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()

# Make "python noxfile.py" do the same as "nox"
if __name__ == "__main__":
    nox.main()
