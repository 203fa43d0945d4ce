#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Creates or completes .venv: setup.sh demo|test|bench|docs. Does nothing if nothing has changed since the last time.
# PYTHON chooses the interpreter; default: the first of the usual names that is new enough.
# NEEDS_CLONE, NEEDS_BROWSER: set if make needs a git clone, or a browser, which is downloaded if none is installed.
# Without one of them, fails before anything is installed.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

level=${1:?demo, test, bench or docs}
# Set by run_steps.py, which runs its steps after set-up
[[ -z ${ENVIRONMENT_READY:-} ]] || exit 0

new_enough='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
version_of='import sys; print("%d.%d" % sys.version_info[:2])'

choose_python() {
    local candidate found
    if [[ -n ${PYTHON:-} ]]; then
        found=$("$PYTHON" -c "$version_of" 2>/dev/null) ||
            fail "PYTHON=$PYTHON is not a Python that runs." \
                "Set the path of Python 3.11 or later: make PYTHON=/path/to/python3.12 $level"
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
    found=$(python3 -c "$version_of" 2>/dev/null) || fail "python3 was not found; Python 3.11 or later is required." \
        "Install it, or set its path: make PYTHON=/path/to/python3.12 $level"
    explain_unfit python3 "$found"
}

explain_unfit() {
    if [[ $2 == 2.* || $2 == 3.? || $2 == 3.10 ]]; then
        fail "$1 is Python $2; Python 3.11 or later is required." \
            "Install it, or set its path: make PYTHON=/path/to/python3.12 $level"
    fi
    fail "$1 (Python $2) cannot create virtual environments: its module venv or ensurepip is missing." \
        "On Debian and Ubuntu, run: apt-get install python3-venv"
}

install() {
    local file=requirements/$1.txt log=$LOGS/setup-$1.log stamp=$VENV/.installed-$1 wanted
    # Compare the content, because a checkout changes timestamps. $VENV detects an environment that was moved, see below.
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
        fail "could not install $file: $(pip_failure "$log")" "Full log: ${log#"$ROOT"/}"
    printf '%s\n' "$wanted" >"$stamp"
}

mkdir -p "$LOGS" "$CACHE/collections/ansible_collections/kajeet"
ln -sfn "$ROOT" "$CACHE/collections/ansible_collections/kajeet/sentinel"

# An environment cannot be moved: its programs contain the path of its Python. If it was moved with the checkout, create
# it again, with the same Python unless PYTHON is set.
if [[ -f $VENV/.installed-demo ]]; then
    made_in=$(head -n 1 "$VENV/.installed-demo")
    if [[ ! $made_in -ef $VENV ]]; then
        PYTHON=${PYTHON:-$("$VENV/bin/python" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null || true)}
        rm -rf "$VENV"
    fi
fi

# Keep an environment unless it is broken or PYTHON names another version.
has=$("$VENV/bin/python" -c "$version_of" 2>/dev/null) || has=
wants=$has
if [[ -z $has || -n ${PYTHON:-} ]]; then
    choose_python
    wants=$("$python" -c "$version_of")
fi
# Report what is missing before anything is installed.
if [[ -n ${NEEDS_CLONE:-} ]]; then
    type -P git >/dev/null || fail "git was not found; the tests require it. Install git."
    complaint=$(git rev-parse --git-dir 2>&1 >/dev/null) ||
        fail "the tests require a git clone of the repository, to list its files; git reports:" "${complaint%%$'\n'*}"
fi
[[ -z ${NEEDS_BROWSER:-} ]] || tests/tools/chromium.sh >/dev/null
if [[ $has != "$wants" ]]; then
    echo "Creating ${VENV#"$ROOT"/} with Python $wants"
    rm -rf "$VENV"
    logged "$LOGS/setup-venv.log" "$python" -m venv "$VENV" ||
        fail "could not create ${VENV#"$ROOT"/} with $python: $(tail -n 1 "$LOGS/setup-venv.log" | cut -c -200)" \
            "Full log: ${LOGS#"$ROOT"/}/setup-venv.log"
fi

enter_environment
[[ $level == demo ]] || install demo
install "$level"
