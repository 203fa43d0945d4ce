# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a fleet of any kinds: made of the plans of its kinds; its guards; and what came of it."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.common.validation import check_type_int

from ...module_utils._decide.approval import check_file
from ...module_utils._decide.kinds import KINDS
from ...module_utils._decide.outcomes import Action, Outcome
from ...module_utils._decide.plan import PLAN_FORMAT, Item, Plan, digest_of
from ...module_utils._declare.devices import Device
from ...module_utils._errors import InputError, SentinelError, reason_of
from ...module_utils._report.files import csv_lines
from ...module_utils._report.result import ATTENTION, RANK, RESULT_FORMATS, summary_of, within
from .devices import KIND

COUNTS = tuple(action.value for action in Action if action != Action.RETRY)
TITLES = {"sim": "SIMs", "smartsim": "SmartSIMs", "esim": "eSIMs"}
_DIGEST = re.compile(r"^[0-9a-fA-F]{64}$")
_ALL_IDENTIFIERS = ("iccid", "imei", "sim_id", "eid")
_LONGEST_REASON = 300
#: So many devices are listed in a result.
_LISTED = 1000
#: Controllers empty a result of more than 700,000 characters. So the lists of devices have shares, in characters: those
#: that need attention, and those of all kinds together. The rest is left to transactions and messages.
_SHARES = {"failed_devices": 180_000, "devices": 270_000}


def whole_number(name: str, value: Any) -> int:
    """A filter's argument as a number. Raises InputError where it is none."""
    try:
        number: int = check_type_int(value)
    except (TypeError, OverflowError):
        raise InputError([f"{name}: {value!r} is no whole number"]) from None
    return number


def read_json(content: Any, what: str) -> Any:
    """A document: as it is, or from the file of that path. Raises InputError where it is no mapping."""
    if isinstance(content, str):
        try:
            with open(content, encoding="utf-8") as stream:
                read = json.load(stream)
        except OSError as error:
            raise InputError([f"{what}: {content} cannot be read: {reason_of(error)}"]) from None
        except ValueError:
            raise InputError([f"{what}: {content} is no JSON"]) from None
    else:
        read = content
    if not isinstance(read, Mapping):
        raise InputError([f"{what}: is no mapping"])
    return read


