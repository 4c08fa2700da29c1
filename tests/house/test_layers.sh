#!/usr/bin/env bash
# A folder includes only itself and the folders below it.
set -euo pipefail
cd "$JOULEFIT_SOURCE"
declare -A allowed=(
    [core]="core" [data]="data core" [proxies]="proxies data core" [fit]="fit data core" [plots]="plots core"
    [reports]="reports plots fit data core" [cli]="cli reports plots fit proxies data core"
)
bad=0
seen=0
for room in "${!allowed[@]}"; do
    while IFS=: read -r file line text; do
        seen=$((seen + 1))
        target=${text#*\"}
        target=${target%%/*}
        if ! grep -qw -- "$target" <<<"${allowed[$room]}"; then
            echo "$file:$line: '$room' may not include from '$target': $text"
            bad=1
        fi
    done < <(grep -rnH --include='*.[ch]' --include='*.inc' '^ *# *include "' "$room" || true)
done
[ "$seen" -gt 50 ] || { echo "only $seen includes found: the search is broken"; exit 1; }
exit $bad
