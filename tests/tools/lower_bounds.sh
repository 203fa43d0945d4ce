#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the unit tests of module_utils with the oldest versions of its dependencies that requirements.txt allows, on the
# oldest Python that is found: lower_bounds.sh [PYTEST_ARGUMENT...]

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
[[ -n $interpreter ]] || fail "found no Python 3.9 to 3.14 that can create virtual environments." \
    "Install one with its modules venv and ensurepip, on PATH or with pyenv."

mapfile -t bounds < <(sed -n 's/^\([A-Za-z].*\)>=\([0-9.]*\).*$/\1==\2/p' requirements.txt)
((${#bounds[@]} == $(grep -c '^[A-Za-z]' requirements.txt))) ||
    fail "requirements.txt: a requirement has no lower bound; write it as NAME>=VERSION."
place=$CACHE/lower-bounds
own_environment "$place/venv" "$interpreter" "${bounds[@]}" pytest hypothesis

# ansible-core's module_utils run on older Pythons than ansible-core can be installed on. As on a managed host, the tests
# get ansible-core without its dependencies.
mkdir -p "$place/lib"
ln -sfn "$("$VENV/bin/python" -c 'import pathlib, ansible; print(pathlib.Path(ansible.__file__).parent)')" "$place/lib/ansible"
export PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH:$place/lib

# This step looks for differences between library versions, for which a few examples are enough. coverage.sh runs all.
export TEST_EXAMPLES=${TEST_EXAMPLES:-20}
echo "Python $version with ${bounds[*]}"
"$place/venv/bin/python" -m pip check
cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/kajeet/sentinel"
exec "$place/venv/bin/python" -m pytest -c /dev/null --rootdir=. -p no:cacheprovider -q tests/unit/plugins/module_utils "$@"
