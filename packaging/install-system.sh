#!/bin/sh
# Install the Debian packages that are missing, as root or through sudo; else say which command does.
# Usage: install-system.sh LIST [--tests] [EXTRA-PACKAGE ...]
set -eu
list=$1
shift
unwanted=" tests$"
if [ "${1:-}" = --tests ]; then
    unwanted="^$"
    shift
fi
command -v dpkg-query >/dev/null 2>&1 || {
    echo "fanstudio: not a Debian system: install what corresponds to $list yourself." >&2
    exit 0
}

# " name," or " name (= version)," for all that is installed, and for what it provides.
# shellcheck disable=SC2016
present=" $(dpkg-query -W -f='${db:Status-Abbrev} ${Package}, ${Provides},\n' | sed -n 's/^.i //p' | tr '\n' ' ')"
missing=""
for package in $(sed -e '/^#/d' -e "/$unwanted/d" -e 's/ tests$//' "$list") "$@"; do
    case $present in
    *" $package,"* | *" $package ("*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "fanstudio needs system packages first. Run this as root, then make again:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing system packages:$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
