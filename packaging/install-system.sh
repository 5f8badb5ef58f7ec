#!/bin/sh
# Install the Debian packages that are missing, as root or through sudo; else say which command does.
# Usage: install-system.sh LIST [EXTRA-PACKAGE ...]
set -eu
list=$1
shift
command -v dpkg-query >/dev/null 2>&1 || {
    echo "fanstudio: not a Debian system: install what corresponds to $list yourself." >&2
    exit 0
}
missing=""
for package in $(grep -v '^#' "$list") "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    run=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    run="sudo"
else
    echo "fanstudio needs these system packages first. Run, then make again:" >&2
    echo "  sudo apt-get install --no-install-recommends -y$missing" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
# shellcheck disable=SC2086
$run apt-get install --no-install-recommends -y -qq $missing >/dev/null
