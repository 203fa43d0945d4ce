# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads of CSVs, complete or an error."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from .._errors import UnexpectedAnswerError
from .calls import Calls
from .csv_end import CsvEnd

T = TypeVar("T")

#: Maximum number of downloads of a CSV that ends in the middle of a line, each time in a different one.
_MAX_DOWNLOADS = 5


class Downloads(Calls):
    """Base of the endpoints with a CSV."""

    def _csv(
        self,
        path: str,
        query: Mapping[str, Any],
        read: Callable[[Iterator[str]], T],
        scope: str | None = None,
        is_whole: Callable[[int], bool] | None = None,
    ) -> T:
        """Download a CSV for `read`, and check that it is complete.

        A proxy may cut off a download without an error. The last line then has no line end.

        Args:
            is_whole: whether a number of lines, without the header, is the whole list. Called if the last line has no
                line end but a cell for each column. None: a last line is complete if a second download has the same.
        """
        seen: set[str] = set()
        for _download in range(_MAX_DOWNLOADS):
            end = CsvEnd(self.reader.names)

            def receive(text: Iterator[str], end: CsvEnd = end) -> T:
                return read(end.remembering(text))

            problem = None
            try:
                result = self.session.stream(path, query, receive, scope=scope)
            except UnexpectedAnswerError as error:  # a cell without its end, for example
                problem = error
            ends_well = not end.tail or end.tail.endswith(("\n", "\r"))
            if not ends_well and is_whole is not None:
                ends_well = end.is_full and is_whole(end.lines - 1)
            elif not ends_well:
                ends_well = self._is_last(path, query, end, seen, scope)
            if ends_well:
                if problem is not None:
                    raise problem
                return result
            if end.is_same_order:
                raise problem or UnexpectedAnswerError(
                    f"GET {path} (CSV): the download ends in the middle of a line, and cannot be checked because the "
                    "service returns the same order for both directions"
                )
            seen.add(end.tail)
        raise UnexpectedAnswerError(f"GET {path} (CSV): each download ends in the middle of a line")

    def _is_last(
        self, path: str, query: Mapping[str, Any], end: CsvEnd, seen: Container[str], scope: str | None
    ) -> bool:
        """Whether a last line without a line end is complete, because the service leaves out the last line end.

        The end of a history is its start in the other direction. Other CSVs must have the same last line again.
        """
        if "sortDir" not in query:
            return end.tail in seen
        other = {**query, "sortDir": "DESC" if query["sortDir"] == "ASC" else "ASC"}
        return self.session.stream(path, other, end.begins, scope=scope)


def peeked(rows: Iterator[list[str]]) -> tuple[Iterator[list[str]], bool]:
    """Return the rows, and whether there is any."""
    first = next(rows, None)
    return (iter(()), False) if first is None else (chain([first], rows), True)
