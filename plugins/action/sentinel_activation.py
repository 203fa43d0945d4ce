# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activates SIMs, with progress if the task runs on the controller."""

from __future__ import annotations

from ..module_utils._decide.kinds import SIM
from ..plugin_utils._in_process import KindAction


class ActionModule(KindAction):
    """The module of the same name has the documentation."""

    kind = SIM
