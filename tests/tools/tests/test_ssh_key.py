# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH key pair that is created for ansible-test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_public_key

PROGRAM = Path(__file__).resolve().parents[1] / "ssh_key.py"


def create(folder: Path) -> tuple[bytes, bytes]:
    """Runs the program; returns the content of both files."""
    subprocess.run([sys.executable, str(PROGRAM), str(folder)], check=True)
    return (folder / "id_rsa").read_bytes(), (folder / "id_rsa.pub").read_bytes()


def test_the_two_keys_belong_together(tmp_path: Path) -> None:
    private, public = create(tmp_path / "new")
    assert load_pem_private_key(private, None).public_key() == load_ssh_public_key(public)


def test_the_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    create(tmp_path)
    assert (tmp_path / "id_rsa").stat().st_mode & 0o777 == 0o600


def test_an_existing_pair_is_kept(tmp_path: Path) -> None:
    assert create(tmp_path) == create(tmp_path)


def test_an_incomplete_pair_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("half", encoding="utf-8")
    private, public = create(tmp_path)
    assert load_pem_private_key(private, None).public_key() == load_ssh_public_key(public)
