# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that modules and plugins share."""

from __future__ import annotations


class ModuleDocFragment:
    """`kajeet.sentinel.connection` for modules; plugins have `kajeet.sentinel.connection.plugin` before it.

    If two fragments describe the same property of an option, ansible-core takes the first one. The types of the two
    mappings differ because ansible-core does not read a plugin's `dict` from JSON in an environment variable.
    """

    DOCUMENTATION = r"""
requirements:
  - requests >= 2.28
options:
  api_url:
    description:
      - Base URL of the Sentinel API, without the version, and without credentials, a query or a fragment.
      - The environment variable E(SENTINEL_API_URL) is used if this is not set.
    type: str
    default: https://api.kajeet.dev/sentinel-proxy/sentinel/api
  api_token:
    description:
      - Token for the API. Takes precedence over O(api_username) and O(api_password).
      - The environment variable E(SENTINEL_TOKEN) is used if this is not set.
    type: str
  api_username:
    description:
      - User name for a login, with O(api_password). The task logs in once, and renews a token that has expired.
      - If O(api_token) is also given, the login is used only to renew it.
      - The environment variable E(SENTINEL_USERNAME) is used if this is not set.
    type: str
  api_password:
    description:
      - Password that goes with O(api_username).
      - The environment variable E(SENTINEL_PASSWORD) is used if this is not set.
    type: str
  corp_id:
    description:
      - The account (corp) that requests are for, such as V(NORTHSTAR-ISD).
      - The default is the account that the login with O(api_username) reports.
      - The environment variable E(SENTINEL_CORP_ID) is used if this is not set.
    type: str
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid. Set it to V(false) in tests only.
      - The environment variable E(SENTINEL_VALIDATE_CERTS) is used if this is not set.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the certificate authorities to trust, instead of the default ones.
      - The environment variable E(SENTINEL_CA_PATH) is used if this is not set.
    type: path
  request_timeout:
    description:
      - Seconds to wait for a connection, and again for each part of an answer. No more than V(864000), ten days.
      - The environment variable E(SENTINEL_REQUEST_TIMEOUT) is used if this is not set.
    type: float
    default: 30.0
  request_retries:
    description:
      - Maximum number of retries of a request that only reads, after a failure that may be temporary, with growing
        pauses. A request that submits devices is retried only if the service provably did not accept it.
      - Rate limiting (HTTP 429) is waited out for up to 15 minutes per request, unless this is V(0).
      - The environment variable E(SENTINEL_REQUEST_RETRIES) is used if this is not set.
    type: int
    default: 5
  concurrency:
    description:
      - Maximum number of concurrent requests, from 1 to 256.
      - The environment variable E(SENTINEL_CONCURRENCY) is used if this is not set.
    type: int
    default: 8
  requests_per_minute:
    description:
      - Maximum number of requests per minute, evenly spread. By default, only the service's own limits apply.
      - The environment variable E(SENTINEL_REQUESTS_PER_MINUTE) is used if this is not set.
    type: int
  field_names:
    description:
      - >-
        Names of fields that the collection does not recognise in this account's answers. Maps a field to a CSV header
        or a JSON key, or to a list of them in order of preference, such as C({iccid: Chip, status: [Outcome, Phase]}).
      - >-
        Fields of devices are V(imei), V(iccid), V(eid), V(sim_id), V(transaction_id), V(status), V(reason), V(carrier),
        V(device_group), V(filter_group), V(service_zip_code), V(mdn), V(ip), V(nickname), V(started) and V(plan_id).
        Fields of transactions, stock and login are V(total), V(success), V(failed), V(pending), V(total_count),
        V(available), V(max_per_request), V(count), V(token) and V(corp_id).
      - >-
        Additional fields of the device list, which M(kajeet.sentinel.sentinel_devices_info) returns, are
        V(device_name), V(device_group_name), V(online), V(last_30_days_used), V(monthly_amount_used),
        V(day_amount_used), V(monthly_limit), V(daily_limit), V(labels), V(media_center_status), V(summer_status),
        V(effective_vpn_status), V(note), V(apn), V(mdn_custom_field), V(mac), V(oem_serial_number), V(name),
        V(description) and V(sim_type).
      - Names are compared without case and punctuation. A nested key can be given as a full path with dots, such as
        V(device.number).
      - The error for an unexpected answer lists its names and the fields to set. The module
        M(kajeet.sentinel.sentinel_account_info) and the playbook C(kajeet.sentinel.check_account) report how each name
        is read.
      - The environment variable E(SENTINEL_FIELD_NAMES), in JSON, is used if this is not set.
    type: dict
  status_words:
    description:
      - >-
        Status words of this account that the collection does not know. Maps V(success) and V(failed), for lines and
        transactions that ended, to a word or phrase, or a list of them, such as
        C({success: [Provisioned], failed: [Bounced]}).
      - The keys V(active), V(suspended) and V(deactivated) are for the status of a device in the account's device list.
      - Compared without case and punctuation. These words take precedence over the known ones. A word that is not known
        never ends a wait.
      - The module M(kajeet.sentinel.sentinel_account_info) and the playbook C(kajeet.sentinel.check_account) report how
        each status word is read.
      - The environment variable E(SENTINEL_STATUS_WORDS), in JSON, is used if this is not set.
    type: dict
  allow_http:
    description:
      - Whether to allow plain HTTP to another machine. Anyone on the network can then read the token or password. By
        default, O(api_url) must begin with C(https://) unless it is a loopback address.
      - The environment variable E(SENTINEL_ALLOW_HTTP) is used if this is not set.
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
