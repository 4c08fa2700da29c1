#!/usr/bin/env bash
# The parallel paths under ThreadSanitizer: tsan.sh BUILD SOURCE. A race ends it with 1 and the sanitizer's report.
set -uo pipefail
build=$(readlink -f "$1")
source_folder=$(readlink -f "$2")
archer=$(find /usr/lib/llvm-*/lib -name 'libarcher.so' 2>/dev/null | sort -V | tail -1)
[ -n "$archer" ] || { echo "needs libarcher.so (Debian: libomp-dev): without it every barrier looks like a race"; exit 1; }
export OMP_TOOL_LIBRARIES=$archer OPENBLAS_NUM_THREADS=1 JOULEFIT_SOURCE=$source_folder
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66 halt_on_error=0 suppressions=$source_folder/tests/house/tsan.supp"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
jobs=0

# under WORDS...
under() {
    "$@" >"$work/out" 2>"$work/err"
    local code=$?
    jobs=$((jobs + 1))
    if [ "$code" -eq 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$work/err"; then
        echo "clean: ${*##*/}"
        return
    fi
    failures=$((failures + 1))
    echo "FAILED ($code): $*"
    head -60 "$work/err"
}

# The sanitizer sees a race where there is one, and none where OpenMP keeps threads apart: else what follows says nothing.
cd "$work" || exit 1
cat >race.c <<'C'
int main(int argc, char **argv)
{
    int total = argc + !argv;
#pragma omp parallel for num_threads(4)
    for (int i = 0; i < 1000; i++) {
#ifdef APART
#pragma omp critical
#endif
        total += i;
    }
    return total == 0;
}
C
clang -g -O0 -fsanitize=thread -fopenmp race.c -o race && clang -g -O0 -DAPART -fsanitize=thread -fopenmp race.c -o apart || exit 1
./race 2>err
grep -q 'WARNING: ThreadSanitizer: data race' err || { echo "the sanitizer does not see a race"; exit 1; }
under ./apart

sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
features=(--proxy "tokens,params,C")
grouped=(--group "num_layers,hidden_size")
program=$build/joulefit
for threads in 2 8; do
    few=(--threads "$threads" --quiet)
    under "$program" fit "$sweep" "${features[@]}" --law compute_floor --starts 16 "${few[@]}" --save fit.json
    under "$program" fit "$sweep" "${features[@]}" --law compute_floor --ci bootstrap,profile --bootstrap 40 "${few[@]}" -o bootstrap.json
    under "$program" fit "$sweep" "${features[@]}" --law compute_floor "${grouped[@]}" --ci bootstrap --resample wild-cluster --bootstrap 40 "${few[@]}" -o wild.json
    under "$program" compare "$sweep" "${features[@]}" "${grouped[@]}" --law compute_floor --law token_law --validate grouped:repeats=6 \
        --validate extrapolate:C:0.75 "${few[@]}" --save compare.json
    under "$program" simulate fit.json --design "$sweep" "${features[@]}" --replicates 12 "${few[@]}" -o simulate.json
    under "$program" predict fit.json "$sweep" "${features[@]}" "${few[@]}" -o predicted.csv
done
under "$build/tests/unit_test_parallel_loop"
under "$build/tests/property_test_same_numbers"
[ "$failures" -eq 0 ] && echo "$jobs jobs, no race"
exit "$((failures > 0))"
