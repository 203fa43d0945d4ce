# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for people go to a stdout that people read, and never to one that a program reads."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kajeet.sentinel.plugins.plugin_utils import _console
from ansible_collections.kajeet.sentinel.plugins.plugin_utils._console import Console, is_for_people
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import (
    device,
    entry,
    fleet,
    listing,
    plan_of,
)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of Ansible's display."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(_console.display, "display", lambda text, **how: calls.append({"text": text, **how}))
    for name in ("COLOR_OK", "COLOR_CHANGED", "COLOR_ERROR", "COLOR_DIFF_ADD"):
        monkeypatch.setattr(_console.C, name, name)
    monkeypatch.setattr(_console.C, "DEFAULT_STDOUT_CALLBACK", "default")
    return calls


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        ("default", True),
        ("ansible.builtin.default", True),
        ("minimal", True),
        ("oneline", True),
        ("community.general.yaml", True),
        ("ansible.posix.debug", True),
        ("community.general.dense", True),
        ("community.general.unixy", True),
        ("community.general.diy", True),
        ("awx_display", True),
        ("json", False),
        ("ansible.posix.json", False),
        ("ansible.posix.jsonl", False),
        ("junit", False),
        ("community.general.null", False),
        ("of_our_company", False),
    ],
)
def test_callbacks_for_people_are_known(callback: str, expected: bool) -> None:
    assert is_for_people(callback) is expected


def test_lines_go_to_stdout_if_people_read_it(shown: list[dict[str, Any]]) -> None:
    Console().progress("3 of 30")
    assert shown == [{"text": "3 of 30", "color": None}]


def test_lines_go_to_stderr_without_colour_if_a_program_reads_stdout(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_console.C, "DEFAULT_STDOUT_CALLBACK", "ansible.posix.json")
    console = Console()
    console.progress("3 of 30")
    console.plan(plan_of(fleet(1)))
    console.summary("1 activated in 2 s", {"changed": True})
    assert all(call["stderr"] and "color" not in call for call in shown)
    assert len(shown) == 5


@pytest.mark.parametrize(
    ("result", "colour"),
    [
        ({"changed": False}, "COLOR_OK"),
        ({"changed": True}, "COLOR_CHANGED"),
        ({"changed": True, "failed": True}, "COLOR_ERROR"),
        (None, "COLOR_ERROR"),
    ],
)
def test_the_last_line_has_the_colour_of_the_result(
    shown: list[dict[str, Any]], result: dict[str, Any] | None, colour: str
) -> None:
    Console().summary("1 activated in 2 s", result)
    assert shown == [{"text": "1 activated in 2 s", "color": colour}]


def test_the_lines_of_a_plan_have_the_colours_of_a_diff(shown: list[dict[str, Any]]) -> None:
    found = listing(entry(1, "suspended"), entry(2, "retired"), entry(3, "active", imei="355737360000099"))
    nicknamed = device(0, nickname="Bus " * 12)
    Console().plan(plan_of([nicknamed, *fleet(4)[1:]], listed=found, on_suspended="restore"), named=20)
    colours = {}
    for call in shown:
        colours.setdefault(call["text"][0], set()).add(call["color"])
    assert colours.pop(" ") >= {"COLOR_DIFF_ADD"}
    assert colours == {
        "+": {"COLOR_DIFF_ADD"}, "~": {"COLOR_CHANGED"}, "!": {"COLOR_ERROR"}, "P": {None}, "D": {None},
    }  # fmt: skip


def test_a_secret_task_shows_only_counts(shown: list[dict[str, Any]]) -> None:
    console = Console(is_secret=True)
    console.progress("slowest: ACT-1")
    console.plan(plan_of(fleet(1)))
    console.summary("1 activated in 2 s", {"changed": True})
    assert [call["text"] for call in shown] == ["1 activated in 2 s"]


