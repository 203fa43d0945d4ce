#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the documentation site from docs/docsite and the plugins' own documentation, in .cache/docs. A warning is an
# error. Nothing is fetched: a reference to Ansible's own documentation is a link, not looked up.

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
enter_environment

place=$CACHE/docs
# Pages of plugins that are gone must not stay; what Sphinx remembers of the others may.
rm -rf "$place/rst" "$place/html"
mkdir -p "$place/rst"
# antsibull-docs wants a folder that nobody else can write.
chmod 700 "$place/rst"

antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --no-add-antsibull-docs-version \
    --dest-dir "$place/rst" kajeet.sentinel
# antsibull-docs takes the guides alone, not their pictures.
cp -R docs/images "$place/rst/docsite/images"
sphinx-build --quiet --nitpicky --fail-on-warning --keep-going -b html -c tests/tools/docsite -d "$place/doctrees" \
    "$place/rst" "$place/html"
echo "The documentation site: ${place#"$ROOT"/}/html/index.html"
