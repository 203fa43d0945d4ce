# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Constants for users and tests: accounts, tokens, and the devices of the seeded history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

#: The account's corp id [P: the page's example].
CORP_ID = "NORTHSTAR-ISD"

#: Device groups at the start. Groups in which a device is activated are added.
DEVICE_GROUPS = ("Transportation", "Elementary-Schools", "High-Schools")

SCOPE_ACTIVATION = "aux_activation"
SCOPE_ESIM = "aux_kemp_user"

#: Scopes that can read and set the status of devices [P].
STATUS_SCOPES = ("org_super", "org_tech", "org_kajeetmanaged", "org_managerplus")
SCOPE_STATUS = "org_managerplus"

PASSWORD = "simulator-password"

#: User name → scopes. Every user's password is ``PASSWORD``.
USERS: dict[str, frozenset[str]] = {
    "fleet@northstar.example": frozenset({SCOPE_ACTIVATION, SCOPE_ESIM, SCOPE_STATUS}),
    "viewer@northstar.example": frozenset(),
}

CLIENT_ID = "northstar-automation"
CLIENT_SECRET = "simulator-client-secret"

#: Tokens that are valid without a login and never expire → scopes.
FIXED_TOKENS: dict[str, frozenset[str]] = {
    "simulator-token": frozenset({SCOPE_ACTIVATION, SCOPE_ESIM, SCOPE_STATUS}),
    "simulator-token-activation": frozenset({SCOPE_ACTIVATION}),
    "simulator-token-viewer": frozenset(),
}


@dataclass(frozen=True)
class SeededDevice:
    """A device in the history at the start, submitted ``days_ago`` days ago."""

    carrier: str
    days_ago: float
    imei: Optional[str] = None
    iccid: Optional[str] = None
    sim_id: Optional[str] = None
    eid: Optional[str] = None


#: Active for 30 days.
ACTIVE = SeededDevice("Verizon", 30, imei="355737361044124", iccid="89148000003100412076")

#: Submitted just before the start; becomes active after some seconds (setting ``pending_fixture``).
PENDING = SeededDevice("AT&T", 0, imei="355737362273169", iccid="89014103277400581638")

#: Active for 400 days: no longer in the 180 days of v2, but in its export.
OLD_ACTIVE = SeededDevice("T-Mobile", 400, imei="351612080388272", iccid="89012600214550903348")

#: Failed 3 days ago (unknown ICCID, corrected since); succeeds if it is submitted again.
FAILED = SeededDevice("Verizon", 3, imei="867234055510488", iccid="89148000002718305425")

#: Only with the setting ``inactive_fixtures``: activated 60 days ago, then suspended.
SUSPENDED = SeededDevice("Verizon", 60, imei="355737364410652", iccid="89148000003100578116")

#: Only with the setting ``inactive_fixtures``: activated 90 days ago, then deactivated.
DEACTIVATED = SeededDevice("AT&T", 90, imei="351612083270618", iccid="89014103277400740317")

#: Active for 12 days as an eSIM; its ICCID came from the stock.
ESIM_ACTIVE = SeededDevice(
    "AT&T", 12, imei="351612081147032", iccid="89014132999000000017", eid="89049032000010000000051200447166"
)

#: Active for 9 days as a SmartSIM.
SMARTSIM_ACTIVE = SeededDevice("T-Mobile", 9, imei="355737360550188", sim_id="891039000000142007")
