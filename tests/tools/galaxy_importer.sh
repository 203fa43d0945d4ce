#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the collection and checks it with galaxy-importer, as Galaxy and automation hub do with an upload. Warnings are
# errors. galaxy-importer pins its own ansible-lint and therefore has its own environment.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=tests/tools/environments.sh
source "$ROOT/tests/tools/environments.sh"
cd "$ROOT"
enter_environment

place=$CACHE/importer
own_environment "$place/venv" "$VENV/bin/python" "galaxy-importer>=0.4.30"

# Build from what git knows, as a release is.
copy=$place/ansible_collections/kajeet/sentinel
"$VENV/bin/python" tests/tools/copy_collection.py "$ROOT" "$copy"
rm -f "$place"/kajeet-sentinel-*.tar.gz
ansible-galaxy collection build --force --output-path "$place" "$copy" >/dev/null
archives=("$place"/kajeet-sentinel-*.tar.gz)

# make sanity runs ansible-test, so that galaxy-importer needs no container, and make lint-ansible runs ansible-lint.
cat >"$place/importer.cfg" <<'CFG'
[galaxy-importer]
run_ansible_test = False
run_ansible_doc = True
run_ansible_lint = False
check_changelog = True
check_required_tags = True
CFG
export GALAXY_IMPORTER_CONFIG=$place/importer.cfg
PATH=$place/venv/bin:$PATH
# It writes its result into the current folder.
cd "$place"
rm -f importer_result.json
code=0
python -m galaxy_importer.main "${archives[0]}" >"$LOGS/importer-output.log" 2>&1 || code=$?
grep -v '^Loading ' "$LOGS/importer-output.log" || true
if ((code != 0)) || [[ ! -f importer_result.json ]] ||
    grep -qE '^(WARNING|ERROR|CRITICAL)|Traceback|not found, skipping' "$LOGS/importer-output.log"; then
    fail "galaxy-importer reports errors or warnings for ${archives[0]##*/}." "Full log: ${LOGS#"$ROOT"/}/importer-output.log"
fi
