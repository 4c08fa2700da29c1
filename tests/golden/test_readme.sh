#!/usr/bin/env bash
# Every command of README's console blocks runs as printed and prints what stands below it.
# With JOULEFIT_ACCEPT=1 the outputs are written into README.md anew: read the difference before committing it.
set -euo pipefail
[ -n "${JOULEFIT:-}" ] || { echo "SKIPPED: the program is not built"; exit 77; }
printf 'x,y\n1,1\n2,2\n3,4\n4,5\n' | "$JOULEFIT" compare - --law 'y ~ a*x' --validate kfold:2 --quiet | grep -q 'XGBoost 1\.7' || {
    echo "SKIPPED: README's baselines were grown with XGBoost 1.7"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$JOULEFIT_SOURCE/data" "$work/data"
mkdir "$work/bin"
ln -s "$(readlink -f "$JOULEFIT")" "$work/bin/joulefit"
export PATH="$work/bin:$PATH"
cd "$work"
inside=0
number=0
while IFS= read -r line; do
    number=$((number + 1))
    if [ "$line" = '```console' ]; then
        inside=1
        printf '%s\n' "$line"
    elif [ "$line" = '```' ] && [ $inside = 1 ]; then
        inside=0
        printf '%s\n' "$line"
    elif [ $inside = 1 ] && [ "${line:0:2}" = '$ ' ]; then
        printf '%s\n' "$line"
        bash -c "${line:2}" 2>"$work/stderr" || { echo "README.md:$number failed: $(cat "$work/stderr")" >&2; exit 1; }
        [ ! -s "$work/stderr" ] || { echo "README.md:$number spoke on stderr: $(cat "$work/stderr")" >&2; exit 1; }
    elif [ $inside = 0 ]; then
        printf '%s\n' "$line"
    fi
done <"$JOULEFIT_SOURCE/README.md" >"$work/README.md"
[ "$(grep -c '^\$ joulefit' "$work/README.md")" -ge 5 ] || { echo "fewer than five examples were found"; exit 1; }
if [ -n "${JOULEFIT_ACCEPT:-}" ]; then
    cp "$work/README.md" "$JOULEFIT_SOURCE/README.md"
else
    # full digits may end differently on another processor: six count
    short() { perl -pe 's/(\d+\.\d{6,})/sprintf("%.6g", $1)/ge' "$1"; }
    diff -u <(short "$JOULEFIT_SOURCE/README.md") <(short "$work/README.md") || {
        echo "if the new output is right: JOULEFIT_ACCEPT=1 ctest -R test_readme, read the difference, commit README.md"
        exit 1
    }
fi
