#!/usr/bin/env bash
# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the path of a Chromium for the tests of the report. CHROMIUM in make's environment names one. Where there is
# none, Debian's or Ubuntu's is unpacked in .cache/chromium with all that it needs, which takes no rights.

set -euo pipefail
named=${CHROMIUM:-}
# shellcheck source=tests/tools/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

home=$CACHE/chromium
own=$home/chromium
advice="Install Chromium or Chrome, or name it: make CHROMIUM=/path/to/it"

find_browser() {
    local candidate folder found
    local candidates=(chromium chromium-browser google-chrome google-chrome-stable chromium-headless-shell)
    # Programs of macOS are not in PATH. The tests of this script have no such programs.
    for folder in "${APPLICATIONS:-/Applications}" "${HOME:-}/Applications"; do
        candidates+=("$folder/Google Chrome.app/Contents/MacOS/Google Chrome" "$folder/Chromium.app/Contents/MacOS/Chromium")
    done
    for candidate in ${named:+"$named"} "${candidates[@]}" "$own"; do
        # Ubuntu's is a stub that asks for a snap.
        if found=$(command -v "$candidate") && "$found" --version >/dev/null 2>&1; then
            printf '%s\n' "$found"
            return 0
        fi
    done
    return 1
}

# apt-get or apt-cache with lists and archives of our own
apt() {
    local tool=$1
    shift
    "$tool" -o "Dir::Cache=$home" -o "Dir::Cache::archives=$home/archives" -o "Dir::State::lists=$home/lists" \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}

# The headless shell is a third smaller and needs no desktop libraries. Ubuntu and old releases of Debian do not have it.
download() {
    local package
    # A list that is missing shows below, if it is the one with the browser.
    apt apt-get update || true
    for package in chromium-headless-shell chromium; do
        if apt apt-cache show "$package" >/dev/null 2>&1; then
            apt apt-get --yes --no-install-recommends --download-only --reinstall install "$package"
            return
        fi
    done
    echo "E: No package chromium-headless-shell or chromium"
    return 1
}

! find_browser || exit 0
type -P apt-get dpkg-deb >/dev/null ||
    fail "the tests of the report need Chromium, which can be downloaded only on Debian and Ubuntu." "$advice"

rm -rf "$home"
mkdir -p "$LOGS" "$home"/{lists,archives}/partial "$home/root"
log=$LOGS/setup-chromium.log
echo "Downloading Chromium into .cache/chromium, for the tests of the report" >&2
logged "$log" download >&2 ||
    fail "could not download Chromium: $(grep -E '^E:|Failed to fetch' "$log" | head -n 1 | cut -c 4-200)" "$advice; the log: ${log#"$ROOT"/}"
for package in "$home"/archives/*.deb; do
    dpkg-deb --extract "$package" "$home/root"
done
rm -rf "$home/archives" "$home/lists"

# It finds its libraries beside it, and fonts, unless the system has some.
cat >"$own" <<'WRAPPER'
#!/usr/bin/env bash
home=$(dirname "$(readlink -f "$0")")
# Some libraries have a folder of their own, which is compiled in as a path of the system.
folders=$(find "$home/root" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
export LD_LIBRARY_PATH=$folders${LD_LIBRARY_PATH:-}
if [[ ! -e /etc/fonts/fonts.conf ]]; then
    export FONTCONFIG_FILE=$home/fonts.conf
    printf '<?xml version="1.0"?><fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n' \
        "$home/root/usr/share/fonts" "$home/fonts" >"$FONTCONFIG_FILE.$$" && mv "$FONTCONFIG_FILE.$$" "$FONTCONFIG_FILE"
fi
for program in "$home"/root/usr/lib/chromium/{chromium-headless-shell,chromium}; do
    [[ ! -x $program ]] || exec "$program" "$@"
done
echo "no chromium in $home/root/usr/lib/chromium" >&2
exit 127
WRAPPER
chmod +x "$own"
"$own" --version >>"$log" 2>&1 || fail "the downloaded Chromium does not start: $(tail -n 1 "$log" | cut -c -200)" "$advice"
printf '%s\n' "$own"
