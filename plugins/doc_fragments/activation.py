# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that the activation modules share."""

from __future__ import annotations

from textwrap import indent

# The fields of a device are options both at the top level and in `devices`.
_FIELDS = r"""
carrier:
  description:
    - The carrier, such as V(Verizon) or V(AT&T). The account must have it. Compared without case and punctuation, and
      sent as written.
  type: str
device_group:
  description:
    - The device group, such as V(Transportation).
  type: str
filter_group:
  description:
    - One of the account's filter groups, such as V(Student_K8).
  type: str
service_zip_code:
  description:
    - ZIP code of the place of use, V(12345) or V(12345-6789). Quote it. Required for Verizon, T-Mobile, Verizon
      Priority, Verizon BI and FirstNet Extended Primary.
  type: str
nickname:
  description:
    - A name for the device.
  type: str
plan_id:
  description:
    - Id of the rate plan. For Verizon BI, one of the business internet plans.
  type: str
activation_location:
  description:
    - V(East) or V(West), for the priority carriers.
  type: str
sub_type:
  description:
    - The kind of subscriber. Required for FirstNet carriers.
  type: str
agency_end_user_name:
  description:
    - Name of the agency's end user. Required for FirstNet carriers.
  type: str
billing_address:
  description:
    - Billing street and number. Required for FirstNet carriers.
  type: str
billing_city:
  description:
    - Billing city. Required for FirstNet carriers.
  type: str
billing_state:
  description:
    - Billing state. Required for FirstNet carriers.
  type: str
"""
_SIM_IDENTITY = r"""
imei:
  description:
    - IMEI of the device, 15 digits. Quote it.
  type: str
iccid:
  description:
    - ICCID of the SIM, 19 or 20 digits that begin with 89. Quote it. Blanks, dashes and a trailing F are dropped.
  type: str
"""
_SIM_ID = r"""
sim_id:
  description:
    - Id of the SmartSIM. Quote it. Blanks and dashes are dropped. An id of fewer than 21 characters needs O(carrier).
  type: str
"""
_EID = r"""
eid:
  description:
    - EID of the device's eUICC, 32 digits, if known. Quote it.
  type: str
"""
_SMARTSIM_IDENTITY = (
    _SIM_ID
    + r"""
imei:
  description:
    - IMEI of the device that holds the SmartSIM, 15 digits, if known. Quote it.
  type: str
"""
)
_ESIM_IDENTITY = (
    r"""
imei:
  description:
    - IMEI of the device, 15 digits. Quote it.
  type: str
"""
    + _EID
)
_DEVICES = r"""
devices:
  description:
    - The devices that must be active. Exactly one of O(devices), O(src) and a device at the top level is required.
    - A device takes each field that it lacks from the option of the same name at the top level.
    - With an empty list, the task does nothing.
  type: list
  elements: dict
  suboptions:
"""


_STATE = r"""
state:
  description:
    - The state that the devices must have. V(active) is the only one that the API can set.
  type: str
  choices: [active]
  default: active
"""


def _options(identity: str) -> str:
    """Returns the options that declare devices, as YAML, for the identifiers in `identity`, which is not indented."""
    listed = _DEVICES + indent((identity + _FIELDS).replace("\n\n", "\n"), "    ")
    return "options:\n" + indent((identity + _FIELDS + _STATE + listed).replace("\n\n", "\n"), "  ")


