# clang-tidy with the checks of .clang-tidy and cppcheck with those below find nothing in the sources. Slow: asked for with
# `./run test` and `ctest -L slow`; left out of builds with sanitizers, which see the same sources.
set -u
cd "${JOULEFIT_SOURCE:?}" || exit 1
build=${JOULEFIT_BUILD:?}
jobs=2
rooms=(core data proxies fit plots reports cli)
found=$(mktemp)
trap 'rm -f "$found"' EXIT
failures=0
ran=0

if grep -q -- '-fsanitize=address' "$build/CMakeCache.txt"; then
    echo "SKIPPED: static checks, run in builds without sanitizers"
    exit 77
fi

if ! command -v clang-tidy >/dev/null; then
    echo "SKIPPED: the checks of .clang-tidy, needs clang-tidy"
else
    ran=1
    find "${rooms[@]}" -name '*.c' | sort | xargs -P "$jobs" -n 8 clang-tidy -p "$build" --quiet >"$found" 2>/dev/null || failures=1
    [ "$failures" -eq 0 ] || sort -u "$found" | grep -A4 -E 'error:|warning:'
fi

# Left out: what a person may disagree with (style), and what clang-tidy asks the same of.
if ! command -v cppcheck >/dev/null; then
    echo "SKIPPED: the checks of cppcheck, needs cppcheck"
else
    ran=1
    cppcheck -j "$jobs" --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --library=tests/house/cppcheck.cfg --suppressions-list=tests/house/cppcheck.txt --template='{file}:{line}: {severity}: {message} [{id}]' -I. "${rooms[@]}" ||
        failures=1
fi
[ "$ran" -eq 1 ] || exit 77
exit "$failures"
