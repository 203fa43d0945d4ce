# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages in Markdown: their length, the form of decisions, and their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "examples/*.md", "roles/*/README.md")
    for path in ROOT.glob(pattern)
    if path.name not in ("CHANGELOG.md", "messages.md")
)
GUIDES = sorted(path for path in (ROOT / "docs" / "docsite").rglob("*") if path.suffix in (".rst", ".yml"))
#: The repository's files on GitHub, which pages outside of the repository link to.
ON_GITHUB = "https://github.com/kajeet/ansible-collection-sentinel/blob/main/"


def lines(path: Path) -> list[str]:
    """The lines of a page."""
    return path.read_text(encoding="utf-8").splitlines()


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = [line.lstrip("#").strip() for line in lines(path) if re.match(r"#+ ", line)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(path: Path) -> Iterator[str]:
    """The addresses that a page links to, except those in code blocks."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"(?:\]\(|src=\")([^)\"\s]+)", text)


def is_broken(page: Path, address: str) -> bool:
    """Whether a link leads to no file, or no heading, of this repository. Links elsewhere are not checked."""
    if address.startswith(ON_GITHUB):
        return not (ROOT / address.removeprefix(ON_GITHUB).partition("#")[0]).exists()
    if re.match(r"[a-z]+:", address):
        return False
    name, _hash, anchor = address.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or (bool(anchor) and target.suffix == ".md" and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert [address for address in links(page) if is_broken(page, address)] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda path: path.name)
def test_the_links_of_a_guide_to_the_repository_lead_somewhere(page: Path) -> None:
    found = re.findall(rf"{re.escape(ON_GITHUB)}[^\s>`]*", page.read_text(encoding="utf-8"))
    assert [address for address in found if is_broken(page, address)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title\n\n[a](#a-title) [b](#b) [c](none.md) [d](page.md#a-title)\n", encoding="utf-8")
    assert [address for address in links(page) if is_broken(page, address)] == ["#b", "none.md"]


def test_the_readme_is_short() -> None:
    assert len(lines(ROOT / "README.md")) <= 150


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_a_page_with_context_decision_and_consequences(decision: Path) -> None:
    text = lines(decision)
    assert len(text) <= 60
    places = [text.index(f"## {title}") for title in ("Context", "Decision", "Consequences")]
    assert places == sorted(places)


def test_the_index_lists_each_decision_under_its_title() -> None:
    index = lines(ROOT / "docs" / "decisions" / "README.md")
    for decision in DECISIONS:
        (title,) = (line for line in lines(decision) if line.startswith("# "))
        number, _blank, words = title.removeprefix("# ").partition(" ")
        assert f"| [{number}]({decision.name}) | {words} |" in index
