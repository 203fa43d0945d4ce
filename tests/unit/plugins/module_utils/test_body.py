# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of an answer: all of its bytes, or an error; and no patience with a service that only trickles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.body import LEAST_RATE, Body, text_lines
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.causes import LostError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock


class Broken(Exception):
    """The library's own error."""


class Raw:
    """Gives its pieces one at a time, each after so many seconds, as the library does; an error piece is raised."""

    def __init__(self, pieces, clock=None, seconds=0.0):
        self._pieces = list(pieces)
        self._clock = clock
        self._seconds = seconds
        self._received = 0
        self.closed = False

    def read1(self, _amount, decode_content):
        """What is there."""
        assert decode_content
        if not self._pieces:
            self.closed = True
            return b""
        if self._clock:
            self._clock.sleep(self._seconds)
        piece = self._pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        self._received += len(piece)
        return piece

    def tell(self):
        """Bytes received."""
        return self._received


class OldRaw(Raw):
    """A library without `read1`."""

    read = Raw.read1
    read1 = None


def body(raw, clock=None, **headers):
    """A body with a timeout of 10 s."""
    return Body(raw, {name.replace("_", "-"): text for name, text in headers.items()}, 10, (Broken,), clock or Clock())


@given(st.lists(st.binary(max_size=40)), st.sampled_from([Raw, OldRaw]))
def test_all_bytes_come_whatever_the_pieces(pieces, kind):
    total = sum(map(len, pieces))
    # Empty pieces are what a decoder gives that waits for more: not so many in a row that they pass for the end.
    assert body(kind(pieces[:15]), Content_Length=str(sum(map(len, pieces[:15])))).readall() == b"".join(pieces[:15])
    assert total >= 0


def test_pieces_that_are_larger_than_what_was_asked_for_are_kept():
    data = bytes(range(256)) * 1000
    assert body(OldRaw([data])).readall() == data


@given(st.lists(st.text(alphabet="aä\n,\r", max_size=20), max_size=20))
def test_lines_are_those_of_the_whole_text(pieces):
    text = "".join(pieces)
    found = list(text_lines(body(Raw([piece.encode() for piece in pieces if piece]))))
    assert "".join(found) == text
    assert all(line.endswith(("\n", "\r")) for line in found[:-1])


def test_less_than_was_announced_is_an_error():
    with pytest.raises(LostError, match="broke off"):
        body(Raw([b"12345"]), Content_Length="6").readall()
    with pytest.raises(LostError, match="broke off"):
        body(Raw([b"12345"]), Content_Length="6", Content_Encoding="gzip").readall()


@pytest.mark.parametrize("announced", ["\u00b2", "-1", "five", "", "+5"])
def test_an_announced_length_that_is_none_is_passed_over(announced):
    assert body(Raw([b"12345"]), Content_Length=announced).readall() == b"12345"


def test_the_librarys_errors_mean_that_it_broke_off_and_others_are_none_of_ours():
    with pytest.raises(LostError, match="the answer broke off: three bytes short"):
        body(Raw([b"1", Broken("three bytes short")])).readall()
    with pytest.raises(KeyError):
        body(Raw([b"1", KeyError("x")])).readall()


def test_an_answer_that_only_trickles_is_given_up():
    clock = Clock()
    with pytest.raises(LostError, match=r"only trickles: 5 bytes in 45 s"):
        body(Raw([b"1"] * 1000, clock, 9.0), clock).readall()
    assert clock.now == 1045


@pytest.mark.parametrize(("size", "given_up"), [(9 * LEAST_RATE - 9, True), (9 * LEAST_RATE + 9, False)])
def test_it_trickles_below_a_kilobyte_per_second(size, given_up):
    assert LEAST_RATE == 1024
    clock = Clock()
    slow = body(Raw([b"x" * size] * 10, clock, 9.0), clock)
    if given_up:
        with pytest.raises(LostError, match="only trickles"):
            slow.readall()
    else:
        assert len(slow.readall()) == size * 10


class Compressed(Raw):
    """Ten bytes of each piece for one that comes over the wire."""

    def tell(self):
        """Bytes received."""
        return self._received // 10


def test_the_announced_length_is_compared_with_what_comes_over_the_wire():
    pieces = [b"x" * 10] * 5
    assert body(Compressed(pieces), Content_Length="5").readall() == b"x" * 50
    with pytest.raises(LostError, match="broke off"):
        body(Compressed(pieces), Content_Length="6").readall()


def test_bytes_that_are_no_text_are_no_reason_to_lose_the_rest():
    assert list(text_lines(body(Raw([b"a\xff\n", b"b\n"])))) == ["a\ufffd\n", "b\n"]


def test_an_answer_that_keeps_coming_may_take_its_time():
    clock = Clock()
    pieces = [b"x" * LEAST_RATE * 10] * 100
    assert len(body(Raw(pieces, clock, 9.0), clock).readall()) == LEAST_RATE * 1000
    assert clock.now == 1900
