# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that a caller uses the account's corp id or one of its device groups."""

from __future__ import annotations

from typing import Any

from .bodies import Refused
from .fixtures import CORP_ID, DEVICE_GROUPS
from .store import Store

_FIXED = {name.casefold(): name for name in (CORP_ID, *DEVICE_GROUPS)}


def own_corp(store: Store, corp_id: Any) -> str:
    """Return the account's spelling of its corp id or of one of its device groups. Raises ``Refused`` (403) [A].

    A group in which a device was activated belongs to the account.
    """
    if isinstance(corp_id, str):
        found = _FIXED.get(corp_id.strip().casefold())
        if found is not None:
            return found
        if store.has_group(corp_id):
            return corp_id
    raise Refused(
        f"Forbidden: corpId {corp_id!r} is neither this account's corp id nor one of its device groups", status=403
    )


def check_body(store: Store, body: Any) -> None:
    """Refuse a submission for another account. A body without a corp id is for the account of the token."""
    if not isinstance(body, dict):
        return
    entries = body.get("activationLines")
    parts = [body, *(entry for entry in entries if isinstance(entry, dict))] if isinstance(entries, list) else [body]
    given = set()
    for part in parts:
        details = part.get("serviceDetails")
        for place in (part, details if isinstance(details, dict) else {}):
            corp_id = place.get("corpId")
            if corp_id not in (None, ""):
                given.add(corp_id if isinstance(corp_id, str) else repr(corp_id))
    for corp_id in sorted(given):
        own_corp(store, corp_id)
