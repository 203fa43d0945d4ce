# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are: the collection under test, and what is kept between runs."""

from __future__ import annotations

from pathlib import Path


def collection_root() -> Path:
    """The root of the collection. ansible-test copies targets to a directory somewhere below it."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "galaxy.yml").is_file():
            return folder
    raise FileNotFoundError("galaxy.yml is in none of the directories above " + __file__)


def kept() -> Path:
    """A directory that stays between runs. HOME is a folder of .cache where the tests are run by make."""
    folder = Path.home() / ".cache" / "kajeet_sentinel_tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


#: The directory of this harness, with Ansible's callback plugin beside the package.
HARNESS = Path(__file__).resolve().parent.parent