class ModuleDocFragment:
    """`kajeet.sentinel.activation` is how a fleet is activated; `….sim` and so on, how devices are declared."""

    DOCUMENTATION = r"""
requirements:
  - voluptuous >= 0.13
  - PyYAML, for O(src) in YAML
options:
  src:
    description:
      - >-
        Path of a file that declares the devices, on the machine that runs the module: C(.csv) (also C(.txt) and
        C(.tsv)), C(.xlsx), C(.yml), C(.json) or C(.jsonl). YAML and JSON are a list of mappings, or a mapping with one
        such list.
      - A CSV may be in UTF-8 or UTF-16, with commas, semicolons, tabs or C(|) between its cells. Its header is the
        first of the first 20 rows that names an identifier. Rows above it, repeated headers, and rows without a device
        at the end are ignored with a warning.
      - >-
        Headers are recognised by their words, such as V(SIM Number (ICCID)). A header that is almost a field's name
        and two headers for one field are errors. Other columns are ignored with a warning. See O(columns).
      - Exports of the history, O(result_file), O(failed_file), drift files and reports can also be read.
      - A file encrypted with ansible-vault is decrypted when the task runs in Ansible's own process on the controller.
    type: path
  batch_size:
    description:
      - Maximum number of devices per request, for requests that carry several, from 1 to 2000.
    type: int
    default: 2000
  history:
    description:
      - The history of activations that the declared devices are compared with. See also O(listing).
      - >-
        V(full) reads everything in one request, the CSV export. If that is refused or cannot be read, it reads the
        whole history page by page with the lines of each transaction, and warns. V(recent) reads the last 180 days,
        page by page. V(none) reads nothing. Every device that the device list does not show as active or suspended is
        then submitted, and only the service prevents a second activation.
      - With V(recent), a device that was activated more than 180 days ago looks new. It is submitted again unless the
        device list shows it. Use V(recent) only if V(full) takes too long, and set O(max_new_activations).
    type: str
    choices: [full, recent, none]
    default: full
  listing:
    description:
      - >-
        Whether to read the account's device list, which shows the devices as they are now, in addition to the history.
        It is read in one request, the CSV export, or else page by page.
      - >-
        If both show a device, the list decides. A device that is listed as active is not submitted, whatever the
        history shows. For suspended and deactivated devices, see O(on_suspended) and O(on_deactivated). A device is
        never submitted because the list does not show it.
      - V(auto) warns if the list cannot be read at all, for example because a scope is missing, and the history alone
        decides. With V(required), that is an error. V(none) does not read the list.
    type: str
    choices: [auto, required, none]
    default: auto
  retry_failed:
    description:
      - Whether to submit a device again if its last activation failed. With V(false), it is reported as failed.
    type: bool
    default: true
  on_conflict:
    description:
      - >-
        What to do with a device that is active or pending with another partner, such as its IMEI with another ICCID or
        its ICCID with another IMEI. For a SIM or a SmartSIM, another kind of SIM with its IMEI is also another partner.
      - >-
        This also applies to a device that may already be active, because the history or the device list has a record
        with an incomplete identifier, such as C(8.9E+19), that may be its own.
      - V(fail) leaves the device alone and fails the task at the end. V(skip) leaves it alone. V(activate) submits it
        anyway, unless only the device list has the other partner and the history shows the declared pair as active.
    type: str
    choices: [fail, skip, activate]
    default: fail
  on_suspended:
    description:
      - What to do with a device that the list shows as suspended. It is never submitted.
      - >-
        V(fail) leaves the device alone and fails the task at the end. V(skip) leaves it alone. V(restore) sets its
        status to the account's word for active, and looks for that in the list until O(settle_timeout) has passed.
      - A restoration is part of the plan and of its digest, and counts towards O(max_new_activations). It needs one
        of the scopes for setting a status.
    type: str
    choices: [fail, skip, restore]
    default: fail
  on_deactivated:
    description:
      - What to do with a device that the list shows as deactivated although the history shows it as activated.
      - >-
        V(fail) leaves the device alone and fails the task at the end. V(skip) leaves it alone. V(activate) submits it
        again, which is billed. The list may be late, so it is read until O(settle_timeout) has passed before the
        activation is planned. If the list may show an earlier subscription (its MDN is not the one activated last, the
        device has another row with an unknown status, or it was activated more often than it is listed), V(activate)
        leaves the device alone, like V(fail).
    type: str
    choices: [fail, skip, activate]
    default: fail
  preflight:
    description:
      - Whether to check, before the first write, that the account has each carrier and plan id. Skipped if the plan
        writes nothing.
    type: bool
    default: true
  strict:
    description:
      - Whether unusual identifiers, and missing fields that a carrier is known to require, are errors instead of
        warnings.
    type: bool
    default: false
  max_new_activations:
    description:
      - Maximum number of devices to submit and restore. A plan with more is refused before anything is written.
    type: int
  approved_plan:
    description:
      - The digest of an approved plan (RV(ignore:plan.digest)), or the path of a plan file (O(plan_file)) on the
        machine that runs the module, or the content of a plan file as JSON text, or the output of
        P(kajeet.sentinel.plan_approval#filter).
      - With a digest, a plan that submits or restores anything else is refused before anything is written. Submissions
        that an interrupted run has already made from the approved plan are accepted. If that run restored only some of
        the devices, give the file instead of the digest.
      - With a file, a plan that submits or restores anything that is not in the file is refused. Part of an approved
        fleet is accepted.
      - A plan that writes nothing is always accepted.
    type: str
  wait:
    description:
      - Whether to wait until every submitted device is active or has failed.
    type: bool
    default: true
  journal:
    description:
      - >-
        Path of a file on the machine that runs the module that records submissions. The intent is written before each
        request, the outcome after it. If a run is killed, the next run with the same journal first resolves the
        submissions that were under way, and waits for those that the history does not show yet.
      - Without a journal, the run after one that was killed, or whose transactions did not show up in time, may submit
        a device again if the history is late.
      - Two runs with the same journal cannot overlap. The second run is refused before anything is written. If the
        runs share devices, the second run waits for the first one to end instead.
      - The file is created if missing, and is compacted automatically. It holds identifiers of devices and of
        transactions, and no credentials. In check mode it is read and not written.
    type: path
  progress_interval:
    description:
      - Seconds between progress lines, which show counts by outcome, the rate, the time left and the slowest devices.
        V(0) shows none. A run that ends sooner shows none, and neither does a task with C(no_log).
      - Progress needs a task that runs on the controller (connection local, no become, no async). Anywhere else, the
        module is sent to the target and cannot show progress.
      - Lines go to stdout with a stdout callback that people read, such as C(default) and that of an automation
        controller, otherwise to stderr.
    type: float
    default: 5.0
  on_unknown:
    description:
      - What to do with a submission that was not found within O(settle_timeout).
      - V(fail) reports its devices as unknown. The next run looks for them again. V(resubmit) submits them once more,
        at the risk of activating them twice.
      - With V(fail), a transaction that was accepted but that neither the history nor the service shows by then stays
        in the O(journal), and the next run waits for it. With V(resubmit), it is removed from the journal, and the
        next run submits its devices.
    type: str
    choices: [fail, resubmit]
    default: fail
  extra_body:
    description:
      - Merged into the body of each request, for fields that this collection does not name. It cannot contain device
        identifiers.
    type: dict
"""


