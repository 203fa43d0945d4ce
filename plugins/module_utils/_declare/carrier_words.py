# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the carrier of an account that a name means, by the words in it.

A wrong hint costs money, whether it names another carrier or another product of the same carrier: AT&T Mobility is
AT&T, AT&T Prepaid is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .._text import edits, word_set

Words = tuple[str, ...]

#: Words of company names and advertising. Any other word may name a product.
_TAILS = word_set(
    "wireless mobility mobile cellular communications communication network networks service services business "
    "usa us inc incorporated llc ltd limited corp corporation co company partnership lp llp plc the"
)
#: Words of these that are split off the end of any other word.
_LONG_TAILS = ("wireless", "mobility", "mobile", "cellular", "communications", "network")
#: Spellings of brands and their abbreviations, without blanks and punctuation → the word that they mean.
_SPELLINGS: dict[str, str] = {
    **dict.fromkeys(("verizon", "vzw", "vz", "vzn", "vzwa"), "verizon"),
    **dict.fromkeys(("tmobile", "tmo", "tmus", "tmob"), "tmobile"),
    **dict.fromkeys(("att", "attm", "atandt", "atnt", "atampt"), "att"),
    **dict.fromkeys(("firstnet", "fn", "fnet"), "firstnet"),
    **dict.fromkeys(("uscellular", "uscc"), "uscellular"),
    "usmobile": "usmobile",
    "unitedstates": "us",
    "businessinternet": "bi",
    "doingbusinessas": "dba",
    "dba": "dba",
}
#: Known spelling → words, for every account; see `_Account.vocabulary`.
_VOCABULARY: dict[str, Words] = {
    **{tail: (tail,) for tail in _TAILS},
    **{spelling: (word,) for spelling, word in _SPELLINGS.items()},
}
#: FirstNet is a product of AT&T, and people name both, as in "FirstNet, built with AT&T".
_FIRSTNET, _OF_FIRSTNET = "firstnet", word_set("att by built with")
#: Maximum number of pieces of one word, as in "A T and T".
_PIECES = 4
#: Maximum number of characters of a name that are examined.
_LONGEST = 200
#: Minimum number of letters of a word in which one slip, or two, leave no doubt about the word.
_ONE_SLIP, _TWO_SLIPS = 5, 8
#: Minimum number of letters of a one-word name for one slip.
_ONE_SLIP_ALONE = 4
#: Minimum number of letters of a name that may be joined to a tail.
_SHORTEST_BRAND = 3
#: Number of slips that is never accepted.
_TOO_MANY = 3

