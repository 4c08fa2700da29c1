# A part of the suite and of the program's jobs under valgrind: no byte is read that was not written, none is lost. Slow; its
# label is `valgrind`. Left out of builds with sanitizers, which cannot run under it.
set -u
build=${JOULEFIT_BUILD:?}
source_folder=${JOULEFIT_SOURCE:?}
failures=0

if grep -qE -- '-fsanitize=|--coverage' "$build/CMakeCache.txt"; then
    echo "SKIPPED: valgrind, run in builds without sanitizers"
    exit 77
fi
if ! command -v valgrind >/dev/null; then
    echo "SKIPPED: a part of the suite under valgrind, needs valgrind"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# valgrind takes AVX's ordered "not equal" for the unordered one, so NaN would be true
export JOULEFIT_KERNELS=sse2 OPENBLAS_CORETYPE=Haswell OMP_NUM_THREADS=1 JOULEFIT_SOURCE="$source_folder"

# under WORDS...: exit 9 is valgrind's own.
under() {
    valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect \
        --suppressions="$source_folder/tests/house/valgrind.supp" "$@" >"$work/out" 2>"$work/err"
    local code=$?
    [ "$code" -eq 0 ] && { echo "clean: ${*##*/}"; return; }
    failures=$((failures + 1))
    echo "FAILED ($code): $*"
    tail -40 "$work/out" "$work/err"
}

for program in unit_test_csv_read unit_test_input_files unit_test_yaml_read unit_test_expr_evaluate unit_test_expr_parse \
    unit_test_expr_merge unit_test_law_settings unit_test_model_file unit_test_plan_text unit_test_options_table \
    unit_test_output_files unit_test_checkpoint_file unit_test_proxy_apply unit_test_unit_table unit_test_doc_text \
    unit_test_text_names unit_test_tracker_times golden_test_trackers; do
    [ -x "$build/tests/$program" ] || { echo "FAILED: no $program is built"; failures=$((failures + 1)); continue; }
    under "$build/tests/$program"
done
cd "$work" || exit 1
sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
under "$build/joulefit" fit "$sweep" --proxy tokens,params,C --law compute_floor --ci bootstrap --bootstrap 20 --save fit.json --threads 1
under "$build/joulefit" compare "$sweep" --proxy tokens,params,C --law compute_floor --law token_law --validate grouped:repeats=2 \
    --group num_layers,hidden_size --save compare.json --threads 1
under "$build/joulefit" report compare.json --format html -o compare.html
under "$build/joulefit" predict fit.json "$sweep" --proxy tokens,params,C -o predicted.csv
under "$build/joulefit" simulate fit.json --design "$sweep" --proxy tokens,params,C --replicates 5 --threads 1
for target in "$build"/tests/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    under "$target" "$source_folder/tests/fuzz/corpus/$name"
done
[ "$failures" -eq 0 ] && echo "all clean"
exit "$((failures > 0))"
