# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to run a block of a page, or to check a block that cannot be run here."""

from __future__ import annotations

import codecs
import re
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import yaml
from harness.places import collection_root
from harness.snippets import Block, blocks, commands
from stage import Stage, repository_file

#: Prepares files or the account's state before a block.
Prepare = Callable[[Stage], None]
#: File for the output of tasks that a scene has run.
SCREEN = "screen.log"
_TASK_ENDS = re.compile(r"^(?:(?:ok|changed): .*|\.\.\.ignoring)$", re.MULTILINE)


class Step(Protocol):
    """How one block is run."""

    def __call__(self, block: Block, stage: Stage, /) -> None:
        """Run the block; fail if it does not do what the page says."""


@dataclass(frozen=True)
class Saved:
    """Writes the block to a file for later blocks."""

    name: str

    def __call__(self, block: Block, stage: Stage) -> None:
        stage.save(self.name, block.text)


@dataclass(frozen=True)
class Play:
    """Runs the block's plays, or its tasks in a play for localhost.

    Args:
        name: file of the playbook.
        options: for ansible-playbook.
        rc: expected exit code.
        before: called first.
        shows: texts that must be in the output of the last run.
        twice: whether to run the playbook twice, so that the last run has nothing to do.
    """

    name: str = "page.yml"
    options: str = ""
    rc: int = 0
    before: Prepare | None = None
    shows: Sequence[str] = ()
    twice: bool = False

    def __call__(self, block: Block, stage: Stage) -> None:
        stage.plays(self.name, block.text)
        if self.before is not None:
            self.before(stage)
        for _run in range(1 + self.twice):
            stage.run(f"ansible-playbook {self.name} {self.options}", self.rc)
        assert_shown(self.shows, stage.output)


@dataclass(frozen=True)
class Tasks:
    """Runs the block's tasks in one play with those of the page's other blocks of this type."""

    def __call__(self, block: Block, stage: Stage) -> None:
        stage.later(yaml.safe_load(block.text))


@dataclass(frozen=True)
class Commands:
    """Runs the block's commands in a shell, one after another.

    Args:
        ends_with_2: parts of commands that end with exit code 2, as the page says.
        before: called first.
        shows: texts that must be in the output of the last command.
        more: appended to each command.
    """

    ends_with_2: Sequence[str] = ()
    before: Prepare | None = None
    shows: Sequence[str] = ()
    more: str = ""

    def __call__(self, block: Block, stage: Stage) -> None:
        if self.before is not None:
            self.before(stage)
        for command in commands(block.text):
            stage.run(f"{command} {self.more}".strip(), 2 if any(part in command for part in self.ends_with_2) else 0)
        assert_shown(self.shows, stage.output)


@dataclass(frozen=True)
class Install:
    """Checks that the commands install the collection's repository and its Python requirements."""

    def __call__(self, block: Block, _stage: Stage) -> None:
        install, pip = (shlex.split(command) for command in commands(block.text))
        galaxy = yaml.safe_load(repository_file("galaxy.yml"))
        assert install == ["ansible-galaxy", "collection", "install", f"git+{galaxy['repository']}"]
        needed = [
            line for line in repository_file("requirements.txt").splitlines() if line and not line.startswith("#")
        ]
        assert pip == ["pip", "install", *needed]


@dataclass(frozen=True)
class MakeTargets:
    """Checks that the targets are in the Makefile, unless the collection is installed without it."""

    def __call__(self, block: Block, _stage: Stage) -> None:
        makefile = collection_root() / "Makefile"
        targets = (
            re.findall(r"^([\w-]+):", makefile.read_text(encoding="utf-8"), re.MULTILINE) if makefile.exists() else []
        )
        wanted = [shlex.split(bare(command)) for command in commands(block.text)]
        assert [words for words in wanted if targets and (words[0] != "make" or words[1] not in targets)] == []


@dataclass(frozen=True)
class Output:
    """Checks that each line is in the output of the previous block. `…` matches any text."""

    def __call__(self, block: Block, stage: Stage) -> None:
        assert_shown([line.strip() for line in block.text.splitlines() if line.strip()], stage.output)


@dataclass(frozen=True)
class Screen:
    """Checks that the block has the beginning of a file and, after a blank line, the output of the task for it.

    `…` matches any text. The file `SCREEN` has the output of all tasks.

    Args:
        name: of the file and of its task.
    """

    name: str

    def __call__(self, block: Block, stage: Stage) -> None:
        beginning, _blank, output = block.text.partition("\n\n")
        assert_shown([beginning], shown_file(stage.directory / self.name))
        screen = (stage.directory / SCREEN).read_text(encoding="utf-8")
        # Split at the ends of tasks, because output of an action may come before the task's name.
        (shown,) = (part for part in _TASK_ENDS.split(screen) if f"TASK [{self.name}]" in part)
        assert_shown([line.strip() for line in output.splitlines() if line.strip()], shown)


@dataclass(frozen=True)
class Unrun:
    """Only parses the block, for a reason."""

    reason: str

    def __call__(self, block: Block, _stage: Stage) -> None:
        if block.language.startswith("yaml"):
            assert yaml.safe_load(block.text)
        elif block.language == "console":
            for command in commands(block.text):
                subprocess.run(["bash", "-n", "-c", command], check=True)


@dataclass(frozen=True)
class SameAs:
    """Checks that the block's commands are also in another block, which is run. Comments may differ."""

    page: str
    keys: Sequence[str]

    def __call__(self, block: Block, _stage: Stage) -> None:
        run = [
            bare(command) for other in blocks(self.page) if other.key in self.keys for command in commands(other.text)
        ]
        assert [bare(command) for command in commands(block.text) if bare(command) not in run] == []


@dataclass(frozen=True)
class Elsewhere:
    """Checks that a test of another target reads the page. `file`: below tests/. `test`: the function."""

    file: str
    test: str

    def __call__(self, block: Block, _stage: Stage) -> None:
        text = (collection_root() / "tests" / self.file).read_text(encoding="utf-8")
        assert f"def {self.test}(" in text, f"{self.file} has no {self.test}"
        name = block.page.rsplit("/", 1)[-1].partition(".")[0]
        assert name in text, f"{self.file} does not read {block.page}"


@dataclass(frozen=True)
class Page:
    """How the blocks of a page are run, in order.

    Args:
        steps: key of a block → how it is run.
        before: called first.
        after: called at the end, with assertions.
    """

    steps: dict[str, Step]
    before: Sequence[Prepare] = ()
    after: Sequence[Prepare] = field(default=())


def assert_shown(texts: Sequence[str], output: str) -> None:
    """Asserts that an output has these texts. `…` matches any text, 8642 any port, and blanks match line breaks."""
    flat = re.sub(r"\s+", " ", output)
    for text in texts:
        pattern = r"\s+".join(map(re.escape, text.split())).replace("…", ".*?")
        pattern = pattern.replace(re.escape("127.0.0.1:8642"), r"127\.0\.0\.1:\d+")
        assert re.search(pattern, flat), f"not in the output: {text}\n{output}"


def shown_file(path: Path) -> str:
    """The text of a file. Of a workbook, the cells of its sheets, with one line per row."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        rows = (row for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True))
        return "\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows)
    return content.decode("utf-16" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8")


def bare(command: str) -> str:
    """A command without its comment."""
    return re.sub(r"\s+#.*$", "", command).strip()


def files(**texts: Any) -> Prepare:
    """Write files: `fleet_csv` is fleet.csv."""

    def prepare(stage: Stage) -> None:
        for name, text in texts.items():
            stage.save(name.replace("_", "."), text)

    return prepare
