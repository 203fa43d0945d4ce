# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of README, guides and roles' READMEs, as their readers copy them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from .places import collection_root

_FENCED = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL
)
_DIRECTIVE = re.compile(
    r"^(?P<indent>[ ]*)\.\. code-block::[ ]*(?P<language>\S*)\n(?P<text>(?:[ \t]*\n|(?P=indent)[ ]+\S.*\n)*)",
    re.MULTILINE,
)
_OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)+\n")
_MD_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_RST_HEADING = re.compile(r"^(?P<title>\S.*)\n(?P<line>([=\-~^\"])\3{2,})$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block.

    Args:
        page: the file, as a path below the collection's root.
        key: the heading above it, and its number below that heading: ``Use it 2``.
        language: what the page says it is; empty for none.
        text: without the page's indentation.
    """

    page: str
    key: str
    language: str
    text: str = field(repr=False)


def pages() -> list[str]:
    """The pages with code blocks for users, as paths below the collection's root."""
    root = collection_root()
    found = [root / "README.md", *root.glob("docs/docsite/rst/*.rst"), *root.glob("roles/*/README.md")]
    return sorted(path.relative_to(root).as_posix() for path in found)


def blocks(page: str) -> list[Block]:
    """The code blocks of a page, in its order."""
    return list(parse(page, (collection_root() / page).read_text(encoding="utf-8")))


def parse(page: str, text: str) -> Iterator[Block]:
    """The code blocks of a text. `page`: its name, whose suffix says what it is written in."""
    is_markdown = Path(page).suffix == ".md"
    pattern, heading = (_FENCED, _MD_HEADING) if is_markdown else (_DIRECTIVE, _RST_HEADING)
    found = list(pattern.finditer(text))
    # A comment of a shell looks like a heading, and a table's line like an underline: what is in a block is neither.
    inside = [(match.start(), match.end()) for match in found]
    titles = [
        (match.start(), match["title"].strip())
        for match in heading.finditer(text)
        if not any(start <= match.start() < end for start, end in inside)
    ]
    numbers: Counter[str] = Counter()
    for match in found:
        title = next((title for start, title in reversed(titles) if start < match.start()), "")
        numbers[title] += 1
        code = match["text"] if is_markdown else _OPTIONS.sub("", dedent(match["text"])).strip("\n") + "\n"
        yield Block(page, f"{title} {numbers[title]}", match["language"], code)


def commands(text: str) -> list[str]:
    """The commands of a console block, without prompts; a continued one is one command."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^\$ ", "", text, flags=re.MULTILINE))
    return [line for line in joined.splitlines() if line.strip()]
