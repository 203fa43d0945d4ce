# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several calls at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(
    work: Callable[[T], R], items: Sequence[T], threads: int, stop: Callable[[], None] = lambda: None
) -> Iterator[R]:
    """Do the work for each item on so many threads; yield the results in the items' order.

    Raises the first error, after the work that has begun is done; what has not begun by then is left. The same goes for
    a consumer that stops early.

    Args:
        stop: has work that only waits come to its end. It is called where this thread is interrupted: by Ctrl-C, or
            when a task's time is over.
    """
    if len(items) <= 1 or threads <= 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(min(threads, len(items)))
    try:
        for future in [pool.submit(work, item) for item in items]:
            _wait_for(future, stop)
            yield future.result()
    except (Exception, GeneratorExit):
        raise  # the work has failed, or the consumer has seen enough: what is under way comes to its own end
    except BaseException:
        stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _wait_for(future: Future[R], stop: Callable[[], None]) -> None:
    """Wait until the work is done or has failed. An error here is a timeout of the task, not one of the work."""
    try:
        future.exception()
    except Exception:
        stop()
        raise


@contextmanager
def repeating(name: str, interval: float, do: Callable[[], bool | None]) -> Iterator[None]:
    """Call `do` on a thread of its own every `interval` seconds, until the block ends or `do` returns False.

    Args:
        name: the thread's.
    """
    over = threading.Event()

    def run() -> None:
        while not over.wait(interval):
            if do() is False:
                return

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
