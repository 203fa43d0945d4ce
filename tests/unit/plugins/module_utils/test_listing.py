# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device list as observed: indexed, read whole or not at all, and what follows where it cannot be read."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import (
    AuthenticationError,
    InputError,
    RefusedError,
    ScopeError,
    ServiceError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.listing import (
    Listing,
    ListingReader,
    unknown_statuses,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._wire import DeviceStatuses, Entry, Odd, Oddities, Reader
from ansible_collections.kajeet.sentinel.tests.unit.plugins.module_utils.builders import EID, ICCID, IMEI, imei

MDN = "201-555-0001"
MINE = Entry(MDN, IMEI, ICCID, status="active")
OTHER = Entry("201-555-0002", imei(2), status="Paused")
REFUSALS = [RefusedError("no"), ScopeError("no"), UnexpectedAnswerError("odd")]
OUTAGES = [
    ServiceError("down", status=500),
    UnreachableError("gone"),
    ThrottledError("slow"),
    AuthenticationError("who"),
]


class Account:
    """A device list whose ways can fail; `asked`: what was asked for."""

    def __init__(self, export=None, pages=None, corp_id="NORTH"):
        self.session = self
        self.reader = Reader()
        self.problems = {"export": export, "pages": pages}
        self.asked = []
        self._corp_id = corp_id

    def corp_id(self):
        """The account."""
        return self._corp_id

    def listing_export(self, _corp_id, read, columns, *_rest):
        """The CSV."""
        assert columns
        return self._answer("export", read)

    def listing_pages(self, _corp_id, read, *_rest):
        """The pages."""
        return self._answer("pages", read)

    def _answer(self, way, read):
        self.asked.append(way)
        if self.problems[way] is not None:
            raise self.problems[way]
        return read(iter([MINE, OTHER]))


def listing(*entries, wanted=(IMEI, ICCID, EID, MDN), **how):
    """A listing of these entries."""
    return Listing(entries, wanted, DeviceStatuses(), **how)


def test_entries_are_found_by_each_identifier_and_by_mdn():
    seen = listing(MINE, OTHER)
    for field, value in (("imei", IMEI), ("iccid", ICCID), ("mdn", MDN)):
        assert seen.entries(field, value) == (MINE,)
    assert seen.entries("eid", EID) == seen.entries("iccid", IMEI) == seen.entries("imei", None) == ()
    assert seen.entries("imei", OTHER.imei) == (), "nobody wants it"
    assert seen.is_known


def test_an_entry_that_comes_twice_is_one_and_a_different_one_is_another():
    gone = MINE._replace(status="deactivated")
    assert listing(MINE, MINE, gone).entries("imei", IMEI) == (MINE, gone)


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "active"), ("Hibernated", "suspended"), ("RETIRED", "deactivated"), ("stock", None), (None, None)],
)
def test_a_status_means_one_of_three_states_or_none(status, state):
    assert listing().state(Entry(status=status)) == state


def test_an_identifier_that_is_not_whole_makes_its_entry_suspect():
    oddities = Oddities([IMEI])
    odd = Odd("imei", IMEI[:14], "row 2", Entry(status="active"))
    oddities.note(odd)
    assert listing(oddities=oddities).suspect(IMEI) == odd
    assert listing(oddities=oddities).suspect(ICCID) is None


def test_the_list_is_the_export_alone_where_that_can_be_read():
    account = Account()
    seen = ListingReader(account).read([IMEI])
    assert (seen.entries("imei", IMEI), seen.warnings, account.asked) == ((MINE,), (), ["export"])


@pytest.mark.parametrize("problem", [*REFUSALS, OUTAGES[0]])
@pytest.mark.parametrize("option", ["auto", "required"])
def test_where_the_export_cannot_be_read_the_pages_are_and_one_warning_says_so(problem, option):
    account = Account(export=problem)
    reader = ListingReader(account, option)
    seen = reader.read([IMEI])
    assert (seen.entries("imei", IMEI), account.asked) == ((MINE,), ["export", "pages"])
    (warning,) = seen.warnings
    assert "the CSV export cannot be read. The list was read from its pages instead" in warning
    again = reader.read([IMEI])
    is_refused = problem in REFUSALS
    assert account.asked[2:] == (["pages"] if is_refused else ["export", "pages"])
    assert len(again.warnings) == (0 if is_refused else 1)


