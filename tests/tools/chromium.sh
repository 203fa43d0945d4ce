#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the path of a Chromium for the tests of the report. Where there is none, that of Debian or Ubuntu is unpacked
# in .cache/chromium, which needs no rights. CHROMIUM in make's environment names another one.

set -euo pipefail
named=${CHROMIUM:-}
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

home=$CACHE/chromium
own=$home/chromium

candidates=(chromium chromium-browser google-chrome google-chrome-stable chromium-headless-shell)
# Programs of macOS are not in PATH
for folder in /Applications "${HOME:-}/Applications"; do
    candidates+=("$folder/Google Chrome.app/Contents/MacOS/Google Chrome" "$folder/Chromium.app/Contents/MacOS/Chromium")
done
for candidate in ${named:+"$named"} "${candidates[@]}" "$own"; do
    # Ubuntu's is a stub that asks for a snap.
    if found=$(command -v "$candidate") && "$found" --version >/dev/null 2>&1; then
        echo "$found"
        exit 0
    fi
done

advice="Install one, or name it: make CHROMIUM=/path/to/it report-tests"
if ! type -P apt-get dpkg-deb >/dev/null; then
    fail "the tests of the report need Chromium or Chrome, and there is none." "$advice"
fi

echo "Setting up .cache/chromium" >&2
mkdir -p "$LOGS" "$home"/{lists,archives}/partial "$home/root"
log=$LOGS/setup-chromium.log
options=(
    --yes --no-install-recommends
    -o "Dir::Cache=$home" -o "Dir::Cache::archives=$home/archives" -o "Dir::State::lists=$home/lists"
    -o Debug::NoLocking=1 -o APT::Sandbox::User=
)
if ! { apt-get "${options[@]}" update && apt-get "${options[@]}" --download-only --reinstall install chromium; } >"$log" 2>&1 </dev/null; then
    fail "Chromium could not be downloaded for the tests of the report. What apt-get said last:" \
        "$(grep -E '^[EW]:' "$log" | tail -n 3 || true)" "$advice"
fi
for package in "$home"/archives/*.deb; do
    dpkg-deb --extract "$package" "$home/root"
done
rm -rf "$home/archives" "$home/lists"

# What it needs is beside it, but for what the system has.
cat >"$own" <<'WRAPPER'
#!/usr/bin/env bash
root=$(dirname "$(readlink -f "$0")")/root
libraries=$(printf '%s:' "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:-}
[[ -d /etc/fonts || ! -d $root/etc/fonts ]] || export FONTCONFIG_PATH=$root/etc/fonts
exec "$root/usr/lib/chromium/chromium" "$@"
WRAPPER
chmod +x "$own"
"$own" --version >>"$log" 2>&1 || fail "the downloaded Chromium does not start. It said:" "$(tail -n 3 "$log")" "$advice"
echo "$own"
