# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors: their messages, and the result of a failed module."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils import _errors
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    MissingLibraryError,
    ScopeError,
    SentinelError,
    lacking,
)


def test_an_error_has_the_call_the_message_and_the_cure():
    error = ScopeError("the scope is missing.", "Have it granted.", "GET", "/v1.0/activation/carriers", 403)
    assert str(error) == "GET /v1.0/activation/carriers: the scope is missing. Have it granted."
    assert error.as_failure() == {
        "msg": str(error),
        "error": {
            "kind": "scope",
            "method": "GET",
            "path": "/v1.0/activation/carriers",
            "status": 403,
            "cure": "Have it granted.",
        },
    }


def test_an_error_without_a_call_is_its_message():
    assert str(SentinelError("it is so")) == "it is so"


def test_message_and_cure_are_two_sentences():
    assert str(SentinelError("it broke", "Mend it.")) == "it broke. Mend it."
    assert str(SentinelError("it broke:\n- here\n", "Mend it.")) == "it broke:\n- here\n Mend it."


def test_a_single_problem_is_the_whole_message():
    assert str(InputError(["device 1: imei is required"])) == "device 1: imei is required"


def test_many_problems_are_counted_and_listed_one_per_line():
    error = InputError([f"row {number}" for number in range(30)], "The list")
    lines = str(error).split("\n")
    assert lines[0] == "The list has 30 errors; nothing was written:"
    assert lines[1:] == [f"row {number}" for number in range(30)]
    assert error.as_failure()["error"]["kind"] == "input"


def test_problems_after_the_thirtieth_are_counted_by_kind():
    problems = [f"fleet.csv, line {number}: imei {number}: has {number} digits; an IMEI has 15" for number in range(40)]
    problems += [f"fleet.csv, line {number}: carrier is required" for number in range(40, 43)]
    lines = str(InputError(problems, "The list")).split("\n")
    assert lines[0] == "The list has 43 errors; nothing was written:"
    assert lines[1:31] == problems[:30]
    assert lines[31:] == ["and 13 more: 10 × imei: has N digits; 3 × carrier is required"]


def test_only_the_most_frequent_kinds_are_counted_separately():
    kinds = [f"device {row}: {kind}" for row, kind in enumerate("abcdefgh" + "a" * 3, 1)]
    problems = [f"device {row}: {'z'}" for row in range(30)] + kinds
    (last,) = str(InputError(problems)).split("\n")[31:]
    assert last == "and 11 more: 4 × a; 1 × b; 1 × c; 1 × d; 1 × e; 1 × f; 2 × other problems"


def test_a_hundred_thousand_problems_make_a_short_message():
    problems = [f"fleet.csv, line {number}: imei {number}: has 14 digits" for number in range(100_000)]
    error = InputError(problems)
    assert len(str(error).split("\n")) <= 35
    assert len(str(error)) < 5_000
    assert error.problems == problems


def test_long_problems_fit_into_a_controllers_result():
    problems = [f"row {number}: {'x' * 100_000}" for number in range(100)]
    error = InputError(problems)
    assert len(str(error)) < 200_000
    assert str(error).startswith("The input has 100 errors; nothing was written:\nrow 0: xxx")
    assert error.problems == problems


@pytest.fixture
def imports(monkeypatch):
    """An interpreter without failed imports."""
    monkeypatch.setattr(_errors, "_LACKING", set())
    monkeypatch.setattr(_errors.sys, "executable", "/opt/my python/bin/python3.11")


@pytest.mark.usefixtures("imports")
def test_a_missing_library_is_reported_with_the_install_command():
    error = MissingLibraryError("PyYAML", "Traceback …")
    install = "Install it: '/opt/my python/bin/python3.11' -m pip install PyYAML"
    assert str(error) == f"The Python library PyYAML is missing. {install}"
    assert error.trace == "Traceback …"


@pytest.mark.usefixtures("imports")
def test_all_missing_libraries_are_reported_at_once():
    for library in ("voluptuous", "requests", "requests"):
        try:
            raise ImportError(library)
        except ImportError:
            assert f"ImportError: {library}" in lacking(library)
    install = "Install them: '/opt/my python/bin/python3.11' -m pip install requests voluptuous"
    assert (
        str(MissingLibraryError("requests", None)) == f"Python libraries are missing: requests, voluptuous. {install}"
    )
    assert "missing: PyYAML, requests, voluptuous." in str(MissingLibraryError("PyYAML", None))


def test_an_error_has_no_unsafe_characters():
    hostile = "bad\x1b[2J\u202e\u200b\ud83d\r\nfatal"
    error = SentinelError(hostile, hostile, "GET", "/v1/\x1b[2J")
    shown = "bad\ufffd\ufffd\ufffd\ufffd\nfatal"
    assert (error.message, error.cure, error.path) == (shown, shown, "/v1/\ufffd")
    assert InputError([hostile, "é"]).problems == [shown, "é"]
    assert str(InputError([hostile, "é"])).endswith(f"\n{shown}\né")
