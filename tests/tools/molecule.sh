#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the scenarios of extensions/molecule: molecule.sh [SCENARIO...]; default: all. Each starts its own simulator on a
# free port and stops it at the end, even if it fails.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
enter_environment

while IFS='=' read -r name _; do
    [[ $name != MOLECULE_* ]] || unset "$name"
done < <(env)
# Both scenarios and later runs share this environment, as long as the Python is the same.
python=$("$VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
export MOLECULE_SIMULATOR_VENV=$CACHE/molecule/simulator-$python
# One shell for each module instead of four
export ANSIBLE_PIPELINING=1

if (($# == 0)); then
    exec molecule test --all
fi
exec molecule test "${@/#/--scenario-name=}"
