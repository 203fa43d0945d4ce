# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the files that git knows to a folder, and removes all others there: copy_collection.py SOURCE TARGET.

ansible-test needs the collection as real files under ansible_collections/NAMESPACE/NAME.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

# ansible-test's environments and results, kept between runs
KEPT = {".git", "tests/output"}


def known_files(source: Path) -> set[str]:
    """The names of tracked files, and of untracked ones that are not ignored, that exist."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=source, check=True, capture_output=True).stdout
    names = {os.fsdecode(name) for name in listing.split(b"\0") if name}
    return {name for name in names if os.path.lexists(source / name)}


def copy(source: Path, target: Path, name: str) -> None:
    """Copies one file if it differs. Symbolic links stay links."""
    old, new = source / name, target / name
    if new.is_symlink() or old.is_symlink() or new.is_dir():
        remove(new)
    elif new.exists() and filecmp.cmp(old, new, shallow=False):
        shutil.copymode(old, new)
        return
    new.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(old, new, follow_symlinks=False)


def remove(path: Path) -> None:
    """Removes a file, a link or a folder with its content."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def prune(target: Path, names: set[str]) -> None:
    """Removes all files and folders that are not among the names."""
    folders = {parent.as_posix() for name in names for parent in Path(name).parents}
    for root, directories, files in os.walk(target):
        here = Path(root).relative_to(target)
        for directory in list(directories):
            name = (here / directory).as_posix()
            if name in KEPT:
                directories.remove(directory)
            elif name not in folders and not any(kept.startswith(f"{name}/") for kept in KEPT):
                directories.remove(directory)
                if name not in names:
                    remove(target / name)
        for file in files:
            if (here / file).as_posix() not in names:
                remove(target / here / file)


def main(source: Path, target: Path) -> None:
    """Copies the files and makes the copy a git repository: ansible-test would use the outer one, which ignores it."""
    names = known_files(source)
    target.mkdir(parents=True, exist_ok=True)
    prune(target, names)
    for name in sorted(names):
        copy(source, target, name)
    if not (target / ".git").exists():
        subprocess.run(["git", "init", "--quiet", "--template=", str(target)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
