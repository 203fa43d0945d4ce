#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes or completes .venv: setup.sh demo|test|bench|docs. Nothing is done where nothing has changed since the last time.
# PYTHON chooses the interpreter; without it, the first of the usual names that is new enough.
# NEEDS_CLONE, NEEDS_BROWSER: what make runs afterwards needs a git clone, or a browser, which is downloaded if there is
# none. Without them, nothing is installed.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

level=${1:?demo, test, bench or docs}
# Set by run_steps.py, whose steps all find the environment ready
[[ -z ${ENVIRONMENT_READY:-} ]] || exit 0

new_enough='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
version_of='import sys; print("%d.%d" % sys.version_info[:2])'

choose_python() {
    local candidate found
    if [[ -n ${PYTHON:-} ]]; then
        found=$("$PYTHON" -c "$version_of" 2>/dev/null) ||
            fail "PYTHON=$PYTHON does not start; name a Python 3.11 or later: make PYTHON=python3.12 $level"
        "$PYTHON" -c "$new_enough" 2>/dev/null || explain_unfit "$PYTHON" "$found"
        python=$PYTHON
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.14 python3.11; do
        if "$candidate" -c "$new_enough" 2>/dev/null; then
            python=$candidate
            return
        fi
    done
    found=$(python3 -c "$version_of" 2>/dev/null) || fail "there is no python3; Python 3.11 or later is needed." \
        "Install it, or name one: make PYTHON=/path/to/python3.12 $level"
    explain_unfit python3 "$found"
}

explain_unfit() {
    if [[ $2 == 2.* || $2 == 3.? || $2 == 3.10 ]]; then
        fail "$1 is Python $2; Python 3.11 or later is needed." \
            "Install it, or name one: make PYTHON=/path/to/python3.12 $level"
    fi
    fail "$1 (Python $2) cannot create virtual environments: its module venv or ensurepip is missing." \
        "On Debian and Ubuntu: apt-get install python3-venv"
}

install() {
    local file=requirements/$1.txt log=$LOGS/setup-$1.log stamp=$VENV/.installed-$1 wanted
    # By content, not by time: a checkout changes times. By place, too: see the removal of a moved one below.
    wanted=$(
        printf '%s\n' "$VENV"
        cat requirements.txt requirements/demo.txt
        [[ $1 == demo ]] || cat "$file" roles/*/files/requirements.txt
    )
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        return
    fi
    echo "Installing $file into ${VENV#"$ROOT"/}"
    PIP_ROOT_USER_ACTION=ignore logged "$log" "$VENV/bin/python" -m pip install \
        --disable-pip-version-check --no-input --requirement "$file" ||
        fail "could not install $file: $(pip_failure "$log")" "The whole log: ${log#"$ROOT"/}"
    printf '%s\n' "$wanted" >"$stamp"
}

mkdir -p "$LOGS" "$CACHE/collections/ansible_collections/kajeet"
ln -sfn "$ROOT" "$CACHE/collections/ansible_collections/kajeet/sentinel"

# An environment cannot be moved: its programs name the Python of the place where they were installed. One that came
# along with its checkout is made anew, with the same Python unless another one was asked for.
if [[ -f $VENV/.installed-demo ]]; then
    made_in=$(head -n 1 "$VENV/.installed-demo")
    if [[ ! $made_in -ef $VENV ]]; then
        PYTHON=${PYTHON:-$("$VENV/bin/python" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null || true)}
        rm -rf "$VENV"
    fi
fi

# An environment is kept unless it is broken, or another Python was asked for.
has=$("$VENV/bin/python" -c "$version_of" 2>/dev/null) || has=
wants=$has
if [[ -z $has || -n ${PYTHON:-} ]]; then
    choose_python
    wants=$("$python" -c "$version_of")
fi
# What is missing is named before anything is installed.
if [[ -n ${NEEDS_CLONE:-} ]]; then
    type -P git >/dev/null || fail "the tests need git, which is not installed."
    complaint=$(git rev-parse --git-dir 2>&1 >/dev/null) ||
        fail "the tests need a git clone of the repository, for the list of its files; git says:" "${complaint%%$'\n'*}"
fi
[[ -z ${NEEDS_BROWSER:-} ]] || tests/tools/chromium.sh >/dev/null
if [[ $has != "$wants" ]]; then
    echo "Creating ${VENV#"$ROOT"/} with Python $wants"
    rm -rf "$VENV"
    logged "$LOGS/setup-venv.log" "$python" -m venv "$VENV" ||
        fail "$python -m venv failed: $(tail -n 1 "$LOGS/setup-venv.log" | cut -c -200)" \
            "The whole log: ${LOGS#"$ROOT"/}/setup-venv.log"
fi

enter_environment
[[ $level == demo ]] || install demo
install "$level"
