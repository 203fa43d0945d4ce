# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a playbook over several inventories at the same time, like a sliced job: together.py PLAYBOOK INVENTORY..."""

from __future__ import annotations

import subprocess
import sys

playbook, *inventories = sys.argv[1:]
runs = [subprocess.Popen(["ansible-playbook", "-i", inventory, playbook]) for inventory in inventories]
codes = [run.wait() for run in runs]
sys.exit(any(codes))
