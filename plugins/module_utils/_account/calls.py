# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes all documented read-only calls and records their answers. A failed call does not end the check."""

from __future__ import annotations

from .catalogue_calls import CatalogueCalls
from .device_calls import DeviceCalls
from .recorder import Account
from .transaction_calls import TransactionCalls


class AccountCalls(CatalogueCalls, TransactionCalls, DeviceCalls):
    """Makes all calls. For the arguments see `Calls`."""

    def run(self) -> Account:
        """Make all calls. Raises SentinelError without credentials or a connection."""
        with self._recorder.noting():
            if self._logs_in:
                self.account.login_corp_id = self._session.login()[1]
            self.account.corp_id = self._given or self.account.login_corp_id
            self._catalogue()
            self._transactions()
            self._devices()
        return self.account
