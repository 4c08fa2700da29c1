# Every call that makes, writes, syncs, closes or renames a file fails in turn: exit 5 with a message, or the whole
# result where the call was not needed; each output is the old one or the new one, and nothing half written is left.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
fail_io=${JOULEFIT_FAIL_IO:-}
[ -e "$fail_io" ] || { echo "SKIPPED: faults of files, needs the preloaded library"; exit 77; }
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
awk 'BEGIN { print "energy_J,tokens,gpu"; for (i = 1; i <= 24; i++) printf "%g,%d,%s\n", 3 + 10.5*i + i%3, i, i%2 ? "A" : "B" }' >runs.csv
law='log(energy) ~ b0 + a*log(tokens)'
"$JOULEFIT" fit runs.csv --law "$law" --save model.json --quiet >/dev/null
total=0

# faulty N WORDS...: the N-th call fails; 0: none.
faulty() {
    local at=$1
    shift
    last="joulefit $* (call $at fails)"
    JOULEFIT_FAIL_AT=$at JOULEFIT_FAIL_COUNT=$work/count LD_PRELOAD=$fail_io "$JOULEFIT" "$@" --quiet </dev/null \
        >"$work/stdout" 2>"$work/stderr"
    code=$?
}

# survives "OUTPUT ..." WORDS...
survives() {
    local outputs=$1 n at output
    shift
    for output in $outputs; do rm -f "$output"; done
    faulty 0 "$@"
    exits 0
    n=$(cat "$work/count")
    check "there are calls to fail" [ "$n" -ge 3 ]
    for output in $outputs; do cp "$output" "$output.whole"; done
    for ((at = 1; at <= n; at++)); do
        for output in $outputs; do echo old >"$output"; done
        faulty "$at" "$@"
        case $code in
        0) for output in $outputs; do check "$output is whole" cmp -s "$output" "$output.whole"; done ;;
        5) check "says what cannot be written" grep -qE "error: .*(cannot|could not)" "$work/stderr" ;;
        *) fail "expected exit 0 or 5" ;;
        esac
        for output in $outputs; do
            check "$output is old or new" [ "$(cat "$output")" = old -o "$(cmp -s "$output" "$output.whole"; echo $?)" = 0 ]
        done
        check "nothing half written is left" [ -z "$(find . -name '.joulefit*')" ]
        rm -rf ./*.partial
    done
    total=$((total + n))
}

survives "out.json saved.json rows.csv" fit runs.csv --law "$law" --ci bootstrap --bootstrap 50 --json -o out.json --save saved.json --rows rows.csv
survives "out.json held_out.csv" compare runs.csv --law "$law" --law 'log(energy) ~ b0 + c*tokens' --validate kfold:3 --json -o out.json --predictions held_out.csv
survives "out.csv" predict model.json runs.csv -o out.csv
survives "out.txt numbers.tex" report model.json -o out.txt --numbers numbers.tex
survives "out.json drawn.csv" simulate "$law" --design runs.csv --replicates 4 --recover --json -o out.json --rows drawn.csv
survives "out.csv" import "$source_folder/data/sets/examples/simulated_gpu_power.csv" -o out.csv
if command -v gnuplot >/dev/null; then survives "f.svg" plot parity model.json -o f.svg; fi
echo "$total calls on files made to fail"
finish
