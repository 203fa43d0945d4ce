# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads an approved plan: a plan file, or an approval, which is a short form of one.

An approval has only the key and the fingerprint of each device to write, because a controller stores it with every job
that receives it. As JSON with spaces after commas and colons, it takes 60 bytes per device with a key of 20 digits,
which is the length of most ICCIDs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._errors import InputError
from .kinds import KINDS
from .outcomes import Action
from .plan import PLAN_FORMAT, digest_of

#: Actions in an approval. A retry is an activation there, because the digest does not distinguish the two.
_ACTIVATE, _RESTORE = Action.ACTIVATE.value, Action.RESTORE.value


class Planned(NamedTuple):
    """A device of an approved plan. `entry`: its entry in the plan file; None in an approval."""

    kind: str
    key: str
    action: Action
    fingerprint: str
    entry: Mapping[str, Any] | None = None


class Approved(NamedTuple):
    """An approved plan."""

    digest: str
    counts: Mapping[str, Any]
    devices: list[Planned]

    def fingerprints(self) -> set[str]:
        """Return the fingerprints of the devices that may be written."""
        return {device.fingerprint for device in self.devices if device.action.writes}

    def by_name(self) -> dict[tuple[str, str], Planned]:
        """Return the devices by kind and key."""
        return {(device.kind, device.key): device for device in self.devices}

    def as_approval(self) -> dict[str, Any]:
        """Return the approval of this plan: format, digest, counts, and kind → action → key → fingerprint."""
        approved: dict[str, dict[str, dict[str, str]]] = {}
        for device in self.devices:
            if device.action.writes:
                action = _ACTIVATE if device.action.submits else _RESTORE
                approved.setdefault(device.kind, {}).setdefault(action, {})[device.key] = device.fingerprint
        return {"format": PLAN_FORMAT, "digest": self.digest, "counts": dict(self.counts), "approved": approved}


def read_approved(content: Any, path: str, option: str = "approved_plan") -> Approved:
    """Return an approved plan.

    Args:
        content: a plan file or an approval, as parsed.
        path: its name, for messages.
        option: the option that names it, for messages.

    Raises InputError if it is neither, or was changed by hand.
    """
    try:
        if content["format"] != PLAN_FORMAT:
            raise InputError([f"{option}: {path} has format {content['format']}, expected {PLAN_FORMAT}"])
        devices = list(_approvals(content) if "approved" in content else _entries(content))
        approved = Approved(content["digest"], content["counts"], devices)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError([f"{option}: {path} is not a plan file; write one with plan_file"]) from None
    if approved.digest != digest_of((device.action, device.fingerprint) for device in devices):
        raise InputError([f"{option}: {path} was changed after it was written: its digest does not match its devices"])
    return approved


def _entries(content: Mapping[str, Any]) -> Iterator[Planned]:
    """Yield the devices of a plan file."""
    for entry in content["devices"]:
        kind = str(entry["kind"])
        key = str(entry[KINDS[kind].identity.key])
        yield Planned(kind, key, Action(entry["action"]), str(entry["fingerprint"]), entry)


def _approvals(content: Mapping[str, Any]) -> Iterator[Planned]:
    """Yield the devices of an approval."""
    for kind, actions in content["approved"].items():
        for action, fingerprints in actions.items():
            for key, fingerprint in fingerprints.items():
                yield Planned(kind, key, Action(action), str(fingerprint))
