# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary from which a dialect is drawn. Every entry is clear to a person.

Names are lower case words; ``dialect_draw`` converts them to camelCase, headings and so on. All values are [A].
"""

from __future__ import annotations

#: Names of fields in JSON and CSV.
NAMES: dict[str, tuple[str, ...]] = {
    "transaction_id": (
        "transaction id", "unique transaction id", "transaction number", "request id", "order id", "order number",
        "activation id", "activation request id",
    ),
    "imei": ("imei", "device imei", "imei number", "equipment imei", "device imei number", "hardware imei"),
    "iccid": (
        "iccid", "sim iccid", "iccid number", "uicc", "device iccid", "uicc number", "sim number", "sim serial number",
        "sim card number", "uicc iccid",
    ),
    "sim_id": ("smart sim id", "smartsim id", "smart sim number", "device smartsim id"),
    "eid": ("eid", "esim eid", "eid number", "device eid", "euicc eid"),
    "status": ("line status", "device status", "status of line", "status of device", "line activation status"),
    "transaction_status": (
        "transaction status", "order status", "request status", "status of transaction", "status of order",
    ),
    "carrier": ("carrier", "carrier name", "network carrier", "mobile carrier", "wireless carrier"),
    "device_group": ("device group", "device group name", "group of device", "corp id"),
    "filter_group": ("filter group", "filter group name", "content filter group"),
    "service_zip_code": ("zip code", "service zip code", "zip", "service zip", "postal code"),
    "mdn": ("mdn", "phone number", "mdn number", "mobile number", "msisdn"),
    "ip": ("ip", "ip address", "device ip", "static ip address"),
    "nickname": ("nickname", "device nickname", "friendly name", "nickname of device"),
    "reason": ("error message", "failure reason", "error", "reason", "rejection reason", "reason of failure"),
    "started": ("transaction start", "start time", "submitted at", "created at", "started on", "date submitted"),
    "total": ("total lines", "line count", "number of lines", "total devices", "device count"),
    "success": ("success lines", "successful lines", "success count", "completed lines", "activated count"),
    "failed": ("failed lines", "failure count", "failed count", "lines failed", "rejected lines"),
    "pending": ("pending lines", "pending count", "lines pending", "lines in progress", "in progress count"),
}  # fmt: skip

#: Names of the status of an item that has only one.
ONE_STATUS = ("status", "activation status", "status text", "current status")

LISTS: tuple[tuple[str, ...], ...] = (
    ("data",), ("content",), ("items",), ("results",), ("records",), ("rows",), ("list",), ("result", "items"),
    ("_embedded", "{}"), ("data", "content"), ("data", "{}"), ("response", "data"), ("payload", "items"),
    ("response", "result", "rows"), ("{}",),
)  # fmt: skip
TOTALS: tuple[tuple[str, ...], ...] = (
    ("total count",), ("total",), ("count",), ("total elements",), ("total records",), ("total items",),
    ("page", "total elements"), ("paging", "total"), ("meta", "total count"),
)  # fmt: skip
BESIDE: tuple[dict[str, object], ...] = (
    {}, {"errors": []}, {"errors": [], "warnings": []}, {"warnings": None}, {"success": True, "messages": []},
    {"links": []},
)  # fmt: skip

REPLIES: tuple[tuple[str, ...], ...] = (
    ("{}",), ("id",), ("data", "{}"), ("result", "{}"), ("data", "id"), ("transaction", "id"), ("activation", "{}"),
    ("response", "transaction", "{}"),
)  # fmt: skip
TOKENS: tuple[tuple[str, ...], ...] = (
    ("token",), ("access token",), ("auth token",), ("bearer token",), ("data", "token"), ("result", "access token"),
    ("session", "token"),
)  # fmt: skip
CORPS: tuple[tuple[str, ...], ...] = (
    ("details", "corp id"), ("corp id",), ("user", "corp id"), ("account", "corp id"), ("data", "corp id"),
    ("details", "user", "corp id"),
)  # fmt: skip
CARRIER_NAMES = ("name", "carrier", "carrier name", "name of carrier")
STATUS_NAMES = ("status", "name", "device status", "status name", "value")
PLAN_IDS = ("plan id", "rate plan id", "billing plan id", "id of plan")
AVAILABLE = ("total available esim count", "available count", "available esims", "available", "esims available")
MAXIMA = ("max default count", "max per request", "max count", "maximum per request", "request maximum")
DEVICE_NETWORKS = ("network", "carrier", "carrier name", "network name")
DEVICE_STATUSES = ("status", "device status", "line status", "current status")

#: Objects in which an item's fields can be nested: the object's name, and the fields in it.
NESTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("device", frozenset({"imei", "nickname", "eid"})),
    ("equipment", frozenset({"imei", "eid"})),
    ("sim", frozenset({"iccid", "sim_id"})),
    ("service", frozenset({"carrier", "service_zip_code", "mdn", "ip"})),
    ("network", frozenset({"mdn", "ip"})),
    ("transaction", frozenset({"transaction_id", "started", "transaction_status"})),
    ("request", frozenset({"transaction_id", "started"})),
    ("counts", frozenset({"total", "success", "failed", "pending"})),
    ("line counts", frozenset({"total", "success", "failed", "pending"})),
    ("groups", frozenset({"device_group", "filter_group"})),
    ("identifiers", frozenset({"imei", "iccid", "eid", "sim_id"})),
)

LINE_WORDS: dict[str, tuple[str, ...]] = {
    "active": (
        "Completed", "Complete", "COMPLETED", "complete", "Completed - active", "Success", "SUCCESSFUL", "Successful",
        "Activated", "Active", "ACTIVATION_SUCCESSFUL", "Activation successful", "Activation complete", "Done",
        "Activation completed", "completed successfully", "Line active", "ActivationCompleted", "Completion",
        "Succeeded", "Activated successfully",
    ),
    "pending": (
        "Pending", "In progress", "IN_PROGRESS", "Processing", "Queued", "Scheduled", "Submitted", "New",
        "Pending activation", "Activation in progress", "InProgress", "Activation pending", "SUBMITTED_TO_CARRIER",
        "Not active yet", "Waiting for carrier", "Activation queued",
    ),
    "failed": (
        "Failed", "FAILED", "Failure", "Error", "Rejected", "Rejection", "Declined", "Cancelled", "Canceled",
        "Failed: IMEI is blocked", "ACTIVATION_FAILED", "Activation failed", "Rejected by carrier", "ActivationError",
        "Error - ICCID is unknown", "Activation declined", "Cancellation", "Activation rejected",
    ),
}  # fmt: skip
#: A transaction is done even if some of its lines failed, so its words do not mean success.
TRANSACTION_WORDS: dict[str, tuple[str, ...]] = {
    "active": ("Completed", "COMPLETE", "Done", "complete", "Completion", "Order completed"),
    "pending": ("Pending", "In progress", "IN_PROGRESS", "Processing", "Queued", "Submitted", "Order pending"),
    "failed": ("Failed", "FAILURE", "Error", "Rejected", "Order rejected", "Declined"),
}
DEVICE_WORDS: dict[str, tuple[str, ...]] = {
    "active": ("active", "Active", "ACTIVE", "Device active"),
    "suspended": ("SUSPENDED", "Suspended", "Summer suspended", "Paused", "Hibernated", "SUMMER_SUSPENDED"),
    "deactivated": ("Deactivated", "Inactive", "Cancelled", "Disconnected", "Terminated", "Retired", "CANCELED"),
}
