# tests/README.md lists every fuzz target with the size of its corpus.
set -u
cd "${JOULEFIT_SOURCE:?}/tests" || exit 1
failures=0
seen=0
for source in fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    files=$(find "fuzz/corpus/$name" -type f | wc -l)
    seen=$((seen + 1))
    if ! grep -qE "^\| \`$name\` \|.*\| $files \|$" README.md; then
        echo "tests/README.md: expected a row of \`$name\` that ends in its $files files of corpus"
        failures=1
    fi
done
[ "$seen" -gt 8 ] || { echo "only $seen targets found: the search is broken"; exit 1; }
exit "$failures"
