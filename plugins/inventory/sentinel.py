# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation and wiring; what the hosts are is worked out in plugin_utils."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sentinel
short_description: The devices of a fleet as hosts
version_added: 0.1.0
description:
  - Makes a host of each device that a file declares, that the activation history of the account shows, or of both. Or
    of each device on the account's device list.
  - The history shows what was activated. The device list shows what the account has now, so that a device that was
    suspended since is C(suspended), and not C(active).
  - What a host's status is agrees with what the activation modules plan for the device. Of its lines in the history,
    the newest that has not failed holds.
  - A device whose SIM was replaced is one host, with the newer SIM, unless the older one is declared.
  - Only reads. The history is one request, and so is the device list.
  - Reads files that end in C(.sentinel.yml) or C(.sentinel.yaml).
  - The options can be templates. They may refer to extra variables (C(-e)) and use lookups.
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
        Where the hosts come from. V(declared) are the devices of O(src); the history is not read. V(history) are the
        devices that the history shows. V(merged) are both, each device once. V(listing) are the devices of the device
        list; the history is not read.
      - Without it V(merged) with O(src), V(history) without.
    type: str
    choices: [declared, history, merged, listing]
  listing:
    description:
      - Whether to read the account's device list for what it says of the hosts. This needs O(corp_id), or a login that
        reports it.
      - >-
        V(auto) reads it; where it cannot be read, a warning says so, and the history alone decides. With
        O(source=declared) it reads nothing, and the service is not asked. V(required) makes it an error where the list
        cannot be read. V(none) does not read it.
      - With O(source=listing), V(auto) is V(required).
    type: str
    choices: [auto, required, none]
    default: auto
  online:
    description:
      - Whether to read from the list's pages which devices are online. The list's CSV, which is read otherwise, does
        not have it. This takes one more request for every 100 devices of the account.
      - Where the CSV is refused, the list is read from its pages anyway, and C(sentinel_online) is set without this.
    type: bool
    default: false
  src:
    description:
      - Path of a file that declares devices, as O(kajeet.sentinel.sentinel_fleet#module:src) takes it.
      - A relative path begins at the directory of the inventory file.
      - A column C(kind) may say of which kind each device is, V(sim), V(smartsim) or V(esim).
    type: str
  defaults:
    description:
      - >-
        What holds for each device of O(src) that does not say it, such as C({carrier: Verizon}). The fields are those
        that the activation modules take at the top level of a task.
    type: dict
    default: {}
  kind:
    description:
      - The kind of the devices that do not say it. Hosts that have no other name are named after what identifies a
        device of this kind, which is the ICCID with V(sim), the SIM id with V(smartsim), and the IMEI with V(esim).
    type: str
    choices: [sim, smartsim, esim]
    default: sim
  undeclared:
    description:
      - With O(source=merged), whether the devices that the history shows and O(src) does not declare are hosts, too.
    type: bool
    default: true
  hostnames:
    description:
      - >-
        How hosts are named. Each is a variable's name such as V(sentinel_nickname), or a template such as
        V(bus-{{ sentinel_imei[-6:] }}), in which what is not known is an empty text. The first that is not empty names
        the host. Where all are, and without this option, what identifies the device does.
      - Characters other than letters, digits, dots, dashes and underscores become underscores, and 60 characters are
        the most.
      - Two devices with one name are an error that tells where both are.
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
        Hosts that the device list shows are also grouped by their status in it, as in
        C(sentinel_device_status_suspended). The group is named after the meaning of the service's word where that is
        active, suspended or deactivated, and after the word itself otherwise.
      - With O(source=merged), the hosts that O(src) does not declare are in C(sentinel_undeclared).
      - Names of groups are in lower case, and what cannot stand in a variable's name becomes an underscore.
      - >-
        Device groups that would get one name by that, such as V(Bus 1) and V(Bus-1), are told apart. Each gets a name
        with an end of its own, such as C(sentinel_device_group_bus_1_2e0312), none gets the common one, and a warning
        tells all. So a run that is limited to one never submits devices of another. The same holds of filter groups.
      - Spellings that differ by case alone, such as V(Bus) and V(bus), are one group. A warning tells of them, too.
    type: bool
    default: true
  group_prefix:
    description:
      - What the names of these groups begin with.
    type: str
    default: sentinel_
  statuses:
    description:
      - Only devices with one of these statuses are hosts. The notes say what they mean.
    type: list
    elements: str
    choices: [active, pending, failed, missing, conflict, suspended, deactivated]
    default: []
  device_statuses:
    description:
      - Only devices that the device list shows with one of these statuses are hosts.
      - V(active), V(suspended) and V(deactivated) are compared with the meaning of the service's word. They and any
        other word are also compared with the word itself, without case and punctuation.
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
    text, or V(null) where nothing is known. What O(src) says of a device outranks what the device list says, and that
    outranks the history.
  - >-
    C(sentinel_status) is V(active), V(pending), V(failed), V(missing) (declared, and neither in the history nor on the
    device list), V(conflict) (declared, and active or pending with another partner), V(suspended) (on the device list)
    or V(deactivated) (activated, and on the device list as deactivated). C(sentinel_line_status) is the service's own
    word in the history. C(sentinel_reason) says why a device failed, or with what it conflicts.
  - >-
    What the device list says of a host is in C(sentinel_device_status), the service's own word;
    C(sentinel_device_state), which is what the word means, V(active), V(suspended), V(deactivated) or V(null);
    C(sentinel_network), the carrier as the list has it; C(sentinel_online), V(true), V(false) or V(null), see
    O(online); C(sentinel_last_30_days_used), C(sentinel_monthly_amount_used), C(sentinel_day_amount_used),
    C(sentinel_monthly_limit) and C(sentinel_daily_limit), which are numbers in the service's unit; and
    C(sentinel_labels), a list. C(sentinel_listed) says whether the list shows the host, and is V(null) where the list
    was not read. A list may be late, so a host that it does not show is not missing for that.
  - >-
    With O(source=declared) and O(source=listing), C(sentinel_status) is what the device list says, or V(null).
  - >-
    C(sentinel_declared) tells whether O(src) declares the device; C(sentinel_kind) and C(sentinel_device) tell how,
    the latter as the option C(devices) of the activation modules takes it.
  - >-
    Where the device list has several entries for one device, an active one counts before a suspended, and that before a
    deactivated one. An entry that has the device's IMEI with another SIM is not the device's.
  - Values of the file and of the service are data, never templates, whatever they look like.
  - >-
    Where an inventory cannot be read, Ansible warns and goes on without it. Set C(any_unparsed_is_failed) in the
    section C(inventory) of C(ansible.cfg), or E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED), to have it fail.
  - >-
    The cache (O(cache)) keeps the history and the device list of an account, identified by O(api_url),
    O(corp_id) and O(api_username), and without a complete login by O(api_token). With a token alone, a new one has both
    read anew, and so does an option that asks for more than the cache has. O(src) is read each time.
