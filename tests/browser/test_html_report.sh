#!/usr/bin/env bash
# HTML reports in a real browser (page.pl says what is checked). JOULEFIT_SHOTS=FOLDER keeps the screenshots.
set -u
if ! command -v chromium >/dev/null; then
    echo "SKIPPED: HTML reports in a browser, needs chromium (Debian: apt install chromium)"
    exit 77
fi
here="$JOULEFIT_SOURCE/tests/browser"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# look NAME: a report that is whole, and the numbers of figures and tables that its text says it has.
look() {
    local name=$1 figures tables
    figures=$(grep -c '<figure>' "$work/$name.html")
    tables=$(grep -c '<table>' "$work/$name.html")
    if [ "$figures" -lt "$2" ] || [ "$tables" -lt "$3" ]; then
        echo "FAILED: $name has $figures figures and $tables tables, expected at least $2 and $3"
        failed=1
    fi
    if [ -n "${JOULEFIT_SHOTS:-}" ]; then mkdir -p "$JOULEFIT_SHOTS/$name"; fi
    perl "$here/page.pl" "$work/$name.html" "$figures" "$tables" ${JOULEFIT_SHOTS:+"$JOULEFIT_SHOTS/$name"} || failed=1
}

cp "$JOULEFIT_SOURCE"/tests/golden/reports/{fit,comparison}.json "$work"
"$JOULEFIT" report "$work/fit.json" -q -o "$work/fit.html" || exit 1
"$JOULEFIT" report "$work/comparison.json" -q -o "$work/comparison.html" || exit 1
look fit 4 1
look comparison 4 3

# A whole study: as many figures and tables as it asks for, no more.
cp "$JOULEFIT_SOURCE"/tests/golden/study/{study.yaml,runs.csv,tokens.csv} "$work"
(cd "$work" && "$JOULEFIT" run study.yaml -o out -q >/dev/null) || exit 1
cp "$work/out/report.html" "$work/study.html"
look study 1 8
[ "$(grep -c '<figure>' "$work/study.html") $(grep -c '<table>' "$work/study.html")" = "1 8" ] || {
    echo "FAILED: the study has other figures and tables than its file asks for"
    failed=1
}

# A page that asks for something outside, or fails, is found out: else the checks above would mean nothing.
sed 's#</body>#<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table><img src="http://example.invalid/x.png"></body>#' \
    "$work/fit.html" >"$work/bad.html"
figures=$(grep -c '<figure>' "$work/bad.html")
if perl "$here/page.pl" "$work/bad.html" "$figures" 1 >"$work/found" 2>&1; then
    echo "FAILED: a page with an outside request and a dead table passes"
    failed=1
fi
grep -q 'a sorted column' "$work/found" || { echo "FAILED: a table that does not sort is not found out"; cat "$work/found"; failed=1; }
exit $failed
