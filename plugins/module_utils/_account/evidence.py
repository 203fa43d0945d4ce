# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence: the answers of an account as shapes without values, and as a dialect for the simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .._options import ConnectionOptions
from .._wire import Reader
from .._wire.devices import DeviceStatuses
from .._wire.table import shown
from .evidence_dialect import dialect_of
from .evidence_mask import Mask, structural_names
from .recorder import Account
from .seen import Seen, forms_of

#: Version of the file format.
FORMAT = 1
_MAX_FORM_LENGTH = 60
_BUCKETS = (0, 1, 9, 99, 999, 9_999, 99_999)


def evidence_of(
    account: Account, reader: Reader, devices: DeviceStatuses, options: ConnectionOptions, secrets: Sequence[str | None]
) -> dict[str, Any]:
    """Return the evidence of an account, without its identifiers, names, numbers and secrets.

    Args:
        account: the recorded calls.
        reader: the reader of the answers.
        devices: classifies the statuses of listed devices.
        options: the connection options. Their names and words come from the user and are kept.
        secrets: other known values of the account, which are masked.
    """
    given = [name for names in options.field_names.values() for name in names]
    mask = Mask([*_values(account), *filter(None, secrets)], given)
    own = [word for words in options.status_words.values() for word in words]
    statuses = _Statuses(mask, reader.words.read, devices.read, own)
    return {
        "format": FORMAT,
        "dialect": dialect_of(account, mask, statuses),
        "calls": [_call(seen, mask, statuses) for seen in account.seen],
        "rate_limit": sorted(mask.name(name, True) for name in account.rate_limit),
    }


def _values(account: Account) -> Iterable[str]:
    """Yield all values in answers, except statuses, which are words of the service."""
    yield from filter(None, (account.corp_id, account.login_corp_id))
    for seen in account.seen:
        if seen.name != "device_statuses":
            yield from seen.texts
        apart = {seen.place("status"), seen.place("transaction_status")}
        for place in range(len(seen.names)):
            if place not in apart and set(seen.column(place)).isdisjoint(seen.transaction_statuses):
                yield from dict.fromkeys(seen.column(place))


class _Statuses:
    """Masks the status words of calls."""

    def __init__(
        self,
        mask: Mask,
        read: Callable[[str], str | None],
        read_device: Callable[[str], str | None],
        own: Sequence[str],
    ) -> None:
        self._mask = mask
        self._read = read
        self._read_device = read_device
        self._own = own

    def of(self, counts: Counter[str], of_devices: bool = False) -> dict[str, str | None]:
        """Return masked words → states, sorted by word, because frequencies would reveal data of the account."""
        masked = self._mask.statuses(counts.most_common(), self._read_device if of_devices else self._read, self._own)
        return dict(sorted(masked.items()))


def _call(seen: Seen, mask: Mask, statuses: _Statuses) -> dict[str, Any]:
    certain = structural_names(seen)
    words = {
        "statuses": statuses.of(seen.statuses, seen.name.startswith("device")),
        "transaction_statuses": statuses.of(seen.transaction_statuses),
    }

    def name(place: int) -> str:
        path = seen.names[place]
        return shown(tuple(mask.path(path, path in certain)))

    fields = seen.recognition.fields if seen.recognition else {}
    return {
        "name": seen.name,
        "path": seen.path,
        "status": seen.status,
        "error": seen.error.kind if seen.error else None,
        "skipped": seen.skipped is not None,
        "items": _bucket(seen.count),
        "list": None if seen.list_path is None else mask.path(seen.list_path),
        "fields": {field: {"name": name(place.place), "how": place.how} for field, place in fields.items()},
        "not_understood": [name(place) for place in seen.not_understood()],
        **{kind: [{"word": word, "state": state} for word, state in states.items()] for kind, states in words.items()},
        "formats": _formats(seen),
        "paging": vars(seen.paging) if seen.paging else None,
    }


def _formats(seen: Seen) -> Mapping[str, list[str]]:
    formats = {}
    for field in ("transaction_id", "imei", "iccid", "eid", "sim_id", "started"):
        forms = [form for form in forms_of(seen.values(field)) if form.isascii() and len(form) <= _MAX_FORM_LENGTH]
        if forms:
            formats[field] = forms
    return formats


def _bucket(count: int | None) -> str | None:
    """Return the approximate number of items: "10-99"."""
    if count is None:
        return None
    for low, high in zip((-1, *_BUCKETS), _BUCKETS):
        if count <= high:
            return str(high) if high - low == 1 else f"{low + 1}-{high}"
    return f"{_BUCKETS[-1] + 1} or more"
