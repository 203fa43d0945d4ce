# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decrypts declared files with the vault secrets of Ansible."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._declare.content import decrypting
from ..module_utils._errors import InputError

#: An encoding that keeps every byte, because the file may be a workbook.
_BYTES = "latin-1"


def vault_of(loader: Any) -> AbstractContextManager[None]:
    """Decrypt declared files with the secrets of Ansible's loader while the block runs."""

    def decrypt(path: str) -> bytes:
        try:
            text = str(loader.get_text_file_contents(os.path.abspath(path), encoding=_BYTES))
        except AnsibleError:
            problem = "is encrypted with ansible-vault, and no vault password of this run decrypts it"
            cure = "give the password with --ask-vault-pass, --vault-id or --vault-password-file"
            raise InputError([f"{os.path.basename(path)}: {problem}; {cure}"]) from None
        return text.encode(_BYTES)

    return decrypting(decrypt)
