# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors: what a user is told, and what a module failure carries."""

from __future__ import annotations

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    InputError,
    MissingLibraryError,
    ScopeError,
    SentinelError,
)


def test_an_error_tells_the_call_what_happened_and_the_cure():
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


def test_an_error_outside_of_any_call_is_its_message():
    assert str(SentinelError("it is so")) == "it is so"


def test_message_and_cure_are_two_sentences():
    assert str(SentinelError("it broke", "Mend it.")) == "it broke. Mend it."
    assert str(SentinelError("it broke:\n- here\n", "Mend it.")) == "it broke:\n- here\n Mend it."


def test_one_problem_is_told_as_it_is():
    assert str(InputError(["device 1: imei is missing"])) == "device 1: imei is missing"


def test_many_problems_are_told_one_a_line_in_their_order_with_their_number():
    error = InputError([f"row {number}" for number in range(30)], "The list")
    lines = str(error).split("\n")
    assert lines[0] == "The list has 30 errors; nothing was written:"
    assert lines[1:] == [f"row {number}" for number in range(30)]
    assert error.as_failure()["error"]["kind"] == "input"


def test_ten_thousand_long_problems_fit_into_a_controllers_result():
    problems = [f"row {number}: {'x' * 100}" for number in range(10_000)]
    error = InputError(problems)
    assert len(str(error)) < 200_000
    shown = str(error).count("row ")
    assert 1_000 < shown < 10_000
    assert str(error).endswith(f"and {10_000 - shown} more")
    assert error.problems == problems


def test_a_missing_library_says_what_to_install():
    error = MissingLibraryError("voluptuous", "Traceback …")
    assert "pip install voluptuous" in str(error)
    assert (error.library, error.trace) == ("voluptuous", "Traceback …")


def test_an_error_quotes_nothing_that_changes_the_terminal_or_hides_text():
    hostile = "bad\x1b[2J\u202e\u200b\ud83d\r\nfatal"
    error = SentinelError(hostile, hostile, "GET", "/v1/\x1b[2J")
    shown = "bad\ufffd\ufffd\ufffd\ufffd\nfatal"
    assert (error.message, error.cure, error.path) == (shown, shown, "/v1/\ufffd")
    assert InputError([hostile, "é"]).problems == [shown, "é"]
    assert str(InputError([hostile, "é"])).endswith(f"\n{shown}\né")
