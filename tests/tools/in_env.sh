#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs a command in the environment that setup.sh creates: in_env.sh COMMAND [ARGUMENT...]

set -euo pipefail
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
enter_environment
exec "$@"
