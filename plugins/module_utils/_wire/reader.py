# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the JSON answers of the service by meaning."""

from __future__ import annotations

from .account_answers import AccountAnswers
from .answers import Observer, count_of
from .entry_answers import EntryAnswers
from .line_answers import LineAnswers

__all__ = ["Observer", "Reader", "count_of"]


class Reader(LineAnswers, EntryAnswers, AccountAnswers):
    """Reads all JSON answers of the service.

    Args:
        field_names: the option `field_names`: our field → the service's name or names for it.
        words: classifies status words of lines and transactions.
        device_statuses: classifies status words of listed devices.
    """
