# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carriers as people write them: suggestions for unknown names, and the option carrier_names."""

from __future__ import annotations

import re
import string

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.kajeet.sentinel.plugins.module_utils._declare.carriers import (
    Carriers,
    check_carrier_names,
    find_carrier,
    unknown_carriers,
)
from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError

ALL = ("Verizon", "Verizon Priority", "Verizon BI", "AT&T", "T-Mobile", "FirstNet", "FirstNet Extended Primary")
ONE = ("Verizon",)


def test_an_unknown_carrier_is_refused_with_a_suggestion_and_the_valid_names_once():
    written = {"AT&T Mobility": "fleet.csv, line 2, line 3 and 5 more", "T-MOBILE": "line 4", "Foo": "line 9"}
    assert unknown_carriers(written, ["Verizon", "T-Mobile", "AT&T"]) == [
        (
            "fleet.csv, line 2, line 3 and 5 more: the account has no carrier 'AT&T Mobility'; did you mean AT&T? "
            "Write AT&T, or set carrier_names: {AT&T Mobility: AT&T}"
        ),
        "line 9: the account has no carrier 'Foo'. Valid: AT&T, T-Mobile, Verizon",
    ]


def test_the_accounts_own_carriers_are_accepted():
    assert unknown_carriers({"verizon": "line 2", "T Mobile": "line 3", "AT&T": "line 4"}, ALL) == []


def test_names_without_latin_letters_are_compared_unchanged():
    written = {"中国移动": "line 2", "中国联通": "line 3"}
    assert unknown_carriers(written, ["中国移动"]) == ["line 3: the account has no carrier '中国联通'. Valid: 中国移动"]


def test_an_account_without_carriers_gives_no_suggestion():
    written = {"Foo": "line 2", "AT&T": "line 3"}
    assert unknown_carriers(written, []) == [
        "line 2: the account has no carrier 'Foo'; valid: none",
        "line 3: the account has no carrier 'AT&T'; valid: none",
    ]


def test_at_most_twenty_valid_names_are_listed():
    (problem,) = unknown_carriers({"Foo": "line 2"}, [f"Carrier {number:02}" for number in range(25)])
    assert problem.endswith(", Carrier 18, Carrier 19 and 5 more")


def test_at_most_twenty_unknown_names_have_their_own_problem():
    problems = unknown_carriers({f"Carrier {number:02}": f"line {number}" for number in range(25)}, ONE)
    assert problems[19:] == [
        "line 19: the account has no carrier 'Carrier 19'",
        "5 more names are not carriers of the account. Valid: Verizon",
    ]


def test_a_single_further_name_is_counted_in_the_singular():
    problems = unknown_carriers({f"Carrier {number:02}": f"line {number}" for number in range(21)}, ONE)
    assert problems[20] == "1 more name is not a carrier of the account. Valid: Verizon"


@pytest.mark.parametrize("name", ["Veri\x07zon Wireless", "Verizon Wireless" + " Services" * 10])
def test_a_name_that_cannot_be_copied_is_not_suggested_for_the_option(name):
    (problem, _last) = unknown_carriers({name: "line 2", "Foo": "line 3"}, ALL)
    assert problem.isprintable()
    assert len(problem) < 170
    assert problem.endswith("; did you mean Verizon? Write Verizon")


def proposed(name, account):
    """Return the suggested option for a name, parsed as YAML."""
    problem = unknown_carriers({name: "line 2", "Foo": "line 3"}, account)[0]
    (option,) = re.findall(r"or set (carrier_names: \{.*\})\Z", problem)
    return yaml.safe_load(option)["carrier_names"]


def test_a_suggested_name_has_no_unnecessary_quotes():
    (problem, _last) = unknown_carriers({"AT&T Mobility": "line 2", "Foo": "line 3"}, ALL)
    assert problem.endswith("carrier_names: {AT&T Mobility: AT&T}")


