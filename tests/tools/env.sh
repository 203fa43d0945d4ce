# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck shell=bash
# The environment of everything that make runs; source this file. What it changes, and why:
#   HOME             becomes a folder in .cache: several tools write to HOME and cannot be configured otherwise
#   pip's settings   are copied there: ansible-test passes only HOME and PATH on to the pip that it runs
#   ANSIBLE_*, SENTINEL_*, PYTHON*: removed, so that your settings neither change an outcome nor reach a live service
#   PATH             has .venv first, and no pyenv shims: shims of versions that are not selected exist, but fail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=$ROOT/.cache
VENV=${VENV:-$ROOT/.venv}
LOGS=$CACHE/logs
[[ $VENV == /* ]] || VENV=$ROOT/$VENV
export ROOT CACHE VENV LOGS

fail() {
    printf '\nmake: %s\n' "$1" >&2
    shift
    (($# == 0)) || printf '%s\n' "$@" | sed 's/^/  /' >&2
    exit 1
}

# Runs a command that may take long, and writes its output to a log: logged LOG COMMAND [ARGUMENT...]
# Prints its progress every ten seconds (PROGRESS_SECONDS), and how long it took if it succeeds.
logged() {
    local log=$1 began=$SECONDS beat code=0
    shift
    : >"$log"
    heartbeat "$log" $$ &
    beat=$!
    "$@" >"$log" 2>&1 </dev/null || code=$?
    kill "$beat" 2>/dev/null || true
    wait "$beat" 2>/dev/null || true
    ((code != 0)) || printf '  done in %d s\n' $((SECONDS - began))
    return "$code"
}

# Prints what pip or apt-get is doing until the shell that runs it ends: heartbeat LOG PID
heartbeat() {
    local began=$SECONDS second=0 line
    # The last sleep outlives the command by up to a second. It must not keep the caller's pipe open.
    while sleep 1 >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do
        ((++second % ${PROGRESS_SECONDS:-10} == 0)) || continue
        line=$(tr '\r' '\n' <"$1" | grep -E 'Retrying|^ *(Collecting|Downloading|Building|Installing|Get:[0-9])' | tail -n 1) || true
        [[ $line != *Retrying* ]] || line="no connection yet: retrying"
        printf '  %d s: %s\n' $((SECONDS - began)) "$(cut -c -100 <<<"${line:-working}" | sed 's/^ *//; s/ (from .*//; s/ collected packages.*/ the packages/')"
    done
}

# Prints why pip failed, according to its log, in one sentence
pip_failure() {
    if grep -qE 'after connection broken by|Max retries exceeded|ReadTimeoutError|SSLError' "$1"; then
        echo "pip cannot reach the package index; check the network, the proxy and pip's settings."
    else
        grep -E '^ *(ERROR|error)' "$1" | tail -n 1 | cut -c -200 | grep . || tail -n 1 "$1" | cut -c -200
    fi
}

# Removes pyenv's shims from PATH
without_shims() {
    local entry kept=
    local IFS=:
    for entry in $PATH; do
        [[ -z $entry || $entry == */shims ]] || kept+=:$entry
    done
    printf '%s' "${kept#:}"
}

enter_environment() {
    local name
    if [[ ${HOME:-} != "$CACHE/home" ]]; then
        mkdir -p "$CACHE/home/.config/pip" "$LOGS"
        if [[ -f ${HOME:-}/.gitconfig ]]; then
            export GIT_CONFIG_GLOBAL=${GIT_CONFIG_GLOBAL:-$HOME/.gitconfig}
        fi
        export PYENV_ROOT=${PYENV_ROOT:-${HOME:-}/.pyenv}
        "$VENV/bin/python" "$ROOT/tests/tools/pip_settings.py" "$CACHE/home/.config/pip/pip.conf" ||
            fail "could not read pip's settings; to see why, run: $VENV/bin/python -m pip config list"
        export HOME=$CACHE/home
    fi
    while IFS='=' read -r name _; do
        case $name in
            ANSIBLE_* | SENTINEL_* | PYTHONHOME | PYTHONPATH | PYTHONSTARTUP | PYTHONWARNINGS | VIRTUAL_ENV | XDG_* | \
                GIT_DIR | GIT_WORK_TREE | GIT_INDEX_FILE) unset "$name" ;;
        esac
    done < <(env)
    # pip must install into .venv.
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT
    # No colours in logs
    if [[ ! -t 1 ]]; then
        unset FORCE_COLOR PY_COLORS CLICOLOR_FORCE
        export NO_COLOR=1
    fi
    PATH=$VENV/bin:$(without_shims)
    # ansible requires a UTF-8 locale
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
        *) export LC_ALL=C.UTF-8 ;;
    esac
    export PATH PIP_DISABLE_PIP_VERSION_CHECK=1
    export ANSIBLE_CONFIG=$ROOT/tests/tools/ansible.cfg
    export ANSIBLE_COLLECTIONS_PATH=$CACHE/collections
    export ANSIBLE_HOME=$CACHE/home/.ansible
    export HYPOTHESIS_STORAGE_DIRECTORY=$CACHE/hypothesis
}
