# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of `sentinel_device_status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Optional

from .._errors import InputError
from .activation import ActivationOptions, DeclarationOptions
from .connection import connection_spec
from .declaration import FilePath, option, options_of, out_of_range, spec_of

if TYPE_CHECKING:
    from typing_extensions import Self

#: Fields of a device. All but the nickname identify it.
TARGET_FIELDS: tuple[str, ...] = ("mdn", "imei", "iccid", "eid", "nickname")
#: Options of activations that mean the same here.
_SHARED = ("wait", "settle_timeout", "result_devices", "result_limit")
#: Options of declarations that mean the same here.
_DECLARED = ("src", "columns", "sheet")


@dataclass(frozen=True)
class DeviceStatusOptions:
    """How to set the status of devices."""

    reason: Optional[str] = None
    missing: Literal["fail", "ignore"] = "fail"
    max_changes: Optional[int] = field(default=None, metadata=option(minimum=0))
    except_src: Optional[FilePath] = None

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """Read the options from a module's parameters. Raises InputError with every problem."""
        values = {name: params[name] for name in options_of(cls) if params.get(name) is not None}
        problems = out_of_range(cls, values)
        for name in ("state", "reason"):
            if params.get(name) is not None and not params[name].strip():
                problems.append(
                    f"{name}: is blank; give a text, or leave {name} out" if name == "reason" else "state: is blank"
                )
        if problems:
            raise InputError(problems)
        return cls(**values)


def device_status_spec() -> dict[str, dict[str, Any]]:
    """Return the argument_spec of `sentinel_device_status`."""
    # Fields are checked like those of files: other fields of a device, such as a listed one, are ignored.
    devices = {"type": "list", "elements": "dict"}
    shared, declared = spec_of(ActivationOptions), spec_of(DeclarationOptions)
    return {
        **connection_spec(),
        **spec_of(DeviceStatusOptions),
        **{name: shared[name] for name in _SHARED},
        **{name: declared[name] for name in _DECLARED},
        "state": {"type": "str", "required": True},
        "devices": devices,
        "except_devices": devices,
    }
