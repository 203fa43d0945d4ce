# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented endpoints as methods: wire terms in, plain values out."""

from __future__ import annotations

from .calls import ACTIVATION, HISTORY, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS
from .catalogue import Catalogue
from .exports import Exports
from .listing import Listings
from .transactions import PAGE_SIZE

__all__ = ["ACTIVATION", "HISTORY", "PAGE_SIZE", "SCOPE_ACTIVATION", "SCOPE_ESIM_CARRIERS", "SentinelAPI"]


class SentinelAPI(Catalogue, Exports, Listings):
    """The 14 endpoints of activation, and those of the device list.

    Every method raises what `Session` raises, and UnexpectedAnswerError for a strange shape.

    Args:
        session: the connection; it is closed by whoever made it.
    """

    def upload_csv(self, filename: str, content: bytes) -> list[dict[str, str]]:
        """Has the service read a device CSV (it stores nothing [P]); returns `imei` and `iccid` of each row."""
        path = f"{ACTIVATION}/uploadCSV"
        answer = self.session.upload(path, filename, content)
        return self._parse(self.reader.pairs_of, answer, f"POST {path}")
