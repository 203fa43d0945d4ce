# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a comparison: their defaults, and what is refused."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.drift import DriftOptions, drift_spec


def test_what_is_not_given_has_its_default():
    given = dict.fromkeys(drift_spec())
    assert DriftOptions.read(given) == DriftOptions()
    assert DriftOptions.read({**given, "named": 0, "undeclared": False}) == DriftOptions(named=0, undeclared=False)


@pytest.mark.parametrize("option", ["src", "kind", "drift_file", "junit", "suite", "directory"])
def test_a_blank_text_is_not_taken_for_a_text_that_is_not_given(option):
    with pytest.raises(InputError, match=f"^{option}: is blank; give .*, or leave {option} out$"):
        DriftOptions.read({option: "\t "})


def test_all_that_is_wrong_is_named_at_once():
    with pytest.raises(InputError) as caught:
        DriftOptions.read({"src": "", "named": -1})
    assert caught.value.problems == [
        "src: is blank; give the path of a file, or leave src out",
        "named: -1 is too small; it must be at least 0",
    ]
