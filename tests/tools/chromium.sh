#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the path of a Chromium for the report's tests. CHROMIUM in make's environment names one. If none is installed,
# downloads Debian's or Ubuntu's packages and unpacks them in .cache/chromium, which needs no root privileges.

set -euo pipefail
named=${CHROMIUM:-}
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

home=$CACHE/chromium
own=$home/chromium
advice="Install Chromium or Chrome, or set its path: make CHROMIUM=/path/to/chromium"

find_browser() {
    local candidate folder found
    local candidates=(chromium chromium-browser google-chrome google-chrome-stable chromium-headless-shell)
    # Applications of macOS are not on PATH. The tests of this script set APPLICATIONS to an empty folder.
    for folder in "${APPLICATIONS:-/Applications}" "${HOME:-}/Applications"; do
        candidates+=("$folder/Google Chrome.app/Contents/MacOS/Google Chrome" "$folder/Chromium.app/Contents/MacOS/Chromium")
    done
    for candidate in ${named:+"$named"} "${candidates[@]}" "$own"; do
        # Ubuntu's chromium may be a stub that only asks to install a snap.
        if found=$(command -v "$candidate") && "$found" --version >/dev/null 2>&1; then
            printf '%s\n' "$found"
            return 0
        fi
    done
    return 1
}

# Runs apt-get or apt-cache with its lists and archives in .cache
apt() {
    local tool=$1
    shift
    "$tool" -o "Dir::Cache=$home" -o "Dir::Cache::archives=$home/archives" -o "Dir::State::lists=$home/lists" \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}

# The headless shell is a third smaller and needs no desktop libraries. Ubuntu and old Debian releases do not have it.
download() {
    local package
    # Failing to update one list matters only if it has the browser, which the loop below finds out.
    apt apt-get update || true
    for package in chromium-headless-shell chromium; do
        if apt apt-cache show "$package" >/dev/null 2>&1; then
            apt apt-get --yes --no-install-recommends --download-only --reinstall install "$package"
            return
        fi
    done
    echo "E: the package lists have neither chromium-headless-shell nor chromium"
    return 1
}

! find_browser || exit 0
type -P apt-get dpkg-deb >/dev/null ||
    fail "the report's tests need Chromium, and it can be downloaded automatically only on Debian and Ubuntu." "$advice"

rm -rf "$home"
mkdir -p "$LOGS" "$home"/{lists,archives}/partial "$home/unpacked"
log=$LOGS/setup-chromium.log
echo "Downloading Chromium into .cache/chromium, for the report's tests" >&2
logged "$log" download >&2 ||
    fail "could not download Chromium: $(grep -E '^E:|Failed to fetch' "$log" | head -n 1 | cut -c 4-200)" "$advice" \
        "Full log: ${log#"$ROOT"/}"
for package in "$home"/archives/*.deb; do
    dpkg-deb --extract "$package" "$home/unpacked"
done
rm -rf "$home/archives" "$home/lists"

# Starts the browser with the libraries that were unpacked, and with the fonts if the system has none.
cat >"$own" <<'WRAPPER'
#!/usr/bin/env bash
home=$(dirname "$(readlink -f "$0")")
# Some libraries are in folders of their own, which the binary looks for only under the system's paths.
folders=$(find "$home/unpacked" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
export LD_LIBRARY_PATH=$folders${LD_LIBRARY_PATH:-}
if [[ ! -e /etc/fonts/fonts.conf ]]; then
    export FONTCONFIG_FILE=$home/fonts.conf
    printf '<?xml version="1.0"?><fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n' \
        "$home/unpacked/usr/share/fonts" "$home/fonts" >"$FONTCONFIG_FILE.$$" && mv "$FONTCONFIG_FILE.$$" "$FONTCONFIG_FILE"
fi
for program in "$home"/unpacked/usr/lib/chromium/{chromium-headless-shell,chromium}; do
    [[ ! -x $program ]] || exec "$program" "$@"
done
echo "Chromium is not in $home/unpacked/usr/lib/chromium; delete $home and run make again" >&2
exit 127
WRAPPER
chmod +x "$own"
"$own" --version >>"$log" 2>&1 || fail "the downloaded Chromium does not start: $(tail -n 1 "$log" | cut -c -200)" "$advice"
printf '%s\n' "$own"
