# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The soak: rounds of runs under random faults, drawn from a seed.

Most fleets mix several kinds of devices and are activated by one task of `sentinel_fleet`. Others are of one kind and
are activated by that kind's module.

A round has a fleet, a simulator that misbehaves, and one to four runs, some of which are interrupted or have rivals:
runs on the same fleet at the same time. Then the faults end. A last run must bring every device to its expected
outcome, and a run in check mode after it must find nothing to do. The result of each run is compared with the
simulator's database.

At the start, the account's device list has some devices of the fleet: active, suspended, deactivated, with another
partner, or with an unrecognised status. The list may be late, incomplete, unreadable, contain duplicates, or shift
while it is read.

Only conditions under which decision 01 promises exactly once are drawn. The list is late by less than the settle time.
Without a shared journal, runs at the same time or in immediate succession have a history that is not late, and leave no
request behind that the service may still accept.
"""

from __future__ import annotations
