# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The head of a report: account, service, fleet, plan, time and duration, and what is new on the bill."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from ...module_utils._decide.outcomes import Outcome
from ...module_utils._errors import InputError
from ...module_utils._text import printable

_NEW = (Outcome.ACTIVATED, Outcome.WOULD_ACTIVATE)
_RESTORED = (Outcome.RESTORED, Outcome.WOULD_RESTORE)
_POSSIBLE = (Outcome.PENDING, Outcome.UNKNOWN)


class Head(NamedTuple):
    """The run of a report. Unknown values are None.

    `simulator`: whether the service is the simulator. `source`: of the declaration. `started`: in UTC. `elapsed`: in
    seconds.
    """

    corp_id: str | None = None
    api_url: str | None = None
    simulator: bool | None = None
    source: str | None = None
    digest: str | None = None
    started: datetime | None = None
    elapsed: float | None = None

    @classmethod
    def of(cls, result: Mapping[str, Any] | None) -> Head:
        """Return the head for the registered result of an activation.

        Args:
            result: may have `account` (`corp_id`, `api_url`, `simulator`), `source`, `plan.digest`, `started_at` (ISO
                8601) and `elapsed` (seconds).

        Raises InputError if one of them is invalid.
        """
        result = result or {}
        account, plan = _mapping(result, "account"), _mapping(result, "plan")
        started, simulator = result.get("started_at"), account.get("simulator")
        return cls(
            corp_id=text_of(account.get("corp_id")),
            api_url=_address(account.get("api_url")),
            simulator=simulator if isinstance(simulator, bool) else None,
            source=text_of(result.get("source")),
            digest=text_of(plan.get("digest")),
            started=None if text_of(started) is None else time_of("result.started_at", started),
            elapsed=seconds_of(result.get("elapsed")),
        )

    @property
    def service(self) -> str | None:
        """The service, as text for people."""
        if self.simulator is None:
            return self.api_url
        name = "Simulator" if self.simulator else "Live"
        return f"{name} ({self.api_url})" if self.api_url else name

    def as_json(self) -> dict[str, Any]:
        """Return the run for the JSON file."""
        return {
            "account": {"corp_id": self.corp_id, "api_url": self.api_url, "simulator": self.simulator},
            "source": self.source,
            "digest": self.digest,
            "started": self.started and iso(self.started),
            "elapsed": self.elapsed,
        }


class Bill(NamedTuple):
    """Changes of the bill, as numbers of devices.

    `new`: activated, or to be activated by a plan. `possible`: may have been activated. `restored`: suspended before.
    """

    new: int
    possible: int
    restored: int

    @classmethod
    def of(cls, summary: Mapping[str, int]) -> Bill:
        """Return the changes for the counts of outcomes."""
        return cls(*(sum(summary.get(name, 0) for name in names) for names in (_NEW, _POSSIBLE, _RESTORED)))


def _mapping(result: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = result.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(
            [f"result.{key}: {printable(str(value))} is not a dictionary; give the task's registered result"]
        )
    return value


def _address(value: Any) -> str | None:
    """Return a URL without user name and password."""
    text = text_of(value)
    if text is None or "@" not in text:
        return text
    parts = urlsplit(text)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def text_of(value: Any) -> str | None:
    """Return a value as printable text, or None if it is empty."""
    # str() also removes the tags of Ansible.
    text = "" if value is None else printable(str(value)).strip()
    return text or None


def seconds_of(value: Any) -> float | None:
    """Return a duration in seconds, or None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return round(number, 1) if math.isfinite(number) and number >= 0 else None


def time_of(option: str, text: Any) -> datetime:
    """Return a time in UTC. Raises InputError, with the name of the option, for anything but a time with a zone."""
    try:
        moment = datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(
            [f"{option}: {printable(str(text))!r} is not a time with a zone, such as 2026-01-31T12:00:00Z"]
        )
    return moment.astimezone(timezone.utc)


def iso(moment: datetime) -> str:
    """Return a time in UTC as ISO 8601, without fractions of a second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
