# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent calls."""

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
    """Do the work for each item on several threads. Yield the results in the order of the items.

    Raises the first error after running work has ended; other work is cancelled. The same applies if the consumer stops
    early.

    Args:
        work: returns the result for an item.
        items: the items.
        threads: maximum number of threads.
        stop: ends waiting work. Called if this thread is interrupted, by Ctrl-C or by the timeout of a task.
    """
    if len(items) <= 1 or threads <= 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(min(threads, len(items)))

    def interrupt() -> None:
        # First, so that no thread which stops waiting takes other work.
        pool.shutdown(wait=False, cancel_futures=True)
        stop()

    try:
        for future in [pool.submit(work, item) for item in items]:
            _wait_for(future, interrupt)
            yield future.result()
    except (Exception, GeneratorExit):
        raise  # the work failed or the consumer stopped: running work ends by itself
    except BaseException:
        interrupt()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _wait_for(future: Future[R], interrupt: Callable[[], None]) -> None:
    """Wait until the work has ended or failed. An exception here is a timeout of the task, not an error of the work."""
    try:
        future.exception()
    except Exception:
        interrupt()
        raise


@contextmanager
def repeating(name: str, interval: float, do: Callable[[], bool | None]) -> Iterator[None]:
    """Call `do` in a thread every `interval` seconds, until the block ends or `do` returns False.

    Args:
        name: name of the thread.
        interval: seconds between calls.
        do: the function.
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
