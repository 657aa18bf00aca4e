#!/usr/bin/env bash
# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# Alice and Bob, two of this program, call each other by way of a rendezvous, without a display:
#
#     call.sh PEER-RENDEZVOUS DEMO-APP FOLDER
#         [--seconds N] [--source auto|test|FILE [--silent]] [--windows]
#
# From the first picture on they measure for N seconds (10). FOLDER then holds alice.png and bob.png,
# their windows, and alice.json and bob.json, what they saw and heard. The exit status is 0 if that
# was a call on both sides. A film has sound, unless --silent says that it has none. With --windows they have windows, and call until those are closed.

set -euo pipefail

rendezvous=$1 app=$2 folder=$3
shift 3
seconds=10 source=test silent=() windows=
while (($#)); do
    case $1 in
    --seconds) seconds=$2 && shift 2 ;;
    --source) source=$2 && shift 2 ;;
    --silent) silent=(--silent) && shift ;;
    --windows) windows=yes && shift ;;
    *) echo "call: unknown option $1" >&2 && exit 1 ;;
    esac
done

mkdir -p "$folder"
rm -f "$folder"/{alice,bob}.{png,json,log}
scratch=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT

# wait_for FILE PATTERN PID: prints the line that such a program writes, within 30 s.
wait_for()
{
    local i
    for ((i = 0; i < 300; i++)); do
        grep --max-count=1 --no-messages "$2" "$1" && return
        kill -0 "$3" 2>/dev/null || break
        sleep 0.1
    done
    cat "$1" >&2
    echo "call: no line with '$2' came" >&2
    exit 1
}

# start NAME OPTION…
start()
{
    local name=$1
    shift
    local options=(--name "$name" --rendezvous "$host?tls=off" --source "$source"
        --data "$scratch/$name" --downloads "$scratch/$name/downloads")
    if [[ -z $windows ]]; then
        options+=(--seconds "$seconds" "${silent[@]}" --size 960x640
            --figures "$folder/$name.json" --screenshot "$folder/$name.png")
    fi
    "$app" "${options[@]}" "$@" >"$folder/$name.log" 2>&1 &
    children+=("$!")
}

if [[ -z $windows ]]; then
    # Qt Quick paints by itself then. Without a folder for sockets Qt complains.
    export QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software
    export QT_LOGGING_RULES='*.debug=false'
    mkdir -m 700 "$scratch/run"
    export XDG_RUNTIME_DIR=$scratch/run
fi

"$rendezvous" --listen 127.0.0.1:0 >"$scratch/rendezvous.log" 2>&1 &
children=("$!")
host=$(wait_for "$scratch/rendezvous.log" 'listening on' "${children[0]}")
host=${host##*listening on }

start alice --answer
address=$(wait_for "$folder/alice.log" '^listening: ' "${children[1]}")
address=${address#listening: }
echo "alice can be called at $address"
start bob --dial "$address"

status=0
for i in 1 2; do
    name=alice
    ((i == 2)) && name=bob
    wait "${children[$i]}" || status=1
    echo "$name:"
    # Qt tells that it converts pictures without a graphics card.
    grep --invert-match -e '^listening: ' -e '^QRhi' "$folder/$name.log" | sed 's/^/    /' || true
    [[ -n $windows ]] && continue
    for left in "$folder/$name".{json,png}; do
        [[ -s $left ]] || { echo "call: $left was not written" >&2 && status=1; }
    done
done
exit "$status"
