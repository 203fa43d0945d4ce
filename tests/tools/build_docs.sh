#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the documentation site in .cache/docs, from docs/docsite and the plugins' documentation. Warnings are errors.
# Needs no network: references to Ansible's documentation become links and are not checked.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
enter_environment

place=$CACHE/docs
# Remove pages of deleted plugins. Sphinx's cache may stay.
rm -rf "$place/rst" "$place/html"
mkdir -p "$place/rst"
# antsibull-docs refuses a folder that others can write to.
chmod 700 "$place/rst"

antsibull-docs --config-file tests/tools/docsite/antsibull-docs.cfg collection --use-current --squash-hierarchy \
    --fail-on-error --no-add-antsibull-docs-version --dest-dir "$place/rst" kajeet.sentinel
# antsibull-docs copies the guides without their pictures.
cp -R docs/images "$place/rst/docsite/images"
sphinx-build --quiet --nitpicky --fail-on-warning --keep-going -b html -c tests/tools/docsite -d "$place/doctrees" \
    "$place/rst" "$place/html"
echo "Documentation: ${place#"$ROOT"/}/html/index.html"
