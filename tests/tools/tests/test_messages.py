# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listing of messages is that of the code, and each message is one that people can act on."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import messages

ALL = [
    message
    for folders in messages.SECTIONS.values()
    for source in messages.sources(folders, messages.error_kinds())
    for message in source.messages
]


def test_the_listing_is_that_of_the_code() -> None:
    assert messages.LISTING.read_text(encoding="utf-8") == messages.listing(), "update it: make messages"


def test_every_folder_of_the_code_has_a_section() -> None:
    plugins = messages.ROOT / "plugins"
    listed = [plugins / folder for folders in messages.SECTIONS.values() for folder in folders]
    for path in plugins.rglob("*.py"):
        kinds = messages.error_kinds()
        reader = messages.MessageReader(kinds)
        reader.visit(ast.parse(path.read_text(encoding="utf-8")))
        is_listed = any(path == place or place in path.parents for place in listed)
        assert is_listed or not any(message.kind for message in reader.messages), path


def test_every_kind_of_error_has_messages_in_the_listing() -> None:
    assert set(messages.error_kinds().values()) - {"error"} <= {message.kind for message in ALL}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            'raise InputError([f"{where}: is XML; export the list as .csv"])',
            ("<where>: is XML", "export the list as .csv", "input"),
        ),
        (
            'raise GuardError("The plan is larger than allowed.", "Raise max_new_activations.")',
            ("The plan is larger than allowed.", "Raise max_new_activations.", "guard"),
        ),
        (
            'problems.append(f"has {len(digits)} digits; an IMEI has 15")',
            ("has <digits> digits", "an IMEI has 15", ""),
        ),
    ],
)
def test_a_message_has_its_cure_and_kind(code: str, expected: tuple[str, str, str]) -> None:
    reader = messages.MessageReader(messages.error_kinds())
    reader.visit(ast.parse(code))
    assert reader.messages == [messages.Message(*expected)]


@pytest.mark.parametrize(
    "code",
    [
        '"""A docstring is not a message."""',
        'x = word_set("is was are not")',
        "y = 3",
        'raise InputError(problems, "The list of devices")',
    ],
)
def test_what_no_reader_sees_is_left_out(code: str) -> None:
    reader = messages.MessageReader(messages.error_kinds())
    reader.visit(ast.parse(code))
    assert reader.messages == []


def test_no_message_shows_the_insides_of_python() -> None:
    inside = re.compile(r"NoneType|Traceback|\bdict\b|\bstr\b|\bNone\b|object at 0x")
    assert [message for message in ALL if inside.search(message.text + message.cure)] == []