_TRADEMARKS = re.compile("[\u2122\u2120]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_ALNUM = re.compile(r"[\W_]+")
_PIECE = re.compile(r"[^\W_]+(?:[&+'\u2019][^\W_]+)*")
_REPEATED = re.compile(r"(.)\1+")
_DIGITS = re.compile(r"\d+")


def name_key(name: str) -> str:
    """Return the same key for all spellings of a carrier: like `_text.fold`, but with the letters of every script."""
    return _NOT_ALNUM.sub("", unicodedata.normalize("NFC", name.casefold()))


def find_carrier(name: str, known: Sequence[str]) -> str | None:
    """Return the carrier of the account that a name means, or None if that is not certain.

    The first match counts: the same letters and digits; the same words apart from those of a company name ("AT&T
    Mobility", "VZW" for Verizon); the first words of exactly one carrier; a slip in one of the words.

    Args:
        name: the name as written.
        known: the carriers of the account, in any order.
    """
    account = _account(tuple(sorted(set(known))))
    same = name if name in known else account.by_key.get(name_key(name))
    if same is not None or len(name) > _LONGEST:
        return same
    words = _words(name, account.vocabulary)
    for kept in (words, _without_maker(words)):
        core = account.core(_trade_name(kept))
        if core in account.cores:
            return account.of_core(core, kept)
    core = account.core(_trade_name(words))
    longer = [carrier for carrier in account.carriers if core and carrier.core[: len(core)] == core]
    if longer:
        return account.certain(longer, words)
    return _by_slip(words, account)


class _Carrier(NamedTuple):
    """A carrier of the account: its name, its words, the distinguishing words, and how people may type those."""

    name: str
    words: Words
    core: Words
    typed: tuple[Words, ...]


class _Account(NamedTuple):
    """The carriers of an account, indexed for matching. `cores`: distinguishing words → carriers."""

    carriers: Sequence[_Carrier]
    by_key: Mapping[str, str]
    cores: Mapping[Words, Sequence[_Carrier]]
    vocabulary: Mapping[str, Words]
    tails: frozenset[str]

    def core(self, words: Iterable[str]) -> Words:
        """Return the words that distinguish a carrier from others."""
        return tuple(word for word in words if word not in self.tails)

    def of_core(self, core: Words, words: Words) -> str | None:
        """Return the carrier with this core whose name covers most of the words, or None if that is not certain."""
        fitting = self.cores[core]
        if len(fitting) > 1 or not core:
            fitting = [carrier for carrier in fitting if _is_within(carrier.words, words)]
            most = max((len(carrier.words) for carrier in fitting), default=0)
            fitting = [carrier for carrier in fitting if len(carrier.words) == most]
        return self.certain(fitting, words)

    def certain(self, fitting: Sequence[_Carrier], words: Words) -> str | None:
        """Return the only carrier, unless the words also name others that are not part of its own name."""
        if len(fitting) != 1:
            return None
        others = [carrier.words for carrier in self.carriers if _is_within(carrier.words, words)]
        return fitting[0].name if all(_is_within(other, fitting[0].words) for other in others) else None


@lru_cache(maxsize=16)
def _account(known: tuple[str, ...]) -> _Account:
    by_key: dict[str, str] = {}
    vocabulary = dict(_VOCABULARY)
    parsed: dict[str, Words] = {}
    for name in known:
        by_key.setdefault(name_key(name), name)
        parsed[name] = words = _words(name, _VOCABULARY)
        vocabulary.update((word, (word,)) for word in words)
        vocabulary.setdefault(name_key(_latin(name)), words)
    # If the account has Verizon BI (Business Internet), "Verizon Business" may mean it.
    tails = _TAILS - {"business"} if any("bi" in words for words in parsed.values()) else _TAILS
    carriers = []
    cores: dict[Words, list[_Carrier]] = {}
    for name in by_key.values():
        if not parsed[name]:  # only punctuation
            continue
        core = tuple(word for word in parsed[name] if word not in tails)
        carrier = _Carrier(name, parsed[name], core, tuple(dict.fromkeys((core, tuple(_pieces(_latin(name)))))))
        carriers.append(carrier)
        cores.setdefault(core, []).append(carrier)
    return _Account(carriers, by_key, cores, vocabulary, tails)


def _words(name: str, vocabulary: Mapping[str, Words]) -> Words:
    """Return the words of a name, each once: abbreviations in full, brands as one word."""
    pieces: list[str] = []
    for chunk in _latin(name).split():
        whole = name_key(chunk)
        # A hyphen binds closer than a blank: "AT T-Mobile" is not AT&T.
        pieces += [whole] if whole in vocabulary else _pieces(chunk)
    words: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(min(start + _PIECES, len(pieces)), start, -1):
            joined = "".join(pieces[start:end])
            if joined in vocabulary:
                words += vocabulary[joined]
                break
        else:
            end = start + 1
            words += _split_joined(pieces[start], vocabulary)
        start = end
    return tuple(dict.fromkeys(words))


def _pieces(text: str) -> list[str]:
    return list(map(name_key, _PIECE.findall(text)))


def _latin(name: str) -> str:
    """Return a name in lower case, without accents, full-width letters and trademark signs."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", _TRADEMARKS.sub(" ", name[:_LONGEST]))).lower()


def _split_joined(piece: str, vocabulary: Mapping[str, Words]) -> Words:
    """Return the words of a joined name such as "VerizonWirelessLLC", or the piece if it cannot be split."""
    rest = piece
    tails: Words = ()
    while rest not in vocabulary:
        tail = max((tail for tail in _TAILS if rest.endswith(tail)), key=len, default="")
        rest = rest[: -len(tail)]
        if len(rest) < _SHORTEST_BRAND:
            return (piece,)
        tails = (tail, *tails)
    return (*vocabulary[rest], *tails)


def _trade_name(words: Words) -> Words:
    """Return the words after "doing business as", if any: the words before it name a company."""
    if "dba" not in words:
        return words
    after = words[words.index("dba") + 1 :]
    return after or words[:-1]


def _without_maker(words: Words) -> Words:
    return tuple(word for word in words if word not in _OF_FIRSTNET) if _FIRSTNET in words else words


def _is_within(few: Words, many: Words) -> bool:
    """Whether all words of one name are in another, in the same order."""
    rest = iter(many)
    return all(word in rest for word in few)


def _by_slip(words: Words, account: _Account) -> str | None:
    """Return the carrier from which a name differs by a slip, if no other carrier is as near."""
    words = tuple(part for word in words for part in _split_tail(word, account))
    core = account.core(words)
    forms = tuple(dict.fromkeys((core, _without_ends(words, account.tails))))
    distances: dict[Words, int] = {}
    likely: list[tuple[int, Words]] = []
    for carrier in account.carriers:
        for form in filter(None, forms):
            nearest = min(distances.get(carrier.core, _TOO_MANY), _edits("".join(form), "".join(carrier.core)))
            distances[carrier.core] = nearest
            if any(_is_slip(form, typed) for typed in carrier.typed):
                likely.append((nearest, carrier.core))
    if not likely:
        return None
    least, meant = min(likely)
    if any(distance <= least for other, distance in distances.items() if other != meant):
        return None
    return account.of_core(meant, tuple(dict.fromkeys((*meant, *words))))


def _split_tail(word: str, account: _Account) -> Words:
    """Split the tail off an unknown word: "mintmobile" is not a slip in T-Mobile."""
    if word not in account.vocabulary:
        for tail in _LONG_TAILS:
            if word.endswith(tail):
                return (word[: -len(tail)], tail)
    return (word,)


def _without_ends(words: Words, tails: frozenset[str]) -> Words:
    """Return the words without the tails at the end."""
    end = len(words)
    while end and words[end - 1] in tails:
        end -= 1
    return words[:end]


def _is_slip(written: Words, typed: Words) -> bool:
    """Whether a name differs from a carrier's only by slips that leave no doubt; see `_ONE_SLIP`."""
    if len(written) == len(typed) == 1:
        return _is_slip_alone(written[0], typed[0])
    whole, wanted = "".join(written), "".join(typed)
    if whole[:1] != wanted[:1] or _DIGITS.findall(whole) != _DIGITS.findall(wanted):
        return False
    if len(written) == 1:
        kept = all(word in whole for word in typed if len(word) < _ONE_SLIP)
        return kept and _edits(whole, wanted) == 1
    if len(written) != len(typed):
        return False
    slips = 0
    for word, other in zip(written, typed):
        if word != other:
            length = min(len(word), len(other))
            wrong = _edits(word, other)
            if word[0] != other[0] or length < _ONE_SLIP or wrong > _forgiven(length):
                return False
            slips += wrong
    return slips <= _forgiven(_TWO_SLIPS)


def _is_slip_alone(word: str, wanted: str) -> bool:
    if word[0] != wanted[0] or _DIGITS.findall(word) != _DIGITS.findall(wanted):
        return False
    length = min(len(word), len(wanted))
    if length < _ONE_SLIP_ALONE:
        # A slip in three letters makes another name, unless a letter is doubled, as in "AT&TT".
        return len(word) == len(wanted) + 1 and _REPEATED.sub(r"\1", word) == _REPEATED.sub(r"\1", wanted)
    return _edits(word, wanted) <= _forgiven(length)


def _forgiven(length: int) -> int:
    return 2 if length >= _TWO_SLIPS else 1


def _edits(one: str, other: str) -> int:
    found = edits(one, other, _TOO_MANY - 1)
    return _TOO_MANY if found is None else found
