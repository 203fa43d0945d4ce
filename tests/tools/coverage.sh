#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Measures the branch coverage of plugins/module_utils by the unit tests: coverage.sh [PYTEST_ARGUMENT...]
# Fails below 95 %. Lists what is not covered; .cache/coverage/html shows it in the source.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
enter_environment

minimum=95
place=$CACHE/coverage
mkdir -p "$place"
cat >"$place/coveragerc" <<RC
[run]
branch = true
data_file = $place/data
source = plugins/module_utils
[report]
skip_covered = true
show_missing = true
exclude_also =
    if TYPE_CHECKING:
RC
# The tests import the collection by this path.
cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/kajeet/sentinel"
export PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH COVERAGE_RCFILE=$place/coveragerc
rm -f "$place/data"
coverage run -m pytest -c /dev/null --rootdir=. -p no:cacheprovider -q --durations=10 --durations-min=1 tests/unit "$@"
coverage report
coverage html --quiet --directory "$place/html"
coverage json --quiet -o "$place/coverage.json"
exec python - "$place/coverage.json" "$minimum" <<'PYTHON'
import json, sys

with open(sys.argv[1], encoding="utf-8") as stream:
    totals = json.load(stream)["totals"]
share = 100 * totals["covered_branches"] / totals["num_branches"]
print(f"\nBranch coverage: {totals['covered_branches']} of {totals['num_branches']}, {share:.1f} %; required: {sys.argv[2]} %")
sys.exit(share < float(sys.argv[2]))
PYTHON