@pytest.mark.parametrize("problem", REFUSALS)
def test_a_list_that_cannot_be_read_is_unknown_with_one_warning_that_says_what_to_do(problem):
    seen = ListingReader(Account(problem, problem)).read([IMEI])
    assert not seen.is_known
    assert seen.entries("imei", IMEI) == ()
    (warning,) = seen.warnings
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert "kajeet.sentinel.check_account" in warning
    assert "listing: none" in warning


@pytest.mark.parametrize("problem", REFUSALS)
def test_a_list_that_is_required_and_cannot_be_read_is_an_error_with_a_cure(problem):
    with pytest.raises(type(problem)) as caught:
        ListingReader(Account(problem, problem), "required").read([IMEI])
    assert "kajeet.sentinel.check_account" in caught.value.cure


def test_a_list_of_an_account_that_nobody_knows_is_unknown_or_an_error():
    account = Account(corp_id=None)
    seen = ListingReader(account).read([IMEI])
    assert not seen.is_known
    assert "set corp_id (SENTINEL_CORP_ID" in seen.warnings[0]
    with pytest.raises(InputError, match="set corp_id"):
        ListingReader(account, "required").read([IMEI])
    assert account.asked == []


@pytest.mark.parametrize("problem", OUTAGES)
@pytest.mark.parametrize("option", ["auto", "required"])
def test_an_outage_is_an_error_whatever_the_option(problem, option):
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem), option).read([IMEI])


def test_an_export_that_fails_and_pages_that_are_refused_are_a_refusal_that_names_both():
    problems = ServiceError("down"), ScopeError("no scope")
    with pytest.raises(ScopeError, match=r"no scope\. The CSV export cannot be read either: down"):
        ListingReader(Account(*problems), "required").read([IMEI])


def test_without_the_list_nothing_is_asked_for():
    account = Account()
    seen = ListingReader(account, "none").read([IMEI])
    assert (seen.is_known, seen.warnings, account.asked) == (False, (), [])


# -- Entries as they are -----------------------------------------------------------------------------------------------


def test_entries_are_all_or_those_that_are_wanted():
    assert ListingReader(Account()).read_entries() == ([MINE, OTHER], [])
    for wanted in (ICCID, IMEI, MDN):
        assert ListingReader(Account()).read_entries([wanted]) == ([MINE], [])


def test_entries_are_not_read_where_nobody_wants_the_list():
    account = Account()
    assert (ListingReader(account, "none").read_entries(), account.asked) == ((None, []), [])


@pytest.mark.parametrize("problem", REFUSALS)
def test_entries_that_cannot_be_read_are_a_warning_or_an_error(problem):
    entries, (warning,) = ListingReader(Account(problem, problem)).read_entries()
    assert entries is None
    assert warning.startswith("device list: cannot be read. The history alone decides")
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem), "required").read_entries()


@pytest.mark.parametrize("problem", OUTAGES)
def test_entries_that_cannot_be_read_now_are_an_error(problem):
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem)).read_entries()


class Online(Account):
    """A list whose pages say what is online, and whose CSV does not."""

    def listing_pages(self, _corp_id, read, *_rest):
        """The pages."""
        return self._answer("pages", lambda entries: read(entry._replace(online=entry is MINE) for entry in entries))


def test_what_is_online_is_read_from_the_pages_where_it_is_wanted():
    account = Online()
    found, warnings = ListingReader(account).read_entries(online=True)
    assert [entry.online for entry in found] == [True, False]
    assert (warnings, account.asked) == ([], ["export", "pages"])
    account = Online(export=RefusedError("no"))
    found, _warnings = ListingReader(account).read_entries(online=True)
    assert [entry.online for entry in found] == [True, False]
    assert account.asked == ["export", "pages"], "the pages are read once"


def test_where_the_pages_cannot_be_read_the_list_is_known_all_the_same():
    found, (warning,) = ListingReader(Account(pages=ScopeError("no"))).read_entries(online=True)
    assert found == [MINE, OTHER]
    assert "its pages cannot be read, which show what is online" in warning
    with pytest.raises(ScopeError):
        ListingReader(Account(pages=ScopeError("no")), "required").read_entries(online=True)


def test_a_word_that_nobody_knows_is_named_once():
    (warning,) = unknown_statuses(["Port pending", "PORT PENDING"])
    assert warning.startswith(
        "device list: unknown device status: 'Port pending'. Add the words to status_words, under "
    )
    assert unknown_statuses([]) == []
