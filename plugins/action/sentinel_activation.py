# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activates SIMs, with a line of progress every few seconds where the task runs on the controller."""

from __future__ import annotations

from ..module_utils._decide.kinds import SIM
from ..plugin_utils._here import KindAction


class ActionModule(KindAction):
    """The module of the same name has the documentation."""

    kind = SIM
