#!/usr/bin/env bash
# What the user says about a column's class wins over what its name says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'E_J,eta\n1,2\n3,4.1\n4,5\n6,7\n8,9.5\n' > "$folder/runs.csv"
for class in pre:false post:true; do
    found=$("$JOULEFIT" fit "$folder/runs.csv" --law 'E_J ~ k*eta + a' --class "eta=${class%:*}" --json 2>/dev/null |
        grep -o '"post_run": [a-z]*' | head -1)
    if [ "$found" != "\"post_run\": ${class#*:}" ]; then
        echo "--class eta=${class%:*}: found '$found'"
        exit 1
    fi
done
