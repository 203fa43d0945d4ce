# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The observed device list: indexed, read completely or not at all, and the errors and warnings for it."""

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
    """A device list whose calls can fail. `asked`: the calls."""

    def __init__(self, export=None, pages=None, corp_id="NORTH"):
        self.session = self
        self.reader = Reader()
        self.problems = {"export": export, "pages": pages}
        self.asked = []
        self._corp_id = corp_id

    def corp_id(self):
        """Return the account."""
        return self._corp_id

    def listing_export(self, _corp_id, read, columns, *_rest):
        """Read the CSV."""
        assert columns
        return self._answer("export", read)

    def listing_pages(self, _corp_id, read, *_rest):
        """Read the pages."""
        return self._answer("pages", read)

    def _answer(self, way, read):
        self.asked.append(way)
        if self.problems[way] is not None:
            raise self.problems[way]
        return read(iter([MINE, OTHER]))


def listing(*entries, wanted=(IMEI, ICCID, EID, MDN), **how):
    """Return a listing of these entries."""
    return Listing(entries, wanted, DeviceStatuses(), **how)


def test_entries_are_found_by_each_identifier_and_by_mdn():
    seen = listing(MINE, OTHER)
    for field, value in (("imei", IMEI), ("iccid", ICCID), ("mdn", MDN)):
        assert seen.entries(field, value) == (MINE,)
    assert seen.entries("eid", EID) == seen.entries("iccid", IMEI) == seen.entries("imei", None) == ()
    assert seen.entries("imei", OTHER.imei) == (), "it is not wanted"
    assert seen.is_known


def test_equal_entries_count_once_and_different_ones_separately():
    gone = MINE._replace(status="deactivated")
    assert listing(MINE, MINE, gone).entries("imei", IMEI) == (MINE, gone)


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "active"), ("Hibernated", "suspended"), ("RETIRED", "deactivated"), ("stock", None), (None, None)],
)
def test_a_status_means_one_of_three_states_or_none(status, state):
    assert listing().state(Entry(status=status)) == state


def test_an_incomplete_identifier_makes_its_entry_suspect():
    oddities = Oddities([IMEI])
    odd = Odd("imei", IMEI[:14], "row 2", Entry(status="active"))
    oddities.note(odd)
    assert listing(oddities=oddities).suspect(IMEI) == odd
    assert listing(oddities=oddities).suspect(ICCID) is None


def test_only_the_export_is_read_if_it_is_readable():
    account = Account()
    seen = ListingReader(account).read([IMEI])
    assert (seen.entries("imei", IMEI), seen.warnings, account.asked) == ((MINE,), (), ["export"])


@pytest.mark.parametrize("problem", [*REFUSALS, OUTAGES[0]])
@pytest.mark.parametrize("option", ["auto", "required"])
def test_the_pages_are_read_with_a_warning_if_the_export_is_unreadable(problem, option):
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
def test_an_unreadable_list_is_unknown_with_a_warning_that_says_what_to_do(problem):
    seen = ListingReader(Account(problem, problem)).read([IMEI])
    assert not seen.is_known
    assert seen.entries("imei", IMEI) == ()
    (warning,) = seen.warnings
    assert warning.startswith("device list: cannot be read. The history alone decides")
    assert "kajeet.sentinel.check_account" in warning
    assert "listing: none" in warning


@pytest.mark.parametrize("problem", REFUSALS)
def test_an_unreadable_required_list_is_an_error_that_says_what_to_do(problem):
    with pytest.raises(type(problem)) as caught:
        ListingReader(Account(problem, problem), "required").read([IMEI])
    assert "kajeet.sentinel.check_account" in caught.value.cure


def test_a_list_without_corp_id_is_unknown_or_an_error():
    account = Account(corp_id=None)
    seen = ListingReader(account).read([IMEI])
    assert not seen.is_known
    assert "set corp_id (SENTINEL_CORP_ID" in seen.warnings[0]
    with pytest.raises(InputError, match="set corp_id"):
        ListingReader(account, "required").read([IMEI])
    assert account.asked == []


@pytest.mark.parametrize("problem", OUTAGES)
@pytest.mark.parametrize("option", ["auto", "required"])
def test_an_outage_is_an_error_with_every_option(problem, option):
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem), option).read([IMEI])


def test_a_failed_export_and_refused_pages_are_a_refusal_with_both_messages():
    problems = ServiceError("down"), ScopeError("no scope")
    with pytest.raises(ScopeError, match=r"no scope\. The CSV export cannot be read either: down"):
        ListingReader(Account(*problems), "required").read([IMEI])


def test_nothing_is_requested_with_listing_none():
    account = Account()
    seen = ListingReader(account, "none").read([IMEI])
    assert (seen.is_known, seen.warnings, account.asked) == (False, (), [])


# -- Entries of the list -----------------------------------------------------------------------------------------------


def test_all_entries_or_only_wanted_ones_are_read():
    assert ListingReader(Account()).read_entries() == ([MINE, OTHER], [])
    for wanted in (ICCID, IMEI, MDN):
        assert ListingReader(Account()).read_entries([wanted]) == ([MINE], [])


def test_entries_are_not_read_with_listing_none():
    account = Account()
    assert (ListingReader(account, "none").read_entries(), account.asked) == ((None, []), [])


@pytest.mark.parametrize("problem", REFUSALS)
def test_unreadable_entries_are_a_warning_or_an_error(problem):
    entries, (warning,) = ListingReader(Account(problem, problem)).read_entries()
    assert entries is None
    assert warning.startswith("device list: cannot be read. The history alone decides")
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem), "required").read_entries()


@pytest.mark.parametrize("problem", OUTAGES)
def test_temporarily_unreadable_entries_are_an_error(problem):
    with pytest.raises(type(problem)):
        ListingReader(Account(problem, problem)).read_entries()


class Online(Account):
    """A list whose pages have the online state, and whose CSV does not."""

    def listing_pages(self, _corp_id, read, *_rest):
        """Read the pages."""
        return self._answer("pages", lambda entries: read(entry._replace(online=entry is MINE) for entry in entries))


def test_the_online_state_is_read_from_the_pages_on_request():
    account = Online()
    found, warnings = ListingReader(account).read_entries(online=True)
    assert [entry.online for entry in found] == [True, False]
    assert (warnings, account.asked) == ([], ["export", "pages"])
    account = Online(export=RefusedError("no"))
    found, _warnings = ListingReader(account).read_entries(online=True)
    assert [entry.online for entry in found] == [True, False]
    assert account.asked == ["export", "pages"], "the pages are read once"


def test_the_list_is_known_even_if_its_pages_are_unreadable():
    found, (warning,) = ListingReader(Account(pages=ScopeError("no"))).read_entries(online=True)
    assert found == [MINE, OTHER]
    assert "the pages with the online state cannot be read" in warning
    with pytest.raises(ScopeError):
        ListingReader(Account(pages=ScopeError("no")), "required").read_entries(online=True)


def test_an_unknown_status_word_is_reported_once():
    (warning,) = unknown_statuses(["Port pending", "PORT PENDING"])
    assert warning.startswith(
        "device list: unknown device status: 'Port pending'. Add the words to status_words, under "
    )
    assert unknown_statuses([]) == []
