# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the simulator's files in one task: ``install.py DIRECTORY [--check]``, the files as JSON on stdin.

The input is an object, path below DIRECTORY → content. Files of the package that are no longer in it are removed.
Prints ``{"changed": …, "digest": …}``. Standard library only; runs on the target.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys


def main():  # type: () -> int
    """Install the files and print the result."""
    root, check = sys.argv[1], "--check" in sys.argv[2:]
    files = json.load(sys.stdin)
    changed = False
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        content = text.encode("utf-8")
        digest.update(name.encode("utf-8") + b"\0" + content + b"\0")
        path = os.path.join(root, name)
        try:
            with open(path, "rb") as stream:
                same = stream.read() == content
        except OSError:
            same = False
        if same:
            continue
        changed = True
        if not check:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + ".new", "wb") as stream:
                stream.write(content)
            os.replace(path + ".new", path)
    package = os.path.join(root, "sentinel_simulator")
    for name in sorted(os.listdir(package)) if os.path.isdir(package) else []:
        if name.endswith(".py") and "sentinel_simulator/" + name not in files:
            changed = True
            if not check:
                os.unlink(os.path.join(package, name))
    print(json.dumps({"changed": changed, "digest": digest.hexdigest()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
