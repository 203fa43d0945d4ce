# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes all pip settings, from files and environment variables, to one file: pip_settings.py FILE.

ansible-test does not pass PIP_* or proxy variables on to the pip that it runs, but it keeps HOME, where pip reads
this file.
"""

from __future__ import annotations

import ast
import configparser
import os
import subprocess
import sys
from pathlib import Path

# Settings for where pip installs to, and which Python it uses. The caller of pip decides these.
PLACES = {"user", "target", "prefix", "root", "require-virtualenv", "python", "log"}


def read() -> dict[str, dict[str, str]]:
    """The settings by section. Environment variables override files, as in pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    sections: dict[str, dict[str, str]] = {"global": {}}
    from_environment = {}
    for line in listing.splitlines():
        name, separator, value = line.partition("=")
        section, dummy, key = name.rpartition(".")
        if not separator or key in PLACES:
            continue
        try:
            text = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
        if section == ":env:":
            from_environment[key] = text
        else:
            sections.setdefault(section, {})[key] = text
    sections["global"].update(from_environment)
    fill_in(sections["global"])
    return sections


def fill_in(settings: dict[str, str]) -> None:
    """Adds what pip reads from environment variables other than PIP_*."""
    for key, names in (
        ("proxy", ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")),
        ("cert", ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")),
    ):
        value = next((os.environ[name] for name in names if os.environ.get(name)), None)
        if value:
            settings.setdefault(key, value)


def write(sections: dict[str, dict[str, str]], target: Path) -> None:
    """Writes the file, readable by its owner only: an index URL may contain a password."""
    parser = configparser.RawConfigParser()
    for section, settings in sections.items():
        # Further lines of a value are indented.
        parser[section] = {key: "\n".join(value.split("\n")) for key, value in settings.items()}
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        parser.write(stream)
    partial.replace(target)


if __name__ == "__main__":
    write(read(), Path(sys.argv[1]))
