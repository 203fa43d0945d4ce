# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck shell=bash
# Interpreters and virtual environments other than .venv; source this file after env.sh.

# Prints the path of a Python of this version that can create virtual environments; fails if there is none.
find_python() {
    local candidate
    while read -r candidate; do
        # Skip the interpreters of the environments themselves.
        if [[ $candidate != "$VENV"/* && $candidate != "$ROOT"/.venv/* && -x $candidate ]] &&
            "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done < <(
        type -aP "python$1"
        printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/"python$1"
    )
    return 1
}

# Creates a virtual environment and installs into it: own_environment FOLDER PYTHON PIP_INSTALL_ARGUMENT...
# Does nothing if nothing has changed since the last time. Requirements files are compared by content.
own_environment() {
    local folder=$1 python=$2 wanted log argument
    shift 2
    wanted=$(
        printf '%s\n' "$folder" "$("$python" -c 'import sys; print(sys.version)')" "$@"
        for argument in "$@"; do
            [[ ! -f $argument ]] || cat "$argument"
        done
    )
    [[ ! -f $folder/.installed || $(<"$folder/.installed") != "$wanted" ]] || return 0
    log=$LOGS/setup-$(basename "$(dirname "$folder")")-$(basename "$folder").log
    echo "Installing into ${folder#"$ROOT"/}: $*"
    mkdir -p "$LOGS" "$(dirname "$folder")"
    rm -rf "$folder"
    logged "$log" install_into "$folder" "$python" "$@" ||
        fail "could not install into ${folder#"$ROOT"/}: $(pip_failure "$log")" "Full log: ${log#"$ROOT"/}"
    printf '%s\n' "$wanted" >"$folder/.installed"
}

install_into() {
    "$2" -m venv "$1" && "$1/bin/python" -m pip install --disable-pip-version-check --no-input "${@:3}"
}
