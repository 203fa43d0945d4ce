# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Public parts of the collection, and the target that each must have."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Directories of plugins/ without plugins.
_NO_PLUGINS = {"module_utils", "plugin_utils", "doc_fragments"}
#: Directories whose plugins share the module's target.
_LIKE_MODULES = {"modules", "action"}
#: Kind → target that all plugins of this kind share. Its tests must use each of them.
_SHARED = {"filter": "filters", "test": "filters"}
#: Pattern before the name of a plugin that is used.
_USED = {"filter": r"\|", "test": r"\bis(?:\s+not)?"}


def public(root: Path) -> dict[str, str]:
    """Path of each public part → the target that it must have."""
    targets: dict[str, str] = {}
    for path in sorted((root / "plugins").glob("*/*.py")):
        kind, name = path.parent.name, path.stem
        if kind not in _NO_PLUGINS and not name.startswith("_"):
            own = name if kind in _LIKE_MODULES else f"{kind}_{name}"
            targets[path.relative_to(root).as_posix()] = _SHARED.get(kind, own)
    for path in sorted((root / "roles").glob("*/meta/main.yml")):
        targets[path.parents[1].relative_to(root).as_posix()] = path.parents[1].name
    for path in sorted((root / "playbooks").glob("*.y*ml")):
        targets[path.relative_to(root).as_posix()] = f"playbook_{path.stem}"
    return targets


def problems_of(target: Path) -> list[str]:
    """Why ansible-test would not run a target or would not test anything."""
    if not target.is_dir():
        return [f"there is no target {target.name}"]
    problems = []
    aliases = target / "aliases"
    text = aliases.read_text(encoding="utf-8") if aliases.is_file() else ""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    if "context/controller" not in lines:
        problems.append(f"{target.name}: aliases lacks context/controller")
    problems += [
        f"{target.name}: is not run ({line})" for line in lines if line in ("disabled", "unsupported", "unstable")
    ]
    script = target / "runme.sh"
    if not script.is_file() or not os.access(script, os.X_OK):
        problems.append(f"{target.name}: has no executable runme.sh")
    tests = sorted(target.glob("test_*.py"))
    if not any("def test_" in path.read_text(encoding="utf-8") for path in tests):
        problems.append(f"{target.name}: has no test")
    return problems


def _unused(path: str, target: Path) -> list[str]:
    """A problem if the tests of a shared target do not use this plugin."""
    kind, name = Path(path).parent.name, Path(path).stem
    texts = [path.read_text(encoding="utf-8") for path in sorted(target.glob("test_*.py"))]
    # Tests appear after "is", filters after "|", and both as a quoted name.
    used = re.compile(rf"(?:{_USED[kind]}\s*|['\"])kajeet\.sentinel\.{re.escape(name)}\b") if kind in _USED else None
    if used is None or any(used.search(text) for text in texts):
        return []
    return [f"{target.name}: does not use kajeet.sentinel.{name}"]


def gaps(root: Path) -> list[str]:
    """Public parts without a working target, and what is missing."""
    targets = root / "tests" / "integration" / "targets"
    return [
        f"{path}: {problem}"
        for path, name in public(root).items()
        for problem in problems_of(targets / name) or _unused(path, targets / name)
    ]
