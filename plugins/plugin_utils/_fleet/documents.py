# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of filters: documents, given directly or as files, and numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_int

from ...module_utils._errors import InputError, reason_of


def whole_number(name: str, value: Any) -> int:
    """Return a filter's argument as a whole number. Raises InputError for anything else."""
    try:
        number: int = check_type_int(value)
    except (TypeError, OverflowError):
        raise InputError([f"{name}: {value!r} is not a whole number"]) from None
    return number


def read_json(content: Any, filter_name: str) -> Any:
    """Return a document, or that in the file of that path. Raises InputError unless it is a mapping."""
    if isinstance(content, str):
        try:
            with open(content, encoding="utf-8") as stream:
                read = json.load(stream)
        except OSError as error:
            raise InputError([f"{filter_name}: {content} cannot be read: {reason_of(error)}"]) from None
        except ValueError:
            raise InputError([f"{filter_name}: {content} is not JSON"]) from None
    else:
        read = content
    if not isinstance(read, Mapping):
        raise InputError([f"{filter_name}: must be a mapping"])
    return read
