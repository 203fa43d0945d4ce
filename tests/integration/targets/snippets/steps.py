# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which a block of a page is run, or checked where it cannot be run here."""

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

#: Something that is done before a block: it makes files, or the account's state.
Prepare = Callable[[Stage], None]
#: Where a scene saves what tasks have said.
SCREEN = "screen.log"
_TASK_ENDS = re.compile(r"^(?:(?:ok|changed): .*|\.\.\.ignoring)$", re.MULTILINE)


class Step(Protocol):
    """How one block is run."""

    def __call__(self, block: Block, stage: Stage, /) -> None:
        """Runs it; fails where it does not do what the page says."""


@dataclass(frozen=True)
class Saved:
    """Written to a file, which later blocks read."""

    name: str

    def __call__(self, block: Block, stage: Stage) -> None:
        stage.save(self.name, block.text)


@dataclass(frozen=True)
class Play:
    """Run by ansible-playbook: plays, or tasks of one play for localhost.

    Args:
        name: the playbook's file.
        options: of ansible-playbook.
        rc: the exit code.
        before: is done first.
        shows: must be in the output, of the second run if there are two.
        twice: whether to run it a second time, which changes nothing.
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
    """Tasks that run together with those of the page's other blocks like this one."""

    def __call__(self, block: Block, stage: Stage) -> None:
        stage.later(yaml.safe_load(block.text))


@dataclass(frozen=True)
class Commands:
    """Run by a shell, one after the other.

    Args:
        ends_with_2: parts of the commands that end with exit code 2, as the page says.
        before: is done first.
        shows: must be in the output of the last one.
        more: is appended to each command.
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
    """Names the repository and the Python packages that the collection says it has and needs."""

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
    """Targets of the Makefile, which an installed collection does not have."""

    def __call__(self, block: Block, _stage: Stage) -> None:
        makefile = collection_root() / "Makefile"
        targets = (
            re.findall(r"^([\w-]+):", makefile.read_text(encoding="utf-8"), re.MULTILINE) if makefile.exists() else []
        )
        wanted = [shlex.split(bare(command)) for command in commands(block.text)]
        assert [words for words in wanted if targets and (words[0] != "make" or words[1] not in targets)] == []


@dataclass(frozen=True)
class Output:
    """Each line is in the output of the block before; `…` is any text."""

    def __call__(self, block: Block, stage: Stage) -> None:
        assert_shown([line.strip() for line in block.text.splitlines() if line.strip()], stage.output)


@dataclass(frozen=True)
class Screen:
    """The beginning of a file and, below a blank line, what the task named after it says; `…` is any text.

    Args:
        name: of the file. What the tasks say is in the file `SCREEN`.
    """

    name: str

    def __call__(self, block: Block, stage: Stage) -> None:
        beginning, _blank, said = block.text.partition("\n\n")
        assert_shown([beginning], shown_file(stage.directory / self.name))
        screen = (stage.directory / SCREEN).read_text(encoding="utf-8")
        # A task's end: what its action prints may come before the task's name.
        (shown,) = (part for part in _TASK_ENDS.split(screen) if f"TASK [{self.name}]" in part)
        assert_shown([line.strip() for line in said.splitlines() if line.strip()], shown)


@dataclass(frozen=True)
class Unrun:
    """Only parsed, for a reason."""

    reason: str

    def __call__(self, block: Block, _stage: Stage) -> None:
        if block.language.startswith("yaml"):
            assert yaml.safe_load(block.text)
        elif block.language == "console":
            for command in commands(block.text):
                subprocess.run(["bash", "-n", "-c", command], check=True)


@dataclass(frozen=True)
class SameAs:
    """Its commands are also in another block, which is run. Comments may differ."""

    page: str
    keys: Sequence[str]

    def __call__(self, block: Block, _stage: Stage) -> None:
        run = [
            bare(command) for other in blocks(self.page) if other.key in self.keys for command in commands(other.text)
        ]
        assert [bare(command) for command in commands(block.text) if bare(command) not in run] == []


@dataclass(frozen=True)
class Elsewhere:
    """A test of another target takes it from the page; `test`: its file below tests/, and its function."""

    file: str
    test: str

    def __call__(self, block: Block, _stage: Stage) -> None:
        text = (collection_root() / "tests" / self.file).read_text(encoding="utf-8")
        assert f"def {self.test}(" in text, f"{self.file} has no {self.test}"
        name = block.page.rsplit("/", 1)[-1].partition(".")[0]
        assert name in text, f"{self.file} does not read {block.page}"


@dataclass(frozen=True)
class Page:
    """How the blocks of a page are run, in its order.

    Args:
        steps: by the block's key.
        before: is done first.
        after: is done at the end, and asserts what there is then.
    """

    steps: dict[str, Step]
    before: Sequence[Prepare] = ()
    after: Sequence[Prepare] = field(default=())


def assert_shown(texts: Sequence[str], output: str) -> None:
    """Asserts that an output has these texts: `…` is any text, the usual port any port, and line breaks are blanks."""
    flat = re.sub(r"\s+", " ", output)
    for text in texts:
        pattern = r"\s+".join(map(re.escape, text.split())).replace("…", ".*?")
        pattern = pattern.replace(re.escape("127.0.0.1:8642"), r"127\.0\.0\.1:\d+")
        assert re.search(pattern, flat), f"not in the output: {text}\n{output}"


def shown_file(path: Path) -> str:
    """The text of a file as an editor shows it; of a workbook, the cells of its sheets, a row on each line."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        rows = (row for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True))
        return "\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows)
    return content.decode("utf-16" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8")


def bare(command: str) -> str:
    """A command without its comment."""
    return re.sub(r"\s+#.*$", "", command).strip()


def files(**texts: Any) -> Prepare:
    """Writes files: `fleet_csv` is fleet.csv."""

    def prepare(stage: Stage) -> None:
        for name, text in texts.items():
            stage.save(name.replace("_", "."), text)

    return prepare
