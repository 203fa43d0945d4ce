# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck shell=bash
# The environment in which make runs everything: to be sourced. What it changes, and why:
#   HOME             is a folder in .cache, because several tools write there and take no other hint
#   pip's settings   are copied there: ansible-test passes nothing but HOME and PATH on to the pip that it runs
#   ANSIBLE_*, SENTINEL_*, PYTHON*: gone, so that nobody's settings change an outcome or reach a live service
#   PATH             has .venv first, and no pyenv shims: one for a version that is not chosen exists and fails

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

# Runs a command that may take long with its output in a log: logged LOG COMMAND [ARGUMENT...]
# Every ten seconds (PROGRESS_SECONDS), a line says how far it is. In the end, one says how long it took, if it passed.
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

# What pip or apt-get does now, as long as the shell that runs it is there: heartbeat LOG PID
heartbeat() {
    local began=$SECONDS second=0 line
    # The command's last sleep outlives it by a second: it must not keep a pipe open.
    while sleep 1 >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do
        ((++second % ${PROGRESS_SECONDS:-10} == 0)) || continue
        line=$(tr '\r' '\n' <"$1" | grep -E 'Retrying|^ *(Collecting|Downloading|Building|Installing|Get:[0-9])' | tail -n 1) || true
        [[ $line != *Retrying* ]] || line="no connection yet: retrying"
        printf '  %d s: %s\n' $((SECONDS - began)) "$(cut -c -100 <<<"${line:-working}" | sed 's/^ *//; s/ (from .*//; s/ collected packages.*/ the packages/')"
    done
}

# Why pip failed, from its log, in one sentence for fail
pip_failure() {
    if grep -qE 'after connection broken by|Max retries exceeded|ReadTimeoutError|SSLError' "$1"; then
        echo "the package index cannot be reached; check the network, the proxy and pip's settings."
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
            fail "pip's settings cannot be read: does '$VENV/bin/python -m pip config list' work?"
        export HOME=$CACHE/home
    fi
    while IFS='=' read -r name _; do
        case $name in
            ANSIBLE_* | SENTINEL_* | PYTHONHOME | PYTHONPATH | PYTHONSTARTUP | PYTHONWARNINGS | VIRTUAL_ENV | XDG_* | \
                GIT_DIR | GIT_WORK_TREE | GIT_INDEX_FILE) unset "$name" ;;
        esac
    done < <(env)
    # Where pip installs to is ours to say.
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT
    # Logs are for reading: no colours in a file
    if [[ ! -t 1 ]]; then
        unset FORCE_COLOR PY_COLORS CLICOLOR_FORCE
        export NO_COLOR=1
    fi
    PATH=$VENV/bin:$(without_shims)
    # ansible refuses to start in a locale that is not UTF-8
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
