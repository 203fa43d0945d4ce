# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carriers as people write them: which carrier of the account a name means."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.carriers import find_carrier

#: The carriers of the simulator.
ALL = ("Verizon", "Verizon Priority", "Verizon BI", "AT&T", "T-Mobile", "FirstNet", "FirstNet Extended Primary")
CAPITALS = ("VERIZON", "AT&T", "T-MOBILE")
ONE = ("Verizon",)
#: Without the plain names of two carriers.
PRODUCTS = ("Verizon BI", "Verizon Priority", "FirstNet Extended Primary", "AT&T")
LEGAL = ("Verizon Wireless", "AT&T Mobility LLC", "T-Mobile USA, Inc.")
SHORT = ("VZW", "ATT", "TMO")
BOTH = ("Verizon", "Verizon Wireless", "VZW Priority")
REGIONAL = ("US Cellular", "US Mobile", "C Spire", "Bell Canada", "Bell MTS", "Cellular One", "Union Wireless", "AT&T")
PLACES = ("Plan East", "Plan North", "LTE 4G", "EE", "O2", "Telefónica", "中国移动")

MEANT = [
    # Words of company names.
    ("AT&T Mobility", ALL, "AT&T"),
    ("AT&T MOBILITY LLC", CAPITALS, "AT&T"),
    ("AT&T Wireless Services, Inc.", ALL, "AT&T"),
    ("The AT&T Co.", ALL, "AT&T"),
    ("AT&T-Mobile", ALL, "AT&T"),
    ("Verizon Wireless", ALL, "Verizon"),
    ("Verizon Wireless", CAPITALS, "VERIZON"),
    ("VERIZON COMMUNICATIONS INC", ONE, "Verizon"),
    ("VerizonWireless", ALL, "Verizon"),
    ("verizonwirelessllc", ONE, "Verizon"),
    ("Verizon - Verizon Wireless", ALL, "Verizon"),
    ("Verizon Wireless (VZW)", ALL, "Verizon"),
    ("Cellco Partnership d/b/a Verizon Wireless", ALL, "Verizon"),
    ("Cellco Partnership doing business as Verizon Wireless", CAPITALS, "VERIZON"),
    ("T-Mobile USA", ALL, "T-Mobile"),
    ("T-Mobile US, Inc.", CAPITALS, "T-MOBILE"),
    ("T-Mobile U.S.A.", ALL, "T-Mobile"),
    ("T Mobile United States", ALL, "T-Mobile"),
    ("TMobileUSA", ALL, "T-Mobile"),
    ("T-Mobile\u2122 USA", ALL, "T-Mobile"),
    ("Ｖｅｒｉｚｏｎ　Wireless", ALL, "Verizon"),
    ("Verizon Business", CAPITALS, "VERIZON"),
    # A brand may have several carriers in the account.
    ("Verizon BI Wireless", ALL, "Verizon BI"),
    ("Verizon Business Internet", ALL, "Verizon BI"),
    ("Verizon Wireless Priority", ALL, "Verizon Priority"),
    ("VerizonPriorityWireless", ALL, "Verizon Priority"),
    ("Verizon Business", ALL, None),
    ("Verizon Priority", ONE, None),
    ("Verizon Priority", CAPITALS, None),
    ("Verizon BI", ONE, None),
    ("Verizon Prepaid", ALL, None),
    ("AT&T Prepaid", ALL, None),
    ("AT&T Postpaid", CAPITALS, None),
    ("AT&T FirstNet", CAPITALS, None),
    ("Verizon 5G", ALL, None),
    ("Verizon EU", ALL, None),
    ("VerizonEU", ALL, None),
    ("Verizon Edge", ALL, None),
    ("Verizon", PRODUCTS, None),
    ("VZW", PRODUCTS, None),
    ("FirstNet", PRODUCTS, "FirstNet Extended Primary"),
    ("FirstNet Extended", ALL, "FirstNet Extended Primary"),
    ("FirstNet Primary", ALL, None),
    ("Extended Primary", ALL, None),
    ("Priority", ALL, None),
    ("FirstNet by AT&T", ALL, "FirstNet"),
    ("FirstNet, Built with AT&T", ALL, "FirstNet"),
    ("AT&T FirstNet", ALL, "FirstNet"),
    ("AT&T FirstNet", PRODUCTS, None),
    ("AT&T dba FirstNet", PRODUCTS, None),
    # The account has the longer name.
    ("Verizon", LEGAL, "Verizon Wireless"),
    ("Verizon LLC", LEGAL, "Verizon Wireless"),
    ("AT&T", LEGAL, "AT&T Mobility LLC"),
    ("T-Mobile", LEGAL, "T-Mobile USA, Inc."),
    ("Verizon", SHORT, "VZW"),
    ("AT&T Mobility", SHORT, "ATT"),
    ("Verizon Wireless LLC", BOTH, "Verizon Wireless"),
    ("Verizon LLC", BOTH, "Verizon"),
    ("Verizon Priority", BOTH, "VZW Priority"),
    ("Bell", REGIONAL, None),
    ("Bell Mobility", REGIONAL, None),
    ("Union", REGIONAL, "Union Wireless"),
    ("CSpire Wireless", REGIONAL, "C Spire"),
    ("U.S. Cellular Corp.", REGIONAL, "US Cellular"),
    # Abbreviations.
    ("VZW", ALL, "Verizon"),
    ("V.Z.W.", ALL, "Verizon"),
    ("vz", CAPITALS, "VERIZON"),
    ("VZN", ONE, "Verizon"),
    ("VZWA", ONE, "Verizon"),
    ("VZW Wireless", ALL, "Verizon"),
    ("VZW Priority", ALL, "Verizon Priority"),
    ("VZW Prepaid", ALL, None),
    ("TMO", ALL, "T-Mobile"),
    ("T-Mo", ALL, "T-Mobile"),
    ("TMob", CAPITALS, "T-MOBILE"),
    ("TMUS", ALL, "T-Mobile"),
    ("TMO USA", ALL, "T-Mobile"),
    ("TMO", ONE, None),
    ("ATT", ALL, "AT&T"),
    ("AT and T", ALL, "AT&T"),
    ("AT & T Corp", ALL, "AT&T"),
    ("A T and T", CAPITALS, "AT&T"),
    ("AT&amp;T", ALL, "AT&T"),
    ("FN", ALL, "FirstNet"),
    ("FNET", PRODUCTS, "FirstNet Extended Primary"),
    ("FN", CAPITALS, None),
    ("USCC", REGIONAL, "US Cellular"),
    ("USCC", ALL, None),
    # Two carriers at once, or none.
    ("AT&T/Verizon", ALL, None),
    ("Verizon & AT&T", CAPITALS, None),
    ("Verizon US Cellular", ALL, None),
    ("AT T-Mobile", ALL, None),
    ("Wireless", ALL, None),
    ("Mobile", CAPITALS, None),
    ("US", REGIONAL, None),
    ("AT", ALL, None),
    ("T", ALL, None),
    ("Ver", ONE, None),
    ("N/A", ALL, None),
    ("Unknown", ALL, None),
    ("", ALL, None),
    ("---", ALL, None),
    # Slips.
    ("Verizn", ALL, "Verizon"),
    ("Verzion", CAPITALS, "VERIZON"),
    ("Verizzon", ALL, "Verizon"),
    ("Verizn Wireless", ALL, "Verizon"),
    ("VeriznWireless", ALL, "Verizon"),
    ("Verizn", BOTH, "Verizon"),
    ("Verizn Wireless", BOTH, "Verizon Wireless"),
    ("Verizn BI", ALL, "Verizon BI"),
    ("Verizon Prority", ALL, "Verizon Priority"),
    ("Verizn Prority", ALL, "Verizon Priority"),
    ("Verizonprority", ALL, "Verizon Priority"),
    ("Verizon Prority", ONE, None),
    ("Verizonb", ALL, None),
    ("Verizon BL", ALL, None),
    ("Verizo", ONE, "Verizon"),
    ("Veriz", ONE, None),
    ("T-Moblie", ALL, "T-Mobile"),
    ("T-Mobil USA", CAPITALS, "T-MOBILE"),
    ("Tmobil", ALL, "T-Mobile"),
    ("FristNte", ALL, "FirstNet"),
    ("AT&TT", ALL, "AT&T"),
    ("ATT&T Mobility", CAPITALS, "AT&T"),
    ("US Celular Inc", REGIONAL, "US Cellular"),
    ("Telefonica", PLACES, "Telefónica"),
    ("AT-Mobile", ALL, None),
    ("U-Mobile", ALL, None),
    ("TX Mobile", ALL, None),
    ("txmobile", ALL, None),
    ("TT&T", CAPITALS, None),
    ("ABT", CAPITALS, None),
    ("Horizon", ALL, None),
    ("Fastnet", ALL, None),
    ("Plan West", PLACES, None),
    ("Plan South", PLACES, None),
    ("PlanSouth", PLACES, None),
    ("LTE 5G", PLACES, None),
    ("E3", PLACES, None),
    ("O3", PLACES, None),
    ("Cellular Two", REGIONAL, None),
    ("中国联通", PLACES, None),
    ("中国移动 LLC", PLACES, "中国移动"),
    ("Wireless", ("---", "AT&T"), None),
    ("Wireless LLC", ("The Wireless Company", "Wireless", "AT&T"), "Wireless"),
]

