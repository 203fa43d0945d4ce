# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The soak: rounds of runs under faults that are drawn by a seed.

Most fleets are of several kinds, which one task of `sentinel_fleet` activates; others are of one kind, and their
module's.

A round: a fleet, a simulator that misbehaves, one to four runs, some of them interrupted or with rivals beside them;
then the faults end, a last run must leave every device as it is meant to be, and check mode must find nothing more to
do. After each run its result is compared with the simulator's database.

The account's device list has some of the fleet from the start: active, suspended, deactivated, with another partner,
or with a status that says nothing. It is late, lacks rows, has some twice, cannot be read, or shifts while it is read.

Only what decision 01 promises is drawn. The list is late by less than the settle time. Runs without a common journal,
at the same time or one at the heels of the other, have a history that is not late, and leave no request behind that may
still be taken.
"""

from __future__ import annotations