def combined(plans: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of a fleet, of its kinds' plans (or their files' paths) by kind: a plan file as the modules know it.

    Its digest stands for all that is submitted, whatever the kind: it is the module's own where there is one kind.
    """
    devices: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    for name in KINDS:
        if name in plans:
            plan = read_json(plans[name], "plan")
            devices += [{KIND: name, **device} for device in plan["devices"]]
            counts.update(plan["counts"])
    digest = digest_of((Action(device["action"]), device["fingerprint"]) for device in devices)
    return {
        "format": PLAN_FORMAT,
        "digest": digest,
        "counts": {action: counts[action] for action in COUNTS},
        "devices": devices,
    }


def objections(plan: Any, most: int | None, approved: str | None) -> list[str]:
    """Why a fleet's plan (or the file of that path) must not be carried out, a text each.

    Args:
        most: so many activations are allowed, or None.
        approved: digest or path of the approved plan, or None.
    """
    plan = read_json(plan, "plan")
    digest, counts = plan["digest"], plan["counts"]
    found = []
    written = counts[Action.ACTIVATE] + counts[Action.RESTORE]
    if most is not None and written > most:
        what = "activates and restores" if counts[Action.RESTORE] else "activates"
        found.append(
            f"The plan {what} {written} devices, and fleet_max_new_activations allows {most}; "
            "nothing was written. Look at the plan, then raise the limit or shorten the fleet."
        )
    wanted = (approved or "").strip()
    if _DIGEST.match(wanted):
        if written and wanted.lower() != digest:
            told = ", ".join(f"{counts[action]} {action}" for action in COUNTS)
            found.append(
                f"The plan is not the approved one; nothing was written. Approved: {wanted}; now: {digest} ({told}). "
                "Approve the new plan, or give the approved plan's file: then the differences are named, and a part "
                "of an approved fleet passes."
            )
    elif wanted:
        found += _not_in_file(plan, wanted)
    return found


def _not_in_file(plan: Mapping[str, Any], path: str) -> Iterator[str]:
    try:
        approved = read_json(path, "approved_plan")
        for name, kind in KINDS.items():
            items = [_item(name, device) for device in plan["devices"] if device[KIND] == name]
            check_file(Plan(items, kind.identity), approved, path)
    except SentinelError as error:
        yield str(error)


def _item(kind: str, entry: Mapping[str, Any]) -> Item:
    declared = {name: entry[name] for name in Device._fields[1:] if entry.get(name) is not None}
    return Item(
        Device(kind, **declared), Action(entry["action"]), entry["reason"], entry["fingerprint"], Outcome.WOULD_ACTIVATE
    )


# -- What came of it ---------------------------------------------------------------------------------------------------


class Files(NamedTuple):
    """The modules' result files (JSON lines), by kind.

    `planned`: those of the plan, which tell of a kind whose activation ended before it wrote its own. `messages`: why
    it ended.
    """

    paths: Mapping[str, str]
    planned: Mapping[str, str] = {}
    messages: Mapping[str, str] = {}

    @classmethod
    def read(cls, paths: Any, planned: Any = None, results: Any = None) -> Files:
        """From the arguments of a filter; `results`: of the modules, by kind. Raises InputError."""
        for name, paths_by_kind in (("files", paths), ("planned", planned or {})):
            if not isinstance(paths_by_kind, Mapping):
                raise InputError([f"{name}: is no mapping of kinds to paths, such as {{sim: sims.jsonl}}"])
        messages = {name: str(result.get("msg", "")) for name, result in (results or {}).items()}
        return cls(paths, planned or {}, messages)


def entries(files: Files, plan: Any = None) -> Iterator[dict[str, Any]]:
    """What became of each device, with its kind, and its nickname as the plan (or the file of that path) tells it.

    Raises InputError where a file is no result file.
    """
    nicknames = _nicknames(read_json(plan, "plan")) if plan else {}
    for name, kind in KINDS.items():
        if name not in files.paths:
            continue
        ended_early = name in files.planned and not os.path.exists(files.paths[name])
        for device in _json_lines(files.planned[name] if ended_early else files.paths[name]):
            nickname = nicknames.get((name, str(device.get(kind.identity.key))))
            entry = {KIND: name, "nickname": nickname, **device}
            yield _left_open(entry, files.messages.get(name)) if ended_early else entry


def _left_open(planned: dict[str, Any], why: str | None) -> dict[str, Any]:
    """What is known of a device by its plan alone: nobody told whether it was submitted."""
    if planned["outcome"] != Outcome.WOULD_ACTIVATE:
        return planned
    reason = f"nothing is known of it: the activation ended before it told: {' '.join((why or 'no message').split())}"
    return {**planned, "outcome": Outcome.UNKNOWN.value, "reason": reason[:_LONGEST_REASON]}


def _json_lines(path: str) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                device = json.loads(line)
            except ValueError:
                device = None
            if not isinstance(device, dict):
                raise InputError([f"files: {path}, line {number}: is no JSON line of a result file"])
            yield device


def _nicknames(plan: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    keys = {name: kind.identity.key for name, kind in KINDS.items()}
    return {
        (device[KIND], device[keys[device[KIND]]]): device["nickname"]
        for device in plan["devices"]
        if device.get("nickname")
    }


def as_text(devices: Iterable[Mapping[str, Any]], path: str) -> str:
    """Devices as the text of a file, by its ending: a CSV, or JSON lines. Raises InputError for another ending."""
    if not path.lower().endswith(RESULT_FORMATS):
        raise InputError([f"path: the ending of {path} tells no format: use .jsonl (JSON lines) or .csv"])
    if not path.lower().endswith(".csv"):
        return "".join(json.dumps(device, ensure_ascii=False) + "\n" for device in devices)
    listed = list(devices)
    fields = list(dict.fromkeys([KIND, "nickname", *_ALL_IDENTIFIERS, *(name for device in listed for name in device)]))
    return "".join(csv_lines(fields, listed))


def outcome(
    results: Mapping[str, Mapping[str, Any]],
    files: Files,
    plan: Mapping[str, Any],
    waited: bool,
    before: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The role's result.

    Args:
        results: of the activation modules, by kind.
        files: their result files.
        plan: counts and digest.
        waited: whether it was waited until every device had ended.
        before: `requests` and `elapsed` of what ran before these results: the plans that they carry out.
    """
    broken = [name for name, result in results.items() if "summary" not in result]
    bad = [outcome for outcome in ATTENTION if waited or outcome != Outcome.PENDING]
    summary: Counter[str] = Counter()
    attention = []
    for device in entries(files):
        if device[KIND] in broken:
            summary[device["outcome"]] += 1
        if device["outcome"] in bad:
            attention.append(device)
    for result in results.values():
        summary.update(result.get("summary", {}))
    attention.sort(key=lambda device: RANK[device["outcome"]])
    listed = within(attention, _SHARES["failed_devices"], _LISTED)
    failing = broken + [name for name in results if any(results[name].get("summary", {}).get(word) for word in bad)]
    return {
        "changed": any(result.get("changed", False) for result in results.values()),
        "failed": bool(failing),
        "msg": _message(results, failing),
        "plan": dict(plan),
        "summary": summary_of(summary),
        "failed_devices": listed,
        "failed_devices_omitted": len(attention) - len(listed),
        "requests": _total(result.get("requests", {}) for result in (*before, *results.values())),
        "elapsed": round(sum(result.get("elapsed", 0.0) for result in (*before, *results.values())), 3),
        "kinds": {name: _brief(result, _SHARES["devices"] // len(results)) for name, result in results.items()},
    }


def _message(results: Mapping[str, Mapping[str, Any]], failing: Sequence[str]) -> str:
    if not results:
        return "no devices"
    told = failing or list(results)
    texts = [str(results[name].get("msg", "")) for name in told]
    return texts[0] if len(results) == 1 else "\n".join(f"{TITLES[name]}: {text}" for name, text in zip(told, texts))


def _total(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {"reads": 0, "writes": 0, "retried": 0, "throttled_seconds": 0.0}
    for part in parts:
        for name in total:
            total[name] += part.get(name, 0)
    return total


def _brief(result: Mapping[str, Any], share: int) -> dict[str, Any]:
    """A module's result without what tells of the task rather than of the devices. `share`: characters for these."""
    names = ("changed", "msg", "plan", "summary", "devices", "devices_omitted", "transactions", "requests", "elapsed")
    brief = {name: result[name] for name in names if name in result}
    if "devices" in brief:
        brief["devices"] = within(result["devices"], share, _LISTED)
        brief["devices_omitted"] = result.get("devices_omitted", 0) + len(result["devices"]) - len(brief["devices"])
    return brief
