# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process in which Ansible runs a task: its worker."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..module_utils._carry_out.owner import Owner


@contextmanager
def ending_with_ansible() -> Iterator[None]:
    """End this process after the block if it is a worker and its ansible-playbook has ended meanwhile.

    Ansible would write the task's result and arguments into a pipe without a reader. The worker itself still has the
    pipe's reading end open, so that it would wait for ever.
    """
    owner = Owner.of_this_process()
    try:
        yield
    finally:
        if multiprocessing.parent_process() is not None and not owner.is_alive():
            os._exit(1)


@contextmanager
def older_objects_kept() -> Iterator[None]:
    """Leave the existing objects out of garbage collection: Ansible's are many, and stay until the task ends.

    A large fleet makes enough objects for several collections, and each would go through all of them.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