_FLEET = r"""
state:
  description:
    - The state that the devices must have.
    - V(planned) makes the plan and stops there, as in check mode.
  type: str
  choices: [active, planned]
  default: active
hosts:
  description:
    - The hosts that declare the devices. V(true) is every host of the play. To choose hosts, give their names as a list
      or separated by commas.
    - Each host is a device, declared by its variables C(sentinel_iccid), C(sentinel_imei), C(sentinel_carrier) and so
      on, and C(sentinel_kind) if it is not of O(kind).
    - The task runs once, on the controller, whatever the connection of the hosts. Hosts that have failed or are
      unreachable are left out, and with C(serial) those of other batches. So are hosts with C(sentinel_declared=false),
      which the inventory plugin P(kajeet.sentinel.sentinel#inventory) creates for devices that only the account has.
    - A C(when) that excludes some of the hosts is an error. If it excludes the first host, Ansible skips the task for
      all of them.
  type: raw
devices:
  description:
    - The devices that must be active, as mappings. Exactly one of O(devices), O(src), O(hosts) and a device at the top
      level is required.
    - A device may have C(kind), the identifiers of its kind, and the other fields of the top level, such as O(carrier).
      It takes each field that it lacks from O(group_defaults), O(carrier_defaults) and the top level, in this order.
    - With an empty list, the task does nothing.
  type: list
  elements: raw
kind:
  description:
    - The kind of the devices that have no C(kind) of their own, in a key, column or variable.
  type: str
  choices: [sim, smartsim, esim]
  default: sim
defaults:
  description:
    - >-
      Fields for each device that lacks them, such as C({carrier: Verizon}). Fields at the top level take precedence.
  type: dict
carrier_defaults:
  description:
    - >-
      Fields for the devices of a carrier, by its name, such as C({Verizon BI: {plan_id: BI-100}}). They take
      precedence over O(defaults).
  type: dict
group_defaults:
  description:
    - Fields for the devices of a device group, by its name. They take precedence over O(carrier_defaults), and may
      include the carrier.
  type: dict
directory:
  description:
    - Base directory of relative paths. The default is the directory of the playbook.
  type: path
"""


def _fleet_options() -> str:
    """Returns the options that declare a fleet of any kinds, as YAML."""
    fields = _SIM_IDENTITY + _SIM_ID + _EID + _FIELDS + _FLEET
    return "options:\n" + indent(fields.replace("\n\n", "\n"), "  ")


# Not in the class body, because documentation linters expect literal texts there.
ModuleDocFragment.SIM = _options(_SIM_IDENTITY)
ModuleDocFragment.SMARTSIM = _options(_SMARTSIM_IDENTITY)
ModuleDocFragment.ESIM = _options(_ESIM_IDENTITY)
ModuleDocFragment.FLEET = _fleet_options()
