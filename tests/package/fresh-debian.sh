#!/usr/bin/env bash
# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# Proves that the README's commands set everything up: runs them in a Debian 12 that has nothing but
# its base system, on what is committed. Wants root, debootstrap, git and the network. It takes the
# sources of packages from this machine's own configuration.
#
#     tests/package/fresh-debian.sh [COMMAND…]        by default: ./run call, exchange, test
#
# BASE=DIRECTORY names a base system made earlier by debootstrap; it is copied, not changed.

set -euo pipefail
cd "$(dirname "$0")/../.."

((EUID == 0)) || { echo "fresh-debian: must be root" >&2; exit 1; }
tree=$(mktemp -d)

clean_up()
{
    umount --recursive --lazy "$tree/dev" "$tree/proc" "$tree/sys" 2>/dev/null || true
    rm -rf --one-file-system "$tree"
}
trap clean_up EXIT

if [[ -n ${BASE-} ]]; then
    cp --archive "$BASE/." "$tree"
else
    debootstrap --variant=minbase bookworm "$tree"
fi
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if [[ -e $file ]]; then
        rm -f "$tree/etc/apt/sources.list"
        install -D "$file" "$tree$file"
        break
    fi
done
cp /etc/resolv.conf "$tree/etc/resolv.conf"
mount --types proc proc "$tree/proc"
mount --rbind --make-rslave /dev "$tree/dev"
mount --rbind --make-rslave /sys "$tree/sys"

mkdir "$tree/src"
git archive HEAD | tar --extract --directory "$tree/src"

commands=("./run call" "./run exchange" "./run test")
(($#)) && commands=("$*")
for command in "${commands[@]}"; do
    echo "== fresh Debian: $command"
    time chroot "$tree" env --ignore-environment \
        HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 CI=true \
        bash -c "cd /src && $command" </dev/null
done
