# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that the activation modules share."""

from __future__ import annotations

from textwrap import indent

# The fields of a device are options at the top level and in the list. They are written once, here.
_FIELDS = r"""
carrier:
  description:
    - The carrier, one of those that the account has, such as V(Verizon) or V(AT&T). Compared without case and
      punctuation, and sent as written.
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
    - ZIP code of the place of use, V(12345) or V(12345-6789). Quote it. Verizon, T-Mobile, Verizon Priority,
      Verizon BI and FirstNet Extended Primary need it.
  type: str
nickname:
  description:
    - A name for the device.
  type: str
plan_id:
  description:
    - The rate plan. Verizon BI needs one of the business internet plans.
  type: str
activation_location:
  description:
    - V(East) or V(West), for the priority carriers.
  type: str
sub_type:
  description:
    - The kind of subscriber; FirstNet carriers need it.
  type: str
agency_end_user_name:
  description:
    - Name of the agency's end user; FirstNet carriers need it.
  type: str
billing_address:
  description:
    - Street and number; FirstNet carriers need it.
  type: str
billing_city:
  description:
    - City; FirstNet carriers need it.
  type: str
billing_state:
  description:
    - State; FirstNet carriers need it.
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
    - Id of the SmartSIM. Quote it. Blanks and dashes are dropped. Shorter than 21 characters, it needs O(carrier).
  type: str
"""
_EID = r"""
eid:
  description:
    - EID of the device's eUICC, 32 digits, where it is known. Quote it.
  type: str
"""
_SMARTSIM_IDENTITY = (
    _SIM_ID
    + r"""
imei:
  description:
    - IMEI of the device that it sits in, 15 digits, where it is known. Quote it.
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
    - The devices that must be active. Exactly one of O(devices), O(src) and a device at the top level is given.
    - A field that a device lacks is taken from the field of the same name at the top level.
    - An empty list is a fleet of no devices. Nothing happens then.
  type: list
  elements: dict
  suboptions:
"""


_STATE = r"""
state:
  description:
    - The state that the devices are to have; the API can bring about no other.
  type: str
  choices: [active]
  default: active
"""


def _options(identity: str) -> str:
    """The options that declare devices which `identity` identifies: YAML of its fields, not indented."""
    listed = _DEVICES + indent((identity + _FIELDS).replace("\n\n", "\n"), "    ")
    return "options:\n" + indent((identity + _FIELDS + _STATE + listed).replace("\n\n", "\n"), "  ")


class ModuleDocFragment:
    """`kajeet.sentinel.activation`: how a fleet is activated; `….sim` and so on: how devices are declared."""

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
        first of the first 20 rows that names an identifier. Rows above it, a header that comes again, and rows at the
        end without a device are ignored, with a warning.
      - >-
        Headings are understood by their words, such as V(SIM Number (ICCID)). One that nearly names a field, and two
        for one field are errors. Other columns are ignored, with a warning. See O(columns).
      - Exports of the history, O(result_file), O(failed_file), drift files and reports can be read, too.
      - A file that is encrypted with ansible-vault is decrypted where the task runs in Ansible's own process, on the
        controller.
    type: path
  batch_size:
    description:
      - Maximum number of devices in one request, where requests carry several, from 1 to 2000.
    type: int
    default: 2000
  history:
    description:
      - The history of activations that the declared devices are compared with. See also O(listing).
      - >-
        V(full) reads everything in one request, the CSV export. Where that is refused or cannot be read, it reads the
        pages of the whole history with the lines of each transaction, and warns. V(recent) reads the last 180 days,
        page by page. V(none) reads nothing: each device is submitted that the device list does not show as active
        or suspended, and the service alone keeps it from being activated twice.
      - To V(recent), a device that was activated more than 180 days ago looks new, and is submitted again unless the
        device list shows it. Use it only where V(full) takes too long, and set O(max_new_activations), too.
    type: str
    choices: [full, recent, none]
    default: full
  listing:
    description:
      - >-
        Whether the account's device list, which shows the devices as they are now, is read beside the history. It is
        read in one request, the CSV export, else page by page.
      - >-
        Where both know a device, the list decides. A device that is listed as active is not submitted, whatever the
        history shows; for one that is suspended or deactivated, see O(on_suspended) and O(on_deactivated). A device is
        never submitted because the list does not show it.
      - V(auto) issues a warning where the list cannot be read at all, such as for a missing scope, and the history
        alone decides. With V(required), that is an error. V(none) does not read the list.
    type: str
    choices: [auto, required, none]
    default: auto
  retry_failed:
    description:
      - Whether a device whose last activation failed is submitted again. With V(false) it is reported as failed.
    type: bool
    default: true
  on_conflict:
    description:
      - >-
        What to do with a device that is active, or under way, with another partner: its IMEI with another ICCID, or
        the reverse. For a SIM or a SmartSIM, another kind of SIM under its IMEI is another partner, too.
      - >-
        Also of a device that may be active already, because the history or the device list has a record whose
        identifier is not whole, such as C(8.9E+19), and may be its own.
      - V(fail) leaves it alone and fails the task in the end, V(skip) leaves it alone, V(activate) submits it all
        the same, unless only the device list has the other partner and the history shows the declared pair as active.
    type: str
    choices: [fail, skip, activate]
    default: fail
  on_suspended:
    description:
      - What to do with a device that the list shows as suspended. It is not submitted in any case.
      - >-
        V(fail) leaves it alone and fails the task in the end, V(skip) leaves it alone, V(restore) sets its status to
        the account's word for active, and looks for it in the list until O(settle_timeout) has passed.
      - A restoration is a part of the plan and of its digest, and counts for O(max_new_activations). It takes one of
        the scopes that the service wants for setting a status.
    type: str
    choices: [fail, skip, restore]
    default: fail
  on_deactivated:
    description:
      - What to do with a device that the list shows as deactivated although the history shows it as activated.
      - >-
        V(fail) leaves it alone and fails the task in the end, V(skip) leaves it alone, V(activate) submits it again,
        which is billed. As a list may be late, it is read until O(settle_timeout) has passed before that is planned.
        Where the list may show an earlier subscription (its MDN is not the one that was activated last, the device has
        another row with an unknown status, or it was activated more often than the list shows it), V(activate) leaves
        the device alone like V(fail).
    type: str
    choices: [fail, skip, activate]
    default: fail
  preflight:
    description:
      - Whether to check, before the first write, that the account has each carrier and plan id. Skipped where there
        is nothing to write.
    type: bool
    default: true
  strict:
    description:
      - Whether odd identifiers, and fields that are missing by the known rules of a carrier, are errors rather than
        warnings.
    type: bool
    default: false
  max_new_activations:
    description:
      - Refuse, before anything is written, a plan that submits and restores more devices than this.
    type: int
  approved_plan:
    description:
      - The digest of an approved plan (RV(ignore:plan.digest)), or the path of a plan file (O(plan_file)) on the
        machine that runs the module, or the content of one, as JSON text, or what
        P(kajeet.sentinel.plan_approval#filter) makes of it.
      - With a digest, a plan that submits or restores anything else is refused before anything is written. What an
        interrupted run has already submitted from the approved plan is accepted. When it has restored some of the
        devices to be restored, and others not, give the file.
      - With a file, a plan that submits or restores anything that is not in it is refused. A part of an approved fleet
        passes.
      - An empty plan, which writes nothing, passes with both.
    type: str
  wait:
    description:
      - Whether to wait until every submitted device is active or has failed.
    type: bool
    default: true
  journal:
    description:
      - >-
        A file on the machine that runs the module that remembers what is submitted: the intent before each request,
        what came of it after it. A run that was killed leaves it behind, and the next run with the same journal first
        finds out what became of the submissions that were under way, and waits for those that the history does not
        show yet.
      - Without it, a run that is killed, or one whose transactions do not show up in time, may be followed by one that
        submits a device again where the history is late.
      - Two runs with the same journal cannot overlap. The second one is refused before anything is written; where it
        has some of the first one's devices, it waits for the first one to end instead.
      - The file is made where it is missing, and gets shorter by itself. It holds identifiers of devices and of
        transactions, and no credentials. In check mode it is read and not written.
    type: path
  progress_interval:
    description:
      - Seconds between progress lines (counts by outcome, rate, time left, what is slowest). 0 for none. An activation
        that is over sooner shows none, and neither does C(no_log).
      - Where the task runs on the controller (connection local, no become, no async), the activation runs in the
        task's own process and can show lines. Anywhere else, the module is sent to the target, which cannot.
      - Lines go to stdout where people read the stdout callback, such as C(default) and that of an automation
        controller, otherwise to stderr.
    type: float
    default: 5.0
  on_unknown:
    description:
      - What to do with a submission that was not found within O(settle_timeout).
      - V(fail) reports its devices as unknown and leaves them to the next run, which looks again. V(resubmit)
        submits them once more, at the risk of activating twice.
      - A transaction that was taken, and that neither the history nor the service shows by then, stays in the
        O(journal) with V(fail), and is waited for again. With V(resubmit) the journal forgets it, and the next run
        submits its devices.
    type: str
    choices: [fail, resubmit]
    default: fail
  extra_body:
    description:
      - Merged into the body of each request, for fields that this collection does not name. It cannot say which
        devices are meant.
    type: dict
"""


_FLEET = r"""
state:
  description:
    - The state that the devices are to have.
    - V(planned) makes the plan and stops there, as in check mode.
  type: str
  choices: [active, planned]
  default: active
hosts:
  description:
    - V(true) makes each host of the play a device, by its variables C(sentinel_iccid), C(sentinel_imei),
      C(sentinel_carrier) and so on, and C(sentinel_kind) where it is not of O(kind). Names of hosts choose others, as a
      list or separated by commas.
    - The task runs once, on the controller, whatever connects to the hosts. Hosts that have failed or are unreachable
      are left out, and with C(serial) those of other batches. So are hosts with C(sentinel_declared=false), which the
      inventory plugin P(kajeet.sentinel.sentinel#inventory) makes of devices that only the account knows.
    - A condition (C(when)) that leaves out some of the hosts is an error. Where it leaves out the first one, Ansible
      skips the task for all of them.
  type: raw
devices:
  description:
    - The devices that must be active, as mappings. Exactly one of O(devices), O(src), O(hosts) and a device at the top
      level is given.
    - A device may have C(kind), the identifiers of its kind, and each field that it may have at the top level, such as
      O(carrier). What it lacks is taken from O(group_defaults), O(carrier_defaults) and the fields at the top level, in
      this order.
    - An empty list is a fleet of no devices. Nothing happens then.
  type: list
  elements: raw
kind:
  description:
    - The kind of the devices that do not name theirs, in a key, column or variable C(kind).
  type: str
  choices: [sim, smartsim, esim]
  default: sim
defaults:
  description:
    - >-
      Fields for each device that lacks them, such as C({carrier: Verizon}). The same fields at the top level outrank
      them.
  type: dict
carrier_defaults:
  description:
    - >-
      Fields for the devices of a carrier, by its name, such as C({Verizon BI: {plan_id: BI-100}}). They outrank
      O(defaults).
  type: dict
group_defaults:
  description:
    - Fields for the devices of a device group, by its name. They outrank O(carrier_defaults), and may give the carrier.
  type: dict
directory:
  description:
    - Where relative paths begin. The default is the directory of the playbook.
  type: path
"""


def _fleet_options() -> str:
    """The options that declare a fleet of any kinds: YAML of their fields, not indented."""
    fields = _SIM_IDENTITY + _SIM_ID + _EID + _FIELDS + _FLEET
    return "options:\n" + indent(fields.replace("\n\n", "\n"), "  ")


# Not in the class body: linters of documentation read the texts there, and expect them whole.
ModuleDocFragment.SIM = _options(_SIM_IDENTITY)
ModuleDocFragment.SMARTSIM = _options(_SMARTSIM_IDENTITY)
ModuleDocFragment.ESIM = _options(_ESIM_IDENTITY)
ModuleDocFragment.FLEET = _fleet_options()
