# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection offers its users, and the target that each of it must have."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Directories of plugins/ that hold no plugin.
_NO_PLUGINS = {"module_utils", "plugin_utils", "doc_fragments"}
#: Plugins with the name of a module, whose part they do on the controller.
_LIKE_MODULES = {"modules", "action"}
#: Plugins that are too small for a target each: those of these kinds share one, which has to use every one of them.
_TOGETHER = {"filter": "filters", "test": "filters"}
#: What stands before their names where they are used.
_USED = {"filter": r"\|", "test": r"\bis(?:\s+not)?"}


def public(root: Path) -> dict[str, str]:
    """What is public → the target that it must have."""
    found: dict[str, str] = {}
    for path in sorted((root / "plugins").glob("*/*.py")):
        kind, name = path.parent.name, path.stem
        if kind not in _NO_PLUGINS and not name.startswith("_"):
            alone = name if kind in _LIKE_MODULES else f"{kind}_{name}"
            found[path.relative_to(root).as_posix()] = _TOGETHER.get(kind, alone)
    for path in sorted((root / "roles").glob("*/meta/main.yml")):
        found[path.parents[1].relative_to(root).as_posix()] = path.parents[1].name
    for path in sorted((root / "playbooks").glob("*.y*ml")):
        found[path.relative_to(root).as_posix()] = f"playbook_{path.stem}"
    return found


def problems_of(target: Path) -> list[str]:
    """Why ansible-test would not run a target, or would test nothing."""
    if not target.is_dir():
        return [f"there is no target {target.name}"]
    problems = []
    aliases = target / "aliases"
    text = aliases.read_text(encoding="utf-8") if aliases.is_file() else ""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    if "context/controller" not in lines:
        problems.append(f"{target.name}: its aliases lack context/controller")
    problems += [
        f"{target.name}: is not run ({line})" for line in lines if line in ("disabled", "unsupported", "unstable")
    ]
    script = target / "runme.sh"
    if not script.is_file() or not os.access(script, os.X_OK):
        problems.append(f"{target.name}: has no runme.sh that can be run")
    tests = sorted(target.glob("test_*.py"))
    if not any("def test_" in path.read_text(encoding="utf-8") for path in tests):
        problems.append(f"{target.name}: has no test")
    return problems


def _unused(what: str, target: Path) -> list[str]:
    """Whether the tests of a shared target leave out this plugin."""
    kind, name = Path(what).parent.name, Path(what).stem
    texts = [path.read_text(encoding="utf-8") for path in sorted(target.glob("test_*.py"))]
    # A test is used after "is", or by its name in quotation marks; a filter after "|", or in the same way.
    used = re.compile(rf"(?:{_USED[kind]}\s*|['\"])kajeet\.sentinel\.{re.escape(name)}\b") if kind in _USED else None
    if used is None or any(used.search(text) for text in texts):
        return []
    return [f"{target.name}: does not use kajeet.sentinel.{name}"]


def gaps(root: Path) -> list[str]:
    """What is public and has no working target."""
    targets = root / "tests" / "integration" / "targets"
    return [
        f"{what}: {problem}"
        for what, name in public(root).items()
        for problem in problems_of(targets / name) or _unused(what, targets / name)
    ]
