# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a comparison: defaults and invalid values."""

from __future__ import annotations

import pytest

from ansible_collections.kajeet.sentinel.plugins.module_utils._errors import InputError
from ansible_collections.kajeet.sentinel.plugins.module_utils._options.drift import DriftOptions, drift_spec


def test_options_that_are_not_set_have_their_defaults():
    given = dict.fromkeys(drift_spec())
    assert DriftOptions.read(given) == DriftOptions()
    assert DriftOptions.read({**given, "named": 0, "undeclared": False}) == DriftOptions(named=0, undeclared=False)


@pytest.mark.parametrize("option", ["src", "kind", "drift_file", "junit", "suite", "directory"])
def test_a_blank_text_is_refused(option):
    with pytest.raises(InputError, match=f"^{option}: is blank; give .*, or leave {option} out$"):
        DriftOptions.read({option: "\t "})


def test_all_problems_are_reported_at_once():
    with pytest.raises(InputError) as caught:
        DriftOptions.read({"src": "", "named": -1})
    assert caught.value.problems == [
        "src: is blank; give the path of a file, or leave src out",
        "named: must be at least 0, not -1",
    ]