seealso:
  - module: kajeet.sentinel.sentinel_activation
  - module: kajeet.sentinel.sentinel_devices_info
  - module: kajeet.sentinel.sentinel_transactions_info
"""

EXAMPLES = r"""
# fleet.sentinel.yml: every device in the file beside it, with what the service knows of it
plugin: kajeet.sentinel.sentinel
src: fleet.csv
---
# Named after their nicknames; the login is read from somewhere, here the environment; the history is kept for an hour
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
# What is active in the whole account, with addresses to connect to, and groups of one's own
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
# What the account has now, and groups by network and label; those that are suspended are in
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
# The declared devices that are suspended now; an error where the account's device list cannot be read
plugin: kajeet.sentinel.sentinel
src: fleet.csv
listing: required
corp_id: NORTHSTAR-ISD
undeclared: false
statuses: [suspended]
---
# The file alone: no request, no credentials
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
from ..plugin_utils._inventory.sources import Settings, check_options, find, from_cache, read_account, to_cache
from ..plugin_utils._vault import vault_of

#: What is evaluated for each host, and not when the configuration is read.
_OF_HOSTS = ("hostnames", "compose", "groups", "keyed_groups")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin ``kajeet.sentinel.sentinel``."""

    NAME = "kajeet.sentinel.sentinel"

    def verify_file(self, path):
        """Whether the path is that of a configuration for this plugin."""
        return path.endswith((".sentinel.yml", ".sentinel.yaml")) and super().verify_file(path)

    def parse(self, inventory, loader, path, cache=True):
        """Adds the hosts. Raises AnsibleParserError in words; before the first host, but for what is constructed."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        try:
            check_options(config, self.option_definitions)
            settings = Settings.read(self.get_option, os.path.dirname(os.path.abspath(path)))
            with vault_of(self.loader):
                found = find(settings, lambda declared: self._account(path, cache, settings, declared))
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
        """Sets the options, those of the configuration and those in extra variables templated."""
        given = self._templated(direct or {})
        if isinstance(given.get("hostnames"), str):
            # Ansible would take a text for a list with commas between, and cut a template in two.
            given["hostnames"] = [given["hostnames"]]
        super().set_options(task_keys, self._templated(read_variables(var_options)), given)

    def _templated(self, options):
        return {name: value if name in _OF_HOSTS else self._option(name, value) for name, value in options.items()}

    def _option(self, name, value):
        self.templar.available_variables = self._vars or {}
        try:
            return self.templar.template(value)
        except AnsibleError as error:
            # Not the error itself: Ansible would show the lines around the value, and a password may be among them.
            raise AnsibleParserError(f"{name}: {error}") from None

    def _account(self, path, cache, settings, declared):
        """What the account shows: from the cache where that is wanted and has it, otherwise from the service."""
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
        # All of it: the next run may declare other devices.
        account = self._read(path, settings, None)
        self._cache[key] = to_cache(account, settings, self.get_option)
        return account

    def _read(self, path, settings, declared):
        """What the service shows; what is odd about it is a warning."""
        account, warnings = read_account(self.get_option, settings, declared)
        for warning in warnings:
            self._warn(path, warning)
        return account

    def _warn(self, path, warning):
        """Shows a warning, which may quote the file or the service."""
        self.display.warning(printable_lines(f"{path}: {warning}"))

    def _render(self, template, variables):
        """A template's text for a host's variables, which are data and are not evaluated themselves."""
        # Nobody wants a name with None in it.
        known = {name: "" if value is None else value for name, value in variables.items()}
        self.templar.available_variables = {**known, **(self._vars if self.get_option("use_extra_vars") else {})}
        try:
            return self.templar.template(template)
        except AnsibleError as error:
            raise AnsibleParserError(f"hostnames: {template}: {error}") from None

    def _reserved(self):
        """Names that no host may take: they mean the controller or a group."""
        return {*LOCALHOST, *self.inventory.groups, *map(self._sanitize_group_name, self.get_option("groups") or ())}

    def _groups(self, entries):
        if not self.get_option("default_groups"):
            return Groups([[] for dummy in entries], [])
        return host_groups(entries, self.get_option("group_prefix"))

    def _add(self, named, groups):
        """Adds the hosts, with variables and groups."""
        constructed = any(self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        hosts, every = self.inventory.hosts, self.inventory.groups
        for group in sorted({group for listed in groups for group in listed}):
            self.inventory.add_group(group)
        for (name, entry), listed in zip(named.items(), groups):
            self.inventory.add_host(name)
            # At once, and not one by one through the inventory, which takes longer than all the rest together. None of
            # the values is tagged as a template, and none becomes one here.
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
