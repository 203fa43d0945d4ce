#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs ansible-test on a copy of the collection: ansible_test.sh sanity|units|integration [ARGUMENT...]
# Each command has its own copy, so that several can run at the same time. Environment variables:
#   VENV          environment with ansible-core; default: .venv
#   COPIES        folder of the copies; default: .cache/ansible-test
#   TEST_PYTHON   Pythons for sanity and units: "own", that of VENV (default); "all"; for units, versions as well.
#                 Sanity on its own Python, without arguments, leaves to make lint what that looks at.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=tests/tools/environments.sh
source "$ROOT/tests/tools/environments.sh"
enter_environment

command=${1:?sanity, units or integration}
shift
copy=${COPIES:-$CACHE/ansible-test}/$command/ansible_collections/kajeet/sentinel
"$VENV/bin/python" "$ROOT/tests/tools/copy_collection.py" "$ROOT" "$copy"

# ansible-test looks for all Pythons that it supports on PATH. Put the real ones there, not pyenv's shims.
own=$("$VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
supported=$("$VENV/bin/python" -c '
from ansible_test._util.target.common import constants
print("", *constants.REMOTE_ONLY_PYTHON_VERSIONS, *constants.CONTROLLER_PYTHON_VERSIONS, "")')
found=()
folders=
for version in 3.{9..14}; do
    if [[ $supported == *" $version "* ]] && python=$(find_python "$version"); then
        found+=("$version")
        folder=$(dirname "$python")
        [[ :$PATH: == *:$folder:* ]] || folders+=:$folder
    fi
done
PATH=$VENV/bin$folders:${PATH#*:}
export PATH

where=(--venv)
chosen=${TEST_PYTHON:-own}
if [[ $command == sanity && $chosen == own ]]; then
    where+=(--python "$own")
elif [[ $command == units ]]; then
    [[ $chosen != all ]] || chosen="${found[*]} $own"
    [[ $chosen != own ]] || chosen=$own
    where=(--controller "origin:python=venv/$own")
    for version in $(tr ' ' '\n' <<<"$chosen" | sort --unique --version-sort); do
        where+=(--target-python "venv/$version")
    done
fi
# ansible-test downloads a script that installs pip into its environments, unless the script is in its cache. Put one
# there that uses the pip bundled with Python, which needs no download. The script's name contains pip's version, which
# differs between releases of ansible-core.
"$VENV/bin/python" - "$HOME/.ansible/test/cache" <<'PYTHON'
import importlib.util, pathlib, re, sys

package = pathlib.Path(importlib.util.find_spec("ansible_test").submodule_search_locations[0])
source = (package / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
versions = set(re.findall(r"""\bpip['"]?\s*[=:]\s*['"]([0-9.]+)['"]""", source))
cache = pathlib.Path(sys.argv[1])
cache.mkdir(parents=True, exist_ok=True)
for version in versions:
    script = cache / "get_pip_{}.py".format(version.replace(".", "_"))
    script.write_text("import ensurepip\nensurepip.bootstrap(upgrade=True)\n", encoding="utf-8")
PYTHON

[[ $command != integration ]] || "$VENV/bin/python" "$ROOT/tests/tools/ssh_key.py" "$HOME/.ansible/test"

cd "$copy"
run() { ansible-test "$command" "${where[@]}" --color no --truncate 0 "$@"; }
if [[ $command == sanity && $chosen == own && $# == 0 ]]; then
    # make lint has pep8 (ruff), shellcheck and yamllint. pylint takes two minutes for the tests, which ruff and mypy
    # look at. The matrix runs everything.
    run --skip-test pep8 --skip-test shellcheck --skip-test yamllint --skip-test pylint
    set -- --test pylint plugins/ extensions/ roles/
fi
run "$@"
