#!/bin/sh
# Sees to the system packages of packaging/debian-packages.txt: root on Debian or Ubuntu gets
# them installed, anyone else there is told the one command; other systems pass.
set -eu
list="$(dirname "$0")/../packaging/debian-packages.txt"

command -v dpkg-query >/dev/null || exit 0

# A newer release may provide a package under another name (libglib2.0-0t64): names that
# installed packages provide count too.
installed="$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' |
    sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr -s ', ' '\n')"

missing=""
for package in $(grep -v '^#' "$list"); do
    printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    # shellcheck disable=SC2086  one argument a package
    exec apt-get install -q -y --no-install-recommends $missing
fi
echo "Some system packages are missing. Install them, then run make again:" >&2
echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
exit 1
