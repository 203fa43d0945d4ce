# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that modules and plugins share."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.connection` for modules; plugins have `kajeet.sentinel.connection.plugin` before it.

    Where two fragments describe the same property of an option, ansible-core takes the first one. The types of the two
    mappings differ: ansible-core does not read JSON for a plugin's `dict`, as an environment variable has it.
    """

    DOCUMENTATION = r"""
requirements:
  - requests >= 2.28
options:
  api_url:
    description:
      - Base URL of the Sentinel API, without the version, and without credentials, a query or a fragment.
      - The environment variable E(SENTINEL_API_URL) is used where this is not set.
    type: str
    default: https://api.kajeet.dev/sentinel-proxy/sentinel/api
  api_token:
    description:
      - Token for the API. Takes precedence over O(api_username) and O(api_password).
      - The environment variable E(SENTINEL_TOKEN) is used where this is not set.
    type: str
  api_username:
    description:
      - User name to get a token with, together with O(api_password). It happens once; an expired token is renewed.
      - Where O(api_token) is given, too, this is what it is renewed with.
      - The environment variable E(SENTINEL_USERNAME) is used where this is not set.
    type: str
  api_password:
    description:
      - Password that goes with O(api_username).
      - The environment variable E(SENTINEL_PASSWORD) is used where this is not set.
    type: str
  corp_id:
    description:
      - The account (corp) that requests are for, such as V(NORTHSTAR-ISD).
      - Where it is not given, the one is used that the login with O(api_username) tells.
      - The environment variable E(SENTINEL_CORP_ID) is used where this is not set.
    type: str
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid. Set it to V(false) in tests only.
      - The environment variable E(SENTINEL_VALIDATE_CERTS) is used where this is not set.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the authorities to trust, where the system's are not enough.
      - The environment variable E(SENTINEL_CA_PATH) is used where this is not set.
    type: path
  request_timeout:
    description:
      - Seconds to wait for a connection, and again for each part of an answer. No more than V(864000), ten days.
      - The environment variable E(SENTINEL_REQUEST_TIMEOUT) is used where this is not set.
    type: float
    default: 30.0
  request_retries:
    description:
      - How often a request that only reads is repeated after a failure that may be momentary, with growing pauses. A
        request that submits devices is repeated only where the service provably did not take it.
      - Answers that limit the rate (HTTP 429) are waited out for up to 15 minutes a request, unless this is V(0).
      - The environment variable E(SENTINEL_REQUEST_RETRIES) is used where this is not set.
    type: int
    default: 5
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 256.
      - The environment variable E(SENTINEL_CONCURRENCY) is used where this is not set.
    type: int
    default: 8
  requests_per_minute:
    description:
      - The most requests to send in a minute, evenly spread. No limit of ours by default; the service's are obeyed.
      - The environment variable E(SENTINEL_REQUESTS_PER_MINUTE) is used where this is not set.
    type: int
  field_names:
    description:
      - >-
        Names in the answers of this account that the collection does not recognise. A mapping of a field to the heading
        of a CSV column or the key in JSON, or to a list of them, the preferred one first. For example
        C({iccid: Chip, status: [Outcome, Phase]}).
      - >-
        Fields of devices are V(imei), V(iccid), V(eid), V(sim_id), V(transaction_id), V(status), V(reason), V(carrier),
        V(device_group), V(filter_group), V(service_zip_code), V(mdn), V(ip), V(nickname), V(started) and V(plan_id).
        Fields of transactions, stock and login are V(total), V(success), V(failed), V(pending), V(total_count),
        V(available), V(max_per_request), V(count), V(token) and V(corp_id).
      - >-
        Further fields of the list of devices, which M(kajeet.sentinel.sentinel_devices_info) returns, are
        V(device_name), V(device_group_name), V(online), V(last_30_days_used), V(monthly_amount_used),
        V(day_amount_used), V(monthly_limit), V(daily_limit), V(labels), V(media_center_status), V(summer_status),
        V(effective_vpn_status), V(note), V(apn), V(mdn_custom_field), V(mac), V(oem_serial_number), V(name),
        V(description) and V(sim_type).
      - Names are compared without case and punctuation. A key can be preceded by all keys around it, with dots between,
        such as V(device.number).
      - The error for an unexpected answer lists the names in it and the fields to set. The module
        M(kajeet.sentinel.sentinel_account_info) and the playbook C(kajeet.sentinel.check_account) report how each name
        of an account is read.
      - The environment variable E(SENTINEL_FIELD_NAMES), in JSON, is used where this is not set.
    type: dict
  status_words:
    description:
      - >-
        Status words of this account that the collection does not know. A mapping of V(success) and V(failed), for lines
        and transactions that ended, to a word or phrase, or a list of them. For example
        C({success: [Provisioned], failed: [Bounced]}).
      - The keys V(active), V(suspended) and V(deactivated) are for the status of a device in the account's list of
        devices.
      - Compared without case and punctuation. These words take precedence over the known ones. A word that is not known
        never ends a wait.
      - The module M(kajeet.sentinel.sentinel_account_info) and the playbook C(kajeet.sentinel.check_account) report how
        each status word of an account is read.
      - The environment variable E(SENTINEL_STATUS_WORDS), in JSON, is used where this is not set.
    type: dict
  allow_http:
    description:
      - Whether a token or a password may be sent over plain HTTP to another machine, where anybody on the way can read
        it. Without it, O(api_url) must begin with C(https://), unless it is a loopback address.
      - The environment variable E(SENTINEL_ALLOW_HTTP) is used where this is not set.
    type: bool
    default: false
"""

    PLUGIN = r"""
options:
  api_url:
    env:
      - name: SENTINEL_API_URL
    vars:
      - name: sentinel_api_url
  api_token:
    env:
      - name: SENTINEL_TOKEN
    vars:
      - name: sentinel_api_token
  api_username:
    env:
      - name: SENTINEL_USERNAME
    vars:
      - name: sentinel_api_username
  api_password:
    env:
      - name: SENTINEL_PASSWORD
    vars:
      - name: sentinel_api_password
  corp_id:
    env:
      - name: SENTINEL_CORP_ID
    vars:
      - name: sentinel_corp_id
  validate_certs:
    env:
      - name: SENTINEL_VALIDATE_CERTS
    vars:
      - name: sentinel_validate_certs
  ca_path:
    env:
      - name: SENTINEL_CA_PATH
    vars:
      - name: sentinel_ca_path
  request_timeout:
    env:
      - name: SENTINEL_REQUEST_TIMEOUT
    vars:
      - name: sentinel_request_timeout
  request_retries:
    env:
      - name: SENTINEL_REQUEST_RETRIES
    vars:
      - name: sentinel_request_retries
  concurrency:
    env:
      - name: SENTINEL_CONCURRENCY
    vars:
      - name: sentinel_concurrency
  requests_per_minute:
    env:
      - name: SENTINEL_REQUESTS_PER_MINUTE
    vars:
      - name: sentinel_requests_per_minute
  field_names:
    type: raw
    env:
      - name: SENTINEL_FIELD_NAMES
    vars:
      - name: sentinel_field_names
  status_words:
    type: raw
    env:
      - name: SENTINEL_STATUS_WORDS
    vars:
      - name: sentinel_status_words
  allow_http:
    env:
      - name: SENTINEL_ALLOW_HTTP
    vars:
      - name: sentinel_allow_http
"""
