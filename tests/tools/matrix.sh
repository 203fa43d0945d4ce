#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs ansible-test with each ansible-core that the collection supports, each in its own environments:
#   matrix.sh [2.19|2.20|2.21|2.22...]     default: all
#   MATRIX_STEPS="sanity units"            default: sanity units integration
# Integration runs on each Python that the ansible-core supports and that is found. Sanity and units use all Pythons of
# controllers and managed hosts anyway, and run only once per ansible-core, on its newest Python.
# Every step runs, even if an earlier one fails. Missing Pythons are listed at the end and are not failures.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=tests/tools/environments.sh
source "$ROOT/tests/tools/environments.sh"
cd "$ROOT"
enter_environment
# Each ansible-core has its own environment, and must not find .venv.
PATH=${PATH#"$VENV/bin:"}

# Pythons that each ansible-core supports on a controller
declare -A runs_on=([2.19]="3.11 3.12 3.13" [2.20]="3.12 3.13 3.14" [2.21]="3.12 3.13 3.14" [2.22]="3.13 3.14")
# First release of each, if it is a release candidate: pip installs one only if it is named.
declare -A first_of=([2.22]=2.22.0rc1)
cores=("$@")
((${#cores[@]} > 0)) || cores=(2.19 2.20 2.21 2.22)
steps=${MATRIX_STEPS:-sanity units integration}
summary=() missing=() failed=0

# Prints the sanity tests whose requirements are on a server that cannot be reached. Since ansible-core 2.22, some of
# pylint's are not on the package index.
out_of_reach() {
    "$1/bin/python" - <<'PYTHON'
import importlib.util, pathlib, re, urllib.request

package = pathlib.Path(importlib.util.find_spec("ansible_test").submodule_search_locations[0])
for path in sorted((package / "_data" / "requirements").glob("sanity.*.txt")):
    for address in re.findall(r"^\S+ ?@ ?(https://[^\s#]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=10).close()
        except OSError:
            print(path.name.split(".")[1])
            break
PYTHON
}

# Runs one step with one ansible-core on one Python: run_step CORE PYTHON STEP
run_step() {
    local core=$1 python=$2 step=$3 place=$CACHE/matrix/$1-$2 log=$LOGS/matrix-$1-$2-$3.log began=$SECONDS outcome=passed
    local name arguments=()
    if [[ $step == sanity ]]; then
        for name in $(out_of_reach "$place/venv"); do
            arguments+=(--skip-test "$name")
            missing+=("ansible-core $core: sanity test $name not run: its requirements cannot be downloaded.")
        done
    fi
    if ! VENV=$place/venv COPIES=$place TEST_PYTHON=all \
        tests/tools/ansible_test.sh "$step" "${arguments[@]}" >"$log" 2>&1 </dev/null; then
        outcome=failed
        failed=$((failed + 1))
        cat "$log"
        echo "Full log: ${log#"$ROOT"/}"
    fi
    summary+=("$(printf '%-8s %-7s %-12s %-7s %7d' "$core" "$python" "$step" "$outcome" $((SECONDS - began)))")
    printf '=== ansible-core %s, Python %s, %s: %s (%d s)\n' "$core" "$python" "$step" "$outcome" $((SECONDS - began))
}

for core in "${cores[@]}"; do
    [[ -v runs_on[$core] ]] || fail "ansible-core $core is not supported; use one of: ${!runs_on[*]}."
    newest=
    for python in $(tr ' ' '\n' <<<"${runs_on[$core]}" | sort --version-sort --reverse); do
        if ! interpreter=$(find_python "$python"); then
            missing+=("ansible-core $core: not run on Python $python, which is not installed.")
            continue
        fi
        if [[ -n $newest && " $steps " != *" integration "* ]]; then
            continue
        fi
        own_environment "$CACHE/matrix/$core-$python/venv" "$interpreter" \
            --requirement requirements.txt "ansible-core~=${first_of[$core]:-$core.0}"
        for step in $steps; do
            if [[ $step == integration || -z $newest ]]; then
                run_step "$core" "$python" "$step"
            fi
        done
        newest=${newest:-$python}
    done
done

printf '\n%-8s %-7s %-12s %-7s %7s\n' ansible Python step result seconds
((${#summary[@]} == 0)) || printf '%s\n' "${summary[@]}"
((${#missing[@]} == 0)) || printf '%s\n' '' "${missing[@]}"
((${#summary[@]} > 0)) || fail "nothing was run: found none of the required Pythons." \
    "Install one with its modules venv and ensurepip, on PATH or with pyenv."
printf '\n%d passed, %d failed\n' $((${#summary[@]} - failed)) "$failed"
((failed == 0))