#: Brands that none of the accounts has. Some belong to other brands or use their networks.
FOREIGN = (
    "Sprint",
    "Sprint Nextel",
    "Sprint (T-Mobile)",
    "Nextel",
    "Alltel",
    "Alltel Wireless",
    "MetroPCS",
    "Metro by T-Mobile",
    "Cricket",
    "Cricket Wireless",
    "Boost Mobile",
    "Mint Mobile",
    "MintMobile",
    "Google Fi",
    "Visible by Verizon",
    "Xfinity Mobile",
    "Spectrum Mobile",
    "TracFone",
    "Straight Talk",
    "Consumer Cellular",
    "Vodafone",
    "Orange",
    "Telus",
    "Rogers",
    "Deutsche Telekom",
)

#: Names whose words only other products of the same brand share.
BRANDS = {
    "Verizon": "Verizon",
    "Verizon BI": "Verizon",
    "Verizon Priority": "Verizon",
    "AT&T": "AT&T",
    "T-Mobile": "T-Mobile",
    "FirstNet": "FirstNet",
    "FirstNet Extended Primary": "FirstNet",
    "US Cellular": "US Cellular",
    "C Spire": "C Spire",
    "Rogers": "Rogers",
    "Telus": "Telus",
}
ACCOUNTS = st.lists(st.sampled_from(sorted(BRANDS)), min_size=1, unique=True)
#: Names with tails, abbreviations and slips, and words that are not carriers.
WRITTEN = st.sampled_from(sorted({name for name, _account, _meant in MEANT} | set(FOREIGN)))
TAILS = st.sampled_from(["Wireless", "Mobility", "Communications", "USA", "Inc.", "LLC", "Corp.", "Network", "L.P."])