def test_lines_mask_secrets_and_start_with_the_host(shown: list[dict[str, Any]]) -> None:
    console = Console("bus-1: Activate: ", lambda line: line.replace("tok-1", "***"))
    console.progress("waiting for tok-1")
    console.summary("1 activated in 2 s", {})
    assert [call["text"] for call in shown] == [
        "bus-1: Activate: waiting for ***",
        "bus-1: Activate: 1 activated in 2 s",
    ]


def test_an_interrupted_run_ends_with_a_sentence(shown: list[dict[str, Any]]) -> None:
    with Console().ending(lambda: "never shown"):
        pass
    with pytest.raises(KeyError), Console().ending(lambda: "interrupted: 3 of 30"):
        raise KeyError
    assert shown == [{"text": "interrupted: 3 of 30", "color": "COLOR_ERROR"}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_handled_after_the_sentence_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "stderr"
    received: list[str] = []
    before = signal.signal(number, lambda _number, _frame: received.append(path.read_text(encoding="utf-8")))
    try:
        with path.open("wb", buffering=0) as stream, Console("a: ").ending(lambda: "interrupted: 3 of 30"):
            monkeypatch.setattr(_console, "_STDERR", stream.fileno())
            os.kill(os.getpid(), number)
            time.sleep(0.01)
        assert received == ["a: interrupted: 3 of 30\n"]
    finally:
        signal.signal(number, before)


@pytest.fixture
def events() -> Iterator[list[str]]:
    """What happens, in order. SIGINT and SIGTERM add "signal"."""
    seen: list[str] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda _number, _frame: seen.append("signal")) for number in numbers}
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_ending", [False, True], ids=["anywhere", "within ending"])
def test_a_signal_waits_until_a_line_is_shown(
    monkeypatch: pytest.MonkeyPatch, events: list[str], number: signal.Signals, is_ending: bool
) -> None:
    """A process that ended here would leave Ansible's queue locked, and ansible-playbook would wait forever."""

    def show(_text: str, **_how: Any) -> None:
        os.kill(os.getpid(), number)
        time.sleep(0.01)
        events.append("shown")

    monkeypatch.setattr(_console.display, "display", show)
    console = Console()
    with console.ending(lambda: "interrupted") if is_ending else nullcontext():
        console.progress("0 of 5 done")
    assert events == ["shown", "signal"]


def test_a_signal_waits_until_another_thread_has_shown_its_line(
    monkeypatch: pytest.MonkeyPatch, events: list[str]
) -> None:
    is_showing = threading.Event()

    def show(_text: str, **_how: Any) -> None:
        is_showing.set()
        time.sleep(0.1)
        events.append("shown")

    monkeypatch.setattr(_console.display, "display", show)
    console = Console()
    thread = threading.Thread(target=console.progress, args=("0 of 5 done",))
    with console.ending(lambda: "interrupted"):
        thread.start()
        assert is_showing.wait(5)
        os.kill(os.getpid(), signal.SIGTERM)
        thread.join()
    assert events == ["shown", "signal"]


def test_a_signal_is_not_lost_if_a_line_cannot_be_shown(monkeypatch: pytest.MonkeyPatch, events: list[str]) -> None:
    def show(_text: str, **_how: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise OSError("no terminal")

    monkeypatch.setattr(_console.display, "display", show)
    with pytest.raises(OSError, match="no terminal"):
        Console().progress("0 of 5 done")
    assert events == ["signal"]


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_does_not_prevent_the_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, events: list[str], second: signal.Signals
) -> None:
    path = tmp_path / "stderr"

    def sentence() -> str:
        os.kill(os.getpid(), second)
        time.sleep(0.01)
        events.append("sentence")
        return "interrupted: 3 of 30"

    with path.open("wb", buffering=0) as stream, Console().ending(sentence):
        monkeypatch.setattr(_console, "_STDERR", stream.fileno())
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    assert events == ["sentence", "signal"]
    assert path.read_text(encoding="utf-8") == "interrupted: 3 of 30\n"
