# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules and plugins. Each is declared once."""

from __future__ import annotations

from .activation import (
    DEVICE_FIELDS,
    MAX_BATCH_SIZE,
    ActivationOptions,
    DeclarationOptions,
    WaitOptions,
    activation_spec,
    device_spec,
    fleet_spec,
    wait_spec,
)
from .connection import ENVIRONMENT, ConnectionOptions, connection_spec, secrets_of
from .lists import FIELDS, STATUS_WORDS_KEYS, read_lists
from .module import SentinelModule
from .run import Module, run_module
from .secrecy import secret_receiver, without_secrets
from .tokens import is_header_safe

__all__ = [
    "DEVICE_FIELDS",
    "ENVIRONMENT",
    "FIELDS",
    "MAX_BATCH_SIZE",
    "STATUS_WORDS_KEYS",
    "ActivationOptions",
    "ConnectionOptions",
    "DeclarationOptions",
    "Module",
    "SentinelModule",
    "WaitOptions",
    "activation_spec",
    "connection_spec",
    "device_spec",
    "fleet_spec",
    "is_header_safe",
    "read_lists",
    "run_module",
    "secret_receiver",
    "secrets_of",
    "wait_spec",
    "without_secrets",
]
