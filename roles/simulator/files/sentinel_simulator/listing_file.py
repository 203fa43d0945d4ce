# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read devices for the device list from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .entries import EntriesBody


class ListingError(ValueError):
    """A file of devices is invalid; the message names the device, the field and the problem."""


def load_listing(path: str) -> EntriesBody:
    """Read a JSON file: a list of devices, or an object with ``entries`` and ``generate``. Raises ListingError."""
    try:
        content: Any = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise ListingError(f"cannot read {path}: {exc.strerror}; give the path of a JSON file") from exc
    except ValueError as exc:
        raise ListingError(f"{path} is not JSON in UTF-8: {exc}") from exc
    try:
        return EntriesBody.model_validate({"entries": content} if isinstance(content, list) else content)
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        place, *where = errors[0]["loc"] or ("",)
        # Count devices from 1.
        words = [f"device {part + 1}" if isinstance(part, int) else str(part) for part in where]
        name = ": ".join(words if place == "entries" and words else [str(place), *words])
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ListingError(f"{path}: {name}: {errors[0]['msg']}{more}") from exc
