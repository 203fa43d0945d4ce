# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of an answer: complete or an error, with limits for size and rate."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.body import (
    MIN_BYTES_PER_SECOND,
    Body,
    text_lines,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._transport.causes import LostError, UnreadableError
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import Clock


class Broken(Exception):
    """An error of the library."""


class Raw:
    """A response of the library: returns its pieces one at a time, each after some seconds, and raises errors."""

    def __init__(self, pieces, clock=None, seconds=0.0):
        self._pieces = list(pieces)
        self._clock = clock
        self._seconds = seconds
        self._received = 0
        self.closed = False

    def read1(self, _amount, decode_content):
        """Return the available bytes."""
        assert not decode_content
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
        """Return the number of received bytes."""
        return self._received


class OldRaw(Raw):
    """A library without `read1`."""

    read = Raw.read1
    read1 = None


def body(raw, clock=None, **headers):
    """Return a body with a timeout of 10 s."""
    return Body(raw, {name.replace("_", "-"): text for name, text in headers.items()}, 10, (Broken,), clock or Clock())


@given(st.lists(st.binary(min_size=1, max_size=40)), st.sampled_from([Raw, OldRaw]))
def test_all_bytes_are_read_in_any_pieces(pieces, kind):
    assert body(kind(pieces), Content_Length=str(sum(map(len, pieces)))).readall() == b"".join(pieces)


def test_pieces_larger_than_requested_are_kept():
    data = bytes(range(256)) * 1000
    assert body(OldRaw([data])).readall() == data


@given(st.lists(st.text(alphabet="aä\n,\r", max_size=20), max_size=20))
def test_lines_are_the_same_for_any_pieces(pieces):
    text = "".join(pieces)
    found = list(text_lines(body(Raw([piece.encode() for piece in pieces if piece]))))
    assert "".join(found) == text
    assert all(line.endswith(("\n", "\r")) for line in found[:-1])


def test_fewer_bytes_than_announced_are_an_error():
    with pytest.raises(LostError, match="broke off"):
        body(Raw([b"12345"]), Content_Length="6").readall()
    with pytest.raises(LostError, match="broke off"):
        body(Raw([gzip.compress(b"12345")]), Content_Length="60", Content_Encoding="gzip").readall()


@pytest.mark.parametrize("announced", ["\u00b2", "-1", "five", "", "+5"])
def test_an_invalid_content_length_is_ignored(announced):
    assert body(Raw([b"12345"]), Content_Length=announced).readall() == b"12345"


def test_errors_of_the_library_mean_a_broken_answer_and_others_pass():
    with pytest.raises(LostError, match="the answer broke off: three bytes short"):
        body(Raw([b"1", Broken("three bytes short")])).readall()
    with pytest.raises(KeyError):
        body(Raw([b"1", KeyError("x")])).readall()


def test_a_slow_answer_is_abandoned():
    clock = Clock()
    with pytest.raises(LostError, match=r"is too slow: 5 bytes in 45 s"):
        body(Raw([b"1"] * 1000, clock, 9.0), clock).readall()
    assert clock.now == 1045


@pytest.mark.parametrize(
    ("size", "given_up"), [(9 * MIN_BYTES_PER_SECOND - 9, True), (9 * MIN_BYTES_PER_SECOND + 9, False)]
)
def test_an_answer_is_slow_below_a_kilobyte_per_second(size, given_up):
    assert MIN_BYTES_PER_SECOND == 1024
    clock = Clock()
    slow = body(Raw([b"x" * size] * 10, clock, 9.0), clock)
    if given_up:
        with pytest.raises(LostError, match="is too slow"):
            slow.readall()
    else:
        assert len(slow.readall()) == size * 10


def test_the_announced_length_is_compared_with_bytes_on_the_wire():
    wire = gzip.compress(b"x" * 5000)
    for length, kind in ((len(wire), None), (len(wire) + 1, LostError)):
        found = body(Raw([wire]), Content_Length=str(length), Content_Encoding="gzip")
        if kind is None:
            assert found.readall() == b"x" * 5000
        else:
            with pytest.raises(kind, match="broke off"):
                found.readall()


def raw_deflate(data):
    """Return data in deflate without the zlib header, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:]),  # several members
    "deflate": zlib.compress,
    " deflate ": raw_deflate,
    "identity": bytes,
    "": bytes,
}


@given(st.binary(max_size=300), st.sampled_from(sorted(PACKED)), st.integers(1, 50), st.sampled_from([Raw, OldRaw]))
def test_compressed_content_is_read_in_any_pieces(data, encoding, size, kind):
    wire = PACKED[encoding](data)
    pieces = [wire[start : start + size] for start in range(0, len(wire), size)]
    assert body(kind(pieces), Content_Encoding=encoding).readall() == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_content_without_its_end_is_a_broken_answer(encoding):
    wire = PACKED[encoding](b"imei,status\n" * 50)[:-9]
    with pytest.raises(LostError, match="broke off"):
        body(Raw([wire]), Content_Length=str(len(wire)), Content_Encoding=encoding).readall()


def test_an_empty_body_needs_no_compression():
    assert body(Raw([]), Content_Encoding="gzip").readall() == b""


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_an_unsupported_encoding_is_an_error(encoding):
    with pytest.raises(UnreadableError, match="the unsupported encoding"):
        body(Raw([b"12345"]), Content_Encoding=encoding).readall()


def test_a_body_has_a_maximum_size():
    assert body(Raw([b"x" * 10] * 10)).whole(100) == b"x" * 100
    with pytest.raises(UnreadableError, match="is larger than"):
        body(Raw([b"x" * 10] * 11)).whole(100)
    assert body(Raw([b"x" * 10] * 11)).first(100) == b"x" * 100
    assert body(Raw([b"x" * 10, Broken("gone")])).first(100) == b"x" * 10


def test_highly_compressed_content_is_decompressed_in_pieces():
    bomb = gzip.compress(bytes(50 << 20))
    found = body(Raw([bomb]), Content_Encoding="gzip")
    with pytest.raises(UnreadableError, match="is larger than 1 MB"):
        found.whole(1 << 20)
    found = body(OldRaw([bomb]), Content_Encoding="gzip")
    assert max(len(found.read(1 << 16)) for _number in range(20)) <= 1 << 16


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_line_has_a_maximum_length(end):
    limited = body(Raw([b"x" * 60, b"x" * 40 + end] * 3))
    limited.limit_lines(100)
    assert len(list(text_lines(limited))) == 3
    limited = body(Raw([b"x" * 60, b"x" * 41, end] * 3))
    limited.limit_lines(100)
    with pytest.raises(UnreadableError, match="a line of the answer is longer than"):
        list(text_lines(limited))


def test_a_content_length_of_thousands_of_digits_is_ignored():
    assert body(Raw([b"12345"]), Content_Length="5" * 5000).readall() == b"12345"


def test_invalid_bytes_do_not_lose_the_rest_of_a_text():
    assert list(text_lines(body(Raw([b"a\xff\n", b"b\n"])))) == ["a\ufffd\n", "b\n"]


def test_a_long_answer_at_a_sufficient_rate_is_read():
    clock = Clock()
    pieces = [b"x" * MIN_BYTES_PER_SECOND * 10] * 100
    assert len(body(Raw(pieces, clock, 9.0), clock).readall()) == MIN_BYTES_PER_SECOND * 1000
    assert clock.now == 1900
