# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that are carried out later than they arrive, whether or not the client is still connected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


class LateRequests:
    """The requests that are still to be carried out."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, seconds: float, work: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """Do the work after some seconds."""
        task = asyncio.get_running_loop().create_task(_after(seconds, work))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Read the error, so that asyncio does not warn about a task that is not awaited.
            task.exception()

    def cancel(self) -> None:
        """Cancel all of them."""
        for task in tuple(self._tasks):
            task.cancel()
        self._tasks.clear()


async def _after(seconds: float, work: Callable[[], Awaitable[T]]) -> T:
    await asyncio.sleep(seconds)
    return await work()
