# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account check: whether the collection can read this account, before the first device is activated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from .._account.calls import AccountCalls
from .._account.evidence import evidence_of
from .._account.problems import words_of
from .._account.recorder import Account
from .._account.report import headline, report
from .._account.verdict import verdict_of
from .._errors import InputError, RefusedError, reason_of
from .._options import ConnectionOptions
from .._options.urls import wrong_url_cure
from .._report.files import check_writable, write_whole
from .._service.api import SentinelAPI
from .._text import printable
from .._transport.session import Session
from .._wire import Reader
from .._wire.devices import DeviceStatuses

#: Maximum number of status words per call in the result, and of characters per word.
_WORDS, _LONGEST = 50, 80


def check_account(params: Mapping[str, Any], check_mode: bool, on_secret: Callable[[str], Any]) -> dict[str, Any]:
    """Return the result of `sentinel_account_info`.

    Raises SentinelError without credentials, without a connection, and if the URL is not that of the service.
    """
    place = params.get("evidence")
    problems = check_writable("evidence", place, regular=True) if place else []
    if problems:
        raise InputError(problems)
    options = ConnectionOptions.read(params.get)
    with closing(Session(options, on_secret)) as session:
        # Check the given token. The account is logged in as well only to find the corp_id.
        wants_login = not (options.api_token and options.corp_id)
        logs_in = wants_login and bool(options.api_username and options.api_password)
        calls = AccountCalls(SentinelAPI(session), options.corp_id, logs_in, params.get("carrier"))
        account = calls.run()
        _check_url(account, options.api_url)
        verdict = verdict_of(account, params["kinds"], session.reader.is_status)
        result: dict[str, Any] = {
            "changed": False,
            "msg": headline(verdict),
            **verdict.as_result(),
            "account": {"corp_id": account.corp_id, "login_corp_id": account.login_corp_id},
            "clock_difference": account.clock_difference,
            "rate_limit": account.rate_limit,
            "calls": _calls(account, session.reader, DeviceStatuses(options.status_words)),
            "status_words": _words(words_of(account), session.reader.words.read),
            "report": report(account, verdict),
        }
        result = session.redacted(result)
        if place:
            secrets = [options.api_username, options.corp_id]
            evidence = evidence_of(account, session.reader, DeviceStatuses(options.status_words), options, secrets)
            text = json.dumps(evidence, indent=2, ensure_ascii=True) + "\n"
            result.update(evidence=place, changed=_write(place, text, check_mode))
    return result


def _check_url(account: Account, url: str) -> None:
    """Raise RefusedError if none of the calls exists at this URL."""
    sent = [seen for seen in account.seen if not seen.skipped]
    if sent and all(seen.status in (404, 405) for seen in sent):
        first = sent[0]
        raise RefusedError(
            f"none of the {len(sent)} calls of the check exists at this URL (HTTP {first.status})",
            wrong_url_cure(url),
            "GET",
            first.path,
            first.status,
        )


def _calls(account: Account, reader: Reader, devices: DeviceStatuses) -> list[dict[str, Any]]:
    listed = []
    for seen in account.seen:
        read = devices.read if seen.name.startswith("device") else reader.words.read
        words = {
            "statuses": _words(seen.statuses, read),
            "transaction_statuses": _words(seen.transaction_statuses, reader.words.read),
        }
        listed.append({**seen.as_result(), **words})
    return listed


def _words(counts: Any, read: Callable[[str], Any]) -> list[dict[str, Any]]:
    return [
        {"word": printable(word)[:_LONGEST], "state": read(word), "count": times}
        for word, times in counts.most_common(_WORDS)
    ]


def _write(path: str, text: str, check_mode: bool) -> bool:
    """Write a file that only its owner may read; return whether it changed. Raises InputError if that fails."""
    try:
        with open(path, encoding="utf-8") as stream:
            changed = stream.read() != text
    except (FileNotFoundError, UnicodeDecodeError):
        changed = True
    except OSError as error:
        raise InputError([f"evidence: {path}: {reason_of(error)}"]) from None
    if not changed or check_mode:
        return changed
    try:
        write_whole(path, [text])
    except OSError as error:
        raise InputError([f"evidence: {path}: {reason_of(error)}; nothing was written"]) from None
    return True
