# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented endpoints as methods that return plain values."""

from __future__ import annotations

from .calls import ACTIVATION, HISTORY, SCOPE_ACTIVATION, SCOPE_ESIM_CARRIERS
from .catalogue import Catalogue
from .exports import Exports
from .listing import Listings
from .transactions import PAGE_SIZE

__all__ = ["ACTIVATION", "HISTORY", "PAGE_SIZE", "SCOPE_ACTIVATION", "SCOPE_ESIM_CARRIERS", "SentinelAPI"]


class SentinelAPI(Catalogue, Exports, Listings):
    """The 14 endpoints for activation, and those of the device list.

    Every method raises the errors of `Session`, and UnexpectedAnswerError for an answer of an unknown shape.

    Args:
        session: the connection. The caller closes it.
    """

    def upload_csv(self, filename: str, content: bytes) -> list[dict[str, str]]:
        """Upload a device CSV, which the service reads and does not store [P].

        Return `imei` and `iccid` of each row.
        """
        path = f"{ACTIVATION}/uploadCSV"
        answer = self.session.upload(path, filename, content)
        return self._parse(self.reader.pairs_of, answer, f"POST {path}")