@given(st.text(string.punctuation + " éß\u2019", max_size=4), st.text(string.punctuation + " ", min_size=1, max_size=4))
def test_the_suggested_option_is_valid_yaml_for_any_name(before, between):
    name = f"{before}Verizon{between}LLC".strip()
    assume(find_carrier(name, ONE))
    assert proposed(name, ONE) == {name: "Verizon"}


@pytest.mark.parametrize(
    "carrier", ["No", "Null", "007", "&one", "Carrier: One", "One #2", "It's", "{One}", "2026-11-23"]
)
def test_the_suggested_option_is_valid_yaml_for_any_carrier(carrier):
    name = f"{carrier} Wireless"
    assert proposed(name, [carrier]) == {name: carrier}


def test_the_option_maps_all_spellings_of_a_name():
    carriers = Carriers.read({"AT&T  Mobility": " AT&T ", "VZW": "Verizon", "中国移动": "China Mobile"})
    written = ["at&t mobility", "AT&T-MOBILITY", "vzw", "中国移动", "VZW Priority"]
    assert list(map(carriers.of, written)) == ["AT&T", "AT&T", "Verizon", "China Mobile", "VZW Priority"]


def test_the_option_maps_a_name_once():
    carriers = Carriers.read({"VZW": "Verizon Wireless", "Verizon Wireless": "Verizon"})
    assert [carriers.of("VZW"), carriers.of("VZW")] == ["Verizon Wireless"] * 2


@pytest.mark.parametrize("option", [None, {}])
@given(st.text())
def test_without_the_option_every_name_is_unchanged(option, name):
    assert Carriers.read(option).of(name) == name


@pytest.mark.parametrize("value", [None, 5, True, ["VZW"], {"VZW": 1}])
def test_a_value_that_is_not_text_is_returned_unchanged(value):
    assert Carriers.read({"VZW": "Verizon"}).of(value) is value


def test_equal_options_give_equal_carriers_even_after_use():
    used, unused = Carriers.read({"VZW": "Verizon"}), Carriers.read({"vzw": "Verizon"})
    used.of("VZW")
    assert used == unused


def test_the_checked_option_keeps_its_spelling():
    assert check_carrier_names({" VZW ": "Verizon", "vzw": "Verizon"}) == {"VZW": "Verizon"}


@pytest.mark.parametrize("option", ["AT&T", ["AT&T"], 5, True, ""])
def test_an_option_that_is_not_a_mapping_is_refused(option):
    with pytest.raises(
        InputError, match=r"^carrier_names: must map names to carriers, such as \{AT&T Mobility: AT&T\}$"
    ):
        check_carrier_names(option)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ({"VZW": None}, "the carrier of 'VZW' is missing"),
        ({"VZW": " "}, "the carrier of 'VZW' is blank"),
        ({"VZW": 5}, "the carrier of 'VZW' must be text, not 5; quote it"),
        ({"VZW": ["Verizon"]}, "the carrier of 'VZW' must be text, not a list or a mapping"),
        ({True: "Verizon"}, "the name must be text, not true; quote it"),
        ({7: "Verizon"}, "the name must be text, not 7; quote it"),
        ({None: "Verizon"}, "the name is missing"),
        ({"": "Verizon"}, "the name is blank"),
        (
            {"ATT": "AT&T", "AT&T": "FirstNet"},
            "'ATT' and 'AT&T' are the same name with different carriers, 'AT&T' and 'FirstNet'; remove one of them",
        ),
    ],
)
def test_a_name_or_carrier_that_is_not_text_is_refused(option, problem):
    with pytest.raises(InputError) as caught:
        Carriers.read(option)
    assert caught.value.problems == [f"carrier_names: {problem}"]


def test_all_problems_of_the_option_are_reported_at_once():
    with pytest.raises(InputError, match="has 2 errors") as caught:
        check_carrier_names({"VZW": None, "TMO": "T-Mobile", 7: "AT&T"})
    assert len(caught.value.problems) == 2
