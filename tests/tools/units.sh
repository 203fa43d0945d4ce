#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the unit tests with pytest: units.sh [PATH_OR_ARGUMENT_OF_PYTEST...]; default: all, three at a time, because some wait.
# TEST_EXAMPLES: examples per property, 100 unless given.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
enter_environment

(($# > 0)) || set -- -n 3 --durations=10 --durations-min=1 tests/unit
# By its path as a collection: that is how the tests import it.
cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/kajeet/sentinel"
export PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH
exec python -m pytest -c /dev/null --rootdir=. -p no:cacheprovider -q --tb=short "$@"
