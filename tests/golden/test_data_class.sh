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

# --pre-run refuses what is known only after a run, on every command that reads laws or features; --post-run allows it.
refused() {
    local message
    if message=$("$JOULEFIT" "$@" -q 2>&1 >"$folder/out"); then
        echo "joulefit $*: not refused"
        exit 1
    fi
    if ! grep -q "known only after a run; --post-run allows it" <<<"$message"; then
        echo "joulefit $*: $message"
        exit 1
    fi
}
law='E_J ~ k*eta + a'
refused fit "$folder/runs.csv" --law "$law" --class eta=post --pre-run
refused compare "$folder/runs.csv" --law "$law" --class eta=post --pre-run --validate kfold:5
refused compare "$folder/runs.csv" --search 'terms=eta; response=E_J' --class eta=post --pre-run --validate kfold:5
refused proxies "$JOULEFIT_SOURCE/data/sets/bert_sweep_simulated.csv" --proxy C,eta --pre-run
"$JOULEFIT" fit "$folder/runs.csv" --law "$law" --class eta=pre --pre-run -q >/dev/null
"$JOULEFIT" fit "$folder/runs.csv" --law "$law" --class eta=post --pre-run --post-run --save "$folder/model.json" -q >/dev/null
refused predict "$folder/model.json" "$folder/runs.csv" --class eta=post
"$JOULEFIT" predict "$folder/model.json" "$folder/runs.csv" --post-run -q >/dev/null
