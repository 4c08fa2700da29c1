# Every command line of tests/reference/coverage.md still runs, with two data sets in place of thousands.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

tables=$source_folder/tests/reference/coverage.md
designs=$source_folder/tests/reference/coverage_designs.awk
ran=0
while IFS= read -r line; do
    eval "set -- ${line#    joulefit}"
    for word in "$@"; do
        [[ $word =~ ^([a-z]+)([0-9]+)\.csv$ ]] || continue
        [ -e "$word" ] || awk -v "design=${BASH_REMATCH[1]}" -v "size=${BASH_REMATCH[2]}" -f "$designs" >"$word"
    done
    run "$@" -n 2 --bootstrap 20 --quiet
    exits 0; prints_part "interval"
    ran=$((ran + 1))
done < <(grep '^    joulefit simulate' "$tables")
check "there are command lines" [ "$ran" -ge 15 ]

finish
