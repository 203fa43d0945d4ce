# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default answers as a dialect: our field name → its path in an item, or its heading in a CSV."""

from __future__ import annotations

KeyPath = tuple[str, ...]
Fields = dict[str, KeyPath]

LINE_FIELDS: Fields = {
    "transaction_id": ("transactionId",),
    "imei": ("imei",),
    "iccid": ("iccid",),
    "status": ("status",),
    "carrier": ("carrier",),
    "device_group": ("corpId",),
    "corp_description": ("corpDescription",),
    "filter_group": ("filterGroup",),
    "service_zip_code": ("zipCode",),
    "mdn": ("mdn",),
    "ip": ("ip",),
    "nickname": ("nickname",),
    "sim_id": ("simID",),
    "eid": ("eid",),
    "reason": ("errorMessage",),
}
TRANSACTION_FIELDS: Fields = {
    "transaction_id": ("transactionId",),
    "status": ("status",),
    "started": ("transactionStartTimestamp",),
    "total": ("totalLines",),
    "success": ("successLines",),
    "failed": ("failedLines",),
    "pending": ("pendingLines",),
    "imei": ("imei",),
    "sim_id": ("simID",),
    "eid": ("eid",),
    "iccid": ("iccid",),
}
#: The published reply of the device list [P] has no ICCID.
DEVICE_FIELDS: Fields = {
    "key": ("key",),
    "mdn": ("mdn",),
    "status": ("status",),
    "carrier": ("network",),
    "device_name": ("deviceName",),
    "device_group": ("corpDescription",),
    "monthly_amount_used": ("monthlyAmountUsed",),
    "last_30_days_used": ("last30DaysUsed",),
    "nickname": ("nickname",),
    "filter_group": ("filterGroup",),
    "imei": ("imei",),
    "online_status": ("onlineStatus",),
}
HEADINGS = {
    "transaction_id": "Transaction ID",
    "transaction_status": "Transaction Status",
    "imei": "IMEI",
    "iccid": "ICCID",
    "sim_id": "SIM ID",
    "eid": "EID",
    "status": "Line Status",
    "carrier": "Carrier",
    "device_group": "Device Group",
    "filter_group": "Filter Group",
    "service_zip_code": "Zip Code",
    "mdn": "MDN",
    "ip": "IP Address",
    "nickname": "Nickname",
    "started": "Transaction Start",
    "reason": "Error Message",
}
#: Valid fields of a line, and of a device in the list.
LINE_NAMES = frozenset({*LINE_FIELDS, "started", "transaction_status"})
DEVICE_NAMES = frozenset({*DEVICE_FIELDS, "iccid", "eid", "sim_id", "ip"})
