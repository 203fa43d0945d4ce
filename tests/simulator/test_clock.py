# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Timestamps are the same as those of the standard library."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sentinel_simulator.clock import timestamp


@pytest.mark.parametrize("offset", [0, -5, 5.5])
def test_timestamps(offset: float) -> None:
    zone = timezone(timedelta(hours=offset))
    # A step that reaches every hour, minute and second, and passes noon and midnight.
    for second in range(1_700_000_000, 1_740_000_000, 86_399 * 3 + 1):
        expected = datetime.fromtimestamp(second, tz=zone).strftime("%m/%d/%Y %I:%M:%S %p")
        assert timestamp(second + 0.9, offset) == expected
    midnight = datetime(2026, 3, 13, tzinfo=timezone.utc).timestamp()
    assert timestamp(midnight) == "03/13/2026 12:00:00 AM"
    assert timestamp(midnight + 43_200) == "03/13/2026 12:00:00 PM"
