# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and wiring; the work is done in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel
short_description: The devices of a fleet as hosts
version_added: 0.1.0
description:
  - Creates a host for each device that a file declares, that the account's activation history shows, or both.
    Alternatively, for each device on the account's device list.
  - The history shows what was activated. The device list shows what the account has now, so that a device that was
    suspended since is C(suspended), and not C(active).
  - The status of a host agrees with the plan of the activation modules. If a device has several lines in the history,
    the newest that has not failed counts.
  - A device whose SIM was replaced is one host, with the newer SIM, unless the older one is declared.
  - Only reads. The history takes one request, and so does the device list.
  - Reads files that end in C(.sentinel.yml) or C(.sentinel.yaml).
  - The options can be templates, with extra variables (C(-e)) and lookups.
author:
  - kajeet.sentinel contributors (!UNKNOWN)
extends_documentation_fragment:
  - kajeet.sentinel.connection.plugin
  - kajeet.sentinel.connection
  - kajeet.sentinel.source
  - kajeet.sentinel.source.carriers
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
requirements:
  - voluptuous >= 0.13, for O(src)
  - PyYAML, for O(src) in YAML
options:
  plugin:
    description:
      - The name of this plugin.
    type: str
    required: true
    choices: [kajeet.sentinel.sentinel]
  source:
    description:
      - >-
        Where the hosts come from. V(declared) is the devices of O(src), without reading the history. V(history) is the
        devices that the history shows. V(merged) is both, each device once. V(listing) is the devices of the device
        list, without reading the history.
      - The default is V(merged) with O(src), and V(history) without.
    type: str
    choices: [declared, history, merged, listing]
  listing:
    description:
      - Whether to read the account's device list for the current status of the hosts. This needs O(corp_id), or a login
        that reports it.
      - >-
        V(auto) reads the list. If it cannot be read, the plugin warns, and the history alone decides. With
        O(source=declared), V(auto) sends no request. V(required) fails if the list cannot be read. V(none) does not
        read it.
      - With O(source=listing), V(auto) means V(required).
    type: str
    choices: [auto, required, none]
    default: auto
  online:
    description:
      - Whether to read which devices are online. Only the pages of the device list have it, which takes one more
        request per 100 devices of the account.
      - If the CSV of the list is refused, the pages are read anyway, and C(sentinel_online) is set without this option.
    type: bool
    default: false
  src:
    description:
      - Path of a file that declares devices, in any format that O(kajeet.sentinel.sentinel_fleet#module:src) takes.
      - A relative path is relative to the directory of the inventory file.
      - A column C(kind) sets the kind of each device, V(sim), V(smartsim) or V(esim).
    type: str
  defaults:
    description:
      - >-
        Fields for each device of O(src) that lacks them, such as C({carrier: Verizon}). The fields are those that the
        activation modules take at the top level of a task.
    type: dict
    default: {}
  kind:
    description:
      - The kind of the devices that have no C(kind) of their own. Hosts without another name are named after the
        identifier of this kind, which is the ICCID for V(sim), the SIM id for V(smartsim), and the IMEI for V(esim).
    type: str
    choices: [sim, smartsim, esim]
    default: sim
  undeclared:
    description:
      - With O(source=merged), whether devices that the history shows but O(src) does not declare are also hosts.
    type: bool
    default: true
  hostnames:
    description:
      - >-
        Names of the hosts, in order of preference. Each is the name of a variable such as V(sentinel_nickname), or a
        template such as V(bus-{{ sentinel_imei[-6:] }}), in which unknown values are empty. The first that is not empty
        is the host's name. The default is the identifier of the device.
      - Characters other than letters, digits, dots, dashes and underscores become underscores. Names are cut at 60
        characters.
      - Two devices with the same name are an error that shows where both are declared.
      - Templates take time, about as much as an entry of O(compose). Names of variables do not.
    type: list
    elements: str
    default: []
  default_groups:
    description:
      - >-
        Whether to group hosts by status, carrier, device group and filter group, as in C(sentinel_status_active),
        C(sentinel_carrier_at_t), C(sentinel_device_group_transportation) and C(sentinel_filter_group_student_k8).
      - >-
        Hosts on the device list are also grouped by their status there, as in C(sentinel_device_status_suspended). The
        group is named after the meaning of the service's word if that is active, suspended or deactivated, otherwise
        after the word itself.
      - With O(source=merged), the hosts that O(src) does not declare are in C(sentinel_undeclared).
      - Names of groups are in lower case. Characters that are not valid in a variable's name become underscores.
      - >-
        Device groups that would get the same name, such as V(Bus 1) and V(Bus-1), are kept separate. Each gets a name
        with a suffix, such as C(sentinel_device_group_bus_1_2e0312), and a warning lists them. A run that is limited to
        one of them never submits devices of another. The same applies to filter groups.
      - Spellings that differ only by case, such as V(Bus) and V(bus), are one group, also with a warning.
    type: bool
    default: true
  group_prefix:
    description:
      - Prefix of the names of these groups.
    type: str
    default: sentinel_
  statuses:
    description:
      - Only devices with one of these statuses are hosts. See the notes for their meanings.
    type: list
    elements: str
    choices: [active, pending, failed, missing, conflict, suspended, deactivated]
    default: []
  device_statuses:
    description:
      - Only devices that the device list shows with one of these statuses are hosts.
      - V(active), V(suspended) and V(deactivated) match the meaning of the service's word. These and any other words
        also match the word itself, without case and punctuation.
    type: list
    elements: str
    default: []
  carriers:
    description:
      - Only devices of these carriers are hosts. Compared without case and punctuation.
    type: list
    elements: str
    default: []
  device_groups:
    description:
      - Only devices of these device groups are hosts.
    type: list
    elements: str
    default: []
  filter_groups:
    description:
      - Only devices of these filter groups are hosts.
    type: list
    elements: str
    default: []
notes:
  - >-
    Each host has the variables C(sentinel_imei), C(sentinel_iccid), C(sentinel_sim_id), C(sentinel_eid),
    C(sentinel_carrier), C(sentinel_device_group), C(sentinel_filter_group), C(sentinel_service_zip_code),
    C(sentinel_nickname), C(sentinel_mdn), C(sentinel_ip), C(sentinel_transaction_id) and C(sentinel_started). They are
    text, or V(null) if unknown. Values of O(src) take precedence over those of the device list, and these over those of
    the history.
  - >-
    C(sentinel_status) is V(active), V(pending), V(failed), V(missing) (declared, but neither in the history nor on the
    device list), V(conflict) (declared, and active or pending with another partner), V(suspended) (on the device list)
    or V(deactivated) (activated, and on the device list as deactivated). C(sentinel_line_status) is the service's own
    word in the history. C(sentinel_reason) is the reason for a failure or a conflict.
  - >-
    Values from the device list are C(sentinel_device_status), the service's own word;
    C(sentinel_device_state), the meaning of that word, V(active), V(suspended), V(deactivated) or V(null);
    C(sentinel_network), the carrier as the list has it; C(sentinel_online), V(true), V(false) or V(null), see
    O(online); C(sentinel_last_30_days_used), C(sentinel_monthly_amount_used), C(sentinel_day_amount_used),
    C(sentinel_monthly_limit) and C(sentinel_daily_limit), which are numbers in the service's unit; and
    C(sentinel_labels), a list. C(sentinel_listed) is whether the list has the host, and is V(null) if the list was not
    read. The list may be late, so a host that is not on it does not become missing.
  - >-
    With O(source=declared) and O(source=listing), C(sentinel_status) is the status on the device list, or V(null).
  - >-
    C(sentinel_declared) is whether O(src) declares the device. C(sentinel_kind) is its kind, and C(sentinel_device) its
    declaration, as the option C(devices) of the activation modules takes it.
  - >-
    If the device list has several entries for one device, an active one takes precedence over a suspended one, and that
    over a deactivated one. An entry with the device's IMEI and another SIM does not belong to the device.
  - Values from the file and from the service are never evaluated as templates.
  - >-
    If an inventory cannot be read, Ansible warns and continues without it. To make it fail, set
    C(any_unparsed_is_failed) in the section C(inventory) of C(ansible.cfg), or
    E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED).
  - >-
    The cache (O(cache)) keeps the history and the device list of an account, identified by O(api_url),
    O(corp_id) and O(api_username), or by O(api_token) without a complete login. Both are read again if such a token
    changes, or if an option needs more than the cache has. O(src) is read each time.
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_devices_info
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
# fleet.sentinel.yml: every device in fleet.csv, with its status in the account
plugin: kajeet.sentinel.sentinel
src: fleet.csv
---
# Hosts named after their nicknames; the login from the environment; the history cached for an hour
plugin: kajeet.sentinel.sentinel
src: fleet.csv
hostnames:
  - sentinel_nickname
