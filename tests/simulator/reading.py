# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads answers strictly by a dialect: its paths, headings and charsets."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import httpx

Dialect = dict[str, Any]
MISSING = object()


def at(answer: Any, path: list[str], default: Any = MISSING) -> Any:
    """Return the value at a path."""
    for key in path:
        if not isinstance(answer, dict) or key not in answer:
            assert default is not MISSING, f"{path} is not in {answer}"
            return default
        answer = answer[key]
    return answer


def items(part: dict[str, Any], answer: Any) -> list[dict[str, Any]]:
    """Return the items of a list, each by our field names."""
    return [
        {field: at(item, path, None) for field, path in part["fields"].items()} for item in at(answer, part["list"])
    ]


def text_of(part: dict[str, Any], reply: httpx.Response) -> str:
    """Decode a CSV by its byte order mark or its declared charset."""
    declared = re.search(r"charset=(\S+)", reply.headers["content-type"])
    codec = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(part["charset"], part["charset"])
    if part["bom"]:
        assert declared is None
        assert reply.content.startswith("\ufeff".encode(codec))
    else:
        assert declared is not None
        assert declared.group(1) == part["charset"]
    return reply.content.decode(codec).removeprefix("\ufeff")


def rows(part: dict[str, Any], reply: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a CSV, each by our field names."""
    assert reply.status_code == 200, reply.text
    text = text_of(part, reply)
    assert text.endswith(part["line_end"]) == part["final_line_end"]
    header, *found = csv.reader(io.StringIO(text, newline=""), delimiter=part["delimiter"])
    assert header == list(part["headings"].values())
    return [dict(zip(part["headings"], row)) for row in found]


def digits(value: Any) -> str:
    """Return an identifier's digits."""
    return re.sub(r"\D", "", str(value))
