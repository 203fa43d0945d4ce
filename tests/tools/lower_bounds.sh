#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the unit tests of module_utils with the oldest versions of its dependencies that requirements.txt allows, on the
# oldest Python that is found: lower_bounds.sh [ARGUMENT_OF_PYTEST...]

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=tests/tools/environments.sh
source "$ROOT/tests/tools/environments.sh"
cd "$ROOT"
enter_environment

interpreter=
for version in 3.{9..14}; do
    ! interpreter=$(find_python "$version") || break
done
[[ -n $interpreter ]] || fail "there is no Python from 3.9 to 3.14 that can make virtual environments."

mapfile -t bounds < <(sed -n 's/^\([A-Za-z].*\)>=\([0-9.]*\).*$/\1==\2/p' requirements.txt)
((${#bounds[@]} == $(grep -c '^[A-Za-z]' requirements.txt))) || fail "requirements.txt has a line without a lower bound."
place=$CACHE/lower-bounds
own_environment "$place/venv" "$interpreter" "${bounds[@]}" pytest hypothesis

# The modules' side of ansible-core runs on older Pythons than those that it can be installed on: as on a target, it is
# there, and nothing of what it depends on.
mkdir -p "$place/lib"
ln -sfn "$("$VENV/bin/python" -c 'import pathlib, ansible; print(pathlib.Path(ansible.__file__).parent)')" "$place/lib/ansible"
export PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH:$place/lib

# What is looked for here differs with the libraries, not with the examples: coverage.sh runs all of them.
export SENTINEL_EXAMPLES=${SENTINEL_EXAMPLES:-20}
echo "Python $version with ${bounds[*]}"
"$place/venv/bin/python" -m pip check
cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/kajeet/sentinel"
exec "$place/venv/bin/python" -m pytest -c /dev/null --rootdir=. -p no:cacheprovider -q tests/unit/plugins/module_utils "$@"
