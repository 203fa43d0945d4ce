# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each code block of README, guides and roles' READMEs works as written.

For a new block, add an entry to guides.py or readmes.py. Its key is the heading above it and its number there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from guides import GUIDES
from harness.places import collection_root
from harness.simulators import Simulator
from harness.snippets import blocks, pages, parse
from readmes import READMES
from stage import Stage, repository_file

PAGES = {**{f"docs/docsite/rst/{name}.rst": page for name, page in GUIDES.items()}, **READMES}


@pytest.mark.parametrize("name", pages())
def test_each_block_has_an_entry(name: str) -> None:
    page = PAGES.get(name)
    assert [block.key for block in blocks(name)] == (list(page.steps) if page else [])


@pytest.mark.parametrize("name", PAGES)
def test_the_blocks_of_a_page_work(sentinel: Simulator, workspace: Path, tmp_path: Path, name: str) -> None:
    stage, page = Stage(tmp_path, workspace, sentinel), PAGES[name]
    try:
        for prepare in page.before:
            prepare(stage)
        for block in blocks(name):
            if block.key in page.steps:
                page.steps[block.key](block, stage)
        stage.run_tasks()
        for check in page.after:
            check(stage)
    finally:
        stage.close()


def test_the_readme_lists_all_public_parts() -> None:
    text = repository_file("README.md").partition("## What is in the collection")[2].partition("\n## ")[0]
    root = collection_root()
    public = [
        *(path.stem for folder in ("modules", "lookup", "test") for path in root.glob(f"plugins/{folder}/[!_]*.py")),
        *(path.stem for path in root.glob("playbooks/*.yml")),
        *(path.name for path in root.glob("roles/*")),
    ]
    assert [name for name in public if f"`{name}`" not in text] == []


MARKDOWN = """# Title

```console
# not a heading
ls
```

## Use it

```yaml
- a: |

    b
```

```csv
c
```
"""
RST = """Title
=====

.. code-block:: console

   ls

Text.

.. code-block:: yaml

   - a: |

       b

Use it
------

.. code-block:: text
   :caption: c

   d
"""


def test_the_blocks_of_markdown_are_parsed() -> None:
    parsed = [(block.key, block.language, block.text) for block in parse("page.md", MARKDOWN)]
    assert parsed == [
        ("Title 1", "console", "# not a heading\nls\n"),
        ("Use it 1", "yaml", "- a: |\n\n    b\n"),
        ("Use it 2", "csv", "c\n"),
    ]


def test_the_blocks_of_restructuredtext_are_parsed() -> None:
    parsed = [(block.key, block.language, block.text) for block in parse("page.rst", RST)]
    assert parsed == [
        ("Title 1", "console", "ls\n"),
        ("Title 2", "yaml", "- a: |\n\n    b\n"),
        ("Use it 1", "text", "d\n"),
    ]
