#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the scenarios of extensions/molecule: molecule.sh [SCENARIO...]; all of them without a name. Each has a simulator
# of its own, on a free port, and stops it in the end whatever became of it.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
enter_environment

while IFS='=' read -r name _; do
    [[ $name != MOLECULE_* ]] || unset "$name"
done < <(env)
# Both scenarios use this one, and later runs too. An environment does not outlive its Python.
python=$("$VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
export MOLECULE_SIMULATOR_VENV=$CACHE/molecule/simulator-$python

if (($# == 0)); then
    exec molecule test --all
fi
exec molecule test "${@/#/--scenario-name=}"
