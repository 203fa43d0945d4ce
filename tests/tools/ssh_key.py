# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates the SSH key pair of ansible-test without ssh-keygen: ssh_key.py FOLDER.

Before each integration run, ansible-test creates a key pair with ssh-keygen unless one exists. It needs the pair only
for remote hosts, and minimal images have no ssh-keygen. cryptography, on which ansible-core depends, creates the same.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

# The names and the type that ansible-test looks for
NAME = "id_rsa"
BITS = 3072


def create(folder: Path) -> None:
    """Writes the pair, readable by its owner only, unless it exists. Writes the public key last: it marks completion.

    Args:
        folder: ansible-test's folder in the home directory.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / NAME, folder / f"{NAME}.pub"
    # Two integration runs can start at the same time.
    with (folder / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if private.is_file() and public.is_file():
            return
        key = generate_private_key(public_exponent=65537, key_size=BITS)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        with open(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(pem)
        public.write_bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n")


if __name__ == "__main__":
    create(Path(sys.argv[1]))