@pytest.mark.parametrize(("name", "account", "meant"), MEANT)
def test_a_name_means_only_the_carrier_with_its_words(name, account, meant):
    assert find_carrier(name, account) == meant


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("account", [ALL, CAPITALS, PRODUCTS, LEGAL, SHORT])
def test_another_brand_means_no_carrier_of_the_account(name, account):
    assert find_carrier(name, account) is None


@given(st.one_of(WRITTEN, st.text(), st.text("ATVZt&- mobile", max_size=20)), ACCOUNTS)
def test_a_suggestion_is_always_a_carrier_of_the_account(name, account):
    assert find_carrier(name, account) in (None, *account)


@given(st.data(), ACCOUNTS)
def test_a_carriers_name_in_any_case_and_punctuation_means_itself(data, account):
    name = data.draw(st.sampled_from(account))
    letters = [char for char in name if char.isalnum()]
    cases = data.draw(st.lists(st.booleans(), min_size=len(letters), max_size=len(letters)))
    signs = st.text(" -_.&/", max_size=2)
    written = "".join(
        (char.upper() if upper else char.lower()) + data.draw(signs) for char, upper in zip(letters, cases)
    )
    assert find_carrier(written, account) == name


@given(WRITTEN, st.sampled_from([ALL, PRODUCTS, BOTH, REGIONAL, LEGAL]), st.randoms(use_true_random=False))
def test_the_order_of_the_accounts_carriers_does_not_matter(name, account, random):
    shuffled = random.sample(account, len(account))
    assert find_carrier(name, shuffled) == find_carrier(name, account)


@given(WRITTEN, ACCOUNTS, TAILS)
def test_a_company_word_at_the_end_changes_nothing(name, account, tail):
    assert find_carrier(f"{name} {tail}", account) == find_carrier(name, account)


@given(st.data(), ACCOUNTS)
def test_added_words_never_suggest_another_brand(data, account):
    name = data.draw(st.sampled_from(account))
    words = st.sampled_from(["Prepaid", "Priority", "BI", "Extended", "Primary", "IoT", "5G", "Wireless", "USA", "X"])
    before, after = data.draw(st.lists(words, max_size=2)), data.draw(st.lists(words, max_size=3))
    meant = find_carrier(" ".join([*before, name, *after]), account)
    assert meant is None or BRANDS[meant] == BRANDS[name]


@given(st.data(), ACCOUNTS, TAILS)
def test_a_slip_never_suggests_another_brand(data, account, tail):
    name = data.draw(st.sampled_from(sorted(BRANDS)))
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(["", *string.ascii_lowercase, *string.digits, " "]))
    keep = data.draw(st.booleans())
    slip = name[:place] + letter + name[place if keep else place + 1 :]
    meant = find_carrier(f"{slip} {tail}", account)
    assert meant is None or BRANDS[meant] == BRANDS[name]


@given(ACCOUNTS)
def test_a_brand_that_the_account_lacks_suggests_no_carrier(account):
    others = set(BRANDS.values()) - {BRANDS[name] for name in account}
    assert [find_carrier(f"{other} Wireless", account) for other in others] == [None] * len(others)