api_username: "{{ lookup('ansible.builtin.env', 'SENTINEL_USERNAME') }}"
api_password: "{{ lookup('ansible.builtin.env', 'SENTINEL_PASSWORD') }}"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .cache/inventory
cache_timeout: 3600
---
# All active devices of the account, with addresses to connect to, and custom groups
plugin: kajeet.sentinel.sentinel
source: history
statuses: [active]
hostnames:
  - "router-{{ sentinel_imei[-7:] }}"
compose:
  ansible_host: sentinel_ip
groups:
  lab: sentinel_nickname is search('lab', ignorecase=true)
keyed_groups:
  - key: sentinel_service_zip_code
    prefix: zip
---
# The devices that the account has now, grouped by network and label; suspended ones are in
# sentinel_device_status_suspended
plugin: kajeet.sentinel.sentinel
source: listing
corp_id: NORTHSTAR-ISD
hostnames:
  - sentinel_nickname
  - sentinel_mdn
groups:
  over_limit: sentinel_monthly_limit and sentinel_monthly_amount_used > sentinel_monthly_limit
keyed_groups:
  - key: sentinel_network
    prefix: network
  - key: sentinel_labels
    prefix: label
---
# The declared devices that are suspended now; fails if the account's device list cannot be read
plugin: kajeet.sentinel.sentinel
src: fleet.csv
listing: required
corp_id: NORTHSTAR-ISD
undeclared: false
statuses: [suspended]
---
# Only the file, without requests or credentials
plugin: kajeet.sentinel.sentinel
source: declared
src: fleet.csv
default_groups: false
"""

import os

from ansible.constants import LOCALHOST
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._errors import SentinelError
from ..module_utils._text import printable_lines
from ..plugin_utils._connection import read_variables
from ..plugin_utils._inventory.names import Groups, host_groups, host_names
from ..plugin_utils._inventory.sources import (
    Settings,
    check_options,
    find_devices,
    from_cache,
    read_account,
    to_cache,
)
from ..plugin_utils._vault import vault_of

#: Options that are evaluated for each host, and not when the configuration is read.
_OF_HOSTS = ("hostnames", "compose", "groups", "keyed_groups")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin ``kajeet.sentinel.sentinel``."""

    NAME = "kajeet.sentinel.sentinel"

    def verify_file(self, path):
        """Returns whether the path is a configuration of this plugin."""
        return path.endswith((".sentinel.yml", ".sentinel.yaml")) and super().verify_file(path)

    def parse(self, inventory, loader, path, cache=True):
        """Adds the hosts. Raises AnsibleParserError, before the first host unless `compose` or groups fail."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        try:
            check_options(config, self.option_definitions)
            settings = Settings.read(self.get_option, os.path.dirname(os.path.abspath(path)))
            with vault_of(self.loader):
                found = find_devices(settings, lambda declared: self._account(path, cache, settings, declared))
            groups = self._groups(found.entries)
            reserved = self._reserved().union(*groups.names)
            named = host_names(found.entries, self.get_option("hostnames") or (), self._render, reserved)
        except SentinelError as error:
            raise AnsibleParserError(str(error)) from None
        for warning in [*found.warnings, *groups.warnings]:
            self._warn(path, warning)
        for remark in found.remarks:
            self.display.v(printable_lines(f"{path}: {remark}"))
        self._add(named, groups.names)

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """Sets the options. Those from the configuration and from extra variables are templated."""
        given = self._templated(direct or {})
        if isinstance(given.get("hostnames"), str):
            # Ansible would split a string at its commas, and cut a template in two.
            given["hostnames"] = [given["hostnames"]]
        super().set_options(task_keys, self._templated(read_variables(var_options)), given)

    def _templated(self, options):
        return {name: value if name in _OF_HOSTS else self._option(name, value) for name, value in options.items()}

    def _option(self, name, value):
        self.templar.available_variables = self._vars or {}
        try:
            return self.templar.template(value)
        except AnsibleError as error:
            # Without the error as cause, because Ansible would show the lines around the value, maybe with a password.
            raise AnsibleParserError(f"{name}: {error}") from None

    def _account(self, path, cache, settings, declared):
        """Returns history and device list, from the cache if it is enabled and has them, otherwise from the service."""
        if not self.get_option("cache"):
            return self._read(path, settings, declared)
        key = self.get_cache_key(path)
        if cache:
            try:
                account = from_cache(self._cache[key], settings, self.get_option)
            except KeyError:
                account = None
            if account is not None:
                return account
        # The whole account, because the next run may declare other devices.
        account = self._read(path, settings, None)
        self._cache[key] = to_cache(account, settings, self.get_option)
        return account

    def _read(self, path, settings, declared):
        """Returns history and device list from the service, and shows the warnings."""
        account, warnings = read_account(self.get_option, settings, declared)
        for warning in warnings:
            self._warn(path, warning)
        return account

    def _warn(self, path, warning):
        """Shows a warning, which may quote text from the file or the service."""
        self.display.warning(printable_lines(f"{path}: {warning}"))

    def _render(self, template, variables):
        """Returns a template rendered with a host's variables, which are not evaluated as templates themselves."""
        # Otherwise names would contain "None".
        known = {name: "" if value is None else value for name, value in variables.items()}
        self.templar.available_variables = {**known, **(self._vars if self.get_option("use_extra_vars") else {})}
        try:
            return self.templar.template(template)
        except AnsibleError as error:
            raise AnsibleParserError(f"hostnames: {template}: {error}") from None

    def _reserved(self):
        """Returns names that hosts cannot have, because they are groups or the controller."""
        return {*LOCALHOST, *self.inventory.groups, *map(self._sanitize_group_name, self.get_option("groups") or ())}

    def _groups(self, entries):
        if not self.get_option("default_groups"):
            return Groups([[] for dummy in entries], [])
        return host_groups(entries, self.get_option("group_prefix"))

    def _add(self, named, groups):
        """Adds the hosts with their variables and groups."""
        constructed = any(self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        hosts, every = self.inventory.hosts, self.inventory.groups
        for group in sorted({group for listed in groups for group in listed}):
            self.inventory.add_group(group)
        for (name, entry), listed in zip(named.items(), groups):
            self.inventory.add_host(name)
            # Not one by one through the inventory, which takes longer than everything else together. The values are
            # not tagged as templates.
            hosts[name].vars.update(entry.values)
            for group in listed:
                every[group].add_host(hosts[name])
            if constructed:
                try:
                    self._construct(name)
                except AnsibleError as error:
                    raise AnsibleParserError(str(error)) from None

    def _construct(self, name):
        strict = self.get_option("strict")
        host = self.inventory.get_host(name)
        self._set_composite_vars(self.get_option("compose"), host.get_vars(), name, strict)
        variables = host.get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict, fetch_hostvars=False)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict, fetch_hostvars=False)
