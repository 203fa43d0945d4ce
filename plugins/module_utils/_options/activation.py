# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of declaration, activation and waiting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Optional

from .._errors import InputError
from .connection import MAX_SECONDS, connection_spec
from .declaration import FilePath, option, options_of, out_of_range, spec_of

if TYPE_CHECKING:
    from typing_extensions import Self

#: [I] Maximum number of lines that the service accepts in one request.
MAX_BATCH_SIZE = 2000

#: Fields of a device other than its identifiers. At the top level of a task, they are defaults for all devices.
DEVICE_FIELDS: tuple[str, ...] = (
    "carrier",
    "device_group",
    "filter_group",
    "service_zip_code",
    "nickname",
    "plan_id",
    "activation_location",
    "sub_type",
    "agency_end_user_name",
    "billing_address",
    "billing_city",
    "billing_state",
)


@dataclass(frozen=True)
class WaitOptions:
    """How to wait for transactions. Times in seconds."""

    wait_timeout: float = field(default=1800.0, metadata=option(minimum=0, maximum=MAX_SECONDS))
    settle_timeout: float = field(default=30.0, metadata=option(minimum=0, maximum=MAX_SECONDS))
    poll_interval: float = field(default=2.0, metadata=option(minimum=0.01, maximum=MAX_SECONDS))
    poll_max_interval: float = field(default=60.0, metadata=option(minimum=0.01, maximum=MAX_SECONDS))

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """Read the options from a module's parameters.

        Raises InputError with every problem, such as a number out of its range.
        """
        values = {name: params[name] for name in options_of(cls) if params.get(name) is not None}
        problems = cls._problems(values)
        if problems:
            raise InputError(problems)
        return cls(**values)

    @classmethod
    def _problems(cls, values: Mapping[str, Any]) -> list[str]:
        return out_of_range(cls, values)


@dataclass(frozen=True)
class ActivationOptions(WaitOptions):
    """How to activate a fleet. Times in seconds."""

    #: `activation_spec` sets its choices, and removes it for kinds without a choice.
    request_format: Optional[str] = None
    batch_size: int = field(default=MAX_BATCH_SIZE, metadata=option(minimum=1, maximum=MAX_BATCH_SIZE))
    history: Literal["full", "recent", "none"] = "full"
    listing: Literal["auto", "required", "none"] = "auto"
    retry_failed: bool = True
    on_conflict: Literal["fail", "skip", "activate"] = "fail"
    on_suspended: Literal["fail", "skip", "restore"] = "fail"
    on_deactivated: Literal["fail", "skip", "activate"] = "fail"
    preflight: bool = True
    max_new_activations: Optional[int] = field(default=None, metadata=option(minimum=0))
    approved_plan: Optional[str] = None
    plan_file: Optional[FilePath] = None
    plan_markdown: Optional[FilePath] = None
    wait: bool = True
    journal: Optional[FilePath] = None
    on_unknown: Literal["fail", "resubmit"] = "fail"
    named: int = field(default=10, metadata=option(minimum=0))
    progress_interval: float = field(default=5.0, metadata=option(minimum=0, maximum=MAX_SECONDS))
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    result_devices: Literal["all", "changed", "attention", "none"] = "changed"
    result_limit: int = field(default=1000, metadata=option(minimum=0, maximum=1000))
    result_file: Optional[FilePath] = None
    failed_file: Optional[FilePath] = None

    @classmethod
    def _problems(cls, values: Mapping[str, Any]) -> list[str]:
        problems = super()._problems(values)
        try:
            json.dumps(values.get("extra_body"), allow_nan=False)
        except (TypeError, ValueError) as error:
            problems.append(f"extra_body: cannot be sent as JSON: {error}")
        return problems


@dataclass(frozen=True)
class DeclarationOptions:
    """How devices are declared. `_declare` reads these options, and the devices themselves, from the parameters."""

    src: Optional[FilePath] = None
    columns: Optional[Mapping[str, Any]] = None
    sheet: Optional[str] = None
    carrier_names: Optional[Mapping[str, Any]] = None
    state: Literal["active", "planned"] = "active"
    strict: bool = False


def activation_spec(identity: tuple[str, ...], formats: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return the argument_spec of an activation module.

    Args:
        identity: the options that identify a device, such as ``("imei", "iccid")``.
        formats: the values of ``request_format``, the default first, or empty for a kind without a choice.

    All fields of a device are optional strings: the device schema reports all missing and invalid fields at once, in
    the same way for a list, a file and a single device.
    """
    spec = {**connection_spec(), **spec_of(DeclarationOptions), **spec_of(ActivationOptions), **device_spec(identity)}
    spec["state"] = {**spec["state"], "choices": ["active"]}
    spec["devices"] = {"type": "list", "elements": "dict", "options": device_spec(identity)}
    request_format = spec.pop("request_format")
    if formats:
        spec["request_format"] = {**request_format, "choices": list(formats), "default": formats[0]}
    return spec


def fleet_spec(
    identity: tuple[str, ...], kinds: tuple[str, ...], formats: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return the argument_spec of the module for fleets of any kinds.

    Args:
        identity: the options that identify devices of any kind.
        kinds: the names of the kinds, the default first.
        formats: see `activation_spec`.

    The device schema checks the fields of a listed device, because they depend on its kind.
    """
    spec = activation_spec(identity, formats)
    spec["devices"] = {"type": "list", "elements": "raw"}
    spec["state"] = {**spec["state"], "choices": ["active", "planned"]}
    spec["hosts"] = {"type": "raw"}
    spec["kind"] = {"type": "str", "choices": list(kinds), "default": kinds[0]}
    spec.update({name: {"type": "dict"} for name in ("defaults", "carrier_defaults", "group_defaults")})
    spec["directory"] = {"type": "path"}
    return spec


def wait_spec() -> dict[str, dict[str, Any]]:
    """Return the argument_spec of a module that only waits."""
    return {**connection_spec(), **spec_of(WaitOptions)}


def device_spec(identity: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the argument_spec of one device: its identifiers and the fields of all kinds."""
    return {name: {"type": "str"} for name in identity + DEVICE_FIELDS}
